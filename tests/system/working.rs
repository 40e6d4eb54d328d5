//! Workers that run: at once for their own process, soon for others, gracefully to the end.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use flow_core::{Deadlines, EngineBuilder, Expiry, SessionId, Worker};
use tokio::{
    sync::Semaphore,
    time::{Instant, timeout},
};

use crate::{
    flow::Booking,
    pizza::{Pizza, Pizzeria},
    stage::{Stage, TO_REVIEW, by, ok, salon_alone, sent},
};

/// A desk whose deliveries wait until they are let pass.
#[derive(Clone)]
struct Desk {
    begun: Arc<AtomicUsize>,
    passes: Arc<Semaphore>,
}

impl Desk {
    fn open() -> Self {
        Self { begun: Arc::default(), passes: Arc::new(Semaphore::new(1_000)) }
    }

    fn shut() -> Self {
        Self { begun: Arc::default(), passes: Arc::new(Semaphore::new(0)) }
    }

    fn salon(&self) -> EngineBuilder<Booking> {
        let desk = self.clone();
        salon_alone().on_effect(|_| ok()).on_checkpoint(move |_| {
            let desk = desk.clone();
            async move {
                desk.begun.fetch_add(1, Ordering::SeqCst);
                desk.passes.acquire().await.map(tokio::sync::SemaphorePermit::forget)
            }
        })
    }

    /// Waits until a delivery has begun.
    async fn is_busy(&self) {
        while self.begun.load(Ordering::SeqCst) == 0 {
            tokio::task::yield_now().await;
        }
    }
}

