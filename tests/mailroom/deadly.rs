//! Death at a point: [`Death`], and a store around which it lies in wait: [`Deadly`].

use std::{
    fs::OpenOptions,
    io::Write,
    path::{Path, PathBuf},
    process::{self, Command},
    sync::{Arc, Mutex},
    thread,
};

use async_trait::async_trait;
use flow_core::{
    SessionId, Store, StoreError,
    store::{Claim, Commit, Confirming, Cursor, Due, Heartbeat, Loaded, Page, Post, Posted, Verdict},
};

/// Kills the process at one of so many points that it comes by, drawn by lot.
#[derive(Clone, Debug)]
pub(crate) struct Death {
    kills: PathBuf,
    lots: Arc<Mutex<u64>>,
    one_in: u64,
}

impl Death {
    pub(crate) fn new(folder: &Path, seed: u64, one_in: u64) -> Self {
        let lots = Arc::new(Mutex::new(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1));
        Self { kills: folder.join("kills"), lots, one_in }
    }

    /// Whether it strikes now: then what follows never happens.
    pub(crate) fn may_strike(&self, point: &str) {
        let lot = {
            let mut lots = self.lots.lock().expect("a lock");
            *lots ^= *lots << 13;
            *lots ^= *lots >> 7;
            *lots ^= *lots << 17;
            *lots
        };
        if self.one_in == 0 || lot % self.one_in != 0 {
            return;
        }
        let mut kills = OpenOptions::new().create(true).append(true).open(&self.kills).expect("a file");
        writeln!(kills, "{point}").expect("it is written");
        let _ = Command::new("kill").args(["-9", &process::id().to_string()]).status();
        loop {
            thread::park();
        }
    }
}

/// A store before and behind whose calls the process may die.
#[derive(Debug)]
pub(crate) struct Deadly<S> {
    store: S,
    death: Death,
}

impl<S: Store> Deadly<S> {
    pub(crate) fn over(store: S, death: &Death) -> Self {
        Self { store, death: death.clone() }
    }
}

#[async_trait]
impl<S: Store> Store for Deadly<S> {
    async fn load(&self, id: SessionId, letters: usize) -> Result<Loaded, StoreError> {
        self.store.load(id, letters).await
    }

    async fn commit(&self, commit: Commit) -> Result<Verdict, StoreError> {
        let takes = if commit.takes.is_empty() { "a commit" } else { "a commit that takes letters" };
        self.death.may_strike(&format!("before {takes}"));
        let verdict = self.store.commit(commit).await;
        self.death.may_strike(&format!("behind {takes}"));
        verdict
    }

    async fn post(&self, post: Post) -> Result<Posted, StoreError> {
        self.death.may_strike("before a post");
        let posted = self.store.post(post).await;
        self.death.may_strike("behind a post");
        posted
    }

    async fn remove(&self, id: SessionId) -> Result<bool, StoreError> {
        self.store.remove(id).await
    }

    async fn due(&self, claim: Claim) -> Result<Due, StoreError> {
        let due = self.store.due(claim).await;
        if due.as_ref().is_ok_and(|due| !due.ids.is_empty()) {
            self.death.may_strike("behind a look that found something");
        }
        due
    }

    async fn browse(&self, after: Option<Cursor>, limit: usize) -> Result<Page, StoreError> {
        self.store.browse(after, limit).await
    }

    fn confirming(&self) -> Option<&dyn Confirming> {
        self.store.confirming()
    }

    fn clock_of(&self, id: SessionId) -> Option<u16> {
        self.store.clock_of(id)
    }

    fn heartbeat(&self) -> Option<&dyn Heartbeat> {
        self.store.heartbeat()
    }
}
