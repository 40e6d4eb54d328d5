//! What a listener hears when its server goes or stalls, and what telling costs those who write.

use std::time::{Duration, Instant};

use flow_core::{
    SessionId, Store,
    store::{Changed, Listener},
};
use flow_postgres::PostgresStore;
use flow_proving::{FaultProxy, PostgresServer};
use tokio::time::timeout;

use crate::{
    server::{SERVER, in_schema, own_schema},
    writes::{create, write},
};

/// More than anything takes here, on a machine that is busy with other things.
const AT_MOST: Duration = Duration::from_secs(30);

async fn listen(store: &PostgresStore) -> Box<dyn Listener> {
    store.changes().expect("a store that has it").listen().await.expect("a listener")
}

/// What is told next, past the reasons why nothing was heard.
async fn next(listener: &mut dyn Listener) -> Changed {
    let told = async {
        loop {
            if let Ok(changed) = listener.next().await {
                return changed;
            }
        }
    };
    timeout(AT_MOST, told).await.expect("something is heard")
}

/// Hears of this session, after what may have been missed.
async fn hears(listener: &mut dyn Listener, id: SessionId) {
    while next(listener).await != Changed::Session(id) {}
}

#[tokio::test]
async fn after_a_server_was_killed_and_started_something_may_have_been_missed_and_then_all_is_heard() {
    let mut server = PostgresServer::start();
    let builder = PostgresStore::builder(&server.url("postgres"));
    let store = builder.connect_deadline(AT_MOST).call_deadline(AT_MOST / 6).connect().await.expect("a store");
    let mut listener = listen(&store).await;
    server.kill();
    let told = timeout(AT_MOST, listener.next()).await.expect("that nothing is heard is told");
    assert!(told.expect_err("nothing is heard").is_outage());
    server.start_again();
    assert_eq!(next(&mut *listener).await, Changed::Perhaps);
    let (id, began) = (SessionId::random(), Instant::now());
    // The first may find its connection broken, or have been written all the same.
    while store.commit(create(id).told(true)).await.is_err() {
        assert!(began.elapsed() < AT_MOST, "the store is back by itself");
    }
    hears(&mut *listener, id).await;
}

#[tokio::test]
async fn a_connection_that_is_deaf_and_does_not_know_it_is_noticed() {
    let proxy = FaultProxy::before(([127, 0, 0, 1], SERVER.port()).into()).await.expect("a proxy");
    let schema = own_schema();
    let beside = in_schema(&schema).connect().await.expect("a store");
    let url = format!("postgres://flow:password@{}/postgres", proxy.address());
    let through = PostgresStore::builder(&url).schema(schema.as_str()).connect_deadline(Duration::from_secs(3));
    let through = through.call_deadline(Duration::from_secs(3)).connect().await.expect("a store");
    let mut listener = listen(&through).await;
    proxy.stall_connections();
    // The other connections of the store are given up after calls that have no answer.
    while through.load(SessionId::random(), 0).await.is_err() {}
    write(&beside, create(SessionId::random()).told(true)).await;
    assert_eq!(next(&mut *listener).await, Changed::Perhaps, "what was told meanwhile was not heard");
    let id = SessionId::random();
    write(&beside, create(id).told(true)).await;
    hears(&mut *listener, id).await;
}

#[tokio::test]
async fn what_could_not_be_told_at_once_is_told_when_the_server_answers_again() {
    let schema = own_schema();
    let proxy = FaultProxy::before(([127, 0, 0, 1], SERVER.port()).into()).await.expect("a proxy");
    let beside = in_schema(&schema).connect().await.expect("a store");
    let mut listener = listen(&beside).await;
    let url = format!("postgres://flow:password@{}/postgres", proxy.address());
    let through = PostgresStore::builder(&url).schema(schema.as_str()).connections(1).connect_deadline(AT_MOST);
    let through = through.call_deadline(AT_MOST).connect().await.expect("a store");
    let id = SessionId::random();
    write(&through, create(id).told(true)).await;
    // The one connection may be lost before or after it was told.
    proxy.set(flow_proving::Fault::Cut);
    tokio::time::sleep(Duration::from_millis(300)).await;
    proxy.set(flow_proving::Fault::Pass);
    hears(&mut *listener, id).await;
}

#[tokio::test]
async fn schemas_are_not_told_of_each_other_and_what_is_no_session_is_passed_over() {
    let (schema, other) = (own_schema(), own_schema());
    let ours = in_schema(&schema).connect().await.expect("a store");
    let theirs = in_schema(&other).connect().await.expect("a store");
    let mut listener = listen(&ours).await;
    write(&theirs, create(SessionId::random()).told(true)).await;
    SERVER.ask(&format!("NOTIFY \"{schema}\", 'good morning'"));
    let id = SessionId::random();
    write(&ours, create(id).told(true)).await;
    assert_eq!(next(&mut *listener).await, Changed::Session(id));
}

#[tokio::test]
async fn a_listener_that_goes_takes_its_connection_along() {
    let schema = own_schema();
    let store = in_schema(&schema).connect().await.expect("a store");
    let listening = format!("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN \"{schema}\"%'");
    let listener = listen(&store).await;
    assert_eq!(SERVER.ask(&listening), "1");
    drop(listener);
    crate::server::wait_until(&listening, "0").await;
}

/// A commit that notified of itself would hold the lock of all who do while it waits for the disk.
#[tokio::test(flavor = "multi_thread")]
async fn commits_that_are_told_do_not_wait_for_each_other() {
    let server = PostgresServer::start();
    let builder = PostgresStore::builder(&server.url("postgres")).connections(16);
    let store = builder.connect_deadline(AT_MOST).call_deadline(AT_MOST).connect().await.expect("a store");
    let store = std::sync::Arc::new(store);
    let mut listener = listen(&store).await;
    let mut took = [Duration::ZERO; 2];
    // In turns, so that what else the machine does is shared. In the first the connections are made.
    for round in 0..5 {
        for told in [false, true] {
            let began = Instant::now();
            let writers = (0..16).map(|_| {
                let store = std::sync::Arc::clone(&store);
                tokio::spawn(async move {
                    for _ in 0..10 {
                        write(&*store, create(SessionId::random()).told(told)).await;
                    }
                })
            });
            for writer in writers.collect::<Vec<_>>() {
                writer.await.expect("a writer");
            }
            took[usize::from(told)] += if round > 0 { began.elapsed() } else { Duration::ZERO };
        }
    }
    println!("640 commits by 16 writers: {:?}, told {:?}", took[0], took[1]);
    assert!(took[1] < took[0] * 3, "{took:?}");
    for _ in 0..5 * 160 {
        assert!(matches!(next(&mut *listener).await, Changed::Session(_)));
    }
}
