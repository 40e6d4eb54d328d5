//! What came in, before any handler decides on it: [`Arriving`].

use std::fmt;

use chrono::{DateTime, Utc};

use crate::{Flow, Input, Reply, SessionId};

/// What the visitor said, in the hands of the hook that sees it first: `on_input`.
///
/// It sees all of it: what is said in a state of this flow, in one of a flow that it runs, in a correction. The hook may let it pass,
/// which is what it does unless it calls one of the methods below, or:
///
/// - [`answer`](Self::answer) it, so that no handler hears of it;
/// - have something else heard [`instead`](Self::instead), as a reader of free text does;
/// - have it taken for a [`correction`](Self::correct).
///
/// ```
/// use flow_core::{Arriving, Flow, Result};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Flow, Clone, Debug, Serialize, Deserialize)]
/// # #[flow(name = "table_with_a_hook")]
/// enum Table {
///     #[state(start, ask = "A table for how many?", to(Booked))]
///     Welcome,
///     #[state(end, say = "A table for {guests}.")]
///     Booked { guests: u8 },
/// }
///
/// use table::*;
///
/// struct Waiter;
///
/// impl TableHandler for Waiter {
///     async fn on_input(&self, arriving: &mut Arriving<'_, Table>) -> Result<()> {
///         if arriving.text().len() > 1_000 {
///             arriving.answer("Shorter, please.");
///         }
///         Ok(())
///     }
/// }
/// ```
pub struct Arriving<'t, F: Flow> {
    pub(crate) session: SessionId,
    pub(crate) input: &'t Input,
    pub(crate) now: DateTime<Utc>,
    pub(crate) language: Option<&'t str>,
    pub(crate) state: &'t F,
    pub(crate) standing: &'t str,
    pub(crate) verdict: Verdict,
}

/// What is to become of what came in.
#[derive(Default)]
pub(crate) enum Verdict {
    /// It is heard.
    #[default]
    Heard,
    /// This is heard instead.
    Instead(Input),
    /// It is answered, and goes no further.
    Answered(Vec<Reply>),
    /// The field is corrected: by these words, if there are any.
    Correction(String, Option<Input>),
}

impl<F: Flow> Arriving<'_, F> {
    /// What came in.
    pub fn input(&self) -> &Input {
        self.input
    }

    /// The text that the visitor wrote, or the payload of the button they chose; empty if it was neither.
    pub fn text(&self) -> &str {
        self.input.said().unwrap_or_default()
    }

    /// Whose conversation it is.
    pub fn session(&self) -> SessionId {
        self.session
    }

    /// When the turn began.
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// The language the visitor last wrote in, if the channel tells.
    pub fn language(&self) -> Option<&str> {
        self.language
    }

    /// The state of this flow that the conversation stands in, or that runs the flow that it stands in.
    pub fn state(&self) -> &F {
        self.state
    }

    /// Where the conversation stands, by the names of states: `VISIT/STREET` is the state `STREET` of the flow that `VISIT` runs.
    pub fn standing(&self) -> &str {
        self.standing
    }

    /// Answers it: no handler hears of it, and the conversation stays where it stands. Said once more, it adds to the answer.
    pub fn answer(&mut self, reply: impl Into<Reply>) {
        match &mut self.verdict {
            Verdict::Answered(replies) => replies.push(reply.into()),
            _ => self.verdict = Verdict::Answered(vec![reply.into()]),
        }
    }

    /// Has this heard instead of what came in.
    pub fn instead(&mut self, input: impl Into<Input>) {
        self.verdict = Verdict::Instead(input.into());
    }

    /// Takes it for a correction of the field of this name: its question is asked, as if the visitor had chosen the correction. Where the
    /// conversation stands in a state that does not declare this correction, what came in is heard as it is. That state may be one of
    /// a flow inside, and the field one of that flow: [`standing`](Self::standing) tells.
    pub fn correct(&mut self, field: impl Into<String>) {
        self.verdict = Verdict::Correction(field.into(), None);
    }

    /// The same with the answer: "actually 5 people" corrects `party` with "5".
    pub fn correct_with(&mut self, field: impl Into<String>, answer: impl Into<String>) {
        self.verdict = Verdict::Correction(field.into(), Some(Input::text(answer)));
    }
}

/// Without what was said, and what is known.
impl<F: Flow> fmt::Debug for Arriving<'_, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Arriving")
            .field("session", &self.session)
            .field("standing", &self.standing)
            .finish_non_exhaustive()
    }
}
