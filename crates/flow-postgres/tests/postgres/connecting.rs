//! Which servers are connected to and which are refused, and as which user.

use std::{error::Error as _, time::Duration};

use flow_core::{Archive as _, SessionId, Store, StoreError};
use flow_postgres::{AddressError, ConnectError, PostgresArchive, PostgresStore, SchemaError};
use flow_proving::{PostgresServer, free_port};

use crate::{
    server::{PATIENCE, SERVER, fresh_store, in_schema, own_schema},
    writes::{create, follow, told, write},
};

#[tokio::test]
async fn a_user_and_a_password_come_with_the_url_or_beside_it() {
    let (name, server) = (own_schema(), &SERVER);
    server.ask(&format!("CREATE ROLE {name} LOGIN PASSWORD 'p@ss' SUPERUSER"));
    let at = |user: &str| server.url("postgres").replace("flow:password", user);
    let builder = |user: &str| PostgresStore::builder(&at(user)).schema(&name).connect_deadline(PATIENCE);
    for builder in [
        builder(&format!("{name}:p%40ss")),
        builder("flow:wrong").user(&name).password("p@ss"),
        builder(&name).password("p@ss"),
    ] {
        let store = builder.connect().await.expect("a right password");
        write(&store, create(SessionId::random())).await;
    }
    for builder in [builder(&name), builder(&format!("{name}:wr0ng")), builder("nobody:wr0ng")] {
        let Err(ConnectError::Server(error)) = builder.connect().await else { panic!("no right password") };
        assert!(matches!(error, StoreError::Denied(_)), "{error:?}");
        assert!(told(&error).contains("the server refuses the user or the password"));
        assert!(!told(&error).contains("wr0ng"));
    }
}

#[tokio::test]
async fn a_socket_is_as_good_as_a_port() {
    let schema = own_schema();
    let folder = SERVER.ask("SHOW unix_socket_directories").replace('/', "%2F");
    let url = format!("postgres://flow:password@{folder}:{}/postgres", SERVER.port());
    let store = PostgresStore::builder(&url).schema(&schema).connect_deadline(PATIENCE).connect().await;
    let (store, id) = (store.expect("a store"), SessionId::random());
    let record = write(&store, create(id)).await;
    let store = in_schema(&schema).connect().await.expect("a store");
    assert_eq!(store.load(id, 0).await.expect("a load").record, Some(record));
}

#[tokio::test]
async fn of_several_hosts_the_one_that_takes_writes_is_spoken_to() {
    let standby = PostgresServer::with(&["fsync=off", "default_transaction_read_only=on"]);
    let places = format!("127.0.0.1:{},127.0.0.1:{},127.0.0.1", free_port(), standby.port());
    let (url, schema) = (SERVER.url("postgres").replace("127.0.0.1", &places), own_schema());
    let store = PostgresStore::builder(&url).schema(&schema).connect_deadline(PATIENCE).connect().await;
    write(&store.expect("a store"), create(SessionId::random())).await;
    assert_eq!(SERVER.ask(&format!("SELECT count(*) FROM {schema}.live")), "1");
}

#[tokio::test]
async fn nobody_there_is_told_at_the_start_or_by_the_calls() {
    let url = format!("postgres://flow:password@127.0.0.1:{}/postgres", free_port());
    let error = PostgresArchive::connect(&url).await.expect_err("nobody there");
    let ConnectError::Server(error) = error else { panic!("{error:?}") };
    assert!(matches!(error, StoreError::Unavailable(_)) && told(&error).contains("cannot be reached"));
    let store = PostgresStore::builder(&url).lazy().expect("a store");
    let error = store.commit(create(SessionId::random())).await.expect_err("nobody there");
    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
}

#[tokio::test]
async fn a_lazy_store_makes_its_tables_when_the_server_has_come() {
    let mut server = PostgresServer::start_quick();
    server.stop();
    let store = PostgresStore::builder(&server.url("postgres")).connect_deadline(PATIENCE).call_deadline(PATIENCE);
    let store = store.lazy().expect("a store");
    assert!(matches!(store.load(SessionId::random(), 0).await, Err(StoreError::Unavailable(_))));
    server.start_again();
    write(&store, create(SessionId::random())).await;
    assert_eq!(server.ask("SELECT count(*) FROM flow.live"), "1");
}

#[tokio::test]
async fn a_url_or_a_schema_that_cannot_be_used_is_told_without_repeating_it() {
    let error = PostgresStore::connect("postgre://:hunter2@localhost").await.expect_err("no URL");
    assert!(matches!(error, ConnectError::Address(AddressError::Scheme)));
    assert!(!format!("{error:?} {error}").contains("hunter2"));
    let builder = PostgresStore::builder("postgres://:hunter2@localhost").schema("Salon");
    assert!(!format!("{builder:?}").contains("hunter2"));
    assert!(matches!(builder.lazy(), Err(ConnectError::Schema(SchemaError::Name))));
}

