//! What the salon does with what comes in: [`Salon`], the handler.

use flow_chat::{Ask, Checkpoint, EngineBuilder, Key, Offer, Result, Step, StepExt, Turn};

use crate::{
    calendar::Calendar,
    flow::{
        BookName, BookReview, BookReviewChoice, BookReviewCorrection, BookSendLink, BookSendLinkCorrection, BookSlot,
        Booking, BookingEffect, BookingHandler, Cancelled, Slot, Welcome, WelcomeChoice,
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

    /// Begins an engine for the salon.
    pub fn engine(self) -> EngineBuilder<Booking> {
        Booking::engine(self)
    }

    /// Has the calendar hear what becomes of a booking: it is delivered until the calendar has it, so that no time stays taken for
    /// somebody who has left.
    pub fn tell_calendar(&self, builder: EngineBuilder<Booking>) -> EngineBuilder<Booking> {
        let (calendar, expiring) = (self.calendar.clone(), self.calendar.clone());
        let builder = builder.on_checkpoint(move |checkpoint: Checkpoint<Booking>| {
            let calendar = calendar.clone();
            async move {
                let (visitor, at) = (checkpoint.key.session, checkpoint.at.timestamp_millis());
                match &checkpoint.state {
                    Booking::BookConfirmed { slot, .. } => {
                        calendar.keep(slot, visitor).await?;
                        // One who wanted another time behind the link had one before.
                        calendar.give_back(visitor, Some(slot), at).await
                    }
                    // One who began anew may have taken another before.
                    Booking::BookSendLink { slot, .. } => calendar.give_back(visitor, Some(slot), at).await,
                    Booking::Cancelled => calendar.give_back(visitor, None, at).await,
                    _ => Ok(()),
                }
            }
        });
        builder.on_expired(move |expired: Checkpoint<Booking>| {
            let calendar = expiring.clone();
            async move { calendar.give_back(expired.key.session, None, expired.at.timestamp_millis()).await }
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

    async fn ask_book_slot(&self, _: &BookSlot, ask: Ask<'_, BookSlot>) -> Result<Offer<Slot>> {
        let calendar = self.calendar.asked().await;
        calendar.free_what_was_left(ask.now().timestamp_millis()).await?;
        let free = calendar.free_for(ask.session()).await?;
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
        let BookReviewChoice::Yes = choice;
        // The slot is the visitor's from here on. Should the turn be run again, it is still hers.
        let calendar = self.calendar.asked().await;
        if calendar.take(&state.slot, turn.session(), turn.now().timestamp_millis()).await? {
            turn.to(state.book_send_link()).effect(BookingEffect::MailLink)
        } else {
            let gone = format!("Oh, {} has just gone to somebody faster.", state.slot);
            turn.correct(state, BookReviewCorrection::Slot).say(gone)
        }
    }

    async fn book_send_link(&self, _: BookSendLink, turn: Turn<'_, BookSendLink>) -> Step<BookSendLink> {
        turn.stay("The link is in your mailbox; I'll confirm as soon as you have picked it up.")
    }

    /// Another time is taken as the first was, before anybody is told that it is theirs; else the first stays.
    async fn book_send_link_corrected(
        &self,
        state: BookSendLink,
        what: BookSendLinkCorrection,
        turn: Turn<'_, BookSendLink>,
    ) -> Step<BookSendLink> {
        let (calendar, visitor) = (self.calendar.asked().await, turn.session());
        if what != BookSendLinkCorrection::Slot
            || calendar.take(&state.slot, visitor, turn.now().timestamp_millis()).await?
        {
            return turn.keep(state);
        }
        let gone = format!("Oh, {} has just gone to somebody faster.", state.slot);
        match calendar.held_beside(&state.slot, visitor).await? {
            Some(slot) => turn.keep(BookSendLink { slot, ..state }).say(gone),
            None => turn.correct(state, BookSendLinkCorrection::Slot).say(gone),
        }
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
