//! Questions before there is a record of the session to keep the answer in.

use std::sync::Arc;

use flow_core::{EngineError, Opened, Resume};
use flow_memory::MemoryArchive;

use super::{Clerk, Fate, Till, World, dies, message, served_by};
use crate::stage::Stage;

fn opening_clerk(world: &Arc<World>) -> Arc<Clerk> {
    Arc::new(Clerk { world: Arc::clone(world), opens_with_a_charge: true, ..Clerk::default() })
}

/// A stage on which the first process died after it had asked, before its first turn was stored.
async fn after_a_death(world: &Arc<World>) -> Stage<Till> {
    let stage = Stage::with(served_by(&opening_clerk(world)));
    let clerk = opening_clerk(world);
    clerk.next_answer(Fate::Hangs);
    let first = stage.second(served_by(&clerk));
    dies(first, stage.id, message("hi", "m1"), || clerk.after.lock().expect("a lock").is_empty()).await;
    assert_eq!(stage.store.writes(), 1, "the answer is kept");
    stage
}

#[tokio::test]
async fn the_answer_of_a_first_turn_outlives_its_process() {
    let world = Arc::new(World::default());
    let stage = after_a_death(&world).await;
    let outcome = stage.says(message("hi", "m1")).await;
    assert_eq!(outcome.texts(), ["charged 1", "What will it be?"]);
    assert_eq!((outcome.opened, outcome.version, world.keys().len()), (Some(Opened::First), 2, 1));
    let record = stage.store.last_written().record;
    assert_eq!((record.last_turn(), record.readable().get("once")), (record.stamp(), None));
    assert_eq!(record.readable()["history"].as_array().map(Vec::len), Some(1));
    assert_eq!(stage.says("note").await.texts(), ["noted"]);
}

#[tokio::test]
async fn until_its_first_turn_is_stored_there_is_no_session() {
    let world = Arc::new(World::default());
    let stage = after_a_death(&world).await;
    assert!(stage.engine.peek(stage.id).await.expect("a store").is_none());
    let forced = stage.engine.operator(flow_core::By::new("ana", "a test")).force(stage.id, Till::Open).await;
    assert!(matches!(forced, Err(EngineError::NoSession)), "{forced:?}");
    let touched = stage.engine.operator(flow_core::By::new("ana", "a test")).retry(stage.id).await;
    assert!(!matches!(touched, Ok(1..)), "{touched:?}");
    stage.works().await;
    assert_eq!(stage.store.writes(), 1);
    // It is a day's, unless the message comes again.
    assert!(stage.store.last_written().time_to_live.is_some_and(|time| time.as_secs() == 24 * 3600));
    assert!(stage.engine.remove(stage.id).await.expect("a store"), "it is removed with what is held of the visitor");
}

#[tokio::test]
async fn another_message_opens_the_session_and_the_answer_stays_for_the_one_that_asked() {
    let world = Arc::new(World::default());
    let stage = after_a_death(&world).await;
    let plain = stage.second(served_by(&Clerk::in_the(&world)));
    let outcome = plain.handle(stage.id, message("hello", "m2")).await.expect("a turn");
    assert_eq!((outcome.texts(), outcome.opened), (vec!["What will it be?"], Some(Opened::First)));
    assert_eq!(stage.store.last_written().record.readable()["once"][0]["answer"], 1);
    assert_eq!(plain.handle(stage.id, message("pay", "m1")).await.expect("a turn").texts(), ["charged 1"]);
    assert_eq!(world.keys().len(), 1);
}

#[tokio::test]
async fn a_process_that_lives_opens_the_session_with_one_write_more() {
    let world = Arc::new(World::default());
    let stage = Stage::with(served_by(&opening_clerk(&world)));
    let outcome = stage.says(message("hi", "m1")).await;
    assert_eq!((outcome.texts(), outcome.opened), (vec!["charged 1", "What will it be?"], Some(Opened::First)));
    assert_eq!((stage.store.calls(), stage.store.writes(), outcome.version), (3, 2, 2));
    assert_eq!(stage.engine.stats().conflicts, 0);
}

