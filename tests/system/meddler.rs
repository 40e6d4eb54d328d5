//! A store that can be told to misbehave: [`Meddler`].

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use flow_core::{
    SessionId, Store, StoreError,
    store::{
        Changes, Claim, Commit, Confirming, Cursor, Due, Expect, Heartbeat, Listener, Loaded, Page, Post, Posted,
        Quarantine, Quarantined, Raw, Verdict,
    },
};
use tokio::sync::Semaphore;
use uuid::Uuid;

/// What to do to one call.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "a test has a handful of them")]
pub(crate) enum Meddling {
    /// Nothing: this one passes, and the next is meant.
    Pass,
    /// Apply it, and lose the answer.
    LoseAnswer,
    /// Say that the answer was lost, and apply it once there is a permit, without telling of it.
    ApplyLate(Arc<Semaphore>),
    /// Apply it, lose the answer, and be away from then on.
    ApplyAndGoAway,
    /// Apply it, lose the answer, and have another instance write on top of it.
    ApplyAndBuildOn,
    /// Do not apply it, and say that the answer was lost.
    LoseRequest,
    /// Refuse it.
    Refuse(StoreError),
    /// Never answer.
    Hang,
    /// Apply it once there is a permit.
    Wait(Arc<Semaphore>),
    /// Apply this commit first, as another instance would.
    ComesSecond(Commit),
}

/// How a store's heartbeat is.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum Heart {
    /// As the store has it.
    #[default]
    Beats,
    /// It never answers.
    Hangs,
    /// It refuses.
    Refuses,
    /// The store has none.
    None,
}

/// A store between the engine and another store: it counts the calls, and meddles with them as told.
#[derive(Debug)]
pub(crate) struct Meddler {
    store: Arc<dyn Store>,
    commits: Mutex<VecDeque<Meddling>>,
    loads: Mutex<VecDeque<Meddling>>,
    /// What the next post waits for.
    posts: Mutex<VecDeque<Arc<Semaphore>>>,
    is_away: AtomicBool,
    /// Whether what is stored is unconfirmed, if this is to be asked at all.
    unconfirmed: Mutex<Option<bool>>,
    /// What becomes of beats, and of questions after them.
    heart: Mutex<Heart>,
    /// How often it was said that a worker is there, and how often it was asked.
    pub(crate) beats: AtomicUsize,
    pub(crate) asked: AtomicUsize,
    pub(crate) calls: AtomicUsize,
    listened: AtomicUsize,
    pub(crate) written: Mutex<Vec<Commit>>,
}

impl Meddler {
    pub(crate) fn over(store: impl Store + 'static) -> Self {
        Self {
            store: Arc::new(store),
            commits: Mutex::default(),
            loads: Mutex::default(),
            posts: Mutex::default(),
            is_away: AtomicBool::new(false),
            unconfirmed: Mutex::default(),
            heart: Mutex::default(),
            beats: AtomicUsize::new(0),
            asked: AtomicUsize::new(0),
            calls: AtomicUsize::new(0),
            listened: AtomicUsize::new(0),
            written: Mutex::default(),
        }
    }

    /// Meddles with the next commit that is not spoken for.
    pub(crate) fn next_commit(&self, meddling: Meddling) -> &Self {
        self.commits.lock().expect("a lock").push_back(meddling);
        self
    }

    /// Meddles with no commit any more that was spoken for.
    pub(crate) fn leave_alone(&self) {
        self.commits.lock().expect("a lock").clear();
    }

    /// Meddles with the next load that is not spoken for.
    pub(crate) fn next_load(&self, meddling: Meddling) -> &Self {
        self.loads.lock().expect("a lock").push_back(meddling);
        self
    }

    /// Has the next post that is not spoken for wait for a permit.
    pub(crate) fn next_post_waits_for(&self, permit: &Arc<Semaphore>) -> &Self {
        self.posts.lock().expect("a lock").push_back(Arc::clone(permit));
        self
    }

    /// Whether every call fails from now on, as if no server were there.
    pub(crate) fn is_away(&self, is_away: bool) {
        self.is_away.store(is_away, Ordering::SeqCst);
    }