#[tokio::test]
async fn no_error_repeats_the_user_or_the_password_of_a_url() {
    let deadline = Duration::from_millis(200);
    for url in [
        "postgres://anneliese:hunter2@",
        "postgres://anneliese:hunter2@localhost:99999",
        "postgres://anneliese:hunter2@localhost:hunter2",
        "postgres://anneliese:hunter2/hunter2@localhost",
        "postgres://anneliese:hunter2@hunter2@127.0.0.1:1/x",
        "postgres://anneliese:hunter2%ff@localhost/x",
        "postgres://anneliese:hunter2%zz@localhost/x",
        "postgres://anneliese:hunter2@localhost/x?hunter2",
        "postgres://anneliese:hunter2@localhost/x?password=hunter2&anneliese=hunter2",
        "postgres://anneliese:hunter2@localhost/x?sslmode=hunter2",
        "postgres://anneliese:hunter2@db.invalid/x?sslmode=disable",
        "postgres://anneliese:hunter2@db.invalid/x",
        "postgres://anneliese:hunter2@127.0.0.1:1/x",
        "postgres://anneliese:hunter2@%2Fnone%2Fsuch/x",
        "postgre://anneliese:hunter2@localhost/x",
        "anneliese:hunter2@localhost",
        "host=localhost user=anneliese password=hunter2",
    ] {
        let builder = PostgresStore::builder(url).connect_deadline(deadline).call_deadline(deadline);
        let shown = format!("{builder:?}");
        let error = builder.connect().await.expect_err("no server");
        let shown = format!("{shown} {error:?} {}", told(&error));
        assert!(!shown.contains("hunter2") && !shown.contains("anneliese"), "{url}: {shown}");
    }
}

#[tokio::test]
async fn plaintext_to_another_machine_is_refused_unless_allowed_by_name() {
    let builder = || PostgresStore::builder("postgres://:hunter2@db.invalid/salon?sslmode=disable");
    for refused in [builder(), builder().allow_plaintext("other.invalid")] {
        let error = refused.lazy().expect_err("in the clear");
        assert!(matches!(error, ConnectError::Address(AddressError::Plaintext)), "{error:?}");
    }
    builder().allow_plaintext("db.invalid").lazy().expect("allowed");
}

#[tokio::test]
async fn an_error_tells_the_code_of_the_server_and_never_its_words() {
    let schema = own_schema();
    let store = in_schema(&schema).connect().await.expect("a store");
    SERVER.ask(&format!("ALTER TABLE {schema}.live ADD CHECK (state <> 'WELCOME')"));
    let error = store.commit(create(SessionId::random())).await.expect_err("refused");
    assert!(matches!(error, StoreError::Refused(_)), "{error:?}");
    assert!(error.source().expect("a cause").to_string().contains("23514"));
    assert!(!told(&error).contains("WELCOME"));
}

#[tokio::test]
async fn what_is_no_record_is_told_and_stays_as_it_is() {
    let (schema, id) = (own_schema(), SessionId::random());
    let store = in_schema(&schema).connect().await.expect("a store");
    let record = write(&store, create(id)).await;
    SERVER.ask(&format!("UPDATE {schema}.live SET record = 'a secret', version = 7"));
    for error in [
        store.load(id, 0).await.expect_err("no record"),
        store.commit(create(id)).await.expect_err("no record"),
        store.commit(follow(id, &record)).await.expect_err("no record"),
    ] {
        assert!(matches!(error, StoreError::Unreadable(_)) && !told(&error).contains("secret"), "{error:?}");
    }
    assert_eq!(SERVER.ask(&format!("SELECT convert_from(record, 'UTF8') FROM {schema}.live")), "a secret");
}

#[tokio::test]
async fn a_record_beside_another_stamp_is_told_as_damage_and_stays_as_it_is() {
    for change in ["version = version + 1", "write_id = gen_random_uuid()"] {
        let (schema, id) = (own_schema(), SessionId::random());
        let store = in_schema(&schema).connect().await.expect("a store");
        let record = write(&store, create(id)).await;
        SERVER.ask(&format!("UPDATE {schema}.live SET {change}"));
        for error in [
            store.load(id, 0).await.expect_err("damage"),
            store.commit(create(id)).await.expect_err("damage"),
            store.commit(follow(id, &record)).await.expect_err("damage"),
        ] {
            assert!(matches!(error, StoreError::Unreadable(flow_core::Unreadable::OtherStamp)), "{error:?}");
        }
        let stored = SERVER.ask(&format!("SELECT encode(substring(record FROM 3 FOR 8), 'hex') FROM {schema}.live"));
        assert_eq!(stored, "0000000000000001");
    }
}

#[tokio::test]
async fn a_call_that_was_given_up_leaves_the_connections_in_order() {
    let (store, id) = (fresh_store().await, SessionId::random());
    let record = write(&store, create(id)).await;
    for _ in 0..20 {
        let following = create(SessionId::random());
        // Polled once or twice: it may have been sent, and nobody waits for its answer.
        let given_up = tokio::time::timeout(Duration::ZERO, store.commit(following)).await;
        assert_eq!(store.load(id, 0).await.expect("a load").record, Some(record.clone()), "{given_up:?}");
    }
}

#[tokio::test]
async fn a_deadline_may_be_beyond_all_time() {
    let builder = in_schema(&own_schema()).connect_deadline(Duration::MAX).call_deadline(Duration::MAX);
    let store = builder.connect().await.expect("a store");
    assert_eq!(store.load(SessionId::random(), 0).await.expect("a store").record, None);
    assert_eq!(store.archive().latest(SessionId::random()).await.expect("an archive").archived, None);
}
