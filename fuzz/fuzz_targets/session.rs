//! The body of a stored session, read by an engine: it is a session or an error, and a turn that is taken on it leaves one
//! that can be read again.

#![no_main]

use std::{cell::OnceCell, sync::Arc, time::Duration};

use flow_core::{
    Engine, Expiry, Flow, Record, SessionId, Stamp, Step, StepExt, Store, Turn,
    answers::{Email, Name, Phone},
    store::{Commit, Expect},
};
use flow_memory::MemoryStore;
use libfuzzer_sys::fuzz_target;
use serde::{Deserialize, Serialize};
use tokio::runtime::{Builder, Runtime};

/// Of everything that a session can hold, a little.
#[derive(Flow, Clone, Debug, Serialize, Deserialize)]
#[flow(name = "visit", version = 1, anywhere("cancel" => Cancelled, back, help))]
enum Visit {
    #[state(start, ask = "Your name?", to(Reach))]
    Welcome,
    #[state(ask = "And your e-mail, {name}?", to(Party), after("24h", Cancelled))]
    Reach { name: Name },
    #[state(ask = "How many?", checkpoint, tries(3, Cancelled), to(Review, Cancelled))]
    Party { name: Name, email: Email },
    #[state(ask = "So {guests}?", choices("Yes", "No"), to(Booked, Party))]
    Review { name: Name, email: Email, guests: u8, phone: Option<Phone>, weight: f64 },
    #[state(end, checkpoint, say = "See you.")]
    Booked { name: Name, guests: u8 },
    #[state(end, say = "Another time.")]
    Cancelled,
}

use visit::*;

struct Host;

impl VisitHandler for Host {
    async fn party(&self, state: Party, turn: Turn<'_, Party>) -> Step<Party> {
        let guests = turn.answer::<u8>()?;
        turn.to(state.review(guests, None, f64::from(guests) / 3.0)).remind_in(Duration::from_secs(60), "waiting")
    }

    async fn review(&self, state: Review, turn: Turn<'_, Review>) -> Step<Review> {
        if turn.choice()? == "Yes" { turn.to(state.booked()) } else { turn.to(state.party()) }
    }
}

thread_local! {
    static HOUSE: OnceCell<(Runtime, Arc<MemoryStore>, Engine<Visit>)> = const { OnceCell::new() };
}

fuzz_target!(|body: &[u8]| {
    HOUSE.with(|house| {
        let (runtime, store, engine) = house.get_or_init(|| {
            let runtime = Builder::new_current_thread().enable_time().build().expect("a runtime");
            let store = Arc::new(MemoryStore::new());
            let engine = Visit::engine(Host)
                .on_checkpoint(|_| async { Ok::<_, std::io::Error>(()) })
                .expiry(Expiry::default().idle(Duration::from_secs(3600)))
                .store(Arc::clone(&store));
            (runtime, store, engine)
        });
        runtime.block_on(play(store, engine, body));
    });
});

async fn play(store: &MemoryStore, engine: &Engine<Visit>, body: &[u8]) {
    let id = SessionId::random();
    let record = Record::compose(Stamp::first(), body);
    let stored = record.clone();
    let commit = Commit::new(id, Expect::Absent, record, Visit::GRAPH.name, "WELCOME");
    store.commit(commit).await.expect("room");

    let was_readable = engine.peek(id).await.is_ok();
    let turn = engine.handle(id, "3").await;
    let kept = store.load(id).await.expect("a store");
    if turn.is_ok() {
        assert!(was_readable, "a turn was taken on what could not be read");
        assert!(engine.peek(id).await.is_ok(), "a turn has left what cannot be read");
    } else {
        assert_eq!(kept, Some(stored), "a turn that failed has changed what is stored");
    }
    store.remove(id).await.expect("a store");
}
