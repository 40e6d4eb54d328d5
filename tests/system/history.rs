//! Bots and their server are killed again and again, and one serial history explains what they said.

use std::{
    sync::Mutex,
    thread,
    time::{Duration, Instant},
};

use flow_core::{SessionId, Store};
use flow_proving::{
    History, RedisServer,
    history::{Acknowledgement, Stored, Violation},
};
use flow_redis::RedisStore;
use serde_json::{Value, json};

use crate::programs::Bot;

const ROUNDS: u64 = 50;

/// What each client says to each session: words, and a button, and a signal, wherever the other client has led it.
const SAID: [&str; 13] = [
    "Book",
    "Ana",
    "back",
    "Ana",
    "ana@example.com",
    "+1 234 567 890",
    "skip",
    "[Mon 10:00]",
    "<calendar.booked>",
    "Yes",
    "what?",
    "<calendar.booked>",
    "restart",
];

/// A dice whose throws its seed decides.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        // Knuth's constants; the low bits are the weak ones.
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

/// A channel that delivers its messages through a bot of its own, which is killed now and then. What was not answered is
/// told to another, until it is.
struct Client<'h> {
    name: String,
    store: String,
    bot: Option<Bot>,
    dice: Dice,
    history: &'h Mutex<History>,
}

impl Client<'_> {
    fn says(&mut self, session: SessionId, number: usize) {
        let id = format!("{}{number}", self.name);
        let said = SAID[number];
        let kind = match said.as_bytes()[0] {
            b'[' => "button",
            b'<' => "signal",
            _ => "text",
        };
        let line = json!({"session": session, kind: said.trim_matches(['[', ']', '<', '>']), "id": id});
        let began = Instant::now();
        loop {
            assert!(began.elapsed() < Duration::from_secs(30), "nobody answers {line}");
            let bot = self.bot.get_or_insert_with(|| Bot::on(&self.store));
            let kill = (self.dice.below(10) == 0).then(|| Duration::from_micros(self.dice.below(4_000)));
            self.history.lock().expect("a lock").sends(session, id.as_str());
            let answer = bot.tell_and_kill(&line, kill).unwrap_or_default();
            let acknowledgement = acknowledgement(&answer);
            if kill.is_some() || acknowledgement.is_none() {
                self.bot = None;
            }
            let mut history = self.history.lock().expect("a lock");
            match acknowledgement {
                Some(acknowledgement) => return history.hears(session, &id, acknowledgement),
                None if has_changed_nothing(&answer) => {
                    history.fails(session, &id);
                    if is_unheard(&answer) {
                        return;
                    }
                }
                // It may have been stored before the bot, or its store, was killed.
                None => {}
            }
        }
    }
}

/// Whether the bot says so. Every other failure may have come after the write.
fn has_changed_nothing(answer: &Value) -> bool {
    let failed = answer["error"].as_str().is_some_and(|error| error.starts_with(AWAY));
    failed || answer["failed"] == true || is_unheard(answer)
}

/// Whether it was a signal that came too early, or too late.
fn is_unheard(answer: &Value) -> bool {
    answer["unheard"] == true || answer["error"].as_str().is_some_and(|error| error.starts_with(NO_SESSION))
}

const NO_SESSION: &str = "there is no live session";

const AWAY: &str = "the store failed: the store is not available";

fn acknowledgement(answer: &Value) -> Option<Acknowledgement> {
    if answer["failed"] != false || is_unheard(answer) {
        return None;
    }
    let from = answer["transitions"].get(0).and_then(|transition| transition["from"].as_str()).map(str::to_owned);
    let (version, state) = (answer["version"].as_u64()?, answer["state"].as_str()?.to_owned());
    Some(Acknowledgement { version, from, state, is_repeat: answer["repeat"].as_bool()? })
}

async fn stored(store: &RedisStore, session: SessionId) -> Option<Stored> {
    let record = store.load(session, 0).await.expect("a load").record?;
    let json = record.readable();
    let seen = json["seen"].as_array().expect("a list").iter();
    let remembered = seen.filter_map(|seen| Some((seen["id"].as_str()?.to_owned(), seen["version"].as_u64()?)));
    let inside = json["stack"].as_array().into_iter().flatten().map(|frame| &frame["current"]);
    let names = [&json["current"]].into_iter().chain(inside).map(|name| name.as_str().expect("a state"));
    let state = names.collect::<Vec<_>>().join("/");
    Some(Stored { version: record.stamp().version, state, remembered: remembered.collect() })
}

/// Two clients speak to two sessions while the server is killed and started again.
async fn round(seed: u64, server: &mut RedisServer) -> History {
    let (sessions, history) = ([SessionId::random(), SessionId::random()], Mutex::new(History::default()));
    let store = server.url();
    thread::scope(|scope| {
        for client in 0..2 {
            let (store, history, sessions) = (store.clone(), &history, &sessions);
            scope.spawn(move || {
                let (name, dice) = (format!("c{client}m"), Dice(2 * seed + client));
                let mut client = Client { name, store, bot: None, dice, history };
                for number in 0..SAID.len() {
                    for session in sessions {
                        client.says(*session, number);
                    }
                }
            });
        }
        thread::sleep(Duration::from_millis(10 + Dice(seed).below(60)));
        server.kill();
        server.start_again();
    });
    let mut history = history.into_inner().expect("a lock");
    let store = RedisStore::builder(&store).prefix("booking").connect().await.expect("a store");
    for session in sessions {
        if let Some(stored) = stored(&store, session).await {
            history.ends(session, stored);
        }
    }
    history
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_rounds_of_kill_9_of_clients_and_servers_leave_one_history() {
    let mut server = RedisServer::with(&["--appendonly", "yes", "--appendfsync", "always"]);
    let mut doubts = 0;
    for seed in 0..ROUNDS {
        let history = round(seed, &mut server).await;
        history.check().unwrap_or_else(|violations| panic!("round {seed}: {}", told(&violations)));
        doubts += history.doubtful();
    }
    assert!(doubts > 20, "the kills met only {doubts} messages");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_rounds_refute_a_server_that_keeps_nothing() {
    let mut server = RedisServer::with(&["--appendonly", "no", "--save", ""]);
    for seed in 0..ROUNDS {
        if round(seed, &mut server).await.check().is_err() {
            return;
        }
    }
    panic!("nobody missed what was lost");
}

fn told(violations: &[(SessionId, Violation)]) -> String {
    violations.iter().map(|(session, violation)| format!("{session}: {violation}")).collect::<Vec<_>>().join("; ")
}
