//! A network that delays, stalls, cuts and loses what is said.

use std::time::{Duration, Instant};

use chrono::Utc;
use flow_core::{
    Record, SessionId, Store, StoreError,
    store::{Claim, Commit, Expect},
};
use flow_proving::{Fault, FaultProxy};
use flow_redis::RedisStore;

use crate::{
    server::SERVER,
    writes::{FLOW, create, follow, write},
};

const DEADLINE: Duration = Duration::from_millis(300);

/// A store that reaches the shared server through a proxy, and one that reaches it without.
async fn apart() -> (FaultProxy, RedisStore, RedisStore) {
    let proxy = FaultProxy::before(([127, 0, 0, 1], SERVER.port()).into()).await.expect("a proxy");
    let prefix = format!("network:{}", SessionId::random());
    let at = |url: &str| RedisStore::builder(url).prefix(prefix.as_str()).call_deadline(DEADLINE);
    let through = at(&format!("redis://{}", proxy.address())).connect().await.expect("a store");
    let beside = at(&SERVER.url()).call_deadline(Duration::from_secs(5)).connect().await.expect("a store");
    (proxy, through, beside)
}

#[tokio::test]
async fn stalled_connection_is_rebuilt_after_three_timeouts() {
    let (proxy, store, _) = apart().await;
    let id = SessionId::random();
    let record = write(&store, create(id)).await;
    proxy.stall_connections();
    for _ in 0..3 {
        let error = store.load(SessionId::random(), 0).await.expect_err("no answer");
        assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
        assert_eq!(proxy.connections(), 1);
    }
    write(&store, follow(id, &record)).await;
    assert_eq!(proxy.connections(), 2);
}

#[tokio::test]
async fn a_connection_that_takes_longer_than_a_call_is_made_once_and_serves_the_next_calls() {
    let proxy = FaultProxy::before(([127, 0, 0, 1], SERVER.port()).into()).await.expect("a proxy");
    let builder = RedisStore::builder(&format!("redis://{}", proxy.address())).call_deadline(DEADLINE);
    let store = builder.lazy().expect("a store");
    // A call is one exchange, and a connection several.
    proxy.set(Fault::Delay(DEADLINE / 3));
    let mut calls = 0;
    while store.load(SessionId::random(), 0).await.is_err() {
        calls += 1;
        assert!(calls < 20, "it is begun anew with each call");
    }
    assert!(calls > 0, "the connection was as quick as a call");
    assert_eq!(proxy.connections(), 1);
}

#[tokio::test]
async fn reset_in_mid_command_applies_the_write_once() {
    let (proxy, store, beside) = apart().await;
    let id = SessionId::random();
    let mut record = write(&store, create(id)).await;
    for _ in 0..5 {
        proxy.set(Fault::DropReplies(1));
        record = write(&store, follow(id, &record)).await;
        assert_eq!(proxy.fault(), Fault::Pass, "the answer was lost");
        assert_eq!(beside.load(id, 0).await.expect("a load").record, Some(record.clone()));
    }
    proxy.set(Fault::DropReplies(1));
    assert_eq!(store.load(id, 0).await.expect("a load").record, Some(record));
}

#[tokio::test]
async fn a_removal_whose_answer_was_lost_is_told_as_unknown() {
    let (proxy, store, beside) = apart().await;
    let id = SessionId::random();
    write(&store, create(id)).await;
    // So that the server knows the script, and the answer that is lost is not that it does not.
    assert!(!store.remove(SessionId::random()).await.expect("a removal"));
    proxy.set(Fault::DropReplies(1));
    let error = store.remove(id).await.expect_err("no answer");
    assert!(matches!(error, StoreError::Unknown(_)), "{error:?}");
    assert_eq!(beside.load(id, 0).await.expect("a load").record, None);
    assert!(!store.remove(id).await.expect("a removal"));
}

#[tokio::test]
async fn answers_that_come_late_are_a_doubt_and_nothing_is_applied_twice() {
    let (proxy, store, beside) = apart().await;
    let id = SessionId::random();
    let first = write(&store, create(id)).await;
    proxy.set(Fault::Delay(DEADLINE));
    let began = Instant::now();
    let following = follow(id, &first);
    let error = store.commit(following.clone()).await.expect_err("late");
    assert!(matches!(error, StoreError::Unknown(_)), "{error:?}");
    assert!(began.elapsed() < DEADLINE * 10, "{:?}", began.elapsed());
    proxy.set(Fault::Pass);
    // It may still be on its way, and the one that finds out about it may be first.
    let second = write(&beside, following.clone()).await;
    let third = write(&beside, follow(id, &second)).await;
    tokio::time::sleep(DEADLINE * 2).await;
    assert_eq!(beside.load(id, 0).await.expect("a load").record, Some(third));
}

#[tokio::test]
async fn a_network_that_was_cut_is_an_outage_until_it_is_mended() {
    let (proxy, store, _) = apart().await;
    let id = SessionId::random();
    let record = write(&store, create(id)).await;
    proxy.set(Fault::Cut);
    let error = store.load(id, 0).await.expect_err("no network");
    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
    proxy.set(Fault::Pass);
    write(&store, follow(id, &record)).await;
}

#[tokio::test]
async fn a_record_that_is_too_long_for_the_network_does_not_spoil_the_calls_behind_it() {
    let (proxy, store, beside) = apart().await;
    let id = SessionId::random();
    proxy.set(Fault::Throttle { bytes_per_second: 1 << 20 });
    let creation = create(id);
    let record = Record::compose(creation.record.stamp(), &vec![b'x'; 4 << 20]);
    let error =
        store.commit(Commit::new(creation.id, Expect::Absent, record, FLOW, "WELCOME")).await.expect_err("too slow");
    assert!(matches!(error, StoreError::Unknown(_)), "{error:?}");
    proxy.set(Fault::Pass);
    let other = SessionId::random();
    let mut stored = None;
    for _ in 0..20 {
        // Behind the long one, until that is through or given up.
        if store.commit(create(other)).await.is_ok() || beside.load(other, 0).await.expect("a load").record.is_some() {
            stored = beside.load(other, 0).await.expect("a load").record;
            break;
        }
    }
    assert!(stored.is_some());
}

#[tokio::test]
async fn a_claim_whose_answer_was_lost_gives_no_session_to_two() {
    let (proxy, store, beside) = apart().await;
    let now = Utc::now();
    for _ in 0..20 {
        write(&beside, create(SessionId::random()).wake_at(now - Duration::from_secs(1))).await;
    }
    let claim = |limit| Claim::new(FLOW, Duration::from_secs(60), limit);
    assert_eq!(store.due(claim(5)).await.expect("due").ids.len(), 5);
    proxy.set(Fault::DropReplies(1));
    // The look is repeated; a claim would not be.
    let claimed = store.due(claim(5)).await.expect("due").ids;
    let others = beside.due(claim(100)).await.expect("due").ids;
    assert!(claimed.iter().all(|id| !others.contains(id)));
    assert_eq!(claimed.len() + others.len(), 15);
}
