//! A network that delays, stalls, cuts and loses what is said.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use flow_core::{SessionId, Store, StoreError, resilience::Resilient};
use flow_postgres::PostgresStore;
use flow_proving::{Fault, FaultProxy};
use tokio::task::JoinSet;

use crate::{
    server::{PATIENCE, SERVER, in_schema, own_schema},
    writes::{create, follow, write},
};

const DEADLINE: Duration = Duration::from_secs(1);

/// A store that reaches the shared server through a proxy, and one that reaches it without.
async fn apart() -> (FaultProxy, PostgresStore, PostgresStore) {
    let proxy = FaultProxy::before(([127, 0, 0, 1], SERVER.port()).into()).await.expect("a proxy");
    let (schema, place) = (own_schema(), format!("127.0.0.1:{}", SERVER.port()));
    let url = SERVER.url("postgres").replace(&place, &proxy.address().to_string());
    let beside = in_schema(&schema).connect().await.expect("a store");
    let through = PostgresStore::builder(&url).schema(&schema).connect_deadline(PATIENCE).call_deadline(DEADLINE);
    (proxy, through.connect().await.expect("a store"), beside)
}

/// Has the store make several connections, which then lie idle.
async fn spread(store: &PostgresStore) {
    let id = SessionId::random();
    let load = async || store.load(id, 0).await.expect("a load").record;
    let six = tokio::join!(load(), load(), load(), load(), load(), load());
    assert_eq!(six, (None, None, None, None, None, None));
}

#[tokio::test]
async fn a_connection_that_takes_longer_than_a_call_is_made_once_and_serves_the_next_calls() {
    let proxy = FaultProxy::before(([127, 0, 0, 1], SERVER.port()).into()).await.expect("a proxy");
    let (schema, place) = (own_schema(), format!("127.0.0.1:{}", SERVER.port()));
    let url = SERVER.url("postgres").replace(&place, &proxy.address().to_string());
    let builder = PostgresStore::builder(&url).schema(&schema).connect_deadline(PATIENCE);
    let store = builder.call_deadline(Duration::from_millis(1_500)).connect().await.expect("a store");
    proxy.set(Fault::Cut);
    store.load(SessionId::random(), 0).await.expect_err("the connections are gone");
    // A call alone has the time, and a call after the making of a connection has not.
    proxy.set(Fault::Delay(Duration::from_millis(300)));
    let mut calls = 0;
    while store.load(SessionId::random(), 0).await.is_err() {
        calls += 1;
        assert!(calls < 20, "the connection is begun anew with each call");
    }
    assert!(calls > 0, "the connection was as quick as a call");
}

#[tokio::test]
async fn stalled_connections_are_given_up_after_three_timeouts() {
    let (proxy, store, _) = apart().await;
    let id = SessionId::random();
    let record = write(&store, create(id)).await;
    spread(&store).await;
    let before = proxy.connections();
    assert!(before > 4, "{before} connections");
    proxy.stall_connections();
    for _ in 0..3 {
        let error = store.load(SessionId::random(), 0).await.expect_err("no answer");
        assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
        assert_eq!(proxy.connections(), before);
    }
    write(&store, follow(id, &record)).await;
    assert_eq!(proxy.connections(), before + 1);
}

#[tokio::test]
async fn calls_that_come_late_out_of_a_line_cost_no_connection() {
    const CONNECTIONS: usize = 2;
    let (proxy, _, _) = apart().await;
    let place = format!("127.0.0.1:{}", SERVER.port());
    let url = SERVER.url("postgres").replace(&place, &proxy.address().to_string());
    let builder = PostgresStore::builder(&url).schema(own_schema()).connections(CONNECTIONS);
    let builder = builder.connect_deadline(PATIENCE).call_deadline(DEADLINE);
    let store = Arc::new(builder.connect().await.expect("a store"));
    spread(&store).await;
    let before = proxy.connections();
    // More than the deadline has room for: 150 ms each, two at a time.
    proxy.set(Fault::Delay(Duration::from_millis(75)));
    let mut calls = JoinSet::new();
    for _ in 0..20 * CONNECTIONS {
        let store = Arc::clone(&store);
        calls.spawn(async move { store.load(SessionId::random(), 0).await.is_ok() });
    }
    let answers = calls.join_all().await;
    let answered = answers.iter().filter(|is_answered| **is_answered).count();
    assert!((1..answers.len()).contains(&answered), "{answered} were answered: some had to wait too long");
    proxy.set(Fault::Pass);
    spread(&store).await;
    assert_eq!(proxy.connections(), before);
}

#[tokio::test]
async fn reset_in_mid_command_is_a_doubt_and_applies_the_write_once() {
    let (proxy, store, beside) = apart().await;
    let id = SessionId::random();
    let first = write(&store, create(id)).await;
    // So that the server knows the statement, and it is the answer to the write that is lost.
    let record = write(&store, follow(id, &first)).await;
    let following = follow(id, &record);
    proxy.set(Fault::DropReplies(1));
    let error = store.commit(following.clone()).await.expect_err("the answer was lost");
    assert!(matches!(error, StoreError::Unknown(_)), "{error:?}");
    assert_eq!(beside.load(id, 0).await.expect("a load").record, Some(following.record.clone()));
    let record = write(&store, following).await;
    proxy.set(Fault::DropReplies(1));
    let patient = Resilient::over(store).deadline(PATIENCE);
    let record = write(&patient, follow(id, &record)).await;
    assert_eq!((proxy.fault(), beside.load(id, 0).await.expect("a load").record), (Fault::Pass, Some(record)));
}

#[tokio::test]
async fn answers_that_come_late_are_a_doubt_and_nothing_is_applied_twice() {
    let (proxy, store, beside) = apart().await;
    let id = SessionId::random();
    let first = write(&store, create(id)).await;
    let first = write(&store, follow(id, &first)).await;
    proxy.set(Fault::Delay(DEADLINE));
    let following = follow(id, &first);
    let error = store.commit(following.clone()).await.expect_err("late");
    assert!(matches!(error, StoreError::Unknown(_)), "{error:?}");
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
    let (began, following) = (Instant::now(), follow(id, &record));
    while store.commit(following.clone()).await.is_err() {
        assert!(began.elapsed() < PATIENCE);
    }
    assert_eq!(store.load(id, 0).await.expect("a load").record, Some(following.record));
}
