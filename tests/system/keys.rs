//! A key of a delivery stands for one thing, and one thing for one key: what a receiver that takes each key once must rely on.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
    time::Duration,
};

use flow_core::{
    Clock, EngineBuilder, Expiry, Flow, Input, Key, Record, Result, Resume, Step, StepExt, StoreError, Turn,
    store::{Commit, Expect, Store},
};
use flow_memory::MemoryArchive;
use serde::{Deserialize, Serialize};

use crate::{
    meddler::Meddling,
    shelf::Shelf,
    stage::{Stage, TO_REVIEW, by, salon},
};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

/// Whatever is said is charged.
#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(effects(Charge(String)))]
enum Till {
    #[state(start, ask = "What do you buy?", endless, to(Open))]
    Open,
}

use till::*;

/// A bank that notes what it is told, and is closed for as many tries.
#[derive(Clone, Default)]
struct Bank {
    told: Arc<Mutex<Vec<(Key, String)>>>,
    is_closed: Arc<Mutex<bool>>,
}

impl Bank {
    fn closes(&self, is_closed: bool) {
        *self.is_closed.lock().expect("a lock") = is_closed;
    }

    /// What each key stood for, as it was told, in the order of telling. Fails the test if one stood for two things.
    fn told(&self) -> Vec<(Key, String)> {
        let told = self.told.lock().expect("a lock").clone();
        let mut known = BTreeMap::new();
        for (key, what) in &told {
            let first = known.entry(key.to_string()).or_insert(what);
            assert_eq!(first, &what, "the key {key} stands for two things");
        }
        told
    }

    fn charged(&self) -> Vec<String> {
        self.told().into_iter().map(|(_, what)| what).collect()
    }

    /// How many keys were told.
    fn keys(&self) -> usize {
        self.told().into_iter().map(|(key, _)| key).collect::<BTreeSet<_>>().len()
    }
}

impl TillHandler for Bank {
    async fn open(&self, state: Open, turn: Turn<'_, Open>) -> Step<Open> {
        let what = turn.text().to_owned();
        turn.to(state.open()).effect(TillEffect::Charge(what))
    }

    async fn deliver_charge(&self, what: String, key: Key) -> Result<()> {
        self.told.lock().expect("a lock").push((key, what));
        if *self.is_closed.lock().expect("a lock") { Err(std::io::Error::other("the bank is closed"))? } else { Ok(()) }
    }
}

fn stage(bank: &Bank) -> Stage<Till> {
    Stage::with(till(bank))
}

fn till(bank: &Bank) -> EngineBuilder<Till> {
    Till::engine(bank.clone())
}

async fn later(stage: &Stage<Till>, by: Duration) {
    stage.clock.advance(by);
    stage.works().await;
}

#[tokio::test]
async fn a_session_that_begins_again_under_its_id_has_other_keys() {
    for way in ["expires", "is removed", "is erased with an archive"] {
        let bank = Bank::default();
        let builder = till(&bank).expiry(Expiry::default().idle(HOUR));
        let stage = Stage::with(match way {
            "is erased with an archive" => builder.archive(MemoryArchive::new()).resume(Resume::Never),
            _ => builder,
        });
        stage.says_all(&["hi", "tea"]).await;
        stage.works().await;
        match way {
            "expires" => later(&stage, 200 * 24 * HOUR).await,
            "is removed" => assert!(stage.engine.remove(stage.id).await.expect("removed")),
            _ => assert!(stage.engine.operator(by()).erase(stage.id).await.expect("erased")),
        }
        assert!(stage.store.behind().load(stage.id, 0).await.expect("a store").record.is_none(), "{way}");
        stage.says_all(&["hi", "cake"]).await;
        stage.works().await;
        assert_eq!(bank.charged(), ["tea", "cake"], "{way}");
        let told = bank.told();
        assert_eq!((told[0].0.stamp.version, told[1].0.stamp.version), (2, 2), "{way}: the versions are the same");
        assert_ne!(told[0].0, told[1].0, "{way}");
    }
}

