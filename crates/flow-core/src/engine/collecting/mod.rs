//! What is said to visitors who come for it: it waits on the session's shelf, and is collected.
//!
//! `shelf` says for which channels, `hub` knows who waits in this process, and `collector` is one who waits. What other processes say the
//! keeper hears from the store.

mod collector;
mod hub;
mod shelf;

use tracing::{Instrument, info_span};

use super::{Engine, EngineError, keeper::stays};
use crate::{Bookmark, Flow, SessionId, session::Collection};

pub use collector::{Collector, Heard};
pub use shelf::Shelf;

pub(super) use hub::Hub;

impl<F: Flow> Engine<F> {
    /// What waits in a session for a visitor who comes for it, after this bookmark, or all of it: see
    /// [`EngineBuilder::collected`](crate::EngineBuilder::collected). One look into the store; nothing is changed, so that the same can be
    /// collected again.
    ///
    /// What the visitor is known to have is taken off by the next message that says so
    /// ([`Message::with_collected`](crate::Message::with_collected)), and by nothing else but the bound of the shelf.
    ///
    /// Fails if the store cannot be asked, or the record cannot be read.
    pub async fn collect(&self, id: SessionId, after: Option<Bookmark>) -> Result<Collection, EngineError> {
        let span = info_span!("collect", flow = F::GRAPH.name, session = %id);
        let told = self.rooms.keeper.look_up(id).instrument(span).await?;
        let known = told.open::<F>(id).map_err(stays)?.known;
        Ok(known.map(|known| known.session.collect(after)).unwrap_or_default())
    }

    /// Whether replies to addresses of this channel wait to be collected: see
    /// [`EngineBuilder::collected`](crate::EngineBuilder::collected).
    pub fn collects(&self, channel: &str) -> bool {
        self.rooms.keeper.collects(channel)
    }
}
