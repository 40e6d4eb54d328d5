//! Engines that race on a store, and the history of what they said.

use std::sync::{Arc, Mutex};

use flow_core::{Engine, Flow, Input, Outcome, SessionId, Step, Store, Turn};
use flow_testkit::{
    History,
    history::{Acknowledgement, Stored, Violation},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::broken::{BrokenStore, Bug};

#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Counting {
    #[state(start, silent, to(One))]
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

fn acknowledgement(outcome: &Outcome<Counting>) -> Acknowledgement {
    let from = outcome.transitions.first().and_then(|transition| transition.from.clone());
    let state = outcome.state.as_ref().expect("a state").name().to_owned();
    Acknowledgement { version: outcome.version, from, state, is_repeat: outcome.is_repeat() }
}

/// One of two processes: it says its own messages, and repeats one of them now and then.
async fn speak(name: &str, engine: Engine<Counting>, id: SessionId, history: Arc<Mutex<History>>) {
    for number in 0..30 {
        let message = format!("{name}{}", if number % 5 == 4 { number - 1 } else { number });
        history.lock().expect("a lock").sends(id, message.as_str());
        let outcome = engine.handle(id, Input::text("next").id(message.as_str())).await.expect("a turn");
        history.lock().expect("a lock").hears(id, &message, acknowledgement(&outcome));
    }
}

async fn race(bug: Bug) -> Result<(), Vec<(SessionId, Violation)>> {
    let (store, id) = (Arc::new(BrokenStore::with(bug)), SessionId::random());
    let history = Arc::new(Mutex::new(History::default()));
    let engine = || Counting::engine(Counter).rounds(1_000).shared_store(Arc::clone(&store) as Arc<dyn Store>);
    tokio::join!(
        speak("a", engine(), id, Arc::clone(&history)),
        speak("b", engine(), id, Arc::clone(&history)),
        speak("c", engine(), id, Arc::clone(&history)),
    );
    let mut history = Arc::into_inner(history).expect("nobody speaks any more").into_inner().expect("a lock");
    if let Some(record) = store.load(id).await.expect("a load") {
        let json: Value = serde_json::from_slice(record.bytes()).expect("JSON");
        let remembered =
            json["seen"].as_array().expect("a list").iter().map(|seen| {
                (seen["id"].as_str().expect("an id").to_owned(), seen["version"].as_u64().expect("a version"))
            });
        let state = json["current"].as_str().expect("a state").to_owned();
        history.ends(id, Stored { version: record.stamp().version, state, remembered: remembered.collect() });
    }
    history.check()
}

#[tokio::test(start_paused = true)]
async fn the_races_of_a_sound_store_are_serial() {
    for _ in 0..50 {
        Box::pin(race(Bug::None)).await.expect("a serial history");
    }
}

#[tokio::test(start_paused = true)]
async fn each_of_three_bugs_is_refuted() {
    for bug in [Bug::DropsAWrite, Bug::AppliesTwice, Bug::LetsAStaleStampThrough] {
        let violations = Box::pin(race(bug)).await.expect_err("it is not serial");
        let text = violations.iter().map(|(_, violation)| violation.to_string()).collect::<Vec<_>>().join("\n");
        assert!(!text.is_empty(), "{bug:?}");
    }
}
