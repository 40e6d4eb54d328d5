//! The sessions of this flow, a page at a time.

use tracing::debug_span;

use super::{Backing, Keeper, Reading, in_memory::InMemory};
use crate::{
    Flow, SessionId, Unreadable,
    engine::{error::EngineError, observer::Verb},
    store::{Cursor, Page, Store},
};

impl<F: Flow> Keeper<F> {
    /// The ids of the sessions of this flow that are stored, a page at a time; of other flows too, where the store cannot tell
    /// them apart.
    pub(in crate::engine) async fn browse(&self, after: Option<Cursor>, limit: usize) -> Result<Page, EngineError> {
        Ok(self.call(Verb::Browse, None, self.store.browse(after, limit), debug_span!("browse")).await?)
    }

    /// The session as it is stored, once what is ahead of it in memory is handed back.
    pub(in crate::engine) async fn read_handed_back(&self, id: SessionId) -> Result<Reading<F>, EngineError> {
        let _lock = self.lock(id).await;
        self.hand_back(id).await?;
        self.read_from(id, Backing::Store).await
    }

    /// The sessions that are only in memory.
    pub(in crate::engine) fn ids_in_memory(&self) -> Vec<SessionId> {
        self.in_memory.as_ref().map_or_else(Vec::new, InMemory::ids)
    }
}

impl EngineError {
    /// Whether this is what reading the session of another flow comes to.
    pub(in crate::engine) fn is_of_another_flow(&self) -> bool {
        matches!(self, Self::Unreadable(Unreadable::OtherFlow))
    }
}
