//! What was said, and what the state's handler makes of it: onto the draft of a turn. Writes nothing.

use std::time::Duration;

use thiserror::Error;
use tokio::time::{Instant, timeout_at};

use super::{Turns, draft::Draft, errands::TurnErrands, measure::can_be_stored, request::Stop};
use crate::{
    Cause, Failure, FetchError, Flow, Halt, Input, Message, Reask, Reply, Session, Signal, Wire,
    declare::graph::{EdgeKind, ShortcutAction},
    engine::{
        caught::{caught, caught_call},
        error::EngineError,
        observer::Event,
    },
    handler::{
        ask::Asked,
        fetch::Fetching,
        offer::{Offered, Prompt},
        step::{Decision, Destination},
        turn::Call,
    },
    resilience::deadline,
    talk::{choice::choose, numbering::Numbering},
    wiring::Deciding,
};

impl<F: Flow> Turns<F> {
    /// Handles what was said to a session that is under way.
    pub(super) async fn respond(
        &self,
        mut draft: Draft<F>,
        message: &Message,
        errands: &TurnErrands<'_, F>,
    ) -> Result<Draft<F>, Stop> {
        if let Some(language) = message.language() {
            draft.session.speak(Some(language.to_owned()));
        }
        if let Some(address) = message.address() {
            draft.session.reach_at(address.clone());
        }
        let input = message.input();
        if draft.session.is_paused(draft.now) {
            self.keep_silent(&mut draft, input, errands).await?;
            return Ok(draft);
        }
        if self.break_silence(&mut draft, input).await? {
            return Ok(draft);
        }
        let (visit, steps) = (draft.session.visit(), draft.transitions.len());
        let choices = draft.session.state().node().choices;
        // A word for a choice is that choice.
        let taken = input.said().map(|said| choose(choices, said).map_or(said, |index| choices[index].name));
        match input {
            Input::Signal(signal) => self.take_signal(&mut draft, signal, errands).await?,
            Input::Text(_)
            | Input::Button(_)
            | Input::Media(_)
            | Input::Place(_)
            | Input::Contact(_)
            | Input::Command(_) => {
                if !self.take_shortcut(&mut draft, input).await? {
                    self.answer(&mut draft, input, errands).await?;
                }
            }
        }
        if let (Some(visit), Some(taken)) = (visit, taken)
            && draft.transitions.len() > steps
        {
            draft.session.was_led_by(visit, taken);
        }
        Ok(draft)
    }

    /// Has the state's handler decide on what the visitor said.
    async fn answer(&self, draft: &mut Draft<F>, input: &Input, errands: &TurnErrands<'_, F>) -> Result<(), Stop> {
        let mut ended = self
            .run(&draft.session, || {
                self.handler.said(draft.session.state().copy(), self.call(draft, Some(input), errands))
            })
            .await;
        if let Err(Halt::Reask(reask)) = &ended
            && reask.lacks_offer()
        {
            // The visitor has seen an offer that this record does not have. It is made once more, for words and buttons.
            let prompt = self.prompt(draft).await?;
            draft.session.offer(prompt.offered);
            let said = || {
                let offered = Offered::Anew(draft.session.offered().unwrap_or_default());
                let call = Call { offered, ..self.call(draft, Some(input), errands) };
                self.handler.said(draft.session.state().copy(), call)
            };
            ended = self.run(&draft.session, said).await;
        }
        match ended {
            Ok(decision) => self.follow(draft, decision, cause_of(input)).await,
            Err(Halt::Reask(reask)) => self.ask_again(draft, reask).await,
            // The visitor can send a smaller one.
            Err(Halt::Failed(failure)) if is_too_large(&failure) => {
                self.ask_again(draft, Reask::because(self.settings.phrases.file_too_large.clone())).await
            }
            Err(Halt::Failed(failure)) => Err(Stop::Failed(failure)),
        }
    }

