//! A store that fails as networks do: [`FaultyStore`].

mod faults;
mod quarantine;

use std::{
    collections::HashMap,
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use flow_core::{
    SessionId, Store, StoreError,
    store::{
        Changes, Claim, Commit, Confirming, Cursor, Due, Heartbeat, Loaded, Page, Post, Posted, Quarantine, Roster,
        Verdict,
    },
};

pub use faults::{FaultCounts, Faults};

use faults::Chance;

/// A store around another one, that loses, refuses, delays and conflicts as a seed has it.
///
/// Whatever it does, it keeps the promises of a store: what it says was written was written, and what it writes late
/// is still compared first. So an engine over it must keep its own.
///
/// ```
/// use flow_memory::MemoryStore;
/// use flow_testkit::{Faults, FaultyStore};
///
/// let store = FaultyStore::new(MemoryStore::new(), Faults::each(10), 42);
/// assert_eq!(store.counts().refused, 0);
/// ```
pub struct FaultyStore {
    store: Box<dyn Store>,
    inner: Mutex<Inner>,
}

struct Inner {
    faults: Faults,
    chance: Chance,
    counts: FaultCounts,
    late: HashMap<SessionId, Vec<Commit>>,
}

/// What is to become of a call.
enum Fate {
    Passes,
    LosesReply,
    LosesRequest,
    Refused,
    Conflicts,
    Late,
}

impl FaultyStore {
    /// A store that has these faults, in the order that `seed` gives.
    pub fn new(store: impl Store + 'static, faults: Faults, seed: u64) -> Self {
        let inner = Inner { faults, chance: Chance::new(seed), counts: FaultCounts::default(), late: HashMap::new() };
        Self { store: Box::new(store), inner: Mutex::new(inner) }
    }

    /// What it has done so far.
    pub fn counts(&self) -> FaultCounts {
        self.lock().counts
    }

    /// Has no more faults from now on. What was to be applied late is applied, if it still can.
    ///
    /// Fails if the store behind it does.
    pub async fn heals(&self) -> Result<(), StoreError> {
        let late: Vec<Commit> = {
            let mut inner = self.lock();
            inner.faults = Faults::default();
            inner.late.drain().flat_map(|(_, commits)| commits).collect()
        };
        for commit in late {
            self.store.commit(commit).await?;
        }
        Ok(())
    }

    /// Waits as long as the seed has it, and lets what is late arrive, or not yet.
    async fn arrive(&self, id: SessionId) -> Result<(), StoreError> {
        let delay = self.lock().delay();
        if let Some(delay) = delay {
            tokio::time::sleep(delay).await;
        }
        let late = self.lock().arrivals(id);
        for commit in late {
            self.store.commit(commit).await?;
        }
        Ok(())
    }

    async fn apply(&self, commit: Commit) -> Result<Verdict, StoreError> {
        let verdict = self.store.commit(commit).await?;
        if matches!(verdict, Verdict::Done { .. }) {
            self.lock().counts.applied += 1;
        }
        Ok(verdict)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // A panic under this lock cannot leave half a count, so a poisoned lock is used all the same.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn delay(&mut self) -> Option<Duration> {
        let percent = self.faults.delay;
        let delayed = self.chance.happens(percent);
        delayed.then(|| {
            self.counts.delayed += 1;
            let longest = u64::try_from(self.faults.longest_delay.as_millis()).unwrap_or(u64::MAX);
            Duration::from_millis(self.chance.below(longest.max(1)))
        })
    }

    fn refuses(&mut self) -> bool {
        let is_refused = self.chance.happens(self.faults.refuse);
        self.counts.refused += u64::from(is_refused);
        is_refused
    }

    fn arrivals(&mut self, id: SessionId) -> Vec<Commit> {
        let arrives = self.late.contains_key(&id) && self.chance.happens(50);
        if arrives { self.late.remove(&id).unwrap_or_default() } else { Vec::new() }
    }

    fn fate(&mut self) -> Fate {
        self.one_of(5)
    }

    /// A post expects nothing, so that none conflicts or comes too late.
    fn fate_of_post(&mut self) -> Fate {
        self.one_of(3)
    }

    fn one_of(&mut self, kinds: usize) -> Fate {
        let (faults, counts) = (self.faults, &mut self.counts);
        let fates = [
            (faults.lose_reply, Fate::LosesReply, &mut counts.replies_lost),
            (faults.lose_request, Fate::LosesRequest, &mut counts.requests_lost),
            (faults.refuse, Fate::Refused, &mut counts.refused),
            (faults.conflict, Fate::Conflicts, &mut counts.conflicts),
            (faults.late, Fate::Late, &mut counts.late),
        ];
        for (percent, fate, count) in fates.into_iter().take(kinds) {
            if self.chance.happens(percent) {
                *count += 1;
                return fate;
            }
        }
        Fate::Passes
    }
}

impl fmt::Debug for FaultyStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FaultyStore")
            .field("store", &self.store)
            .field("counts", &self.counts())
            .finish_non_exhaustive()
    }
}

