//! What was accepted, and is overtaken by the erasure of its session or by a person who takes over.

use std::{sync::Arc, time::Duration};

use flow_core::{Cause, Engine, Input, engine::Inbox};
use flow_memory::MemoryArchive;
use tokio::{
    sync::Semaphore,
    time::{sleep, timeout},
};

use crate::{
    kitchen::{Cook, Order, table},
    meddler::Meddling,
    stage::{Stage, by},
};

/// A table at which each turn at the menu waits for a permit, with an archive and without any patience.
fn held_table() -> (Stage<Order>, Cook, Arc<MemoryArchive>) {
    let cook = Cook { held: Some(Arc::new(Semaphore::new(0))), ..Cook::default() };
    let archive = Arc::new(MemoryArchive::new());
    let engine = cook.engine().archive(Arc::clone(&archive)).inbox(Inbox::default().patience(Duration::ZERO));
    (Stage::with(engine), cook, archive)
}

/// Another instance, which reaches the store without being meddled with.
fn another(stage: &Stage<Order>, cook: &Cook, archive: &Arc<MemoryArchive>) -> Engine<Order> {
    stage.behind(cook.engine().archive(Arc::clone(archive)))
}

fn goes_on(cook: &Cook) {
    cook.held.as_ref().expect("it holds its turns").add_permits(10);
}

async fn waits(stage: &Stage<Order>, text: &str, id: &str) {
    let accepted = stage.engine.accept(stage.id, Input::text(text).with_id(id)).await;
    assert!(accepted.expect("it is accepted").is_waiting());
}

/// All that goes on by itself has ended.
async fn all_is_quiet(stage: &Stage<Order>) {
    sleep(Duration::from_secs(600)).await;
    assert_eq!(stage.engine.waiting(stage.id).await.expect("the store tells"), 0);
}

async fn is_nowhere(stage: &Stage<Order>) {
    all_is_quiet(stage).await;
    assert!(stage.engine.peek(stage.id).await.expect("it is read").is_none());
    let exported = stage.engine.export(stage.id).await.expect("it can be read");
    assert!(exported.is_none(), "{exported:?}");
}

#[tokio::test(start_paused = true)]
async fn a_message_whose_handler_runs_while_its_session_is_erased_does_not_bring_it_back() {
    let (stage, cook, archive) = held_table();
    stage.says("hi").await;
    waits(&stage, "soup", "1").await;
    sleep(Duration::from_secs(1)).await;
    assert_eq!(cook.count(), 1, "the handler runs");
    assert!(another(&stage, &cook, &archive).operator(by()).erase(stage.id).await.expect("it is erased"));
    goes_on(&cook);
    is_nowhere(&stage).await;
    assert_eq!(cook.count(), 1, "it is not asked again");
}

#[tokio::test(start_paused = true)]
async fn a_first_message_that_waits_for_its_turn_while_it_is_erased_begins_no_session() {
    let (stage, cook, archive) = held_table();
    let load = Arc::new(Semaphore::new(0));
    stage.store.next_load(Meddling::Wait(Arc::clone(&load)));
    waits(&stage, "hi", "1").await;
    another(&stage, &cook, &archive).operator(by()).erase(stage.id).await.expect("it is erased");
    load.add_permits(1);
    is_nowhere(&stage).await;
}

#[tokio::test(start_paused = true)]
async fn a_message_of_before_an_erasure_is_not_heard_in_the_session_that_begins_after_it() {
    let (stage, cook, archive) = held_table();
    stage.says("hi").await;
    waits(&stage, "soup", "1").await;
    sleep(Duration::from_secs(1)).await;
    let other = another(&stage, &cook, &archive);
    other.operator(by()).erase(stage.id).await.expect("it is erased");
    other.handle(stage.id, "hello again").await.expect("a turn");
    goes_on(&cook);
    all_is_quiet(&stage).await;
    assert_eq!((stage.state().await, cook.count()), (Some("MENU"), 1));
    assert_eq!(stage.session().await.stamp().version, 1);
}

