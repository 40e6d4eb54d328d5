//! The faults that touch what remains to be done, each against real servers, with processes that are killed for real.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use flow_core::{Archive, Clock, Engine, SessionId, Statistics, Step, Store, Turn};
use flow_postgres::{PostgresArchive, PostgresStore};
use flow_proving::{PostgresServer, RedisServer};
use flow_redis::RedisStore;
use flow_sqlite::SqliteStore;
use flow_testkit::ManualClock;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    programs::{Bot, Worker},
    stage::TO_REVIEW,
};

/// How long something may take that comes by itself.
const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until it is so, and tells what is missing if that never comes.
fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < PATIENCE, "never: {what}");
        thread::sleep(Duration::from_millis(50));
    }
}

/// The visitors say each message in turn, and the bot answers all of them.
fn all_say(bot: &mut Bot, visitors: &[SessionId], messages: &[&str]) -> Vec<Value> {
    let lines = messages.iter().flat_map(|text| visitors.iter().map(move |id| json!({"session": id, "text": text})));
    let answers = bot.tell_all(&lines.collect::<Vec<_>>());
    for answer in &answers {
        assert!(answer["error"].is_null() && answer["failed"] == false, "{answer}");
    }
    answers
}

fn visitors(count: usize) -> Vec<SessionId> {
    (0..count).map(|_| SessionId::random()).collect()
}

/// What was delivered, in its order, by kind and key.
fn delivered(lines: &[Value]) -> Vec<(String, String)> {
    let kinds = ["checkpoint", "effect", "expired", "announcement"];
    let kind = |line: &Value| kinds.iter().find(|kind| !line[**kind].is_null()).expect("a kind").to_string();
    lines.iter().map(|line| (kind(line), line["key"].as_str().expect("a key").to_owned())).collect()
}

#[test]
fn crash_between_commit_and_delivery_delivers_at_least_once_with_its_key() {
    let server = RedisServer::with(&["--appendonly", "yes", "--appendfsync", "always"]);
    let store = ["--store", &server.url()];
    let mut all = Vec::new();
    let mut lines = Vec::new();
    for round in 0..6 {
        // A time is sold once, whichever bot sells it.
        let slot = format!("Wed {}:00", 10 + round);
        let mut bot = Bot::without_worker(&[&store[..], &["--slots", &slot]].concat());
        let new = visitors(10);
        all_say(&mut bot, &new, &[&TO_REVIEW[..6], &["1"]].concat());
        all.extend(&new);
        // The faster visitor has the slot, and the one that has it has a link.
        all_say(&mut bot, &new, &["Yes"]);
        bot.kill();
        let worker = Worker::with(&store);
        thread::sleep(Duration::from_millis(30 * (round + 1)));
        lines.extend(worker.kill());
    }
    let waiting = all.iter().filter(|id| stored(&server, **id)["current"] == "BOOK_SEND_LINK");
    let waiting: BTreeSet<String> = waiting.map(ToString::to_string).collect();
    assert_eq!(waiting.len(), 6, "a slot a round");
    let worker = Worker::with(&store);
    until("nothing is pending", || {
        waiting.iter().all(|id| {
            let record = stored(&server, id.parse().expect("an id"));
            record["todo"]["pending"].as_array().is_some_and(Vec::is_empty)
        })
    });
    lines.extend(worker.end());
    let delivered = delivered(&lines);
    for id in &waiting {
        let own: Vec<_> = delivered.iter().filter(|(_, key)| key.starts_with(id)).collect();
        let first = |kind: &str| own.iter().position(|(own, _)| own == kind);
        assert!(first("checkpoint").is_some() && first("effect").is_some(), "delivered: {own:?}");
        let keys: BTreeSet<_> = own.iter().map(|(kind, key)| (kind, key)).collect();
        assert_eq!(keys.len(), 2, "each under one key: {own:?}");
    }
}

/// The record of a session, as JSON.
fn stored(server: &RedisServer, id: SessionId) -> Value {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let record = runtime.block_on(async {
        let store = RedisStore::builder(&server.url()).prefix("booking").connect().await.expect("a store");
        store.load(id, 0).await.expect("a load").record
    });
    record.expect("a record").readable()
}

fn key_of(server: &RedisServer, id: SessionId) -> String {
    let keys = server.ask(&["KEYS", &format!("*{id}")]);
    keys.lines().next().unwrap_or_default().to_owned()
}

