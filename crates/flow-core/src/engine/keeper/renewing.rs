//! The expiry of a session, put off or changed without a turn.

use super::Keeper;
use crate::{
    Flow, SessionId,
    clock::after,
    engine::{error::EngineError, observer::Event, settings::later},
    session::OwnIdle,
};

/// What is to become of the idle expiry of one session.
#[derive(Clone, Copy, Debug)]
pub(in crate::engine) enum Renewal {
    /// It is put off, as a turn does.
    AsBefore,
    /// It is this from now on: the session's own, or the engine's.
    To(Option<OwnIdle>),
}

impl<F: Flow> Keeper<F> {
    /// Renews the expiry of a live session. That is no turn: where one is being decided meanwhile, both hold.
    ///
    /// Fails with [`EngineError::NoSession`] if there is no live session, and with [`EngineError::TimeToLive`] if it would
    /// expire at once, or beyond the calendar.
    pub(in crate::engine) async fn renew(&self, id: SessionId, renewal: Renewal) -> Result<(), EngineError> {
        let mut renewed = Err(EngineError::NoSession);
        let amended = self.amend(id, |session, now| {
            renewed = Err(EngineError::NoSession);
            if self.is_expired(session, now) {
                return false;
            }
            if let Renewal::To(Some(own_idle)) = renewal
                && own_idle.time().is_some_and(|time| time.is_zero() || after(now, time).is_none())
            {
                renewed = Err(EngineError::TimeToLive);
                return false;
            }
            let (before, created_at) = (session.expires_at(), session.created_at());
            let expires_at = match renewal {
                Renewal::AsBefore => {
                    later(self.settings.expiry.expires_at(session.own_idle(), created_at, now), before)
                }
                Renewal::To(own_idle) => {
                    session.have_idle(own_idle);
                    self.settings.expiry.expires_at(own_idle, created_at, now)
                }
            };
            session.expire_at(expires_at);
            renewed = Ok(());
            true
        });
        amended.await?;
        renewed.inspect(|()| {
            self.observers.happened(Event::Renewed);
            tracing::debug!(session = %id, "the expiry of a session was renewed");
        })
    }
}
