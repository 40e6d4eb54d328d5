//! What is archived is in tables that any SQL client can read, and an entry that cannot be kept holds up no other.

use chrono::{TimeDelta, Utc};
use flow_core::{
    Archive, StoreError,
    archive::{Entry, Kept},
};
use flow_postgres::PostgresArchive;
use flow_testkit::conformance::archive::seed;
use serde_json::json;

use crate::server::{SERVER, fresh_store, in_schema, own_schema};

async fn archive_in(schema: &str) -> PostgresArchive {
    in_schema(schema).connect().await.expect("a store").archive()
}

/// The seeded session that ends, with a checkpoint.
fn booked() -> Entry {
    seed().remove(0)
}

#[tokio::test]
async fn what_was_archived_is_there_for_another_connection() {
    let (schema, entry) = (own_schema(), booked());
    archive_in(&schema).await.put(std::slice::from_ref(&entry)).await.expect("an archive");
    let archive = archive_in(&schema).await;
    assert_eq!(archive.latest(entry.id).await.expect("an archive").archived.expect("a session").record, entry.record);
    assert_eq!(archive.history(entry.id, 0, 9).await.expect("an archive"), entry.steps);
    assert_eq!(archive.checkpoints(entry.id).await.expect("an archive"), entry.checkpoints);
}

#[tokio::test]
async fn a_row_tells_what_the_summary_says() {
    let schema = own_schema();
    archive_in(&schema).await.put(&[booked()]).await.expect("an archive");
    insta::assert_snapshot!(SERVER.ask(&format!(
        "SET TIME ZONE 'UTC'; SELECT session, flow, flow_version, state, data ->> 'guest', status, language, created_at,
            updated_at, expires_at, archived_at > now() - interval '1 min', version, steps FROM {schema}.sessions"
    )));
}

#[tokio::test]
async fn a_row_tells_what_the_step_says() {
    let schema = own_schema();
    archive_in(&schema).await.put(&[booked()]).await.expect("an archive");
    insta::assert_snapshot!(SERVER.ask(&format!(
        "SET TIME ZONE 'UTC'; SELECT number, conversation, flow, from_state, to_state, cause, taken_at, place, is_end
            FROM {schema}.transitions ORDER BY number"
    )));
}

#[tokio::test]
async fn a_number_that_jsonb_writes_otherwise_comes_back_as_it_was() {
    let (archive, mut entry) = (fresh_store().await.archive(), booked());
    entry.checkpoints[0].data = json!([1e16, -1e18, { "far": 1e25 }, 1e-9, 0.5, 7, u64::MAX]);
    archive.put(std::slice::from_ref(&entry)).await.expect("an archive");
    assert_eq!(archive.checkpoints(entry.id).await.expect("an archive"), entry.checkpoints);
}

#[tokio::test]
async fn a_row_that_postgres_refuses_is_refused_alone_and_its_words_are_not_repeated() {
    let (archive, mut entries) = (fresh_store().await.archive(), seed());
    entries[3].summary.state = "SEC\0RET".into();
    entries[6].steps[1].transition.to = "SEC\0RET".into();
    let verdicts = archive.put(&entries).await.expect("an archive");
    for (place, verdict) in verdicts.iter().enumerate() {
        match verdict {
            Kept::Refused(reason) => assert!(!format!("{reason:?} {reason}").contains("RET"), "{reason}"),
            verdict => assert!(matches!(verdict, Kept::Done), "{verdict:?}"),
        }
        let is_kept = archive.latest(entries[place].id).await.expect("an archive").archived.is_some();
        assert_eq!(is_kept, ![3, 6].contains(&place));
        assert_eq!(matches!(verdict, Kept::Refused(_)), !is_kept);
    }
}

#[tokio::test]
async fn strange_rows_are_told() {
    let (schema, entry) = (own_schema(), booked());
    let (archive, id) = (archive_in(&schema).await, entry.id);
    archive.put(&[entry]).await.expect("an archive");
    SERVER.ask(&format!(
        "UPDATE {schema}.sessions SET record = 'a secret'; UPDATE {schema}.transitions SET cause = 'a secret';
         UPDATE {schema}.checkpoints SET exact = 'a secret'"
    ));
    for error in [
        archive.latest(id).await.expect_err("strange"),
        archive.history(id, 0, 1).await.expect_err("strange"),
        archive.checkpoints(id).await.expect_err("strange"),
    ] {
        let is_told = matches!(error, StoreError::Corrupt(_) | StoreError::Unreadable(_));
        assert!(is_told && !format!("{error:?}").contains("secret"), "{error:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purge_goes_on_while_others_put_and_takes_only_what_is_old() {
    let store = fresh_store().await;
    let (now, entry) = (Utc::now(), booked());
    let aged = |age: TimeDelta| {
        let id = flow_core::SessionId::random();
        let mut entry = entry.clone();
        entry.id = id;
        entry.summary.updated_at = now - age;
        entry.checkpoints.clear();
        entry
    };
    let old: Vec<_> = (0..700).map(|_| aged(TimeDelta::days(2))).collect();
    store.archive().put(&old).await.expect("an archive");
    let young: Vec<_> = (0..400).map(|_| aged(TimeDelta::zero())).collect();
    let (putting, ids) = (store.archive(), young.iter().map(|entry| entry.id).collect::<Vec<_>>());
    let putting = tokio::spawn(async move {
        for batch in young.chunks(20) {
            let verdicts = putting.put(batch).await.expect("an archive");
            assert!(verdicts.iter().all(|verdict| matches!(verdict, Kept::Done)), "{verdicts:?}");
        }
    });
    let (archive, mut purged) = (store.archive(), 0);
    while purged < 700 {
        let step = archive.purge_before(now - TimeDelta::days(1), 600).await.expect("a purge");
        assert!(step <= 600);
        purged += step;
    }
    putting.await.expect("all were kept");
    assert_eq!((purged, archive.purge_before(now - TimeDelta::days(1), 600).await.expect("a purge")), (700, 0));
    for id in ids.into_iter().step_by(40) {
        assert!(archive.latest(id).await.expect("an archive").archived.is_some());
    }
}