/// Every step that was acknowledged is archived, once, without a gap.
fn assert_archived(postgres: &PostgresServer, steps: &BTreeMap<String, u64>) {
    let counts = |sql: &str| -> BTreeMap<String, u64> {
        let told = postgres.ask(sql);
        let pairs = told.lines().filter_map(|line| line.split_once('|'));
        pairs.map(|(id, count)| (id.to_owned(), count.parse().expect("a number"))).collect()
    };
    let mut archived = BTreeMap::new();
    let began = Instant::now();
    while &archived != steps {
        let missing: Vec<_> = steps.iter().filter(|(id, count)| archived.get(*id) != Some(count)).collect();
        assert!(began.elapsed() < PATIENCE, "{missing:?} of {archived:?}");
        thread::sleep(Duration::from_millis(50));
        archived = counts("SELECT session, count(*) FROM flow.transitions GROUP BY session");
    }
    assert_eq!(&counts("SELECT session, max(number) + 1 FROM flow.transitions GROUP BY session"), steps);
    assert_eq!(&counts("SELECT session, steps FROM flow.sessions"), steps);
}

/// How many steps each session took, by the answers.
fn steps_of(answers: &[Value], steps: &mut BTreeMap<String, u64>) {
    for answer in answers {
        let taken = answer["transitions"].as_array().expect("steps").len();
        *steps.entry(answer["session"].as_str().expect("an id").to_owned()).or_default() += taken as u64;
    }
}

#[test]
fn archiver_killed_again_and_again_loses_nothing_and_doubles_nothing() {
    let (redis, postgres) = (RedisServer::start(), PostgresServer::start_quick());
    let (store, archive) = (redis.url(), postgres.url("postgres"));
    let places = ["--store", &store, "--archive", &archive];
    let mut bot = Bot::without_worker(&[&places[..], &["--archive-interval", "100ms"]].concat());
    let visitors = visitors(20);
    let mut steps = BTreeMap::new();
    for (round, message) in TO_REVIEW[..6].iter().cycle().take(18).enumerate() {
        // Later rounds are answers to other questions, or to none; whatever steps come of them count.
        steps_of(&all_say(&mut bot, &visitors, &[message]), &mut steps);
        steps_of(&all_say(&mut bot, &visitors, &["restart"]), &mut steps);
        let worker = Worker::with(&places);
        thread::sleep(Duration::from_millis(20 * (round as u64 % 9 + 1)));
        worker.kill();
    }
    let worker = Worker::with(&places);
    assert_archived(&postgres, &steps);
    worker.end();
}

#[test]
fn postgres_down_for_a_minute_loses_nothing_keeps_nobody_waiting_and_lags_until_it_is_back() {
    let (redis, mut postgres) = (RedisServer::start(), PostgresServer::start_quick());
    let (store, archive) = (redis.url(), postgres.url("postgres"));
    let places = ["--store", &store, "--archive", &archive];
    let mut bot = Bot::without_worker(&[&places[..], &["--archive-interval", "1s"]].concat());
    let worker = Worker::with(&places);
    let early = visitors(10);
    let mut steps = BTreeMap::new();
    steps_of(&all_say(&mut bot, &early, &["hi", "Book"]), &mut steps);
    assert_archived(&postgres, &steps);
    postgres.kill();
    let down_since = Instant::now();
    let mut slowest = Duration::ZERO;
    while down_since.elapsed() < Duration::from_secs(60) {
        let new = visitors(2);
        let began = Instant::now();
        steps_of(&all_say(&mut bot, &new, &["hi", "Book", "Ana"]), &mut steps);
        steps_of(&all_say(&mut bot, &early, &["restart", "Book"]), &mut steps);
        slowest = slowest.max(began.elapsed());
        thread::sleep(Duration::from_secs(2));
    }
    assert!(slowest < Duration::from_secs(5), "a round took {slowest:?}");
    postgres.start_again();
    assert_archived(&postgres, &steps);
    worker.end();
    assert!(bot.end());
}

