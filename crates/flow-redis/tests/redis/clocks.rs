//! Servers whose clocks are ten minutes apart, side by side in a cluster, or one in the place of the other.

use std::{sync::LazyLock, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use flow_core::{
    SessionId, Store,
    store::{Claim, Letter, Post, Posted},
};
use flow_proving::{Cluster, RedisServer};
use flow_redis::{RedisStore, RedisStoreBuilder};

use crate::writes::{FLOW, create, follow, write};

const MINUTES: i64 = 60;

/// Masters with a clock that is right, one that is ahead and one that is behind; their replicas are right.
static CLUSTER: LazyLock<Cluster> = LazyLock::new(|| Cluster::ahead_by([0, 10 * MINUTES, -10 * MINUTES, 0, 0, 0]));

const PATIENCE: Duration = Duration::from_secs(5);

const LEASE: Duration = Duration::from_secs(2);

/// Longer than clocks may differ that are taken for one.
const AGREEING: Duration = Duration::from_millis(1_500);

fn patient(url: &str) -> RedisStoreBuilder {
    RedisStore::builder(url).connect_deadline(PATIENCE).call_deadline(PATIENCE)
}

async fn store_in_the_cluster() -> RedisStore {
    let store = patient(&CLUSTER.url()).prefix(format!("test:{}", SessionId::random()));
    store.connect().await.expect("a store")
}

/// What time it is where this session is.
async fn now(store: &RedisStore, id: SessionId) -> DateTime<Utc> {
    store.load(id, 0).await.expect("a load").now
}

async fn due(store: &RedisStore) -> Vec<SessionId> {
    let mut ids = store.due(Claim::new(FLOW, LEASE, 1_000)).await.expect("due").ids;
    ids.sort();
    ids
}

fn letter(number: u8) -> Letter {
    Letter::new([number; 16], vec![number])
}

async fn post(store: &RedisStore, id: SessionId, number: u8) -> Posted {
    store.post(Post::new(id, FLOW, letter(number), LEASE)).await.expect("it is posted")
}

/// Sessions of every node.
fn sessions() -> Vec<SessionId> {
    let mut ids: Vec<_> = (0..60).map(|_| SessionId::random()).collect();
    ids.sort();
    ids
}

#[tokio::test]
async fn in_a_cluster_a_session_is_due_by_the_clock_of_its_node() {
    let (store, ids) = (store_in_the_cluster().await, sessions());
    let mut hours = Vec::new();
    for id in &ids {
        let now = now(&store, *id).await;
        hours.push((now - Utc::now()).num_minutes().div_euclid(4));
        write(&store, create(*id).wake_at(now + LEASE)).await;
    }
    hours.sort_unstable();
    hours.dedup();
    assert_eq!(hours.len(), 3, "there are sessions on each of the nodes");
    assert_eq!(due(&store).await, [], "not early");
    tokio::time::sleep(LEASE).await;
    assert_eq!(due(&store).await, ids, "nor late");
}

#[tokio::test]
async fn in_a_cluster_the_lease_of_a_letter_ends_by_the_clock_of_its_node() {
    let (store, ids) = (store_in_the_cluster().await, sessions());
    for id in &ids {
        assert_eq!(post(&store, *id, 1).await, Posted::First);
    }
    assert_eq!(due(&store).await, [], "not early");
    tokio::time::sleep(LEASE).await;
    assert_eq!(due(&store).await, ids, "nor late");
    assert_eq!(due(&store).await, [], "they are claimed");
}

#[tokio::test]
async fn in_a_cluster_a_bound_that_one_claim_tells_is_the_same_moment_on_each_node() {
    let (store, ids) = (store_in_the_cluster().await, sessions());
    for id in &ids {
        write(&store, create(*id).wake_at(now(&store, *id).await)).await;
    }
    let first = store.due(Claim::new(FLOW, PATIENCE, 10)).await.expect("due");
    // By the clock of the node that is ahead this is due, and by that of the one behind it is not yet.
    let later = sessions();
    for id in &later {
        write(&store, create(*id).wake_at(now(&store, *id).await + AGREEING)).await;
    }
    tokio::time::sleep(AGREEING).await;
    let rest = store.due(Claim::new(FLOW, PATIENCE, 1_000).not_after(Some(first.now))).await.expect("due");
    let mut claimed = [first.ids, rest.ids].concat();
    claimed.sort();
    assert_eq!(claimed, ids, "what was due then, on every node, and nothing that fell due later");
    assert_eq!(due(&store).await, later, "that is for another look");
}

/// A master whose clock is right, and its replica, whose clock is ahead by so much.
fn master_and_replica(ahead: i64) -> (RedisServer, RedisServer) {
    let master = RedisServer::start();
    let replica = RedisServer::ahead_by(ahead, &["--replicaof", &format!("127.0.0.1 {}", master.port())]);
    (master, replica)
}

/// The replica has what the master had, and is the master.
async fn fails_over(store: &RedisStore, master: &mut RedisServer, replica: &RedisServer) -> RedisStore {
    // The write that is waited for is the last.
    write(store, create(SessionId::random())).await;
    master.kill();
    replica.ask(&["REPLICAOF", "NO", "ONE"]);
    patient(&replica.url()).connect().await.expect("a store")
}

#[tokio::test]
async fn after_a_failover_to_a_clock_ten_minutes_behind_everything_is_late_and_nothing_is_lost() {
    let (mut master, replica) = master_and_replica(-10 * MINUTES);
    let store = patient(&master.url()).replicas(1, PATIENCE / 2).connect().await.expect("a store");
    let [timer, posted, claimed] = [(); 3].map(|()| SessionId::random());
    write(&store, create(claimed).wake_at(now(&store, claimed).await)).await;
    assert_eq!(due(&store).await, [claimed]);
    write(&store, create(timer).wake_at(now(&store, timer).await)).await;
    assert_eq!(post(&store, posted, 1).await, Posted::First);
    let store = fails_over(&store, &mut master, &replica).await;

    tokio::time::sleep(LEASE).await;
    assert_eq!(due(&store).await, [], "late, and not early");
    // What comes now is by the time that it is there now.
    let fresh = SessionId::random();
    assert_eq!(post(&store, fresh, 1).await, Posted::First);
    assert_eq!(post(&store, posted, 2).await, Posted::Behind);
    tokio::time::sleep(LEASE).await;
    assert_eq!(due(&store).await, [fresh]);

    replica.set_ahead_by(0);
    // A look tells the store another time than it went on from, and the next one is for what is due by that.
    assert_eq!(due(&store).await, []);
    let mut late = vec![timer, posted, claimed, fresh];
    late.sort();
    assert_eq!(due(&store).await, late, "a look later than the clock is right");
    assert_eq!(due(&store).await, [], "and once");
    assert_eq!(store.load(posted, 9).await.expect("a load").letters, [letter(1), letter(2)]);
}

#[tokio::test]
async fn after_a_failover_to_a_clock_ten_minutes_ahead_leases_end_early_and_one_of_two_writers_wins() {
    let (mut master, replica) = master_and_replica(10 * MINUTES);
    let store = patient(&master.url()).replicas(1, PATIENCE / 2).connect().await.expect("a store");
    let [posted, later] = [(); 2].map(|()| SessionId::random());
    let first = write(&store, create(posted)).await;
    assert_eq!(post(&store, posted, 1).await, Posted::First);
    write(&store, create(later).wake_at(now(&store, later).await + TimeDelta::minutes(11))).await;
    assert_eq!(due(&store).await, []);
    let store = fails_over(&store, &mut master, &replica).await;

    // Its poster goes on with it, and a worker that is given it too.
    assert_eq!(due(&store).await, [posted], "its lease has ended early; what is due in eleven minutes is not due");
    let (by_poster, by_worker) = (follow(posted, &first).takes([[1; 16]]), follow(posted, &first).takes([[1; 16]]));
    write(&store, by_worker.clone()).await;
    let verdict = store.commit(by_poster).await.expect("an answer");
    let flow_core::store::Verdict::Conflict(stored) = verdict else { panic!("both were stored") };
    assert_eq!(stored.record, Some(by_worker.record));
    assert_eq!(store.load(posted, 9).await.expect("a load").letters, []);
}
