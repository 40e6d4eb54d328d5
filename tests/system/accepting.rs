//! Messages that are accepted: answered for at once, handled in their order, lost by no death.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use flow_core::{
    Deadlines, Engine, EngineBuilder, EngineError, Flow, Input, Limits, Message, Outage, Retries, SessionId, Step,
    Turn,
    engine::{Accepted, Inbox},
};
use flow_memory::MemoryStore;
use flow_testkit::ManualClock;
use serde::{Deserialize, Serialize};
use tokio::{
    runtime::{Builder, Runtime},
    sync::Semaphore,
    time::{Instant, sleep, timeout},
};

use crate::{
    calendar::Calendar,
    meddler::Meddling,
    salon::Salon,
    stage::{SLOTS, Stage, TO_REVIEW},
};

/// What the handlers were asked, in this order.
type Heard = Arc<Mutex<Vec<String>>>;

/// Takes as long over what is said as it says: "400 one" takes 400 milliseconds.
struct Host(Heard);

#[derive(Debug)]
struct Broken;

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("broken")
    }
}

impl std::error::Error for Broken {}

macro_rules! talk {
    ($module:ident, $name:literal, $($waiting:tt)*) => {
        mod $module {
            use super::*;

            #[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
            #[flow(name = $name, module = talk, $($waiting)*)]
            pub(super) enum Talk {
                #[state(start, endless, ask = "Yes?", handled, signals(Rang), to(Listening))]
                Listening,
            }

            use talk::*;

            impl TalkHandler for Host {
                async fn listening(&self, _: Listening, turn: Turn<'_, Listening>) -> Step<Listening> {
                    self.0.lock().expect("a lock").push(turn.text().to_owned());
                    let takes = turn.text().split(' ').next().and_then(|time| time.parse().ok()).unwrap_or_default();
                    sleep(Duration::from_millis(takes)).await;
                    if turn.text().contains("fail") {
                        return Err(Broken.into());
                    }
                    let said = format!("You said {}.", turn.text());
                    turn.stay(said)
                }

                async fn listening_on_rang(&self, _: Listening, turn: Turn<'_, Listening>) -> Step<Listening> {
                    self.0.lock().expect("a lock").push("rang".to_owned());
                    turn.stay("Ring!")
                }
            }
        }
    };
}

talk!(one_by_one, "accepting_talk",);
talk!(together, "talk_together", waiting = "together");
talk!(latest, "talk_of_the_latest", waiting = "latest");

use one_by_one::Talk;

fn builder(heard: &Heard) -> EngineBuilder<Talk> {
    Talk::engine(Host(heard.clone()))
}

fn heard_in(heard: &Heard) -> Vec<String> {
    heard.lock().expect("a lock").clone()
}

/// A session that is under way.
async fn stage() -> (Stage<Talk>, Heard) {
    let heard = Heard::default();
    let stage = Stage::with(builder(&heard));
    stage.says("hi").await;
    (stage, heard)
}

fn said(text: &str, id: &str) -> Message {
    Input::text(text).with_id(id)
}

async fn accepts<F: Flow>(engine: &Engine<F>, id: SessionId, message: Message) -> Accepted<F> {
    engine.accept(id, message).await.expect("it is accepted")
}

