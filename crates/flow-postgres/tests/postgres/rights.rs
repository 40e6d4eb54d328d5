//! The role with the least rights, as the crate's README has it.

use flow_core::{Archive as _, SessionId, Statistics as _, Store as _, StoreError};
use flow_postgres::{PostgresBuilder, PostgresStore};
use flow_testkit::{
    ArchiveSubject, Subject, archive_conformance, conformance::archive::seed, quarantine_conformance, store_conformance,
};

use crate::{
    server::{SERVER, in_schema, own_schema},
    writes::{create, write},
};

/// The README's statements, for another role and schema.
fn rights(name: &str) -> String {
    let readme = include_str!("../../README.md");
    let begin = readme.find("CREATE ROLE bot").expect("the statements");
    let end = begin + readme[begin..].find("```").expect("their end");
    readme[begin..end]
        .replace("ROLE bot", &format!("ROLE {name}"))
        .replace("TO bot", &format!("TO {name}"))
        .replace("flow", name)
}

/// A store whose schema was made by another role.
async fn as_role() -> (String, PostgresBuilder<PostgresStore>) {
    let name = own_schema();
    drop(in_schema(&name).connect().await.expect("the owner makes the tables"));
    SERVER.ask(&rights(&name));
    (name.clone(), in_schema(&name).user(&name).password("password"))
}

async fn fresh_store() -> Subject {
    let (name, builder) = as_role().await;
    let store = builder.connect().await.expect("the role may connect");
    let another = in_schema(&name).user(&name).password("password").connect().await.expect("the role may connect");
    Subject::in_real_time(store, std::time::Duration::from_millis(300)).with_another_handle(another)
}

async fn fresh_archive() -> ArchiveSubject {
    let (_, builder) = as_role().await;
    ArchiveSubject::new(builder.connect().await.expect("the role may connect").archive())
}

store_conformance!(fresh_store);
quarantine_conformance!(fresh_store);
archive_conformance!(fresh_archive);

#[tokio::test]
async fn the_role_may_ask_for_statistics() {
    let (_, builder) = as_role().await;
    let archive = builder.connect().await.expect("the role may connect").archive();
    archive.put(&seed()).await.expect("an archive");
    assert_eq!(archive.funnel("pizza").await.expect("a view").len(), 3);
    assert_eq!(archive.drop_off("pizza").await.expect("a view").len(), 3);
    assert_eq!(archive.time_in_state("pizza").await.expect("a view").len(), 2);
    assert_eq!(archive.conversions_by_day("pizza").await.expect("a view").len(), 2);
}

#[tokio::test]
async fn a_right_that_is_missing_is_told_as_such() {
    let (name, builder) = as_role().await;
    let store = builder.connect().await.expect("the role may connect");
    SERVER.ask(&format!("REVOKE INSERT ON {name}.live, {name}.transitions FROM {name}"));
    let error = store.commit(create(SessionId::random())).await.expect_err("no right to write");
    assert!(matches!(error, StoreError::Denied(_)), "{error:?}");
    let error = store.archive().put(&seed()).await.expect_err("no right to write");
    assert!(matches!(error, StoreError::Denied(_)), "{error:?}");
    SERVER.ask(&format!("GRANT INSERT ON {name}.live TO {name}"));
    write(&store, create(SessionId::random())).await;
}

#[tokio::test]
async fn who_may_make_nothing_is_denied_a_schema_that_is_not_there() {
    let (name, _) = as_role().await;
    let builder = in_schema(&own_schema()).user(&name).password("password");
    let error = builder.lazy().expect("a store").load(SessionId::random(), 0).await.expect_err("no right to make it");
    assert!(matches!(error, StoreError::Denied(_)), "{error:?}");
}
