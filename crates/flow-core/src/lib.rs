//! Conversations that survive.

pub mod answers;
mod clock;
mod diagram;
mod encoding;
pub mod engine;
mod flow;
pub mod graph;
mod halt;
mod input;
mod opening;
pub mod privacy;
mod reask;
mod record;
mod reply;
mod session;
mod session_id;
mod speak;
mod step;
pub mod store;
mod todo;
mod transition;
mod turn;
#[doc(hidden)]
pub mod wiring;

pub use clock::{Clock, SystemClock};
pub use encoding::Unreadable;
pub use engine::{Engine, EngineBuilder, EngineError, Opened, Outage, Outcome, OutcomeKind, Phrases, Stats};
pub use flow::{Flow, Follows, NothingShared, Shared, State};
pub use flow_derive::{Answer, Flow};
pub use graph::Graph;
pub use halt::{Failure, Halt};
pub use input::{Button, Input, Message, Signal, Timer};
pub use opening::Opening;
pub use reask::Reask;
pub use record::{NoStamp, Record, Stamp};
pub use reply::{Choice, Reply};
pub use session::Session;
pub use session_id::{InvalidSessionId, Secret, SessionId, WeakSecret};
pub use speak::Speak;
pub use step::{Next, Step, StepExt};
pub use store::{Store, StoreError};
pub use todo::{Checkpoint, Effect, Key};
pub use transition::{Cause, Transition};
pub use turn::Turn;

/// What hooks and prompts of a handler return.
pub type Result<T, E = Halt> = std::result::Result<T, E>;
