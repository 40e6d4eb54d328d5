//! A bot that is gathered from each minute, before, during and after a fault, and the alerts that follow: [`Watch`].

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use flow_proving::promtool_tests;
use serde_json::{Value, json};

use super::{
    bot::Bot,
    rules::{Rule, file, rules},
    scrape::series,
};

/// How many minutes all is well before a fault.
const BEFORE: usize = 10;

/// How many minutes a fault lasts.
const DURING: usize = 25;

/// How many minutes all is well after it.
const AFTER: usize = 45;

/// What a bot told each minute; none of a minute in which it did not answer.
#[derive(Default)]
pub(crate) struct Watch {
    minutes: Vec<Option<String>>,
}

impl Watch {
    /// Watches for some minutes in which nothing is wrong.
    pub(crate) async fn begin(bot: &mut Bot) -> Self {
        let mut watch = Self::default();
        watch.minutes(bot, BEFORE, async |_| {}).await;
        watch
    }

    /// Watches while something is wrong; this happens besides in each minute.
    pub(crate) async fn fault(&mut self, bot: &mut Bot, happens: impl AsyncFnMut(&mut Bot)) {
        self.minutes(bot, DURING, happens).await;
    }

    /// Watches once nothing is wrong any more.
    pub(crate) async fn after(&mut self, bot: &mut Bot) {
        self.minutes(bot, AFTER, async |_| {}).await;
    }

    async fn minutes(&mut self, bot: &mut Bot, minutes: usize, mut happens: impl AsyncFnMut(&mut Bot)) {
        for _ in 0..minutes {
            happens(bot).await;
            bot.a_minute().await;
            self.minutes.push(bot.tells().await);
        }
    }

    /// Proves that these alerts fire during the fault, with these labels besides the severity, and no other; and none before and
    /// after it.
    pub(crate) fn fires(&self, expected: &[(&str, &[(&str, &str)])]) {
        let known: BTreeSet<_> = rules().into_iter().map(|rule| rule.alert).collect();
        for (alert, _) in expected {
            assert!(known.contains(*alert), "no rule is called {alert}");
        }
        let (well, wrong, healed) = (BEFORE - 1, BEFORE + DURING - 1, BEFORE + DURING + AFTER - 1);
        let mut tests = Vec::new();
        for rule in rules() {
            let during: Vec<_> = expected
                .iter()
                .filter(|(alert, _)| *alert == rule.alert)
                .map(|(_, labels)| alert_of(&rule, labels))
                .collect();
            for (minute, alerts) in [(well, Vec::new()), (wrong, during), (healed, Vec::new())] {
                let at = format!("{minute}m");
                tests.push(json!({"eval_time": at, "alertname": rule.alert, "exp_alerts": alerts}));
            }
        }
        let test = json!({
            "rule_files": [file()],
            "evaluation_interval": "1m",
            "tests": [{"interval": "1m", "input_series": self.input(), "alert_rule_test": tests}],
        });
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("test.yml");
        // JSON is YAML.
        fs::write(&path, test.to_string()).expect("a file");
        if let Err(words) = promtool_tests(&path) {
            panic!("{words}");
        }
    }

    /// What Prometheus would have gathered, with the labels that it adds.
    fn input(&self) -> Vec<Value> {
        let mut all = BTreeMap::<String, Vec<&str>>::new();
        for (minute, told) in self.minutes.iter().enumerate() {
            for (series, value) in told.as_deref().into_iter().flat_map(series) {
                let values = all.entry(gathered(series)).or_default();
                values.resize(minute, "_");
                values.push(value);
            }
            let up = all.entry(gathered("up")).or_default();
            up.push(if told.is_some() { "1" } else { "0" });
        }
        all.into_iter().map(|(series, values)| json!({"series": series, "values": values.join(" ")})).collect()
    }
}

fn gathered(series: &str) -> String {
    let (name, labels) = series.split_once('{').unwrap_or((series, "}"));
    let labels = labels.trim_end_matches('}');
    let comma = if labels.is_empty() { "" } else { "," };
    format!("{name}{{{labels}{comma}instance=\"kiosk:8080\",job=\"flow\"}}")
}

fn alert_of(rule: &Rule, labels: &[(&str, &str)]) -> Value {
    let filled = |text: &str| {
        labels
            .iter()
            .fold(text.to_owned(), |text, (label, value)| text.replace(&format!("{{{{ $labels.{label} }}}}"), value))
    };
    let mut told: BTreeMap<_, _> = labels.iter().copied().collect();
    told.insert("severity", &rule.severity);
    json!({
        "exp_labels": told,
        "exp_annotations": {"summary": filled(&rule.summary), "guide": rule.guide},
    })
}
