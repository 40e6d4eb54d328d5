//! What the salon does with what comes in: [`Salon`], the handler.

use flow_chat::{Ask, EngineBuilder, Key, Offer, Result, Step, StepExt, Turn};

use crate::{
    calendar::Calendar,
    flow::{
        BookName, BookReview, BookReviewChoice, BookSendLink, BookSlot, Booking, BookingEffect, BookingHandler,
        Cancelled, Slot, Welcome, WelcomeChoice,
    },
};

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
    async fn welcome(&self, _: Welcome, choice: WelcomeChoice, turn: Turn<'_, Welcome>) -> Step<Welcome> {
        match choice {
            WelcomeChoice::Book => turn.to(BookName),
            WelcomeChoice::NotToday => turn.to(Cancelled),
        }
    }

    async fn ask_book_slot(&self, _: &BookSlot, _: Ask<'_, BookSlot>) -> Result<Offer<Slot>> {
        let free = self.calendar.asked().await.free();
        if free.is_empty() {
            return Ok(Offer::new("I am sorry, we are fully booked. Write again tomorrow, or say \"cancel\"."));
        }
        Ok(Offer::new("Which of these suits you?").items(free))
    }

    async fn book_review(
        &self,
        state: BookReview,
        choice: BookReviewChoice,
        turn: Turn<'_, BookReview>,
    ) -> Step<BookReview> {
        match choice {
            // The slot is the visitor's from here on. Should the turn be run again, it is still hers.
            BookReviewChoice::Yes if self.calendar.asked().await.take(&state.slot, turn.session()) => {
                turn.to(state.book_send_link()).effect(BookingEffect::MailLink)
            }
            BookReviewChoice::Yes => {
                let gone = format!("Oh, {} has just gone to somebody faster.", state.slot);
                turn.to(state.book_slot()).say(gone)
            }
            BookReviewChoice::ChangeEmail => turn.to(state.book_email()),
        }
    }

    async fn book_send_link(&self, _: BookSendLink, turn: Turn<'_, BookSendLink>) -> Step<BookSendLink> {
        turn.stay("The link is in your mailbox; I'll confirm as soon as you have picked it up.")
    }

    async fn book_send_link_on_booked(&self, state: BookSendLink, turn: Turn<'_, BookSendLink>) -> Step<BookSendLink> {
        turn.to(state.book_confirmed())
    }

    async fn book_send_link_on_link(&self, state: BookSendLink, turn: Turn<'_, BookSendLink>) -> Step<BookSendLink> {
        turn.stay(format!("Your link for {} still waits in your mailbox.", state.slot))
    }

    /// A real salon would send a mail here. What this one does with it, `Deliveries` tells.
    async fn deliver_mail_link(&self, key: Key) -> Result<()> {
        tracing::debug!(%key, "the link is sent");
        Ok(())
    }
}
