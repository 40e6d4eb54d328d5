//! A message that comes again is known for a day, however many came since; what was replied, for the last ones alone.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use flow_core::{EngineBuilder, Flow, Input, Limits, Message, Observer, Step, Turn, engine::Event};
use serde::{Deserialize, Serialize};

use crate::{meddler::Meddling, stage::Stage};

#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "tally", shared = Sum)]
enum Tally {
    #[state(start, ask = "What is bought?", handled, to(Closed))]
    Open,
    #[state(end, say = "Closed.")]
    Closed,
}

use tally::*;

/// How much was bought.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Sum(u64);

struct Till;

impl TallyHandler for Till {
    async fn open(&self, _: Open, mut turn: Turn<'_, Open>) -> Step<Open> {
        turn.shared_mut().0 += 1;
        let sum = turn.shared().0;
        turn.stay(format!("That makes {sum}."))
    }
}

fn tally() -> EngineBuilder<Tally> {
    Tally::engine(Till)
}

fn with(limits: Limits) -> EngineBuilder<Tally> {
    tally().limits(limits)
}

fn bought(number: u64) -> Message {
    Input::text("one more").with_id(format!("wamid.{number}"))
}

/// Buys these, each in a turn of its own.
async fn buys(stage: &Stage<Tally>, numbers: impl IntoIterator<Item = u64>) {
    for number in numbers {
        assert!(!stage.says(bought(number)).await.is_repeat(), "{number} is new");
    }
}

async fn sum(stage: &Stage<Tally>) -> u64 {
    stage.engine.peek(stage.id).await.expect("readable").expect("there").shared().0
}

async fn is_repeat(stage: &Stage<Tally>, number: u64) -> bool {
    let before = (sum(stage).await, stage.store.writes());
    let outcome = stage.says(bought(number)).await;
    if outcome.is_repeat() {
        assert_eq!((sum(stage).await, stage.store.writes()), before, "a repeat changes nothing");
        assert!(outcome.transitions.is_empty() && outcome.is_late_repeat() == outcome.replies.is_empty());
    }
    outcome.is_repeat()
}

#[tokio::test]
async fn a_message_that_comes_again_after_seventeen_others_is_a_repeat() {
    let stage = Stage::with(tally());
    stage.says("hi").await;
    buys(&stage, 0..18).await;
    let late = stage.says(bought(0)).await;
    assert!(late.is_late_repeat() && late.replies.is_empty() && late.is_stored());
    let early = stage.says(bought(17)).await;
    assert_eq!((early.is_late_repeat(), early.texts()), (false, vec!["That makes 18."]));
    assert_eq!((sum(&stage).await, stage.engine.stats().repeats), (18, 2));
}

#[tokio::test]
async fn it_is_known_for_a_day_by_the_clock_of_the_store() {
    let stage = Stage::with(tally());
    stage.says("hi").await;
    buys(&stage, 0..20).await;
    stage.passes(23);
    assert!(is_repeat(&stage, 0).await);
    stage.passes(2);
    // The last sixteen are kept with their replies, however long it is; of the others the day is over.
    assert!(is_repeat(&stage, 19).await && !is_repeat(&stage, 0).await);
    // It is new for a day, and then once more.
    buys(&stage, 20..40).await;
    assert!(is_repeat(&stage, 0).await);
}

#[tokio::test]
async fn how_long_and_how_many_is_for_the_engine_to_say() {
    let limits = Limits::default().remembered_messages(1).known_ids(3).known_for(Duration::from_secs(3600 * 2));
    let stage = Stage::with(with(limits));
    stage.says("hi").await;
    buys(&stage, 0..6).await;
    for (number, is_known) in [(5, true), (4, true), (3, true), (2, true)] {
        assert_eq!(is_repeat(&stage, number).await, is_known, "{number}");
    }
    stage.passes(2);
    assert!(!is_repeat(&stage, 4).await);
    // None at all: the last one alone, with its replies.
    let stage = Stage::with(with(Limits::default().remembered_messages(1).known_ids(0)));
    stage.says("hi").await;
    buys(&stage, 0..3).await;
    assert!(is_repeat(&stage, 2).await && !is_repeat(&stage, 1).await);
    assert_eq!(stage.engine.stats().forgotten_messages, 0);
}