    /// Has the state's handler decide on a signal.
    ///
    /// Fails if the flow cannot read it, or the state takes no such signal.
    pub(super) async fn take_signal(
        &self,
        draft: &mut Draft<F>,
        signal: &Signal,
        errands: &TurnErrands<'_, F>,
    ) -> Result<(), Stop> {
        let read = caught_call(|| F::Signal::read(&signal.name, signal.payload.clone()))?;
        let read = read.ok_or(EngineError::NoSuchSignal)?.map_err(|_| EngineError::UnreadableSignal)?;
        let signalled =
            || heard(self.handler.signalled(draft.session.state().copy(), read, self.call(draft, None, errands)));
        let decision = self.run(&draft.session, signalled).await.map_err(failed)?.ok_or(Stop::Unheard)?;
        self.follow(draft, decision, Cause::Signal).await
    }

    /// Has the state's handler decide on a reminder. One that the flow no longer declares is forgotten.
    pub(super) async fn take_reminder(
        &self,
        draft: &mut Draft<F>,
        name: &str,
        errands: &TurnErrands<'_, F>,
    ) -> Result<(), Stop> {
        let reminded =
            || heard(self.handler.reminded(draft.session.state().copy(), name, self.call(draft, None, errands)));
        match self.run(&draft.session, reminded).await.map_err(failed)? {
            Some(decision) => self.follow(draft, decision, Cause::Timer).await,
            None => Ok(()),
        }
    }

    /// Does what a handler decided.
    async fn follow(&self, draft: &mut Draft<F>, decision: Decision<F>, cause: Cause) -> Result<(), Stop> {
        draft.session.share(decision.shared);
        let said = self.numbered(draft, decision.replies, &decision.destination).await;
        draft.replies.extend(said);
        match decision.destination {
            Destination::To(state) => self.enter(draft, state, cause, Some(EdgeKind::Handler)).await?,
            Destination::HandOver(reason) => draft.hand_over(reason),
            Destination::Stay => {}
        }
        for effect in decision.effects {
            let written = caught_call(|| draft.effect(&effect))?;
            written.map_err(|error| Stop::Failed(Failure::from_error(error)))?;
        }
        for reminder in decision.reminders {
            draft.remind(&reminder);
        }
        Ok(())
    }

    /// What a handler says as it stays, whose choices are picked by number unless the state reads numbers itself. What it is asked for,
    /// the question knows.
    async fn numbered(&self, draft: &Draft<F>, replies: Vec<Reply>, to: &Destination<F>) -> Vec<Reply> {
        let offers = |reply: &Reply| reply.numbers().iter().any(Option::is_some);
        if !matches!(to, Destination::Stay) || !replies.iter().any(offers) {
            return replies;
        }
        let is_off = draft.session.is_without_numbers()
            || match self.prompt(draft).await {
                Ok(prompt) => matches!(prompt.reply.numbering(), Numbering::Off),
                // Rather no number than another one's.
                Err(_) => true,
            };
        let off = |reply: Reply| if is_off { reply.without_numbers() } else { reply };
        replies.into_iter().map(off).collect()
    }

    /// Asks the state's question again, or leaves the state when that was done often enough.
    async fn ask_again(&self, draft: &mut Draft<F>, reask: Reask) -> Result<(), Stop> {
        self.observers.happened(Event::Reasked);
        draft.is_rejected = true;
        let tries = draft.session.reject();
        let state = draft.session.state();
        if let Some(limit) = state.node().tries
            && tries >= limit
        {
            let (by, from) = (EdgeKind::Tries(limit), state.index());
            let edge = F::GRAPH.edges.iter().find(|edge| edge.from == from && edge.by == by);
            if let Some(state) = edge.and_then(|edge| state.copy().project(edge.to)) {
                return self.enter(draft, state, Cause::Tries, Some(by)).await;
            }
        }
        draft.replies.push(reask.into_hint());
        self.ask(draft).await
    }

    /// Takes the shortcut that was said, and tells whether there was one.
    async fn take_shortcut(&self, draft: &mut Draft<F>, input: &Input) -> Result<bool, Stop> {
        let place = draft.session.state().index();
        let known = input.calls().find_map(|said| F::GRAPH.shortcut(place, said).map(|shortcut| (said, shortcut)));
        let Some((said, shortcut)) = known else { return Ok(false) };
        if choose(draft.session.state().node().choices, said).is_some() {
            // What the state itself offers is meant for the state.
            return Ok(false);
        }
        let state = draft.session.state().copy();
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
                let help = self.run(&draft.session, || self.handler.help(&state)).await.map_err(failed)?;
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
        // In a pause its question waits.
        if draft.session.pause().is_none() {
            self.ask(draft).await?;
        }
        if draft.session.state().node().checkpoint {
            draft.checkpoint()?;
        }
        Ok(())
    }

