//! The conversation: [`Booking`], as a user of the framework declares it.

use std::fmt;

use flow_chat::{
    Flow,
    answers::{Email, Name, Phone},
};
use serde::{Deserialize, Serialize};

/// A visit to the salon, one question at a time. What is known at each point is what the variant holds.
#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(
    name = "booking",
    version = 1,
    anywhere("cancel" => Cancelled, "restart" => Welcome, back, help),
    corrects(name, phone, company, slot("Another time", "change time")),
    effects(MailLink = "mail-link")
)]
pub enum Booking {
    /// Greets, and asks what the visitor wants.
    #[state(
        start,
        ask = "Welcome to Salon Lumen! Shall we book a visit?",
        choices(Book, NotToday),
        to(BookName, Cancelled)
    )]
    Welcome,

    #[state(ask = "What is your name?", to(BookEmail))]
    BookName,

    #[state(ask = "Thanks, {name}. Which e-mail should the confirmation go to?", to(BookPhone))]
    BookEmail { name: Name },

    #[state(ask = "And a phone number?", to(BookCompany), tries(3, Cancelled))]
    BookPhone { name: Name, email: Email },

    #[state(ask = "Do you come from a company? Its name, or skip.", to(BookSlot))]
    BookCompany { name: Name, email: Email, phone: Phone },

    /// The free slots come from the calendar, so the question is asked by the handler. Picking one needs no code.
    #[state(offers = Slot, to(BookReview))]
    BookSlot { name: Name, email: Email, phone: Phone, company: Option<String> },

    /// The slot is taken here, and may have gone to a faster visitor: then it is asked for again, as it is for one who wants another.
    /// Whatever is corrected, all else stays.
    #[state(
        ask = "{slot}, for {name}. Shall I send the link?",
        choices(Yes("Yes", "sure")),
        corrects(email("Change e-mail")),
        to(BookSendLink)
    )]
    BookReview { name: Name, email: Email, phone: Phone, company: Option<String>, slot: Slot },

    /// Waits for the calendar to report the booking.
    #[state(
        checkpoint,
        say = "A link is on its way to {email}.",
        signals(Booked = "calendar.booked"),
        remind("1h", Link = "link"),
        to(BookConfirmed),
        after("24h", Cancelled)
    )]
    BookSendLink { name: Name, email: Email, phone: Phone, company: Option<String>, slot: Slot },

    #[state(end, checkpoint, say = "All set, {name}. See you on {slot}!")]
    BookConfirmed { name: Name, email: Email, phone: Phone, company: Option<String>, slot: Slot },

    #[state(end, checkpoint, say = "Nothing was booked. Write any time.")]
    Cancelled,
}

pub use booking::*;

/// A time that the salon can be visited at, as its calendar writes it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Slot(String);

impl From<&str> for Slot {
    fn from(slot: &str) -> Self {
        Self(slot.trim().to_owned())
    }
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
