//! The real bot, in several processes: killed in the middle, side by side, racing.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
    thread,
    time::{Duration, Instant},
};

use flow_core::{SessionId, Store};
use flow_proving::{PostgresServer, RedisServer};
use flow_redis::RedisStore;
use serde_json::{Value, json};

use crate::programs::{Bot, Worker, example, run, stdout};

static SERVER: LazyLock<RedisServer> = LazyLock::new(RedisServer::start);

fn goes_on_where_it_was(store: &str) {
    let id = SessionId::random().to_string();
    let mut bot = Bot::on(store);
    for (said, state) in [("hi", "WELCOME"), ("Book", "BOOK_NAME"), ("Ana", "BOOK_EMAIL")] {
        assert_eq!(bot.tell(&json!({"session": id, "text": said}))["state"], state);
    }
    bot.kill();

    let arguments = ["--store", store, "--session", &id];
    let output = run("booking", &arguments, "ana@example.com\n");
    let question = "bot: Thanks, Ana. Which e-mail should the confirmation go to?\n";
    assert_eq!(stdout(&output), format!("{question}bot: And a phone number?\n"));
    let shown = stdout(&run("booking", &[&arguments[..], &["show"]].concat(), ""));
    assert!(shown.contains("BOOK_PHONE") && !shown.contains("ana@example.com"), "{shown}");
    let sessions = stdout(&run("booking", &[&arguments[..], &["sessions"]].concat(), ""));
    assert!(sessions.contains(&format!("{id}  BOOK_PHONE  ")), "{sessions}");
    // The bots were workers too, until a moment ago.
    assert!(!misses_workers(store));
}

/// Whether `booking sessions` says that there is no worker.
fn misses_workers(store: &str) -> bool {
    let output = example("booking").args(["--store", store, "sessions"]).output().expect("it runs");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8_lossy(&output.stderr).contains("no worker is at work")
}

#[test]
fn an_operator_is_told_that_no_worker_is_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = format!("sqlite:{}", folder.path().join("bot.db").display());
    let bot = Bot::without_worker(&["--store", &store]);
    assert!(misses_workers(&store));
    bot.kill();
    let worker = Worker::with(&["--store", &store]);
    let began = Instant::now();
    while misses_workers(&store) {
        assert!(began.elapsed() < Duration::from_secs(60), "the worker is there");
    }
    worker.kill();
}

#[test]
fn a_bot_on_a_file_that_was_killed_goes_on_where_it_was() {
    let folder = tempfile::tempdir().expect("a folder");
    goes_on_where_it_was(&format!("sqlite:{}", folder.path().join("salon/bot.db").display()));
}

#[test]
fn a_bot_on_redis_that_was_killed_goes_on_where_it_was() {
    goes_on_where_it_was(&SERVER.url());
}

#[test]
fn a_bot_that_has_only_postgres_and_was_killed_goes_on_where_it_was() {
    let server = PostgresServer::start_quick();
    goes_on_where_it_was(&server.url("postgres"));
}

#[test]
fn two_processes_that_take_turns_lead_one_conversation() {
    let mut bots = [Bot::on(&SERVER.url()), Bot::on(&SERVER.socket_url())];
    let id = SessionId::random();
    let said = ["hi", "Book", "Ana", "ana@example.com", "+1 234 567 890", "skip", "Mon 10:00", "Yes"];
    let mut states = Vec::new();
    for (message, bot) in said.iter().zip([0, 1].into_iter().cycle()) {
        let answer = bots[bot].tell(&json!({"session": id, "text": message}));
        states.push(answer["state"].as_str().expect("a state").to_owned());
    }
    let answer = bots[0].tell(&json!({"session": id, "signal": "calendar.booked"}));
    assert_eq!(answer["state"], "BOOK_CONFIRMED");
    let asked = "WELCOME BOOK_NAME BOOK_EMAIL BOOK_PHONE BOOK_COMPANY BOOK_SLOT BOOK_REVIEW BOOK_SEND_LINK";
    assert_eq!(states.join(" "), asked);
}

#[tokio::test]
async fn two_processes_that_race_on_a_session_make_one_history() {
    let id = SessionId::random();
    let messages: Vec<_> =
        ["Book", "Ana", "back", "restart"].iter().map(|text| json!({"session": id, "text": text})).collect();
    let messages: Vec<_> = messages.into_iter().cycle().take(1_000).collect();
    let racers = [SERVER.url(), SERVER.socket_url()].map(|store| {
        let messages = messages.clone();
        thread::spawn(move || Bot::on(&store).tell_all(&messages))
    });
    let mut history = BTreeMap::new();
    for answer in racers.into_iter().flat_map(|racer| racer.join().expect("a racer")) {
        let version = answer["version"].as_u64().unwrap_or_else(|| panic!("a visitor saw {answer}"));
        assert_eq!(history.insert(version, answer), None, "two messages had the same turn");
    }
    assert_eq!(history.len(), 2_000);
    let mut state = Value::Null;
    for (version, answer) in &history {
        // Each turn began where the one before had ended.
        for transition in answer["transitions"].as_array().expect("transitions") {
            assert_eq!(transition["from"], state, "{version}: {answer}");
            state = transition["to"].clone();
        }
        assert_eq!(answer["state"], state, "{version}: {answer}");
    }
    let record = stored(id).await;
    assert_eq!((&record["current"], record["version"].as_u64()), (&state, history.keys().last().copied()));
}

