//! How a turn calls upon the handler: for a decision, for a question, for a beginning. Each flow that is under way has its driver.

use std::time::Duration;

use thiserror::Error;
use tokio::time::{Instant, timeout_at};

use super::{Turns, draft::Draft, measure::can_be_stored, request::Stop};
use crate::{
    Failure, Flow, Halt, Input, Session,
    engine::{
        caught::caught,
        error::EngineError,
        handler::{Driver, Moment, Occasion},
    },
    handler::{
        fetch::Fetching,
        offer::{Offered, Prompt},
        once::Errands,
        turn::Circumstances,
    },
    resilience::deadline,
    session::Why,
};

impl<F: Flow> Turns<F> {
    /// What the handler does for the flow at this depth.
    ///
    /// Fails if it does not know that flow.
    pub(super) fn driver(&self, session: &Session<F>, depth: usize) -> Result<&dyn Driver, Stop> {
        let mut depth = session.base(depth);
        let mut runs = Vec::new();
        while depth > 0 {
            runs.push(session.state_at(depth - 1).index());
            depth = session.base(depth - 1);
        }
        let own: &dyn Driver = &*self.handler;
        let driver = runs.into_iter().rev().try_fold(own, |driver, state| driver.child(state));
        driver.ok_or_else(|| Stop::Failed(Failure::from_error(NoDriver)))
    }

    /// The draft's session, as a method of the state at this depth sees it.
    pub(super) fn moment<'t>(
        &'t self,
        draft: &'t Draft<F>,
        depth: usize,
        input: Option<&'t Input>,
        errands: &'t dyn Errands,
    ) -> Moment<'t> {
        let session = &draft.session;
        let circumstances = Circumstances {
            session: session.id(),
            input,
            now: draft.now,
            language: session.language(),
            address: session.address(),
            history: session.steps(),
            tries: session.tries_at(depth),
            offered: session.offered_at(depth).map_or(Offered::Unknown, Offered::Shown),
            errands,
            fetching: Fetching {
                fetchers: &self.fetchers,
                limit: self.settings.limits.media,
                patience: self.settings.deadlines.media,
            },
        };
        Moment { state: session.state_at(depth), shared: session.shared_at(depth), circumstances }
    }

    /// The state at this depth, as it asks.
    pub(super) fn occasion(draft: &Draft<F>, depth: usize) -> Occasion<'_> {
        let session = &draft.session;
        Occasion {
            state: session.state_at(depth),
            shared: session.shared_at(depth),
            session: session.id(),
            now: draft.now,
            language: session.language(),
        }
    }

    /// Asks the question of the state that the conversation stands in.
    pub(super) async fn ask(&self, draft: &mut Draft<F>) -> Result<(), Stop> {
        let prompt = self.prompt(draft).await?;
        draft.ask(prompt.reply);
        draft.session.offer(prompt.offered);
        Ok(())
    }

    /// What the state says on being entered, which can be stored, with the corrections that it offers.
    pub(super) async fn prompt(&self, draft: &Draft<F>) -> Result<Prompt, Stop> {
        let session = &draft.session;
        let (depth, state) = (session.depth(), session.top());
        let driver = self.driver(session, depth)?;
        let prompt = self.run(session, || async {
            match state.prompt() {
                Some(declared) => Ok(declared.into()),
                None => driver.ask(Self::occasion(draft, depth)).await,
            }
        });
        let prompt = prompt.await.map_err(failed)?;
        if let Some(fault) = prompt.fault {
            return Err(Stop::Failed(Failure::from_error(fault)));
        }
        if !prompt.offered.iter().flatten().all(can_be_stored) {
            return Err(EngineError::Unwritable { state: state.name() }.into());
        }
        Ok(prompt.offering_corrections(state.node()))
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

/// The flows that are under way, by the depth at which each runs, the session's own first.
pub(super) fn bases<F: Flow>(session: &Session<F>) -> impl Iterator<Item = usize> {
    (0..=session.depth()).filter(|&depth| matches!(session.why(depth), None | Some(Why::Run)))
}

/// Outside the answering of a question there is nothing to ask again: a rejected answer there is a failure.
pub(super) fn failed(halt: Halt) -> Stop {
    match halt {
        Halt::Failed(failure) => Stop::Failed(failure),
        Halt::Reask(_) => Stop::Failed(Failure::from_error(MisplacedReask)),
    }
}

/// A handler took longer than the engine waits.
#[derive(Debug, Error)]
#[error("it took longer than {0:?}")]
struct TooSlow(Duration);

/// A prompt, the opening hook or the help hook ended with a rejected answer.
#[derive(Debug, Error)]
#[error("an answer was rejected where none was asked for")]
struct MisplacedReask;

/// A state runs a flow that its flow's handler was not built with.
#[derive(Debug, Error)]
#[error("the handler does not know the flow that is under way")]
struct NoDriver;
