//! What was said, and what the state's handler makes of it: onto the draft of a turn. Writes nothing.

use std::borrow::Cow;

use super::{Turns, asking::failed, draft::Draft, entering::Going, request::Stop};
use crate::{
    Cause, Failure, FetchError, Flow, Halt, Input, Message, Reask, Signal,
    declare::graph::EdgeKind,
    engine::{
        error::EngineError,
        handler::{Moment, Settling, Signalled},
        observer::Event,
    },
    handler::{offer::Offered, once::Errands, step::Decided, turn::Circumstances},
    talk::choice::choose,
};

impl<F: Flow> Turns<F> {
    /// Handles what was said to a session that is under way.
    pub(super) async fn respond(
        &self,
        mut draft: Draft<F>,
        message: &Message,
        errands: &dyn Errands,
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
        let top = draft.session.top();
        if top.kind().run_by(top.index()).is_some() {
            // It asked by itself when the record was written, and runs a flow now: what was said is no answer to that.
            self.arrived(&mut draft, errands).await?;
            return Ok(draft);
        }
        let (visit, steps) = (draft.session.visit(), draft.transitions.len());
        let node = draft.session.top_node();
        // A word for a choice is that choice.
        let taken = input.said().map(|said| match choose(node.choices, said) {
            Some(index) => node.choices[index].name,
            None => draft.session.correction(said).map_or(said, |correction| correction.words.name),
        });
        if let Some(input) = self.shown(&mut draft, input, errands).await? {
            self.take_input(&mut draft, &input, errands).await?;
        }
        if let (Some(visit), Some(taken)) = (visit, taken)
            && draft.transitions.len() > steps
        {
            draft.session.was_led_by(visit, taken);
        }
        Ok(draft)
    }

    /// Handles what came in, where nobody has answered it before.
    async fn take_input(&self, draft: &mut Draft<F>, input: &Input, errands: &dyn Errands) -> Result<(), Stop> {
        if let Input::Signal(signal) = input {
            return self.take_signal(draft, signal, errands).await;
        }
        let is_chosen = input.said().is_some_and(|said| choose(draft.session.top_node().choices, said).is_some());
        let is_taken = !is_chosen
            && (self.take_entrance(draft, input, errands).await?
                || self.take_correction(draft, input, errands).await?
                || self.take_shortcut(draft, input, errands).await?);
        if is_taken { Ok(()) } else { self.answer(draft, input, errands).await }
    }

    /// Has the state's handler decide on what the visitor said.
    pub(super) async fn answer(&self, draft: &mut Draft<F>, input: &Input, errands: &dyn Errands) -> Result<(), Stop> {
        let depth = draft.session.depth();
        let driver = self.driver(&draft.session, depth)?;
        let said = || driver.said(self.moment(draft, depth, Some(input), errands));
        let mut ended = self.run(&draft.session, said).await;
        if let Err(Halt::Reask(reask)) = &ended
            && reask.lacks_offer()
        {
            // The visitor has seen an offer that this record does not have. It is made once more, for words and buttons.
            let prompt = self.prompt(draft).await?;
            draft.session.offer(prompt.offered);
            let said = || {
                let offered = Offered::Anew(draft.session.offered().unwrap_or_default());
                let at = self.moment(draft, depth, Some(input), errands);
                driver.said(Moment { circumstances: Circumstances { offered, ..at.circumstances }, ..at })
            };
            ended = self.run(&draft.session, said).await;
        }
        match ended {
            Ok(decided) => self.follow(draft, decided, cause_of(input), depth, errands).await,
            Err(Halt::Reask(reask)) => self.ask_again(draft, reask, errands).await,
            // The visitor can send a smaller one.
            Err(Halt::Failed(failure)) if is_too_large(&failure) => {
                let reask = Reask::because(self.settings.phrases.file_too_large.clone());
                self.ask_again(draft, reask, errands).await
            }
            Err(Halt::Failed(failure)) => Err(Stop::Failed(failure)),
        }
    }