#[test]
fn a_message_that_comes_a_hundred_times_is_taken_once() {
    let id = SessionId::random();
    let mut bots = [Bot::on(&SERVER.url()), Bot::on(&SERVER.socket_url())];
    bots[0].tell(&json!({"session": id, "text": "hi"}));
    let message = json!({"session": id, "text": "Book", "id": "wamid.7"});
    let answers: Vec<_> = thread::scope(|scope| {
        let deliveries = bots.iter_mut().map(|bot| {
            let message = &message;
            scope.spawn(|| bot.tell_all(&vec![message.clone(); 50]))
        });
        let deliveries: Vec<_> = deliveries.collect();
        deliveries.into_iter().flat_map(|delivery| delivery.join().expect("a channel")).collect()
    });
    assert_eq!(answers.len(), 100);
    assert_eq!(answers.iter().filter(|answer| answer["repeat"] == false).count(), 1);
    for answer in &answers {
        assert_eq!((&answer["replies"], &answer["version"]), (&answers[0]["replies"], &json!(2)), "{answer}");
        assert_eq!(answer["state"], "BOOK_NAME");
    }
}

#[tokio::test]
async fn a_thousand_sessions_at_once_keep_to_themselves() {
    let sessions: Vec<_> = (0..1_000).map(|number| (SessionId::random(), name(number))).collect();
    let mut bots = [Bot::on(&SERVER.url()), Bot::on(&SERVER.socket_url())];
    let mut last = Vec::new();
    for round in 0..4 {
        let said = |name: &str| match round {
            0 => "hi".to_owned(),
            1 => "Book".to_owned(),
            2 => name.to_owned(),
            _ => format!("{name}@example.com"),
        };
        // Every other session, and the next time the others.
        let lines = [0, 1].map(|bot| {
            let here = sessions.iter().skip((bot + round) % 2).step_by(2);
            here.map(|(id, name)| json!({"session": id, "text": said(name)})).collect::<Vec<_>>()
        });
        last = thread::scope(|scope| {
            let tellers = bots.iter_mut().zip(&lines).map(|(bot, lines)| scope.spawn(|| bot.tell_all(lines)));
            let tellers: Vec<_> = tellers.collect();
            tellers.into_iter().flat_map(|teller| teller.join().expect("a bot")).collect()
        });
        let answered: BTreeSet<_> = last.iter().map(|answer| answer["session"].to_string()).collect();
        assert_eq!(answered.len(), 1_000);
        for answer in last.iter().filter(|_| round == 2) {
            let id = answer["session"].as_str().expect("a session").parse().expect("an id");
            let (_, name) = sessions.iter().find(|(session, _)| *session == id).expect("one of ours");
            assert!(answer["replies"][0].to_string().contains(&format!("Thanks, {name}.")), "{answer}");
        }
    }
    assert!(last.iter().all(|answer| answer["state"] == "BOOK_PHONE"));
    for (id, name) in sessions {
        assert_eq!(stored(id).await["data"], json!({"name": name, "email": format!("{name}@example.com")}));
    }
}

#[test]
fn a_bot_whose_server_is_away_goes_on_in_memory_and_hands_back() {
    let mut server = RedisServer::start();
    let (store, id) = (server.url(), SessionId::random());
    let mut bot = Bot::with(&["--store", &store, "--outage", "memory"]);
    let say = |bot: &mut Bot, text: &str| bot.tell(&json!({"session": id, "text": text, "id": text}));
    say(&mut bot, "hi");
    server.stop();
    for (said, state) in [("Book", "BOOK_NAME"), ("Ana", "BOOK_EMAIL")] {
        let answer = say(&mut bot, said);
        assert_eq!((&answer["inMemory"], &answer["state"]), (&json!(true), &json!(state)), "{answer}");
    }
    let answer = say(&mut bot, "Ana");
    let told = (&answer["repeat"], &answer["durability"], &answer["inMemory"]);
    assert_eq!(told, (&json!(true), &json!("in_memory"), &json!(true)), "a repeat is no more than what it repeats");
    server.start_again();
    // A server that keeps nothing has lost the session, and so what it became: that is told.
    assert!(bot.end(), "it could hand back, or tell why not");
    let mut bot = Bot::on(&store);
    assert_eq!(say(&mut bot, "hello")["state"], "WELCOME");

    let mut server = RedisServer::with(&["--appendonly", "yes", "--appendfsync", "always"]);
    let store = server.url();
    let mut bot = Bot::with(&["--store", &store, "--outage", "memory"]);
    say(&mut bot, "hi");
    server.kill();
    say(&mut bot, "Book");
    server.start_again();
    assert!(bot.end());
    let answer = say(&mut Bot::on(&store), "Ana");
    assert_eq!((&answer["state"], &answer["lostTurns"]), (&json!("BOOK_EMAIL"), &json!(0)), "{answer}");
}

/// The record of a session.
async fn stored(id: SessionId) -> Value {
    let store = RedisStore::builder(&SERVER.url()).prefix("booking").connect().await.expect("a store");
    let record = store.load(id, 0).await.expect("a load").record.expect("a record");
    record.readable()
}

/// A name of letters for each number.
fn name(number: u32) -> String {
    let letters = number.to_string().bytes().map(|digit| char::from(digit - b'0' + b'a')).collect::<String>();
    format!("Visitor{letters}")
}