fn lost() -> StoreError {
    StoreError::Unknown("the reply was lost".into())
}

fn refused() -> StoreError {
    StoreError::Unavailable("the connection was refused".into())
}

#[async_trait]
impl Store for FaultyStore {
    async fn load(&self, id: SessionId, letters: usize) -> Result<Loaded, StoreError> {
        self.arrive(id).await?;
        if self.lock().refuses() { Err(refused()) } else { self.store.load(id, letters).await }
    }

    async fn commit(&self, commit: Commit) -> Result<Verdict, StoreError> {
        self.arrive(commit.id).await?;
        let fate = self.lock().fate();
        let verdict = match fate {
            Fate::Passes => self.apply(commit.clone()).await,
            Fate::LosesReply => {
                self.apply(commit.clone()).await?;
                Err(lost())
            }
            Fate::LosesRequest => Err(lost()),
            Fate::Refused => Err(refused()),
            Fate::Conflicts => self.store.load(commit.id, 0).await.map(Verdict::Conflict),
            Fate::Late => {
                self.lock().late.entry(commit.id).or_default().push(commit.clone());
                Err(lost())
            }
        };
        // An answer takes its time too: a caller that stops waiting meanwhile does not learn that the write is in place.
        let delay = self.lock().delay();
        if let Some(delay) = delay {
            tokio::time::sleep(delay).await;
        }
        verdict
    }

    async fn post(&self, post: Post) -> Result<Posted, StoreError> {
        self.arrive(post.id).await?;
        let fate = self.lock().fate_of_post();
        let answer = match fate {
            Fate::LosesRequest => Err(lost()),
            Fate::Refused => Err(refused()),
            Fate::LosesReply => {
                self.store.post(post).await?;
                Err(lost())
            }
            Fate::Passes | Fate::Conflicts | Fate::Late => self.store.post(post).await,
        };
        let delay = self.lock().delay();
        if let Some(delay) = delay {
            tokio::time::sleep(delay).await;
        }
        answer
    }

    async fn remove(&self, id: SessionId) -> Result<bool, StoreError> {
        self.arrive(id).await?;
        self.store.remove(id).await
    }

    async fn due(&self, claim: Claim) -> Result<Due, StoreError> {
        self.store.due(claim).await
    }

    async fn browse(&self, after: Option<Cursor>, limit: usize) -> Result<Page, StoreError> {
        self.store.browse(after, limit).await
    }

    fn clock_of(&self, id: SessionId) -> Option<u16> {
        self.store.clock_of(id)
    }

    fn quarantine(&self) -> Option<&dyn Quarantine> {
        self.store.quarantine()?;
        Some(self)
    }

    fn confirming(&self) -> Option<&dyn Confirming> {
        self.store.confirming()
    }

    /// As the store behind it has it, without a fault.
    fn heartbeat(&self) -> Option<&dyn Heartbeat> {
        self.store.heartbeat()
    }

    fn roster(&self) -> Option<&dyn Roster> {
        self.store.roster()
    }

    /// As the store behind it has it, without a fault: what it writes late is told late.
    fn changes(&self) -> Option<&dyn Changes> {
        self.store.changes()
    }
}
