//! The booking, with this project's own crate.

use std::fmt;

use flow_chat::{
    Secret,
    answers::{Email, Name},
    prelude::*,
};
use serde::{Deserialize, Serialize};
use stage::Line;
use tracing_subscriber::filter::LevelFilter;

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Receipt(u32);

impl fmt::Display for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

#[derive(Flow, Clone, Debug, Serialize, Deserialize)]
#[flow(anywhere("/cancel" => Cancelled))]
enum Booking {
    #[state(start, ask = "Welcome! What is your name?", to(AskEmail))]
    Welcome,
    #[state(ask = "Thanks, {name}. And your e-mail?", to(Review))]
    AskEmail { name: Name },
    #[state(ask = "{name}, {email}: is that right?", choices(Yes, Change), to(Paying, AskEmail))]
    Review { name: Name, email: Email },
    #[state(say = "A link for the payment is on its way to {email}.", signals(Paid(Receipt)), to(Booked))]
    Paying { name: Name, email: Email },
    #[state(end, say = "All set, {name}. Your receipt is number {receipt}.")]
    Booked { name: Name, receipt: Receipt },
    #[state(end, say = "Nothing was booked.")]
    Cancelled,
}

use booking::*;

struct Host;

impl BookingHandler for Host {
    async fn review(&self, state: Review, choice: ReviewChoice, turn: Turn<'_, Review>) -> Step<Review> {
        match choice {
            ReviewChoice::Yes => turn.to(state.paying()),
            ReviewChoice::Change => turn.to(state.ask_email()),
        }
    }

    async fn paying(&self, _: Paying, turn: Turn<'_, Paying>) -> Step<Paying> {
        turn.stay("The link is in your mailbox.")
    }

    async fn paying_on_paid(&self, state: Paying, receipt: Receipt, turn: Turn<'_, Paying>) -> Step<Paying> {
        turn.to(state.booked(receipt))
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), stage::Failure> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_max_level(LevelFilter::WARN).without_time().init();
    let engine = Booking::engine(Host).store(SqliteStore::open(stage::file())?);
    let visitor = SessionId::derived(&Secret::new("a secret of these tests alone")?, "terminal", "visitor");
    for line in stage::lines() {
        let outcome = match line {
            Line::Said(text) => engine.handle(visitor, text.as_str()).await?,
            Line::Paid(number) => engine.signal(visitor, BookingSignal::Paid(Receipt(number))).await?,
        };
        for reply in &outcome.replies {
            let choices: Vec<_> = reply.choices().iter().map(|choice| choice.label.as_ref()).collect();
            match choices.is_empty() {
                true => stage::reply(reply.text()),
                false => stage::reply(format!("{} ({})", reply.text(), choices.join(" / "))),
            }
        }
    }
    Ok(())
}