#[test]
fn a_row_that_postgres_refuses_is_set_aside_and_the_others_pass() {
    let (redis, postgres) = (RedisServer::start(), PostgresServer::start_quick());
    let (store, archive) = (redis.url(), postgres.url("postgres"));
    let places = ["--store", &store, "--archive", &archive, "--archive-interval", "100ms"];
    let mut bot = Bot::with(&places);
    let visitors = visitors(3);
    let mut steps = BTreeMap::new();
    steps_of(&all_say(&mut bot, &visitors, &["hi"]), &mut steps);
    // A constraint that an operator added to the database, and the character that its jsonb cannot hold.
    postgres.ask("ALTER TABLE flow.sessions ADD CONSTRAINT no_bobby CHECK (data->>'name' <> 'Bobby Tables')");
    let mut said = TO_REVIEW[1..5].iter().map(|text| [*text; 3]).collect::<Vec<_>>();
    said[1] = ["Ana Silva", "Bobby Tables", "Bea"];
    said.push(["skip", "skip", "Acme\u{0}Ltd"]);
    for messages in said {
        for (id, text) in visitors.iter().zip(messages) {
            steps_of(&all_say(&mut bot, &[*id], &[text]), &mut steps);
        }
    }
    let refused = visitors[1].to_string();
    let all = steps.clone();
    until("the others are archived", || {
        let told = postgres.ask("SELECT session || ' ' || steps FROM flow.sessions");
        let whole = |id: &SessionId| told.contains(&format!("{id} {}", all[&id.to_string()]));
        whole(&visitors[0]) && whole(&visitors[2]) && !whole(&visitors[1])
    });
    let record = || stored(&redis, visitors[1]);
    until("the refusal stands in the record", || record()["todo"]["archiving"]["refused"].is_string());
    assert!(!record()["todo"]["archiving"]["refused"].to_string().contains("Bobby"), "no value is repeated");
    postgres.ask("ALTER TABLE flow.sessions DROP CONSTRAINT no_bobby");
    let again = ["--session", &refused, "retry"];
    crate::programs::run("booking", &[&places[..], &again].concat(), "");
    // The operator's hand is a step, too.
    *steps.get_mut(&refused).expect("a visitor's steps") += 1;
    assert_archived(&postgres, &steps);
    assert!(bot.end());
}

#[test]
fn key_lost_by_del_or_flushall_in_the_middle_of_traffic_is_restored_and_the_rest_is_told() {
    let (redis, postgres) = (RedisServer::start(), PostgresServer::start_quick());
    let (store, archive) = (redis.url(), postgres.url("postgres"));
    let mut bot = Bot::with(&["--store", &store, "--archive", &archive, "--archive-interval", "200ms"]);
    let (early, mut steps) = (visitors(20), BTreeMap::new());
    steps_of(&all_say(&mut bot, &early, &TO_REVIEW[..3]), &mut steps);
    assert_archived(&postgres, &steps);
    redis.ask(&["DEL", &key_of(&redis, early[0])]);
    let answer = all_say(&mut bot, &early[..1], &["ana@example.com"]).remove(0);
    assert_eq!((&answer["resumed"], &answer["state"]), (&Value::Bool(true), &"BOOK_PHONE".into()));

    // The new ones have no time to be archived.
    let late = visitors(20);
    all_say(&mut bot, &late, &["hi"]);
    redis.ask(&["FLUSHALL"]);
    for answer in all_say(&mut bot, &early[1..], &["ana@example.com"]) {
        assert_eq!((&answer["resumed"], &answer["state"]), (&Value::Bool(true), &"BOOK_PHONE".into()), "{answer}");
    }
    for answer in all_say(&mut bot, &late, &["Book"]) {
        // Each is told as what it is: taken up where it was archived, or begun anew.
        let (opened, resumed) = (answer["opened"] == true, answer["resumed"] == true);
        let state = if opened { "WELCOME" } else { "BOOK_NAME" };
        assert!(opened != resumed && answer["state"] == state, "{answer}");
    }
    assert!(bot.end());
}

/// A watch that rings an hour after it is set.
#[derive(flow_core::Flow, Clone, Debug, Serialize, Deserialize)]
enum Watch {
    #[state(start, silent, remind(Hour), to(Off))]
    Idle,
    #[state(end)]
    Off,
}

struct Bedside;

impl WatchHandler for Bedside {
    async fn idle(&self, _: watch::Idle, mut turn: Turn<'_, watch::Idle>) -> Step<watch::Idle> {
        turn.remind_in(Duration::from_secs(3600), watch::IdleReminder::Hour);
        turn.stay("")
    }

    async fn idle_on_hour(&self, _: watch::Idle, turn: Turn<'_, watch::Idle>) -> Step<watch::Idle> {
        turn.stay("Ring!")
    }
}

