//! What the views tell of the conversations that are kept.

use std::{path::Path, time::Duration};

use flow_core::{
    Archive, Cause, Statistics,
    archive::{ArchivedStep, Entry},
};
use flow_sqlite::SqliteStore;
use flow_testkit::conformance::archive::seed;
use rusqlite::types::Value;

use crate::writes::{fresh_path, look_at};

/// The rows of a view as a table, numbers to four digits behind the point.
fn table(path: &Path, view: &str) -> String {
    let file = look_at(path);
    let mut statement = file.prepare(&format!("SELECT * FROM {view}")).expect("a view");
    let columns = statement.column_count();
    let names = (0..columns).map(|column| statement.column_name(column).expect("a name"));
    let mut lines = vec![names.collect::<Vec<_>>().join(" | ")];
    let rows = statement.query_map([], |row| (0..columns).map(|column| row.get(column)).collect());
    for row in rows.expect("rows") {
        let row: Vec<Value> = row.expect("a row");
        lines.push(row.iter().map(shown).collect::<Vec<_>>().join(" | "));
    }
    lines.join("\n")
}

fn shown(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Integer(number) => number.to_string(),
        Value::Real(number) => format!("{number:.4}"),
        Value::Null | Value::Blob(_) => "-".into(),
    }
}

#[tokio::test]
async fn the_views_count_what_is_kept() {
    let (_folder, path) = fresh_path();
    let store = SqliteStore::open(&path).expect("a store");
    store.put(&seed()).await.expect("an archive");
    insta::assert_snapshot!("funnel", table(&path, "funnel"));
    insta::assert_snapshot!("drop_off", table(&path, "drop_off"));
    insta::assert_snapshot!("time_in_state", table(&path, "time_in_state"));
    insta::assert_snapshot!("conversions_by_day", table(&path, "conversions_by_day"));
}

#[tokio::test]
async fn the_views_of_an_empty_archive_are_empty() {
    let (_folder, path) = fresh_path();
    drop(SqliteStore::open(&path).expect("a store"));
    for view in ["funnel", "drop_off", "time_in_state", "conversions_by_day"] {
        assert_eq!(table(&path, view).lines().count(), 1, "only the names of its columns");
    }
}

#[tokio::test]
async fn the_statistics_are_those_of_the_views() {
    let (_folder, path) = fresh_path();
    let store = SqliteStore::open(&path).expect("a store");
    store.put(&seed()).await.expect("an archive");
    let flow = &seed()[0].summary.flow;
    insta::assert_debug_snapshot!("funnel_as_types", store.funnel(flow).await.expect("a funnel"));
    insta::assert_debug_snapshot!("drop_off_as_types", store.drop_off(flow).await.expect("drop-offs"));
    insta::assert_debug_snapshot!("stays_as_types", store.time_in_state(flow).await.expect("stays"));
    insta::assert_debug_snapshot!("conversions_as_types", store.conversions_by_day(flow).await.expect("conversions"));
    assert_eq!(store.funnel("no such flow").await.expect("a funnel"), []);
}

#[tokio::test]
async fn a_conversation_whose_beginning_is_not_kept_is_counted() {
    let ((_folder, path), mut entries) = (fresh_path(), seed());
    let archive = SqliteStore::open(&path).expect("a store");
    entries.truncate(2);
    // It was cut before there was an archive.
    entries[0].steps.remove(0);
    archive.put(&entries[..1]).await.expect("an archive");
    let funnel = archive.funnel("booking").await.expect("a funnel");
    assert!(funnel.iter().all(|row| (row.reached, row.share) == (1, 1.0)), "{funnel:?}");
    archive.put(&entries[1..]).await.expect("an archive");
    let funnel = archive.funnel("booking").await.expect("a funnel");
    assert!(funnel.iter().all(|row| row.share <= 1.0), "{funnel:?}");
}

#[tokio::test]
async fn the_ends_come_in_the_order_of_their_declaration() {
    let ((_folder, path), mut entries) = (fresh_path(), seed());
    let archive = SqliteStore::open(&path).expect("a store");
    entries.truncate(2);
    for step in entries.iter_mut().flat_map(|entry| &mut entry.steps).filter(|step| step.transition.to == "BOOKED") {
        step.transition.to = "TABLE_BOOKED".into();
    }
    archive.put(&entries).await.expect("an archive");
    let conversions = archive.conversions_by_day("booking").await.expect("conversions");
    let ends: Vec<_> = conversions[..2].iter().map(|conversion| conversion.end_state.as_str()).collect();
    assert_eq!(ends, ["TABLE_BOOKED", "CANCELLED"]);
}

/// The conversations of the seed, where after each step a person does all that leads nowhere.
fn seed_with_people() -> Vec<Entry> {
    let by_people = [
        Cause::Paused,
        Cause::HandedOver,
        Cause::Unanswered,
        Cause::Spoken,
        Cause::Unpaused,
        Cause::Retried,
        Cause::Dismissed,
    ];
    assert!(by_people.iter().all(|by| by.stays()));
    let mut entries = seed();
    for entry in &mut entries {
        let steps = entry.steps.drain(..).flat_map(|step| {
            let staying = by_people.map(|by| {
                let mut staying = step.clone();
                (staying.transition.from, staying.transition.by) = (Some(staying.transition.to.clone()), by);
                staying.transition.at += Duration::from_millis(10);
                staying
            });
            [step].into_iter().chain(staying)
        });
        entry.steps = (0..).zip(steps).map(|(number, step)| numbered(number, step)).collect();
    }
    entries
}

fn numbered(number: u64, mut step: ArchivedStep) -> ArchivedStep {
    step.number = number;
    step
}

#[tokio::test]
async fn what_people_do_where_a_session_stands_counts_as_no_step() {
    let ((_folder, path), (_other_folder, other)) = (fresh_path(), fresh_path());
    SqliteStore::open(&path).expect("a store").put(&seed()).await.expect("an archive");
    SqliteStore::open(&other).expect("a store").put(&seed_with_people()).await.expect("an archive");
    for view in ["funnel", "drop_off", "time_in_state", "conversions_by_day"] {
        assert_eq!(table(&other, view), table(&path, view), "{view}");
    }
}