    /// Has it be asked from now on whether what is stored is confirmed, and whether it is not.
    pub(crate) fn is_unconfirmed(&self, is_unconfirmed: bool) {
        *self.unconfirmed.lock().expect("a lock") = Some(is_unconfirmed);
    }

    /// Has such a heartbeat from now on.
    pub(crate) fn heart(&self, heart: Heart) {
        *self.heart.lock().expect("a lock") = heart;
    }

    /// Its heart's own way, if it has one.
    async fn beat_or_fail(&self) -> Result<(), StoreError> {
        let heart = *self.heart.lock().expect("a lock");
        match heart {
            Heart::Hangs => std::future::pending().await,
            Heart::Refuses => Err(StoreError::Denied("no right to beat".into())),
            Heart::Beats | Heart::None if self.is_away.load(Ordering::SeqCst) => Err(away()),
            Heart::Beats | Heart::None => Ok(()),
        }
    }

    /// Counts a call.
    ///
    /// Fails while the store is away.
    fn called(&self) -> Result<(), StoreError> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        if self.is_away.load(Ordering::SeqCst) { Err(away()) } else { Ok(()) }
    }

    pub(crate) fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }

    /// How often somebody has begun to listen to it.
    pub(crate) fn listened(&self) -> usize {
        self.listened.load(Ordering::SeqCst)
    }

    /// How many commits held.
    pub(crate) fn writes(&self) -> usize {
        self.written.lock().expect("a lock").len()
    }

    /// The last commit that held.
    pub(crate) fn last_written(&self) -> Commit {
        self.written.lock().expect("a lock").last().expect("a commit").clone()
    }

    /// The store itself, for the hand of a test and for engines that are not meddled with.
    pub(crate) fn behind(&self) -> Arc<dyn Store> {
        Arc::clone(&self.store)
    }

    async fn apply(&self, commit: Commit) -> Result<Verdict, StoreError> {
        let outcome = self.store.commit(commit.clone()).await?;
        if matches!(outcome, Verdict::Done { .. }) {
            self.written.lock().expect("a lock").push(commit);
        }
        Ok(outcome)
    }
}

fn away() -> StoreError {
    StoreError::Unavailable("connection refused".into())
}

fn lost() -> StoreError {
    StoreError::Unknown("the answer was lost".into())
}

#[async_trait]
impl Store for Meddler {
    async fn load(&self, id: SessionId, letters: usize) -> Result<Loaded, StoreError> {
        self.called()?;
        let meddling = self.loads.lock().expect("a lock").pop_front();
        match meddling {
            Some(Meddling::Refuse(error)) => Err(error),
            Some(Meddling::Hang) => std::future::pending().await,
            Some(Meddling::Wait(permits)) => {
                permits.acquire().await.expect("it is never closed").forget();
                self.store.load(id, letters).await
            }
            _ => self.store.load(id, letters).await,
        }
    }

    async fn commit(&self, commit: Commit) -> Result<Verdict, StoreError> {
        self.called()?;
        let meddling = self.commits.lock().expect("a lock").pop_front();
        match meddling {
            None | Some(Meddling::Pass) => self.apply(commit).await,
            Some(Meddling::Refuse(error)) => Err(error),
            Some(Meddling::LoseRequest) => Err(lost()),
            Some(Meddling::Hang) => std::future::pending().await,
            Some(Meddling::Wait(permits)) => {
                permits.acquire().await.expect("it is never closed").forget();
                self.apply(commit).await
            }
            Some(Meddling::ApplyLate(permits)) => {
                let store = Arc::clone(&self.store);
                tokio::spawn(async move {
                    permits.acquire().await.expect("it is never closed").forget();
                    store.commit(commit.told(false)).await
                });
                Err(lost())
            }
            Some(Meddling::LoseAnswer) => {
                self.apply(commit).await?;
                Err(lost())
            }
            Some(Meddling::ApplyAndBuildOn) => {
                let expect = Expect::At(commit.record.prefix());
                self.apply(commit.clone()).await?;
                let record = commit.record.rewritten(commit.record.stamp().next());
                let on_top = Commit::new(commit.id, expect, record, commit.flow, commit.state);
                self.apply(on_top.time_to_live(commit.time_to_live).wake_at(commit.wake_at)).await?;
                Err(lost())
            }
            Some(Meddling::ApplyAndGoAway) => {
                self.apply(commit).await?;
                self.is_away(true);
                Err(lost())
            }
            Some(Meddling::ComesSecond(first)) => {
                self.apply(first).await?;
                self.apply(commit).await
            }
        }
    }

