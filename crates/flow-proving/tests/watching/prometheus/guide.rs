//! The operator's guide beside what is told, and beside the alerts.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use super::{
    bot::tells_of_all_sorts,
    rules::{root, rules},
    scrape::Told,
};

/// The rows of the guide between these marks, split into their cells.
fn rows(mark: &str) -> Vec<Vec<String>> {
    let guide = fs::read_to_string(root().join("docs/operations.md")).expect("the guide");
    let (begin, end) = (format!("<!-- {mark}: begin -->"), format!("<!-- {mark}: end -->"));
    let part = guide.split_once(&begin).and_then(|(_, rest)| rest.split_once(&end)).expect("both marks").0;
    let rows = part.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| row.trim_matches('|').split(" | ").map(|cell| cell.trim().trim_matches('`').to_owned()).collect())
        .collect()
}

#[test]
fn each_alert_has_its_line_in_the_guide_and_the_reverse() {
    let told: BTreeMap<_, _> = rows("alerts").into_iter().map(|row| (row[0].clone(), row[1].clone())).collect();
    let rules = rules();
    let alerts: BTreeMap<_, _> = rules.iter().map(|rule| (rule.alert.clone(), rule.severity.clone())).collect();
    assert_eq!(told, alerts, "docs/operations.md, and deploy/prometheus/alerts.yaml");
    for rule in rules {
        assert_eq!(rule.guide, format!("docs/operations.md, {}", rule.alert));
    }
}

#[test]
fn no_alert_is_without_a_fault_that_it_was_seen_to_fire_for() {
    let faults = include_str!("alerts.rs");
    let unseen = rules().into_iter().map(|rule| rule.alert).filter(|alert| !faults.contains(&format!("\"{alert}\"")));
    assert_eq!(unseen.collect::<Vec<_>>(), Vec::<String>::new());
}

#[tokio::test]
async fn the_guide_knows_each_series_with_its_kind_and_its_labels() {
    let text = tells_of_all_sorts().await;
    let told = Told::of(&text);
    let kinds: BTreeMap<_, _> = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' ')).collect();
    let guide: BTreeMap<_, _> = rows("series").into_iter().map(|row| (row[0].clone(), row)).collect();
    let (all, known): (BTreeSet<_>, BTreeSet<_>) =
        (kinds.keys().copied().collect(), guide.keys().map(String::as_str).collect());
    assert_eq!(all, known, "what is told, and what docs/operations.md knows");
    for (name, kind) in kinds {
        let row = &guide[name];
        assert_eq!(row[1], kind, "{name}");
        let known: BTreeSet<_> =
            row[2].split(", ").map(|label| label.trim_matches('`')).filter(|label| *label != "–").collect();
        let labels = [name.to_owned(), format!("{name}_bucket")].into_iter().filter_map(|name| told.0.get(&name));
        let labels: BTreeSet<_> =
            labels.flat_map(BTreeMap::keys).map(String::as_str).filter(|label| *label != "le").collect();
        // The kiosk has no platform that calls it.
        let of_platforms = ["webhooks_total", "receipts_total", "paced_total", "pace_waiting"];
        let is_of_platforms = name.strip_prefix("flow_http_").is_some_and(|name| of_platforms.contains(&name));
        let is_without = is_of_platforms && labels.is_empty();
        assert!(is_without || labels == known, "{name}: {labels:?}, and in docs/operations.md {known:?}");
    }
}