    /// Has a state's handler decide on a signal: the nearest one of the states that the conversation stands in which takes it.
    ///
    /// Fails if no flow there can read it, or no state takes it.
    pub(super) async fn take_signal(
        &self,
        draft: &mut Draft<F>,
        signal: &Signal,
        errands: &dyn Errands,
    ) -> Result<(), Stop> {
        let (mut is_known, mut is_readable) = (false, true);
        for depth in (0..=draft.session.depth()).rev() {
            let driver = self.driver(&draft.session, depth)?;
            let signal = &*meant_for(draft.session.state_at(depth).kind().graph.name, signal);
            // What a user's type does as it is read is caught, too.
            let signalled = || async {
                Ok(match driver.signalled(signal, self.moment(draft, depth, None, errands)) {
                    Signalled::Taken(deciding) => Ok(deciding.await?),
                    Signalled::Untaken => Err(Some(true)),
                    Signalled::Unreadable => Err(Some(false)),
                    Signalled::Unknown => Err(None),
                })
            };
            match self.run(&draft.session, signalled).await.map_err(failed)? {
                Ok(decided) => return self.follow(draft, decided, Cause::Signal, depth, errands).await,
                Err(None) => {}
                Err(Some(readable)) => {
                    is_known = true;
                    is_readable &= readable;
                }
            }
        }
        Err(match (is_known, is_readable) {
            (false, _) => EngineError::NoSuchSignal.into(),
            (true, false) => EngineError::UnreadableSignal.into(),
            (true, true) => Stop::Unheard,
        })
    }

    /// Has the handler of the state at this depth decide on a reminder. One that the flow no longer declares is forgotten.
    pub(super) async fn take_reminder(
        &self,
        draft: &mut Draft<F>,
        depth: usize,
        name: &str,
        errands: &dyn Errands,
    ) -> Result<(), Stop> {
        let driver = self.driver(&draft.session, depth)?;
        let reminded = || heard(driver.reminded(name, self.moment(draft, depth, None, errands)));
        match self.run(&draft.session, reminded).await.map_err(failed)? {
            Some(decided) => self.follow(draft, decided, Cause::Timer, depth, errands).await,
            None => Ok(()),
        }
    }

    /// Asks the state's question again, or leaves the state when that was done often enough.
    async fn ask_again(&self, draft: &mut Draft<F>, reask: Reask, errands: &dyn Errands) -> Result<(), Stop> {
        self.observers.happened(Event::Reasked);
        draft.is_rejected = true;
        let tries = draft.session.reject();
        let state = draft.session.top();
        if let Some(limit) = state.node().tries
            && tries >= limit
        {
            let (by, from) = (EdgeKind::Tries(limit), state.index());
            let edge = state.kind().graph.edges.iter().find(|edge| edge.from == from && edge.by == by);
            if let Some(state) = edge.and_then(|edge| state.project(edge.to)) {
                let depth = draft.session.depth();
                return self.go(draft, Going::to(state, Cause::Tries, Some(by), depth), errands).await;
            }
        }
        draft.replies.push(reask.into_hint());
        self.ask(draft).await
    }
}

/// The signal as this flow declares it, where it names the flow that it is for.
fn meant_for<'s>(flow: &str, signal: &'s Signal) -> Cow<'s, Signal> {
    let own = signal.name.strip_prefix(flow).and_then(|name| name.strip_prefix('/'));
    own.map_or(Cow::Borrowed(signal), |name| Cow::Owned(Signal { name: name.to_owned(), ..signal.clone() }))
}

/// What the method decides; none if there is no such method.
async fn heard(deciding: Option<Settling<'_>>) -> Result<Option<Decided>, Halt> {
    match deciding {
        Some(deciding) => deciding.await.map(Some),
        None => Ok(None),
    }
}

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
