//! The first input of a session, in the hands of the opening hook: [`Opening`].

use std::fmt;

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    Flow, Halt, Input, Reply, SessionId,
    handler::once::{Errands, OnceKey, once},
};

/// The input that opens a session, before the start state is entered.
///
/// It is no answer to anything yet, but it may carry a start payload or a language.
pub struct Opening<'t, F: Flow> {
    pub(crate) session: SessionId,
    pub(crate) input: &'t Input,
    pub(crate) language: Option<String>,
    pub(crate) shared: F::Shared,
    pub(crate) replies: Vec<Reply>,
    pub(crate) errands: &'t dyn Errands,
}

impl<'t, F: Flow> Opening<'t, F> {
    /// Whose session is opened.
    pub fn session(&self) -> SessionId {
        self.session
    }

    /// What came in.
    pub fn input(&self) -> &'t Input {
        self.input
    }

    /// The language that the session begins with.
    pub fn language(&self) -> Option<&str> {
        self.language.as_deref()
    }

    /// Begins the session in this language.
    pub fn set_language(&mut self, language: impl Into<String>) {
        self.language = Some(language.into());
    }

    /// What the states of this conversation share.
    pub fn shared(&self) -> &F::Shared {
        &self.shared
    }

    /// What the states of this conversation share, to be filled.
    pub fn shared_mut(&mut self) -> &mut F::Shared {
        &mut self.shared
    }

    /// Asks the world something once, however often the hook is run for this message, as [`Turn::once`](crate::Turn::once) does.
    ///
    /// There need not be a session yet: until its first turn is stored, no other call finds one.
    pub async fn once<T, A>(&self, name: &str, ask: impl FnOnce(OnceKey) -> A) -> Result<T, Halt>
    where
        T: Serialize + DeserializeOwned,
        A: Future<Output = Result<T, Halt>>,
    {
        once(self.errands, name, ask).await
    }

    /// Says this before the start state's prompt.
    pub fn say(&mut self, reply: impl Into<Reply>) {
        self.replies.push(reply.into());
    }
}

/// Without what was said, and what is known.
impl<F: Flow> fmt::Debug for Opening<'_, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut opening = f.debug_struct("Opening");
        opening.field("session", &self.session).field("language", &self.language).finish_non_exhaustive()
    }
}
