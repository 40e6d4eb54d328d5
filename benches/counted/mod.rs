//! A store whose calls are counted: [`Counted`].

use std::{
    mem::take,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use flow_core::{
    SessionId, Store, StoreError,
    store::{Claim, Commit, Confirming, Cursor, Due, Heartbeat, Letter, Loaded, Page, Post, Posted, Verdict},
};

/// A store between the engine and another store.
#[derive(Debug)]
pub struct Counted {
    store: Arc<dyn Store>,
    calls: Mutex<Calls>,
}

/// What was asked of the store.
#[derive(Debug, Default)]
#[allow(dead_code, reason = "each bench prints some of it")]
pub struct Calls {
    pub loads: usize,
    pub commits: usize,
    pub posts: usize,
    /// How many letters the loads gave, and their bytes.
    pub letters: usize,
    pub bytes: usize,
    pub posted: Vec<Letter>,
}

impl Counted {
    pub fn over(store: Arc<dyn Store>) -> Self {
        Self { store, calls: Mutex::default() }
    }

    /// What was asked since this was last called.
    pub fn calls(&self) -> Calls {
        take(&mut *self.calls.lock().expect("a lock"))
    }

    fn count(&self, count: impl FnOnce(&mut Calls)) {
        count(&mut self.calls.lock().expect("a lock"));
    }
}

#[async_trait]
impl Store for Counted {
    async fn load(&self, id: SessionId, letters: usize) -> Result<Loaded, StoreError> {
        let loaded = self.store.load(id, letters).await?;
        self.count(|calls| {
            calls.loads += 1;
            calls.letters += loaded.letters.len();
            calls.bytes += loaded.letters.iter().map(|letter| letter.body.len()).sum::<usize>();
        });
        Ok(loaded)
    }

    async fn commit(&self, commit: Commit) -> Result<Verdict, StoreError> {
        self.count(|calls| calls.commits += 1);
        self.store.commit(commit).await
    }

    async fn post(&self, post: Post) -> Result<Posted, StoreError> {
        self.count(|calls| {
            calls.posts += 1;
            calls.posted.push(post.letter.clone());
        });
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

    fn confirming(&self) -> Option<&dyn Confirming> {
        self.store.confirming()
    }

    fn heartbeat(&self) -> Option<&dyn Heartbeat> {
        self.store.heartbeat()
    }
}
