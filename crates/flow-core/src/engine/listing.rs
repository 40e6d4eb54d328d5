//! The sessions of a flow, listed and counted: [`Listed`], [`Listing`].

use tracing::{Instrument, info_span};

use super::{Engine, EngineError};
use crate::{Flow, Session, SessionId, store::Cursor};

/// A session on a page of [`Engine::sessions`].
#[derive(Debug)]
#[non_exhaustive]
pub struct Listed<F: Flow> {
    /// Whose conversation it is.
    pub id: SessionId,
    /// The session, or why it cannot be read.
    pub session: Result<Session<F>, EngineError>,
}

/// A page of [`Engine::sessions`].
#[derive(Debug)]
#[non_exhaustive]
pub struct Listing<F: Flow> {
    /// The sessions on this page; there may be fewer than asked for, even none, with more to come.
    pub sessions: Vec<Listed<F>>,
    /// Where to go on; none after the last page.
    pub next: Option<Cursor>,
}

/// How many sessions are browsed at a time to be counted.
const PAGE: usize = 500;

impl<F: Flow> Engine<F> {
    /// The live sessions of this flow, a page at a time, in an order of the store's own; no session of another flow. One that
    /// cannot be read is listed with the error. Nothing is renewed by that.
    ///
    /// A session that is there from the first page to the last is listed; in a quiet store, exactly once. Each session on the
    /// page is read. Where the store has no [`Roster`](crate::store::Roster), those of other flows are read too, and left out.
    /// One that began in memory while its store was away is listed once it is handed back.
    ///
    /// Fails if the store cannot be asked, and with [`StoreError::Refused`](crate::StoreError::Refused) if the cursor is no
    /// page's, or `limit` is 0.
    ///
    /// ```
    /// # use flow_core::{Engine, EngineError, Flow};
    /// # async fn example<F: Flow>(engine: &Engine<F>) -> Result<(), EngineError> {
    /// let mut after = None;
    /// loop {
    ///     let page = engine.sessions(after, 100).await?;
    ///     for listed in page.sessions {
    ///         match listed.session {
    ///             Ok(session) => println!("{} {} {}", listed.id, session.state().name(), session.updated_at()),
    ///             Err(error) => println!("{} ({error})", listed.id),
    ///         }
    ///     }
    ///     let Some(next) = page.next else { return Ok(()) };
    ///     after = Some(next);
    /// }
    /// # }
    /// ```
    pub async fn sessions(&self, after: Option<Cursor>, limit: usize) -> Result<Listing<F>, EngineError> {
        let keeper = &self.rooms.keeper;
        async {
            let page = keeper.browse(after, limit).await?;
            let live = keeper.read_each(&page.ids).await.into_iter().filter_map(|(id, read)| match read {
                Ok(reading) => {
                    let known = reading.known.filter(|known| !keeper.is_expired(&known.session, keeper.now(known)))?;
                    Some(Listed { id, session: Ok(known.session) })
                }
                Err(error) => Some(Listed { id, session: Err(error) }),
            });
            Ok(Listing { sessions: live.collect(), next: page.next })
        }
        .instrument(info_span!("list", flow = F::GRAPH.name))
        .await
    }

    /// How many sessions of this flow the store holds: the live ones, and those that have expired and are still known, for their
    /// grace or because something remains to be done for them.
    ///
    /// A store with a [`Roster`](crate::store::Roster) counts them itself. With another one every session of every flow is read
    /// for that: it is a figure for a person, and not for each turn.
    ///
    /// Fails if the store cannot be asked.
    ///
    /// ```
    /// # use flow_core::{Engine, EngineError, Flow};
    /// # async fn example<F: Flow>(engine: &Engine<F>) -> Result<(), EngineError> {
    /// println!("{} conversations", engine.count().await?);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn count(&self) -> Result<u64, EngineError> {
        let keeper = &self.rooms.keeper;
        async {
            if let Some(count) = keeper.count().await? {
                return Ok(count);
            }
            let (mut count, mut after) = (0, None);
            loop {
                let page = keeper.browse(after, PAGE).await?;
                for (_, read) in keeper.read_each(&page.ids).await {
                    match read {
                        Ok(reading) => count += u64::from(reading.known.is_some()),
                        Err(error @ EngineError::Store(_)) => return Err(error),
                        // It cannot be read, and it is there.
                        Err(_) => count += 1,
                    }
                }
                let Some(next) = page.next else { return Ok(count) };
                after = Some(next);
            }
        }
        .instrument(info_span!("count", flow = F::GRAPH.name))
        .await
    }
}
