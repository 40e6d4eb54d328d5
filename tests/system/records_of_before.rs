//! Records in forms of before: JSON alone, as it was before the first edition, and the first edition with a body of JSON. They are
//! opened for good, on every store.

use std::{fs, path::Path, sync::Arc};

use chrono::{DateTime, Utc};
use first_release::Mood;
use flow_core::{
    Engine, EngineBuilder, Flow, Input, Prefix, Record, SessionId, Stamp, Store,
    engine::RecordForm,
    store::{Commit, Expect, Verdict},
};
use flow_memory::{MemoryArchive, MemoryStore};
use flow_postgres::PostgresStore;
use flow_proving::{PostgresServer, RedisServer};
use flow_redis::RedisStore;
use flow_sqlite::SqliteStore;
use flow_testkit::ManualClock;
use serde_json::Value;

use crate::{
    loops::{Pollster, Survey},
    nesting::{self, Parlour},
    stage::{Stage, ok, salon},
};

/// The record that says this, as it was written before the first edition.
pub(crate) fn written_as_json(stamp: Stamp, mut json: Value) -> Record {
    let fields = json.as_object_mut().expect("an object");
    for in_the_header in ["version", "writeId", "origin", "lastTurn"] {
        fields.remove(in_the_header);
    }
    let body = json.to_string().replacen('{', ",", 1);
    Record::read([Prefix::of_json(stamp).bytes(), body.into_bytes()].concat()).expect("a record")
}

/// The records that are kept, with their names: all of this flow.
fn kept(flow: &str) -> Vec<(String, Record)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("records");
    let files = fs::read_dir(folder).expect("a folder").map(|file| file.expect("a file").path());
    let records = files.filter(|path| path.extension().is_some_and(|extension| extension == "json")).map(|path| {
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        (name, Record::read(fs::read(path).expect("a record")).expect("a record"))
    });
    records.filter(|(_, record)| record.readable()["flow"] == flow).collect()
}

/// What a turn over each of the records leaves; `said` says what is said to it.
async fn goes_on<F: Flow>(store: &Arc<dyn Store>, builder: impl Fn() -> EngineBuilder<F>, said: &str, count: usize) {
    let records = kept(F::GRAPH.name);
    assert_eq!(records.len(), count);
    for (name, old) in records {
        let (id, json) = (SessionId::random(), old.readable());
        let planted = Commit::new(id, Expect::Absent, old.clone(), F::GRAPH.name, "KEPT");
        assert_eq!(store.commit(planted).await.expect("a store"), Verdict::Done { waiting: 0 }, "{name}");
        let stored = store.load(id, 0).await.expect("a store").record.expect("a record");
        assert_eq!((stored.bytes(), stored.prefix()), (old.bytes(), Prefix::of_json(old.stamp())), "{name}");

        let updated_at: DateTime<Utc> = json["updatedAt"].as_str().expect("a time").parse().expect("a time");
        let clock = ManualClock::at(updated_at + chrono::TimeDelta::seconds(2));
        let engine: Engine<F> = builder().clock(clock).store(Arc::clone(store));
        let session = engine.peek(id).await.expect("it is opened");
        // One that has expired is opened, and is not told to be there.
        assert_eq!(session.is_none(), name == "booking-lapsed", "{name}");
        if let Some(session) = session {
            assert_eq!(session.state().name(), json["current"].as_str().expect("a state"));
            assert_eq!(session.stamp(), old.stamp());
            assert_eq!(session.history().len(), json["history"].as_array().expect("a list").len(), "{name}");
            assert_eq!(serde_json::to_value(session.expires_at()).expect("JSON"), json["expiresAt"], "{name}");
            let waiting = json["todo"]["pending"].as_array().expect("a list").len();
            assert_eq!(session.pending(), waiting, "{name}");
        }

        let outcome = engine.handle(id, said).await.expect("a turn");
        assert!(!outcome.is_failed() && !outcome.is_repeat(), "{name}: {outcome:?}");
        let new = store.load(id, 0).await.expect("a store").record.expect("a record");
        assert_eq!(new.prefix(), Prefix::from(new.stamp()), "{name}: it is of the first edition from then on");
        assert_eq!(new.stamp().version, old.stamp().version + 1, "{name}");
        assert_eq!((new.origin(), new.last_turn()), (old.stamp().write_id, new.stamp()), "{name}");
        // A writer that has read the old one comes too late, as it would have before.
        let late = Commit::new(id, Expect::At(old.prefix()), old.rewritten(old.stamp().next()), F::GRAPH.name, "LATE");
        let Verdict::Conflict(loaded) = store.commit(late).await.expect("a store") else { panic!("{name}: it wrote") };
        assert_eq!(loaded.record.as_ref(), Some(&new), "{name}");
        let reopened = engine.peek(id).await.expect("it is opened").expect("it is there");
        assert_eq!(reopened.expires_at(), serde_json::from_value(new.readable()["expiresAt"].clone()).expect("a time"));
    }
}

/// The records of the first edition that have a body of JSON, with their names and whose they are: all of this flow.
fn kept_in_json(flow: &str) -> Vec<(String, SessionId, Record)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("records/first-edition");
    let files = fs::read_dir(folder).expect("a folder").map(|file| file.expect("a file").path());
    let records = files.map(|path| {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let mut parts = name.split('.');
        let (name, id) = (parts.next().expect("a name"), parts.next().expect("an id"));
        let record = Record::read(fs::read(&path).expect("a record")).expect("a record");
        (name.to_owned(), id.parse().expect("an id"), record)
    });
    records.filter(|(_, _, record)| record.readable()["flow"] == flow).collect()
}

