//! Stores with one defect each, which no test of one call at a time would find.

use async_trait::async_trait;
use flow_core::{
    Record, SessionId, Store, StoreError,
    store::{Claim, Commit, Cursor, Due, Expect, Loaded, Page, Post, Posted, Verdict},
};
use flow_memory::MemoryStore;

/// What is wrong with a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bug {
    /// It says that it has written, and has not.
    DropsAWrite,
    /// It writes an earlier write once more, over a later one.
    AppliesTwice,
    /// It does not look at the stamp.
    LetsAStaleStampThrough,
}

/// A store that is wrong once: at the first opportunity after so many commits.
#[derive(Debug)]
pub(crate) struct BrokenStore {
    store: MemoryStore,
    bug: Bug,
    /// Held through a commit, so that the one that is wrong is wrong in one step.
    progress: tokio::sync::Mutex<Progress>,
}

#[derive(Debug)]
struct Progress {
    sound: u64,
    is_over: bool,
    last: Option<Commit>,
}

impl BrokenStore {
    pub(crate) fn after(sound: u64, bug: Bug) -> Self {
        let progress = Progress { sound, is_over: false, last: None };
        Self { store: MemoryStore::new(), bug, progress: tokio::sync::Mutex::new(progress) }
    }

    /// Whether it has been wrong.
    pub(crate) async fn was_wrong(&self) -> bool {
        self.progress.lock().await.is_over
    }

    /// Writes whatever is there.
    async fn force(&self, mut commit: Commit) -> Result<Verdict, StoreError> {
        let stored = self.store.load(commit.id, 0).await?.record;
        commit.expect = stored.map_or(Expect::Absent, |record| Expect::At(record.prefix()));
        self.store.commit(commit).await
    }
}

/// Whether a turn is lost with it, and not only the wish to write next.
fn is_of_a_turn(record: &Record) -> bool {
    record.last_turn() == record.stamp()
}

#[async_trait]
impl Store for BrokenStore {
    async fn load(&self, id: SessionId, letters: usize) -> Result<Loaded, StoreError> {
        self.store.load(id, letters).await
    }

    async fn commit(&self, commit: Commit) -> Result<Verdict, StoreError> {
        let mut progress = self.progress.lock().await;
        if progress.sound > 0 || progress.is_over || !is_of_a_turn(&commit.record) {
            progress.sound = progress.sound.saturating_sub(1);
            let outcome = self.store.commit(commit.clone()).await?;
            if matches!(outcome, Verdict::Done { .. }) {
                progress.last = Some(commit);
            }
            return Ok(outcome);
        }
        let stored = self.store.load(commit.id, 0).await?.record;
        let would_hold = commit.expect == stored.map_or(Expect::Absent, |record| Expect::At(record.prefix()));
        match self.bug {
            Bug::DropsAWrite if would_hold => {
                progress.is_over = true;
                Ok(Verdict::Done { waiting: 0 })
            }
            Bug::LetsAStaleStampThrough if !would_hold => {
                progress.is_over = true;
                self.force(commit).await
            }
            Bug::AppliesTwice if would_hold => {
                let outcome = self.store.commit(commit.clone()).await?;
                if let Some(earlier) = progress.last.replace(commit) {
                    progress.is_over = true;
                    self.force(earlier).await?;
                }
                Ok(outcome)
            }
            _ => self.store.commit(commit).await,
        }
    }

    async fn post(&self, post: Post) -> Result<Posted, StoreError> {
        self.store.post(post).await
    }

    async fn remove(&self, id: SessionId) -> Result<bool, StoreError> {
        self.store.remove(id).await
    }

    async fn due(&self, claim: Claim) -> Result<Due, StoreError> {
        self.store.due(claim).await
    }

    async fn browse(&self, after: Option<Cursor>, limit: usize) -> Result<Page, StoreError> {
        self.store.browse(after, limit).await
    }
}
