//! Each store with a broken quarantine fails exactly where it should.

use std::{
    collections::BTreeSet,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use flow_core::{
    Record, SessionId, Store, StoreError,
    resilience::Resilient,
    store::{Claim, Commit, Cursor, Due, Expect, Loaded, Page, Post, Posted, Quarantine, Quarantined, Raw, Verdict},
};
use flow_memory::MemoryStore;
use flow_testkit::{
    ManualClock, Subject,
    conformance::{Behaviour, quarantine},
    quarantine_conformance,
};
use uuid::Uuid;

/// One thing that a broken quarantine does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Defect {
    ShowsWhatHasExpired,
    ShowsPartOfIt,
    ComparesNothing,
    ComparesInTwoSteps,
    LeavesTheRecord,
    LeavesTheWakeTime,
    TakesRepeatsForNew,
    KeepsForEver,
    KeepsWithTheLast,
    KeepsTheLastOnly,
    TakesTheLongestForNone,
    CutsWhatItKeeps,
    ListsTheLatestFirst,
    LosesItWithTheSession,
    ForgetsTheSessionToo,
    ForgetsEverything,
    ForgetsWithoutLooking,
    ForgetsNothing,
}

use Defect::*;

/// Which behaviours a quarantine with this defect alone does not have: these and no others.
const CAUGHT: &[(Defect, &[&str])] = &[
    (ShowsWhatHasExpired, &["what_has_expired_is_neither_shown_nor_moved"]),
    (ShowsPartOfIt, &["what_is_stored_is_shown_as_it_lies"]),
    (
        ComparesNothing,
        &["what_has_changed_since_it_was_judged_is_not_moved", "a_writer_that_races_a_mover_is_never_moved"],
    ),
    (ComparesInTwoSteps, &["of_fifty_racing_movers_one_moves", "a_writer_that_races_a_mover_is_never_moved"]),
    (
        LeavesTheRecord,
        &[
            "what_is_put_in_quarantine_is_gone_from_its_session",
            "of_fifty_racing_movers_one_moves",
            "a_writer_that_races_a_mover_is_never_moved",
            "what_is_in_quarantine_lives_as_long_as_was_said",
            "the_longest_life_in_quarantine_has_no_end",
            "what_is_in_quarantine_is_listed_in_the_order_of_its_coming",
            "a_session_that_begins_anew_leaves_its_quarantine_alone",
            "what_is_forgotten_in_quarantine_is_gone_and_nothing_else_is",
        ],
    ),
    (LeavesTheWakeTime, &["what_is_put_in_quarantine_is_gone_from_its_session"]),
    (TakesRepeatsForNew, &["the_same_call_again_tells_the_same_and_moves_nothing_more"]),
    (KeepsForEver, &["what_is_in_quarantine_lives_as_long_as_was_said", "the_longest_life_in_quarantine_has_no_end"]),
    (
        KeepsWithTheLast,
        &["what_is_in_quarantine_lives_as_long_as_was_said", "the_longest_life_in_quarantine_has_no_end"],
    ),
    (
        KeepsTheLastOnly,
        &[
            "the_same_call_again_tells_the_same_and_moves_nothing_more",
            "what_is_in_quarantine_lives_as_long_as_was_said",
            "the_longest_life_in_quarantine_has_no_end",
            "what_is_in_quarantine_is_listed_in_the_order_of_its_coming",
        ],
    ),
    (TakesTheLongestForNone, &["the_longest_life_in_quarantine_has_no_end"]),
    (
        CutsWhatItKeeps,
        &[
            "what_is_put_in_quarantine_is_gone_from_its_session",
            "the_same_call_again_tells_the_same_and_moves_nothing_more",
            "of_fifty_racing_movers_one_moves",
            "a_writer_that_races_a_mover_is_never_moved",
            "what_is_in_quarantine_lives_as_long_as_was_said",
            "the_longest_life_in_quarantine_has_no_end",
            "what_is_in_quarantine_is_listed_in_the_order_of_its_coming",
            "a_session_that_begins_anew_leaves_its_quarantine_alone",
            "what_is_forgotten_in_quarantine_is_gone_and_nothing_else_is",
        ],
    ),
    (
        ListsTheLatestFirst,
        &[
            "what_is_in_quarantine_lives_as_long_as_was_said",
            "what_is_in_quarantine_is_listed_in_the_order_of_its_coming",
        ],
    ),
    (
        LosesItWithTheSession,
        &[
            "the_same_call_again_tells_the_same_and_moves_nothing_more",
            "what_is_in_quarantine_lives_as_long_as_was_said",
            "the_longest_life_in_quarantine_has_no_end",
            "what_is_in_quarantine_is_listed_in_the_order_of_its_coming",
            "a_session_that_begins_anew_leaves_its_quarantine_alone",
            "what_is_forgotten_in_quarantine_is_gone_and_nothing_else_is",
        ],
    ),
    (ForgetsTheSessionToo, &["what_is_forgotten_in_quarantine_is_gone_and_nothing_else_is"]),
    (ForgetsEverything, &["what_is_forgotten_in_quarantine_is_gone_and_nothing_else_is"]),
    (
        ForgetsWithoutLooking,
        &[
            "what_is_in_quarantine_lives_as_long_as_was_said",
            "what_is_forgotten_in_quarantine_is_gone_and_nothing_else_is",
        ],
    ),
    (ForgetsNothing, &["what_is_forgotten_in_quarantine_is_gone_and_nothing_else_is"]),
];

