//! What a conversation is, as written: the [`Flow`] with its [`State`]s, and the [`Graph`] that the derive makes of it.

mod diagram;
mod flow;
pub mod graph;
pub(crate) mod reminder;

pub(crate) use flow::Shown;
pub use flow::{Flow, Follows, Keeping, NothingShared, Shared, State, Stored};
pub use graph::Graph;
pub use reminder::{Armed, Enters, RemindExt, Reminds};
