//! What a machine reaches its store by: [`Door`].

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering},
};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use flow_core::{
    Clock, SessionId, Store, StoreError,
    store::{Claim, Commit, Cursor, Due, Loaded, Page, Post, Posted, Verdict},
};
use flow_testkit::FaultyStore;
use tokio::time::Instant;

use super::{clock::TownClock, plan::GREATEST_SKEW, truth::Truth};

/// A machine that was killed does nothing any more, whatever its tasks were about to do; one that is cut off is told so.
#[derive(Debug)]
pub(crate) struct Door {
    store: Arc<FaultyStore>,
    truth: Arc<Truth>,
    clock: TownClock,
    is_away: AtomicBool,
    is_dead: AtomicBool,
    /// Since when all answers told a time that is further from this machine's than may be; none if the last did not.
    apart: Mutex<Option<Instant>>,
}

impl Door {
    pub(crate) fn new(store: Arc<FaultyStore>, truth: &Arc<Truth>, clock: &TownClock) -> Self {
        let (is_away, is_dead) = (AtomicBool::default(), AtomicBool::default());
        Self { store, truth: Arc::clone(truth), clock: clock.clone(), is_away, is_dead, apart: Mutex::default() }
    }

    /// Cuts the machine off its store, or lets it reach it again.
    pub(crate) fn cut(&self, is_away: bool) {
        self.is_away.store(is_away, Ordering::Relaxed);
    }

    /// Kills the machine.
    pub(crate) fn kill(&self) {
        self.is_dead.store(true, Ordering::Relaxed);
    }

    /// Never ends if the machine was killed.
    pub(crate) async fn lives(&self) {
        if self.is_dead.load(Ordering::Relaxed) {
            std::future::pending::<()>().await;
        }
    }

    async fn reaches(&self) -> Result<&FaultyStore, StoreError> {
        self.lives().await;
        let is_away = self.is_away.load(Ordering::Relaxed);
        if is_away { Err(StoreError::Unavailable("connection refused".into())) } else { Ok(&self.store) }
    }

    /// Looks how far the time that was just told is from this machine's.
    async fn hears(&self, time: DateTime<Utc>) {
        self.lives().await;
        let is_apart = (time - self.clock.now()).abs() > TimeDelta::from_std(GREATEST_SKEW).expect("a short time");
        let mut apart = self.apart.lock().expect("a lock");
        *apart = if is_apart { Some(apart.unwrap_or_else(Instant::now)) } else { None };
    }
}

#[async_trait]
impl Store for Door {
    async fn load(&self, id: SessionId, letters: usize) -> Result<Loaded, StoreError> {
        let loaded = self.reaches().await?.load(id, letters).await?;
        self.hears(loaded.now).await;
        Ok(loaded)
    }

    async fn commit(&self, commit: Commit) -> Result<Verdict, StoreError> {
        let store = self.reaches().await?;
        let apart = *self.apart.lock().expect("a lock");
        self.truth.is_written_by(commit.record.stamp().write_id, apart);
        let verdict = store.commit(commit).await?;
        self.lives().await;
        if let Verdict::Conflict(loaded) = &verdict {
            self.hears(loaded.now).await;
        }
        Ok(verdict)
    }

    async fn post(&self, post: Post) -> Result<Posted, StoreError> {
        let was_there = self.reaches().await?.post(post).await?;
        self.lives().await;
        Ok(was_there)
    }

    async fn remove(&self, id: SessionId) -> Result<bool, StoreError> {
        let was_there = self.reaches().await?.remove(id).await?;
        self.lives().await;
        Ok(was_there)
    }

    async fn due(&self, claim: Claim) -> Result<Due, StoreError> {
        let due = self.reaches().await?.due(claim).await?;
        self.hears(due.now).await;
        Ok(due)
    }

    async fn browse(&self, after: Option<Cursor>, limit: usize) -> Result<Page, StoreError> {
        self.reaches().await?.browse(after, limit).await
    }
}
