//! What is told is what Prometheus reads, and as much of it however many come and whatever they say.

use std::collections::BTreeSet;

use flow_core::{
    Address, Input, SessionId,
    engine::{DeliveryFate, DeliveryKind, Event, Trigger, TurnKind, Verb},
};
use flow_proving::promtool;

use super::{
    bot::Bot,
    scrape::{Told, ask, series},
};

#[tokio::test]
async fn promtool_has_nothing_to_say_of_it() {
    let bot = Bot::start().await;
    for _ in 0..3 {
        bot.a_minute().await;
    }
    let text = bot.tells().await.expect("it is served");
    let words = promtool(&["check", "metrics"], &text).expect("what Prometheus reads");
    assert_eq!(words, "");
    // Each is told what it is.
    let (helped, kinds): (BTreeSet<_>, BTreeSet<_>) = (named(&text, "# HELP "), named(&text, "# TYPE "));
    assert_eq!(helped, kinds);
    for (series, _) in series(&text) {
        let name = series.split('{').next().expect("a name");
        let of = ["_bucket", "_sum", "_count"].into_iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
        assert!(kinds.contains(of) || kinds.contains(name), "{name}");
    }
    let misnamed = promtool(&["check", "metrics"], &text.replace("flow_turns_total", "flow_turns"));
    assert!(misnamed.is_err_and(|words| words.contains("should have \"_total\" suffix")), "promtool would say so");
}

fn named<'t>(text: &'t str, begin: &str) -> BTreeSet<&'t str> {
    text.lines().filter_map(|line| line.strip_prefix(begin)?.split(' ').next()).collect()
}

#[tokio::test]
async fn a_flood_of_visitors_of_forged_channels_and_of_paths_makes_no_series_and_no_name_of_theirs_is_told() {
    let bot = Bot::start().await;
    let flood = async |many: usize| {
        for number in 0..many {
            let id = SessionId::random();
            bot.visitor_says(id, &format!("canary {number}")).await;
            let forged = Address::new(format!("canary\" channel {number}"), format!("canary place {number}"));
            let said = Input::text("canary").with_id(format!("canary id {number}")).with_address(forged);
            bot.engine.handle(id, said).await.expect_err("no such channel");
            let token = format!("canary token {number}");
            for path in
                [format!("/canary/{number}"), format!("/chat/canary{number}?canary={number}"), "/chat/replies".into()]
            {
                ask(bot.address, "GET", &path, Some(&token), "").await.expect("an answer");
            }
        }
        bot.a_minute().await;
    };
    flood(150).await;
    let text = bot.tells().await.expect("it is served");
    for labels in Told::of(&text).0.into_values() {
        for (label, values) in labels {
            let of_the_program = of_the_program(&label);
            let others: Vec<_> = values.iter().filter(|value| !of_the_program.contains(&value.as_str())).collect();
            assert!(others.is_empty() || label == "le", "{label}: {others:?}");
        }
    }
    assert!(series(&text).count() < 1_000, "{}", series(&text).count());
    assert!(!text.contains("canary") && !text.contains("loft"), "a name of theirs is told");
    assert!(text.contains(r#"flow_channel_in_total{flow="kiosk",channel="other",kind="refused"} 150"#));
    // An id is 36 characters with four dashes.
    let is_id = |word: &str| word.len() == 36 && word.matches('-').count() == 4;
    assert!(!text.split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '-')).any(is_id));
}

/// What a label may have, whoever comes: all of it stands in a program.
fn of_the_program(label: &str) -> Vec<&'static str> {
    match label {
        "flow" => vec!["kiosk"],
        "trigger" => Trigger::ALL.iter().map(|trigger| trigger.as_str()).collect(),
        "kind" => {
            let of_turns = TurnKind::ALL.iter().map(|kind| kind.as_str());
            of_turns.chain(DeliveryKind::ALL.iter().map(|kind| kind.as_str())).collect()
        }
        "fate" => DeliveryFate::ALL.iter().map(|fate| fate.as_str()).chain(["laid_out"]).collect(),
        "saved" => vec!["stored", "in_memory", "nothing", "unknown", "failed"],
        "how" => vec!["first", "after_end", "after_expiry", "after_loss", "after_damage"],
        "channel" => vec!["web", "pigeon", "other"],
        "call" => Verb::ALL.iter().map(|verb| verb.as_str()).collect(),
        "result" => vec!["ok", "away", "failed"],
        "event" => Event::ALL.iter().map(|event| event.as_str()).collect(),
        "route" => vec!["/metrics", "/chat/sessions", "/chat/messages", "/chat/replies", "other"],
        "status" => vec!["200", "201", "202", "400", "401", "403", "404", "429"],
        "limit" => vec![
            "body",
            "body_time",
            "headers",
            "head_time",
            "malformed",
            "slow_reader",
            "connections",
            "streams",
            "streams_each",
            "session",
            "inbox",
            "input",
            "address_connections",
            "address_streams",
            "address_messages",
            "address_questions",
            "address_openings",
        ],
        _ => Vec::new(),
    }
}
