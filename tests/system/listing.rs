//! The sessions of a flow, listed and counted by its engine: by a store that can tell them from others, and by one that cannot.

use std::collections::BTreeSet;

use flow_core::{
    Engine, EngineError, Expiry, Flow, Record, SessionId, Stamp, Store, StoreError, Unreadable,
    store::{Commit, Cursor, Expect},
};

use crate::{
    flow::Booking,
    stage::{Stage, salon},
};

const HOUR: std::time::Duration = std::time::Duration::from_secs(3600);

/// Everything that is listed in pages of `limit`.
async fn listed(engine: &Engine<Booking>, limit: usize) -> Vec<(SessionId, Result<&'static str, EngineError>)> {
    let (mut listed, mut after) = (Vec::new(), None);
    loop {
        let page = engine.sessions(after, limit).await.expect("a store");
        let state = |session: flow_core::Session<Booking>| session.state().name();
        listed.extend(page.sessions.into_iter().map(|listed| (listed.id, listed.session.map(state))));
        let Some(next) = page.next else { return listed };
        after = Some(next);
    }
}

/// Writes what no engine of the booking's wrote.
async fn put(stage: &Stage<Booking>, flow: &'static str, body: &str) -> SessionId {
    let id = SessionId::random();
    let record = Record::compose(Stamp::first(), body.as_bytes());
    stage.store.behind().commit(Commit::new(id, Expect::Absent, record, flow, "WELCOME")).await.expect("a store");
    id
}

/// An engine whose store has a roster, and one whose store has none.
fn engines(stage: &Stage<Booking>) -> [Engine<Booking>; 2] {
    let expiry = || salon().expiry(Expiry::default().idle(HOUR));
    assert!(stage.store.behind().roster().is_some() && stage.store.roster().is_none());
    [stage.behind(expiry()), stage.second(expiry())]
}

#[tokio::test]
async fn the_live_sessions_of_this_flow_are_listed_and_one_that_cannot_be_read_with_the_reason() {
    let stage = Stage::with(salon().expiry(Expiry::default().idle(HOUR)));
    stage.says("hi").await;
    stage.passes(1);
    let mut ids = BTreeSet::new();
    for _ in 0..10 {
        let id = SessionId::random();
        stage.engine.handle(id, "hi").await.expect("a turn");
        ids.insert(id);
    }
    put(&stage, "pizza", r#"{"flow":"pizza","flowVersion":1}"#).await;
    let damaged = put(&stage, "booking", "{}").await;
    for engine in engines(&stage) {
        for limit in [1, 3, 100] {
            let mut seen = ids.clone();
            for (id, found) in listed(&engine, limit).await {
                match found {
                    Ok(name) => assert!(seen.remove(&id) && name == "WELCOME", "{id} once, and not what has expired"),
                    Err(EngineError::Unreadable(error)) => assert!(id == damaged && error != Unreadable::OtherFlow),
                    Err(error) => panic!("{error}"),
                }
            }
            assert!(seen.is_empty(), "{seen:?} are missing");
        }
        assert!(listed(&engine, 100).await.iter().any(|(id, _)| *id == damaged));
        // The one that has expired is still known, and the damaged one is there.
        assert_eq!(engine.count().await.expect("a store"), 12);
    }
}

#[tokio::test]
async fn a_store_without_sessions_of_this_flow_has_none_and_what_is_of_another_is_no_fault() {
    let stage = Stage::new();
    put(&stage, "pizza", r#"{"flow":"pizza","flowVersion":1}"#).await;
    crate::log::listen();
    for engine in engines(&stage) {
        assert!(listed(&engine, 10).await.is_empty());
        assert_eq!(engine.count().await.expect("a store"), 0);
    }
    let logged = crate::log::logged();
    assert!(logged.contains("browse") && !logged.contains("ERROR"), "{logged}");
}

#[tokio::test]
async fn listing_renews_nothing_and_writes_nothing() {
    let stage = Stage::with(salon().expiry(Expiry::default().idle(2 * HOUR)));
    stage.says("hi").await;
    let writes = stage.store.writes();
    stage.passes(1);
    assert_eq!(listed(&stage.engine, 10).await.len(), 1);
    assert_eq!((stage.store.writes(), stage.engine.count().await.expect("a store")), (writes, 1));
    assert_eq!(stage.engine.time_to_live(stage.id).await.expect("a session"), Some(HOUR));
}

#[tokio::test]
async fn what_no_page_gave_is_refused() {
    let stage = Stage::new();
    stage.says("hi").await;
    for engine in engines(&stage) {
        for (after, limit) in [(None, 0), (Some(Cursor("of another store".into())), 10)] {
            let refused = engine.sessions(after, limit).await;
            assert!(matches!(refused, Err(EngineError::Store(StoreError::Refused(_)))), "{refused:?}");
        }
    }
}
