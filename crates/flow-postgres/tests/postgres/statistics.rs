//! What the views tell of the conversations that are kept.

use flow_core::{Archive as _, Statistics as _};
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
