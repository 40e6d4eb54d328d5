//! A damaged session under each policy, on every store: it locks its visitor out, or it goes into quarantine, whole and once.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use flow_core::{
    Archival, Damage, Engine, EngineBuilder, EngineError, Flow as _, Opened, Outage, Record, SessionId, Stamp, Store,
    StoreError, Unreadable,
    store::{Claim, Commit, Cursor, Due, Expect, Loaded, Page, Post, Posted, Quarantine, Quarantined, Raw, Verdict},
};
use flow_memory::{MemoryArchive, MemoryStore};
use futures_util::future::join_all;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    flow::Booking,
    log::{listen, logged},
    meddler::Meddler,
    programs::{Bot, run, stdout},
    stage::{by, salon},
    wounds::{Place, Wound, hexadecimal},
};

const A_MONTH: Duration = Duration::from_secs(30 * 86_400);

/// What is said up to the question for the address.
const TO_EMAIL: [&str; 3] = ["hi", "Book", "Ana Silva"];

/// It keeps nothing of a session: what is damaged is to be read, and not written over with what it was.
fn forgiving() -> EngineBuilder<Booking> {
    salon().damage(Damage::Quarantine { keep: A_MONTH }).warm(0)
}

/// Plays a row on every store.
macro_rules! on_every_store {
    ($($row:ident)*) => { $(
        mod $row {
            #[tokio::test]
            async fn in_memory() {
                super::$row(super::Place::memory()).await;
            }

            #[tokio::test]
            async fn on_redis() {
                super::$row(super::Place::redis().await).await;
            }

            #[tokio::test]
            async fn on_sqlite() {
                super::$row(super::Place::sqlite()).await;
            }

            #[tokio::test]
            async fn on_postgres() {
                super::$row(super::Place::postgres().await).await;
            }
        }
    )* };
}

on_every_store! {
    a_visitor_of_a_damaged_session_begins_anew_and_is_not_locked_out
    a_damaged_session_is_taken_up_from_its_archive
    a_worker_that_finds_damage_finds_it_once
    instances_that_see_the_same_damage_move_it_once
    what_is_in_quarantine_is_exported_and_erased_with_its_session
    what_is_merely_unknown_stays_where_it_is
}

async fn talks(engine: &Engine<Booking>, id: SessionId) {
    for said in TO_EMAIL {
        engine.handle(id, said).await.expect("a turn");
    }
}

/// What lies in quarantine of a session.
async fn quarantined(place: &Place, id: SessionId) -> Vec<Vec<u8>> {
    let quarantine = place.store.quarantine().expect("it has one");
    quarantine.list(id).await.expect("the store").into_iter().map(|quarantined| quarantined.bytes.to_vec()).collect()
}

async fn a_visitor_of_a_damaged_session_begins_anew_and_is_not_locked_out(place: Place) {
    let (strict, engine) = (salon().store(Arc::clone(&place.store)), forgiving().store(Arc::clone(&place.store)));
    for (count, wound) in (1..).zip(place.wounds()) {
        let id = SessionId::random();
        talks(&engine, id).await;
        let bytes = place.wound(id, *wound).await;
        for _ in 0..2 {
            let error = strict.handle(id, "ana@example.com").await.expect_err("it refuses");
            let EngineError::Unreadable(told) = error else { panic!("{wound:?}: {error:?}") };
            assert_eq!(told, wound.told(), "{wound:?}");
        }
        assert_eq!(quarantined(&place, id).await, <[Vec<u8>; 0]>::default(), "{wound:?}");

        let outcome = engine.handle(id, "ana@example.com").await.expect("a turn");
        assert_eq!((outcome.opened, outcome.damage), (Some(Opened::AfterDamage), Some(wound.told())), "{wound:?}");
        assert_eq!(outcome.state.map(|state| state.name()), Some("WELCOME"), "{wound:?}");
        assert_eq!(quarantined(&place, id).await, [bytes], "{wound:?}");
        assert_eq!(engine.stats().quarantined, count, "{wound:?}");

        let outcome = strict.handle(id, "Book").await.expect("a turn");
        assert_eq!((outcome.opened, outcome.damage, outcome.version), (None, None, 2), "{wound:?}");
    }
}