/// The inbox is empty, and everything was handled.
async fn all_is_handled<F: Flow>(engine: &Engine<F>, id: SessionId) {
    let empty = async {
        while engine.waiting(id).await.expect("the store tells") > 0 {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(Duration::from_secs(3600), empty).await.expect("letters stay for ever");
}

#[tokio::test(start_paused = true)]
async fn a_message_that_is_answered_soon_is_handled_in_one_write() {
    let (stage, _) = stage().await;
    let (calls, writes) = (stage.store.calls(), stage.store.writes());
    let accepted = accepts(&stage.engine, stage.id, said("100 one", "1")).await;
    assert_eq!(accepted.outcome().expect("it is handled").texts(), ["You said 100 one."]);
    assert_eq!(
        (stage.store.calls() - calls, stage.store.writes() - writes),
        (1, 1),
        "a commit over what is remembered"
    );
    assert_eq!(stage.engine.stats().posted, 0);
}

#[tokio::test(start_paused = true)]
async fn a_message_whose_handler_is_slow_waits_and_its_turn_takes_it_off() {
    let (stage, heard) = stage().await;
    let (began, writes) = (Instant::now(), stage.store.writes());
    assert!(accepts(&stage.engine, stage.id, said("5000 one", "1")).await.is_waiting());
    assert_eq!(began.elapsed(), Duration::from_millis(300));
    assert_eq!(stage.engine.waiting(stage.id).await.expect("a number"), 1);
    all_is_handled(&stage.engine, stage.id).await;
    assert_eq!((heard_in(&heard), stage.store.writes() - writes), (vec!["5000 one".to_owned()], 1));
    let again = accepts(&stage.engine, stage.id, said("5000 one", "1")).await.outcome().expect("it was handled");
    assert!(again.is_repeat() && again.texts() == ["You said 5000 one."]);
}

#[tokio::test(start_paused = true)]
async fn three_messages_at_once_are_answered_for_at_once_and_handled_in_their_order() {
    let (stage, heard) = stage().await;
    let began = Instant::now();
    let three = ["400 one", "400 two", "400 three"].map(|text| stage.engine.accept(stage.id, said(text, text)));
    for accepted in futures_util::future::join_all(three).await {
        assert!(accepted.expect("it is accepted").is_waiting());
    }
    assert!(began.elapsed() < Duration::from_millis(310), "{:?}", began.elapsed());
    all_is_handled(&stage.engine, stage.id).await;
    assert_eq!(heard_in(&heard), ["400 one", "400 two", "400 three"]);
    assert_eq!(stage.engine.stats().posted, 3);
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_no_longer_listens_loses_nothing() {
    let (stage, heard) = stage().await;
    assert!(timeout(Duration::from_millis(1), stage.engine.accept(stage.id, said("200 one", "1"))).await.is_err());
    sleep(Duration::from_secs(1)).await;
    assert_eq!(heard_in(&heard), ["200 one"]);
    assert!(accepts(&stage.engine, stage.id, said("200 one", "1")).await.outcome().expect("handled").is_repeat());
}

#[tokio::test(start_paused = true)]
async fn two_instances_handle_what_either_accepts_in_one_order() {
    let (stage, heard) = stage().await;
    let other = stage.second(builder(&heard));
    assert!(accepts(&stage.engine, stage.id, said("2000 one", "1")).await.is_waiting());
    assert!(accepts(&other, stage.id, said("0 two", "2")).await.is_waiting(), "it gives way to what waits");
    assert!(accepts(&stage.engine, stage.id, said("0 three", "3")).await.is_waiting());
    assert!(accepts(&other, stage.id, said("0 two", "2")).await.is_waiting(), "it is known");
    all_is_handled(&stage.engine, stage.id).await;
    assert_eq!(heard_in(&heard), ["2000 one", "0 two", "0 three"]);
}

#[tokio::test(start_paused = true)]
async fn a_message_that_is_being_posted_gives_way_to_letters_that_a_slow_store_tells_of_late() {
    let (stage, heard) = stage().await;
    let other = stage.behind(builder(&heard));
    assert!(accepts(&other, stage.id, said("5000 one", "1")).await.is_waiting());
    let [load, post] = [(); 2].map(|()| Arc::new(Semaphore::new(0)));
    stage.store.next_load(Meddling::Wait(Arc::clone(&load))).next_post_waits_for(&post);
    let (engine, id) = (stage.engine.clone(), stage.id);
    let accepting = tokio::spawn(async move { accepts(&engine, id, said("0 two", "2")).await.is_waiting() });
    // Its patience is over, and it is being posted, when the store tells its turn what waits.
    sleep(Duration::from_millis(400)).await;
    load.add_permits(1);
    sleep(Duration::from_millis(100)).await;
    post.add_permits(1);
    assert!(accepting.await.expect("a task"), "it waits behind the other");
    all_is_handled(&stage.engine, stage.id).await;
    assert_eq!(heard_in(&heard), ["5000 one", "0 two"]);
}

#[tokio::test(start_paused = true)]
async fn a_turn_that_meets_another_write_gives_way_to_what_waits_by_then() {
    let heard = Heard::default();
    let stage = Stage::with(builder(&heard).inbox(Inbox::default().patience(Duration::from_secs(10))));
    stage.says("hi").await;
    let other = stage.second(builder(&heard).inbox(Inbox::default().patience(Duration::ZERO)));
    let two = stage.engine.accept(stage.id, said("200 two", "2"));
    let before_it = async {
        sleep(Duration::from_millis(50)).await;
        assert!(accepts(&other, stage.id, said("500 one", "1")).await.is_waiting());
        // Another writer, so that both turns have to be taken again.
        let third = stage.second(builder(&heard));
        third.handle(stage.id, "x").await.expect("the turn is taken");
    };
    let (two, ()) = tokio::join!(two, before_it);
    assert!(two.expect("it is accepted").is_waiting());
    all_is_handled(&other, stage.id).await;
    assert_eq!(heard_in(&heard), ["200 two", "500 one", "x", "500 one", "200 two"]);
}

#[tokio::test(start_paused = true)]
async fn the_first_message_of_a_session_may_be_slow_too() {
    let heard = Heard::default();
    let stage = Stage::with(builder(&heard).inbox(Inbox::default().patience(Duration::ZERO)));
    let accepted = accepts(&stage.engine, stage.id, said("hi", "1")).await;
    all_is_handled(&stage.engine, stage.id).await;
    drop(accepted);
    let session = stage.engine.peek(stage.id).await.expect("it can be read").expect("it is there");
    assert_eq!(session.history().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_inbox_at_its_bound_refuses_with_an_error_that_says_so() {
    let heard = Heard::default();
    let stage = Stage::with(builder(&heard).inbox(Inbox::default().letters(2)));
    stage.says("hi").await;
    for (text, id) in [("5000 one", "1"), ("two", "2")] {
        assert!(accepts(&stage.engine, stage.id, said(text, id)).await.is_waiting());
    }
    let full = stage.engine.accept(stage.id, said("three", "3")).await;
    assert!(matches!(full, Err(EngineError::InboxFull { letters: 2, .. })), "{full:?}");
    all_is_handled(&stage.engine, stage.id).await;
    assert_eq!(heard_in(&heard), ["5000 one", "two"]);
    assert!(!accepts(&stage.engine, stage.id, said("three", "3")).await.is_waiting(), "there is room again");
}

#[tokio::test(start_paused = true)]
async fn a_slow_message_that_is_too_large_to_wait_is_answered_by_its_own_turn() {
    let heard = Heard::default();
    let stage = Stage::with(builder(&heard).inbox(Inbox::default().bytes(300)));
    stage.says("hi").await;
    let large = format!("5000 {}", "x".repeat(300));
    let (engine, id) = (stage.engine.clone(), stage.id);
    let first = tokio::spawn({
        let large = large.clone();
        async move { engine.accept(id, said(&large, "1")).await }
    });
    sleep(Duration::from_secs(1)).await;
    // Behind it there is no room for another one, nor for the same again, and neither has a turn of its own.
    for id in ["2", "1"] {
        let behind = stage.engine.accept(stage.id, said(&large, id)).await;
        assert!(matches!(behind, Err(EngineError::InboxFull { bytes: 300, .. })), "{behind:?}");
    }
    assert!(accepts(&stage.engine, stage.id, said("0 small", "3")).await.is_waiting(), "for a small one there is");
    let accepted = first.await.expect("it ends").expect("it is accepted");
    assert_eq!(accepted.outcome().expect("it is handled").texts(), [format!("You said {large}.")]);
    all_is_handled(&stage.engine, stage.id).await;
    assert_eq!(heard_in(&heard), [large.as_str(), "0 small"]);
}

#[tokio::test(start_paused = true)]
async fn a_message_whose_turn_may_be_stored_already_is_not_told_to_find_no_room() {
    let heard = Heard::default();
    let stage = Stage::with(builder(&heard).inbox(Inbox::default().letters(0)));
    stage.says("hi").await;
    let may_pass = Arc::new(Semaphore::new(0));
    stage.store.next_commit(Meddling::Wait(may_pass.clone()));
    let passes_later = async {
        sleep(Duration::from_secs(1)).await;
        may_pass.add_permits(1);
    };
    let (accepted, ()) = tokio::join!(stage.engine.accept(stage.id, said("one", "1")), passes_later);
    let accepted = accepted.expect("it is stored");
    assert_eq!(accepted.outcome().expect("it is handled").texts(), ["You said one."]);
}

#[tokio::test(start_paused = true)]
async fn a_message_whose_handler_fails_is_taken_with_the_apology_and_those_behind_it_are_handled() {
    let (stage, heard) = stage().await;
    assert!(accepts(&stage.engine, stage.id, said("1000 fail", "1")).await.is_waiting());
    assert!(accepts(&stage.engine, stage.id, said("two", "2")).await.is_waiting());
    all_is_handled(&stage.engine, stage.id).await;
    assert_eq!(heard_in(&heard), ["1000 fail", "two"]);
    let again = accepts(&stage.engine, stage.id, said("1000 fail", "1")).await.outcome().expect("it was handled");
    assert!(again.is_repeat() && again.texts() == ["Sorry, something went wrong on our side. Please try again."]);
}

#[tokio::test(start_paused = true)]
async fn texts_that_wait_are_handled_together_if_the_flow_says_so() {
    let heard = Heard::default();
    let stage = Stage::with(together::Talk::engine(Host(heard.clone())));
    stage.says("hi").await;
    assert!(accepts(&stage.engine, stage.id, said("5000 one", "1")).await.is_waiting());
    for (input, id) in [("two", "2"), ("three", "3")].map(|(text, id)| (Input::text(text), id)) {
        assert!(accepts(&stage.engine, stage.id, input.with_id(id)).await.is_waiting());
    }
    assert!(accepts(&stage.engine, stage.id, Input::button("pressed").with_id("4")).await.is_waiting());
    assert!(accepts(&stage.engine, stage.id, said("five", "5")).await.is_waiting());
    all_is_handled(&stage.engine, stage.id).await;
    assert_eq!(heard_in(&heard), ["5000 one", "two\nthree", "pressed", "five"]);
    for id in ["2", "3"] {
        assert!(stage.says(said("anything", id)).await.is_repeat(), "{id} is remembered");
    }
}

#[tokio::test(start_paused = true)]
async fn of_what_waits_the_latest_is_handled_if_the_flow_says_so_and_every_event_from_outside() {
    let heard = Heard::default();
    let stage = Stage::with(latest::Talk::engine(Host(heard.clone())));
    stage.says("hi").await;
    assert!(accepts(&stage.engine, stage.id, said("5000 one", "1")).await.is_waiting());
    for (text, id) in [("two", "2"), ("three", "3")] {
        assert!(accepts(&stage.engine, stage.id, said(text, id)).await.is_waiting());
    }
    let rang = Input::signal_by_name("Rang", ());
    assert!(accepts(&stage.engine, stage.id, rang.with_id("4")).await.is_waiting());
    assert!(accepts(&stage.engine, stage.id, said("five", "5")).await.is_waiting());
    all_is_handled(&stage.engine, stage.id).await;
    assert_eq!(heard_in(&heard), ["5000 one", "three", "rang", "five"]);
    assert!(stage.says(said("two", "2")).await.is_repeat());
}

#[tokio::test(start_paused = true)]
async fn nothing_is_accepted_into_memory() {
    let heard = Heard::default();
    let stage = Stage::with(builder(&heard).outage(Outage::Memory { sessions: 10 }));
    stage.says("hi").await;
    stage.store.is_away(true);
    let refused = stage.engine.accept(stage.id, said("one", "1")).await;
    assert!(matches!(refused, Err(EngineError::Store(_))), "{refused:?}");
    stage.store.is_away(false);
    sleep(Duration::from_secs(60)).await;
    assert!(!accepts(&stage.engine, stage.id, said("one", "1")).await.outcome().expect("handled").is_repeat());
}

#[tokio::test(start_paused = true)]
async fn a_write_whose_answer_is_lost_is_found_out_when_the_message_comes_again() {
    let (stage, heard) = stage().await;
    stage.store.next_commit(Meddling::ApplyAndGoAway);
    let refused = stage.engine.accept(stage.id, said("1000 one", "1")).await;
    drop(refused);
    sleep(Duration::from_secs(5)).await;
    stage.store.is_away(false);
    sleep(Duration::from_secs(60)).await;
    all_is_handled(&stage.engine, stage.id).await;
    assert!(accepts(&stage.engine, stage.id, said("1000 one", "1")).await.outcome().expect("handled").is_repeat());
    assert_eq!(heard_in(&heard), ["1000 one"]);
}

#[tokio::test(start_paused = true)]
async fn what_is_removed_or_erased_takes_its_letters_and_an_export_shows_them() {
    let (stage, heard) = stage().await;
    // The handler goes on in another instance, whose inbox this is.
    assert!(accepts(&stage.engine, stage.id, said("5000 one", "1")).await.is_waiting());
    let exported = stage.engine.export(stage.id).await.expect("it can be read").expect("it is there");
    assert_eq!(exported["waiting"][0]["message"]["input"]["text"], "5000 one", "{exported}");
    let other = stage.second(builder(&heard));
    assert!(other.operator(flow_core::By::new("ana", "a test")).erase(stage.id).await.expect("it is erased"));
    assert_eq!(stage.engine.waiting(stage.id).await.expect("a number"), 0);
}

// What follows is of processes that end: each is a runtime that is dropped.

/// A process: its runtime, and its engine.
struct Process {
    runtime: Runtime,
    engine: Engine<Talk>,
}

struct World {
    store: Arc<MemoryStore>,
    clock: ManualClock,
    heard: Heard,
    id: SessionId,
}

impl World {
    fn new() -> Self {
        let clock = ManualClock::default();
        let store = Arc::new(MemoryStore::builder().clock(clock.clone()).build());
        Self { store, clock, heard: Heard::default(), id: SessionId::random() }
    }

    fn process(&self) -> Process {
        let runtime = Builder::new_current_thread().enable_all().start_paused(true).build().expect("a runtime");
        let deadlines = Deadlines::default().handler(Duration::from_secs(100));
        let engine = builder(&self.heard).deadlines(deadlines).clock(self.clock.clone()).store(self.store.clone());
        Process { runtime, engine }
    }

    /// A message is accepted by a process that ends over it.
    fn accepted_by_one_that_ends(&self, text: &str, id: &str) {
        let Process { runtime, engine } = self.process();
        assert!(runtime.block_on(accepts(&engine, self.id, said(text, id))).is_waiting());
    }

    /// A worker looks, in a process that ends a second later.
    fn looked_at_by_one_that_ends(&self) {
        let Process { runtime, engine } = self.process();
        runtime.block_on(async { drop(timeout(Duration::from_secs(1), engine.worker().look()).await) });
    }

    fn works(&self) {
        let Process { runtime, engine } = self.process();
        runtime.block_on(engine.worker().look()).expect("the store tells what is due");
    }

    fn begins(&self) {
        let Process { runtime, engine } = self.process();
        runtime.block_on(engine.handle(self.id, "hi")).expect("the turn is taken");
    }

    fn waiting(&self) -> usize {
        let Process { runtime, engine } = self.process();
        runtime.block_on(engine.waiting(self.id)).expect("the store tells")
    }

    fn passes(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }
}

#[test]
fn what_a_process_accepted_that_ends_is_handled_by_a_worker_once_its_lease_is_over() {
    let world = World::new();
    world.begins();
    world.accepted_by_one_that_ends("1000 one", "1");
    world.works();
    assert_eq!((heard_in(&world.heard).len(), world.waiting()), (1, 1), "it is left to its process");
    world.passes(200);
    world.works();
    assert_eq!(heard_in(&world.heard), ["1000 one", "1000 one"]);
    assert_eq!(world.waiting(), 0);
    let Process { runtime, engine } = world.process();
    let again = runtime.block_on(accepts(&engine, world.id, said("1000 one", "1"))).outcome().expect("handled");
    assert!(again.is_repeat() && again.texts() == ["You said 1000 one."]);
}

#[test]
fn the_first_message_of_a_session_outlives_the_process_that_accepted_it() {
    let world = World::new();
    let Process { runtime, engine } = world.process();
    // Before any record is there.
    let engine_of_this = engine.clone();
    runtime.block_on(async {
        let accepted = engine_of_this.accept(world.id, said("hi", "1")).await.expect("it is accepted");
        drop(accepted);
    });
    drop((runtime, engine));
    assert_eq!(world.waiting(), 0);
}

#[test]
fn a_letter_over_which_three_processes_end_is_set_aside_and_those_behind_it_are_handled() {
    let world = World::new();
    world.begins();
    world.accepted_by_one_that_ends("90000 kills", "1");
    world.accepted_by_one_that_ends("two", "2");
    for _ in 0..2 {
        world.passes(200);
        world.looked_at_by_one_that_ends();
    }
    assert_eq!(heard_in(&world.heard), ["90000 kills", "90000 kills", "90000 kills"]);
    world.passes(200);
    world.works();
    assert_eq!((heard_in(&world.heard).last().map(String::as_str), world.waiting()), (Some("two"), 0));
    let Process { runtime, engine } = world.process();
    let session = runtime.block_on(engine.peek(world.id)).expect("it can be read").expect("it is there");
    let aside = session.set_aside();
    assert_eq!((aside.len(), aside[0].kind.as_str()), (1, "message"));
    // An operator has it accepted again, once the cause is mended.
    assert_eq!(
        runtime
            .block_on(engine.operator(flow_core::By::new("ana", "a test")).retry(world.id))
            .expect("it is accepted again"),
        1
    );
    runtime.block_on(all_is_handled(&engine, world.id));
    assert_eq!(heard_in(&world.heard).last().map(String::as_str), Some("90000 kills"));
    let session = runtime.block_on(engine.peek(world.id)).expect("it can be read").expect("it is there");
    assert_eq!(session.set_aside(), []);
}

#[test]
fn without_a_worker_what_a_process_left_is_handled_before_what_comes_next() {
    let world = World::new();
    world.begins();
    world.accepted_by_one_that_ends("1000 one", "1");
    let Process { runtime, engine } = world.process();
    runtime.block_on(async {
        world.passes(60);
        assert!(accepts(&engine, world.id, said("two", "2")).await.is_waiting());
        sleep(Duration::from_secs(10)).await;
        assert_eq!(heard_in(&world.heard), ["1000 one"], "it is left to its process");
        world.passes(60);
        assert!(accepts(&engine, world.id, said("three", "3")).await.is_waiting());
        all_is_handled(&engine, world.id).await;
    });
    assert_eq!(heard_in(&world.heard), ["1000 one", "1000 one", "two", "three"]);
}

#[test]
fn without_a_worker_a_turn_that_passes_letters_by_has_them_handled() {
    let world = World::new();
    world.begins();
    world.accepted_by_one_that_ends("1000 one", "1");
    let Process { runtime, engine } = world.process();
    world.passes(200);
    runtime.block_on(async {
        engine.handle(world.id, "passes by").await.expect("the turn is taken");
        all_is_handled(&engine, world.id).await;
    });
    assert_eq!(heard_in(&world.heard), ["1000 one", "passes by", "1000 one"]);
}

#[test]
fn without_a_worker_a_letter_that_kills_is_set_aside_as_well() {
    let world = World::new();
    world.begins();
    world.accepted_by_one_that_ends("90000 kills", "0");
    for id in ["1", "2"] {
        world.passes(200);
        let Process { runtime, engine } = world.process();
        runtime.block_on(async {
            assert!(accepts(&engine, world.id, said("behind", id)).await.is_waiting());
            sleep(Duration::from_secs(1)).await;
        });
    }
    assert_eq!(heard_in(&world.heard), ["90000 kills"; 3]);
    world.passes(200);
    let Process { runtime, engine } = world.process();
    runtime.block_on(async {
        assert!(accepts(&engine, world.id, said("last", "3")).await.is_waiting());
        all_is_handled(&engine, world.id).await;
    });
    assert_eq!(heard_in(&world.heard)[3..], ["behind", "behind", "last"]);
    let session = runtime.block_on(engine.peek(world.id)).expect("it can be read").expect("it is there");
    assert_eq!(session.set_aside().len(), 1);
}

#[test]
fn a_full_inbox_that_a_process_left_is_handled_when_it_refuses_the_next() {
    let world = World::new();
    let process = || {
        let runtime = Builder::new_current_thread().enable_all().start_paused(true).build().expect("a runtime");
        let inbox = Inbox::default().letters(1);
        (runtime, builder(&world.heard).inbox(inbox).clock(world.clock.clone()).store(world.store.clone()))
    };
    world.begins();
    let (runtime, engine) = process();
    assert!(runtime.block_on(accepts(&engine, world.id, said("1000 one", "1"))).is_waiting());
    drop((runtime, engine));
    world.passes(200);
    let (runtime, engine) = process();
    runtime.block_on(async {
        let full = engine.accept(world.id, said("two", "2")).await;
        assert!(matches!(full, Err(EngineError::InboxFull { .. })), "{full:?}");
        all_is_handled(&engine, world.id).await;
        accepts(&engine, world.id, said("two", "2")).await;
    });
    assert_eq!(heard_in(&world.heard), ["1000 one", "1000 one", "two"]);
}

#[tokio::test(start_paused = true)]
async fn two_that_find_what_a_process_left_handle_it_once() {
    let world = World::new();
    let engine = || builder(&world.heard).clock(world.clock.clone()).store(world.store.clone());
    let (one, other) = (engine(), engine());
    one.handle(world.id, "hi").await.expect("the turn is taken");
    let letter = r#"{"turn":"0","at":"2026-01-01T00:00:00Z","message":{"input":{"text":"1000 left"},"id":"0"}}"#;
    let letter = flow_core::store::Letter::new([0; 16], letter.as_bytes().to_vec());
    let post = flow_core::store::Post::new(world.id, "accepting_talk", letter, Duration::ZERO);
    flow_core::Store::post(&*world.store, post).await.expect("it is posted");
    world.passes(200);
    let (first, second) =
        tokio::join!(accepts(&one, world.id, said("one", "1")), accepts(&other, world.id, said("two", "2")),);
    assert!(first.is_waiting() && second.is_waiting());
    all_is_handled(&one, world.id).await;
    let mut heard = heard_in(&world.heard);
    assert_eq!(heard.remove(0), "1000 left");
    heard.sort();
    assert_eq!(heard, ["one", "two"]);
}

#[tokio::test(start_paused = true)]
async fn a_process_that_goes_through_a_long_inbox_is_not_taken_for_ended() {
    let (stage, heard) = stage().await;
    let other = stage.second(builder(&heard));
    // With an apology, a turn and another apology, each nearly as long as a turn may take.
    for (text, id) in [("25000 fail", "1"), ("25000 two", "2"), ("25000 fail again", "3"), ("25000 four", "4")] {
        assert!(accepts(&stage.engine, stage.id, said(text, id)).await.is_waiting());
    }
    for second in 0..110 {
        if second % 10 == 5 {
            assert!(accepts(&other, stage.id, said("0 behind", &format!("behind {second}"))).await.is_waiting());
            let passing_by = stage.engine.waiting(stage.id).await.expect("a number");
            assert!(passing_by > 0 || second > 100);
        }
        sleep(Duration::from_secs(1)).await;
        stage.clock.advance(Duration::from_secs(1));
        if stage.engine.waiting(stage.id).await.expect("a number") == 0 {
            break;
        }
    }
    all_is_handled(&stage.engine, stage.id).await;
    let heard = heard_in(&heard);
    assert_eq!(heard[..4], ["25000 fail", "25000 two", "25000 fail again", "25000 four"], "each is asked once");
    assert!(heard[4..].iter().all(|text| text == "0 behind"), "{heard:?}");
}

#[test]
fn a_retry_that_finds_the_inbox_full_has_the_deliveries_made_and_leaves_the_message_aside() {
    let world = World::new();
    let process = || {
        let runtime = Builder::new_current_thread().enable_all().start_paused(true).build().expect("a runtime");
        let builder = builder(&world.heard).inbox(Inbox::default().tries(1).letters(1));
        let builder = builder.on_announcement(|_| async { Err::<(), _>("the line is dead") });
        let deadlines = Deadlines::default().handler(Duration::from_secs(100));
        let builder = builder.deadlines(deadlines).retries(Retries::default().tries(1)).clock(world.clock.clone());
        (runtime, builder.store(world.store.clone()))
    };
    let by = || flow_core::By::new("ana", "a test");
    let (runtime, engine) = process();
    runtime.block_on(async {
        engine.handle(world.id, "hi").await.expect("the turn is taken");
        engine.operator(by()).say(world.id, "A person is here.").await.expect("the turn is taken");
        assert!(accepts(&engine, world.id, said("90000 kills", "1")).await.is_waiting());
    });
    drop((runtime, engine));
    world.passes(200);
    let (runtime, engine) = process();
    runtime.block_on(async {
        engine.worker().look().await.expect("the store tells what is due");
        let kinds = || async {
            let session = engine.peek(world.id).await.expect("it can be read").expect("it is there");
            let kinds: Vec<_> = session.set_aside().iter().map(|aside| aside.kind.clone()).collect();
            (kinds, session.pending())
        };
        assert_eq!(kinds().await.0.len(), 2);
        assert!(accepts(&engine, world.id, said("5000 two", "2")).await.is_waiting());
        let full = engine.operator(by()).retry(world.id).await;
        assert!(matches!(full, Err(EngineError::InboxFull { letters: 1, .. })), "{full:?}");
        assert_eq!(kinds().await, (vec!["message".to_owned()], 1));
        all_is_handled(&engine, world.id).await;
        assert_eq!(engine.operator(by()).retry(world.id).await.expect("there is room again"), 1);
    });
}

#[test]
fn messages_that_were_set_aside_are_no_deliveries_for_which_a_turn_finds_no_room() {
    let world = World::new();
    let process = || {
        let runtime = Builder::new_current_thread().enable_all().start_paused(true).build().expect("a runtime");
        let builder = builder(&world.heard).inbox(Inbox::default().tries(1)).limits(Limits::default().undelivered(1));
        let deadlines = Deadlines::default().handler(Duration::from_secs(100));
        (runtime, builder.deadlines(deadlines).clock(world.clock.clone()).store(world.store.clone()))
    };
    world.begins();
    for id in ["1", "2"] {
        let (runtime, engine) = process();
        assert!(runtime.block_on(accepts(&engine, world.id, said("90000 kills", id))).is_waiting());
        drop((runtime, engine));
        world.passes(200);
        let (runtime, engine) = process();
        runtime.block_on(engine.worker().look()).expect("the store tells what is due");
    }
    let (runtime, engine) = process();
    let session = runtime.block_on(engine.peek(world.id)).expect("it can be read").expect("it is there");
    assert_eq!(session.set_aside().len(), 2);
    let outcome = runtime.block_on(engine.handle(world.id, "three")).expect("the turn is taken");
    assert_eq!(outcome.texts(), ["You said three."]);
}

#[test]
fn letters_that_are_set_aside_together_are_all_known_when_they_come_again() {
    let world = World::new();
    let process = || {
        let runtime = Builder::new_current_thread().enable_all().start_paused(true).build().expect("a runtime");
        let builder = together::Talk::engine(Host(world.heard.clone())).inbox(Inbox::default().tries(1));
        let deadlines = Deadlines::default().handler(Duration::from_secs(100));
        (runtime, builder.deadlines(deadlines).clock(world.clock.clone()).store(world.store.clone()))
    };
    let (runtime, engine) = process();
    runtime.block_on(async {
        engine.handle(world.id, "hi").await.expect("the turn is taken");
        for (text, id) in [("90000 kills", "1"), ("two", "2"), ("three", "3")] {
            assert!(accepts(&engine, world.id, said(text, id)).await.is_waiting());
        }
    });
    drop((runtime, engine));
    world.passes(200);
    let (runtime, engine) = process();
    runtime.block_on(engine.worker().look()).expect("the store tells what is due");
    let session = runtime.block_on(engine.peek(world.id)).expect("it can be read").expect("it is there");
    assert_eq!((session.set_aside().len(), heard_in(&world.heard)), (1, vec!["90000 kills".to_owned()]));
    let again = runtime.block_on(accepts(&engine, world.id, said("two", "2"))).outcome().expect("it is known");
    assert!(again.is_repeat(), "{again:?}");
}

#[test]
fn a_process_that_shuts_down_leaves_what_waits_to_the_next_at_once() {
    let world = World::new();
    world.begins();
    let Process { runtime, engine } = world.process();
    runtime.block_on(async {
        assert!(accepts(&engine, world.id, said("2000 one", "1")).await.is_waiting());
        assert!(accepts(&engine, world.id, said("two", "2")).await.is_waiting());
        let left = engine.shutdown(Duration::from_secs(60)).await;
        assert!(left.is_complete());
    });
    drop((runtime, engine));
    assert_eq!((heard_in(&world.heard), world.waiting()), (vec!["2000 one".to_owned()], 1));
    world.works();
    assert_eq!((heard_in(&world.heard).last().map(String::as_str), world.waiting()), (Some("two"), 0));
}

#[tokio::test(start_paused = true)]
async fn what_is_said_while_a_slow_calendar_is_asked_waits_and_is_answered_in_its_order() {
    let stage = Stage::with(Salon::new(Calendar::of(SLOTS).slow(Duration::from_secs(2))).engine());
    stage.says_all(&TO_REVIEW[..5]).await;
    for (text, id) in [("skip", "1"), ("2", "2")] {
        assert!(accepts(&stage.engine, stage.id, said(text, id)).await.is_waiting(), "{text}");
    }
    all_is_handled(&stage.engine, stage.id).await;
    let session = stage.engine.peek(stage.id).await.expect("readable").expect("there");
    assert_eq!(session.state().name(), "BOOK_REVIEW");
}
