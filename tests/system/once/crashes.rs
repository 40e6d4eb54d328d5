//! The process dies, and its message comes again elsewhere.

use std::{sync::Arc, time::Duration};

use flow_core::{Clock, Input, SessionId, Store};
use flow_memory::MemoryStore;
use flow_proving::RedisServer;
use flow_redis::RedisStore;
use flow_sqlite::SqliteStore;

use super::{Clerk, Fate, TillSignal, World, dies, message, served_by};
use crate::{meddler::Meddling, stage::Stage};

#[tokio::test]
async fn before_the_answer_is_written_the_world_is_asked_again_under_the_same_key() {
    let world = Arc::new(World::default());
    let stage = Stage::with(served_by(&Clerk::in_the(&world)));
    stage.says("hi").await;
    stage.store.next_commit(Meddling::Hang);
    let first = stage.second(served_by(&Clerk::in_the(&world)));
    let calls = stage.store.calls();
    dies(first, stage.id, message("pay", "m1"), || stage.store.calls() == calls + 2).await;
    assert_eq!(stage.says(message("pay", "m1")).await.texts(), ["charged 2"]);
    let keys = world.keys();
    assert_eq!((keys.len(), &keys[0]), (2, &keys[1]));
    stage.says(message("pay", "m2")).await;
    assert_ne!(world.keys()[2], keys[0], "another message is another question");
}

async fn after_the_answer_is_written(store: Arc<dyn Store>) {
    let world = Arc::new(World::default());
    let id = SessionId::random();
    let clerk = Clerk::in_the(&world);
    let first = served_by(&clerk).store(Arc::clone(&store));
    first.handle(id, "hi").await.expect("a turn");
    clerk.next_answer(Fate::Hangs);
    dies(first, id, message("close", "m1"), || clerk.after.lock().expect("a lock").is_empty()).await;
    let kept = store.load(id, 0).await.expect("a store").record.expect("a record");
    assert_eq!(kept.readable()["once"][0]["name"], "charge");
    assert_ne!(kept.stamp(), kept.last_turn(), "what was written is no turn");
    let second = served_by(&Clerk::in_the(&world)).store(Arc::clone(&store));
    let outcome = second.handle(id, message("close", "m1")).await.expect("a turn");
    assert_eq!((outcome.texts(), world.keys().len()), (vec!["Closed with 1."], 1), "it is not asked again");
    let record = store.load(id, 0).await.expect("a store").record.expect("a record");
    assert!(record.readable().get("once").is_none());
}

#[tokio::test]
async fn after_the_answer_is_written_the_world_is_not_asked_again() {
    after_the_answer_is_written(Arc::new(MemoryStore::new())).await;
}

#[tokio::test]
async fn after_the_answer_is_written_the_world_is_not_asked_again_on_sqlite() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = SqliteStore::builder(folder.path().join("till.db")).open().expect("a store");
    after_the_answer_is_written(Arc::new(store)).await;
}

#[tokio::test]
async fn after_the_answer_is_written_the_world_is_not_asked_again_on_redis() {
    let server = RedisServer::start();
    let store = RedisStore::connect(&server.url()).await.expect("a store");
    after_the_answer_is_written(Arc::new(store)).await;
}

#[tokio::test]
async fn a_signal_that_comes_again_is_answered_as_before() {
    let world = Arc::new(World::default());
    let stage = Stage::with(served_by(&Clerk::in_the(&world)));
    stage.says("hi").await;
    let clerk = Clerk::in_the(&world);
    clerk.next_answer(Fate::Fails);
    let first = stage.second(served_by(&clerk));
    let signal = Input::signal(&TillSignal::Confirmed).expect("it can be written").with_id("s1");
    assert!(first.handle(stage.id, signal.clone()).await.expect("an outcome").is_failed());
    assert_eq!((stage.says(signal).await.texts(), world.keys().len()), (vec!["charged 1"], 1));
}

#[tokio::test]
async fn a_reminder_whose_turn_failed_is_answered_as_before_and_no_worker_takes_it_meanwhile() {
    let world = Arc::new(World::default());
    let clerk = Clerk::in_the(&world);
    let stage = Stage::with(served_by(&clerk));
    stage.says("hi").await;
    stage.says("remind").await;
    stage.clock.advance(Duration::from_secs(61));
    clerk.next_answer(Fate::Fails);
    stage.works().await;
    assert_eq!(world.keys().len(), 1);
    let kept = stage.store.written.lock().expect("a lock").iter().rev().nth(1).expect("the answer's").clone();
    assert!(kept.record.readable()["once"][0]["name"] == "charge");
    let lease = kept.wake_at.expect("the timer is still to be taken") - stage.clock.now();
    assert!(lease.num_seconds() > 10, "no worker is called to the timer while its turn is being taken: {lease}");
    stage.clock.advance(Duration::from_secs(10));
    stage.works().await;
    assert_eq!(world.keys().len(), 1, "it is not asked again");
    let written = stage.store.written.lock().expect("a lock").last().expect("a turn").record.readable();
    assert!(written.get("once").is_none());
}

#[tokio::test]
async fn answers_of_messages_that_never_come_again_are_forgotten_after_a_day_and_beyond_a_bound() {
    let world = Arc::new(World::default());
    let clerk = Clerk::in_the(&world);
    let stage = Stage::with(served_by(&clerk));
    stage.says("hi").await;
    let kept = || {
        let record = stage.store.last_written().record.readable();
        record.get("once").map_or(0, |once| once.as_array().expect("a list").len())
    };
    for number in 0..40 {
        clerk.next_answer(Fate::Fails);
        assert!(stage.says(message("pay", &format!("m{number}"))).await.is_failed());
        assert_eq!(kept(), (number + 1).min(32));
    }
    assert_eq!(stage.says(message("pay", "m39")).await.texts(), ["charged 40"]);
    assert_eq!((kept(), world.keys().len()), (31, 40));
    assert_eq!(stage.says(message("pay", "m0")).await.texts(), ["charged 41"], "the oldest was forgotten");
    stage.passes(25);
    stage.says("note").await;
    assert_eq!(kept(), 0);
}