async fn a_damaged_session_is_taken_up_from_its_archive(place: Place) {
    let archive = Arc::<MemoryArchive>::default();
    let builder = || forgiving().archive(Arc::clone(&archive)).archival(Archival::default().interval(Duration::ZERO));
    let engine = builder().store(Arc::clone(&place.store));
    for wound in place.wounds() {
        let id = SessionId::random();
        talks(&engine, id).await;
        engine.worker().look().await.expect("a look");
        place.wound(id, *wound).await;
        let outcome = engine.handle(id, "ana@example.com").await.expect("a turn");
        let resumed = (outcome.opened, outcome.resumed.is_some(), outcome.damage);
        assert_eq!(resumed, (None, true, Some(wound.told())), "{wound:?}");
        assert_eq!(outcome.state.map(|state| state.name()), Some("BOOK_PHONE"), "{wound:?}");
        assert_eq!(quarantined(&place, id).await.len(), 1, "{wound:?}");
    }
}

async fn a_worker_that_finds_damage_finds_it_once(place: Place) {
    let archive = Arc::<MemoryArchive>::default();
    let at_once = || Archival::default().interval(Duration::ZERO);
    // Each turn leaves something that is due: the archiving.
    let archiving = |builder: EngineBuilder<Booking>| builder.archive(Arc::clone(&archive)).archival(at_once());
    let engine = archiving(forgiving()).store(Arc::clone(&place.store));
    let strict = archiving(salon()).store(Arc::clone(&place.store));
    let brief = Duration::from_millis(1);
    for (count, wound) in (1..).zip(place.wounds()) {
        let id = SessionId::random();
        talks(&engine, id).await;
        let bytes = place.wound(id, *wound).await;
        // A strict worker is woken for it again and again.
        for _ in 0..2 {
            assert_eq!(look_until_due(&strict, brief).await, 1, "{wound:?}");
        }
        tokio::time::sleep(brief * 5).await;
        listen();
        assert_eq!(look_until_due(&engine, brief).await, 1, "{wound:?}");
        assert_eq!((engine.stats().quarantined, quarantined(&place, id).await), (count, vec![bytes]), "{wound:?}");
        let logged = logged();
        let line = logged.lines().find(|line| line.contains("was put in quarantine")).expect("a line");
        assert!(line.contains("ERROR") && line.contains(&wound.told().to_string()), "{line}");
        assert!(!logged.contains("Ana"), "{logged}");
        tokio::time::sleep(brief * 5).await;
        assert_eq!(engine.worker().look().await.expect("a look"), 0, "{wound:?}: it is not woken again");
    }
}

/// Looks until something is due, and tells for how many sessions it was: a lease must end first, by the clock of a server.
async fn look_until_due(engine: &Engine<Booking>, lease: Duration) -> usize {
    for _ in 0..1_000 {
        match engine.worker().lease(lease).look().await.expect("a look") {
            0 => tokio::time::sleep(lease).await,
            sessions => return sessions,
        }
    }
    0
}

async fn instances_that_see_the_same_damage_move_it_once(place: Place) {
    let engines = [forgiving(), forgiving(), forgiving()].map(|builder| builder.store(Arc::clone(&place.store)));
    for wound in place.wounds() {
        let id = SessionId::random();
        talks(&engines[0], id).await;
        place.wound(id, *wound).await;
        let before: u64 = engines.iter().map(|engine| engine.stats().quarantined).sum();
        let outcomes = join_all(engines.iter().cycle().take(12).map(|engine| engine.handle(id, "hi"))).await;
        let outcomes: Vec<_> = outcomes.into_iter().map(|outcome| outcome.expect("a turn")).collect();
        let told = outcomes.iter().filter(|outcome| outcome.damage.is_some()).count();
        let after: u64 = engines.iter().map(|engine| engine.stats().quarantined).sum();
        assert_eq!((told, after - before, quarantined(&place, id).await.len()), (1, 1, 1), "{wound:?}");
        let opened = outcomes.iter().filter_map(|outcome| outcome.opened).count();
        assert_eq!(opened, 1, "{wound:?}: all others go on with the one that began anew");
    }
}

