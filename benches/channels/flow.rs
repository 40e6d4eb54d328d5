//! The conversation: three questions, and a confirmation with buttons. [`Booking`].

use std::time::Duration;

use flow_core::{Ask, Choice, Flow, Reply, Result, Step, Turn};
use serde::{Deserialize, Serialize};
use tokio::time::sleep;

/// All that was handled of a visitor, in order: what was said, and a `y` and the room for a button.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Taken(Vec<String>);

#[derive(Flow, Clone, Debug, Serialize, Deserialize)]
#[flow(name = "questions", shared = Taken)]
pub enum Booking {
    #[state(start, endless, handled, to(Nights))]
    Guests,
    #[state(ask = "{guests}: guests. How many nights?", handled, to(Room))]
    Nights { guests: String },
    #[state(ask = "{nights}: nights. Which room?", handled, to(Review))]
    Room { guests: String, nights: String },
    #[state(handled, to(Guests))]
    Review { guests: String, nights: String, room: String },
}

pub use booking::*;

/// Asks a calendar, which takes its time, before each answer.
pub struct Clerk {
    pub thinking: Duration,
}

/// What a visitor asks at the end.
pub const ACCOUNT: &str = "account";

impl BookingHandler for Clerk {
    async fn ask_guests(&self, _: &Guests, ask: Ask<'_, Guests>) -> Result<Reply> {
        let question = match ask.shared().0.last() {
            Some(token) => format!("{token}: booked. How many guests?"),
            None => "How many guests?".to_owned(),
        };
        Ok(question.into())
    }

    async fn guests(&self, state: Guests, mut turn: Turn<'_, Guests>) -> Step<Guests> {
        match turn.text() {
            ACCOUNT => told(turn),
            said => {
                sleep(self.thinking).await;
                turn.shared_mut().0.push(said.to_owned());
                turn.to(state.nights(said.to_owned()))
            }
        }
    }

    async fn nights(&self, state: Nights, mut turn: Turn<'_, Nights>) -> Step<Nights> {
        match turn.text() {
            ACCOUNT => told(turn),
            said => {
                sleep(self.thinking).await;
                turn.shared_mut().0.push(said.to_owned());
                turn.to(state.room(said.to_owned()))
            }
        }
    }

    async fn room(&self, state: Room, mut turn: Turn<'_, Room>) -> Step<Room> {
        match turn.text() {
            ACCOUNT => told(turn),
            said => {
                sleep(self.thinking).await;
                turn.shared_mut().0.push(said.to_owned());
                turn.to(state.review(said.to_owned()))
            }
        }
    }

    async fn ask_review(&self, state: &Review, _: Ask<'_, Review>) -> Result<Reply> {
        let Review { guests, nights, room } = state;
        Ok(Reply::new(format!("{room}: {guests} guests, {nights} nights. Right?")).with_choices(choices()))
    }

    async fn review(&self, state: Review, mut turn: Turn<'_, Review>) -> Step<Review> {
        match turn.text() {
            ACCOUNT => told(turn),
            "yes" | "change" => {
                sleep(self.thinking).await;
                turn.shared_mut().0.push(format!("y{}", state.room));
                turn.to(Guests)
            }
            said => {
                turn.shared_mut().0.push(said.to_owned());
                turn.stay(Reply::new(format!("{said}: yes or change?")).with_choices(choices()))
            }
        }
    }
}

fn choices() -> [Choice; 2] {
    [Choice::new("Yes", "yes"), Choice::new("Change", "change")]
}

fn told<S: flow_core::State<Flow = Booking>>(turn: Turn<'_, S>) -> Step<S> {
    let taken = turn.shared().0.join(" ");
    turn.stay(format!("taken: {taken}"))
}
