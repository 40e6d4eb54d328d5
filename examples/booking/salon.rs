//! What the salon does with what comes in: [`Salon`], the handler.

use std::time::Duration;

use flow_chat::{EngineBuilder, Input, Reply, Result, Speak, Step, StepExt, Turn};

use crate::{
    calendar::Calendar,
    flow::{BookName, BookReview, BookSendLink, BookSlot, Booking, BookingHandler, Cancelled, Welcome},
};

/// After how long a visitor is reminded of the link.
const HOUR: Duration = Duration::from_secs(3600);

/// The salon, with its calendar.
#[derive(Clone, Default)]
pub struct Salon {
    calendar: Calendar,
}

impl Salon {
    /// A salon with this calendar.
    pub fn new(calendar: Calendar) -> Self {
        Self { calendar }
    }

    /// Begins an engine for the salon: a visitor who leaves a booking gives the slot back.
    pub fn engine(self) -> EngineBuilder<Booking> {
        let calendar = self.calendar.clone();
        Booking::engine(self).on_transition(move |visitor, transition| {
            if ["CANCELLED", "WELCOME"].contains(&transition.to.as_str()) {
                calendar.give_back(visitor);
            }
        })
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
        let free = self.calendar.free();
        if free.is_empty() {
            return Ok("I am sorry, we are fully booked. Write again tomorrow, or say \"cancel\".".into());
        }
        Ok(Reply::new("Which of these suits you?").with_choices(free.iter().map(Speak::speak)))
    }

    async fn book_slot(&self, state: BookSlot, turn: Turn<'_, BookSlot>) -> Step<BookSlot> {
        let slot = turn.pick(&self.calendar.free())?;
        turn.to(state.book_review(slot))
    }

    async fn book_review(&self, state: BookReview, turn: Turn<'_, BookReview>) -> Step<BookReview> {
        match turn.choice()? {
            // The slot is the visitor's from here on. Should the turn be run again, it is still hers.
            "Yes" if self.calendar.take(&state.slot, turn.session()) => {
                turn.to(state.book_send_link()).effect("mail-link", ()).remind_in(HOUR, "link")
            }
            "Yes" => {
                let gone = format!("Oh, {} has just gone to somebody faster.", state.slot);
                turn.to(state.book_slot()).say(gone)
            }
            _ => turn.to(state.book_email()),
        }
    }

    async fn book_send_link(&self, state: BookSendLink, turn: Turn<'_, BookSendLink>) -> Step<BookSendLink> {
        match turn.input() {
            Input::Signal(signal) if signal.is("calendar.booked") => turn.to(state.book_confirmed()),
            Input::Timer(timer) if timer.is("link") => {
                turn.stay(format!("Your link for {} still waits in your mailbox.", state.slot))
            }
            _ => turn.stay("The link is in your mailbox; I'll confirm as soon as you have picked it up."),
        }
    }
}
