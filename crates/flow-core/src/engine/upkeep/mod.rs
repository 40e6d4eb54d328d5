//! The room that does what is due: deliveries, timers, expiries, archiving. Nothing else knows of it.

mod daily;
mod deliver;
mod deliverer;
mod round;
mod sending;
mod striking;
mod unpausing;
mod wake;
mod worker;

use std::sync::Arc;

use super::{
    attendance::Attendance, channels::Channels, gate::Gate, handler::Handler, hooks::Hooks, intake::Intake,
    keeper::Keeper, ledger::Ledger, observer::Event, observers::Observers, settings::Settings, tray::Tray, turn::Turns,
};
use crate::{Flow, engine::following::Archivist};

pub use daily::Daily;
pub use worker::Worker;

/// Does what is due for the sessions of a flow.
pub(super) struct Upkeep<F: Flow> {
    pub(super) keeper: Arc<Keeper<F>>,
    pub(super) turns: Arc<Turns<F>>,
    pub(super) intake: Arc<Intake<F>>,
    pub(super) archivist: Option<Arc<Archivist<F>>>,
    pub(super) handler: Arc<dyn Handler<F>>,
    pub(super) hooks: Arc<Hooks<F>>,
    pub(super) channels: Arc<Channels<F>>,
    pub(super) tray: Arc<Tray<F>>,
    pub(super) ledger: Arc<Ledger<F>>,
    pub(super) gate: Arc<Gate>,
    pub(super) attendance: Arc<Attendance<F>>,
    pub(super) settings: Arc<Settings>,
    pub(super) observers: Arc<Observers>,
}
