//! Checkpoints and effects: stored with the turn, delivered after it, at least once, under one key.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use flow_core::{EngineBuilder, EngineError, Flow, Input, OutcomeKind};

use crate::{
    flow::Booking,
    meddler::Meddling,
    stage::{Stage, TO_REVIEW, ok, salon_alone},
};

/// What the hooks were given, and how often the checkpoints' refuses.
#[derive(Clone, Default)]
struct Desk {
    received: Arc<Mutex<Vec<String>>>,
    refusals: Arc<AtomicUsize>,
}

impl Desk {
    fn salon(&self) -> EngineBuilder<Booking> {
        let (checkpoints, effects) = (self.clone(), self.clone());
        salon_alone()
            .on_checkpoint(move |checkpoint| {
                let desk = checkpoints.clone();
                async move {
                    let (key, name) = (checkpoint.key, checkpoint.state.name());
                    desk.received.lock().expect("a lock").push(format!("{name} {}/{}", key.version, key.index));
                    let left = desk.refusals.load(Ordering::SeqCst);
                    desk.refusals.store(left.saturating_sub(1), Ordering::SeqCst);
                    if left > 0 { Err("the desk is closed") } else { Ok(()) }
                }
            })
            .on_effect(move |effect| {
                let received = format!("{} {}/{}", effect.kind, effect.key.version, effect.key.index);
                effects.received.lock().expect("a lock").push(received);
                ok()
            })
    }

    fn received(&self) -> Vec<String> {
        self.received.lock().expect("a lock").clone()
    }
}

async fn pending(stage: &Stage<Booking>) -> usize {
    stage.engine.peek(stage.id).await.expect("readable").expect("there").pending()
}

#[tokio::test]
async fn what_was_delivered_leaves_the_record() {
    let desk = Desk::default();
    let stage = Stage::with(desk.salon());
    stage.says_all(&TO_REVIEW).await;
    let outcome = stage.says("Yes").await;
    assert_eq!(desk.received(), ["BOOK_SEND_LINK 8/0", "mail-link 8/1"]);
    assert_eq!(outcome.checkpoints.iter().map(|key| (key.version, key.index)).collect::<Vec<_>>(), [(8, 0)]);
    assert_eq!((pending(&stage).await, stage.store.last_written().wake_at), (0, None));
}

#[tokio::test]
async fn what_was_not_delivered_is_delivered_at_the_next_turn_under_the_same_key_and_in_order() {
    let desk = Desk::default();
    let stage = Stage::with(desk.salon());
    stage.says_all(&TO_REVIEW).await;
    desk.refusals.store(1, Ordering::SeqCst);
    stage.says("Yes").await;
    assert_eq!((desk.received().len(), pending(&stage).await), (1, 2));
    stage.engine.signal(stage.id, "calendar.booked", ()).await.expect("a turn");
    let expected = ["BOOK_SEND_LINK 8/0", "BOOK_SEND_LINK 8/0", "mail-link 8/1", "BOOK_CONFIRMED 9/0"];
    assert_eq!((desk.received(), pending(&stage).await), (expected.map(String::from).to_vec(), 0));
}

#[tokio::test]
async fn after_a_crash_before_the_delivery_the_repeat_delivers() {
    let desk = Desk::default();
    let stage = Stage::with(desk.salon());
    stage.says_all(&TO_REVIEW).await;
    desk.refusals.store(1, Ordering::SeqCst);
    stage.says(Input::text("Yes").id("wamid.7")).await;
    let restarted = stage.second(desk.salon());
    assert!(restarted.handle(stage.id, Input::text("Yes").id("wamid.7")).await.expect("a turn").is_repeat());
    assert_eq!((desk.received().len(), pending(&stage).await), (3, 0));
}

#[tokio::test]
async fn what_could_not_be_struck_off_is_delivered_again() {
    let desk = Desk::default();
    let stage = Stage::with(desk.salon());
    stage.says_all(&TO_REVIEW).await;
    // The turn's own commit passes; the one that strikes off does not.
    stage.store.next_commit(Meddling::Pass).next_commit(Meddling::Refuse(flow_core::StoreError::Full));
    stage.says("Yes").await;
    assert_eq!((desk.received().len(), pending(&stage).await), (2, 2));
    stage.says("hello?").await;
    let twice = ["BOOK_SEND_LINK 8/0", "mail-link 8/1"].repeat(2);
    assert_eq!((desk.received(), pending(&stage).await), (twice.into_iter().map(String::from).collect(), 0));
}

#[tokio::test]
async fn without_a_hook_for_checkpoints_none_pile_up() {
    let stage = Stage::with(salon_alone().on_effect(|_| ok()));
    stage.says_all(&TO_REVIEW).await;
    let outcome = stage.says("Yes").await;
    assert_eq!((outcome.checkpoints.len(), pending(&stage).await), (1, 0));
}

#[tokio::test]
async fn an_effect_that_nobody_would_deliver_is_refused() {
    let stage = Stage::with(salon_alone().on_checkpoint(|_| ok()));
    stage.says_all(&TO_REVIEW).await;
    let refused = stage.engine.handle(stage.id, "Yes").await;
    assert!(matches!(refused, Err(EngineError::NoEffectHook)), "{refused:?}");
    assert_eq!(stage.state().await, Some("BOOK_REVIEW"));
}

#[tokio::test]
async fn beyond_the_bound_of_what_is_undelivered_a_turn_is_refused() {
    let desk = Desk::default();
    desk.refusals.store(100, Ordering::SeqCst);
    let stage = Stage::with(desk.salon().pending_limit(2));
    stage.says_all(&TO_REVIEW).await;
    stage.says("Yes").await;
    let refused = stage.engine.signal(stage.id, "calendar.booked", ()).await;
    assert!(matches!(refused, Err(EngineError::Backlog { limit: 2 })), "{refused:?}");
    assert_eq!(stage.state().await, Some("BOOK_SEND_LINK"));
}

#[tokio::test(start_paused = true)]
async fn a_hook_that_panics_or_hangs_fails_no_turn() {
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
        assert_eq!((pending(&stage).await, stage.engine.stats().undelivered), (2, 1));
    }
}
