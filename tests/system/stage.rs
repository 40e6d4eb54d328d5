//! Where a test plays: an engine over a store that the test can reach behind.

use std::{sync::Arc, time::Duration};

use flow_core::{By, Engine, EngineBuilder, Flow, Message, Outcome, SessionId};
use flow_memory::MemoryStore;
use flow_testkit::{Chat, ManualClock};

use crate::{calendar::Calendar, flow::Booking, meddler::Meddler, salon::Salon};

/// The salon's times in every test.
pub(crate) const SLOTS: [&str; 2] = ["Mon 10:00", "Tue 14:30"];

/// What is said to book a visit, up to the review.
pub(crate) const TO_REVIEW: [&str; 7] =
    ["hi", "Book", "Ana Silva", "ana@example.com", "+1 234 567 890", "skip", "Mon 10:00"];

pub(crate) struct Stage<F: Flow> {
    pub(crate) engine: Engine<F>,
    pub(crate) store: Arc<Meddler>,
    pub(crate) clock: ManualClock,
    pub(crate) id: SessionId,
}

impl Stage<Booking> {
    /// The salon as it is, with hooks that take everything.
    pub(crate) fn new() -> Self {
        Self::with(salon())
    }
}

/// The salon's engine, without hooks for checkpoints and effects.
pub(crate) fn salon_alone() -> EngineBuilder<Booking> {
    Salon::new(Calendar::of(SLOTS)).engine()
}

/// The salon's engine, with hooks that take everything.
pub(crate) fn salon() -> EngineBuilder<Booking> {
    salon_alone().on_checkpoint(|_| ok()).on_effect(|_| ok())
}

/// An operator of whom it does not matter who it is.
pub(crate) fn by() -> By {
    By::new("olga", "a test wants it")
}

/// Where a visitor waits for the link.
pub(crate) fn sent() -> Booking {
    let (name, email, phone) = ("Ana".parse(), "ana@example.com".parse(), "+1 234 567 890".parse());
    Booking::BookSendLink {
        name: name.expect("a name"),
        email: email.expect("an address"),
        phone: phone.expect("a number"),
        company: None,
        slot: "Mon 10:00".into(),
    }
}

pub(crate) async fn ok() -> Result<(), String> {
    Ok(())
}

impl<F: Flow> Stage<F> {
    pub(crate) fn with(builder: EngineBuilder<F>) -> Self {
        let clock = ManualClock::default();
        let store = Arc::new(Meddler::over(MemoryStore::builder().clock(clock.clone()).build()));
        let engine = builder.clock(clock.clone()).store(Arc::clone(&store));
        Self { engine, store, clock, id: SessionId::random() }
    }

    /// Another engine over the same store, as another process would have it.
    pub(crate) fn second(&self, builder: EngineBuilder<F>) -> Engine<F> {
        builder.clock(self.clock.clone()).store(Arc::clone(&self.store))
    }

    /// Another engine, which reaches the store without being meddled with.
    pub(crate) fn behind(&self, builder: EngineBuilder<F>) -> Engine<F> {
        builder.clock(self.clock.clone()).store(self.store.behind())
    }

    /// The same conversation in the hands of another release of its flow.
    pub(crate) fn released<R: Flow>(&self, builder: EngineBuilder<R>) -> Stage<R> {
        let engine = builder.clock(self.clock.clone()).store(Arc::clone(&self.store));
        Stage { engine, store: Arc::clone(&self.store), clock: self.clock.clone(), id: self.id }
    }

    pub(crate) async fn says(&self, message: impl Into<Message>) -> Outcome<F> {
        self.engine.handle(self.id, message).await.expect("the turn is taken")
    }

    /// Says all of it, and gives the outcome of the last.
    pub(crate) async fn says_all(&self, messages: &[&str]) -> Outcome<F> {
        let (last, first) = messages.split_last().expect("something is said");
        for message in first {
            self.says(*message).await;
        }
        self.says(*last).await
    }

    /// The wire name of the stored state.
    pub(crate) async fn state(&self) -> Option<&'static str> {
        let session = self.engine.peek(self.id).await.expect("the session can be read");
        session.map(|session| session.state().name())
    }

    /// How much is to be delivered.
    pub(crate) async fn pending(&self) -> usize {
        self.engine.peek(self.id).await.expect("the session can be read").expect("there is one").pending()
    }

    /// What is due is done.
    pub(crate) async fn works(&self) {
        self.engine.worker().look().await.expect("the store tells what is due");
    }

    pub(crate) fn passes(&self, hours: u64) {
        self.clock.advance(Duration::from_secs(hours * 3600));
    }
}

/// A chat with the salon.
pub(crate) fn chat() -> Chat<Booking> {
    Chat::new(salon_alone)
}
