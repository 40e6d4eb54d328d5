//! A server that goes, stalls or crashes, and comes back.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use flow_core::{Record, SessionId, Store, StoreError, resilience::Resilient, store::Verdict};
use flow_postgres::PostgresStore;
use flow_proving::PostgresServer;

use crate::{
    server::{SERVER, in_schema, own_schema},
    writes::{create, follow, told, write},
};

const DEADLINE: Duration = Duration::from_secs(1);

/// More than a call may take, on a machine that is busy with other things.
const AT_MOST: Duration = Duration::from_secs(10);

/// A store that is connected, and from then on has little patience.
async fn store_on(server: &PostgresServer) -> PostgresStore {
    let builder = PostgresStore::builder(&server.url("postgres")).connect_deadline(AT_MOST).call_deadline(DEADLINE);
    builder.connect().await.expect("a store")
}

/// A store as an engine has it, with time enough on a machine that is busy with other things.
fn patient_store_on(server: &PostgresServer) -> Resilient {
    let builder = PostgresStore::builder(&server.url("postgres")).connect_deadline(AT_MOST).call_deadline(AT_MOST);
    Resilient::over(builder.lazy().expect("a store")).deadline(AT_MOST * 2)
}

#[tokio::test]
async fn server_stopped_and_started_again_is_an_outage_by_the_deadline_and_over_by_itself() {
    let mut server = PostgresServer::start();
    let (store, id) = (store_on(&server).await, SessionId::random());
    let record = write(&store, create(id)).await;
    server.stop();
    let began = Instant::now();
    // The first of these may find the connection broken, and might have been sent before that.
    let _ = store.commit(follow(id, &record)).await.expect_err("nobody there");
    let error = store.commit(follow(id, &record)).await.expect_err("nobody there");
    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
    assert!(told(&error).contains("cannot be reached"), "{}", told(&error));
    assert!(began.elapsed() < AT_MOST);
    server.start_again();
    assert_eq!(patient_store_on(&server).load(id, 0).await.expect("a load").record, Some(record.clone()));
    let began = Instant::now();
    while store.load(id, 0).await.ok().map(|loaded| loaded.record) != Some(Some(record.clone())) {
        assert!(began.elapsed() < AT_MOST, "it is found again by itself");
    }
}

