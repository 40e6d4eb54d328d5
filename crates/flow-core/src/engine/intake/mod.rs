//! The room where messages are accepted: each has its turn at once, or waits as a letter beside its session's record. Whoever posts
//! the first letter goes through all that wait.

mod accept;
mod accepted;
mod again;
mod drain;
mod inbox;
mod presence;
mod under_way;
mod waiting;

use std::sync::Arc;

use super::{
    attendance::Attendance, gate::Gate, keeper::Keeper, observers::Observers, settings::Settings, turn::Turns,
};
use crate::Flow;
use under_way::UnderWay;

pub use accepted::Accepted;
pub use inbox::Inbox;

/// Takes messages in.
pub(super) struct Intake<F: Flow> {
    pub(super) turns: Arc<Turns<F>>,
    pub(super) keeper: Arc<Keeper<F>>,
    pub(super) gate: Arc<Gate>,
    pub(super) attendance: Arc<Attendance<F>>,
    pub(super) settings: Arc<Settings>,
    pub(super) observers: Arc<Observers>,
    /// The inboxes that are being gone through.
    pub(super) under_way: Arc<UnderWay>,
}