#[tokio::test]
async fn a_turn_that_is_run_again_is_told_once_and_under_the_key_of_the_write_that_held() {
    let bank = Bank::default();
    let stage = stage(&bank);
    stage.says("hi").await;
    let before = stage.store.last_written();
    stage.behind(till(&bank)).handle(stage.id, "tea").await.expect("a turn");
    let rivals = stage.store.behind().load(stage.id, 0).await.expect("a store").record.expect("a record");
    stage.store.behind().remove(stage.id).await.expect("a store");
    let again = Commit::new(stage.id, Expect::Absent, before.record.clone(), before.flow.clone(), before.state.clone());
    stage.store.behind().commit(again).await.expect("a store");
    // The rival's write lands just before that of the next turn.
    let rivals = Commit::new(stage.id, Expect::At(before.record.prefix()), rivals, before.flow, before.state);
    stage.store.next_commit(Meddling::ComesSecond(rivals.wake_at(stage.clock.now())));
    let cake = stage.says("cake").await;
    assert_eq!((cake.version, stage.engine.stats().conflicts), (3, 1));
    stage.works().await;
    assert_eq!((bank.charged(), bank.keys()), (vec!["tea".to_owned(), "cake".to_owned()], 2));
}

#[tokio::test]
async fn a_write_whose_answer_is_lost_is_told_under_one_key() {
    for meddling in [Meddling::LoseAnswer, Meddling::ApplyAndBuildOn, Meddling::LoseRequest] {
        let (bank, name) = (Bank::default(), format!("{meddling:?}"));
        let stage = stage(&bank);
        stage.says("hi").await;
        stage.store.next_commit(meddling);
        stage.says(Input::text("tea").with_id("wamid.1")).await;
        stage.says(Input::text("tea").with_id("wamid.1")).await;
        for _ in 0..3 {
            later(&stage, MINUTE).await;
        }
        assert_eq!((bank.charged(), bank.keys()), (vec!["tea".to_owned()], 1), "{name}");
    }
}

#[tokio::test]
async fn what_was_delivered_and_not_struck_off_is_told_again_under_its_key() {
    let bank = Bank::default();
    let stage = stage(&bank);
    stage.says_all(&["hi", "tea"]).await;
    // The claim is written, and the striking off is not.
    stage.store.next_commit(Meddling::Pass);
    for _ in 0..20 {
        stage.store.next_commit(Meddling::Refuse(StoreError::Full));
    }
    stage.works().await;
    for _ in 0..40 {
        later(&stage, HOUR).await;
    }
    assert!(bank.charged().len() > 1, "it was told again");
    assert_eq!((bank.keys(), stage.pending().await), (1, 0));
}

#[tokio::test]
async fn of_two_processes_that_open_a_session_at_once_only_the_winner_is_told() {
    let bank = Bank::default();
    let stage = stage(&bank);
    let other = stage.behind(till(&bank));
    // The other process opens the session, and buys, while the first commit of this one is on its way.
    let first = stage.behind(till(&bank));
    first.handle(stage.id, "hi").await.expect("a turn");
    let opened = stage.store.behind().load(stage.id, 0).await.expect("a store").record.expect("a record");
    stage.store.behind().remove(stage.id).await.expect("a store");
    let commit = Commit::new(stage.id, Expect::Absent, opened, "till", "OPEN");
    stage.store.next_commit(Meddling::ComesSecond(commit));
    stage.says("milk").await;
    other.handle(stage.id, "tea").await.expect("a turn");
    stage.works().await;
    let charged = bank.charged();
    assert_eq!(bank.keys(), charged.len(), "{charged:?}");
    assert_eq!(charged.last().map(String::as_str), Some("tea"));
}