async fn what_is_in_quarantine_is_exported_and_erased_with_its_session(place: Place) {
    let engine = forgiving().store(Arc::clone(&place.store));
    for wound in place.wounds() {
        let id = SessionId::random();
        talks(&engine, id).await;
        let bytes = place.wound(id, *wound).await;
        engine.handle(id, "hi").await.expect("a turn");
        assert!(engine.remove(id).await.expect("a removal"), "{wound:?}");
        let export = engine.export(id).await.expect("an export").expect("something is held");
        let shown = &export["quarantine"][0];
        let hex = hexadecimal(&bytes);
        assert_eq!((&export["record"], shown["bytes"].as_str()), (&Value::Null, Some(&*hex)), "{wound:?}");
        let damage = match wound {
            // The bytes are whole.
            Wound::OtherVersion | Wound::NoWriteId => None,
            wound => Some(wound.told().to_string()),
        };
        assert_eq!(shown["damage"].as_str(), damage.as_deref(), "{wound:?}");
        assert!(shown["at"].is_string() && shown["until"].is_string(), "{shown}");
        if matches!(wound, Wound::Cut | Wound::Changed | Wound::OtherVersion) {
            assert!(shown["readable"].to_string().contains("Ana Silva"), "as much as can be read: {shown}");
        }
        assert!(engine.operator(by()).erase(id).await.expect("an erasure"), "{wound:?}");
        assert_eq!(engine.export(id).await.expect("an export"), None, "{wound:?}");
        assert!(!engine.operator(by()).erase(id).await.expect("an erasure"), "{wound:?}");
    }
}

async fn what_is_merely_unknown_stays_where_it_is(place: Place) {
    let engine = forgiving().store(Arc::clone(&place.store));
    let pizzas = crate::pizza::Pizza::engine(crate::pizza::Pizzeria).damage(Damage::Quarantine { keep: A_MONTH });
    let pizzas = pizzas.store(Arc::clone(&place.store));
    let id = SessionId::random();
    talks(&engine, id).await;
    let error = pizzas.handle(id, "hi").await.expect_err("it is another flow's");
    assert!(matches!(error, EngineError::Unreadable(Unreadable::OtherFlow)), "{error:?}");
    engine.handle(id, "ana@example.com").await.expect("it is whole");
    if place.is_reached() {
        place.wound(id, Wound::LaterEdition).await;
        let error = engine.handle(id, "hi").await.expect_err("a later release reads it");
        assert!(matches!(error, EngineError::Unreadable(Unreadable::LaterEdition(2))), "{error:?}");
        engine.worker().look().await.expect("a look");
    }
    assert_eq!(
        (quarantined(&place, id).await.len(), engine.stats().quarantined, pizzas.stats().quarantined),
        (0, 0, 0)
    );
}

#[tokio::test]
async fn an_erasure_forgets_a_damaged_session_that_still_lies_there() {
    for place in [Place::memory(), Place::sqlite()] {
        let archive = Arc::<MemoryArchive>::default();
        let engine = salon().archive(archive).store(Arc::clone(&place.store));
        for wound in place.wounds() {
            let id = SessionId::random();
            talks(&engine, id).await;
            place.wound(id, *wound).await;
            assert!(engine.operator(by()).erase(id).await.expect("an erasure"), "{wound:?}");
            let outcome = engine.handle(id, "hi").await.expect("a turn");
            assert_eq!((outcome.opened, outcome.damage), (Some(Opened::First), None), "{wound:?}");
        }
    }
}

