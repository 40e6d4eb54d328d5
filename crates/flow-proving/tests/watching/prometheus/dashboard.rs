//! The dashboard and the alerts ask for nothing that a bot does not tell.

use std::fs;

use serde_json::Value;

use super::{
    bot::tells_of_all_sorts,
    queries::asks,
    rules::{root, rules},
    scrape::Told,
};

/// The dashboard, as Grafana takes it.
fn dashboard() -> Value {
    let text = fs::read_to_string(root().join("deploy/grafana/flow.json")).expect("the dashboard");
    serde_json::from_str(&text).expect("JSON")
}

/// Every query of the dashboard.
pub(crate) fn queries() -> Vec<String> {
    let dashboard = dashboard();
    let panels = dashboard["panels"].as_array().expect("panels");
    let targets = panels.iter().flat_map(|panel| panel["targets"].as_array().into_iter().flatten());
    targets.map(|target| target["expr"].as_str().expect("a query").to_owned()).collect()
}

/// What Prometheus has of a bot that has met all sorts of things.
async fn gathered() -> Told {
    let mut told = Told::of(&tells_of_all_sorts().await);
    // Prometheus adds these, and the series that says whether a process answers.
    told.0.entry("up".to_owned()).or_default();
    // The kiosk has no platform that calls it.
    for (series, labels) in [
        ("flow_http_webhooks_total", &["channel", "result"][..]),
        ("flow_http_paced_total", &["channel", "limit", "waits"]),
        ("flow_http_pace_waiting", &["channel", "limit"]),
    ] {
        let of_a_platform = told.0.entry(series.to_owned()).or_default();
        for label in labels {
            of_a_platform.entry((*label).to_owned()).or_default();
        }
    }
    for labels in told.0.values_mut() {
        for (label, value) in [("job", "flow"), ("instance", "kiosk:8080")] {
            labels.entry(label.to_owned()).or_default().insert(value.to_owned());
        }
    }
    told
}

#[tokio::test]
async fn the_dashboard_and_the_alerts_ask_for_nothing_that_is_not_told() {
    let told = gathered().await;
    let alerts = rules().into_iter().map(|rule| rule.query);
    let queries: Vec<_> = queries().into_iter().chain(alerts).collect();
    assert!(queries.len() > 60, "{}", queries.len());
    for query in queries {
        let asked = asks(&query);
        assert!(!asked.is_empty(), "{query}");
        for asked in asked {
            let Some(labels) = told.0.get(&asked.series) else { panic!("{} is not told: {query}", asked.series) };
            for (label, value) in asked.labels {
                // Of several series of one query, each is grouped by the labels that it has.
                let Some(values) = labels.get(&label) else { panic!("{} has no {label}: {query}", asked.series) };
                // A status that no request has met, or a part of the server that was not asked for, is told once it happens.
                let is_there = value.as_ref().is_none_or(|value| values.contains(value));
                assert!(is_there || label == "route", "{} has no {label} {value:?}: {query}", asked.series);
            }
        }
    }
}

#[tokio::test]
async fn what_is_told_is_shown() {
    let (told, queries) = (gathered().await, queries().join("\n"));
    for series in told.0.keys() {
        let of = ["_bucket", "_sum", "_count"].into_iter().find_map(|end| series.strip_suffix(end));
        let is_shown = queries.contains(series) || of.is_some_and(|of| queries.contains(of));
        assert!(is_shown, "no panel shows {series}");
    }
}

#[test]
fn each_panel_has_a_title_a_unit_and_a_place_of_its_own() {
    let dashboard = dashboard();
    let panels = dashboard["panels"].as_array().expect("panels");
    let mut places = std::collections::BTreeSet::new();
    for panel in panels {
        assert!(panel["title"].as_str().is_some_and(|title| !title.is_empty()));
        let place = (panel["gridPos"]["x"].as_u64(), panel["gridPos"]["y"].as_u64());
        assert!(places.insert(place), "two panels stand at {place:?}");
        assert!(panel["type"] == "row" || panel["fieldConfig"]["defaults"]["unit"].is_string(), "{}", panel["title"]);
    }
    let rows: Vec<_> = panels.iter().filter(|panel| panel["type"] == "row").map(|row| row["title"].as_str()).collect();
    let titles = ["People", "Saving", "Store and archive", "Inbox", "Deliveries", "Channels", "Workers", "Server"];
    assert_eq!(rows, titles.map(Some));
}