#[tokio::test(start_paused = true)]
async fn a_letter_that_is_read_while_it_is_erased_is_not_handled() {
    let (stage, cook, archive) = held_table();
    stage.says("hi").await;
    waits(&stage, "fail", "1").await;
    waits(&stage, "soup", "2").await;
    sleep(Duration::from_secs(1)).await;
    // The turn of the first is over, and the second is read.
    cook.held.as_ref().expect("it holds its turns").add_permits(1);
    let read = async {
        while cook.count() < 2 {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(Duration::from_secs(60), read).await.expect("it is handled");
    another(&stage, &cook, &archive).operator(by()).erase(stage.id).await.expect("it is erased");
    goes_on(&cook);
    is_nowhere(&stage).await;
}

#[tokio::test(start_paused = true)]
async fn a_message_that_is_sent_after_an_erasure_is_handled_though_it_waits() {
    let (stage, cook, archive) = held_table();
    stage.says("hi").await;
    another(&stage, &cook, &archive).operator(by()).erase(stage.id).await.expect("it is erased");
    let load = Arc::new(Semaphore::new(0));
    stage.store.next_load(Meddling::Wait(Arc::clone(&load)));
    waits(&stage, "hi", "1").await;
    load.add_permits(1);
    waits(&stage, "soup", "2").await;
    goes_on(&cook);
    all_is_quiet(&stage).await;
    assert_eq!(
        (stage.state().await, cook.count()),
        (Some("PAY"), 2),
        "once over what was remembered of the erased session"
    );
}

#[tokio::test(start_paused = true)]
async fn a_message_whose_handler_fails_once_a_person_has_taken_over_is_left_to_that_person() {
    let cook = Cook { held: Some(Arc::new(Semaphore::new(0))), ..Cook::default() };
    let stage = table(&cook);
    stage.says("hi").await;
    let other = stage.second(cook.engine());
    waits(&stage, "fail", "1").await;
    other.operator(by()).pause(stage.id).await.expect("a turn");
    goes_on(&cook);
    all_is_quiet(&stage).await;
    let session = stage.session().await;
    assert_eq!(session.history().last().map(|step| step.by), Some(Cause::Unanswered));
    let again = stage.engine.accept(stage.id, Input::text("fail").with_id("1")).await.expect("it is accepted");
    let again = again.outcome().expect("it was handled");
    assert!(again.is_repeat() && again.replies.is_empty(), "no apology: {again:?}");
    assert_eq!(cook.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_message_whose_handler_fails_once_another_process_has_handled_it_has_no_apology() {
    let cook = Cook { held: Some(Arc::new(Semaphore::new(0))), ..Cook::default() };
    let stage = table(&cook);
    stage.says("hi").await;
    waits(&stage, "fail", "1").await;
    let other = stage.second(Cook::default().engine());
    let replies = other.handle(stage.id, Input::text("soup").with_id("1")).await.expect("a turn").texts().join(" ");
    goes_on(&cook);
    all_is_quiet(&stage).await;
    let again = stage.engine.accept(stage.id, Input::text("fail").with_id("1")).await.expect("it is accepted");
    assert_eq!(again.outcome().expect("it was handled").texts(), [replies]);
    assert_eq!((stage.state().await, cook.count()), (Some("PAY"), 1));
}

#[tokio::test(start_paused = true)]
async fn a_message_that_fails_while_another_turn_is_decided_is_known_when_it_comes_again() {
    let cook = Cook { held: Some(Arc::new(Semaphore::new(0))), ..Cook::default() };
    let stage = table(&cook);
    stage.says("hi").await;
    let other = stage.second(Cook::default().engine());
    let fails = async || other.accept(stage.id, Input::text("fail").with_id("1")).await.expect("it is accepted");
    let (outcome, ()) = tokio::join!(stage.says("soup"), async {
        while cook.count() == 0 {
            tokio::task::yield_now().await;
        }
        assert!(fails().await.outcome().expect("it is handled").is_failed());
        goes_on(&cook);
    });
    assert_eq!((outcome.texts(), cook.count()), (vec!["Pay for soup, please."], 2));
    let again = fails().await.outcome().expect("it was handled");
    assert!(again.is_repeat(), "{again:?}");
}
