//! A server that goes, stalls, forgets or fills up, and comes back.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use flow_core::{SessionId, Store, StoreError, resilience::Resilient, store::Verdict};
use flow_proving::RedisServer;
use flow_redis::RedisStore;

use crate::writes::{create, follow, told, write};

const DEADLINE: Duration = Duration::from_millis(300);

/// More than a call may take, on a machine that is busy with other things.
const AT_MOST: Duration = Duration::from_secs(5);

fn store_on(server: &RedisServer) -> RedisStore {
    RedisStore::builder(&server.url()).call_deadline(DEADLINE).lazy().expect("a store")
}

/// A store as an engine has it, with time enough on a machine that is busy with other things.
fn patient_store_on(server: &RedisServer) -> Resilient {
    let store = RedisStore::builder(&server.url()).call_deadline(AT_MOST).lazy().expect("a store");
    Resilient::over(store).deadline(AT_MOST * 2)
}

#[tokio::test]
async fn server_stopped_and_started_again_is_an_outage_by_the_deadline_and_over_by_itself() {
    let mut server = RedisServer::start();
    let (store, id) = (store_on(&server), SessionId::random());
    let record = write(&store, create(id)).await;
    server.stop();
    let began = Instant::now();
    let error = store.load(id, 0).await.expect_err("nobody there");
    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
    // The first of these finds the connection broken, and might have been sent before that.
    let _ = store.commit(follow(id, &record)).await.expect_err("nobody there");
    let error = store.commit(follow(id, &record)).await.expect_err("nobody there");
    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
    assert!(told(&error).contains("cannot be reached"), "{}", told(&error));
    assert!(began.elapsed() < AT_MOST);
    server.start_again();
    write(&store, create(id)).await;
}

