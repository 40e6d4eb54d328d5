//! A full store refuses, and gives nothing up.

use flow_core::{SessionId, Store, StoreError, store::Quarantine as _};
use flow_memory::{MemoryStore, Usage};
use flow_testkit::ManualClock;
use uuid::Uuid;

use crate::writes::{MINUTE, create, fill, follow, for_a_minute, write};

fn room_for(sessions: usize, bytes: usize) -> MemoryStore {
    MemoryStore::builder().max_sessions(sessions).max_bytes(bytes).build()
}

#[tokio::test]
async fn a_store_with_all_its_sessions_takes_no_other_and_gives_up_none() {
    let store = room_for(2, 10_000);
    let (one, two) = (fill(&store).await, fill(&store).await);
    let refused = SessionId::random();
    assert!(matches!(write(&store, create(refused, 100)).await, Err(StoreError::Full)));
    assert_eq!(store.load(refused, 0).await.expect("a load").record, None);
    for (id, record) in [one, two] {
        assert_eq!(store.load(id, 0).await.expect("a load").record, Some(record));
    }
    assert_eq!(store.usage(), Usage { sessions: 2, bytes: 200 });
}

#[tokio::test]
async fn a_store_with_all_its_bytes_takes_no_other_and_no_longer_record() {
    let store = room_for(10, 250);
    let (id, record) = fill(&store).await;
    fill(&store).await;
    assert!(matches!(write(&store, create(SessionId::random(), 100)).await, Err(StoreError::Full)));
    assert!(matches!(write(&store, follow(id, &record, 151)).await, Err(StoreError::Full)));
    assert_eq!(store.load(id, 0).await.expect("a load").record, Some(record.clone()));
    write(&store, follow(id, &record, 150)).await.expect("the last 50 bytes");
    assert_eq!(store.usage(), Usage { sessions: 2, bytes: 250 });
}

#[tokio::test]
async fn a_full_store_still_takes_the_next_record_of_a_session_it_has() {
    let store = room_for(1, 100);
    let (id, record) = fill(&store).await;
    let record = write(&store, follow(id, &record, 100)).await.expect("one of the same length");
    write(&store, follow(id, &record, 90)).await.expect("a shorter one");
    assert_eq!(store.usage(), Usage { sessions: 1, bytes: 90 });
}

#[tokio::test]
async fn a_removed_session_leaves_its_room_to_another() {
    let store = room_for(1, 100);
    let (id, _) = fill(&store).await;
    assert!(store.remove(id).await.expect("a removal"));
    assert_eq!(store.usage(), Usage::default());
    fill(&store).await;
}

#[tokio::test]
async fn what_has_expired_makes_room_for_what_lives() {
    let clock = ManualClock::new();
    let store = MemoryStore::builder().max_sessions(1_000).clock(clock.clone()).build();
    for _ in 0..1_000 {
        write(&store, for_a_minute(create(SessionId::random(), 100))).await.expect("room");
    }
    assert!(matches!(write(&store, create(SessionId::random(), 100)).await, Err(StoreError::Full)));
    clock.advance(MINUTE);
    for _ in 0..1_000 {
        fill(&store).await;
    }
    assert_eq!(store.usage().sessions, 1_000);
}

#[tokio::test]
async fn one_long_record_gets_the_room_of_many_expired_ones() {
    let clock = ManualClock::new();
    let store = MemoryStore::builder().max_bytes(1_000_000).clock(clock.clone()).build();
    for _ in 0..10_000 {
        write(&store, for_a_minute(create(SessionId::random(), 100))).await.expect("room");
    }
    clock.advance(MINUTE);
    write(&store, create(SessionId::random(), 1_000_000)).await.expect("all the room there is");
    assert_eq!(store.usage(), Usage { sessions: 1, bytes: 1_000_000 });
}

#[tokio::test]
async fn a_record_longer_than_the_whole_store_is_refused_for_good() {
    let store = room_for(10, 100);
    let refused = write(&store, create(SessionId::random(), 101)).await;
    assert!(matches!(refused, Err(StoreError::Refused(_))));
    assert_eq!(store.usage(), Usage::default());
}

#[tokio::test]
async fn a_conflict_or_a_repeat_needs_no_room() {
    let store = room_for(1, 100);
    let id = SessionId::random();
    let creation = create(id, 100);
    store.commit(creation.clone()).await.expect("room");
    store.commit(creation).await.expect("a repeat");
    store.commit(create(id, 100)).await.expect("a conflict");
    assert_eq!(store.usage(), Usage { sessions: 1, bytes: 100 });
}

#[tokio::test]
async fn a_page_of_no_sessions_is_refused() {
    assert!(matches!(MemoryStore::new().browse(None, 0).await, Err(StoreError::Refused(_))));
}

#[tokio::test]
async fn what_is_in_quarantine_takes_its_room_until_its_time_is_over() {
    let clock = ManualClock::new();
    let store = MemoryStore::builder().max_bytes(250).clock(clock.clone()).build();
    for _ in 0..2 {
        let (id, _) = fill(&store).await;
        let raw = store.raw(id).await.expect("a store").expect("a session");
        assert!(store.put(id, &raw, Uuid::new_v4(), MINUTE).await.expect("a store"));
    }
    assert_eq!(store.usage(), Usage { sessions: 0, bytes: 200 });
    assert!(matches!(write(&store, create(SessionId::random(), 100)).await, Err(StoreError::Full)));
    clock.advance(MINUTE);
    fill(&store).await;
    assert_eq!(store.usage(), Usage { sessions: 1, bytes: 100 }, "it was forgotten without being asked for");
}
