//! Which turn was the last one stands in the header of a record: what is no turn leaves it as it is.

use std::time::Duration;

use flow_core::{Record, Retries, Stamp};

use crate::{
    desk::Desk,
    flow::{Booking, BookingSignal},
    shelf::archiving,
    stage::{Stage, TO_REVIEW, by, salon, sent},
};

fn last(stage: &Stage<Booking>) -> Record {
    stage.store.last_written().record
}

/// Something was written since `before` that is no turn.
fn is_no_turn(stage: &Stage<Booking>, before: Stamp) {
    let record = last(stage);
    assert!(record.stamp().version > before.version, "something was written");
    assert_eq!(record.last_turn(), before);
}

#[tokio::test]
async fn a_turn_names_itself_and_the_session_keeps_its_origin() {
    let stage = Stage::new();
    stage.says("hi").await;
    let first = last(&stage);
    assert_eq!((first.origin(), first.last_turn()), (first.stamp().write_id, first.stamp()));
    for said in &TO_REVIEW[1..] {
        stage.says(*said).await;
        let record = last(&stage);
        assert_eq!((record.origin(), record.last_turn()), (first.origin(), record.stamp()), "{said}");
    }
    stage.engine.operator(by()).force(stage.id, sent()).await.expect("a turn");
    assert_eq!(last(&stage).last_turn(), last(&stage).stamp(), "an operator's is one too");
    // The reminder, which is due in an hour.
    stage.works().await;
    stage.passes(1);
    let before = stage.store.writes();
    stage.works().await;
    let written = stage.store.written.lock().expect("a lock")[before].record.clone();
    assert_eq!(written.last_turn(), written.stamp(), "a timer's is one too");
}

#[tokio::test]
async fn a_session_that_begins_again_after_it_was_removed_has_another_origin() {
    let stage = Stage::new();
    stage.says("hi").await;
    let before = last(&stage);
    stage.engine.remove(stage.id).await.expect("a store");
    stage.says("hi").await;
    let after = last(&stage);
    assert_eq!(after.stamp().version, before.stamp().version);
    assert_ne!(after.origin(), before.origin());
}

#[tokio::test]
async fn deliveries_that_are_claimed_struck_off_and_put_off_are_no_turns() {
    let desk = Desk::default();
    let stage = Stage::with(desk.salon().retries(Retries::default().tries(2)));
    stage.says_all(&TO_REVIEW).await;
    stage.says("Yes").await;
    let turn = last(&stage).stamp();
    desk.refusals.store(2, std::sync::atomic::Ordering::SeqCst);
    for _ in 0..3 {
        stage.works().await;
        is_no_turn(&stage, turn);
        stage.clock.advance(Duration::from_secs(60));
    }
    assert_eq!(stage.engine.operator(by()).retry(stage.id).await.expect("an amendment"), 1);
    is_no_turn(&stage, turn);
    stage.works().await;
    is_no_turn(&stage, turn);
    stage.engine.signal(stage.id, BookingSignal::Booked).await.expect("a turn");
    assert_eq!(last(&stage).last_turn(), last(&stage).stamp());
}

#[tokio::test]
async fn the_notes_of_an_archive_are_no_turns() {
    let (stage, _shelf) = archiving(|salon| salon);
    stage.says_all(&["hi", "Book"]).await;
    let turn = last(&stage).stamp();
    stage.clock.advance(Duration::from_secs(60));
    stage.works().await;
    is_no_turn(&stage, turn);
}

#[tokio::test]
async fn a_timer_that_is_put_off_is_no_turn() {
    let stage = Stage::with(salon());
    stage.says("hi").await;
    stage.engine.operator(by()).force(stage.id, sent()).await.expect("a turn");
    stage.works().await;
    let turn = last(&stage).last_turn();
    stage.passes(1);
    // The turn of the reminder fails.
    stage.store.next_commit(crate::meddler::Meddling::Refuse(flow_core::StoreError::Refused("a row".into())));
    stage.works().await;
    is_no_turn(&stage, turn);
}
