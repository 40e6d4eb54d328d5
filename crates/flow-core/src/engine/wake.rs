//! A session that is looked at because something is due: [`Inner::wake`].

use super::{Inner, decide::Request, entry::Written, error::EngineError, report::Unread};
use crate::{Flow, Session, SessionId, clock::after, session::duty::Duty, session::todo::Armed, store::StoreError};

/// So much is done for one session before others have their turn.
const MOST_DUTIES: usize = 64;

impl<F: Flow> Inner<F> {
    /// Does everything that is due for a session, and gives it if it is to be archived.
    pub(super) async fn wake(&self, id: SessionId) -> Result<Option<Written<F>>, EngineError> {
        let mut has_acted = false;
        for _ in 0..MOST_DUTIES {
            let Some(written) = self.look_up(id).await? else { return Ok(None) };
            match written.session.duty(self.clock.now()) {
                Some(Duty::Deliver) => self.deliver(id).await?,
                Some(Duty::Ring(timer)) => self.ring_out(id, &timer).await?,
                Some(Duty::Lapse) => self.let_lapse(id).await?,
                // Where there is no archive, it is for another process that has one.
                Some(Duty::Archive) => return Ok(self.archive.is_some().then_some(written)),
                None => {
                    if !has_acted {
                        // The store was told to look too early: now it is told better.
                        self.amend(id, |session| session.duty(self.clock.now()).is_none()).await?;
                    }
                    return Ok(None);
                }
            }
            has_acted = true;
        }
        Ok(None)
    }

    /// The session as it is stored, with its record.
    pub(super) async fn look_up(&self, id: SessionId) -> Result<Option<Written<F>>, EngineError> {
        let Some(record) = self.load(id).await? else { return Ok(None) };
        let session = Session::from_record(id, &record).unread()?;
        Ok(Some(Written { session, record }))
    }

    /// Takes the turn of a timer. If it comes to nothing, it is tried again later.
    async fn ring_out(&self, id: SessionId, timer: &Armed) -> Result<(), EngineError> {
        match self.take(id, Request::Timer(timer)).await {
            Ok(outcome) if outcome.is_repeat() || !outcome.is_failed() => Ok(()),
            Err(EngineError::NoSession) => Ok(()),
            Err(EngineError::Store(error)) => Err(error.into()),
            Err(error @ (EngineError::ShuttingDown | EngineError::Busy(_))) => Err(error),
            Ok(_) | Err(_) => self.put_timer_off(id, timer).await,
        }
    }

    async fn put_timer_off(&self, id: SessionId, timer: &Armed) -> Result<(), EngineError> {
        let put_off = self.amend(id, |session| {
            let (now, timers) = (self.clock.now(), &mut session.todo.timers);
            let Some(place) = timers.iter().position(|armed| armed.is_same(timer)) else { return false };
            let armed = &mut timers[place];
            armed.tries += 1;
            armed.again_at = Some(after(now, self.settings.retry_pause(armed.tries)).unwrap_or(now));
            // As long as the session lives it is tried; but its expiry is not held up for ever.
            if armed.tries >= self.settings.delivery_tries && session.is_expired(now) {
                tracing::error!(session = %id, "a timer of an expired session is given up: its turn failed too often");
                session.todo.timers.remove(place);
            }
            true
        });
        put_off.await.map(drop)
    }

    async fn let_lapse(&self, id: SessionId) -> Result<(), EngineError> {
        match self.take(id, Request::Lapse).await {
            Ok(_) | Err(EngineError::NoSession) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

impl EngineError {
    /// Whether looking again later may help.
    pub(super) fn is_passing(&self) -> bool {
        match self {
            Self::Busy(_) | Self::ShuttingDown => true,
            Self::Store(error) | Self::Archive(error) => StoreError::is_outage(error),
            _ => false,
        }
    }
}
