//! What a turn comes to: from the session as it was and what came in, to a plan. Writes nothing.

use std::time::Duration;

use chrono::{DateTime, Utc};
use thiserror::Error;

use super::{
    Inner,
    caught::caught,
    draft::Draft,
    error::EngineError,
    hooks::Takers,
    outcome::Opened,
    plan::{Identity, Planned},
    settings::{Resume, after},
    stats::Event,
};
use crate::{
    Cause, Flow, Halt, Input, Message, Reask, Reply, Session, SessionId, Timer,
    call::Call,
    duty::Duty,
    graph::{EdgeKind, Role, ShortcutAction},
    halt::Failure,
    opening::Opening,
    pick::choose,
    session::LOST_TURNS,
    step::{Decision, Destination},
    todo::{Armed, Ring},
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

/// A handler took longer than the engine waits.
#[derive(Debug, Error)]
#[error("it took longer than {0:?}")]
struct TooSlow(Duration);

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
            language: message.spoken_language().map(str::to_owned).or_else(|| draft.session.language.take()),
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

    /// Handles what was said to a session that is under way.
    async fn respond(&self, mut draft: Draft<F>, message: &Message) -> Result<Draft<F>, Stop> {
        if let Some(language) = message.spoken_language() {
            draft.session.language = Some(language.to_owned());
        }
        if !self.take_shortcut(&mut draft, message.input()).await? {
            self.answer(&mut draft, message.input()).await?;
        }
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

    /// Has the state's handler decide on what came in.
    async fn answer(&self, draft: &mut Draft<F>, input: &Input) -> Result<(), Stop> {
        let state = draft.session.state.clone();
        let call = Call {
            session: draft.session.id,
            input,
            now: draft.now,
            language: draft.session.language.as_deref(),
            history: &draft.session.history,
            tries: draft.session.tries,
            shared: draft.session.shared.clone(),
        };
        match self.run(self.handler.decide(state, call)).await {
            Ok(decision) => self.follow(draft, decision, input).await,
            Err(Halt::Reask(reask)) => self.ask_again(draft, reask, input).await,
            Err(Halt::Failed(failure)) => Err(Stop::Failed(failure)),
        }
    }

    /// Does what a handler decided.
    async fn follow(&self, draft: &mut Draft<F>, decision: Decision<F>, input: &Input) -> Result<(), Stop> {
        if !decision.effects.is_empty() && !draft.takers.effects {
            return Err(EngineError::NoEffectHook.into());
        }
        draft.session.shared = decision.shared;
        draft.replies.extend(decision.replies);
        if let Destination::To(state) = decision.destination {
            self.enter(draft, state, cause_of(input), Some(EdgeKind::Handler)).await?;
        }
        for effect in decision.effects {
            draft.effect(effect);
        }
        for reminder in decision.reminders {
            draft.remind(reminder);
        }
        Ok(())
    }

    /// Asks the state's question again, or leaves the state when that was done often enough.
    async fn ask_again(&self, draft: &mut Draft<F>, reask: Reask, input: &Input) -> Result<(), Stop> {
        if input.said().is_none() {
            // A signal or a timer that the state does not know is nobody's wrong answer.
            return Ok(());
        }
        self.counters.count(Event::Reasked);
        draft.session.tries += 1;
        let node = draft.session.state.node();
        if let Some(limit) = node.tries
            && draft.session.tries >= limit
        {
            let by = EdgeKind::Tries(limit);
            let from = draft.session.state.index();
            let edge = F::GRAPH.edges.iter().find(|edge| edge.from == from && edge.by == by);
            if let Some(state) = edge.and_then(|edge| draft.session.state.project(edge.to)) {
                return self.enter(draft, state, Cause::Tries, Some(by)).await;
            }
        }
        draft.replies.push(reask.into_hint());
        self.ask(draft).await
    }

    /// Takes the shortcut that was said, and tells whether there was one.
    async fn take_shortcut(&self, draft: &mut Draft<F>, input: &Input) -> Result<bool, Stop> {
        let Some(said) = input.said() else { return Ok(false) };
        let Some(shortcut) = F::GRAPH.shortcut(draft.session.state.index(), said) else { return Ok(false) };
        if choose(draft.session.state.node().choices, said).is_some() {
            // What the state itself offers is meant for the state.
            return Ok(false);
        }
        let state = draft.session.state.clone();
        match shortcut.action {
            ShortcutAction::To(target) => {
                let by = EdgeKind::Shortcut(shortcut.word);
                let Some(target) = state.project(target) else { return Ok(false) };
                self.enter(draft, target, Cause::Shortcut, Some(by)).await?;
            }
            ShortcutAction::Back => match draft.session.trail().last().and_then(|&before| state.project(before)) {
                Some(before) => self.enter(draft, before, Cause::Back, None).await?,
                None => {
                    draft.replies.push(self.settings.phrases.cannot_go_back.clone());
                    self.ask(draft).await?;
                }
            },
            ShortcutAction::Help => {
                let help = self.run(self.handler.help(&state)).await.map_err(failed)?;
                draft.replies.push(help);
                self.ask(draft).await?;
            }
        }
        Ok(true)
    }

    /// Enters a state: the step is taken, its prompt said, its checkpoint kept.
    async fn enter(&self, draft: &mut Draft<F>, state: F, by: Cause, edge: Option<EdgeKind>) -> Result<(), Stop> {
        draft.enter(state, by, edge)?;
        self.ask(draft).await?;
        if draft.session.state.node().checkpoint {
            draft.checkpoint()?;
        }
        Ok(())
    }

    async fn ask(&self, draft: &mut Draft<F>) -> Result<(), Stop> {
        let prompt: Reply = self.run(self.handler.ask(&draft.session.state)).await.map_err(failed)?;
        draft.replies.push(prompt);
        Ok(())
    }

    /// Runs a handler's method: its panic and its lateness are failures like any other.
    async fn run<T>(&self, method: impl Future<Output = Result<T, Halt>>) -> Result<T, Halt> {
        let deadline = self.settings.handler_deadline;
        match tokio::time::timeout(deadline, caught(method)).await {
            Ok(Ok(ended)) => ended,
            Ok(Err(panicked)) => Err(panicked.into()),
            Err(_) => Err(TooSlow(deadline).into()),
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

fn cause_of(input: &Input) -> Cause {
    match input {
        Input::Text(_) => Cause::Message,
        Input::Button(_) => Cause::Button,
        Input::Signal(_) => Cause::Signal,
        Input::Timer(_) => Cause::Timer,
    }
}

/// Outside the answering of a question there is nothing to ask again: a rejected answer there is a failure.
fn failed(halt: Halt) -> Stop {
    match halt {
        Halt::Failed(failure) => Stop::Failed(failure),
        Halt::Reask(_) => Stop::Failed(Failure::from_error(MisplacedReask)),
    }
}

/// A prompt, the opening hook or the help hook ended with a rejected answer.
#[derive(Debug, Error)]
#[error("an answer was rejected where none was asked for")]
struct MisplacedReask;