    async fn post(&self, post: Post) -> Result<Posted, StoreError> {
        self.called()?;
        let waits_for = self.posts.lock().expect("a lock").pop_front();
        if let Some(permits) = waits_for {
            permits.acquire().await.expect("it is never closed").forget();
        }
        self.store.post(post).await
    }

    async fn remove(&self, id: SessionId) -> Result<bool, StoreError> {
        self.called()?;
        self.store.remove(id).await
    }

    async fn due(&self, claim: Claim) -> Result<Due, StoreError> {
        self.called()?;
        self.store.due(claim).await
    }

    async fn browse(&self, after: Option<Cursor>, limit: usize) -> Result<Page, StoreError> {
        self.store.browse(after, limit).await
    }

    fn quarantine(&self) -> Option<&dyn Quarantine> {
        self.store.quarantine()?;
        Some(self)
    }

    fn changes(&self) -> Option<&dyn Changes> {
        self.store.changes()?;
        Some(self)
    }

    fn confirming(&self) -> Option<&dyn Confirming> {
        let is_asked = self.unconfirmed.lock().expect("a lock").is_some();
        is_asked.then_some(self)
    }

    fn heartbeat(&self) -> Option<&dyn Heartbeat> {
        let has_one = !matches!(*self.heart.lock().expect("a lock"), Heart::None);
        has_one.then_some(self)
    }
}

#[async_trait]
impl Changes for Meddler {
    async fn listen(&self) -> Result<Box<dyn Listener>, StoreError> {
        self.listened.fetch_add(1, Ordering::SeqCst);
        self.store.changes().expect("it has them").listen().await
    }
}

impl Meddler {
    fn quarantine_behind(&self) -> Result<&dyn Quarantine, StoreError> {
        self.called()?;
        Ok(self.store.quarantine().expect("it has one"))
    }
}

#[async_trait]
impl Quarantine for Meddler {
    async fn raw(&self, id: SessionId) -> Result<Option<Raw>, StoreError> {
        self.quarantine_behind()?.raw(id).await
    }

    async fn put(&self, id: SessionId, raw: &Raw, entry: Uuid, keep: Duration) -> Result<bool, StoreError> {
        self.quarantine_behind()?.put(id, raw, entry, keep).await
    }

    async fn list(&self, id: SessionId) -> Result<Vec<Quarantined>, StoreError> {
        self.quarantine_behind()?.list(id).await
    }

    async fn forget(&self, id: SessionId) -> Result<bool, StoreError> {
        self.quarantine_behind()?.forget(id).await
    }
}

#[async_trait]
impl Confirming for Meddler {
    async fn confirm(&self, _: SessionId) -> Result<(), StoreError> {
        self.called()?;
        match *self.unconfirmed.lock().expect("a lock") {
            Some(true) => Err(StoreError::Unknown("applied, and confirmed by none".into())),
            _ => Ok(()),
        }
    }
}

#[async_trait]
impl Heartbeat for Meddler {
    async fn beat(&self, flow: &str, lasts: Duration) -> Result<(), StoreError> {
        self.beats.fetch_add(1, Ordering::SeqCst);
        self.beat_or_fail().await?;
        self.store.heartbeat().expect("the memory store has one").beat(flow, lasts).await
    }

    async fn alive_until(&self, flow: &str) -> Result<Option<DateTime<Utc>>, StoreError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        self.beat_or_fail().await?;
        self.store.heartbeat().expect("the memory store has one").alive_until(flow).await
    }
}
