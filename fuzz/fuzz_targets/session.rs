//! The body of a stored session, read by an engine: it is a session or an error, and a turn that is taken on it leaves one
//! that can be read again.

#![no_main]

use std::{cell::OnceCell, sync::Arc, time::Duration};

use flow_core::{
    Ask, Engine, Expiry, Flow, Key, Offer, Prefix, Record, Result, SessionId, Speak, Stamp, Step, Store, Turn,
    answers::{Email, Name, Phone},
    store::{Commit, Expect},
};
use flow_memory::MemoryStore;
use libfuzzer_sys::fuzz_target;
use serde::{Deserialize, Serialize};
use tokio::runtime::{Builder, Runtime};

/// Of everything that a session can hold, a little.
#[derive(Flow, Clone, Debug, Serialize, Deserialize)]
#[flow(name = "visit", version = 1, anywhere("cancel" => Cancelled, back, help), effects(Ring, Note(Table)))]
enum Visit {
    #[state(start, ask = "Your name?", to(Reach))]
    Welcome,
    #[state(ask = "And your e-mail, {name}?", to(Party), after("24h", Cancelled))]
    Reach { name: Name },
    #[state(ask = "How many?", checkpoint, tries(3, Cancelled), to(Review, Cancelled))]
    Party { name: Name, email: Email },
    #[state(
        ask = "So {guests}?",
        choices(Yes, No),
        signals(Full, Moved(Table)),
        remind(Waiting = "waiting"),
        remind("1h", Closing),
        to(Seat, Party)
    )]
    Review { name: Name, email: Email, guests: u8, phone: Option<Phone>, weight: f64 },
    #[state(offers = Table, to(Booked))]
    Seat { name: Name, guests: u8 },
    #[state(end, checkpoint, say = "See you.")]
    Booked { name: Name, guests: u8, table: Table },
    #[state(end, say = "Another time.")]
    Cancelled,
}

use visit::*;

/// What is offered, sent and carried.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Table {
    seats: u8,
    name: String,
}

impl Speak for Table {
    fn speak(&self) -> String {
        format!("{} for {}", self.name, self.seats)
    }
}

fn table(seats: u8) -> Table {
    Table { seats, name: "The one by the window".into() }
}

struct Host;

impl VisitHandler for Host {
    async fn party(&self, state: Party, turn: Turn<'_, Party>) -> Step<Party> {
        let guests = turn.answer::<u8>()?;
        let review = state.review(guests, None, f64::from(guests) / 3.0);
        turn.to(review.remind_in(Duration::from_secs(60), ReviewReminder::Waiting)).effect(VisitEffect::Ring)
    }

    async fn review(&self, state: Review, choice: ReviewChoice, turn: Turn<'_, Review>) -> Step<Review> {
        match choice {
            ReviewChoice::Yes => {
                let note = table(state.guests);
                turn.to(state.seat()).effect(VisitEffect::Note(note))
            }
            ReviewChoice::No => turn.to(state.party()),
        }
    }

    async fn review_on_full(&self, state: Review, turn: Turn<'_, Review>) -> Step<Review> {
        turn.to(state.party())
    }

    async fn review_on_moved(&self, _: Review, moved: Table, turn: Turn<'_, Review>) -> Step<Review> {
        turn.stay(moved.name)
    }

    async fn review_on_waiting(&self, _: Review, turn: Turn<'_, Review>) -> Step<Review> {
        turn.stay("Still there?")
    }

    async fn review_on_closing(&self, state: Review, turn: Turn<'_, Review>) -> Step<Review> {
        turn.to(state.party())
    }

    async fn ask_seat(&self, state: &Seat, _: Ask<'_, Seat>) -> Result<Offer<Table>> {
        Ok(Offer::new("Where?").items([table(state.guests), table(u8::MAX)]))
    }

    async fn deliver_ring(&self, _: Key) -> Result<()> {
        Ok(())
    }

    async fn deliver_note(&self, _: Table, _: Key) -> Result<()> {
        Ok(())
    }
}

struct House {
    runtime: Runtime,
    store: Arc<MemoryStore>,
    engine: Engine<Visit>,
    /// A record as the engine writes it, and whose it is.
    written: (SessionId, Record),
}

impl House {
    fn build() -> Self {
        let runtime = Builder::new_current_thread().enable_time().build().expect("a runtime");
        let store = Arc::new(MemoryStore::new());
        let engine = Visit::engine(Host)
            .on_checkpoint(|_| async { Ok::<_, std::io::Error>(()) })
            .expiry(Expiry::default().idle(Duration::from_secs(3600)))
            // What is stored is what is read, though it has the stamp of what was written here before.
            .warm(0)
            .store(Arc::clone(&store));
        let id = SessionId::random();
        let record = runtime.block_on(async {
            engine.handle(id, "hi").await.expect("a turn");
            let record = store.load(id, 0).await.expect("a store").record.expect("a record");
            store.remove(id).await.expect("a store");
            record
        });
        Self { runtime, store, engine, written: (id, record) }
    }
}

thread_local! {
    static HOUSE: OnceCell<House> = const { OnceCell::new() };
}

fuzz_target!(|body: &[u8]| {
    HOUSE.with(|house| {
        let House { runtime, store, engine, written: (id, written) } = house.get_or_init(House::build);
        // In sections; as JSON behind the header of an edition; and in the form of before the first edition, which begins in its header.
        runtime.block_on(play(store, engine, *id, written.with_body(body)));
        let json = body.strip_prefix(b",").map_or(body.to_vec(), |rest| [b"{", rest].concat());
        runtime.block_on(play(store, engine, *id, Record::compose(Stamp::first(), &json)));
        let before = [&Prefix::of_json(Stamp::first()).bytes()[..], body].concat();
        runtime.block_on(play(store, engine, *id, Record::read(before).expect("a record")));
    });
});

async fn play(store: &MemoryStore, engine: &Engine<Visit>, id: SessionId, record: Record) {
    let stored = record.clone();
    let commit = Commit::new(id, Expect::Absent, record, Visit::GRAPH.name, "WELCOME");
    store.commit(commit).await.expect("room");

    let was_readable = engine.peek(id).await.is_ok();
    let turn = engine.handle(id, "3").await;
    let kept = store.load(id, 0).await.expect("a store").record;
    if turn.is_ok() {
        assert!(was_readable, "a turn was taken on what could not be read");
        assert!(engine.peek(id).await.is_ok(), "a turn has left what cannot be read");
    } else {
        assert_eq!(kept, Some(stored), "a turn that failed has changed what is stored");
    }
    store.remove(id).await.expect("a store");
}
