//! What a bot has asked of a stub: [`Call`]s.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, Utc};
use serde_json::Value;

/// How many calls are kept unless it is said.
const KEPT: usize = 1_000;

/// One call of the platform by the bot, and what became of it.
#[derive(Clone, Debug)]
pub struct Call {
    pub(super) number: u64,
    pub(super) time: DateTime<Utc>,
    pub(super) method: String,
    pub(super) arguments: Value,
    pub(super) status: u16,
    pub(super) answer: Value,
    pub(super) why: Option<String>,
}

impl Call {
    /// When.
    pub fn time(&self) -> DateTime<Utc> {
        self.time
    }

    /// The platform's name for what was asked.
    pub fn method(&self) -> &str {
        &self.method
    }

    /// What was said.
    pub fn arguments(&self) -> &Value {
        &self.arguments
    }

    /// The status of the answer; 0 if there was none.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The answer.
    pub fn answer(&self) -> &Value {
        &self.answer
    }

    /// Why it was refused, or not answered, in the platform's words.
    pub fn refused(&self) -> Option<&str> {
        self.why.as_deref()
    }
}

/// The newest calls.
pub(super) struct Calls(Mutex<Inner>);

struct Inner {
    calls: VecDeque<Call>,
    next: u64,
    kept: usize,
}

impl Default for Calls {
    fn default() -> Self {
        Self(Mutex::new(Inner { calls: VecDeque::new(), next: 1, kept: KEPT }))
    }
}

impl Calls {
    pub(super) fn keep(&self, calls: usize) {
        self.inner().kept = calls;
    }

    pub(super) fn note(&self, method: &str, arguments: Value, status: u16, answer: Value, why: Option<String>) {
        let mut inner = self.inner();
        let call =
            Call { number: inner.next, time: Utc::now(), method: method.to_owned(), arguments, status, answer, why };
        inner.next += 1;
        inner.calls.push_back(call);
        while inner.calls.len() > inner.kept {
            inner.calls.pop_front();
        }
    }

    pub(super) fn all(&self) -> Vec<Call> {
        self.inner().calls.iter().cloned().collect()
    }

    pub(super) fn clear(&self) {
        self.inner().calls.clear();
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
