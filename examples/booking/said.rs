//! What was said in a conversation, for a person who takes over.

use std::error::Error;

use flow_chat::{Engine, SessionId};

use crate::{flow::Booking, screen};

/// Tells a line for each thing said: when, by whom, in which state, and the words as far as they are kept.
pub async fn tell(engine: &Engine<Booking>, id: SessionId) -> Result<(), Box<dyn Error>> {
    let mut after = None;
    loop {
        let page = engine.said(id, after, 100).await?;
        for said in &page {
            let (at, by) = (said.moment.at.format("%Y-%m-%d %H:%M:%S"), said.by.as_str());
            let words = said.text.as_deref().unwrap_or("…");
            screen::line(&format!("{at}  {by} at {}: {words}", said.state))?;
        }
        let Some(last) = page.last() else { return Ok(()) };
        after = Some(last.moment);
    }
}
