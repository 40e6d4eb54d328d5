//! How long a session lives, asked and changed without a turn: what `EXISTS`, `TTL`, `EXPIRE` and `PERSIST` are to a key.

use std::time::Duration;

use tracing::{Instrument, info_span};

use super::{Engine, EngineError, keeper::Renewal};
use crate::{Flow, SessionId, session::OwnIdle};

impl<F: Flow> Engine<F> {
    /// Whether there is a live session with this id, by the store's time: one that has not expired, though its conversation may
    /// have come to its end. Nothing is renewed by asking.
    ///
    /// Fails if the store cannot be asked, or the record cannot be read.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use flow_core::{Engine, EngineError, Flow, SessionId};
    /// # async fn example<F: Flow>(engine: &Engine<F>, id: SessionId) -> Result<(), EngineError> {
    /// if engine.exists(id).await? {
    ///     engine.extend(id).await?; // the visitor has the window open
    /// }
    /// if engine.time_to_live(id).await? < Some(Duration::from_secs(600)) {
    ///     engine.expire_after(id, Duration::from_secs(7 * 24 * 3600)).await?; // this one, after a week of silence
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn exists(&self, id: SessionId) -> Result<bool, EngineError> {
        Ok(self.peek(id).await?.is_some())
    }

    /// How long it is until a session expires, unless a turn renews it; none if it does not expire. Nothing is renewed by asking.
    ///
    /// Fails with [`EngineError::NoSession`] if there is no live one.
    pub async fn time_to_live(&self, id: SessionId) -> Result<Option<Duration>, EngineError> {
        let keeper = &self.rooms.keeper;
        let span = info_span!("time to live", flow = F::GRAPH.name, session = %id);
        let known = keeper.look_up(id).instrument(span).await?.open(id)?.known.ok_or(EngineError::NoSession)?;
        let now = keeper.now(&known);
        if keeper.is_expired(&known.session, now) {
            return Err(EngineError::NoSession);
        }
        Ok(known.session.expires_at().map(|expires_at| (expires_at - now).to_std().unwrap_or_default()))
    }

    /// Renews the idle expiry of a session, as a turn does, without one: no step, no handler, no message remembered. A turn that
    /// is being decided meanwhile stays as it was decided. The absolute expiry stays, and nothing lives shorter for it.
    ///
    /// Fails with [`EngineError::NoSession`] if there is no live one: what has expired, a turn may take up.
    pub async fn extend(&self, id: SessionId) -> Result<(), EngineError> {
        self.renew(id, Renewal::AsBefore).await
    }

    /// Has one session expire after so much silence, from now on: each turn, and each [`extend`](Self::extend), renews it by
    /// that time and not by the engine's. The absolute expiry stays.
    ///
    /// It holds for the conversation, also after it was archived and taken up again, until this or another of these methods
    /// says otherwise. The session's next conversation has the engine's time again.
    ///
    /// Fails with [`EngineError::NoSession`] if there is no live one, and with [`EngineError::TimeToLive`] if `time` is zero,
    /// or ends beyond the calendar: [`persist`](Self::persist) says never.
    pub async fn expire_after(&self, id: SessionId, time: Duration) -> Result<(), EngineError> {
        let own_idle = OwnIdle::after(time).ok_or(EngineError::TimeToLive)?;
        self.renew(id, Renewal::To(Some(own_idle))).await
    }

    /// Has one session expire after no silence, however long, as [`expire_after`](Self::expire_after) does. The absolute expiry
    /// stays.
    ///
    /// Fails with [`EngineError::NoSession`] if there is no live one.
    pub async fn persist(&self, id: SessionId) -> Result<(), EngineError> {
        self.renew(id, Renewal::To(Some(OwnIdle::Never))).await
    }

    /// Has a session expire as all others do, as the engine's [`Expiry`](crate::Expiry) says, from now on.
    ///
    /// Fails with [`EngineError::NoSession`] if there is no live one.
    pub async fn expire_as_others(&self, id: SessionId) -> Result<(), EngineError> {
        self.renew(id, Renewal::To(None)).await
    }

    async fn renew(&self, id: SessionId, renewal: Renewal) -> Result<(), EngineError> {
        let _pass = self.rooms.gate.enter()?;
        let span = info_span!("renew", flow = F::GRAPH.name, session = %id);
        self.rooms.keeper.renew(id, renewal).instrument(span).await
    }
}