async fn nothing_is_pending(stage: &Stage<Booking>) {
    while stage.pending().await > 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_turn_leaves_its_own_process_delivers_at_once() {
    let stage = Stage::with(Desk::open().salon());
    // A worker that hardly ever looks.
    stage.engine.worker().pause(Duration::from_secs(3600)).start();
    tokio::task::yield_now().await;
    stage.says_all(&TO_REVIEW).await;
    let began = Instant::now();
    let outcome = stage.says("Yes").await;
    nothing_is_pending(&stage).await;
    assert!(began.elapsed() < Duration::from_secs(1));
    // The claim was in the turn's own commit: one more strikes off.
    let session = stage.engine.peek(stage.id).await.expect("readable").expect("there");
    assert_eq!(session.stamp().version, outcome.version + 1);
    assert_eq!(stage.engine.stats().woken, 0, "nobody had to look");
}

#[tokio::test(start_paused = true)]
async fn a_second_worker_of_a_process_works_beside_the_one_that_takes_from_its_turns() {
    let stage = Stage::with(Desk::open().salon());
    let workers = [stage.engine.worker().start(), stage.engine.worker().start()];
    tokio::task::yield_now().await;
    stage.says_all(&TO_REVIEW).await;
    stage.says("Yes").await;
    nothing_is_pending(&stage).await;
    assert!(stage.engine.shutdown(Duration::from_secs(5)).await.is_complete());
    for worker in workers {
        worker.await.expect("it has ended");
    }
    assert_eq!(stage.engine.stats().delivered, 2);
}

#[tokio::test(start_paused = true)]
async fn what_another_process_leaves_is_delivered_after_a_look() {
    let stage = Stage::with(Desk::open().salon());
    stage.says_all(&TO_REVIEW).await;
    stage.says("Yes").await;
    let other = stage.second(Desk::open().salon());
    other.worker().start();
    nothing_is_pending(&stage).await;
    assert_eq!((other.stats().delivered, stage.engine.stats().delivered), (2, 0));
}

#[tokio::test(start_paused = true)]
async fn shutdown_brings_to_an_end_what_a_worker_has_begun() {
    let desk = Desk::shut();
    let stage = Stage::with(desk.salon());
    let worker = stage.engine.worker().start();
    tokio::task::yield_now().await;
    stage.says_all(&TO_REVIEW).await;
    stage.says("Yes").await;
    desk.is_busy().await;
    let engine = stage.engine.clone();
    let shutdown = tokio::spawn(async move { engine.shutdown(Duration::from_secs(5)).await });
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(!shutdown.is_finished(), "it waits");
    desk.passes.add_permits(1);
    assert!(shutdown.await.expect("a task").is_complete(), "all was done");
    worker.await.expect("the worker has ended");
    assert_eq!(stage.pending().await, 0);
}

#[tokio::test(start_paused = true)]
async fn shutdown_waits_no_longer_than_its_patience_and_another_takes_over() {
    let (desk, other) = (Desk::shut(), Desk::open());
    let stage = Stage::with(desk.salon());
    stage.engine.worker().start();
    tokio::task::yield_now().await;
    stage.says_all(&TO_REVIEW).await;
    stage.says("Yes").await;
    desk.is_busy().await;
    assert!(!stage.engine.shutdown(Duration::from_secs(1)).await.is_complete());
    let second = stage.second(other.salon());
    stage.clock.advance(Duration::from_secs(24));
    second.worker().look().await.expect("a look");
    assert_eq!((other.begun.load(Ordering::SeqCst), stage.pending().await), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_worker_outlives_an_outage_of_its_store() {
    let stage = Stage::with(Desk::open().salon());
    stage.says_all(&TO_REVIEW).await;
    stage.says("Yes").await;
    stage.store.is_away(true);
    stage.engine.worker().start();
    tokio::time::sleep(Duration::from_secs(60)).await;
    stage.store.is_away(false);
    timeout(Duration::from_secs(10), async {
        while stage.engine.stats().delivered < 2 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await
    .expect("it looks again");
}

#[tokio::test(start_paused = true)]
async fn no_more_is_worked_on_at_once_than_is_wished() {
    let desk = Desk::shut();
    let stage = Stage::with(desk.salon().deadlines(Deadlines::default().hook(Duration::from_secs(3600))));
    for _ in 0..10 {
        let id = SessionId::random();
        for said in TO_REVIEW {
            stage.engine.handle(id, said).await.expect("a turn");
        }
        // The visitors that came late have no slot and no link: all of them go back to a slot that is free.
        stage.engine.operator(by()).force(id, sent()).await.expect("moved");
    }
    let few: Worker<Booking> = stage.engine.worker().at_once(3);
    let working = tokio::spawn(few.run());
    tokio::time::sleep(Duration::from_secs(30)).await;
    assert_eq!(desk.begun.load(Ordering::SeqCst), 3);
    desk.passes.add_permits(10);
    // What found no place is asked for again a little later.
    stage.clock.advance(Duration::from_secs(30));
    tokio::time::sleep(Duration::from_secs(30)).await;
    assert_eq!((desk.begun.load(Ordering::SeqCst), working.is_finished()), (10, false));
}

#[tokio::test]
async fn the_workers_of_two_flows_over_one_store_leave_each_other_what_is_theirs() {
    let stage = Stage::new();
    stage.says_all(&TO_REVIEW).await;
    stage.says("Yes").await;
    let pizzeria =
        Pizza::engine(Pizzeria).expiry(Expiry::default().idle(Duration::from_secs(3_600))).on_expired(|_| ok());
    let pizzeria = pizzeria.clock(stage.clock.clone()).store(Arc::clone(&stage.store));
    let guest = SessionId::random();
    pizzeria.handle(guest, "hi").await.expect("a turn");
    stage.passes(2);
    let pending = stage.pending().await;
    assert_eq!(pizzeria.worker().look().await.expect("what is due"), 1);
    assert_eq!((pizzeria.stats().lapsed, stage.pending().await), (1, pending));
    // Nothing is kept from the salon's own worker, not even for the time of a lease.
    assert_eq!(stage.engine.worker().look().await.expect("what is due"), 1);
    assert_eq!((stage.pending().await, stage.engine.stats().delivered), (0, pending as u64));
    assert_eq!(pizzeria.stats().woken, 1);
}
