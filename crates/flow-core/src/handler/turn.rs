//! One input in a handler's hands: [`Turn`], around the [`Call`] that the engine makes.

use std::{fmt, marker::PhantomData};

use chrono::{DateTime, Utc};

use crate::{
    Flow, Follows, Input, Reask, Reply, SessionId, Speak, State, Transition,
    answers::Answer,
    handler::step::{Destination, Next, Step},
    talk::choice::choose,
};

/// One input that a handler decides on, in state `S`.
///
/// Ends in [`Turn::to`] or [`Turn::stay`]. Nothing said or changed here shows before the turn is committed, and the
/// handler may be run again if another writer came first.
///
/// ```
/// use flow_core::{Flow, Step, StepExt, Turn};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Flow, Clone, Debug, Serialize, Deserialize)]
/// enum Table {
///     #[state(start, ask = "A table for how many?", handled, to(Booked))]
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
///     async fn welcome(&self, state: Welcome, turn: Turn<'_, Welcome>) -> Step<Welcome> {
///         match turn.answer::<u8>()? {
///             0 => turn.stay("For one, at least."),
///             guests => turn.to(state.booked(guests)).say("Gladly!"),
///         }
///     }
/// }
/// # fn main() {}
/// ```
pub struct Turn<'t, S: State> {
    call: Call<'t, S::Flow>,
    state: PhantomData<fn(S)>,
}

impl<'t, S: State> Turn<'t, S> {
    pub(crate) fn new(call: Call<'t, S::Flow>) -> Self {
        Self { call, state: PhantomData }
    }

    /// What came in.
    pub fn input(&self) -> &'t Input {
        self.call.input
    }

    /// The words or the button's payload; empty if it was neither.
    pub fn text(&self) -> &'t str {
        self.call.input.said().unwrap_or_default()
    }

    /// Reads the input as a `T`.
    ///
    /// Fails, so that `?` asks again, if it cannot be read as one, or is no person's word.
    pub fn answer<T: Answer>(&self) -> Result<T, Reask> {
        match self.chosen() {
            Some(label) => T::parse(label),
            None => read(self.call.input),
        }
    }

    /// Which of the declared choices was taken: by its label, its number or its button.
    ///
    /// Fails, so that `?` asks again, if it was none of them.
    pub fn choice(&self) -> Result<&'static str, Reask> {
        self.chosen().ok_or_else(|| Reask::because(PLEASE_CHOOSE))
    }

    /// Which of `offered` was taken, where what is offered is known only as the bot runs: by its words or its button.
    ///
    /// Its number does not count: what was first when the question was asked may be second by now.
    /// Fails, so that `?` asks again, if it was none of them.
    pub fn pick<T: Speak + Clone>(&self, offered: &[T]) -> Result<T, Reask> {
        let is_said = |said: &str| {
            let said = said.trim().to_lowercase();
            offered.iter().find(|choice| choice.speak().to_lowercase() == said).cloned()
        };
        let picked = self.words().into_iter().flatten().find_map(is_said);
        picked.ok_or_else(|| Reask::because(PLEASE_CHOOSE))
    }

    fn chosen(&self) -> Option<&'static str> {
        let choices = S::Flow::GRAPH.states[S::INDEX].choices;
        self.words().into_iter().flatten().find_map(|said| choose(choices, said))
    }

    /// What was said, and what else it may be called: a button has a payload and a label.
    fn words(&self) -> [Option<&'t str>; 2] {
        match self.call.input {
            Input::Text(text) => [Some(text.as_str()), None],
            Input::Button(button) => [Some(button.payload.as_str()), button.label.as_deref()],
            Input::Signal(_) | Input::Timer(_) => [None, None],
        }
    }

    /// Whose turn it is.
    pub fn session(&self) -> SessionId {
        self.call.session
    }

    /// When the turn began.
    pub fn now(&self) -> DateTime<Utc> {
        self.call.now
    }

    /// The language the visitor last wrote in, if the channel tells.
    pub fn language(&self) -> Option<&str> {
        self.call.language
    }

    /// The steps that led here, the oldest first, as far as the record keeps them.
    pub fn history(&self) -> &'t [Transition] {
        self.call.history
    }

    /// How many answers were rejected in this state so far.
    pub fn tries(&self) -> u32 {
        self.call.tries
    }

    /// What the states of this conversation share.
    pub fn shared(&self) -> &<S::Flow as Flow>::Shared {
        &self.call.shared
    }

    /// What the states of this conversation share, to be changed. It is stored with the turn's decision.
    pub fn shared_mut(&mut self) -> &mut <S::Flow as Flow>::Shared {
        &mut self.call.shared
    }

    /// Goes to `next`, a state that the declaration lets follow this one.
    pub fn to<T: Follows<S>>(self, next: T) -> Step<S> {
        Ok(Next::new(Destination::To(next.into()), self.call.shared))
    }

    /// Stays in this state, and says so.
    pub fn stay(self, reply: impl Into<Reply>) -> Step<S> {
        let mut next = Next::new(Destination::Stay, self.call.shared);
        next.decision.replies.push(reply.into());
        Ok(next)
    }
}

/// Without what was said, and what is known.
impl<S: State> fmt::Debug for Turn<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = S::Flow::GRAPH.states[S::INDEX].name;
        f.debug_struct("Turn").field("state", &state).field("call", &self.call).finish_non_exhaustive()
    }
}

/// What is said when no choice was taken.
const PLEASE_CHOOSE: &str = "Please take one of these:";

/// Reads a person's input as a `T`: its words, or a button's payload, or else the button's label.
fn read<T: Answer>(input: &Input) -> Result<T, Reask> {
    match input {
        Input::Text(text) => T::parse(text),
        Input::Button(button) => T::parse(&button.payload).or_else(|reask| match &button.label {
            Some(label) => T::parse(label).map_err(|_| reask),
            None => Err(reask),
        }),
        Input::Signal(_) | Input::Timer(_) => Err(Reask::because(Reply::silence())),
    }
}

/// What the engine hands to a handler's method, whatever state it is for.
pub struct Call<'t, F: Flow> {
    pub(crate) session: SessionId,
    pub(crate) input: &'t Input,
    pub(crate) now: DateTime<Utc>,
    pub(crate) language: Option<&'t str>,
    pub(crate) history: &'t [Transition],
    pub(crate) tries: u32,
    pub(crate) shared: F::Shared,
}

/// Without what was said, and what is known.
impl<F: Flow> fmt::Debug for Call<'_, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut call = f.debug_struct("Call");
        call.field("session", &self.session).field("now", &self.now).field("tries", &self.tries).finish_non_exhaustive()
    }
}
