//! The sessions of this flow, a page at a time, and their number.

use std::sync::Arc;

use tokio::task::JoinSet;
use tracing::{Instrument, debug_span};

use super::{Backing, Keeper, Reading, in_memory::InMemory};
use crate::{
    Flow, SessionId,
    engine::{error::EngineError, observer::Verb},
    store::{Cursor, Page, Store},
};

/// How many sessions are read at once.
const AT_ONCE: usize = 64;

/// A session that was asked for, and what there is of it.
pub(in crate::engine) type Read<F> = (SessionId, Result<Reading<F>, EngineError>);

impl<F: Flow> Keeper<F> {
    /// The ids of the sessions of this flow that are stored, a page at a time; of other flows too, where the store cannot tell
    /// them apart.
    pub(in crate::engine) async fn browse(&self, after: Option<Cursor>, limit: usize) -> Result<Page, EngineError> {
        let page = async {
            match self.store.roster() {
                Some(roster) => roster.browse_flow(F::GRAPH.name, after, limit).await,
                None => self.store.browse(after, limit).await,
            }
        };
        Ok(self.call(Verb::Browse, None, page, debug_span!("browse")).await?)
    }

    /// How many sessions of this flow are stored, if the store can count them.
    pub(in crate::engine) async fn count(&self) -> Result<Option<u64>, EngineError> {
        let Some(roster) = self.store.roster() else { return Ok(None) };
        let count = roster.count(F::GRAPH.name);
        Ok(Some(self.call(Verb::Count, None, count, debug_span!("count")).await?))
    }

    /// These sessions, in this order, as they are for this process. Of another flow's session nothing is known.
    pub(in crate::engine) async fn read_each(self: &Arc<Self>, ids: &[SessionId]) -> Vec<Read<F>> {
        let mut found = Vec::with_capacity(ids.len());
        for some in ids.chunks(AT_ONCE) {
            let mut reads = JoinSet::new();
            for (place, id) in some.iter().copied().enumerate() {
                let keeper = Arc::clone(self);
                let read = async move {
                    let told = keeper.look_up(id).await;
                    (place, id, told.map_err(EngineError::from).and_then(|told| Ok(told.of_own_flow::<F>().open(id)?)))
                };
                reads.spawn(read.in_current_span());
            }
            let mut read = reads.join_all().await;
            read.sort_unstable_by_key(|(place, ..)| *place);
            found.extend(read.into_iter().map(|(_, id, read)| (id, read)));
        }
        found
    }

    /// The session as it is stored, once what is ahead of it in memory is handed back. Of another flow's nothing is known.
    pub(in crate::engine) async fn read_handed_back(&self, id: SessionId) -> Result<Reading<F>, EngineError> {
        let _lock = self.lock(id).await;
        self.hand_back(id).await?;
        let reading = self.load(id, Backing::Store).await?.of_own_flow::<F>().open(id)?;
        if !reading.known.as_ref().is_some_and(|known| known.session.is_unarchived()) {
            // While nothing else writes the session: the mark that the next turn leaves must stay.
            self.unarchived.remove(id);
        }
        Ok(reading)
    }

    /// The sessions that are only in memory.
    pub(in crate::engine) fn ids_in_memory(&self) -> Vec<SessionId> {
        self.in_memory.as_ref().map_or_else(Vec::new, InMemory::ids)
    }
}
