//! Asks what the bot needs whether it is there, at most so often: [`Probe`].

use std::sync::{Mutex, PoisonError};

use flow_core::{Engine, Flow};
use tokio::{
    sync::watch::{self, Receiver},
    time::Instant,
};

use crate::{Readiness, readiness::Parts};

/// Asks on behalf of all who want to know, so that many who ask cost the store no more than one.
pub(crate) struct Probe<F: Flow> {
    engine: Engine<F>,
    readiness: Readiness,
    last: Mutex<Option<Question>>,
}

/// A question that was asked, and its answer once that is there.
struct Question {
    began: Instant,
    answer: Receiver<Option<Parts>>,
}

impl<F: Flow> Probe<F> {
    pub(crate) fn new(engine: Engine<F>, readiness: Readiness) -> Self {
        Self { engine, readiness, last: Mutex::default() }
    }

    /// Which part is there, and whether all are that count.
    pub(crate) async fn ask(&self) -> (Parts, bool) {
        let mut answer = self.question();
        let parts = answer.wait_for(Option::is_some).await.ok().and_then(|parts| *parts);
        // None if the question was dropped with its runtime.
        let parts = parts.unwrap_or_default();
        (parts, self.readiness.is_met(parts))
    }

    /// The last question, or a new one if that has rested for long enough.
    fn question(&self) -> Receiver<Option<Parts>> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(question) = last.as_ref().filter(|question| !self.has_rested(question)) {
            return question.answer.clone();
        }
        let (tell, answer) = watch::channel(None);
        let (engine, patience) = (self.engine.clone(), self.readiness.patience);
        // In a task of its own: whoever asks first may go away before the answer is there.
        tokio::spawn(async move { tell.send(Some(engine.health_within(patience).await.into())) });
        *last = Some(Question { began: Instant::now(), answer: answer.clone() });
        answer
    }

    fn has_rested(&self, question: &Question) -> bool {
        let is_answered = question.answer.borrow().is_some() || question.answer.has_changed().is_err();
        is_answered && question.began.elapsed() >= self.readiness.rest
    }
}
