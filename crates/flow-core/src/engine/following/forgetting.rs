//! What the archive forgets (erased sessions, and old ones), and the export of what it holds of a session.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::Archivist;
use crate::{Flow, SessionId, StoreError, archive::ArchivedStep, engine::error::EngineError};

/// How much is read, or forgotten, in one call to the archive.
pub(super) const STEP: usize = 500;

impl<F: Flow> Archivist<F> {
    /// Erases what is archived of a session, and tells whether there was anything. A tombstone stays.
    pub(in crate::engine) async fn erase(&self, id: SessionId) -> Result<bool, EngineError> {
        let at = self.erased_at(id).await?;
        self.archive.erase(id, at).await.map_err(EngineError::Archive)
    }

    /// The time to erase up to: none of the conversations to be erased began after it, though the store may have had another
    /// clock then.
    async fn erased_at(&self, id: SessionId) -> Result<DateTime<Utc>, EngineError> {
        // What cannot be read is erased all the same.
        let told = match self.keeper.look_up(id).await {
            Err(StoreError::Unreadable(_)) => return Ok(self.keeper.ask_time().await?),
            told => told?,
        };
        let now = self.keeper.time.now(told.heard);
        let known = told.open::<F>(id).ok().and_then(|reading| reading.known);
        Ok(known.map_or(now, |known| now.max(known.session.created_at())))
    }

    /// Forgets what was said too long ago, and the sessions whose last turn is longer ago than `age`, a few at a time; tells how
    /// many sessions they were.
    pub(in crate::engine) async fn purge(&self, age: TimeDelta) -> Result<usize, EngineError> {
        // An age beyond the calendar: no session is that old.
        let now = self.keeper.ask_time().await?;
        if self.archive.keeps_said() {
            self.forget_all_said(now).await?;
        }
        let Some(before) = now.checked_sub_signed(age) else { return Ok(0) };
        let mut purged = 0;
        loop {
            let step = self.archive.purge_before(before, STEP).await.map_err(EngineError::Archive)?;
            purged += step;
            if step < STEP {
                return Ok(purged);
            }
            tokio::task::yield_now().await;
        }
    }

    /// Everything that is archived of a session, with nothing masked; none if nothing is.
    pub(in crate::engine) async fn export(&self, id: SessionId) -> Result<Option<Value>, EngineError> {
        let latest = self.archive.latest(id).await.map_err(EngineError::Archive)?;
        let Some(archived) = latest.archived else { return Ok(None) };
        let history = self.whole_history(id).await?;
        let checkpoints = self.archive.checkpoints(id).await.map_err(EngineError::Archive)?;
        let history = history.iter().map(|step| json!({ "number": step.number, "step": step.transition }));
        let checkpoints = checkpoints.iter().map(|checkpoint| {
            json!({
                "version": checkpoint.key.stamp.version,
                "writeId": checkpoint.key.stamp.write_id,
                "index": checkpoint.key.index,
                "at": checkpoint.at,
                "state": checkpoint.state,
                "data": checkpoint.data,
                "shared": checkpoint.shared,
            })
        });
        let said = self.whole_transcript(id).await?;
        let mut export = json!({
            "record": archived.record.readable(),
            "history": history.collect::<Vec<_>>(),
            "checkpoints": checkpoints.collect::<Vec<_>>(),
        });
        if !said.is_empty() {
            export["said"] = json!(said);
        }
        Ok(Some(export))
    }

    async fn whole_history(&self, id: SessionId) -> Result<Vec<ArchivedStep>, EngineError> {
        let mut history: Vec<ArchivedStep> = Vec::new();
        loop {
            let from = history.last().map_or(0, |step| step.number + 1);
            let page = self.archive.history(id, from, STEP).await.map_err(EngineError::Archive)?;
            let is_last = page.len() < STEP;
            history.extend(page);
            if is_last {
                return Ok(history);
            }
        }
    }
}
