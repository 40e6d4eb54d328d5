//! What an operator may ask of an engine: dead letters delivered again or dismissed, a person's data told or erased, old
//! conversations purged.

use std::{fmt::Write as _, time::Duration};

use chrono::TimeDelta;
use serde_json::{Value, json};
use tracing::{Instrument, info_span};

use super::{Engine, EngineError, keeper::damage_of};
use crate::{
    Flow, Record, SessionId,
    store::{Quarantined, Raw},
};

impl<F: Flow> Engine<F> {
    /// Has the dead letters of a session delivered again, before anything else that is pending and not under way, and tells
    /// how many there were.
    ///
    /// A session that the archive refused is offered to it once more.
    pub async fn retry(&self, id: SessionId) -> Result<usize, EngineError> {
        let letters = self.accept_again(id).await?;
        let mut count = 0;
        let amended = self.rooms.keeper.amend(id, |session, _| {
            count = session.retry_set_aside();
            count > 0 || self.rooms.archivist.is_some()
        });
        amended.await?;
        count += letters;
        if count > 0 {
            tracing::info!(session = %id, count, "dead letters are delivered again");
        }
        Ok(count)
    }

    /// Forgets the dead letters of a session, and tells how many there were.
    pub async fn dismiss(&self, id: SessionId) -> Result<usize, EngineError> {
        let mut count = 0;
        let amended = self.rooms.keeper.amend(id, |session, _| {
            count = session.dismiss_set_aside();
            count > 0
        });
        amended.await?;
        if count > 0 {
            tracing::info!(session = %id, count, "dead letters were given up");
        }
        Ok(count)
    }

    /// Erases everything that is held of a session: its record with its to-do list and its place among what is due, what is
    /// in quarantine, and what is archived. Tells whether there was anything.
    ///
    /// A tombstone in the archive keeps what is on its way from bringing it back; without an archive there is none. If this
    /// fails, some of it may be left: it may be called again.
    pub async fn erase(&self, id: SessionId) -> Result<bool, EngineError> {
        let rooms = &self.rooms;
        let _pass = rooms.gate.enter()?;
        let _lock = rooms.keeper.lock(id).await;
        async {
            // First, because it needs neither the store nor the archive, one of which may be away.
            let was_here = rooms.keeper.forget_in_memory(id);
            let Some(archivist) = &rooms.archivist else {
                return Ok(told_erased(id, self.erase_live(id).await? || was_here));
            };
            let was_archived = archivist.erase(id).await?;
            let was_stored = self.erase_live(id).await?;
            if was_archived {
                // In a process of a release before the epochs, a turn that found it there until now takes it up in a conversation
                // that began by now.
                archivist.erase(id).await?;
            }
            Ok(told_erased(id, was_stored || was_archived || was_here))
        }
        .instrument(info_span!("erase", flow = F::GRAPH.name, session = %id))
        .await
    }

    /// Removes the record of a session, and then what is in quarantine of it: after the removal nothing can be moved there.
    async fn erase_live(&self, id: SessionId) -> Result<bool, EngineError> {
        let was_stored = self.rooms.keeper.remove(id).await?;
        let was_quarantined = self.rooms.keeper.forget_quarantined(id).await?;
        Ok(was_stored || was_quarantined)
    }

    /// Everything that is held of a session, with nothing masked: its record, what is in quarantine, and what is archived. None
    /// if nothing is.
    ///
    /// What is in quarantine is shown with its bytes in hexadecimal, what is wrong with them, and as much of them as can be
    /// read. Fails if the record cannot be read.
    pub async fn export(&self, id: SessionId) -> Result<Option<Value>, EngineError> {
        let record = self.rooms.keeper.look_up(id).await?.record;
        let quarantine = self.rooms.keeper.quarantined(id).await?;
        let archived = match &self.rooms.archivist {
            Some(archivist) => archivist.export(id).await?,
            None => None,
        };
        let waiting = self.waiting_messages(id).await?;
        if record.is_none() && archived.is_none() && quarantine.is_empty() && waiting.is_empty() {
            return Ok(None);
        }
        let record = record.map(|record| record.readable());
        let quarantine: Vec<_> = quarantine.iter().map(|quarantined| shown::<F>(id, quarantined)).collect();
        Ok(Some(json!({
            "session": id,
            "flow": F::GRAPH.name,
            "record": record,
            "waiting": waiting,
            "quarantine": quarantine,
            "archived": archived,
        })))
    }

    /// Forgets the archived sessions whose last turn is longer ago than `age` by the store's time, a few at a time, so that
    /// traffic goes on. Tells how many they were.
    ///
    /// Fails with [`EngineError::NoArchive`] without an archive. If it fails on the way, what was forgotten is forgotten.
    pub async fn purge(&self, age: Duration) -> Result<usize, EngineError> {
        let archivist = self.rooms.archivist.as_ref().ok_or(EngineError::NoArchive)?;
        let sessions = archivist.purge(TimeDelta::from_std(age).unwrap_or(TimeDelta::MAX)).await?;
        tracing::info!(sessions, "archived sessions were purged");
        Ok(sessions)
    }
}

/// A record in quarantine as JSON, for people.
fn shown<F: Flow>(id: SessionId, quarantined: &Quarantined) -> Value {
    let Quarantined { bytes, at, until } = quarantined;
    let readable = match Record::read(bytes.clone()) {
        Ok(record) => record.readable(),
        Err(_) => Value::String(String::from_utf8_lossy(bytes).into_owned()),
    };
    json!({
        "at": at,
        "until": until,
        // None where only the stamp beside them was another.
        "damage": damage_of::<F>(id, &Raw::new(bytes.clone())).map(|damage| damage.to_string()),
        "readable": readable,
        // As every database shows bytes; `xxd -r -p` gives them back.
        "bytes": hexadecimal(bytes),
    })
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Says in the log that a session was erased, if it was.
fn told_erased(session: SessionId, was_there: bool) -> bool {
    if was_there {
        tracing::info!(%session, "a session was erased");
    }
    was_there
}
