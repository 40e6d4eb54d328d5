//! What a person may ask for: to know what is held, and to have it forgotten. And what age brings.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use tracing::{Instrument, info_span};

use super::{Engine, EngineError, Inner, shelves::Shelves};
use crate::{Flow, Session, SessionId, archive::ArchivedStep};

/// So much is read, or forgotten, in one call to the archive.
const STEP: usize = 500;

impl<F: Flow> Engine<F> {
    /// Erases everything that is held of a session: its record with its to-do list and its place among what is due, and
    /// what is archived. Tells whether there was anything.
    ///
    /// A tombstone in the archive keeps what is on its way from bringing it back; without an archive there is none. If this
    /// fails, some of it may be left: it may be called again.
    pub async fn erase(&self, id: SessionId) -> Result<bool, EngineError> {
        let inner = &self.0;
        let _pass = inner.gate.enter(inner.settings.turns_at_once)?;
        let _lock = inner.locks.async_lock(id).await;
        async {
            let was_here = inner.shelter.as_ref().is_some_and(|shelter| shelter.release(id));
            let was_archived = inner.erase_archived(id).await?;
            let was_stored = inner.remove(id).await?;
            if was_archived {
                // Whoever found it there until now, and takes it up, does so in a conversation that began by now.
                inner.erase_archived(id).await?;
            }
            Ok(was_stored || was_archived || was_here)
        }
        .instrument(info_span!("erase", flow = F::GRAPH.name, session = %id))
        .await
    }

    /// Everything that is held of a session, with nothing masked: its record, and what is archived. None if nothing is.
    pub async fn export(&self, id: SessionId) -> Result<Option<Value>, EngineError> {
        let inner = &self.0;
        let sheltered = inner.shelter.as_ref().and_then(|shelter| shelter.sheltered(id));
        let record = match sheltered {
            Some(sheltered) => Some(sheltered.commit.record),
            None => inner.load(id).await?,
        };
        let archived = match &inner.archive {
            Some(shelves) => inner.export_archived(shelves, id).await?,
            None => None,
        };
        if record.is_none() && archived.is_none() {
            return Ok(None);
        }
        let record = record.map(|record| readable(record.bytes()));
        Ok(Some(json!({ "session": id, "flow": F::GRAPH.name, "record": record, "archived": archived })))
    }

    /// Forgets the archived sessions whose last turn is longer ago than `age`, a few at a time, so that traffic goes on.
    /// Tells how many they were.
    ///
    /// Fails with [`EngineError::NoArchive`] without an archive. If it fails on the way, what was forgotten is forgotten.
    pub async fn purge(&self, age: Duration) -> Result<usize, EngineError> {
        let shelves = self.0.archive.as_ref().ok_or(EngineError::NoArchive)?;
        let age = TimeDelta::from_std(age).unwrap_or(TimeDelta::MAX);
        // Nothing is so old.
        let Some(before) = self.0.clock.now().checked_sub_signed(age) else { return Ok(0) };
        let mut purged = 0;
        loop {
            let step = shelves.ask(|archive| archive.purge_before(before, STEP)).await.map_err(EngineError::Archive)?;
            purged += step;
            if step < STEP {
                return Ok(purged);
            }
            tokio::task::yield_now().await;
        }
    }
}

impl<F: Flow> Inner<F> {
    async fn erase_archived(&self, id: SessionId) -> Result<bool, EngineError> {
        let Some(shelves) = &self.archive else { return Ok(false) };
        let at = self.erased_at(id).await?;
        shelves.ask(|archive| archive.erase(id, at)).await.map_err(EngineError::Archive)
    }

    /// A time that no conversation that is erased began after, whosever clock told when it began.
    async fn erased_at(&self, id: SessionId) -> Result<DateTime<Utc>, EngineError> {
        let now = self.clock.now();
        let record = self.load(id).await?;
        // What cannot be read is erased all the same.
        let session = record.and_then(|record| Session::<F>::from_record(id, &record).ok());
        Ok(session.map_or(now, |session| now.max(session.created_at)))
    }

    async fn export_archived(&self, shelves: &Shelves, id: SessionId) -> Result<Option<Value>, EngineError> {
        let latest = shelves.ask(|archive| archive.latest(id)).await.map_err(EngineError::Archive)?;
        let Some(latest) = latest else { return Ok(None) };
        let mut history: Vec<ArchivedStep> = Vec::new();
        loop {
            let from = history.last().map_or(0, |step| step.number + 1);
            let page = shelves.ask(|archive| archive.history(id, from, STEP)).await.map_err(EngineError::Archive)?;
            let is_last = page.len() < STEP;
            history.extend(page);
            if is_last {
                break;
            }
        }
        let checkpoints = shelves.ask(|archive| archive.checkpoints(id)).await.map_err(EngineError::Archive)?;
        let history = history.iter().map(|step| json!({ "number": step.number, "step": step.transition }));
        let checkpoints = checkpoints.iter().map(|checkpoint| {
            json!({
                "version": checkpoint.key.version,
                "index": checkpoint.key.index,
                "at": checkpoint.at,
                "state": checkpoint.state,
                "data": checkpoint.data,
                "shared": checkpoint.shared,
            })
        });
        Ok(Some(json!({
            "record": readable(latest.record.bytes()),
            "history": history.collect::<Vec<_>>(),
            "checkpoints": checkpoints.collect::<Vec<_>>(),
        })))
    }
}

/// A record as JSON, or as the text that it is if it is none.
fn readable(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap_or_else(|_| Value::String(String::from_utf8_lossy(bytes).into_owned()))
}
