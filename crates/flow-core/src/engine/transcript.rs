//! What was said in a session, read in order: [`Engine::said`].

use tracing::{Instrument, info_span};

use super::{Engine, EngineError, keeper::stays};
use crate::{Flow, Moment, SessionId, Utterance};

impl<F: Flow> Engine<F> {
    /// What was said in a session, the oldest first: up to `limit` things said after that moment, or from the beginning. A
    /// transcript, a page at a time, from the archive and from the record together: each thing once, however far the archiving is.
    ///
    /// What has come to the end of its life ([`Said`](super::Said)) is not told. Of an erased session there is nothing.
    ///
    /// Fails if the store or the archive cannot be asked, or if the record cannot be read.
    ///
    /// ```
    /// # use flow_core::{Engine, EngineError, Flow, SessionId};
    /// # async fn example<F: Flow>(engine: &Engine<F>, id: SessionId) -> Result<(), EngineError> {
    /// let mut after = None;
    /// loop {
    ///     let page = engine.said(id, after, 100).await?;
    ///     for said in &page {
    ///         println!("{} {}: {}", said.moment.at, said.by.as_str(), said.text.as_deref().unwrap_or("…"));
    ///     }
    ///     let Some(last) = page.last() else { return Ok(()) };
    ///     after = Some(last.moment);
    /// }
    /// # }
    /// ```
    pub async fn said(
        &self,
        id: SessionId,
        after: Option<Moment>,
        limit: usize,
    ) -> Result<Vec<Utterance>, EngineError> {
        let rooms = &self.rooms;
        async {
            // The record first: what moves into the archive meanwhile is then found twice, and not missed.
            let told = rooms.keeper.look_up(id).await?;
            let now = rooms.keeper.time.now(told.heard);
            // What is dead may still be there.
            let dead = rooms.said.as_ref().and_then(|said| said.dead_at(now)).map(Moment::last_at);
            let after = after.max(dead);
            let known = told.open::<F>(id).map_err(stays)?.known;
            let mut said = known.map(|known| known.session.said()).unwrap_or_default();
            said.retain(|said| Some(said.moment) > after);
            if let Some(archivist) = &rooms.archivist {
                said.extend(archivist.transcript(id, after, limit).await?);
            }
            said.sort_by_key(|said| said.moment);
            said.dedup_by_key(|said| said.moment);
            said.truncate(limit);
            Ok(said)
        }
        .instrument(info_span!("said", flow = F::GRAPH.name, session = %id))
        .await
    }
}
