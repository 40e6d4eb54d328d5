//! The flow that the tests play: a visit to the salon, as a user of the framework would declare it.

use std::{
    fmt,
    sync::{Arc, Mutex},
};

use flow_core::{
    Flow, Input, Reask, Reply, Result, Step, Turn,
    answers::{Answer, Email, Name, Phone},
};
use serde::{Deserialize, Serialize};

/// A visit to the salon, one question at a time. What is known at each point is what the variant holds.
#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "booking", version = 1, anywhere("cancel" => Cancelled, "restart" => Welcome, back, help))]
pub(crate) enum Booking {
    /// Greets, and asks what the visitor wants.
    #[state(
        start,
        ask = "Welcome to Salon Lumen! Shall we book a visit?",
        choices("Book", "Not today"),
        to(BookName, Cancelled)
    )]
    Welcome,

    #[state(ask = "What is your name?", to(BookEmail))]
    BookName,

    #[state(ask = "Thanks, {name}. Which e-mail should the confirmation go to?", to(BookPhone))]
    BookEmail { name: Name },

    #[state(ask = "And a phone number?", to(BookSlot), tries(3, Cancelled))]
    BookPhone { name: Name, email: Email },

    /// The free slots come from the calendar, so the question is asked by the handler.
    #[state(to(BookReview))]
    BookSlot { name: Name, email: Email, phone: Phone },

    #[state(
        ask = "{slot}, for {name}. Shall I send the link?",
        choices("Yes", "Change e-mail"),
        to(BookSendLink, BookEmail)
    )]
    BookReview { name: Name, email: Email, phone: Phone, slot: Slot },

    /// Waits for the calendar to report the booking.
    #[state(checkpoint, say = "A link is on its way to {email}.", to(BookConfirmed), after("24h", Cancelled))]
    BookSendLink { name: Name, email: Email, phone: Phone, slot: Slot },

    #[state(end, checkpoint, say = "All set, {name}. See you on {slot}!")]
    BookConfirmed { name: Name, email: Email, phone: Phone, slot: Slot },

    #[state(end, say = "Nothing was booked. Write any time.")]
    Cancelled,
}

pub(crate) use booking::*;

/// A time that the salon can be visited at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Slot(String);

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Answer for Slot {
    fn parse(said: &str) -> Result<Self, Reask> {
        let is_slot = said.contains(' ') && said.contains(':');
        if is_slot { Ok(Self(said.to_owned())) } else { Err(Reask::because("That is none of our times.")) }
    }
}

/// The salon's handler, with its calendar.
#[derive(Clone, Default)]
pub(crate) struct Salon {
    pub(crate) free: Arc<Mutex<Vec<String>>>,
}

impl Salon {
    pub(crate) fn with(slots: &[&str]) -> Self {
        let slots = slots.iter().map(|&slot| slot.to_owned()).collect();
        Self { free: Arc::new(Mutex::new(slots)) }
    }

    fn free(&self) -> Vec<String> {
        self.free.lock().expect("nobody panics with the calendar in hand").clone()
    }
}

impl BookingHandler for Salon {
    async fn welcome(&self, _: Welcome, turn: Turn<'_, Welcome>) -> Step<Welcome> {
        match turn.choice()? {
            "Book" => turn.to(BookName),
            _ => turn.to(Cancelled),
        }
    }

    async fn ask_book_slot(&self, _: &BookSlot) -> Result<Reply> {
        Ok(Reply::text("Which of these suits you?").choices(self.free()))
    }

    async fn book_slot(&self, state: BookSlot, turn: Turn<'_, BookSlot>) -> Step<BookSlot> {
        let slot = turn.answer::<Slot>()?;
        if !self.free().contains(&slot.0) {
            return turn.stay("That one has just gone. Another?");
        }
        turn.to(state.book_review(slot))
    }

    async fn book_review(&self, state: BookReview, turn: Turn<'_, BookReview>) -> Step<BookReview> {
        match turn.choice()? {
            "Yes" => turn.to(state.book_send_link()).effect("mail-link", ()),
            _ => turn.to(state.book_email()),
        }
    }

    async fn book_send_link(&self, state: BookSendLink, turn: Turn<'_, BookSendLink>) -> Step<BookSendLink> {
        match turn.input() {
            Input::Signal(signal) if signal.is("calendar.booked") => turn.to(state.book_confirmed()),
            _ => turn.stay("The link is in your mailbox; I'll confirm as soon as you have picked it up."),
        }
    }
}
