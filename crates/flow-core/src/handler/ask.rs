//! What a handler knows when it gives a question: [`Ask`], around the [`Asked`] of the engine.

use std::{fmt, marker::PhantomData};

use chrono::{DateTime, Utc};

use crate::{Flow, SessionId, State};

/// What is known when state `S` asks its question, besides the state itself.
///
/// ```
/// use flow_core::{Ask, Flow, Reply, Result};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Flow, Clone, Debug, Serialize, Deserialize)]
/// # #[flow(name = "visit_with_a_question")]
/// enum Visit {
///     #[state(start, answer = u8, to(Booked))]
///     Welcome,
///     #[state(end, say = "See you!")]
///     Booked { guests: u8 },
/// }
///
/// use visit::*;
///
/// struct Host;
///
/// impl VisitHandler for Host {
///     async fn ask_welcome(&self, _: &Welcome, ask: Ask<'_, Welcome>) -> Result<Reply> {
///         let question = if ask.language() == Some("de") { "Wie viele?" } else { "How many?" };
///         Ok(question.into())
///     }
/// }
/// ```
pub struct Ask<'t, S: State> {
    asked: Asked<'t, S::Flow>,
    state: PhantomData<fn(S)>,
}

impl<'t, S: State> Ask<'t, S> {
    /// Whom the question is put to.
    pub fn session(&self) -> SessionId {
        self.asked.session
    }

    /// When it is asked.
    pub fn now(&self) -> DateTime<Utc> {
        self.asked.now
    }

    /// The language the visitor last wrote in, if the channel tells.
    pub fn language(&self) -> Option<&'t str> {
        self.asked.language
    }

    /// What the states of this conversation share.
    pub fn shared(&self) -> &'t <S::Flow as Flow>::Shared {
        self.asked.shared
    }
}

/// Without what is known.
impl<S: State> fmt::Debug for Ask<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ask").field("session", &self.asked.session).finish_non_exhaustive()
    }
}

/// What the engine tells with the request for a question, whatever state it is for.
pub struct Asked<'t, F: Flow> {
    pub(crate) session: SessionId,
    pub(crate) now: DateTime<Utc>,
    pub(crate) language: Option<&'t str>,
    pub(crate) shared: &'t F::Shared,
}

impl<'t, F: Flow> Asked<'t, F> {
    /// The same, in the hands of the method of state `S`.
    pub fn of<S: State<Flow = F>>(self) -> Ask<'t, S> {
        Ask { asked: self, state: PhantomData }
    }
}

/// Without what is known.
impl<F: Flow> fmt::Debug for Asked<'_, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Asked").field("session", &self.session).finish_non_exhaustive()
    }
}
