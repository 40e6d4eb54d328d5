//! How the schema is made, and which one is left alone.

use flow_core::{
    Archive as _, Clock as _, Prefix, Record, SessionId, Stamp, Store, StoreError, SystemClock,
    archive::{Entry, Epoch, Kept, Summary},
    store::{Claim, Expect, Letter, Post, Posted, Quarantine as _},
};
use flow_postgres::{ConnectError, SchemaError};
use uuid::Uuid;

use crate::{
    server::{PATIENCE, SERVER, in_schema, own_schema},
    writes::{create, told, write},
};

#[tokio::test(flavor = "multi_thread")]
async fn many_that_start_at_once_make_the_tables_once() {
    let schema = own_schema();
    let starting: Vec<_> = (0..8).map(|_| tokio::spawn(in_schema(&schema).connect())).collect();
    for store in starting {
        let store = store.await.expect("a task").expect("a store");
        write(&store, create(SessionId::random())).await;
    }
    assert_eq!(SERVER.ask(&format!("SELECT count(*), max(version) FROM {schema}.migrations")), "10|10");
    assert_eq!(SERVER.ask(&format!("SELECT count(*) FROM {schema}.live")), "8");
}

#[tokio::test]
async fn a_schema_that_is_there_and_empty_is_taken() {
    let schema = own_schema();
    SERVER.ask(&format!("CREATE SCHEMA {schema}"));
    let store = in_schema(&schema).connect().await.expect("a store");
    write(&store, create(SessionId::random())).await;
}

#[tokio::test]
async fn a_newer_schema_is_refused_and_left_alone() {
    let schema = own_schema();
    drop(in_schema(&schema).connect().await.expect("a store"));
    SERVER.ask(&format!("INSERT INTO {schema}.migrations (version) VALUES (1000); DROP TABLE {schema}.live"));
    let error = in_schema(&schema).connect().await.expect_err("newer");
    let newer = SchemaError::Newer { found: 1000, known: 10 };
    assert!(matches!(error, ConnectError::Schema(error) if error == newer), "{error:?}");
    let store = in_schema(&schema).lazy().expect("a store");
    let error = store.load(SessionId::random(), 0).await.expect_err("newer");
    assert!(matches!(error, StoreError::Refused(_)) && told(&error).contains("version 1000"), "{error:?}");
    assert_eq!(SERVER.ask(&format!("SELECT to_regclass('{schema}.live') IS NULL")), "t");
}

#[tokio::test]
async fn a_schema_of_something_else_is_refused_and_left_alone() {
    for table in ["guests (name text)", "migrations (version integer, applied_at timestamptz)"] {
        let schema = own_schema();
        SERVER.ask(&format!("CREATE SCHEMA {schema}; CREATE TABLE {schema}.{table}"));
        let error = in_schema(&schema).connect().await.expect_err("foreign");
        assert!(matches!(error, ConnectError::Schema(SchemaError::Foreign)), "{error:?}");
        let tables = format!("SELECT count(*) FROM pg_tables WHERE schemaname = '{schema}'");
        assert_eq!(SERVER.ask(&tables), "1");
    }
}

#[tokio::test]
async fn a_row_tells_what_the_record_says() {
    let (schema, id, now) = (own_schema(), SessionId::random(), SystemClock.now());
    let store = in_schema(&schema).connect().await.expect("a store");
    let record = write(&store, create(id).time_to_live(PATIENCE).wake_at(now)).await;
    let sql = format!(
        "SELECT id, version, write_id, flow, state, encode(substring(record FOR 10), 'hex'),
            expires_at BETWEEN now() AND now() + interval '10 s', wake_at < now() FROM {schema}.live"
    );
    let expected = format!("{id}|1|{}|booking|WELCOME|f5010000000000000001|t|t", record.stamp().write_id);
    assert_eq!(SERVER.ask(&sql), expected);
}

#[tokio::test]
async fn the_live_sessions_of_an_older_release_are_brought_forward_and_woken_for_their_flow() {
    let (schema, early, late) = (own_schema(), SessionId::random(), SessionId::random());
    let insert = |id: SessionId| {
        // A visitor may say what no text of Postgres can hold.
        let body = br#","held":{"by":"9f1c"},"flow":"booking","current":"WELCOME","said":"a\u0000b"}"#;
        let stamp = Stamp::first();
        let bytes = [&Prefix::of_json(stamp).bytes()[..], body].concat();
        let text = str::from_utf8(&bytes).expect("JSON").replace('\\', r"\\");
        let write_id = stamp.write_id;
        format!(
            "INSERT INTO {schema}.live (id, version, write_id, state, record, wake_at)
                VALUES ('{id}', 1, '{write_id}', 'WELCOME', '{text}', '2020-01-01')"
        )
    };
    let first = include_str!("../../src/schema/1.sql");
    SERVER.ask(&format!("CREATE SCHEMA {schema}; SET search_path TO {schema}; {first}"));
    SERVER.ask(&format!("INSERT INTO {schema}.migrations (version) VALUES (1); {}", insert(early)));
    for damaged in [r"\xff", r#"{,"flow":"cut of"#, r#"{,"flow":"odd\\","#] {
        SERVER.ask(&format!(
            "INSERT INTO {schema}.live (id, version, write_id, record, wake_at)
            SELECT gen_random_uuid(), 1, gen_random_uuid(), '{damaged}', '2020-01-01'"
        ));
    }
    let store = in_schema(&schema).connect().await.expect("a store");
    // A process of the older release that still runs goes on as it did.
    SERVER.ask(&insert(late));
    let due = async |flow: &'static str| store.due(Claim::new(flow, PATIENCE, 10)).await.expect("due").ids;
    assert_eq!(due("pizza").await, []);
    let claimed = due("booking").await;
    assert!(claimed.len() == 2 && claimed.contains(&early) && claimed.contains(&late), "{claimed:?}");
}

