//! What a conversation is, as written: the [`Flow`] with its [`State`]s, and the [`Graph`] that the derive makes of it.

mod correction;
mod diagram;
mod flow;
pub mod graph;
pub(crate) mod kind;
pub(crate) mod reminder;
pub(crate) mod written;

pub use correction::Corrects;
pub use flow::{Flow, Follows, Keeping, NothingShared, Shared, State, Stored};
pub(crate) use flow::{Shown, StateData};
pub use graph::Graph;
pub(crate) use kind::{AnyShared, AnyState, Kind};
pub use reminder::{Armed, Enters, RemindExt, Reminds};
