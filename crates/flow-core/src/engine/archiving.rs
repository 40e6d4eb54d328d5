//! What is to be archived, archived at once: [`Engine::archive_now`] and [`Engine::archive_all`].

use tracing::{Instrument, info_span};

use super::{Engine, EngineError, following::CaughtUp};
use crate::{Flow, SessionId};

impl<F: Flow> Engine<F> {
    /// Archives what is new of a session, and tells whether there was anything: when this returns, the archive has the session
    /// as it was, or as it has become.
    ///
    /// Fails with [`EngineError::NoArchive`] without an archive, with [`EngineError::NoSession`] if there is no record of the
    /// session, with [`EngineError::Archive`] if the archive cannot be reached, and with [`EngineError::ArchiveRefused`] if it
    /// does not take the session. What was refused before is offered again.
    ///
    /// ```
    /// # use flow_core::{Engine, EngineError, Flow, SessionId};
    /// # async fn example<F: Flow>(engine: &Engine<F>, id: SessionId) -> Result<(), EngineError> {
    /// engine.handle(id, "Yes, book it").await?;
    /// engine.archive_now(id).await?; // and not within a minute
    /// # Ok(())
    /// # }
    /// ```
    pub async fn archive_now(&self, id: SessionId) -> Result<bool, EngineError> {
        let rooms = &self.rooms;
        let archivist = rooms.archivist.as_ref().ok_or(EngineError::NoArchive)?;
        let _pass = rooms.gate.enter_when_due()?;
        let mut caught_up = CaughtUp::default();
        async {
            if rooms.keeper.read_handed_back(id).await?.known.is_none() {
                return Err(EngineError::NoSession);
            }
            archivist.catch_up(vec![id], &mut caught_up).await?;
            caught_up.left.pop().map_or(Ok(caught_up.archived > 0), |(_, error)| Err(error))
        }
        .instrument(info_span!("archive now", flow = F::GRAPH.name, session = %id))
        .await
    }

    /// Archives what is new of every session of this flow, whichever process wrote it, and tells how many they were, and which
    /// could not be archived.
    ///
    /// Every session is read once. Turns and workers go on beside it; a session whose turn comes meanwhile is archived as it
    /// was, or as it has become.
    ///
    /// Fails with [`EngineError::NoArchive`] without an archive, and with the error of the store or of the archive if one cannot
    /// be reached: what was archived until then is archived.
    ///
    /// ```
    /// # use flow_core::{Engine, EngineError, Flow};
    /// # async fn example<F: Flow>(engine: &Engine<F>) -> Result<(), EngineError> {
    /// let caught_up = engine.archive_all().await?;
    /// println!("{} archived, {} left", caught_up.archived, caught_up.left.len());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn archive_all(&self) -> Result<CaughtUp, EngineError> {
        let rooms = &self.rooms;
        let archivist = rooms.archivist.as_ref().ok_or(EngineError::NoArchive)?;
        archivist.catch_up_all(&rooms.gate).instrument(info_span!("archive all", flow = F::GRAPH.name)).await
    }
}
