//! What has expired is removed, whether or not it is asked for again.

use std::time::Duration;

use flow_core::{
    Clock, SessionId, Store,
    store::{Claim, Due},
};
use flow_memory::MemoryStore;
use flow_testkit::ManualClock;

use crate::writes::{FLOW, MINUTE, create, fill, for_a_minute, write};

#[tokio::test]
async fn sessions_that_come_and_expire_do_not_pile_up() {
    let clock = ManualClock::new();
    let store = MemoryStore::builder().clock(clock.clone()).build();
    let mut most = 0;
    for _ in 0..20_000 {
        write(&store, for_a_minute(create(SessionId::random(), 100))).await.expect("room");
        clock.advance(MINUTE / 1_000);
        most = most.max(store.usage().sessions);
    }
    // A thousand are alive at any time.
    assert!(most < 1_500, "{most} sessions at once");
}

#[tokio::test]
async fn a_commit_sweeps_a_few_and_not_all() {
    let clock = ManualClock::new();
    let store = MemoryStore::builder().clock(clock.clone()).build();
    for _ in 0..10_000 {
        write(&store, for_a_minute(create(SessionId::random(), 100))).await.expect("room");
    }
    clock.advance(MINUTE);
    fill(&store).await;
    assert_eq!(store.usage().sessions, 10_000 - 4 + 1);
}

#[tokio::test]
async fn what_has_expired_is_forgotten_though_nothing_new_is_written() {
    let clock = ManualClock::new();
    let store = MemoryStore::builder().clock(clock.clone()).build();
    for _ in 0..100 {
        write(&store, for_a_minute(create(SessionId::random(), 100))).await.expect("room");
    }
    let (staying, record) = fill(&store).await;
    clock.advance(MINUTE);
    // Whatever is asked, two that have expired go with each call.
    store.load(staying, 0).await.expect("a load");
    assert_eq!(store.usage().sessions, 99);
    store.browse(None, 10).await.expect("a page");
    store.remove(SessionId::random()).await.expect("a removal");
    store.due(Claim::new(FLOW, MINUTE, 10)).await.expect("a claim");
    assert_eq!(store.usage().sessions, 93);
    for _ in 0..46 {
        store.load(SessionId::random(), 0).await.expect("a load");
    }
    assert_eq!(store.usage().sessions, 1);
    assert_eq!(store.load(staying, 0).await.expect("a load").record, Some(record));
}

#[tokio::test]
async fn what_has_expired_and_would_be_due_goes_when_it_is_looked_at() {
    let clock = ManualClock::new();
    let store = MemoryStore::builder().clock(clock.clone()).build();
    for _ in 0..100 {
        let commit = for_a_minute(create(SessionId::random(), 100));
        write(&store, commit.wake_at(clock.now())).await.expect("room");
    }
    clock.advance(MINUTE);
    assert_eq!(
        store.due(Claim::new(FLOW, MINUTE, 10)).await.expect("a claim"),
        Due::new(vec![], clock.now()).forgotten(100)
    );
    assert_eq!(store.usage().sessions, 0);
}

#[tokio::test]
async fn a_clock_that_is_set_back_takes_nothing_away() {
    let clock = ManualClock::new();
    let store = MemoryStore::builder().clock(clock.clone()).build();
    let id = SessionId::random();
    let record = write(&store, for_a_minute(create(id, 100))).await.expect("room");
    clock.set(clock.now() - 60 * MINUTE);
    fill(&store).await;
    assert_eq!(store.load(id, 0).await.expect("a load").record, Some(record));
}

#[tokio::test]
async fn a_lease_may_be_no_time_or_all_time() {
    let clock = ManualClock::new();
    let store = MemoryStore::builder().clock(clock.clone()).build();
    let id = SessionId::random();
    write(&store, create(id, 100).wake_at(clock.now())).await.expect("room");
    for (lease, expected) in [(Duration::ZERO, vec![id]), (Duration::MAX, vec![id]), (MINUTE, vec![])] {
        assert_eq!(store.due(Claim::new(FLOW, lease, 10)).await.expect("a claim").ids, expected);
    }
}
