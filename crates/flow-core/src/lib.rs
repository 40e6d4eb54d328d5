//! Conversations that must not be lost.
//!
//! A [`Flow`] is one enum: each variant is a state and holds what is known there. From `#[derive(Flow)]` come a struct
//! for each state, a handler trait, and the proof that no handler goes where the declaration does not let it. An
//! [`Engine`] runs the flow: one input is one [`Turn`], and one turn is one atomic write to a [`Store`].
//!
//! ```
//! use flow_core::{Flow, SessionId, Step, Turn};
//! use flow_memory::MemoryStore;
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Flow, Clone, Debug, Serialize, Deserialize)]
//! #[flow(anywhere("cancel" => Left, back))]
//! enum Table {
//!     #[state(start, ask = "A table for how many?", to(Confirm))]
//!     Welcome,
//!     #[state(ask = "For {guests}, then?", choices(Yes, No), to(Booked, Welcome))]
//!     Confirm { guests: u8 },
//!     #[state(end, checkpoint, say = "See you!")]
//!     Booked { guests: u8 },
//!     #[state(end, say = "Another time.")]
//!     Left,
//! }
//!
//! use table::*;
//!
//! struct Waiter;
//!
//! impl TableHandler for Waiter {
//!     async fn confirm(&self, state: Confirm, choice: ConfirmChoice, turn: Turn<'_, Confirm>) -> Step<Confirm> {
//!         match choice {
//!             ConfirmChoice::Yes => turn.to(state.booked()),
//!             ConfirmChoice::No => turn.to(Welcome),
//!         }
//!     }
//! }
//!
//! #[tokio::main(flavor = "current_thread")]
//! async fn main() -> Result<(), flow_core::EngineError> {
//!     let engine = Table::engine(Waiter).store(MemoryStore::new());
//!     let id = SessionId::random();
//!     assert_eq!(engine.handle(id, "hello").await?.texts(), ["A table for how many?"]);
//!     assert_eq!(engine.handle(id, "4").await?.texts(), ["For 4, then?"]);
//!     assert_eq!(engine.handle(id, "yes").await?.texts(), ["See you!"]);
//!     Ok(())
//! }
//! ```
//!
//! In reading order: [`Flow`] and its derive, [`Turn`] and [`Step`], [`answers`], [`Engine`] and [`EngineBuilder`],
//! [`Worker`], [`Outcome`], [`Session`], [`store`], [`archive`], [`statistics`], [`privacy`], [`graph`].

pub mod archive;
mod base64url;
mod clock;
mod declare;
pub mod engine;
mod handler;
mod record;
mod session;
pub mod store;
mod talk;
mod wiring;

/// For the code that `flow-derive` generates, which knows the name by its own version: a new version of the two crates
/// gives it a new name.
#[doc(hidden)]
pub mod __private_0_1_0 {
    pub use crate::wiring::*;
}

pub use archive::{Archive, statistics, statistics::Statistics};
pub use clock::{Clock, ForwardClock, SystemClock};
pub use declare::{
    Armed, Corrects, Enters, Flow, Follows, Graph, NothingShared, RemindExt, Reminds, Shared, State, Stored, graph,
};
pub use engine::{
    Archival, Backlog, Busy, CaughtUp, Channel, Collector, Damage, Deadlines, Engine, EngineBuilder, EngineError,
    Expiry, Fate, Limits, Observer, Opened, Operator, Outage, Outcome, OutcomeKind, Outgoing, Phrases, Resume, Retries,
    Said, Shutdown, Stats, Worker,
};
pub use flow_derive::{Answer, Flow};
pub use handler::{
    Arriving, Ask, Download, Failure, Fetch, FetchError, FetchFailure, Halt, Next, Offer, OnceError, OnceKey, Opening,
    Step, StepExt, TooLarge, Turn,
};
pub use record::{Identifies, InvalidSessionId, Prefix, Record, Secret, SessionId, Stamp, Unreadable, WeakSecret};
pub use session::{
    Announcement, By, Cause, Checkpoint, Collected, Collection, Effect, InvalidBy, InvalidKey, Key, Moment, Pause,
    Session, Speaker, Transition, Undeliverable, Utterance,
};
pub use store::{Store, StoreError, resilience};
pub use talk::{
    Address, Attachment, BadUrl, Bookmark, Button, Choice, Command, Contact, FileToSend, Input, InvalidBookmark, Media,
    MediaKind, Message, Place, Reask, Reply, ReplyButton, Signal, Speak, Template, Wire, answers, privacy,
};

/// What hooks and prompts of a handler return.
pub type Result<T, E = Halt> = std::result::Result<T, E>;
