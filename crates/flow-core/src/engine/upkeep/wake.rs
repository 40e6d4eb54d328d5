//! Does everything that is due for one session.
//!
//! The session is read once; each thing that is done goes on from the session as the one before left it.

use std::sync::Arc;

use super::Upkeep;
use crate::{
    Flow, SessionId,
    clock::after,
    engine::{
        error::EngineError,
        keeper::Known,
        places::{Place, Places},
        turn::{Taken, TurnRequest},
    },
    session::{Duty, RunningTimer},
};

/// How many things are done for one session before other sessions have their turn.
const MOST_DUTIES: usize = 64;

impl<F: Flow> Upkeep<F> {
    /// Does everything that is due for a session, and gives it if it is to be archived.
    ///
    /// It has a place for what is short, but while it delivers.
    pub(super) async fn wake(
        self: &Arc<Self>,
        id: SessionId,
        places: &Places,
        mut place: Option<Place>,
    ) -> Result<Option<Known<F>>, EngineError> {
        let stored = self.keeper.read_with(id, 1).await?;
        let mut known = stored.known;
        if !stored.letters.is_empty() {
            // Before anything else: what the visitor said came before an expiry that is noted now.
            match self.intake.take_over(id).await {
                // Where too much is undelivered, its deliveries come first: they make room.
                Ok(()) | Err(EngineError::Backlog { .. }) => {}
                Err(waits) => {
                    // What was said to the visitor before does not wait with it.
                    self.deliver_what_is_due(id, places, &mut place).await?;
                    return Err(waits);
                }
            }
            known = self.keeper.read(id).await?.known;
        }
        for done in 0..MOST_DUTIES {
            let Some(session) = known else { return Ok(None) };
            known = match self.keeper.duty(&session.session, self.keeper.now(&session)) {
                Some(Duty::Deliver) => {
                    let delivered = self.deliver(session, places, &mut place).await?;
                    place = places.short().await;
                    delivered
                }
                Some(Duty::Unpause) => self.unpause(session).await?,
                Some(Duty::TakeTimer(timer)) => self.take_timer(session, &timer).await?,
                Some(Duty::Lapse) => match self.let_lapse(session).await {
                    Err(full @ EngineError::Backlog { .. }) => {
                        let delivered = self.make_room(id, places, &mut place, full).await?;
                        place = places.short().await;
                        delivered
                    }
                    lapsed => lapsed?,
                },
                // Where there is no archive, it is for another process that has one.
                Some(Duty::Archive) => return Ok(self.archivist.is_some().then_some(session)),
                None => {
                    if done == 0 {
                        self.put_wake_time_right(session).await?;
                    }
                    return Ok(None);
                }
            }
        }
        Ok(None)
    }

    /// Writes a session for which nothing is due, and with it the time at which something will be: the store was told to
    /// look too early.
    async fn put_wake_time_right(&self, known: Known<F>) -> Result<(), EngineError> {
        self.keeper.amend_known(known, |session, now| session.duty(now).is_none()).await?;
        Ok(())
    }

    /// Takes the turn of a timer. If it comes to nothing, it is tried again later.
    async fn take_timer(&self, known: Known<F>, timer: &RunningTimer) -> Result<Option<Known<F>>, EngineError> {
        let id = known.session.id();
        match self.turns.take_due(known, TurnRequest::Timer(timer)).await {
            // Where it went on in memory there is nothing known, and the rest is for the next look.
            Ok(Taken { outcome, known }) if !outcome.is_failed() => Ok(known),
            Ok(Taken { known: Some(known), .. }) => self.put_timer_off(known, timer).await,
            // The timer is gone, or the session is: what is stored tells.
            Err(EngineError::NoSession) => Ok(self.keeper.read(id).await?.known),
            Err(EngineError::Store(error)) => Err(error.into()),
            Err(error @ (EngineError::ShuttingDown | EngineError::Busy(_))) => Err(error),
            Ok(_) | Err(_) => match self.keeper.read(id).await?.known {
                Some(known) => self.put_timer_off(known, timer).await,
                None => Ok(None),
            },
        }
    }

    async fn put_timer_off(&self, known: Known<F>, timer: &RunningTimer) -> Result<Option<Known<F>>, EngineError> {
        let (id, retries) = (known.session.id(), &self.settings.retries);
        let put_off = self.keeper.amend_known(known, |session, now| {
            let again_at = |tries| after(now, retries.pause_after(tries)).unwrap_or(now);
            let Some(tries) = session.put_timer_off(timer, again_at) else { return false };
            // It is tried as long as the session lives; then it is given up, or the expiry would never be told.
            if retries.are_used_up(tries) && self.keeper.is_expired(session, now) {
                tracing::error!(session = %id, "a timer of an expired session is given up: its turn failed too often");
                session.stop_timer(timer);
            }
            true
        });
        Ok(put_off.await?.known())
    }

    /// Delivers what is due of a session whose expiry cannot be told, because too much is undelivered already: it comes first
    /// otherwise, and would keep from being delivered what keeps it from being told.
    ///
    /// Fails with that error if nothing is to be delivered now.
    async fn make_room(
        self: &Arc<Self>,
        id: SessionId,
        places: &Places,
        short: &mut Option<Place>,
        full: EngineError,
    ) -> Result<Option<Known<F>>, EngineError> {
        match self.keeper.read(id).await?.known {
            Some(known) if known.session.due_destinations(self.keeper.now(&known)).is_empty() => Err(full),
            Some(known) => self.deliver(known, places, short).await,
            None => Ok(None),
        }
    }

    /// Delivers what is due of a session, and does nothing else for it.
    async fn deliver_what_is_due(
        self: &Arc<Self>,
        id: SessionId,
        places: &Places,
        short: &mut Option<Place>,
    ) -> Result<(), EngineError> {
        if let Some(known) = self.keeper.read(id).await?.known
            && !known.session.due_destinations(self.keeper.now(&known)).is_empty()
        {
            self.deliver(known, places, short).await?;
        }
        Ok(())
    }

    async fn let_lapse(&self, known: Known<F>) -> Result<Option<Known<F>>, EngineError> {
        let id = known.session.id();
        match self.turns.take_due(known, TurnRequest::Lapse).await {
            Ok(taken) => Ok(taken.known),
            Err(EngineError::NoSession) => Ok(self.keeper.read(id).await?.known),
            Err(error) => Err(error),
        }
    }
}
