//! Checkpoints and effects: stored with the turn, delivered after it, at least once, under one key.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use flow_core::{Backlog, Clock, EngineError, Expiry, Limits, OutcomeKind, Retries};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::{
    desk::{Desk, listed},
    flow::BookingSignal,
    meddler::Meddling,
    stage::{Stage, TO_REVIEW, by, ok, salon_alone},
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
    assert_eq!((desk.received_as_checkpoints().len(), stage.pending().await), (1, 1), "the mail has gone");
    stage.engine.signal(stage.id, BookingSignal::Booked).await.expect("a turn");
    stage.works().await;
    assert_eq!((desk.received_as_checkpoints().len(), stage.pending().await), (1, 2), "a second must pass first");
    stage.clock.advance(Duration::from_secs(1));
    stage.works().await;
    stage.clock.advance(Duration::from_secs(1));
    stage.works().await;
    assert_eq!(desk.received_as_checkpoints().len(), 2, "two seconds must pass now");
    stage.clock.advance(Duration::from_secs(1));
    stage.works().await;
    let thrice = "BOOK_SEND_LINK 8/0";
    let expected = listed(&[thrice, thrice, thrice, "BOOK_CONFIRMED 11/0"]);
    assert_eq!((desk.received_as_checkpoints(), stage.pending().await), (expected, 0));
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
    // Twice the deadlines of a hook and of the store; and a minute's lease. The effect had gone where it goes.
    for (seconds, received) in [(0, 0), (23, 0), (37, 1)] {
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
    let stage = Stage::with(Desk::default().salon().limits(Limits::default().undelivered(1)));
    stage.says_all(&TO_REVIEW).await;
    stage.says("Yes").await;
    let refused = stage.engine.signal(stage.id, BookingSignal::Booked).await;
    assert!(matches!(refused, Err(EngineError::Backlog { limit: 1 })), "{refused:?}");
    assert_eq!(stage.state().await, Some("BOOK_SEND_LINK"));
    stage.works().await;
    stage.engine.signal(stage.id, BookingSignal::Booked).await.expect("there is room again");
}

#[tokio::test]
async fn an_expiry_for_which_there_is_no_room_does_not_hold_up_what_would_make_room() {
    let (is_closed, told) = (Arc::new(AtomicBool::new(true)), Arc::new(AtomicU64::default()));
    let (desk, tells) = (Arc::clone(&is_closed), Arc::clone(&told));
    let salon = salon_alone().on_expired(move |_| {
        let is_closed = desk.load(Ordering::SeqCst);
        tells.fetch_add(u64::from(!is_closed), Ordering::SeqCst);
        std::future::ready(if is_closed { Err("the desk is closed") } else { Ok(()) })
    });
    let salon = salon.limits(Limits::default().undelivered(1));
    let stage = Stage::with(salon.expiry(Expiry::default().idle(Duration::from_secs(3600))));
    for _ in 0..2 {
        stage.says("hi").await;
        stage.passes(2);
        stage.works().await;
    }
    is_closed.store(false, Ordering::SeqCst);
    stage.passes(1);
    stage.works().await;
    assert_eq!(told.load(Ordering::SeqCst), 2, "the first, and then there is room for the second");
}

#[tokio::test]
async fn where_it_is_declared_the_oldest_beyond_the_bound_is_set_aside_and_the_turn_goes_on() {
    let desk = Desk::default();
    let salon = desk.salon().limits(Limits::default().undelivered(1)).backlog(Backlog::SetAside);
    let stage = Stage::with(salon);
    stage.says_all(&TO_REVIEW).await;
    let oldest = stage.says("Yes").await.checkpoints[0];
    stage.engine.signal(stage.id, BookingSignal::Booked).await.expect("a turn that goes on");
    let session = stage.engine.peek(stage.id).await.expect("readable").expect("there");
    let [undeliverable] = &session.set_aside()[..] else { panic!("one was set aside") };
    assert_eq!((undeliverable.key, undeliverable.kind.as_str()), (oldest, "checkpoint"));
    assert_eq!((session.pending(), stage.engine.stats().set_aside), (2, 1), "the newer checkpoint, and the effect");
    stage.works().await;
    assert_eq!(stage.engine.operator(by()).retry(stage.id).await.expect("an amendment"), 1);
    stage.works().await;
    assert_eq!(desk.received_as_checkpoints(), ["BOOK_CONFIRMED 9/0", "BOOK_SEND_LINK 8/0"], "nothing is lost");
}

#[tokio::test]
async fn what_is_set_aside_for_want_of_room_while_it_is_delivered_is_no_dead_letter() {
    let (desk, passes) = (Desk::default(), Arc::new(Semaphore::new(0)));
    let ends = Arc::clone(&passes);
    let slow = desk.salon().on_checkpoint(move |_| {
        let ends = Arc::clone(&ends);
        async move { ends.acquire().await.map(SemaphorePermit::forget) }
    });
    let stage = Stage::with(slow.limits(Limits::default().undelivered(1)).backlog(Backlog::SetAside));
    stage.says_all(&TO_REVIEW).await;
    stage.says("Yes").await;
    let worker = stage.engine.worker();
    let working = tokio::spawn(async move { worker.look().await });
    while desk.received().is_empty() {
        tokio::task::yield_now().await;
    }
    stage.engine.signal(stage.id, BookingSignal::Booked).await.expect("a turn that goes on");
    let set_aside = || async { stage.engine.peek(stage.id).await.expect("readable").expect("there").set_aside().len() };
    assert_eq!(set_aside().await, 1);
    passes.add_permits(2);
    working.await.expect("a task").expect("a look");
    assert_eq!(set_aside().await, 0, "it was delivered after all");
    assert_eq!(desk.received_as_checkpoints()[..1], ["BOOK_SEND_LINK 8/0"]);
}

#[tokio::test]
async fn what_fails_too_often_is_set_aside_with_its_error_and_the_next_is_delivered() {
    let desk = Desk::default();
    desk.refusals.store(3, Ordering::SeqCst);
    let stage = Stage::with(desk.salon().retries(Retries::default().tries(3)));
    stage.says_all(&TO_REVIEW).await;
    stage.says("Yes").await;
    stage.engine.signal(stage.id, BookingSignal::Booked).await.expect("a turn");
    for _ in 0..4 {
        stage.works().await;
        stage.clock.advance(Duration::from_secs(60));
    }
    let thrice = "BOOK_SEND_LINK 8/0";
    assert_eq!(desk.received_as_checkpoints(), [thrice, thrice, thrice, "BOOK_CONFIRMED 9/0"]);
    let session = stage.engine.peek(stage.id).await.expect("readable").expect("there");
    let [undeliverable] = &session.set_aside()[..] else { panic!("one was set aside") };
    assert_eq!((undeliverable.kind.as_str(), undeliverable.error.as_str()), ("checkpoint", "the desk is closed"));
    assert_eq!((session.pending(), stage.engine.stats().set_aside), (0, 1));

    assert_eq!(stage.engine.operator(by()).retry(stage.id).await.expect("an amendment"), 1);
    stage.works().await;
    assert_eq!(desk.received_as_checkpoints().len(), 5, "it was delivered in the end");
    assert_eq!(stage.engine.operator(by()).retry(stage.id).await.expect("an amendment"), 0);
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
    assert_eq!(stage.engine.operator(by()).dismiss(stage.id).await.expect("an amendment"), 1);
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
        assert_eq!((stage.pending().await, stage.engine.stats().undelivered), (1, 1));
    }
}
