//! What was said, and what the state's handler makes of it: onto the draft of a turn. Writes nothing.

use std::time::Duration;

use thiserror::Error;

use super::{Turns, draft::Draft, request::Stop};
use crate::{
    Cause, Failure, Flow, Halt, Input, Message, Reask, Reply,
    declare::graph::{EdgeKind, ShortcutAction},
    engine::{caught::caught, error::EngineError, observer::Event},
    handler::{
        step::{Decision, Destination},
        turn::Call,
    },
    talk::choice::choose,
};

impl<F: Flow> Turns<F> {
    /// Handles what was said to a session that is under way.
    pub(super) async fn respond(&self, mut draft: Draft<F>, message: &Message) -> Result<Draft<F>, Stop> {
        if let Some(language) = message.language() {
            draft.session.speak(Some(language.to_owned()));
        }
        if !self.take_shortcut(&mut draft, message.input()).await? {
            self.answer(&mut draft, message.input()).await?;
        }
        Ok(draft)
    }

    /// Has the state's handler decide on what came in.
    pub(super) async fn answer(&self, draft: &mut Draft<F>, input: &Input) -> Result<(), Stop> {
        let session = &draft.session;
        let call = Call {
            session: session.id(),
            input,
            now: draft.now,
            language: session.language(),
            history: session.history(),
            tries: session.tries(),
            shared: session.shared().clone(),
        };
        match self.run(self.handler.decide(session.state().clone(), call)).await {
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
        draft.session.share(decision.shared);
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
            // A signal or a timer that the state does not know is no wrong answer of the visitor's.
            return Ok(());
        }
        self.observers.happened(Event::Reasked);
        let tries = draft.session.reject();
        let state = draft.session.state();
        if let Some(limit) = state.node().tries
            && tries >= limit
        {
            let (by, from) = (EdgeKind::Tries(limit), state.index());
            let edge = F::GRAPH.edges.iter().find(|edge| edge.from == from && edge.by == by);
            if let Some(state) = edge.and_then(|edge| state.project(edge.to)) {
                return self.enter(draft, state, Cause::Tries, Some(by)).await;
            }
        }
        draft.replies.push(reask.into_hint());
        self.ask(draft).await
    }

    /// Takes the shortcut that was said, and tells whether there was one.
    async fn take_shortcut(&self, draft: &mut Draft<F>, input: &Input) -> Result<bool, Stop> {
        let Some(said) = input.said() else { return Ok(false) };
        let Some(shortcut) = F::GRAPH.shortcut(draft.session.state().index(), said) else { return Ok(false) };
        if choose(draft.session.state().node().choices, said).is_some() {
            // What the state itself offers is meant for the state.
            return Ok(false);
        }
        let state = draft.session.state().clone();
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
    pub(super) async fn enter(
        &self,
        draft: &mut Draft<F>,
        state: F,
        by: Cause,
        edge: Option<EdgeKind>,
    ) -> Result<(), Stop> {
        draft.enter(state, by, edge)?;
        self.ask(draft).await?;
        if draft.session.state().node().checkpoint {
            draft.checkpoint()?;
        }
        Ok(())
    }

    async fn ask(&self, draft: &mut Draft<F>) -> Result<(), Stop> {
        let prompt: Reply = self.run(self.handler.ask(draft.session.state())).await.map_err(failed)?;
        draft.replies.push(prompt);
        Ok(())
    }

    /// Runs a handler's method: its panic and its lateness are failures like any other.
    pub(super) async fn run<T>(&self, method: impl Future<Output = Result<T, Halt>>) -> Result<T, Halt> {
        let deadline = self.settings.deadlines.handler;
        match tokio::time::timeout(deadline, caught(method)).await {
            Ok(Ok(ended)) => ended,
            Ok(Err(panicked)) => Err(panicked.into()),
            Err(_) => Err(TooSlow(deadline).into()),
        }
    }
}

/// A handler took longer than the engine waits.
#[derive(Debug, Error)]
#[error("it took longer than {0:?}")]
struct TooSlow(Duration);

fn cause_of(input: &Input) -> Cause {
    match input {
        Input::Text(_) => Cause::Message,
        Input::Button(_) => Cause::Button,
        Input::Signal(_) => Cause::Signal,
        Input::Timer(_) => Cause::Timer,
    }
}

/// Outside the answering of a question there is nothing to ask again: a rejected answer there is a failure.
pub(super) fn failed(halt: Halt) -> Stop {
    match halt {
        Halt::Failed(failure) => Stop::Failed(failure),
        Halt::Reask(_) => Stop::Failed(Failure::from_error(MisplacedReask)),
    }
}

/// A prompt, the opening hook or the help hook ended with a rejected answer.
#[derive(Debug, Error)]
#[error("an answer was rejected where none was asked for")]
struct MisplacedReask;
