//! Everything at once.

use std::{sync::Arc, time::Duration};

use flow_core::{
    Clock, SessionId, Store, StoreError,
    store::{Claim, Verdict},
};
use flow_memory::{MemoryStore, Usage};
use flow_testkit::ManualClock;
use tokio::task::JoinSet;

use crate::writes::{FLOW, create, follow, for_a_minute};

/// Writers, removers, claimers and browsers over a few sessions in a store that is nearly full, while time passes.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn mixed_traffic_neither_locks_up_nor_loses_count() {
    let clock = ManualClock::new();
    let store = Arc::new(MemoryStore::builder().max_sessions(20).max_bytes(4_000).clock(clock.clone()).build());
    let ids: Arc<[SessionId]> = (0..40).map(|_| SessionId::random()).collect();
    let mut tasks = JoinSet::new();
    for task in 0..8 {
        tasks.spawn(work(store.clone(), clock.clone(), ids.clone(), task));
    }
    let done = tokio::time::timeout(Duration::from_secs(60), tasks.join_all());
    done.await.expect("nobody waits for ever");
    assert_eq!(store.usage(), counted(&store, &clock, &ids).await);
    for id in ids.iter() {
        store.remove(*id).await.expect("a removal");
    }
    assert_eq!(store.usage(), Usage::default());
}

async fn work(store: Arc<MemoryStore>, clock: ManualClock, ids: Arc<[SessionId]>, task: usize) {
    for turn in 0..2_000 {
        let id = ids[(turn * 7 + task * 13) % ids.len()];
        match (turn + task) % 8 {
            0 => drop(store.remove(id).await.expect("a removal")),
            1 => drop(store.due(Claim::new(FLOW, Duration::from_millis(5), 3)).await.expect("a claim")),
            2 => drop(store.browse(None, 5).await.expect("a page")),
            3 => clock.advance(Duration::from_secs(1)),
            _ => write(&store, &clock, id, 100 + turn % 150).await,
        }
        assert!(store.usage().sessions <= 20 && store.usage().bytes <= 4_000);
        tokio::task::yield_now().await;
    }
}

async fn write(store: &MemoryStore, clock: &ManualClock, id: SessionId, length: usize) {
    let commit = match store.load(id, 0).await.expect("a load").record {
        Some(record) => follow(id, &record, length),
        None => create(id, length),
    };
    match store.commit(for_a_minute(commit).wake_at(clock.now())).await {
        Ok(Verdict::Done { .. } | Verdict::Conflict(_)) | Err(StoreError::Full) => {}
        Err(error) => panic!("{error:?}"),
    }
}

/// What is there when all that has expired is swept, because a claim looked at it.
async fn counted(store: &MemoryStore, clock: &ManualClock, ids: &[SessionId]) -> Usage {
    // The last lease is over.
    clock.advance(Duration::from_secs(1));
    store.due(Claim::new(FLOW, Duration::ZERO, usize::MAX)).await.expect("a claim");
    let mut counted = Usage::default();
    for id in ids {
        if let Some(record) = store.load(*id, 0).await.expect("a load").record {
            counted.sessions += 1;
            counted.bytes += record.bytes().len();
        }
    }
    counted
}
