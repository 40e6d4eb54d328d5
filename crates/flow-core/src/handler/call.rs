//! What a handler's method is called with: [`Call`].

use std::fmt;

use chrono::{DateTime, Utc};

use crate::{Flow, Input, SessionId, Transition};

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
