//! A bot that kills itself at each of the points between accepting a message and striking off its reply: nothing that was accepted
//! is lost or taken twice, and every reply is sent, in order, under its key, to its address.

use std::{collections::BTreeMap, fs, time::Instant};

use flow_proving::{PostgresServer, RedisServer};

use crate::mailroom::{Bot, Visitors};

/// Where it may die.
const POINTS: [&str; 10] = [
    "before a post",
    "behind a post",
    "before a commit that takes letters",
    "behind a commit that takes letters",
    "before a commit",
    "behind a commit",
    "in a handler",
    "before a reply is sent",
    "behind a reply that is sent",
    "behind a look that found something",
];

/// How many deaths there are; `FLOW_DEATHS=100` for many.
fn deaths() -> usize {
    std::env::var("FLOW_DEATHS").ok().and_then(|deaths| deaths.parse().ok()).unwrap_or(12)
}

fn survives(store: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut visitors = Visitors::new();
    let (mut lives, began) = (0, Instant::now());
    let kills = || fs::read_to_string(folder.path().join("kills")).unwrap_or_default();
    while kills().lines().count() < deaths() {
        lives += 1;
        assert!(lives < 20 * deaths(), "it dies too seldom: {}", kills());
        let mut bot = Bot::start(store, folder.path(), lives, 60);
        visitors.talk(&mut bot, |_| true);
    }
    let told = visitors.were_all_heard_and_answered(Bot::start(store, folder.path(), 0, 0), folder.path());
    let points: BTreeMap<&str, usize> = kills().lines().fold(BTreeMap::new(), |mut points, point| {
        *points.entry(POINTS.into_iter().find(|known| *known == point).expect("a point")).or_default() += 1;
        points
    });
    println!("{store}: {} deaths, {told}, in {:?}: {points:?}", kills().lines().count(), began.elapsed());
}

#[test]
fn a_bot_on_a_file_that_dies_anywhere_loses_nothing_and_takes_nothing_twice() {
    let folder = tempfile::tempdir().expect("a folder");
    survives(&format!("sqlite:{}", folder.path().join("bot.db").display()));
}

#[test]
fn a_bot_on_redis_that_dies_anywhere_loses_nothing_and_takes_nothing_twice() {
    survives(&RedisServer::with(&["--appendonly", "yes", "--appendfsync", "always"]).url());
}

#[test]
fn a_bot_on_postgres_that_dies_anywhere_loses_nothing_and_takes_nothing_twice() {
    survives(&PostgresServer::start_quick().url("postgres"));
}
