//! Engines that race on a store, and the history of what they said.

use std::{
    env,
    sync::{Arc, Mutex},
    time::Duration,
};

use flow_core::{Engine, EngineError, Flow, Input, Limits, Outcome, SessionId, Step, Store, StoreError, Turn};
use flow_memory::MemoryStore;
use flow_proving::{
    History,
    history::{Acknowledgement, Stored, Violation},
};
use flow_testkit::{Faults, FaultyStore};
use serde::{Deserialize, Serialize};
use tokio::time::{sleep, timeout};

use crate::{
    broken::{BrokenStore, Bug},
    dice::Dice,
};

#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Counting {
    #[state(start, silent, endless, to(One))]
    Zero,
    #[state(silent, to(Two))]
    One,
    #[state(silent, to(Zero))]
    Two,
}

use counting::*;

struct Counter;

impl CountingHandler for Counter {
    async fn zero(&self, _: Zero, turn: Turn<'_, Zero>) -> Step<Zero> {
        turn.to(One)
    }

    async fn one(&self, _: One, turn: Turn<'_, One>) -> Step<One> {
        turn.to(Two)
    }

    async fn two(&self, _: Two, turn: Turn<'_, Two>) -> Step<Two> {
        turn.to(Zero)
    }
}

/// One of several processes: it says its own messages to a session, each until it is answered or given up, and repeats
/// one of them now and then.
struct Speaker {
    name: char,
    store: Arc<FaultyStore>,
    id: SessionId,
    history: Arc<Mutex<History>>,
    dice: Dice,
    /// In how many of ten messages.
    dies: u8,
}

const MESSAGES: u64 = 20;

impl Speaker {
    async fn speaks(mut self) {
        let mut engine = self.engine();
        for number in 0..MESSAGES {
            let is_repeat = number > 0 && self.dice.below(5) == 0;
            let message = format!("{}{}", self.name, number - u64::from(is_repeat));
            while !self.says(&engine, &message).await && self.dice.below(6) > 0 {
                engine = self.engine();
            }
            sleep(Duration::from_millis(self.dice.below(30))).await;
        }
    }

    fn engine(&self) -> Engine<Counting> {
        let engine = Counting::engine(Counter).limits(Limits::default().rounds(1_000).remembered_messages(200));
        engine.store(Arc::clone(&self.store))
    }

    /// Tells whether it was answered: the process that takes the message may be killed before.
    async fn says(&mut self, engine: &Engine<Counting>, message: &str) -> bool {
        self.history.lock().expect("a lock").sends(self.id, message);
        let life = if self.dice.below(10) < u64::from(self.dies) { self.dice.below(30) } else { 60_000 };
        let taken = engine.handle(self.id, Input::text("next").with_id(message));
        let taken = timeout(Duration::from_millis(life), taken).await;
        let mut history = self.history.lock().expect("a lock");
        match taken {
            Ok(Ok(outcome)) => {
                history.hears(self.id, message, acknowledgement(&outcome));
                return true;
            }
            Ok(Err(error)) if has_changed_nothing(&error) => history.fails(self.id, message),
            _ => {}
        }
        false
    }
}

fn has_changed_nothing(error: &EngineError) -> bool {
    !matches!(error, EngineError::Store(StoreError::Unknown(_)))
}

fn acknowledgement(outcome: &Outcome<Counting>) -> Acknowledgement {
    let from = outcome.transitions.first().and_then(|transition| transition.from.clone());
    let state = outcome.state.as_ref().expect("a state").name().to_owned();
    Acknowledgement { version: outcome.version, from, state, is_repeat: outcome.is_repeat() }
}

/// What is stored, of which the last messages are remembered that `most` says.
fn stored(record: &flow_core::Record, most: usize) -> Stored {
    let json = record.readable();
    let seen = json["seen"].as_array().expect("a list").iter().rev().take(most);
    let remembered =
        seen.map(|seen| (seen["id"].as_str().expect("an id").to_owned(), seen["version"].as_u64().expect("a version")));
    let state = json["current"].as_str().expect("a state").to_owned();
    Stored { version: record.stamp().version, state, remembered: remembered.collect() }
}

/// Three processes race on a session over a network with these faults.
async fn race(seed: u64, store: Arc<dyn Store>, faults: Faults, dies: u8) -> History {
    let network = Arc::new(FaultyStore::new(Arc::clone(&store), faults, seed));
    let (id, history) = (SessionId::random(), Arc::new(Mutex::new(History::default())));
    let speakers = ['a', 'b', 'c'].map(|name| {
        let (store, history, dice) = (Arc::clone(&network), Arc::clone(&history), Dice(seed * 3 + u64::from(name)));
        tokio::spawn(Speaker { name, store, id, history, dice, dies }.speaks())
    });
    for speaker in speakers {
        speaker.await.expect("a speaker");
    }
    network.heals().await.expect("what is late arrives");
    let mut history = Arc::into_inner(history).expect("nobody speaks any more").into_inner().expect("a lock");
    if let Some(record) = store.load(id, 0).await.expect("a load").record {
        // What a record no longer remembers must be told by what was heard.
        history.ends(id, stored(&record, [200, 5, 0][usize::try_from(seed % 3).expect("a place")]));
    }
    history
}

fn delays() -> Faults {
    Faults { delay: 50, longest_delay: Duration::from_millis(20), ..Faults::default() }
}

fn told(violations: &[(SessionId, Violation)]) -> String {
    violations.iter().map(|(_, violation)| violation.to_string()).collect::<Vec<_>>().join("; ")
}

/// How many are played: as many as `FLOW_SEEDS` says.
fn seeds() -> u64 {
    env::var("FLOW_SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(60)
}

#[tokio::test(start_paused = true)]
async fn the_races_over_a_sound_store_and_a_bad_network_are_serial() {
    // A conflict with nothing is no store's; what it leaves in doubt cannot be found out.
    let faults = Faults { conflict: 0, longest_delay: Duration::from_millis(20), ..Faults::each(8) };
    let mut doubtful = 0;
    for seed in 0..seeds() {
        let history = race(seed, Arc::new(MemoryStore::new()), faults, 1).await;
        history.check().unwrap_or_else(|violations| panic!("seed {seed}: {}", told(&violations)));
        doubtful += u64::try_from(history.doubtful()).expect("a count");
    }
    assert!(doubtful > seeds(), "only {doubtful} messages were in doubt");
}

/// How many of the seeds at which the store was wrong are refuted, of how many.
async fn refuted(bug: Bug, faults: Faults) -> (u32, u32) {
    let (mut refuted, mut wrong) = (0, 0);
    for seed in 0..40 {
        let store = Arc::new(BrokenStore::after(seed, bug));
        let history = race(seed, Arc::clone(&store) as Arc<dyn Store>, faults, 0).await;
        let violations = history.check().err().unwrap_or_default();
        wrong += u32::from(store.was_wrong().await);
        refuted += u32::from(!violations.is_empty());
    }
    (refuted, wrong)
}

macro_rules! refuted_at_each_seed {
    ($($test:ident: $bug:ident),*) => { $(
        #[tokio::test(start_paused = true)]
        async fn $test() {
            let (refuted, wrong) = refuted(Bug::$bug, delays()).await;
            assert_eq!(refuted, wrong);
            assert!(wrong > 30, "it was wrong {wrong} times");
        }
    )* };
}

refuted_at_each_seed! {
    one_write_that_is_dropped_is_refuted: DropsAWrite,
    one_write_that_is_applied_twice_is_refuted: AppliesTwice,
    one_stale_stamp_that_is_let_through_is_refuted: LetsAStaleStampThrough
}
