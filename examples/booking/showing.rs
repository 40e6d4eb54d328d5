//! A session as an operator sees it: the record, what waits beside it, and what could not be delivered.

use std::error::Error;

use flow_chat::{Engine, SessionId};
use serde_json::{Value, json};

use crate::flow::Booking;

/// The session as JSON, private values and reasons masked unless they are to be seen in the clear.
///
/// Fails if there is no such session.
pub async fn show(engine: &Engine<Booking>, id: SessionId, clear: bool) -> Result<String, Box<dyn Error>> {
    let session = engine.peek(id).await?.ok_or("there is no live session with this id")?;
    let mut view = if clear { session.revealed()? } else { session.masked()? };
    view["waiting"] = engine.waiting(id).await?.into();
    let dead_letters = session.set_aside().into_iter().map(|letter| {
        // A platform's error may quote what was said.
        let error = if clear { letter.error.into() } else { Value::Null };
        json!({ "key": letter.key.to_string(), "kind": letter.kind, "at": letter.at, "error": error })
    });
    view["deadLetters"] = dead_letters.collect();
    Ok(format!("{view:#}"))
}
