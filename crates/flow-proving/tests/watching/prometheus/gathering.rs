//! A real Prometheus that gathers from a bot, with the rules and the queries of the dashboard.

use std::time::Duration;

use flow_core::SessionId;
use flow_proving::Prometheus;
use tokio::time::sleep;

use super::{
    bot::{Bot, KEY},
    dashboard::queries,
    rules::{file, rules},
};

/// Gathers from the bot each second.
fn gatherer(bot: &Bot) -> Prometheus {
    Prometheus::start(&format!(
        r"
global: {{scrape_interval: 1s, evaluation_interval: 1s}}
rule_files: ['{}']
scrape_configs:
  - job_name: flow
    authorization: {{credentials: {KEY}}}
    static_configs: [{{targets: ['{}']}}]
",
        file().display(),
        bot.address
    ))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bot_is_gathered_from_and_the_rules_and_the_dashboard_are_taken() {
    let mut bot = Bot::start().await;
    let prometheus = gatherer(&bot);
    let is_up = |prometheus: &Prometheus, value: &str| {
        let up = prometheus.evaluates(r#"up{job="flow"}"#).expect("an expression");
        up[0]["value"][1] == value
    };
    while !is_up(&prometheus, "1") {
        sleep(Duration::from_millis(200)).await;
    }
    bot.visitor_says(SessionId::random(), "hello").await;
    while prometheus.evaluates("sum(flow_turns_total) > 0").expect("an expression")[0].is_null() {
        sleep(Duration::from_millis(200)).await;
    }
    // The rules are read here as Prometheus reads them.
    let groups = prometheus.asks("rules");
    let taken = groups["groups"][0]["rules"].as_array().expect("rules");
    assert_eq!(taken.len(), rules().len());
    for (taken, rule) in taken.iter().zip(rules()) {
        assert_eq!((taken["name"].as_str(), taken["health"].as_str()), (Some(&*rule.alert), Some("ok")));
        let annotations = &taken["annotations"];
        assert_eq!(annotations["summary"].as_str(), Some(&*rule.summary));
        assert_eq!(taken["labels"]["severity"].as_str(), Some(&*rule.severity));
        assert!(prometheus.evaluates(&rule.query).is_some(), "{}", rule.query);
        assert_eq!(taken["state"].as_str(), Some("inactive"), "{}", rule.alert);
    }
    for query in queries() {
        let query = query.replace("$__rate_interval", "1m").replace("$flow", ".*");
        assert!(prometheus.evaluates(&query).is_some(), "{query}");
    }
    bot.ends().await;
    while !is_up(&prometheus, "0") {
        sleep(Duration::from_millis(200)).await;
    }
    let down = |prometheus: &Prometheus| prometheus.asks("alerts")["alerts"][0]["labels"]["alertname"] == "FlowDown";
    while !down(&prometheus) {
        sleep(Duration::from_millis(200)).await;
    }
}
