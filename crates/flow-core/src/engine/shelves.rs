//! Calls to the archive, each with a deadline: [`Shelves`].

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use thiserror::Error;
use tokio::time::{Instant, timeout};

use crate::{Archive, SessionId, archive::Archived, store::StoreError};

/// An archive that is never waited for too long.
pub(super) struct Shelves {
    archive: Arc<dyn Archive>,
    deadline: Duration,
    /// Until when visitors do not wait for it, because it has just failed.
    resting: Mutex<Option<Instant>>,
}

/// How long visitors do not wait for an archive that has failed.
const REST: Duration = Duration::from_secs(1);

/// The archive took too long.
#[derive(Debug, Error)]
#[error("it did not answer within {0:?}")]
struct Late(Duration);

/// The archive has just failed, and was not asked.
#[derive(Debug, Error)]
#[error("it failed a moment ago")]
struct Resting;

impl Shelves {
    pub(super) fn over(archive: Arc<dyn Archive>, deadline: Duration) -> Self {
        Self { archive, deadline, resting: Mutex::new(None) }
    }

    /// What `call` gives of the archive, within the deadline.
    pub(super) async fn ask<'s, T, A>(&'s self, call: impl FnOnce(&'s dyn Archive) -> A) -> Result<T, StoreError>
    where
        A: Future<Output = Result<T, StoreError>>,
    {
        let answer = timeout(self.deadline, call(&*self.archive)).await;
        let answer = answer.unwrap_or_else(|_| Err(StoreError::Unavailable(Box::new(Late(self.deadline)))));
        let rest = answer.is_err().then(|| Instant::now() + REST);
        *self.resting.lock().unwrap_or_else(PoisonError::into_inner) = rest;
        answer
    }

    /// The last that was kept, for a visitor who waits: at once, if the archive has just failed.
    pub(super) async fn latest(&self, id: SessionId) -> Result<Option<Archived>, StoreError> {
        let resting = *self.resting.lock().unwrap_or_else(PoisonError::into_inner);
        if resting.is_some_and(|until| until > Instant::now()) {
            return Err(StoreError::Unavailable(Box::new(Resting)));
        }
        self.ask(|archive| archive.latest(id)).await
    }
}