#[tokio::test]
async fn a_conversation_that_begins_anew_asks_once_as_well() {
    let world = Arc::new(World::default());
    let stage = Stage::with(served_by(&opening_clerk(&world)));
    stage.says(message("hi", "m1")).await;
    stage.says(message("close", "m2")).await;
    let clerk = opening_clerk(&world);
    clerk.next_answer(Fate::Hangs);
    let first = stage.second(served_by(&clerk));
    dies(first, stage.id, message("hi again", "m3"), || clerk.after.lock().expect("a lock").is_empty()).await;
    assert_eq!(stage.state().await, Some("CLOSED"), "the session before is as it was");
    let outcome = stage.says(message("hi again", "m3")).await;
    assert_eq!((outcome.texts(), outcome.opened), (vec!["charged 3", "What will it be?"], Some(Opened::AfterEnd)));
    assert_eq!(world.keys().len(), 3);
}

#[tokio::test]
async fn a_session_that_only_the_archive_has_keeps_its_history_and_its_answer() {
    let (world, archive) = (Arc::new(World::default()), Arc::new(MemoryArchive::new()));
    let served = |clerk: &Arc<Clerk>| served_by(clerk).archive(Arc::clone(&archive)).resume(Resume::Unexpired);
    let stage = Stage::with(served(&Clerk::in_the(&world)));
    stage.says(message("hi", "m0")).await;
    stage.says(message("remind", "m1")).await;
    stage.engine.archive_now(stage.id).await.expect("an archive");
    stage.store.behind().remove(stage.id).await.expect("a store");
    let clerk = Clerk::in_the(&world);
    clerk.next_answer(Fate::Hangs);
    let first = stage.second(served(&clerk));
    dies(first, stage.id, message("pay", "m2"), || clerk.after.lock().expect("a lock").is_empty()).await;
    let outcome = stage.says(message("pay", "m2")).await;
    assert_eq!((outcome.texts(), world.keys().len()), (vec!["charged 1"], 1));
    assert!(outcome.resumed.is_some());
    let session = stage.engine.peek(stage.id).await.expect("a store").expect("a session");
    assert_eq!(session.history().len(), 3, "opened, reminded, resumed: {:?}", session.history());
    assert!(session.wake_at().is_some(), "its reminder still runs");
    stage.engine.archive_now(stage.id).await.expect("the archive takes it as the same session");
}

#[tokio::test]
async fn an_answer_that_was_archived_with_its_session_is_known_when_the_store_has_lost_it() {
    let (world, archive) = (Arc::new(World::default()), Arc::new(MemoryArchive::new()));
    let served = |clerk: &Arc<Clerk>| served_by(clerk).archive(Arc::clone(&archive)).resume(Resume::Unexpired);
    let stage = Stage::with(served(&Clerk::in_the(&world)));
    stage.says(message("hi", "m0")).await;
    let clerk = Clerk::in_the(&world);
    clerk.next_answer(Fate::Hangs);
    let first = stage.second(served(&clerk));
    dies(first, stage.id, message("pay", "m1"), || clerk.after.lock().expect("a lock").is_empty()).await;
    stage.engine.archive_now(stage.id).await.expect("an archive");
    stage.store.behind().remove(stage.id).await.expect("a store");
    let outcome = stage.says(message("pay", "m1")).await;
    assert_eq!((outcome.texts(), world.keys().len()), (vec!["charged 1"], 1));
    assert!(outcome.resumed.is_some());
    // Once its turn is stored the answer is needed no more, and the message is a repeat, by the archive as well.
    stage.engine.archive_now(stage.id).await.expect("an archive");
    stage.store.behind().remove(stage.id).await.expect("a store");
    assert_eq!(stage.says(message("pay", "m1")).await.texts(), ["charged 1"]);
    assert_eq!(world.keys().len(), 1);
}
