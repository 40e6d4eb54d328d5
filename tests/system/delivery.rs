//! Checkpoints and effects: stored with the turn, delivered after it, at least once, under one key.

use std::{sync::atomic::Ordering, time::Duration};

use flow_core::{Clock, EngineError, Expiry, Limits, OutcomeKind, Retries};

use crate::{
    desk::{Desk, listed},
    flow::BookingSignal,
    meddler::Meddling,
    stage::{Stage, TO_REVIEW, ok, salon_alone},
};

#[tokio::test]
async fn a_turn_does_not_wait_and_what_was_delivered_leaves_the_record() {
    let desk = Desk::default();
    let stage = Stage::with(desk.salon());
    stage.says_all(&TO_REVIEW).await;
    let outcome = stage.says("Yes").await;
    assert_eq!(outcome.checkpoints.iter().map(|key| (key.stamp.version, key.index)).collect::<Vec<_>>(), [(8, 0)]);
    assert_eq!((desk.received(), stage.pending().await), (vec![], 2));
    stage.works().await;
    assert_eq!(desk.received(), ["BOOK_SEND_LINK 8/0", "mail-link 8/1"]);
    // What wakes the session now is its reminder.
    let reminder = stage.clock.now() + Duration::from_secs(3600);
    assert_eq!((stage.pending().await, stage.store.last_written().wake_at), (0, Some(reminder)));
}

#[tokio::test]
async fn what_was_not_delivered_is_tried_again_later_under_the_same_key_and_in_order() {
    let desk = Desk::default();
    let stage = Stage::with(desk.salon());
    stage.says_all(&TO_REVIEW).await;
    desk.refusals.store(2, Ordering::SeqCst);
    stage.says("Yes").await;
    stage.works().await;
    assert_eq!((desk.received().len(), stage.pending().await), (1, 2));
    stage.engine.signal(stage.id, BookingSignal::Booked).await.expect("a turn");
    stage.works().await;
    assert_eq!((desk.received().len(), stage.pending().await), (1, 3), "a second must pass first");
    stage.clock.advance(Duration::from_secs(1));
    stage.works().await;
    stage.clock.advance(Duration::from_secs(1));
    stage.works().await;
    assert_eq!(desk.received().len(), 2, "two seconds must pass now");
    stage.clock.advance(Duration::from_secs(1));
    stage.works().await;
    let thrice = "BOOK_SEND_LINK 8/0";
    let expected = listed(&[thrice, thrice, thrice, "mail-link 8/1", "BOOK_CONFIRMED 11/0"]);
    assert_eq!((desk.received(), stage.pending().await), (expected, 0));
}

#[tokio::test]
async fn who_was_killed_while_delivering_is_followed_by_another_when_the_claim_ends() {
    let desk = Desk::default();
    let hangs = salon_alone().on_effect(|_| ok()).on_checkpoint(|_| std::future::pending::<Result<(), String>>());
    let stage = Stage::with(hangs);
    stage.says_all(&TO_REVIEW).await;
    stage.says("Yes").await;
    let killed = tokio::time::timeout(Duration::from_millis(50), stage.works()).await;
    assert!(killed.is_err(), "it was at it");
    let other = stage.second(desk.salon());
    // Twice the deadlines of a hook and of the store; and a minute's lease.
    for (seconds, received) in [(0, 0), (23, 0), (37, 2)] {
        stage.clock.advance(Duration::from_secs(seconds));
        other.worker().look().await.expect("a look");
        assert_eq!(desk.received().len(), received, "after {seconds} s more");
    }
}

#[tokio::test]
async fn what_could_not_be_struck_off_is_delivered_again() {
    let desk = Desk::default();
    let stage = Stage::with(desk.salon());
    stage.says_all(&TO_REVIEW).await;
    stage.says("Yes").await;
    // The claim passes; the commit that strikes off does not.
    stage.store.next_commit(Meddling::Pass).next_commit(Meddling::Refuse(flow_core::StoreError::Full));
    stage.works().await;
    assert_eq!((desk.received().len(), stage.pending().await), (2, 2));
    stage.clock.advance(Duration::from_secs(60));
    stage.works().await;
    let twice = ["BOOK_SEND_LINK 8/0", "mail-link 8/1"].repeat(2);
    assert_eq!((desk.received(), stage.pending().await), (listed(&twice), 0));
}

