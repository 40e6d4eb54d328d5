//! A worker that delivers has the session's deliveries to itself until its claim ends: none is made twice at a time, and
//! none waits for ever for a worker that died.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use flow_core::{Engine, Retries, SessionId};
use tokio::{
    sync::{Notify, Semaphore, SemaphorePermit},
    task::JoinHandle,
};

use crate::{
    desk::{Desk, listed},
    flow::{Booking, BookingSignal},
    stage::{Stage, TO_REVIEW, by, ok, salon_alone},
};

#[tokio::test]
async fn what_its_process_never_comes_back_from_is_set_aside_in_the_end_and_the_rest_is_delivered() {
    let desk = Desk::default();
    let kills = desk
        .salon()
        .on_checkpoint(|_| std::future::pending::<Result<(), String>>())
        .retries(Retries::default().tries(3));
    let stage = Stage::with(kills);
    stage.says_all(&TO_REVIEW).await;
    stage.says("Yes").await;
    for _ in 0..3 {
        let killed = tokio::time::timeout(Duration::from_millis(50), stage.works()).await;
        assert!(killed.is_err(), "it was at it");
        stage.clock.advance(Duration::from_secs(31));
    }
    let comes_back = tokio::time::timeout(Duration::from_millis(500), stage.works()).await;
    assert!(comes_back.is_ok(), "it is not tried for ever");
    let session = stage.engine.peek(stage.id).await.expect("readable").expect("there");
    let kinds: Vec<_> = session.set_aside().into_iter().map(|undeliverable| undeliverable.kind).collect();
    assert_eq!((kinds, session.pending(), stage.engine.stats().set_aside), (listed(&["checkpoint"]), 0, 1));
    let mails = desk.received().into_iter().filter(|received| received == "mail-link 8/1");
    assert_eq!(mails.count(), 1, "another destination was not tried again");
}

#[tokio::test]
async fn one_that_kills_its_process_has_nothing_before_it_set_aside() {
    let kills = salon_alone().on_checkpoint(|_| ok()).on_effect(|_| std::future::pending::<Result<(), String>>());
    let stage = Stage::with(kills.retries(Retries::default().tries(3)));
    stage.says_all(&TO_REVIEW).await;
    stage.says("Yes").await;
    for _ in 0..6 {
        let _ = tokio::time::timeout(Duration::from_millis(50), stage.works()).await;
        stage.clock.advance(Duration::from_secs(31));
    }
    let session = stage.engine.peek(stage.id).await.expect("readable").expect("there");
    let kinds: Vec<_> = session.set_aside().into_iter().map(|undeliverable| undeliverable.kind).collect();
    assert_eq!((kinds, session.pending()), (listed(&["mail-link"]), 0));
}

/// A look that has begun to deliver.
async fn at_it(stage: &Stage<Booking>, engine: &Engine<Booking>) -> JoinHandle<()> {
    let (writes, worker) = (stage.store.writes(), engine.worker());
    let look = tokio::spawn(async move { drop(worker.look().await) });
    while stage.store.writes() == writes {
        tokio::task::yield_now().await;
    }
    look
}

#[tokio::test]
async fn what_is_retried_while_a_delivery_is_under_way_waits_for_its_end() {
    let desk = Desk::default();
    let hangs = salon_alone().on_effect(|_| ok()).on_checkpoint(|_| std::future::pending::<Result<(), String>>());
    let stage = Stage::with(hangs);
    let other = stage.second(desk.salon().retries(Retries::default().tries(1)));
    desk.refusals.store(1, Ordering::SeqCst);
    stage.says_all(&TO_REVIEW).await;
    stage.says("Yes").await;
    other.worker().look().await.expect("a look");
    stage.engine.signal(stage.id, BookingSignal::Booked).await.expect("a turn");
    let killed = at_it(&stage, &stage.engine).await;
    assert_eq!(other.operator(by()).retry(stage.id).await.expect("an amendment"), 1);
    other.worker().look().await.expect("a look");
    assert_eq!(desk.received().len(), 2, "somebody is at it");
    killed.abort();
    stage.clock.advance(Duration::from_secs(31));
    stage.second(desk.salon()).worker().look().await.expect("a look");
    assert_eq!(desk.received()[2..], ["BOOK_CONFIRMED 11/0", "BOOK_SEND_LINK 8/0"]);
}

#[tokio::test]
async fn who_comes_back_late_does_not_end_the_claim_of_who_followed() {
    let desk = Desk::default();
    let waits_for = |passes: &Arc<Semaphore>| {
        let passes = Arc::clone(passes);
        desk.salon().on_checkpoint(move |_| {
            let passes = Arc::clone(&passes);
            async move { passes.acquire().await.map(SemaphorePermit::forget) }
        })
    };
    let passes = [Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0))];
    let stage = Stage::with(waits_for(&passes[0]));
    let follower = stage.second(waits_for(&passes[1]));
    stage.says_all(&TO_REVIEW).await;
    stage.says("Yes").await;
    let late = at_it(&stage, &stage.engine).await;
    stage.clock.advance(Duration::from_secs(31));
    let following = at_it(&stage, &follower).await;
    stage.engine.signal(stage.id, BookingSignal::Booked).await.expect("a turn");
    passes[0].add_permits(100);
    late.await.expect("a task");
    let checkpoint = "BOOK_SEND_LINK 8/0";
    assert_eq!(desk.received(), [checkpoint, "mail-link 8/1", checkpoint], "what came later waits for who is at it");
    passes[1].add_permits(100);
    following.await.expect("a task");
    assert_eq!((desk.received().last().map(String::as_str), stage.pending().await), (Some("BOOK_CONFIRMED 12/0"), 0));
}

#[tokio::test]
async fn what_has_waited_too_long_for_a_worker_is_left_to_who_follows() {
    let desk = Desk::default();
    let (begun, passes) = (Arc::new(Notify::new()), Arc::new(Semaphore::new(0)));
    let (notify, ends) = (Arc::clone(&begun), Arc::clone(&passes));
    let slow = desk.salon().on_checkpoint(move |_| {
        let (notify, ends) = (Arc::clone(&notify), Arc::clone(&ends));
        async move {
            notify.notify_one();
            ends.acquire().await.map(SemaphorePermit::forget)
        }
    });
    let stage = Stage::with(slow);
    let waits = SessionId::random();
    for said in TO_REVIEW {
        stage.says(said).await;
        let said = if said == "Mon 10:00" { "Tue 14:30" } else { said };
        stage.engine.handle(waits, said).await.expect("a turn");
    }
    let worker = stage.engine.worker().at_once(1).pause(Duration::from_secs(3600)).start();
    tokio::task::yield_now().await;
    stage.says("Yes").await;
    begun.notified().await;
    stage.engine.handle(waits, "Yes").await.expect("a turn");
    stage.clock.advance(Duration::from_secs(31));
    stage.second(Desk::default().salon()).worker().look().await.expect("a look");
    passes.add_permits(100);
    assert!(stage.engine.shutdown(Duration::from_secs(1)).await.is_complete());
    worker.await.expect("a task");
    assert_eq!(desk.received(), ["BOOK_SEND_LINK 8/0", "mail-link 8/1"], "the one's alone, not of who waited");
}
