//! The shop in processes that are killed with `kill -9` in the middle of their turns: every conversation stands where its acknowledged
//! turns say, with the data, the way back and the questions below as they were, and nothing is there twice.

use std::{
    collections::BTreeSet,
    env, fs,
    io::{self, BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use flow_core::{Engine, SessionId, Store};
use flow_proving::RedisServer;
use flow_redis::RedisStore;
use flow_sqlite::SqliteStore;
use serde_json::{Value, json};

use super::{Shop, Story, TURNS, VISITORS, essence_of, is_same, ledger, shop, told, was_all_told};

/// What tells a process of this program that it is to keep the shop: its folder, its store, and from which turn on, of each visitor.
const ROLE: &str = "FLOW_SHOP";

async fn store_at(place: &str) -> Arc<dyn Store> {
    if place.starts_with("redis") {
        Arc::new(RedisStore::connect(place).await.expect("a store"))
    } else {
        Arc::new(SqliteStore::open(place).expect("a store"))
    }
}

fn archive_in(folder: &Path) -> Arc<SqliteStore> {
    Arc::new(SqliteStore::open(folder.join("archive.db")).expect("an archive"))
}

/// Has everything delivered that is due, and archived.
async fn settles(engine: &Engine<Shop>, id: SessionId) {
    let began = Instant::now();
    loop {
        engine.worker().look().await.expect("the store tells what is due");
        let session = engine.peek(id).await.expect("it is read").expect("a session");
        assert!(session.set_aside().is_empty(), "{:?}", session.set_aside());
        if session.pending() == 0 {
            break;
        }
        assert!(began.elapsed() < Duration::from_secs(30), "{} are not delivered", session.pending());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    engine.archive_now(id).await.expect("it is archived");
}

/// Goes on with one story from this turn on, and says what was answered.
async fn goes_on(engine: &Engine<Shop>, story: &Story, from: usize, mut says: impl FnMut(usize, Vec<&str>)) {
    for number in from..TURNS {
        let outcome = engine.handle(story.id, story.message(number)).await.expect("a turn");
        says(number, outcome.texts());
    }
}

/// The shop of another process. By itself it tells a story to its end, and is not killed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shop_is_kept() {
    let Ok(role) = env::var(ROLE) else {
        let folder = tempfile::tempdir().expect("a folder");
        let stories = told(folder.path(), 7).await;
        let standings: BTreeSet<_> = stories
            .iter()
            .flat_map(|story| &story.after)
            .map(|after| &after["standing"])
            .map(Value::to_string)
            .collect();
        for place in ["SHOPPING/REVIEW/DELIVER/TOWN", "SHOPPING/DELIVER/TOWN/COMPLAINT", "SHOPPING/REVIEW/NAME"] {
            assert!(standings.contains(&format!("\"{place}\"")), "{place} is in no story: {standings:#?}");
        }
        return;
    };
    let role: Value = serde_json::from_str(&role).expect("a role");
    let folder = PathBuf::from(role["folder"].as_str().expect("a folder"));
    let stories: Vec<Story> =
        serde_json::from_slice(&fs::read(folder.join("stories")).expect("a file")).expect("stories");
    let store = store_at(role["store"].as_str().expect("a place")).await;
    let engine = shop(&folder).archive(archive_in(&folder)).store(store);
    let _working = engine.worker().lease(Duration::from_secs(1)).start();
    let each = stories.into_iter().enumerate().map(|(visitor, story)| {
        let engine = engine.clone();
        let from = role["from"][visitor].as_u64().and_then(|from| usize::try_from(from).ok()).expect("a number");
        tokio::spawn(async move {
            goes_on(&engine, &story, from, |number, texts| {
                let line = json!({ "visitor": visitor, "turn": number, "texts": texts });
                // One write, so that no line is cut by another.
                io::stdout().write_all(format!("\nturn {line}\n").as_bytes()).expect("a reader");
            })
            .await;
        })
    });
    for going in each.collect::<Vec<_>>() {
        going.await.expect("it goes on");
    }
}

/// Starts a shop, kills it after so many turns and a moment, and gives what it had acknowledged.
fn killed(role: &Value, turns: usize, moment: Duration) -> Vec<Value> {
    let program = env::current_exe().expect("this program");
    let mut command = Command::new(program);
    command.args(["--exact", "nested_shop::killed::a_shop_is_kept", "--nocapture", "--test-threads", "1"]);
    command.env(ROLE, role.to_string()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut keeper = command.spawn().expect("a shop");
    let mut lines = BufReader::new(keeper.stdout.take().expect("its words")).lines().map_while(Result::ok);
    let mut heard = Vec::new();
    let mut hear = |line: String| {
        if let Some(turn) = line.strip_prefix("turn ").and_then(|turn| serde_json::from_str(turn).ok()) {
            heard.push(turn);
        }
        heard.len()
    };
    for line in lines.by_ref() {
        if hear(line) >= turns {
            break;
        }
    }
    std::thread::sleep(moment);
    keeper.kill().expect("it is killed");
    keeper.wait().expect("it is dead");
    for line in lines {
        hear(line);
    }
    heard
}

async fn survives(place: &str, seed: u64) {
    let (folder, oracle) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let folder = folder.path();
    let stories = told(oracle.path(), seed).await;
    fs::write(folder.join("stories"), serde_json::to_vec(&stories).expect("JSON")).expect("a file");
    let store = store_at(place).await;
    let engine = shop(folder).archive(archive_in(folder)).store(Arc::clone(&store));
    let (mut from, mut kills, mut unacknowledged) = ([0; VISITORS], 0, 0);
    while from.iter().any(|from| *from + 20 < TURNS) {
        let role = json!({ "folder": folder, "store": place, "from": from });
        for turn in killed(&role, 12 + kills % 17, Duration::from_micros(700 * (kills as u64 % 13))) {
            let visitor = turn["visitor"].as_u64().and_then(|visitor| usize::try_from(visitor).ok()).expect("a number");
            assert_eq!(turn["turn"], json!(from[visitor]), "one after another");
            assert_eq!(turn["texts"], json!(stories[visitor].replies[from[visitor]]), "{turn}");
            from[visitor] += 1;
        }
        kills += 1;
        assert!(kills < 200, "it does not come on: {from:?}");
        for (story, acknowledged) in stories.iter().zip(from).filter(|(_, from)| *from > 0) {
            let is = essence_of(&engine, &*store, story.id).await;
            let allowed = &story.after[acknowledged - 1..TURNS.min(acknowledged + 1)];
            // What is archived meanwhile is cut off the history.
            let place = allowed.iter().position(|allowed| is_same(allowed, &is));
            assert!(place.is_some(), "behind {acknowledged} turns of {:?}: {is:#} and not {allowed:#?}", story.said);
            unacknowledged += usize::from(place == Some(1));
        }
    }
    for (story, from) in stories.iter().zip(from) {
        goes_on(&engine, story, from, |number, texts| assert_eq!(texts, story.replies[number])).await;
        settles(&engine, story.id).await;
        let is = essence_of(&engine, &*store, story.id).await;
        assert!(is_same(&story.after[TURNS - 1], &is), "{is:#}");
    }
    was_all_told(&stories, &ledger(folder), &ledger(oracle.path()), &*archive_in(folder)).await;
    println!("{place}: {kills} kills, {unacknowledged} of turns that were stored and not told");
    assert!(unacknowledged > 0, "no kill came between a commit and its answer");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shop_on_a_file_that_is_killed_at_any_moment_stands_where_it_said() {
    let folder = tempfile::tempdir().expect("a folder");
    survives(&folder.path().join("shop.db").display().to_string(), 11).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shop_on_redis_that_is_killed_at_any_moment_stands_where_it_said() {
    let server = RedisServer::with(&["--appendonly", "yes", "--appendfsync", "always"]);
    survives(&server.url(), 12).await;
}