#[tokio::test]
async fn what_was_archived_with_a_delivery_pending_is_told_under_the_same_key_when_it_is_taken_up() {
    let bank = Bank::default();
    bank.closes(true);
    let shelf = Arc::new(Shelf::default());
    let stage = Stage::with(till(&bank).archive(Arc::clone(&shelf)));
    stage.says_all(&["hi", "tea"]).await;
    for _ in 0..3 {
        later(&stage, MINUTE).await;
    }
    let before = bank.told();
    assert!(!before.is_empty());
    stage.store.behind().remove(stage.id).await.expect("a store");
    bank.closes(false);
    stage.says("cake").await;
    for _ in 0..3 {
        later(&stage, HOUR).await;
    }
    let told = bank.told();
    let (tea, cake): (Vec<_>, Vec<_>) = told.iter().partition(|(_, what)| what == "tea");
    assert!(tea.len() > before.len() && tea.iter().all(|(key, _)| *key == before[0].0), "{told:?}");
    assert_eq!(cake.len(), 1);
    assert_ne!(cake[0].0, before[0].0);
}

#[tokio::test]
async fn a_failover_that_loses_a_turn_gives_its_key_to_nothing_else() {
    for again in ["cake", "tea"] {
        let bank = Bank::default();
        let stage = stage(&bank);
        stage.says("hi").await;
        let mut before = stage.store.last_written();
        stage.says(Input::text("tea").with_id("wamid.1")).await;
        stage.works().await;
        // A replica that had not heard of the turn takes over.
        let replica = stage.store.behind();
        replica.remove(stage.id).await.expect("a store");
        before.expect = Expect::Absent;
        replica.commit(before).await.expect("a store");
        // Of the same message this is the exception that is told: it is decided again, under another key.
        stage.says(Input::text(again).with_id("wamid.1")).await;
        stage.works().await;
        assert_eq!((bank.charged(), bank.keys()), (vec!["tea".to_owned(), again.to_owned()], 2));
        let told = bank.told();
        assert_eq!(told[0].0.stamp.version, told[1].0.stamp.version, "the version is the same");
    }
}

#[tokio::test]
async fn what_an_older_release_has_left_is_told_under_the_key_that_it_had() {
    let bank = Bank::default();
    let stage = stage(&bank);
    stage.says("hi").await;
    bank.closes(true);
    stage.says("tea").await;
    let record = stage.store.last_written().record;
    let mut json = record.readable();
    let pending = json["todo"]["pending"][0].as_object_mut().expect("pending");
    pending.remove("writeId").expect("it has one now");
    let older = Record::compose(record.stamp().next(), json.to_string().as_bytes());
    let commit = Commit::new(stage.id, Expect::At(record.prefix()), older, "till", "OPEN");
    stage.store.behind().commit(commit.wake_at(stage.clock.now())).await.expect("a store");
    bank.closes(false);
    later(&stage, MINUTE).await;
    let told = bank.told();
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].0.to_string(), format!("{}/2/0", stage.id));
}

#[tokio::test]
async fn a_message_spelt_as_an_id_of_ours_is_refused_and_keeps_no_timer_from_ringing() {
    let stage = Stage::with(salon());
    stage.says_all(&TO_REVIEW).await;
    stage.says("Yes").await;
    for id in ["\u{1}after 86400/8", "\u{1}reminder Link/8", "\u{1}", "\u{1}9f1c0000000040008000000000000000"] {
        let refused = stage.engine.handle(stage.id, Input::text("help").with_id(id)).await;
        let error = refused.expect_err("it is refused").to_string();
        assert!(error.contains("U+0001") && !error.contains("after"), "{error}");
    }
    // Without the mark it is an id like any other, and the timer is another's all the same.
    stage.says(Input::text("help").with_id("after 86400/8")).await;
    let session = stage.engine.peek(stage.id).await.expect("readable").expect("there");
    let wake_at = session.wake_at().expect("a timer runs");
    stage.clock.advance((wake_at - stage.clock.now()).to_std().expect("to come"));
    let version = session.stamp().version;
    stage.works().await;
    let session = stage.engine.peek(stage.id).await.expect("readable").expect("there");
    assert!(session.stamp().version > version, "it rang");
}
