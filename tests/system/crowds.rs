//! Ten thousand turns at once, on a server that is slow.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use flow_core::{Busy, Deadlines, Engine, EngineError, Limits, SessionId};
use flow_proving::{Fault, FaultProxy, RedisServer};
use flow_redis::RedisStore;
use tokio::task::JoinSet;

use crate::{flow::Booking, stage::salon};

const CROWD: usize = 10_000;

/// What came of the first message of each visitor: how many turns were taken, and how many were turned away, and when the last
/// of these heard so.
async fn everybody_speaks(engine: &Engine<Booking>) -> (usize, usize, Duration) {
    let (mut turns, began) = (JoinSet::new(), Instant::now());
    for _ in 0..CROWD {
        let engine = engine.clone();
        turns.spawn(async move { (engine.handle(SessionId::random(), "hi").await, Instant::now()) });
    }
    let (mut taken, mut refused, mut last) = (0, 0, began);
    while let Some(turn) = turns.join_next().await {
        match turn.expect("no panic") {
            (Ok(_), _) => taken += 1,
            (Err(EngineError::Busy(Busy::Crowded { .. })), at) => {
                refused += 1;
                last = last.max(at);
            }
            (Err(error), _) => panic!("{error:?}"),
        }
    }
    (taken, refused, last - began)
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_turns_at_once_on_a_slow_server_are_taken_or_busy_at_once() {
    let server = RedisServer::start();
    let proxy = FaultProxy::before(([127, 0, 0, 1], server.port()).into()).await.expect("a proxy");
    let patience = Duration::from_secs(60);
    let store = RedisStore::builder(&format!("redis://{}", proxy.address())).call_deadline(patience).connect().await;
    let store = Arc::new(store.expect("a store"));
    proxy.set(Fault::Delay(Duration::from_millis(20)));
    let engine = |turns| {
        salon()
            .limits(Limits::default().turns_at_once(turns).turns_waiting(0))
            .deadlines(Deadlines::default().store(patience))
            .store(store.clone())
    };

    let (taken, refused, _) = everybody_speaks(&engine(CROWD)).await;
    assert_eq!((taken, refused), (CROWD, 0), "nobody starves");

    let small = engine(100);
    let (taken, refused, last) = everybody_speaks(&small).await;
    assert!(taken >= 100 && refused > CROWD / 2, "{taken} taken, {refused} refused");
    assert!(last < patience / 2, "{last:?}");
    assert_eq!((small.stats().in_flight, small.stats().busy), (0, refused as u64));
}
