//! What became of a message that was accepted: [`Accepted`].

use super::super::outcome::Outcome;
use crate::Flow;

/// A message that is stored, and needs not be sent again. It has all its variants for good.
///
/// ```
/// # use flow_core::{Engine, EngineError, Flow, Input, SessionId, engine::Accepted};
/// # async fn example<F: Flow>(engine: &Engine<F>, id: SessionId) -> Result<(), EngineError> {
/// match engine.accept(id, Input::text("hello").with_id("wamid.7")).await? {
///     Accepted::Handled(outcome) => println!("{:?}", outcome.texts()),
///     Accepted::Waiting => println!("its turn comes"),
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "it is matched where it is made, and mostly is the large one")]
pub enum Accepted<F: Flow> {
    /// Its turn was taken.
    Handled(Outcome<F>),
    /// It waits beside its session, and is handled behind what waits already. The same message, sent again with its id once it
    /// was handled, gets its replies.
    Waiting,
}

impl<F: Flow> Accepted<F> {
    /// The outcome of its turn; none if it waits.
    pub fn outcome(self) -> Option<Outcome<F>> {
        match self {
            Self::Handled(outcome) => Some(outcome),
            Self::Waiting => None,
        }
    }

    /// Whether it waits.
    pub fn is_waiting(&self) -> bool {
        matches!(self, Self::Waiting)
    }
}