/// A record in JSON says in the new form what it said, a turn over it is taken, and an engine that writes JSON still does.
async fn says_the_same<F: Flow>(builder: impl Fn() -> EngineBuilder<F>, count: usize) {
    let records = kept_in_json(F::GRAPH.name);
    assert_eq!(records.len(), count, "{}", F::GRAPH.name);
    for (name, id, old) in records {
        assert!(old.body().starts_with(b"{"), "{name}");
        let mut sizes = Vec::new();
        for form in [RecordForm::Json, RecordForm::Sections] {
            let clock = ManualClock::default();
            let store = Arc::new(MemoryStore::builder().clock(clock.clone()).build());
            let planted = Commit::new(id, Expect::Absent, old.clone(), F::GRAPH.name, "KEPT");
            assert_eq!(store.commit(planted).await.expect("a store"), Verdict::Done { waiting: 0 }, "{name}");
            let expiry = flow_core::Expiry::default().idle(std::time::Duration::from_secs(7200));
            let engine: Engine<F> = builder().expiry(expiry).writes(form).clock(clock).store(Arc::clone(&store));
            // It changes nothing of what the session says but that it was written once more.
            let before = engine.peek(id).await.expect("it is opened").expect("it is there");
            engine.extend(id).await.expect("it is written");
            let new = store.load(id, 0).await.expect("a store").record.expect("a record");
            assert_eq!(new.stamp().version, old.stamp().version + 1, "{name}");
            let said = |record: &Record| {
                let mut json = record.readable();
                let fields = json.as_object_mut().expect("an object");
                fields.retain(|name, _| !["version", "writeId", "expiresAt", "wakeAt"].contains(&name.as_str()));
                json
            };
            assert_eq!(said(&new), said(&old), "{name}");
            assert_eq!(new.body().starts_with(b"{"), form == RecordForm::Json, "{name}");
            let after = engine.peek(id).await.expect("it is opened").expect("it is there");
            assert_eq!((after.history(), after.standing()), (before.history(), before.standing()), "{name}");
            sizes.push(new.bytes().len());
            let outcome = engine.handle(id, "what?").await.expect("a turn");
            assert!(!outcome.is_failed() && !outcome.is_repeat(), "{name}: {outcome:?}");
        }
        assert!(sizes[1] * 3 < sizes[0] * 2, "{name}: {sizes:?}");
    }
}

#[tokio::test]
async fn every_kept_record_with_a_body_of_json_says_the_same_in_sections() {
    says_the_same(salon, 5).await;
    says_the_same(|| Parlour::engine(nesting::Host::default()), 2).await;
    says_the_same(|| Survey::engine(Pollster::asking(&["Rooms?", "Price?", "Staff?", "Food?"])), 1).await;
}

#[tokio::test]
async fn a_message_that_a_record_with_a_body_of_json_knows_is_a_repeat() {
    let (_, id, old) =
        kept_in_json("booking").into_iter().find(|(name, ..)| name == "booking-known-ids").expect("kept");
    let stage = Stage::with(salon());
    let planted = Commit::new(id, Expect::Absent, old, "booking", "KEPT");
    stage.store.behind().commit(planted).await.expect("a store");
    for number in 0..24 {
        let again = stage.engine.handle(id, Input::text("again").with_id(format!("wamid.{number}"))).await;
        assert!(again.expect("a turn").is_repeat(), "{number}");
    }
    assert!(!stage.engine.handle(id, Input::text("new").with_id("wamid.24")).await.expect("a turn").is_repeat());
    assert!(stage.engine.handle(id, Input::text("again").with_id("wamid.3")).await.expect("a turn").is_repeat());
}

async fn all_go_on(store: impl Store + 'static) {
    let store: Arc<dyn Store> = Arc::new(store);
    let expiring = || flow_core::Expiry::default().idle(std::time::Duration::from_secs(3600));
    let builder = || salon().expiry(expiring()).on_expired(|_| ok()).archive(MemoryArchive::new());
    goes_on(&store, builder, "what?", 11).await;
    goes_on(&store, || Mood::engine(first_release::Host), "yes", 1).await;
}

#[tokio::test]
async fn every_kept_record_is_opened_and_a_turn_is_taken_over_it_in_memory() {
    all_go_on(MemoryStore::new()).await;
}

#[tokio::test]
async fn every_kept_record_is_opened_and_a_turn_is_taken_over_it_in_sqlite() {
    let folder = tempfile::tempdir().expect("a folder");
    all_go_on(SqliteStore::open(folder.path().join("bot.db")).expect("a store")).await;
}

#[tokio::test]
async fn every_kept_record_is_opened_and_a_turn_is_taken_over_it_in_redis() {
    let server = RedisServer::start();
    all_go_on(RedisStore::connect(&server.url()).await.expect("a store")).await;
}

#[tokio::test]
async fn every_kept_record_is_opened_and_a_turn_is_taken_over_it_in_postgres() {
    let server = PostgresServer::start_quick();
    all_go_on(PostgresStore::connect(&server.url("postgres")).await.expect("a store")).await;
}

#[test]
fn the_release_before_takes_no_record_of_an_edition_for_one_of_its_own() {
    let record = Record::compose(Stamp::first(), b"{}");
    // It wants the version at the very beginning, and finds a byte that stands in no text: an error, and no write over it.
    assert!(!record.bytes().starts_with(b"{\"version\":") && str::from_utf8(record.bytes()).is_err());
}
