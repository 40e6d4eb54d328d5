//! What a turn comes to: from the session as it was and what came in, to a plan. Writes nothing.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::{
    Inner,
    answer::failed,
    draft::Draft,
    error::EngineError,
    hooks::Takers,
    outcome::Opened,
    plan::{Identity, Planned},
    settings::Resume,
};
use crate::{
    Cause, Flow, Input, Message, Session, SessionId, Timer,
    clock::after,
    graph::{EdgeKind, Role},
    handler::halt::Failure,
    handler::opening::Opening,
    session::LOST_TURNS,
    session::duty::Duty,
    session::todo::{Armed, Ring},
};

/// What an engine is asked to do with a session.
pub(super) enum Request<'m, F> {
    /// To handle what somebody, or something, said.
    Message(&'m Message),
    /// To move it, by an operator's hand.
    Force(&'m F),
    /// To take the turn of a timer that has run out.
    Timer(&'m Armed),
    /// To say that it has expired.
    Lapse,
}

/// The session as it was before the turn.
pub(super) struct Before<F: Flow> {
    pub(super) session: Option<Session<F>>,
    pub(super) found: Found,
    /// When it was looked for: what was found there had not been erased by then.
    pub(super) at: DateTime<Utc>,
}

/// Where the session was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    Stored,
    /// Not in the store, and in the archive.
    Archived,
    Nowhere,
    /// Not in the store, and the archive cannot tell.
    Unknown,
}

/// Why a turn came to nothing.
pub(super) enum Stop {
    /// The handler failed.
    Failed(Failure),
    /// The engine refuses.
    Refused(EngineError),
}

impl From<EngineError> for Stop {
    fn from(error: EngineError) -> Self {
        Self::Refused(error)
    }
}

impl<F: Flow> Inner<F> {
    /// Plans the turn that the request makes of the session, as it was `before`.
    pub(super) async fn decide(
        &self,
        id: SessionId,
        mut before: Before<F>,
        request: &Request<'_, F>,
        identity: &Identity,
        takers: Takers,
    ) -> Result<Planned<F>, Stop> {
        let (found, now) = (before.found, before.at);
        if let Some(session) = before.session.as_mut().filter(|_| found == Found::Archived) {
            session.stamp.version += LOST_TURNS;
        }
        let draft = match request {
            Request::Message(message) => match Standing::of(before, now, self.settings.resume) {
                Standing::UnderWay(session) => self.respond(Draft::going_on(session, now, takers), message).await?,
                Standing::TakenUp(session) => self.respond(Self::take_up(session, now, takers), message).await?,
                Standing::Over(session, opened) => {
                    let draft = Self::begin_anew(session, opened, now, takers)?;
                    self.open(draft, opened, message).await?
                }
                Standing::Nowhere => {
                    let draft = Draft::beginning(id, now, takers);
                    let draft = if found == Found::Unknown { draft.beyond_all_versions() } else { draft };
                    self.open(draft, Opened::First, message).await?
                }
            },
            Request::Force(state) => {
                let before = before.session.ok_or(EngineError::NoSession)?;
                let mut draft = if found == Found::Archived || before.is_expired(now) {
                    Self::take_up(before, now, takers)
                } else {
                    Draft::going_on(before, now, takers)
                };
                self.enter(&mut draft, (*state).clone(), Cause::Operator, None).await?;
                draft
            }
            Request::Timer(timer) => self.ring(before.session, timer, now, takers).await?,
            Request::Lapse => Self::lapse(before.session, now, takers)?,
        };
        let draft = if found == Found::Archived { draft.over_nothing() } else { draft };
        Ok(draft.finish(identity, &self.settings)?)
    }

    /// A turn of a session that had expired, or been lost.
    fn take_up(mut session: Session<F>, now: DateTime<Utc>, takers: Takers) -> Draft<F> {
        let (since, had_expired) = (session.updated_at, session.is_expired(now));
        if had_expired {
            // It would be over at once if it still counted from its old beginning.
            session.created_at = now;
        }
        let mut draft = Draft::going_on(session, now, takers);
        draft.resume(since, had_expired);
        draft
    }

    /// A turn of a session whose conversation is over.
    fn begin_anew(session: Session<F>, opened: Opened, now: DateTime<Utc>, takers: Takers) -> Result<Draft<F>, Stop> {
        let is_untold = opened == Opened::AfterExpiry && session.lapsed_at.is_none();
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
            Opened::First => Cause::Opened,
            Opened::AfterEnd | Opened::AfterLoss => Cause::Reopened,
            Opened::AfterExpiry => Cause::Expired,
        };
        let mut opening = Opening {
            session: draft.session.id,
            input: message.input(),
            language: message.language().map(str::to_owned).or_else(|| draft.session.language.take()),
            shared: draft.session.shared.clone(),
            replies: Vec::new(),
        };
        self.run(self.handler.open(&mut opening)).await.map_err(failed)?;
        draft.session.language = opening.language;
        draft.session.shared = opening.shared;
        draft.replies = opening.replies;
        self.enter(&mut draft, F::start(), cause, None).await?;
        Ok(draft)
    }

    /// Takes the turn of a timer: the way that is declared, or a word to the handler.
    async fn ring(
        &self,
        before: Option<Session<F>>,
        timer: &Armed,
        now: DateTime<Utc>,
        takers: Takers,
    ) -> Result<Draft<F>, Stop> {
        let session = before.filter(|session| session.is_in_time(timer)).ok_or(EngineError::NoSession)?;
        let mut draft = Draft::going_on(session, now, takers).without_renewal();
        if !draft.disarm(timer) {
            // The state was left, or somebody else was faster.
            return Err(EngineError::NoSession.into());
        }
        match &timer.ring {
            Ring::Reminder(name) => {
                let input = Input::Timer(Timer { name: name.clone(), armed: timer.version });
                self.answer(&mut draft, &input).await?;
            }
            Ring::After(seconds) => {
                let by = EdgeKind::After(Duration::from_secs(*seconds));
                let state = &draft.session.state;
                let edge = F::GRAPH.edges.iter().find(|edge| edge.from == state.index() && edge.by == by);
                // A flow of a later release may have no such way any more.
                if let Some(target) = edge.and_then(|edge| state.project(edge.to)) {
                    self.enter(&mut draft, target, Cause::After, Some(by)).await?;
                }
            }
        }
        draft.announce();
        Ok(draft)
    }

    fn lapse(before: Option<Session<F>>, now: DateTime<Utc>, takers: Takers) -> Result<Draft<F>, Stop> {
        let session = before.filter(|session| session.duty(now) == Some(Duty::Lapse)).ok_or(EngineError::NoSession)?;
        let last_turn = session.updated_at;
        let mut draft = Draft::going_on(session, now, takers).without_renewal();
        draft.session.updated_at = last_turn;
        draft.lapse()?;
        Ok(draft)
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

impl<F: Flow> Standing<F> {
    fn of(before: Before<F>, now: DateTime<Utc>, resume: Resume) -> Self {
        let Before { session: Some(session), found, .. } = before else { return Self::Nowhere };
        let is_recent = match resume {
            Resume::Within(time) => after(session.updated_at, time).is_none_or(|end| now <= end),
            Resume::Never | Resume::Unexpired => false,
        };
        if session.state.node().role == Role::End {
            Self::Over(session, Opened::AfterEnd)
        } else if session.is_expired(now) {
            if is_recent { Self::TakenUp(session) } else { Self::Over(session, Opened::AfterExpiry) }
        } else if found != Found::Archived {
            Self::UnderWay(session)
        } else if resume == Resume::Never {
            Self::Over(session, Opened::AfterLoss)
        } else {
            Self::TakenUp(session)
        }
    }
}
