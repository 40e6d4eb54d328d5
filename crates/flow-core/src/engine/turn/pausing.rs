//! Turns of a session whose bot is silent, because a person has taken over; and how the bot goes on.

use chrono::{DateTime, Utc};

use super::{
    Turns,
    draft::{Draft, Takers},
    request::Stop,
};
use crate::{
    By, Cause, Flow, Input, Session,
    engine::{error::EngineError, outcome::OutcomeKind},
    handler::once::Errands,
    session::Duty,
};

impl<F: Flow> Turns<F> {
    /// Takes what came in while the bot is silent: words are left to the person, and the world outside does not wait for one.
    pub(super) async fn keep_silent(
        &self,
        draft: &mut Draft<F>,
        input: &Input,
        errands: &dyn Errands,
    ) -> Result<(), Stop> {
        if let Input::Signal(signal) = input {
            self.take_signal(draft, signal, errands).await?;
            let replies = std::mem::take(&mut draft.replies);
            draft.session.withhold(replies.into_iter().filter(|reply| !reply.is_silence()));
        } else {
            draft.leave_unanswered();
        }
        Ok(())
    }

    /// Ends a pause whose time has passed, and tells whether the visitor could not know yet what is asked: then what was said is no
    /// answer to it.
    pub(super) async fn break_silence(&self, draft: &mut Draft<F>, input: &Input) -> Result<bool, Stop> {
        if draft.session.pause().is_none() || !draft.end_pause(None) {
            return Ok(false);
        }
        self.ask(draft).await?;
        let is_said = !matches!(input, Input::Signal(_));
        if is_said {
            draft.stand(Cause::Unanswered, None);
        }
        Ok(is_said)
    }

    /// Ends a pause whose time has passed, without a visitor.
    ///
    /// Fails if something is to be said then, and nobody here would tell it: it waits for a process that does, or for the visitor.
    pub(super) async fn unpause(
        &self,
        before: Option<Session<F>>,
        now: DateTime<Utc>,
        takers: Takers,
    ) -> Result<Draft<F>, Stop> {
        let is_due = |session: &Session<F>| self.keeper.duty(session, now) == Some(Duty::Unpause);
        let session = before.filter(is_due).ok_or(EngineError::NoSession)?;
        let mut draft = Draft::going_on(session, now, takers).without_renewal();
        let owes_question = draft.end_pause(None);
        if (owes_question || !draft.replies.is_empty()) && !draft.is_heard_later() {
            return Err(EngineError::NobodyTells.into());
        }
        if owes_question {
            self.ask(&mut draft).await?;
        }
        draft.announce();
        Ok(draft)
    }
}

impl<F: Flow> Draft<F> {
    /// Has the bot be silent from here on, because its handler asks for a person.
    pub(super) fn hand_over(&mut self, reason: &'static str) {
        let by = By::bot(reason);
        self.session.be_paused(by.clone(), self.now, None);
        self.stand(Cause::HandedOver, Some(by));
    }

    /// Ends the pause, by this operator or by itself: what was withheld is said. Tells whether the state's question is to be asked.
    pub(super) fn end_pause(&mut self, operator: Option<By>) -> bool {
        let Some(pause) = self.session.end_pause() else { return false };
        let (withheld, owes_question) = pause.into_owed();
        self.replies.extend(withheld);
        self.stand(Cause::Unpaused, operator);
        owes_question
    }

    /// Leaves what was said to the person that has taken over.
    fn leave_unanswered(&mut self) {
        self.kind = OutcomeKind::Paused;
        self.stand(Cause::Unanswered, None);
    }
}