/// The store goes by the clock that jumps, as do the engines.
async fn jumps(store: Arc<dyn Store>, clock: ManualClock) {
    let engine = |clock: &ManualClock| -> Engine<Watch> {
        let builder = Watch::engine(Bedside).on_announcement(|_| async { Ok::<(), String>(()) });
        builder.clock(clock.clone()).store(Arc::clone(&store))
    };
    let engines = [engine(&clock), engine(&clock)];
    let (id, set_at) = (SessionId::random(), clock.now());
    for said in ["hi", "set"] {
        engines[0].handle(id, said).await.expect("a turn");
    }
    let rings = || engines.iter().map(|engine| engine.stats().delivered).sum::<u64>();
    let hours = |hours: i64| set_at + chrono::TimeDelta::hours(hours);
    for (hour, expected, why) in
        [(0, 0, "not yet"), (2, 1, "forward: due once"), (-1, 1, "back"), (1, 1, "never twice"), (3, 1, "never twice")]
    {
        clock.set(hours(hour));
        for engine in &engines {
            engine.worker().look().await.expect("a look");
        }
        assert_eq!(rings(), expected, "{why}");
    }
    engines[1].handle(id, "set").await.expect("a turn");
    for (hour, expected, why) in [(2, 1, "back: late"), (3, 1, "back: late"), (5, 2, "and then once")] {
        clock.set(hours(hour));
        for engine in &engines {
            engine.worker().look().await.expect("a look");
        }
        assert_eq!(rings(), expected, "{why}");
    }
}

#[tokio::test]
async fn clock_jumps_of_hours_are_due_once_or_late_and_never_twice_where_the_machine_keeps_the_time() {
    let (clock, folder) = (ManualClock::new(), tempfile::tempdir().expect("a folder"));
    let store = SqliteStore::builder(folder.path().join("bot.db")).clock(clock.clone()).open().expect("a store");
    jumps(Arc::new(store), clock).await;
}

/// The clock of the machine jumps, and that of the server does not.
async fn jumps_alone(store: Arc<dyn Store>) {
    let clock = ManualClock::at(chrono::Utc::now());
    let builder = Watch::engine(Bedside).on_announcement(|_| async { Ok::<(), String>(()) });
    let engine: Engine<Watch> = builder.clock(clock.clone()).store(store);
    let (id, set_at) = (SessionId::random(), clock.now());
    for hour in [0, 2, -1, 1, 3] {
        clock.set(set_at + chrono::TimeDelta::hours(hour));
        engine.handle(id, "set").await.expect("a turn");
        engine.worker().look().await.expect("a look");
        let session = engine.peek(id).await.expect("readable").expect("a session");
        let apart = (session.updated_at() - set_at).abs();
        assert!(apart < chrono::TimeDelta::minutes(5), "by the time of the server, and not {hour} hours off: {apart}");
    }
    assert_eq!(engine.stats().delivered, 0, "an hour has not passed on the server");
}

#[tokio::test]
async fn clock_jumps_of_hours_ring_nothing_where_a_server_keeps_the_time() {
    let (redis, postgres) = (RedisServer::start(), PostgresServer::start_quick());
    jumps_alone(Arc::new(RedisStore::connect(&redis.url()).await.expect("a store"))).await;
    jumps_alone(Arc::new(PostgresStore::connect(&postgres.url("postgres")).await.expect("a store"))).await;
}

#[tokio::test]
async fn the_archive_of_a_bot_counts_its_visitors() {
    let (redis, postgres) = (RedisServer::start(), PostgresServer::start_quick());
    let (store, url) = (redis.url(), postgres.url("postgres"));
    let places = ["--store", &store, "--archive", &url, "--archive-interval", "100ms"];
    let mut bot = Bot::with(&places);
    let (visitors, mut steps) = (visitors(4), BTreeMap::new());
    steps_of(&all_say(&mut bot, &visitors, &TO_REVIEW[..2]), &mut steps);
    steps_of(&all_say(&mut bot, &visitors[..1], &TO_REVIEW[2..4]), &mut steps);
    assert_archived(&postgres, &steps);
    assert!(bot.end());
    let archive = PostgresArchive::connect(&url).await.expect("an archive");
    let funnel = archive.funnel("booking").await.expect("a funnel");
    let reached: Vec<_> = funnel.iter().map(|row| (row.state.as_str(), row.reached)).collect();
    assert_eq!(reached, [("WELCOME", 4), ("BOOK_NAME", 4), ("BOOK_EMAIL", 1), ("BOOK_PHONE", 1)]);
    let kept = archive.latest(visitors[0]).await.expect("an archive").archived.expect("kept");
    assert_eq!(kept.steps, 4);
    let shown =
        |command| crate::programs::stdout(&crate::programs::run("booking", &[&places[..], &[command]].concat(), ""));
    insta::assert_snapshot!("funnel", shown("funnel"));
    insta::assert_snapshot!("dropoff", shown("dropoff"));
}