#[tokio::test]
async fn nothing_is_moved_while_the_store_is_away() {
    let place = Place::memory();
    let store = Arc::new(Meddler::over(Arc::clone(&place.store)));
    let engine = forgiving().outage(Outage::Memory { sessions: 10 }).store(Arc::clone(&store));
    let id = SessionId::random();
    talks(&engine, id).await;
    place.wound(id, Wound::NoJson).await;
    store.is_away(true);
    let outcome = engine.handle(id, "ana@example.com").await.expect("a turn in memory");
    assert!(outcome.is_in_memory() && outcome.damage.is_none());
    assert_eq!(outcome.state.map(|state| state.name()), Some("BOOK_PHONE"), "from where this process last saw it");
    assert_eq!((quarantined(&place, id).await.len(), engine.stats().quarantined), (0, 0));
}

#[tokio::test]
async fn what_a_session_became_in_memory_is_handed_back_though_its_record_is_damaged_meanwhile() {
    let place = Place::memory();
    for wound in place.wounds() {
        let store = Arc::new(Meddler::over(Arc::clone(&place.store)));
        let engine = forgiving().outage(Outage::Memory { sessions: 10 }).store(Arc::clone(&store));
        let id = SessionId::random();
        talks(&engine, id).await;
        store.is_away(true);
        engine.handle(id, "ana@example.com").await.expect("a turn in memory");
        place.wound(id, *wound).await;
        store.is_away(false);
        let shutdown = engine.shutdown(Duration::from_secs(10)).await;
        assert_eq!((shutdown.only_in_memory(), engine.stats().lost), (0, 0), "{wound:?}");
        let session = forgiving().store(Arc::clone(&place.store)).peek(id).await.expect("sound").expect("a session");
        assert_eq!(session.state().name(), "BOOK_PHONE", "{wound:?}");
    }
}

#[tokio::test]
async fn a_record_that_was_written_after_the_judgement_is_left_alone() {
    let place = Place::memory();
    let engine = forgiving().store(Slow(Arc::clone(&place.store), forgiving().store(Arc::clone(&place.store))));
    let id = SessionId::random();
    talks(&engine, id).await;
    place.wound(id, Wound::NoJson).await;
    // Between this engine's load and its move another instance has moved what was damaged, and begun anew.
    let outcome = engine.handle(id, "Book").await.expect("a turn");
    assert_eq!((outcome.damage, outcome.opened, outcome.version), (None, None, 2));
    assert_eq!((engine.stats().quarantined, quarantined(&place, id).await.len()), (0, 1));
}

/// A store before which another instance is quicker: each damaged session it has begun anew by the time that it is moved here.
#[derive(Debug)]
struct Slow(Arc<dyn Store>, Engine<Booking>);

#[async_trait]
impl Store for Slow {
    async fn load(&self, id: SessionId, letters: usize) -> Result<Loaded, StoreError> {
        self.0.load(id, letters).await
    }

    async fn commit(&self, commit: Commit) -> Result<Verdict, StoreError> {
        self.0.commit(commit).await
    }

    async fn post(&self, post: Post) -> Result<Posted, StoreError> {
        self.0.post(post).await
    }

    async fn remove(&self, id: SessionId) -> Result<bool, StoreError> {
        self.0.remove(id).await
    }

    async fn due(&self, claim: Claim) -> Result<Due, StoreError> {
        self.0.due(claim).await
    }

    async fn browse(&self, after: Option<Cursor>, limit: usize) -> Result<Page, StoreError> {
        self.0.browse(after, limit).await
    }

    fn quarantine(&self) -> Option<&dyn Quarantine> {
        Some(self)
    }
}

#[async_trait]
impl Quarantine for Slow {
    async fn raw(&self, id: SessionId) -> Result<Option<Raw>, StoreError> {
        self.0.quarantine().expect("it has one").raw(id).await
    }

    async fn put(&self, id: SessionId, raw: &Raw, entry: Uuid, keep: Duration) -> Result<bool, StoreError> {
        self.1.handle(id, "hi").await.expect("another instance's turn");
        self.0.quarantine().expect("it has one").put(id, raw, entry, keep).await
    }

