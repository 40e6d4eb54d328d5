//! What the views tell of the conversations that are kept.

use flow_core::Archive as _;
use flow_testkit::conformance::archive::seed;

use crate::server::{SERVER, in_schema, own_schema};

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