/// Counts the ids that were forgotten.
#[derive(Default)]
struct Forgetting(AtomicU64);

impl Observer for Forgetting {
    fn happened(&self, event: Event) {
        self.0.fetch_add(u64::from(event == Event::MessageForgotten), Ordering::Relaxed);
    }
}

#[tokio::test]
async fn what_is_forgotten_before_its_time_is_counted_once_it_is_stored() {
    let heard = Arc::new(Forgetting::default());
    let limits = Limits::default().remembered_messages(1).known_ids(3);
    let stage = Stage::with(with(limits).observer(Arc::clone(&heard)));
    stage.says("hi").await;
    buys(&stage, 0..4).await;
    assert_eq!(stage.engine.stats().forgotten_messages, 0);
    buys(&stage, 4..7).await;
    assert_eq!((stage.engine.stats().forgotten_messages, heard.0.load(Ordering::Relaxed)), (3, 3));
    // A write that does not hold forgets nothing.
    stage.store.next_commit(Meddling::Refuse(flow_core::StoreError::Full));
    stage.engine.handle(stage.id, bought(7)).await.expect_err("the store is full");
    assert_eq!(stage.engine.stats().forgotten_messages, 3);
    assert!(is_repeat(&stage, 3).await && !is_repeat(&stage, 0).await);
}

#[tokio::test]
async fn it_is_known_on_two_engines_at_once() {
    let patient = || with(Limits::default().turns_in_line(100).rounds(200));
    let stage = Stage::with(patient());
    let other = stage.second(patient());
    stage.says("hi").await;
    let deliveries = (0..90).map(|delivery| {
        let (engine, id) = (if delivery % 2 == 0 { stage.engine.clone() } else { other.clone() }, stage.id);
        tokio::spawn(async move { engine.handle(id, bought(delivery / 3)).await.expect("a turn").is_repeat() })
    });
    let mut taken = 0;
    for delivery in deliveries.collect::<Vec<_>>() {
        taken += u64::from(!delivery.await.expect("no panic"));
    }
    assert_eq!((taken, sum(&stage).await), (30, 30));
    for number in 0..30 {
        assert!(other.handle(stage.id, bought(number)).await.expect("a turn").is_repeat(), "{number}");
    }
    assert_eq!(sum(&stage).await, 30);
}

#[tokio::test]
async fn who_uses_no_ids_and_who_sends_few_messages_pays_nothing() {
    let stage = Stage::with(tally());
    stage.says("hi").await;
    for _ in 0..40 {
        stage.says("one more").await;
    }
    let known = || stage.store.last_written().record.readable().get("known").cloned();
    assert_eq!(known(), None);
    buys(&stage, 0..16).await;
    assert_eq!(known(), None);
    buys(&stage, 16..18).await;
    assert_eq!(known().as_ref().and_then(|known| known.as_str()).map(str::len), Some(2 * 16));
}

#[tokio::test]
async fn a_conversation_that_begins_anew_knows_the_messages_of_the_one_before() {
    let stage = Stage::with(tally());
    stage.says("hi").await;
    buys(&stage, 0..20).await;
    stage
        .engine
        .operator(flow_core::By::new("ana", "a test"))
        .force(stage.id, Tally::Closed)
        .await
        .expect("an operator's turn");
    assert!(stage.says(bought(0)).await.is_late_repeat());
    assert_eq!(stage.state().await, Some("CLOSED"));
    stage.says("hi").await;
    assert!(is_repeat(&stage, 0).await);
}
