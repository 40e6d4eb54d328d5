//! Everything that is held of a session, as JSON.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{Engine, EngineError, keeper::damage_of};
use crate::{
    Flow, Record, SessionId,
    store::{Quarantined, Raw},
};

impl<F: Flow> Engine<F> {
    /// Everything that is held of a session, with nothing masked: its record, the messages that wait, what is in quarantine, and what
    /// is archived. None
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
