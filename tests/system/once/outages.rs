//! The store is away, or the turn's time is over.

use std::{sync::Arc, time::Duration};

use flow_core::{Busy, Deadlines, EngineError, Outage, StoreError, engine::Durability};
use tokio::sync::Semaphore;

use super::{Clerk, Fate, World, message, served_by, until};
use crate::{meddler::Meddling, stage::Stage};

#[tokio::test(start_paused = true)]
async fn a_store_that_is_away_is_told_and_the_world_is_not_asked() {
    let world = Arc::new(World::default());
    let stage = Stage::with(served_by(&Clerk::in_the(&world)));
    stage.says("hi").await;
    stage.store.is_away(true);
    let failed = stage.engine.handle(stage.id, message("pay", "m1")).await;
    assert!(matches!(failed, Err(EngineError::Store(StoreError::Unavailable(_)))), "{failed:?}");
    assert_eq!(world.keys().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_goes_away_meanwhile_ends_the_turn_and_the_key_is_the_same_the_next_time() {
    let world = Arc::new(World::default());
    let stage = Stage::with(served_by(&Clerk::in_the(&world)));
    stage.says("hi").await;
    let permits = Arc::new(Semaphore::new(0));
    world.next_question(Fate::Waits(Arc::clone(&permits)));
    let goes_away = async {
        until(|| world.keys().len() == 1).await;
        stage.store.is_away(true);
        permits.add_permits(1);
    };
    let (failed, ()) = tokio::join!(stage.engine.handle(stage.id, message("pay", "m1")), goes_away);
    // It is the caller's to know, and no failure of the handler.
    assert!(matches!(failed, Err(EngineError::Store(StoreError::Unavailable(_)))), "{failed:?}");
    stage.store.is_away(false);
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(stage.says(message("pay", "m1")).await.texts(), ["charged 2"]);
    assert_eq!(world.keys()[0], world.keys()[1]);
}

#[tokio::test(start_paused = true)]
async fn an_answer_whose_write_is_in_doubt_is_found_by_the_next_try() {
    let world = Arc::new(World::default());
    let stage = Stage::with(served_by(&Clerk::in_the(&world)));
    stage.says("hi").await;
    let deadlines = Deadlines::default().store(Duration::from_millis(100));
    let engine = stage.second(served_by(&Clerk::in_the(&world)).deadlines(deadlines));
    stage.store.next_commit(Meddling::ApplyAndGoAway);
    let failed = engine.handle(stage.id, message("pay", "m1")).await;
    assert!(matches!(failed, Err(EngineError::Store(StoreError::Unknown(_)))), "{failed:?}");
    stage.store.is_away(false);
    let outcome = stage.says(message("pay", "m1")).await;
    assert_eq!((outcome.texts(), world.keys().len()), (vec!["charged 1"], 1));
}

#[tokio::test(start_paused = true)]
async fn in_memory_the_answer_is_kept_there_and_handed_back_with_the_session() {
    let world = Arc::new(World::default());
    let clerk = Clerk::in_the(&world);
    let stage = Stage::with(served_by(&clerk).outage(Outage::Memory { sessions: 10 }));
    stage.says("hi").await;
    stage.store.is_away(true);
    clerk.next_answer(Fate::Fails);
    let outcome = stage.says(message("pay", "m1")).await;
    assert!(outcome.is_failed() && matches!(outcome.durability, Durability::InMemory(_)), "{outcome:?}");
    let outcome = stage.says(message("pay", "m1")).await;
    assert_eq!((outcome.texts(), world.keys().len()), (vec!["charged 1"], 1));
    assert!(matches!(outcome.durability, Durability::InMemory(_)), "{:?}", outcome.durability);
    stage.store.is_away(false);
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert_eq!(stage.engine.stats().handed_back, 1);
    let outcome = stage.says(message("pay", "m1")).await;
    assert_eq!((outcome.texts(), world.keys().len(), outcome.lost_turns), (vec!["charged 1"], 1, 0));
    assert!(stage.store.last_written().record.readable().get("once").is_none());
}

#[tokio::test(start_paused = true)]
async fn a_store_that_goes_away_meanwhile_leaves_the_answer_to_the_turn_in_memory() {
    let world = Arc::new(World::default());
    let stage = Stage::with(served_by(&Clerk::in_the(&world)).outage(Outage::Memory { sessions: 10 }));
    stage.says("hi").await;
    let permits = Arc::new(Semaphore::new(0));
    world.next_question(Fate::Waits(Arc::clone(&permits)));
    let goes_away = async {
        until(|| world.keys().len() == 1).await;
        stage.store.is_away(true);
        permits.add_permits(1);
    };
    let (outcome, ()) = tokio::join!(stage.says(message("pay", "m1")), goes_away);
    assert_eq!((outcome.texts(), world.keys().len()), (vec!["charged 1"], 1));
    assert!(matches!(outcome.durability, Durability::InMemory(_)), "{:?}", outcome.durability);
}

#[tokio::test(start_paused = true)]
async fn a_question_that_takes_longer_than_the_handler_may_is_asked_again_under_its_key() {
    let world = Arc::new(World::default());
    let deadlines = Deadlines::default().handler(Duration::from_secs(1));
    let stage = Stage::with(served_by(&Clerk::in_the(&world)).deadlines(deadlines));
    stage.says("hi").await;
    world.next_question(Fate::Hangs);
    assert!(stage.says(message("pay", "m1")).await.is_failed());
    assert_eq!(stage.says(message("pay", "m1")).await.texts(), ["charged 2"]);
    assert_eq!(world.keys()[0], world.keys()[1]);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_kept_when_the_turns_time_ends_is_there_for_the_next_try() {
    let world = Arc::new(World::default());
    let clerk = Clerk::in_the(&world);
    let deadlines = Deadlines::default().turn(Duration::from_secs(1)).handler(Duration::from_secs(30));
    let stage = Stage::with(served_by(&clerk).deadlines(deadlines));
    stage.says("hi").await;
    // The answer is written, and the turn is not in time.
    clerk.next_answer(Fate::Hangs);
    let late = stage.engine.handle(stage.id, message("pay", "m1")).await;
    let is_late = match &late {
        Ok(outcome) => outcome.is_failed(),
        Err(error) => matches!(error, EngineError::Busy(Busy::Late { .. })),
    };
    assert!(is_late, "{late:?}");
    assert_eq!((stage.says(message("pay", "m1")).await.texts(), world.keys().len()), (vec!["charged 1"], 1));
}
