//! What a handler's method is called with: [`Call`].

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