#[tokio::test]
async fn a_server_that_stays_away_is_answered_for_at_once_and_found_again() {
    let mut server = RedisServer::start();
    let store = RedisStore::builder(&server.url()).lazy().expect("a store");
    let (store, id) = (Resilient::over(store), SessionId::random());
    write(&store, create(id)).await;
    server.kill();
    while !store.is_circuit_open() {
        let _ = store.load(id, 0).await.expect_err("nobody there");
    }
    let began = Instant::now();
    for _ in 0..100 {
        let _ = store.load(id, 0).await.expect_err("nobody there");
    }
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    server.start_again();
    let began = Instant::now();
    while store.load(id, 0).await.is_err() {
        assert!(began.elapsed() < AT_MOST);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn server_killed_and_started_again_is_noticed_by_nobody() {
    let mut server = RedisServer::with(&["--appendonly", "yes", "--appendfsync", "always"]);
    let (store, id) = (patient_store_on(&server), SessionId::random());
    let mut record = write(&store, create(id)).await;
    for _ in 0..3 {
        server.kill();
        server.start_again();
        assert_eq!(store.load(id, 0).await.expect("a load").record, Some(record.clone()));
        record = write(&store, follow(id, &record)).await;
        server.stop();
        server.start_again();
        // The first to notice is a script, whose text the server has lost.
        record = write(&store, follow(id, &record)).await;
    }
}

/// Each session is one number; the server is killed while they are written.
#[tokio::test(flavor = "multi_thread")]
async fn kill_9_with_aof_always_fifty_times_loses_nothing_that_was_acknowledged() {
    let mut server = RedisServer::with(&["--appendonly", "yes", "--appendfsync", "always"]);
    let store = Arc::new(patient_store_on(&server));
    let is_over = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> = (0..8)
        .map(|_| {
            let (store, is_over) = (Arc::clone(&store), Arc::clone(&is_over));
            tokio::spawn(async move {
                let id = SessionId::random();
                let mut record = write(&*store, create(id)).await;
                while !is_over.load(Ordering::Relaxed) {
                    let following = follow(id, &record);
                    // One whose outcome is unknown is sent again, until it is known: nobody else writes here.
                    while let Err(error) = store.commit(following.clone()).await.map(|outcome| {
                        assert_eq!(
                            outcome,
                            Verdict::Done { waiting: 0 },
                            "an acknowledged write was lost, or one was applied twice"
                        );
                    }) {
                        assert!(error.is_outage(), "{error:?}");
                    }
                    record = following.record;
                }
                (id, record)
            })
        })
        .collect();
    for _ in 0..50 {
        tokio::time::sleep(Duration::from_millis(30)).await;
        server.kill();
        server.start_again();
    }
    is_over.store(true, Ordering::Relaxed);
    for writer in writers {
        let (id, record) = writer.await.expect("nothing was lost");
        assert!(record.stamp().version > 50, "{record:?}");
        assert_eq!(store.load(id, 0).await.expect("a load").record, Some(record));
    }
}

#[tokio::test]
async fn lost_script_cache_is_noticed_by_nobody() {
    let server = RedisServer::start();
    let (store, id) = (store_on(&server), SessionId::random());
    let record = write(&store, create(id)).await;
    server.ask(&["SCRIPT", "FLUSH"]);
    write(&store, follow(id, &record)).await;
}

#[tokio::test]
async fn stalled_server_is_answered_for_by_the_deadline_and_no_doubt_is_left_unsaid() {
    let server = RedisServer::start();
    let (store, id) = (store_on(&server), SessionId::random());
    let record = write(&store, create(id)).await;
    server.pause();
    let began = Instant::now();
    let error = store.load(id, 0).await.expect_err("no answer");
    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
    let following = follow(id, &record);
    let error = store.commit(following.clone()).await.expect_err("no answer");
    assert!(matches!(error, StoreError::Unknown(_)), "{error:?}");
    assert!(began.elapsed() < AT_MOST);
    server.resume();
    let patient = patient_store_on(&server);
    // Whether it had arrived or not.
    write(&patient, following.clone()).await;
    assert_eq!(store.load(id, 0).await.expect("a load").record, Some(following.record));
}

#[tokio::test]
async fn memory_full_takes_no_write_but_reads_and_goes_on_when_there_is_room() {
    let server = RedisServer::start();
    let (store, id) = (patient_store_on(&server), SessionId::random());
    let record = write(&store, create(id)).await;
    server.ask(&["CONFIG", "SET", "maxmemory", "1"]);
    assert!(matches!(store.commit(follow(id, &record)).await, Err(StoreError::Full)));
    assert!(matches!(store.commit(create(SessionId::random())).await, Err(StoreError::Full)));
    assert_eq!(store.load(id, 0).await.expect("a load").record, Some(record.clone()));
    server.ask(&["CONFIG", "SET", "maxmemory", "0"]);
    write(&store, follow(id, &record)).await;
}

#[tokio::test]
async fn password_rotated_and_restored_needs_no_restart() {
    let server = RedisServer::start();
    server.ask(&["ACL", "SETUSER", "ann", "on", ">old", "~*", "+@all"]);
    let store = RedisStore::builder(&server.url()).user("ann").password("old").call_deadline(AT_MOST);
    let (store, id) = (store.lazy().expect("a store"), SessionId::random());
    let record = write(&store, create(id)).await;
    server.ask(&["ACL", "SETUSER", "ann", "resetpass", ">new"]);
    server.ask(&["CLIENT", "KILL", "USER", "ann"]);
    for _ in 0..2 {
        let error = store.load(id, 0).await.expect_err("another password");
        assert!(matches!(error, StoreError::Denied(_)), "{error:?}");
    }
    server.ask(&["ACL", "SETUSER", "ann", ">old"]);
    write(&store, follow(id, &record)).await;
}

#[tokio::test]
async fn read_only_replica_is_left() {
    let server = RedisServer::start();
    let (store, id) = (store_on(&server), SessionId::random());
    let record = write(&store, create(id)).await;
    // Of a master that is away, so that it keeps what it has.
    server.ask(&["REPLICAOF", "127.0.0.1", "1"]);
    let error = store.commit(follow(id, &record)).await.expect_err("read-only");
    assert!(matches!(error, StoreError::Unavailable(_)) && told(&error).contains("READONLY"), "{error:?}");
    server.ask(&["REPLICAOF", "NO", "ONE"]);
    write(&patient_store_on(&server), create(SessionId::random())).await;
}

#[tokio::test]
async fn a_call_that_was_given_up_leaves_the_connection_in_order() {
    let server = RedisServer::start();
    let (store, id) = (patient_store_on(&server), SessionId::random());
    let record = write(&store, create(id)).await;
    for _ in 0..100 {
        // Polled once: it was sent, and nobody waits for its answer.
        let given_up = tokio::time::timeout(Duration::ZERO, store.load(SessionId::random(), 0)).await;
        assert_eq!(store.load(id, 0).await.expect("a load").record, Some(record.clone()), "{given_up:?}");
    }
}
