//! What was said, in the archive: read, and forgotten when its life is over.

use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

use super::{Archivist, forgetting::STEP};
use crate::{Flow, Moment, SessionId, StoreError, Utterance, engine::error::EngineError};

/// How often what was said too long ago is looked for beside the archiving.
const PAUSE: TimeDelta = TimeDelta::seconds(60);

/// When what was said too long ago was last looked for, by the store's time.
#[derive(Debug, Default)]
pub(super) struct LastLook(Mutex<Option<DateTime<Utc>>>);

impl LastLook {
    /// Whether it is time for another look, which this then is.
    fn is_over(&self, now: DateTime<Utc>) -> bool {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_over = last.is_none_or(|last| (now - last).abs() >= PAUSE);
        if is_over {
            *last = Some(now);
        }
        is_over
    }
}

impl<F: Flow> Archivist<F> {
    /// Says in the log if what was said is to be kept, and the archive cannot.
    pub(in crate::engine) fn notice_missing_power(&self) {
        if self.settings.said.is_some() && !self.archive.keeps_said() {
            tracing::warn!(
                "the archive keeps no transcripts: what was said stays in the records, and is lost with them"
            );
        }
    }

    /// Up to `limit` of what was said in a session after that moment, as far as it is archived.
    pub(in crate::engine) async fn transcript(
        &self,
        id: SessionId,
        after: Option<Moment>,
        limit: usize,
    ) -> Result<Vec<Utterance>, EngineError> {
        self.archive.transcript(id, after, limit).await.map_err(EngineError::Archive)
    }

    /// Everything that is archived of what was said in a session.
    pub(super) async fn whole_transcript(&self, id: SessionId) -> Result<Vec<Utterance>, EngineError> {
        let mut said: Vec<Utterance> = Vec::new();
        loop {
            let after = said.last().map(|last| last.moment);
            let page = self.transcript(id, after, STEP).await?;
            let is_last = page.len() < STEP;
            said.extend(page);
            if is_last {
                return Ok(said);
            }
        }
    }

    /// Forgets some of what was said too long ago, if that was not done a moment ago. The archiving goes on if it fails.
    pub(super) async fn forget_some_said(&self, now: DateTime<Utc>) {
        if self.settings.said.is_none() || !self.archive.keeps_said() || !self.last_look.is_over(now) {
            return;
        }
        if let Err(error) = self.forget_said_at_once(now).await {
            tracing::warn!(%error, "what was said too long ago could not be forgotten, and will be later");
        }
    }

    /// Forgets all that was said too long ago, a little at a time.
    pub(super) async fn forget_all_said(&self, now: DateTime<Utc>) -> Result<(), EngineError> {
        while self.forget_said_at_once(now).await.map_err(EngineError::Archive)? == STEP {
            tokio::task::yield_now().await;
        }
        Ok(())
    }

    async fn forget_said_at_once(&self, now: DateTime<Utc>) -> Result<usize, StoreError> {
        match self.settings.said.as_ref().and_then(|said| said.dead_at(now)) {
            Some(dead) => self.archive.forget_said_before(F::GRAPH.name, dead, STEP).await,
            None => Ok(0),
        }
    }
}
