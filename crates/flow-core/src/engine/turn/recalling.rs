//! With what a turn begins: its session as this process has left it, or as it is stored.

use super::{Course, Mail, Turns, request::TurnRequest};
use crate::{
    Flow, SessionId,
    engine::{
        error::{Busy, EngineError},
        keeper::{Reading, Told},
        observer::Event,
    },
};

impl<F: Flow> Turns<F> {
    /// The session with which a turn begins.
    ///
    /// Fails as [`read_in_line`](Self::read_in_line) does.
    pub(super) async fn recall(
        &self,
        id: SessionId,
        request: &TurnRequest<'_, F>,
        course: &mut Course,
    ) -> Result<Reading<F>, EngineError> {
        let may_be_warm = match request {
            TurnRequest::Message(_) => true,
            // What was posted may not be the first of its inbox, and what has begun before it was its turn needs room to wait.
            TurnRequest::Mail(mail) => {
                !mail.may_be_posted() && !self.settings.inbox.may_be_too_small_for(&mail.message)
            }
            _ => return self.keeper.read(id).await,
        };
        if may_be_warm && let Some(warm) = self.keeper.remembered(id) {
            return Ok(warm);
        }
        let was_posted = request.mail().is_some_and(Mail::was_posted);
        let stored = self.read_in_line(id, request.mail()).await?;
        course.is_missed = was_posted && stored.letters.is_empty();
        self.keeper.was_read(id, &stored);
        Ok(stored)
    }

    /// The session as it is stored, for a turn before whose message no letter waits.
    ///
    /// Fails if there are any: they come first.
    pub(super) async fn read_in_line(&self, id: SessionId, mail: Option<&Mail>) -> Result<Reading<F>, EngineError> {
        let Some(mail) = mail else { return self.keeper.read(id).await };
        let stored = self.keeper.read_with(id, 1).await?;
        if mail.waits_behind(&stored.letters) {
            if self.are_abandoned(&stored) {
                mail.finds_abandoned();
            }
            mail.gives_way();
            return Err(Busy::Queue { limit: 0 }.into());
        }
        Ok(stored)
    }

    /// What is stored of a session with which a turn began as it was left here, if that is not what it was told to be. A turn that is not
    /// written has nothing else that says so.
    ///
    /// Fails as [`read_in_line`](Self::read_in_line) does.
    pub(super) async fn is_otherwise(
        &self,
        id: SessionId,
        told: &Told,
        request: &TurnRequest<'_, F>,
    ) -> Result<Option<Reading<F>>, EngineError> {
        let stored = self.read_in_line(id, request.mail()).await?;
        if stored.is_of(told.record.as_ref()) {
            return Ok(None);
        }
        self.was_outdated(id);
        Ok(Some(stored))
    }

    /// Another process has written a session with which a turn began as it was left here, so that the turn is decided again.
    pub(super) fn was_outdated(&self, id: SessionId) {
        self.observers.happened(Event::Outdated);
        self.keeper.was_written_elsewhere(id);
    }
}
