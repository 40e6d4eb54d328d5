//! The booking, with statig.

// What a handler borrows is what the state owns, so it borrows a `String` and no `str`.
#![allow(clippy::ptr_arg)]

use serde::{Deserialize, Serialize};
use stage::{Email, Failure, Line};
use statig::prelude::*;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Receipt(u32);

pub enum Event {
    Said(String),
    Paid(Receipt),
    Cancel,
}

impl From<Line> for Event {
    fn from(line: Line) -> Self {
        match line {
            Line::Said(said) if said == "/cancel" => Self::Cancel,
            Line::Said(said) => Self::Said(said),
            Line::Paid(number) => Self::Paid(Receipt(number)),
        }
    }
}

#[derive(Default, Serialize, Deserialize)]
pub struct Booking;

#[state_machine(
    initial = "State::opening()",
    after_transition = "Self::tell",
    state(derive(Clone, Debug, Serialize, Deserialize))
)]
impl Booking {
    /// The first message opens the conversation, whatever it says.
    #[state]
    fn opening() -> Outcome<State> {
        Transition(State::welcome())
    }

    #[state(superstate = "underway")]
    fn welcome(event: &Event) -> Outcome<State> {
        match event {
            Event::Said(said) => Transition(State::ask_email(said.clone())),
            _ => Super,
        }
    }

    #[state(superstate = "underway")]
    fn ask_email(name: &String, event: &Event) -> Outcome<State> {
        match event {
            Event::Said(said) => match said.parse() {
                Ok(email) => Transition(State::review(name.clone(), email)),
                Err(what) => say(what),
            },
            _ => Super,
        }
    }

    #[state(superstate = "underway")]
    fn review(name: &String, email: &Email, event: &Event) -> Outcome<State> {
        match event {
            Event::Said(said) => match said.as_str() {
                "Yes" => Transition(State::paying(name.clone(), email.clone())),
                "Change" => Transition(State::ask_email(name.clone())),
                _ => say("Please take one of these: (Yes / Change)"),
            },
            _ => Super,
        }
    }

    #[state(superstate = "underway")]
    #[allow(unused_variables)]
    fn paying(name: &String, email: &Email, event: &Event) -> Outcome<State> {
        match event {
            Event::Paid(receipt) => Transition(State::booked(name.clone(), receipt.clone())),
            Event::Said(_) => say("The link is in your mailbox."),
            _ => Super,
        }
    }

    #[superstate]
    fn underway(event: &Event) -> Outcome<State> {
        match event {
            Event::Cancel => Transition(State::cancelled()),
            _ => Super,
        }
    }

    #[state]
    #[allow(unused_variables)]
    fn booked(name: &String, receipt: &Receipt) -> Outcome<State> {
        Handled
    }

    #[state]
    fn cancelled() -> Outcome<State> {
        Handled
    }
}

impl Booking {
    /// What is said on entering a state.
    fn tell(&mut self, _: &State, entered: &State, _: &mut ()) {
        stage::reply(match entered {
            State::Opening {} => String::new(),
            State::Welcome {} => "Welcome! What is your name?".to_owned(),
            State::AskEmail { name } => format!("Thanks, {name}. And your e-mail?"),
            State::Review { name, email } => format!("{name}, {email}: is that right? (Yes / Change)"),
            State::Paying { email, .. } => format!("A link for the payment is on its way to {email}."),
            State::Booked { name, receipt } => format!("All set, {name}. Your receipt is number {}.", receipt.0),
            State::Cancelled {} => "Nothing was booked.".to_owned(),
        });
    }
}

/// Says something, and stays.
fn say(what: &str) -> Outcome<State> {
    stage::reply(what);
    Handled
}

fn main() -> Result<(), Failure> {
    let mut machine: StateMachine<Booking> = stage::kept()?.unwrap_or_default();
    for line in stage::lines() {
        machine.handle(&line.into());
        stage::keep(&machine)?;
    }
    Ok(())
}
