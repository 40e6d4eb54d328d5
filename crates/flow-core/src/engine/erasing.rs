//! A session is erased: from memory, the store, its quarantine and the archive.

use tracing::{Instrument, info_span};

use super::{Engine, EngineError};
use crate::{Flow, SessionId};

impl<F: Flow> Engine<F> {
    /// Erases everything that is held of a session, and tells whether there was anything.
    pub(super) async fn erase_all_of(&self, id: SessionId) -> Result<bool, EngineError> {
        let rooms = &self.rooms;
        let _pass = rooms.gate.enter()?;
        let _lock = rooms.keeper.lock(id).await;
        async {
            // First, because it needs neither the store nor the archive, one of which may be away.
            let was_here = rooms.keeper.forget_in_memory(id);
            let Some(archivist) = &rooms.archivist else {
                return Ok(self.erase_live(id).await? || was_here);
            };
            let was_archived = archivist.erase(id).await?;
            let was_stored = self.erase_live(id).await?;
            // Once more, for whatever looked for it between the two: what asked the archive and found its letter still there, and, in
            // a process of a release before the epochs, what found it archived and takes it up in a conversation that began by now.
            archivist.erase(id).await?;
            Ok(was_stored || was_archived || was_here)
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
}
