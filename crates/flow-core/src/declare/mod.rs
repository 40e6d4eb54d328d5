//! What a conversation is, as written: the [`Flow`] with its [`State`]s, and the [`Graph`] that the derive makes of it.

mod diagram;
mod flow;
pub mod graph;

pub use flow::{Flow, Follows, NothingShared, Shared, State};
pub use graph::Graph;