/// Writes to one session until it is told to stop, and says which record was last acknowledged.
async fn writes_until(
    store: Arc<Resilient>,
    is_over: Arc<AtomicBool>,
    acknowledged: Arc<AtomicU32>,
) -> (SessionId, Record) {
    let id = SessionId::random();
    let mut commit = create(id);
    loop {
        // One whose outcome is unknown is sent again, until it is known: nobody else writes here.
        while let Err(error) = store.commit(commit.clone()).await.map(|outcome| {
            assert_eq!(
                outcome,
                Verdict::Done { waiting: 0 },
                "an acknowledged write was lost, or one was applied twice"
            );
        }) {
            assert!(error.is_outage(), "{error:?}");
        }
        acknowledged.fetch_add(1, Ordering::Relaxed);
        if is_over.load(Ordering::Relaxed) {
            return (id, commit.record);
        }
        commit = follow(id, &commit.record);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn server_killed_again_and_again_loses_no_acknowledged_write() {
    let mut server = PostgresServer::start();
    let store = Arc::new(patient_store_on(&server));
    let (is_over, acknowledged) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU32::new(0)));
    let write = || tokio::spawn(writes_until(Arc::clone(&store), Arc::clone(&is_over), Arc::clone(&acknowledged)));
    let writers: Vec<_> = (0..4).map(|_| write()).collect();
    for _ in 0..10 {
        let (before, began) = (acknowledged.load(Ordering::Relaxed), Instant::now());
        while acknowledged.load(Ordering::Relaxed) < before + 20 {
            assert!(began.elapsed() < AT_MOST * 3, "the writers go on by themselves");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        server.kill();
        server.start_again();
    }
    is_over.store(true, Ordering::Relaxed);
    for writer in writers {
        let (id, record) = writer.await.expect("nothing was lost");
        assert_eq!(store.load(id, 0).await.expect("a load").record, Some(record));
    }
}

#[tokio::test]
async fn stalled_server_is_answered_for_by_the_deadline_and_no_doubt_is_left_unsaid() {
    let server = PostgresServer::start();
    let (store, id) = (store_on(&server).await, SessionId::random());
    let record = write(&store, create(id)).await;
    assert_eq!(store.load(id, 0).await.expect("a load").record, Some(record.clone()));
    let following = follow(id, &record);
    // The server has seen the statement, so that it is the write that waits.
    let record = write(&store, following).await;
    let following = follow(id, &record);
    server.pause();
    let began = Instant::now();
    let error = store.commit(following.clone()).await.expect_err("no answer");
    assert!(matches!(error, StoreError::Unknown(_)), "{error:?}");
    for _ in 0..3 {
        // That connection is not used again, and there is no other to be had.
        let error = store.load(id, 0).await.expect_err("no answer");
        assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
    }
    assert!(began.elapsed() < AT_MOST);
    server.resume();
    let patient = patient_store_on(&server);
    // Whether it had arrived or not.
    write(&patient, following.clone()).await;
    assert_eq!(store.load(id, 0).await.expect("a load").record, Some(following.record));
}

#[tokio::test]
async fn password_rotated_and_restored_needs_no_restart() {
    let server = PostgresServer::start();
    let (store, id) = (patient_store_on(&server), SessionId::random());
    let record = write(&store, create(id)).await;
    server.ask("CREATE ROLE ann LOGIN SUPERUSER PASSWORD 'old'");
    let ann = PostgresStore::builder(&server.url("postgres")).user("ann").password("old").connect_deadline(AT_MOST);
    let ann = ann.call_deadline(AT_MOST).connect().await.expect("a store");
    server.ask("ALTER ROLE ann PASSWORD 'new'");
    server.ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'ann'");
    let began = Instant::now();
    // The first may find its connection broken.
    while !matches!(ann.load(id, 0).await, Err(StoreError::Denied(_))) {
        assert!(began.elapsed() < AT_MOST);
    }
    server.ask("ALTER ROLE ann PASSWORD 'old'");
    write(&ann, follow(id, &record)).await;
}

#[tokio::test]
async fn read_only_server_is_an_outage_that_reads() {
    let server = PostgresServer::start();
    let (store, id) = (store_on(&server).await, SessionId::random());
    let record = write(&store, create(id)).await;
    server.ask("ALTER SYSTEM SET default_transaction_read_only = on");
    server.ask("SELECT pg_reload_conf()");
    let began = Instant::now();
    let mut record = record;
    let error = loop {
        match store.commit(follow(id, &record)).await {
            Err(error) => break error,
            Ok(_) => record = store.load(id, 0).await.expect("a load").record.expect("a record"),
        }
        assert!(began.elapsed() < AT_MOST);
    };
    assert!(matches!(error, StoreError::Unavailable(_)) && told(&error).contains("25006"), "{error:?}");
    assert_eq!(patient_store_on(&server).load(id, 0).await.expect("a load").record, Some(record));
}

/// A disk cannot be filled here; the server says that it is.
#[tokio::test]
async fn disk_full_takes_no_write_but_reads_and_goes_on_when_there_is_room() {
    let (schema, id) = (own_schema(), SessionId::random());
    let store = in_schema(&schema).connect().await.expect("a store");
    let record = write(&store, create(id)).await;
    SERVER.ask(&format!(
        "CREATE FUNCTION {schema}.full() RETURNS trigger LANGUAGE plpgsql
            AS $$ BEGIN RAISE EXCEPTION USING ERRCODE = 'disk_full'; END $$;
         CREATE TRIGGER is_full BEFORE INSERT OR UPDATE ON {schema}.live EXECUTE FUNCTION {schema}.full()"
    ));
    assert!(matches!(store.commit(follow(id, &record)).await, Err(StoreError::Full)));
    assert!(matches!(store.commit(create(SessionId::random())).await, Err(StoreError::Full)));
    assert_eq!(store.load(id, 0).await.expect("a load").record, Some(record.clone()));
    SERVER.ask(&format!("DROP TRIGGER is_full ON {schema}.live"));
    write(&store, follow(id, &record)).await;
}