    /// Asks the state's question.
    pub(super) async fn ask(&self, draft: &mut Draft<F>) -> Result<(), Stop> {
        let prompt = self.prompt(draft).await?;
        draft.replies.push(prompt.reply);
        draft.session.offer(prompt.offered);
        Ok(())
    }

    /// What the state says on being entered, which can be stored.
    pub(super) async fn prompt(&self, draft: &Draft<F>) -> Result<Prompt, Stop> {
        let session = &draft.session;
        let asked =
            Asked { session: session.id(), now: draft.now, language: session.language(), shared: session.shared() };
        let prompt = self.run(session, || async {
            match session.state().prompt() {
                Some(declared) => Ok(declared.into()),
                None => self.handler.ask(session.state().copy(), asked).await,
            }
        });
        let prompt = prompt.await.map_err(failed)?;
        if let Some(fault) = prompt.fault {
            return Err(Stop::Failed(Failure::from_error(fault)));
        }
        if !prompt.offered.iter().flatten().all(can_be_stored) {
            return Err(EngineError::Unwritable { state: session.state().name() }.into());
        }
        Ok(prompt)
    }

    /// The draft's session, as a handler's method sees it.
    fn call<'t>(
        &'t self,
        draft: &'t Draft<F>,
        input: Option<&'t Input>,
        errands: &'t TurnErrands<'_, F>,
    ) -> Call<'t, F> {
        let session = &draft.session;
        Call {
            session: session.id(),
            input,
            now: draft.now,
            language: session.language(),
            address: session.address(),
            history: session.history(),
            tries: session.tries(),
            offered: session.offered().map_or(Offered::Unknown, Offered::Shown),
            errands,
            fetching: Fetching {
                fetchers: &self.fetchers,
                limit: self.settings.limits.media,
                patience: self.settings.deadlines.media,
            },
            shared: session.shared().clone(),
        }
    }

    /// Runs a handler's method: its panic and its lateness are failures like any other, and it is named if it does not yield.
    ///
    /// The method is called in here too, since an answer is read, and a declared prompt said, before anything waits.
    pub(super) async fn run<T, M>(&self, session: &Session<F>, method: impl FnOnce() -> M) -> Result<T, Halt>
    where
        M: Future<Output = Result<T, Halt>>,
    {
        // Its own deadline, or what is left of the turn's.
        let until = deadline::end_of(self.settings.deadlines.handler);
        let patience = until.saturating_duration_since(Instant::now());
        let watched = self.watchdog.watched(session, async { method().await });
        match timeout_at(until, caught(watched)).await {
            Ok(Ok(ended)) => ended,
            Ok(Err(panicked)) => Err(panicked.into()),
            Err(_) => Err(TooSlow(patience).into()),
        }
    }
}

/// What the method decides; none if there is no such method.
async fn heard<F: Flow>(deciding: Option<Deciding<'_, F>>) -> Result<Option<Decision<F>>, Halt> {
    match deciding {
        Some(deciding) => deciding.await.map(Some),
        None => Ok(None),
    }
}

/// A handler took longer than the engine waits.
#[derive(Debug, Error)]
#[error("it took longer than {0:?}")]
struct TooSlow(Duration);

/// Whether the handler fetched a file that is larger than the engine takes.
fn is_too_large(failure: &Failure) -> bool {
    matches!(failure.cause().downcast_ref(), Some(FetchError::TooLarge(_)))
}

fn cause_of(input: &Input) -> Cause {
    match input {
        Input::Text(_) | Input::Media(_) | Input::Place(_) | Input::Contact(_) | Input::Command(_) => Cause::Message,
        Input::Button(_) => Cause::Button,
        Input::Signal(_) => Cause::Signal,
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
