//! What a turn comes to: from the session as it was and what came in, to a plan. Writes nothing.

use std::time::Duration;

use chrono::{DateTime, Utc};
use thiserror::Error;

use super::{
    Inner,
    caught::caught,
    draft::{Draft, Identity, Planned},
    error::EngineError,
    outcome::Opened,
    stats::Event,
};
use crate::{
    Cause, Flow, Halt, Input, Message, Reask, Reply, Session, SessionId,
    call::Call,
    graph::{EdgeKind, Role, ShortcutAction},
    halt::Failure,
    opening::Opening,
    pick::choose,
    step::{Decision, Destination},
};

/// What an engine is asked to do with a session.
pub(super) enum Request<'m, F> {
    /// To handle what somebody, or something, said.
    Message(&'m Message),
    /// To move it, by an operator's hand.
    Force(&'m F),
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
        before: Option<Session<F>>,
        request: &Request<'_, F>,
        identity: &Identity,
        now: DateTime<Utc>,
    ) -> Result<Planned<F>, Stop> {
        let draft = match request {
            Request::Message(message) => match Standing::of(before, now) {
                Standing::UnderWay(session) => self.respond(session, message, now).await?,
                Standing::Over(before, opened) => self.open(id, before, opened, message, now).await?,
            },
            Request::Force(state) => {
                let mut before = before.ok_or(EngineError::NoSession)?;
                if before.is_expired(now) {
                    // Taken up again, it would be over at once if it still counted from its old beginning.
                    before.created_at = now;
                }
                let mut draft = Draft::going_on(before, now);
                self.enter(&mut draft, (*state).clone(), Cause::Operator, None).await?;
                draft
            }
        };
        Ok(draft.finish(identity, &self.settings)?)
    }

    /// Begins a conversation: the start state is entered, and its prompt is the reply.
    async fn open(
        &self,
        id: SessionId,
        before: Option<Session<F>>,
        opened: Opened,
        message: &Message,
        now: DateTime<Utc>,
    ) -> Result<Draft<F>, Stop> {
        if message.input().said().is_none() {
            return Err(EngineError::NoSession.into());
        }
        let cause = match opened {
            Opened::First => Cause::Opened,
            Opened::AfterEnd => Cause::Reopened,
            Opened::AfterExpiry => Cause::Expired,
        };
        let mut draft = Draft::beginning(id, before, opened, now);
        let mut opening = Opening {
            session: id,
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
    async fn respond(&self, session: Session<F>, message: &Message, now: DateTime<Utc>) -> Result<Draft<F>, Stop> {
        let input = message.input();
        let mut draft = Draft::going_on(session, now);
        if let Some(language) = message.spoken_language() {
            draft.session.language = Some(language.to_owned());
        }
        if self.take_shortcut(&mut draft, input).await? {
            return Ok(draft);
        }
        let state = draft.session.state.clone();
        let call = Call {
            session: draft.session.id,
            input,
            now,
            language: draft.session.language.as_deref(),
            history: &draft.session.history,
            tries: draft.session.tries,
            shared: draft.session.shared.clone(),
        };
        match self.run(self.handler.decide(state, call)).await {
            Ok(decision) => self.follow(&mut draft, decision, input).await?,
            Err(Halt::Reask(reask)) => self.ask_again(&mut draft, reask, input).await?,
            Err(Halt::Failed(failure)) => return Err(Stop::Failed(failure)),
        }
        Ok(draft)
    }

    /// Does what a handler decided.
    async fn follow(&self, draft: &mut Draft<F>, decision: Decision<F>, input: &Input) -> Result<(), Stop> {
        if !decision.effects.is_empty() && self.hooks.effect.is_empty() {
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
            draft.checkpoint(!self.hooks.checkpoint.is_empty())?;
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
    UnderWay(Session<F>),
    Over(Option<Session<F>>, Opened),
}

impl<F: Flow> Standing<F> {
    fn of(before: Option<Session<F>>, now: DateTime<Utc>) -> Self {
        match before {
            None => Self::Over(None, Opened::First),
            Some(session) if session.is_expired(now) => Self::Over(Some(session), Opened::AfterExpiry),
            Some(session) if session.state.node().role == Role::End => Self::Over(Some(session), Opened::AfterEnd),
            Some(session) => Self::UnderWay(session),
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