#[tokio::test]
async fn without_a_hook_for_checkpoints_none_pile_up() {
    let stage = Stage::with(salon_alone().on_effect(|_| ok()));
    stage.says_all(&TO_REVIEW).await;
    let outcome = stage.says("Yes").await;
    assert_eq!((outcome.checkpoints.len(), stage.pending().await), (1, 1), "the effect alone");
}

#[tokio::test]
async fn an_effect_needs_no_hook_since_the_handler_delivers_it() {
    let stage = Stage::with(salon_alone());
    stage.says_all(&TO_REVIEW).await;
    stage.says("Yes").await;
    assert_eq!((stage.pending().await, stage.engine.stats().delivered), (1, 0));
    stage.works().await;
    assert_eq!((stage.pending().await, stage.engine.stats().delivered), (0, 1));
}

#[tokio::test]
async fn beyond_the_bound_of_what_is_undelivered_a_turn_is_refused() {
    let stage = Stage::with(Desk::default().salon().limits(Limits::default().undelivered(2)));
    stage.says_all(&TO_REVIEW).await;
    stage.says("Yes").await;
    let refused = stage.engine.signal(stage.id, BookingSignal::Booked).await;
    assert!(matches!(refused, Err(EngineError::Backlog { limit: 2 })), "{refused:?}");
    assert_eq!(stage.state().await, Some("BOOK_SEND_LINK"));
    stage.works().await;
    stage.engine.signal(stage.id, BookingSignal::Booked).await.expect("there is room again");
}

#[tokio::test]
async fn what_fails_too_often_is_set_aside_with_its_error_and_the_next_is_delivered() {
    let desk = Desk::default();
    desk.refusals.store(3, Ordering::SeqCst);
    let stage = Stage::with(desk.salon().retries(Retries::default().tries(3)));
    stage.says_all(&TO_REVIEW).await;
    stage.says("Yes").await;
    for _ in 0..4 {
        stage.works().await;
        stage.clock.advance(Duration::from_secs(60));
    }
    let thrice = "BOOK_SEND_LINK 8/0";
    assert_eq!(desk.received(), [thrice, thrice, thrice, "mail-link 8/1"]);
    let session = stage.engine.peek(stage.id).await.expect("readable").expect("there");
    let [undeliverable] = &session.set_aside()[..] else { panic!("one was set aside") };
    assert_eq!((undeliverable.kind.as_str(), undeliverable.error.as_str()), ("checkpoint", "the desk is closed"));
    assert_eq!((session.pending(), stage.engine.stats().set_aside), (0, 1));

    assert_eq!(stage.engine.retry(stage.id).await.expect("an amendment"), 1);
    stage.works().await;
    assert_eq!(desk.received().len(), 5, "it was delivered in the end");
    assert_eq!(stage.engine.retry(stage.id).await.expect("an amendment"), 0);
}

#[tokio::test]
async fn what_is_set_aside_is_not_forgotten_with_the_session_until_it_is_dismissed() {
    let desk = Desk::default();
    desk.refusals.store(1, Ordering::SeqCst);
    let stage = Stage::with(
        desk.salon().retries(Retries::default().tries(1)).expiry(Expiry::default().idle(Duration::from_secs(3600))),
    );
    stage.says_all(&TO_REVIEW).await;
    stage.says("Yes").await;
    stage.works().await;
    assert_eq!(stage.store.last_written().time_to_live, None);
    assert_eq!(stage.engine.dismiss(stage.id).await.expect("an amendment"), 1);
    assert_eq!(stage.store.last_written().time_to_live, None, "there is a reminder yet");
    stage.passes(1);
    stage.works().await;
    assert_eq!(stage.store.last_written().time_to_live, Some(Duration::from_secs(3600)), "the grace");
}

#[tokio::test(start_paused = true)]
async fn a_hook_that_panics_or_hangs_fails_no_turn_and_no_worker() {
    let panics = salon_alone().on_effect(|_| ok()).on_checkpoint(|_| async {
        assert!(std::hint::black_box(false), "a hook that breaks");
        ok().await
    });
    let hangs = salon_alone().on_effect(|_| ok()).on_checkpoint(|_| std::future::pending::<Result<(), String>>());
    for builder in [panics, hangs] {
        let stage = Stage::with(builder);
        stage.says_all(&TO_REVIEW).await;
        let outcome = stage.says("Yes").await;
        assert!(matches!(outcome.kind, OutcomeKind::Taken));
        stage.works().await;
        assert_eq!((stage.pending().await, stage.engine.stats().undelivered), (2, 1));
    }
}