#[tokio::test]
async fn a_role_that_wrote_before_the_heartbeat_the_quarantine_the_epochs_and_what_was_said_goes_on_with_them() {
    let (schema, id) = (own_schema(), SessionId::random());
    drop(in_schema(&schema).connect().await.expect("a store"));
    // As the release before left it, with the rights that it asked for.
    SERVER.ask(&format!(
        "DROP TABLE {schema}.beats, {schema}.forgotten, {schema}.quarantine, {schema}.epoch, {schema}.letters,
            {schema}.inboxes, {schema}.said;
        ALTER TABLE {schema}.tombstones DROP COLUMN epoch; ALTER TABLE {schema}.live DROP COLUMN sweep_at;
        CREATE INDEX live_by_expiry ON {schema}.live (expires_at);
        DELETE FROM {schema}.migrations WHERE version > 3;
        CREATE ROLE {schema} LOGIN PASSWORD 'password';
        GRANT USAGE ON SCHEMA {schema} TO {schema}; GRANT SELECT ON {schema}.migrations TO {schema};
        GRANT SELECT, INSERT, UPDATE, DELETE ON {schema}.live, {schema}.sessions, {schema}.tombstones TO {schema};
        GRANT SELECT, INSERT ON {schema}.transitions, {schema}.checkpoints TO {schema};
        INSERT INTO {schema}.tombstones VALUES ('{id}', '2026-01-01')"
    ));
    let as_role = || in_schema(&schema).user(&schema).password("password");
    let error = as_role().connect().await.expect_err("it may make no tables");
    let older = SchemaError::Older { found: 3, needed: 10 };
    assert!(matches!(error, ConnectError::Schema(error) if error == older), "{error:?}");
    drop(in_schema(&schema).connect().await.expect("the owner brings the tables forward"));
    let store = as_role().connect().await.expect("the role may connect");
    store.heartbeat().expect("it has one").beat("booking", PATIENCE).await.expect("the right to beat");
    let due = store.due(Claim::new("booking", PATIENCE, 10)).await.expect("the right to claim");
    assert_eq!((due.ids.len(), due.forgotten), (0, 0));
    let post = Post::new(id, "booking", Letter::new([7; 16], &b"hello"[..]), PATIENCE);
    assert_eq!(store.post(post).await.expect("the right to post"), Posted::First);
    write(&store, create(id).takes([[7; 16]])).await;
    let raw = store.raw(id).await.expect("the right to read").expect("a session");
    assert!(store.put(id, &raw, Uuid::new_v4(), PATIENCE).await.expect("the right to move it"));
    assert_eq!(store.list(id).await.expect("the right to list").len(), 1);
    assert!(store.forget(id).await.expect("the right to forget"));
    let archive = store.archive();
    assert_eq!(archive.latest(id).await.expect("the right to look").epoch, Epoch::first());
    // The tombstone of the release before buries by its time.
    let entry = |at: &str| {
        let summary = Summary::new("booking", 1, "WELCOME", at.parse().expect("a time"));
        let record = Record::compose(Stamp::first(), b"{}");
        Entry::new(id, Expect::Absent, record, summary).epoch(Epoch::first())
    };
    let put = async |entry: Entry| archive.put(&[entry]).await.expect("the right to keep").remove(0);
    assert!(matches!(put(entry("2025-12-31T00:00:00Z")).await, Kept::Erased));
    assert!(matches!(put(entry("2026-01-02T00:00:00Z")).await, Kept::Done));
    let transcripts = archive.transcripts().expect("it has them");
    assert!(transcripts.transcript(id, None, 10).await.expect("the right to read").is_empty());
    let forgotten = transcripts.forget_said_before("booking", SystemClock.now(), 10).await;
    assert_eq!(forgotten.expect("the right to forget"), 0);
    assert!(archive.erase(id, SystemClock.now()).await.expect("the right to erase"));
    assert!(matches!(put(entry("2099-01-01T00:00:00Z")).await, Kept::Erased));
}
