//! What a turn comes to: from the session as it was and what came in, to a plan. Writes nothing.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::{
    Turns,
    answer::failed,
    draft::{Draft, Takers},
    plan::Planned,
    request::{Before, Stop, TurnRequest},
    saying::Saying,
};
use crate::{
    Cause, Flow, Message, Opening, Session, SessionId,
    clock::after,
    declare::graph::{EdgeKind, Role},
    engine::{error::EngineError, following::Found, outcome::Opened, settings::Resume},
    session::{Duty, RunningTimer, TimerPurpose, TurnId},
};

impl<F: Flow> Turns<F> {
    /// Plans the turn that the request makes of the session, as it was `before`.
    pub(super) async fn decide(
        &self,
        id: SessionId,
        before: Before<F>,
        request: &TurnRequest<'_, F>,
        turn: &TurnId,
        takers: Takers,
    ) -> Result<Planned<F>, Stop> {
        let (found, now, began) = (before.found, before.at, before.began);
        let saying = Saying::listen(self.settings.said.as_ref(), before.session.as_ref());
        let mut draft = match request {
            TurnRequest::Message(message) => match self.standing(before, now) {
                Standing::UnderWay(session) => self.respond(Draft::going_on(session, now, takers), message).await?,
                Standing::TakenUp(session) => self.respond(self.take_up(session, now, takers), message).await?,
                Standing::Over(session, opened) => {
                    let draft = Self::begin_anew(session, opened, now, takers)?;
                    self.open(draft, opened, message).await?
                }
                Standing::Nowhere => {
                    let draft = Draft::beginning(id, now, found.epoch(), takers);
                    self.open(draft, Opened::First, message).await?
                }
            },
            TurnRequest::Force(state) => {
                let before = before.session.ok_or(EngineError::NoSession)?;
                let mut draft = if found == Found::Archived || self.keeper.is_expired(&before, now) {
                    self.take_up(before, now, takers)
                } else {
                    Draft::going_on(before, now, takers)
                };
                self.enter(&mut draft, state.copy(), Cause::Operator, None).await?;
                draft
            }
            TurnRequest::Timer(timer) => self.take_timer(before.session, timer, now, takers).await?,
            TurnRequest::Lapse => self.lapse(before.session, now, takers)?,
        };
        if let Some(saying) = saying {
            saying.tell(&mut draft, request);
        }
        let draft = if found == Found::Archived { draft.over_nothing() } else { draft };
        Ok(draft.finish(turn, began, &self.settings))
    }

    /// A turn of a session that had expired, or been lost.
    fn take_up(&self, session: Session<F>, now: DateTime<Utc>, takers: Takers) -> Draft<F> {
        let (since, had_expired) = (session.updated_at(), self.keeper.is_expired(&session, now));
        let mut draft = Draft::going_on(session, now, takers);
        draft.resume(since, had_expired);
        draft
    }

    /// A turn of a session whose conversation is over.
    fn begin_anew(session: Session<F>, opened: Opened, now: DateTime<Utc>, takers: Takers) -> Result<Draft<F>, Stop> {
        let is_untold = opened == Opened::AfterExpiry && !session.has_lapsed();
        let mut draft = Draft::going_on(session, now, takers);
        if is_untold {
            draft.lapse()?;
        }
        Ok(draft.beginning_anew(opened))
    }

    /// Begins a conversation: the start state is entered, and its prompt is the reply.
    async fn open(&self, mut draft: Draft<F>, opened: Opened, message: &Message) -> Result<Draft<F>, Stop> {
        if message.input().said().is_none() {
            return Err(EngineError::NoSession.into());
        }
        let cause = match opened {
            Opened::First | Opened::AfterDamage => Cause::Opened,
            Opened::AfterEnd | Opened::AfterLoss => Cause::Reopened,
            Opened::AfterExpiry => Cause::Expired,
        };
        let mut opening = Opening {
            session: draft.session.id(),
            input: message.input(),
            language: message.language().or(draft.session.language()).map(str::to_owned),
            shared: draft.session.shared().clone(),
            replies: Vec::new(),
        };
        self.run(&draft.session, || self.handler.open(&mut opening)).await.map_err(failed)?;
        draft.session.speak(opening.language);
        draft.session.share(opening.shared);
        draft.replies = opening.replies;
        self.enter(&mut draft, F::start(), cause, None).await?;
        Ok(draft)
    }

    /// Takes the turn of a timer: the way that is declared, or a call of the handler.
    async fn take_timer(
        &self,
        before: Option<Session<F>>,
        timer: &RunningTimer,
        now: DateTime<Utc>,
        takers: Takers,
    ) -> Result<Draft<F>, Stop> {
        let session = before.filter(|session| session.is_in_time(timer)).ok_or(EngineError::NoSession)?;
        let mut draft = Draft::going_on(session, now, takers).without_renewal();
        if !draft.stop_timer(timer) {
            // The state was left, or another worker was faster.
            return Err(EngineError::NoSession.into());
        }
        match &timer.purpose {
            TimerPurpose::Reminder(name) => {
                self.take_reminder(&mut draft, name).await?;
            }
            TimerPurpose::After(seconds) => {
                let by = EdgeKind::After(Duration::from_secs(*seconds));
                let state = draft.session.state();
                let edge = F::GRAPH.edges.iter().find(|edge| edge.from == state.index() && edge.by == by);
                // A flow of a later release may have no such way any more.
                if let Some(target) = edge.and_then(|edge| state.copy().project(edge.to)) {
                    self.enter(&mut draft, target, Cause::After, Some(by)).await?;
                }
            }
        }
        draft.announce();
        Ok(draft)
    }

    fn lapse(&self, before: Option<Session<F>>, now: DateTime<Utc>, takers: Takers) -> Result<Draft<F>, Stop> {
        let is_due = |session: &Session<F>| self.keeper.duty(session, now) == Some(Duty::Lapse);
        let session = before.filter(is_due).ok_or(EngineError::NoSession)?;
        let mut draft = Draft::standing_still(session, now, takers);
        draft.lapse()?;
        Ok(draft)
    }

    /// Whether the conversation goes on.
    fn standing(&self, before: Before<F>, now: DateTime<Utc>) -> Standing<F> {
        let (resume, Before { session: Some(session), found, .. }) = (self.settings.resume, before) else {
            return Standing::Nowhere;
        };
        let is_recent = match resume {
            Resume::Within(time) => after(session.updated_at(), time).is_none_or(|end| now <= end),
            Resume::Never | Resume::Unexpired => false,
        };
        if session.state().node().role == Role::End {
            Standing::Over(session, Opened::AfterEnd)
        } else if self.keeper.is_expired(&session, now) {
            if is_recent { Standing::TakenUp(session) } else { Standing::Over(session, Opened::AfterExpiry) }
        } else if found != Found::Archived {
            Standing::UnderWay(session)
        } else if resume == Resume::Never {
            Standing::Over(session, Opened::AfterLoss)
        } else {
            Standing::TakenUp(session)
        }
    }
}

/// Whether a conversation goes on, or a new one begins after the one before, if there was one.
enum Standing<F: Flow> {
    Nowhere,
    UnderWay(Session<F>),
    /// It had expired, or its store lost it, and goes on.
    TakenUp(Session<F>),
    Over(Session<F>, Opened),
}
