//! What would be left of it if this process ended now: [`Durability`].

use crate::store::StoreError;

/// How durable what an [`Outcome`](super::Outcome) speaks of is: what would be left of it if this process ended now.
///
/// A sender that repeats a message until it is safe may stop at [`Stored`](Self::Stored), and not before.
///
/// ```
/// # use flow_core::{Engine, EngineError, Flow, Message, SessionId, engine::Durability};
/// # async fn example<F: Flow>(engine: &Engine<F>, id: SessionId, message: Message) -> Result<(), EngineError> {
/// let outcome = engine.handle(id, message).await?;
/// match &outcome.durability {
///     Durability::Stored => println!("it is safe"),
///     Durability::InMemory(error) => println!("it is lost if this process ends before the store is back: {error}"),
///     _ => println!("nothing of it is known to be kept"),
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum Durability {
    /// It is in the store, or in the archive if the store has lost it, and outlives this process.
    ///
    /// While the store is away this is what it held when this process last saw it.
    Stored,
    /// It is in the memory of this process alone, because the store was away with this error, until it is handed back.
    InMemory(StoreError),
    /// Nothing is kept: there is no session, or the store was away and nothing was written.
    Nothing,
    /// The store was away, and may have it or not: the same message, sent again with its id, finds out.
    Unknown,
}

impl Durability {
    /// The durability in one word, which may label a metric: `stored`, `in_memory`.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Stored => "stored",
            Self::InMemory(_) => "in_memory",
            Self::Nothing => "nothing",
            Self::Unknown => "unknown",
        }
    }
}
