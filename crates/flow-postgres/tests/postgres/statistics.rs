//! What the views tell of the conversations that are kept.

use std::time::Duration;

use flow_core::{
    Archive as _, Cause, Statistics as _,
    archive::{ArchivedStep, Entry},
};
use flow_testkit::conformance::archive::seed;

use crate::server::{SERVER, fresh_store, in_schema, own_schema};

const VIEWS: [(&str, &str); 4] = [
    ("funnel", "flow, place, state, reached, round(share::numeric, 4)"),
    ("drop_off", "flow, place, state, reached, lapsed, open, round(drop_rate::numeric, 4)"),
    ("time_in_state", "flow, place, state, visits, round(median_seconds::numeric, 4), round(p95_seconds::numeric, 4)"),
    ("conversions_by_day", "flow, day, begun, end_state, reached, round(rate::numeric, 4)"),
];

#[tokio::test]
async fn the_views_count_what_is_kept() {
    let schema = own_schema();
    let archive = in_schema(&schema).connect().await.expect("a store").archive();
    archive.put(&seed()).await.expect("an archive");
    for (view, columns) in VIEWS {
        insta::assert_snapshot!(view, SERVER.ask(&format!("SELECT {columns} FROM {schema}.{view}")));
    }
}

#[tokio::test]
async fn the_views_of_an_empty_archive_are_empty() {
    let schema = own_schema();
    drop(in_schema(&schema).connect().await.expect("a store"));
    for (view, columns) in VIEWS {
        assert_eq!(SERVER.ask(&format!("SELECT {columns} FROM {schema}.{view}")), "");
    }
}

#[tokio::test]
async fn a_conversation_whose_beginning_is_not_kept_is_counted() {
    let (archive, mut entries) = (fresh_store().await.archive(), seed());
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
    let (archive, mut entries) = (fresh_store().await.archive(), seed());
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
    let (schema, other) = (own_schema(), own_schema());
    in_schema(&schema).connect().await.expect("a store").archive().put(&seed()).await.expect("an archive");
    in_schema(&other).connect().await.expect("a store").archive().put(&seed_with_people()).await.expect("an archive");
    for (view, columns) in VIEWS {
        let told = |schema| SERVER.ask(&format!("SELECT {columns} FROM {schema}.{view}"));
        assert_eq!(told(&other), told(&schema), "{view}");
    }
}
