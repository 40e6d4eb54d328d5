//! How the schema is made, and which one is left alone.

use flow_core::{Clock as _, SessionId, Store, StoreError, SystemClock, store::Commit};
use flow_postgres::{ConnectError, SchemaError};

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
    assert_eq!(SERVER.ask(&format!("SELECT count(*), min(version) FROM {schema}.migrations")), "1|1");
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
    let newer = SchemaError::Newer { found: 1000, known: 1 };
    assert!(matches!(error, ConnectError::Schema(error) if error == newer), "{error:?}");
    let store = in_schema(&schema).lazy().expect("a store");
    let error = store.load(SessionId::random()).await.expect_err("newer");
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
    let record = write(&store, Commit { time_to_live: Some(PATIENCE), wake_at: Some(now), ..create(id) }).await;
    let sql = format!(
        "SELECT id, version, write_id, state, convert_from(record, 'UTF8')::jsonb ->> 'current',
            expires_at BETWEEN now() AND now() + interval '10 s', wake_at < now() FROM {schema}.live"
    );
    let expected = format!("{id}|1|{}|WELCOME|WELCOME|t|t", record.stamp().write_id);
    assert_eq!(SERVER.ask(&sql), expected);
}