/// A memory store whose quarantine has a defect.
#[derive(Debug)]
struct BrokenStore {
    store: MemoryStore,
    defect: Defect,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    shown: Vec<(SessionId, Raw)>,
    /// What was put, with how long it is kept.
    put: Vec<(SessionId, Duration)>,
    due: Vec<SessionId>,
}

impl BrokenStore {
    fn has(&self, defect: Defect) -> bool {
        self.defect == defect
    }

    fn seen<T>(&self, look: impl FnOnce(&mut Seen) -> T) -> T {
        look(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn put_back(&self, id: SessionId, raw: &Raw) -> Result<(), StoreError> {
        let record = Record::read(raw.bytes().clone())?;
        self.store.commit(Commit::new(id, Expect::Absent, record, "booking", "WELCOME")).await.map(drop)
    }
}

#[async_trait]
impl Store for BrokenStore {
    async fn load(&self, id: SessionId, letters: usize) -> Result<Loaded, StoreError> {
        self.store.load(id, letters).await
    }

    async fn commit(&self, commit: Commit) -> Result<Verdict, StoreError> {
        if self.has(LosesItWithTheSession) && commit.expect == Expect::Absent {
            Quarantine::forget(&self.store, commit.id).await?;
        }
        self.store.commit(commit).await
    }

    async fn post(&self, post: Post) -> Result<Posted, StoreError> {
        self.store.post(post).await
    }

    async fn remove(&self, id: SessionId) -> Result<bool, StoreError> {
        self.store.remove(id).await
    }

    async fn due(&self, claim: Claim) -> Result<Due, StoreError> {
        let mut due = self.store.due(claim).await?;
        due.ids.extend(self.seen(|seen| std::mem::take(&mut seen.due)));
        Ok(due)
    }

    async fn browse(&self, after: Option<Cursor>, limit: usize) -> Result<Page, StoreError> {
        self.store.browse(after, limit).await
    }

    fn quarantine(&self) -> Option<&dyn Quarantine> {
        Some(self)
    }
}

#[async_trait]
impl Quarantine for BrokenStore {
    async fn raw(&self, id: SessionId) -> Result<Option<Raw>, StoreError> {
        let raw = self.store.raw(id).await?;
        match raw {
            Some(raw) if self.has(ShowsPartOfIt) => Ok(Some(Raw::new(raw.bytes().slice(1..)))),
            Some(raw) => {
                self.seen(|seen| seen.shown.push((id, raw.clone())));
                Ok(Some(raw))
            }
            None if self.has(ShowsWhatHasExpired) => {
                Ok(self.seen(|seen| seen.shown.iter().find(|(shown, _)| *shown == id).map(|(_, raw)| raw.clone())))
            }
            None => Ok(None),
        }
    }

    async fn put(&self, id: SessionId, raw: &Raw, entry: Uuid, keep: Duration) -> Result<bool, StoreError> {
        let entry = if self.has(TakesRepeatsForNew) { Uuid::new_v4() } else { entry };
        let keep = match self.defect {
            KeepsForEver => Duration::MAX,
            KeepsWithTheLast => self.seen(|seen| {
                let before = seen.put.iter().filter(|(put, _)| *put == id).map(|(_, keep)| *keep);
                before.fold(keep, Duration::max)
            }),
            TakesTheLongestForNone if keep == Duration::MAX => Duration::ZERO,
            _ => keep,
        };
        if self.has(KeepsTheLastOnly) && self.store.raw(id).await?.is_some() {
            Quarantine::forget(&self.store, id).await?;
        }
        let current = self.store.raw(id).await?;
        let judged = match (self.defect, &current) {
            (ComparesNothing, Some(current)) => current,
            (ComparesInTwoSteps, Some(current)) if current == raw => {
                tokio::time::sleep(Duration::from_millis(20)).await;
                let Some(now) = self.store.raw(id).await? else { return Ok(true) };
                return self.store.put(id, &now, entry, keep).await;
            }
            (ShowsPartOfIt, Some(current)) if current.bytes().slice(1..) == raw.bytes() => current,
            _ => raw,
        };
        let put = self.store.put(id, judged, entry, keep).await?;
        if put && self.has(LeavesTheRecord) {
            self.put_back(id, judged).await?;
        }
        if put {
            self.seen(|seen| {
                seen.put.push((id, keep));
                if self.has(LeavesTheWakeTime) {
                    seen.due.push(id);
                }
            });
        }
        Ok(put)
    }

    async fn list(&self, id: SessionId) -> Result<Vec<Quarantined>, StoreError> {
        let mut listed = self.store.list(id).await?;
        match self.defect {
            CutsWhatItKeeps => listed.iter_mut().for_each(|one| one.bytes.truncate(50)),
            ListsTheLatestFirst => listed.reverse(),
            _ => {}
        }
        Ok(listed)
    }

    async fn forget(&self, id: SessionId) -> Result<bool, StoreError> {
        match self.defect {
            ForgetsTheSessionToo => drop(self.store.remove(id).await?),
            ForgetsNothing => return Ok(!self.store.list(id).await?.is_empty()),
            ForgetsEverything => {
                for (other, _) in self.seen(|seen| seen.put.clone()).into_iter().filter(|(other, _)| *other != id) {
                    Quarantine::forget(&self.store, other).await?;
                }
            }
            _ => {}
        }
        Ok(Quarantine::forget(&self.store, id).await? || self.has(ForgetsWithoutLooking))
    }
}

async fn fresh_store() -> Subject {
    let clock = ManualClock::new();
    Subject::on_clock(MemoryStore::builder().clock(clock.clone()).build(), clock)
}

quarantine_conformance!(behind_care, async || {
    let clock = ManualClock::new();
    let store = MemoryStore::builder().clock(clock.clone()).build();
    Subject::on_clock(Resilient::over(store), clock)
});

quarantine_conformance!(behind_pointers, async || {
    let clock = ManualClock::new();
    let store = MemoryStore::builder().clock(clock.clone()).build();
    let store: Box<dyn Store> = Box::new(Arc::new(store));
    Subject::on_clock(store, clock)
});

/// The behaviours that a store with this defect does not have.
fn caught(defect: Defect) -> BTreeSet<&'static str> {
    let fresh = || async move {
        let clock = ManualClock::new();
        let store = MemoryStore::builder().clock(clock.clone()).build();
        Subject::on_clock(BrokenStore { store, defect, seen: Mutex::default() }, clock)
    };
    let fails = |behaviour: &Behaviour| catch_unwind(AssertUnwindSafe(|| behaviour.play(fresh))).is_err();
    quarantine::all().iter().filter(|behaviour| fails(behaviour)).map(Behaviour::name).collect()
}

#[test]
fn each_defect_is_caught_where_it_should_be() {
    for behaviour in quarantine::all() {
        behaviour.play(fresh_store);
    }
    let mut wrong = Vec::new();
    for (defect, expected) in CAUGHT {
        let (came, expected) = (caught(*defect), expected.iter().copied().collect::<BTreeSet<_>>());
        if came != expected {
            wrong.push(format!("{defect:?}: {came:?}, and not {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_behaviour_catches_something() {
    let caught: BTreeSet<_> = CAUGHT.iter().flat_map(|(_, behaviours)| *behaviours).copied().collect();
    let all: BTreeSet<_> = quarantine::all().iter().map(Behaviour::name).collect();
    assert_eq!(caught, all);
}
