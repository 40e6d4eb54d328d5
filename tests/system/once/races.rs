//! Another writer comes first, and the handler is run again: the world is asked once.

use std::sync::Arc;

use flow_core::{OutcomeKind, SessionId, Store};
use flow_memory::MemoryStore;
use flow_proving::RedisServer;
use flow_redis::RedisStore;
use flow_sqlite::SqliteStore;
use tokio::sync::Semaphore;

use super::{Clerk, Fate, World, message, served_by, until};

/// The other process's turn is stored after the answer was kept, and before the turn that asked.
async fn is_charged_once_though_it_is_run_again(store: Arc<dyn Store>) {
    let world = Arc::new(World::default());
    let (clerk, other_clerk) = (Clerk::in_the(&world), Clerk::in_the(&world));
    let engine = Arc::new(served_by(&clerk).store(Arc::clone(&store)));
    let other = served_by(&other_clerk).store(Arc::clone(&store));
    let id = SessionId::random();
    engine.handle(id, "hi").await.expect("a turn");
    let permits = Arc::new(Semaphore::new(0));
    clerk.next_answer(Fate::Waits(Arc::clone(&permits)));
    let paying = tokio::spawn({
        let engine = Arc::clone(&engine);
        async move { engine.handle(id, message("pay", "m1")).await }
    });
    until(|| world.keys().len() == 1).await;
    // The answer is kept when the handler waits.
    until(|| clerk.after.lock().expect("a lock").is_empty()).await;
    other.handle(id, message("note", "m2")).await.expect("a turn");
    permits.add_permits(1);
    let outcome = paying.await.expect("no panic").expect("a turn");
    assert_eq!(outcome.texts(), ["charged 1"]);
    assert_eq!((world.keys().len(), clerk.runs()), (1, 2), "asked once, run twice");
    let record = store.load(id, 0).await.expect("a store").record.expect("a record");
    assert!(record.readable().get("once").is_none(), "the turn is stored, and the answer is no longer kept");
}

#[tokio::test]
async fn a_handler_that_loses_a_race_charges_once() {
    is_charged_once_though_it_is_run_again(Arc::new(MemoryStore::new())).await;
}

#[tokio::test]
async fn a_handler_that_loses_a_race_charges_once_on_sqlite() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = SqliteStore::builder(folder.path().join("till.db")).open().expect("a store");
    is_charged_once_though_it_is_run_again(Arc::new(store)).await;
}

#[tokio::test]
async fn a_handler_that_loses_a_race_charges_once_on_redis() {
    let server = RedisServer::start();
    let store = RedisStore::connect(&server.url()).await.expect("a store");
    is_charged_once_though_it_is_run_again(Arc::new(store)).await;
}

#[tokio::test]
async fn another_turn_that_comes_first_while_the_world_is_asked_leaves_the_answer_kept() {
    let (world, store) = (Arc::new(World::default()), Arc::new(MemoryStore::new()));
    let (clerk, other_clerk) = (Clerk::in_the(&world), Clerk::in_the(&world));
    let engine = Arc::new(served_by(&clerk).store(Arc::clone(&store)));
    let other = served_by(&other_clerk).store(Arc::clone(&store));
    let id = SessionId::random();
    engine.handle(id, "hi").await.expect("a turn");
    let permits = Arc::new(Semaphore::new(0));
    world.next_question(Fate::Waits(Arc::clone(&permits)));
    let paying = tokio::spawn({
        let engine = Arc::clone(&engine);
        async move { engine.handle(id, message("pay", "m1")).await }
    });
    until(|| world.keys().len() == 1).await;
    other.handle(id, message("note", "m2")).await.expect("a turn");
    permits.add_permits(1);
    assert_eq!(paying.await.expect("no panic").expect("a turn").texts(), ["charged 1"]);
    assert_eq!((world.keys().len(), clerk.runs()), (1, 2));
}

#[tokio::test]
async fn a_message_without_an_id_that_is_run_again_charges_once_and_writes_nothing_more() {
    let (world, store) = (Arc::new(World::default()), Arc::new(MemoryStore::new()));
    let (clerk, other_clerk) = (Clerk::in_the(&world), Clerk::in_the(&world));
    let engine = Arc::new(served_by(&clerk).store(Arc::clone(&store)));
    let other = served_by(&other_clerk).store(Arc::clone(&store));
    let id = SessionId::random();
    engine.handle(id, "hi").await.expect("a turn");
    let permits = Arc::new(Semaphore::new(0));
    clerk.next_answer(Fate::Waits(Arc::clone(&permits)));
    let paying = tokio::spawn({
        let engine = Arc::clone(&engine);
        async move { engine.handle(id, "pay").await }
    });
    until(|| clerk.runs() == 2 - 1 && world.keys().len() == 1).await;
    other.handle(id, message("note", "m2")).await.expect("a turn");
    permits.add_permits(1);
    let outcome = paying.await.expect("no panic").expect("a turn");
    assert_eq!((outcome.texts(), outcome.version), (vec!["charged 1"], 3), "no write of its own for the answer");
    assert_eq!((world.keys().len(), clerk.runs()), (1, 2));
}

#[tokio::test]
async fn one_message_in_two_processes_is_one_key_and_one_answer() {
    let (world, store) = (Arc::new(World::default()), Arc::new(MemoryStore::new()));
    let clerks = [Clerk::in_the(&world), Clerk::in_the(&world)];
    let engines = clerks.each_ref().map(|clerk| Arc::new(served_by(clerk).store(Arc::clone(&store))));
    let id = SessionId::random();
    engines[0].handle(id, "hi").await.expect("a turn");
    let permits = Arc::new(Semaphore::new(0));
    for _ in 0..2 {
        world.next_question(Fate::Waits(Arc::clone(&permits)));
    }
    let turns = engines.each_ref().map(|engine| {
        let engine = Arc::clone(engine);
        tokio::spawn(async move { engine.handle(id, message("pay", "m1")).await })
    });
    until(|| world.keys().len() == 2).await;
    permits.add_permits(2);
    let mut outcomes = Vec::new();
    for turn in turns {
        outcomes.push(turn.await.expect("no panic").expect("a turn"));
    }
    let keys = world.keys();
    assert_eq!((keys.len(), &keys[0]), (2, &keys[1]), "both were under way at once, under one key");
    assert_eq!(outcomes[0].texts(), outcomes[1].texts(), "and went by one answer");
    assert_eq!(outcomes.iter().filter(|outcome| matches!(outcome.kind, OutcomeKind::Repeat)).count(), 1);
}