    async fn list(&self, id: SessionId) -> Result<Vec<Quarantined>, StoreError> {
        self.0.quarantine().expect("it has one").list(id).await
    }

    async fn forget(&self, id: SessionId) -> Result<bool, StoreError> {
        self.0.quarantine().expect("it has one").forget(id).await
    }
}

/// A store as plain as the trait allows.
#[derive(Debug, Default)]
struct Plain(MemoryStore);

#[async_trait]
impl Store for Plain {
    async fn load(&self, id: SessionId, letters: usize) -> Result<Loaded, StoreError> {
        self.0.load(id, letters).await
    }

    async fn commit(&self, commit: Commit) -> Result<Verdict, StoreError> {
        self.0.commit(commit).await
    }

    async fn post(&self, post: Post) -> Result<Posted, StoreError> {
        self.0.post(post).await
    }

    async fn remove(&self, id: SessionId) -> Result<bool, StoreError> {
        Store::remove(&self.0, id).await
    }

    async fn due(&self, claim: Claim) -> Result<Due, StoreError> {
        self.0.due(claim).await
    }

    async fn browse(&self, after: Option<Cursor>, limit: usize) -> Result<Page, StoreError> {
        self.0.browse(after, limit).await
    }
}

#[tokio::test]
async fn over_a_store_without_a_quarantine_damage_is_refused_and_the_engine_says_so_when_it_is_built() {
    listen();
    let store = Arc::new(Plain::default());
    drop(salon().store(Arc::clone(&store)));
    assert!(!logged().contains("has no quarantine"), "nothing is wanted that it cannot do");
    let engine = forgiving().store(Arc::clone(&store));
    assert!(logged().lines().any(|line| line.contains("ERROR") && line.contains("the store has no quarantine")));
    let id = SessionId::random();
    let broken = Record::compose(Stamp::first(), b"{\"said\": ");
    let commit = Commit::new(id, Expect::Absent, broken.clone(), "booking", "FORGED");
    store.commit(commit).await.expect("a store");
    let error = engine.handle(id, "hi").await.expect_err("it is damaged");
    assert!(matches!(error, EngineError::Unreadable(Unreadable::Corrupt { .. })), "{error:?}");
    assert_eq!(store.load(id, 0).await.expect("a load").record, Some(broken));
    assert!(engine.operator(by()).erase(id).await.expect("an erasure"), "an operator gets rid of it");
}

#[test]
fn the_bot_puts_a_damaged_conversation_in_quarantine_and_exports_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("bot.db");
    let store = format!("sqlite:{}", path.display());
    let (places, id) = (["--store", &*store, "--archive", "none"], SessionId::random());
    let says = |text: &str| json!({ "session": id, "text": text });
    let started = || Bot::with(&[&places[..], &["--damage", "quarantine"]].concat());
    let mut bot = started();
    bot.tell_all(&TO_EMAIL.map(says));
    assert!(bot.end());
    let mut bot = started();
    let file = rusqlite::Connection::open(&path).expect("the file");
    let cut = "UPDATE sessions SET record = substr(record, 1, length(record) - 1)";
    assert_eq!(file.execute(cut, []).expect("a statement"), 1);
    let answer = bot.tell(&says("ana@example.com"));
    assert_eq!((&answer["damage"], &answer["opened"]), (&"the record is cut off".into(), &true.into()), "{answer}");
    let answer = bot.tell(&says("Book"));
    assert_eq!((&answer["damage"], &answer["state"]), (&Value::Null, &"BOOK_NAME".into()), "{answer}");
    assert!(bot.end());
    let export = stdout(&run("booking", &[&places[..], &["--session", &id.to_string(), "export"]].concat(), ""));
    let export: Value = serde_json::from_str(&export).expect("JSON");
    let readable = export["quarantine"][0]["readable"].as_str().expect("a text");
    assert!(readable.contains("Ana Silva"), "{export}");
}
