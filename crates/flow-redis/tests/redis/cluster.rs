//! Six nodes that share the sessions: the suite, a lost master, slots that move.

use std::{
    sync::{
        Arc, LazyLock,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use chrono::Utc;
use flow_core::{
    Record, SessionId, Store, StoreError,
    resilience::Resilient,
    store::{Claim, Commit, Verdict},
};
use flow_proving::{Cluster, RedisServer};
use flow_redis::{AppendOnly, RedisStore};
use flow_testkit::{Subject, quarantine_conformance, store_conformance};

use crate::{
    rights::rights,
    writes::{FLOW, create, follow, write},
};

static CLUSTER: LazyLock<Cluster> = LazyLock::new(Cluster::start);

const PATIENCE: Duration = Duration::from_secs(5);

async fn fresh_store() -> Subject {
    let prefix = format!("test:{}", SessionId::random());
    // Six servers and fifty tests on the processors of one machine.
    let connect = async || {
        let builder = RedisStore::builder(&CLUSTER.url()).connect_deadline(PATIENCE).call_deadline(PATIENCE);
        builder.prefix(prefix.as_str()).connect().await.expect("a store")
    };
    Subject::in_real_time(connect().await, Duration::from_millis(400)).with_another_handle(connect().await)
}

store_conformance!(fresh_store);
quarantine_conformance!(fresh_store);

async fn resilient(cluster: &Cluster) -> Arc<Resilient> {
    let builder = RedisStore::builder(&cluster.url()).connect_deadline(PATIENCE).call_deadline(PATIENCE / 2);
    Arc::new(Resilient::over(builder.connect().await.expect("a store")).deadline(PATIENCE))
}

#[tokio::test]
async fn the_health_of_a_cluster_is_that_of_its_weakest_master() {
    let cluster = Cluster::start();
    for node in &cluster.nodes {
        node.ask(&["CONFIG", "SET", "appendfsync", "always", "appendonly", "yes"]);
    }
    let store = RedisStore::connect(&cluster.url()).await.expect("a store");
    assert_eq!(store.health().await.expect("its health").append_only, AppendOnly::Always);
    cluster.nodes[2].ask(&["CONFIG", "SET", "appendfsync", "everysec"]);
    assert_eq!(store.health().await.expect("its health").append_only, AppendOnly::EverySecond);
}

#[tokio::test]
async fn the_user_with_the_least_rights_needs_one_more_in_a_cluster() {
    let rights: Vec<_> = rights().into_iter().chain(["+cluster|slots"]).collect();
    for node in &CLUSTER.nodes {
        assert_eq!(node.ask(&rights), "OK");
    }
    let builder = RedisStore::builder(&CLUSTER.url()).connect_deadline(PATIENCE).call_deadline(PATIENCE);
    let builder = builder.user("flow").password("password").prefix(format!("test:{}", SessionId::random()));
    let (store, id) = (builder.connect().await.expect("the user may connect"), SessionId::random());
    let record = write(&store, create(id)).await;
    assert_eq!(store.load(id, 0).await.expect("a load").record, Some(record));
    assert_eq!(store.due(Claim::new(FLOW, PATIENCE, 10)).await.expect("due").ids, []);
    let page = store.browse(None, 1_000).await.expect("a page");
    store.browse(page.next, 1_000).await.expect("a page of another node");
    assert!(store.remove(id).await.expect("a removal"));
    store.health().await.expect("its health");
}

/// It refuses, all the same, whatever would ask for the keys of two slots at once.
#[tokio::test]
async fn a_node_that_has_all_slots_can_be_spoken_to_as_a_server() {
    let node = RedisServer::with(&["--cluster-enabled", "yes"]);
    assert_eq!(node.ask(&["CLUSTER", "ADDSLOTSRANGE", "0", "16383"]), "OK");
    while !node.ask(&["CLUSTER", "INFO"]).contains("cluster_state:ok") {}
    let store = RedisStore::builder(&node.url()).call_deadline(PATIENCE).connect().await.expect("a store");
    let now = Utc::now() - Duration::from_secs(1);
    for _ in 0..20 {
        write(&store, create(SessionId::random()).wake_at(now)).await;
    }
    assert_eq!(store.due(Claim::new(FLOW, PATIENCE, 30)).await.expect("due").ids.len(), 20);
    assert_eq!(store.browse(None, 1_000).await.expect("a page").ids.len(), 20);
}

#[tokio::test]
async fn in_a_cluster_the_replica_of_the_right_master_confirms() {
    let builder = RedisStore::builder(&CLUSTER.url()).connect_deadline(PATIENCE).call_deadline(PATIENCE);
    let store = builder.replicas(1, PATIENCE / 2).connect().await.expect("a store");
    for _ in 0..20 {
        write(&store, create(SessionId::random())).await;
    }
    // There is one replica for each master.
    let builder = RedisStore::builder(&CLUSTER.url()).connect_deadline(PATIENCE).call_deadline(PATIENCE);
    let store = builder.replicas(2, Duration::from_millis(50)).connect().await.expect("a store");
    assert!(matches!(store.commit(create(SessionId::random())).await, Err(StoreError::Unknown(_))));
}

/// Writes until told to stop, and says which version of the session was last acknowledged.
async fn writes_until(store: Arc<Resilient>, done: Arc<AtomicBool>) -> (SessionId, Record) {
    let id = SessionId::random();
    let mut record = write(&*store, create(id)).await;
    while !done.load(Ordering::Relaxed) {
        let following = follow(id, &record);
        match store.commit(following.clone()).await {
            Ok(Verdict::Done { .. }) => record = following.record,
            other => panic!("nobody else writes to this session: {other:?}"),
        }
    }
    (id, record)
}

#[tokio::test(flavor = "multi_thread")]
async fn cluster_slots_moved_under_load_give_no_false_conflict() {
    let cluster = Cluster::start();
    let (store, done) = (resilient(&cluster).await, Arc::new(AtomicBool::new(false)));
    let writers: Vec<_> = (0..16).map(|_| tokio::spawn(writes_until(store.clone(), done.clone()))).collect();
    let cluster = tokio::task::spawn_blocking(move || {
        cluster.move_slots(0, 1, 1_500);
        cluster.move_slots(1, 2, 1_500);
        cluster
    });
    let _cluster = cluster.await.expect("the slots were moved");
    done.store(true, Ordering::Relaxed);
    for writer in writers {
        let (id, record) = writer.await.expect("no false conflict");
        assert!(record.stamp().version > 10);
        assert_eq!(store.load(id, 0).await.expect("a load").record, Some(record));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cluster_master_killed_is_replaced_and_its_sessions_go_on() {
    let mut cluster = Cluster::start();
    let builder = RedisStore::builder(&cluster.url()).connect_deadline(PATIENCE).call_deadline(PATIENCE * 2);
    let confirmed = builder.replicas(1, PATIENCE).connect().await.expect("a store");
    let mut sessions = Vec::new();
    for _ in 0..60 {
        let id = SessionId::random();
        sessions.push((id, write(&confirmed, create(id)).await));
    }
    let store = resilient(&cluster).await;
    cluster.nodes[0].kill();
    let began = Instant::now();
    for (id, record) in &mut sessions {
        let following = follow(*id, record);
        loop {
            match store.commit(following.clone()).await {
                Ok(outcome) => break assert_eq!(outcome, Verdict::Done { waiting: 0 }, "what a replica had is there"),
                Err(error) => assert!(error.is_outage() && began.elapsed() < Duration::from_secs(30), "{error:?}"),
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        *record = following.record;
    }
    println!("from the kill until each session was written: {:?}", began.elapsed());
    for (id, record) in sessions {
        assert_eq!(store.load(id, 0).await.expect("a load").record, Some(record));
    }
}

#[tokio::test]
async fn lost_tail_and_stale_holder_the_stale_stamp_conflicts() {
    let (master, replica) = (RedisServer::start(), RedisServer::start());
    replica.ask(&["REPLICAOF", "127.0.0.1", &master.port().to_string()]);
    let builder = RedisStore::builder(&master.url()).call_deadline(PATIENCE * 4);
    let confirmed = builder.replicas(1, PATIENCE * 2).connect().await.expect("a store");
    let id = SessionId::random();
    let first = write(&confirmed, create(id)).await;
    let store = RedisStore::connect(&master.url()).await.expect("a store");
    // The replica is cut off, a write is acknowledged, and the replica is made the master.
    replica.ask(&["REPLICAOF", "NO", "ONE"]);
    let lost = write(&store, follow(id, &first)).await;
    let store = RedisStore::connect(&replica.url()).await.expect("a store");
    assert_eq!(stored_instead(&store, follow(id, &lost)).await, Some(first.clone()));
    // Another lineage comes to the same number, and the holder of the lost one still does not pass.
    let other = write(&store, follow(id, &first)).await;
    assert_eq!(other.stamp().version, lost.stamp().version);
    assert_eq!(stored_instead(&store, follow(id, &lost)).await, Some(other));
}

/// What a commit that conflicts is handed.
async fn stored_instead(store: &RedisStore, commit: Commit) -> Option<Record> {
    match store.commit(commit).await.expect("an answer") {
        Verdict::Conflict(loaded) => loaded.record,
        Verdict::Done { .. } => panic!("it wrote"),
    }
}
