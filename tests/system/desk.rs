//! Where deliveries go in tests: [`Desk`].

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use flow_core::{EngineBuilder, Flow, Wire};

use crate::{
    flow::Booking,
    stage::{ok, salon_alone},
};

/// What the hooks were given, and how often the checkpoints' refuses.
#[derive(Clone, Default)]
pub(crate) struct Desk {
    pub(crate) received: Arc<Mutex<Vec<String>>>,
    pub(crate) refusals: Arc<AtomicUsize>,
}

impl Desk {
    pub(crate) fn salon(&self) -> EngineBuilder<Booking> {
        let (checkpoints, effects) = (self.clone(), self.clone());
        salon_alone()
            .on_checkpoint(move |checkpoint| {
                let desk = checkpoints.clone();
                async move {
                    let (key, name) = (checkpoint.key, checkpoint.state.name());
                    desk.received.lock().expect("a lock").push(format!("{name} {}/{}", key.stamp.version, key.index));
                    let left = desk.refusals.load(Ordering::SeqCst);
                    desk.refusals.store(left.saturating_sub(1), Ordering::SeqCst);
                    if left > 0 { Err("the desk is closed") } else { Ok(()) }
                }
            })
            .on_effect(move |effect| {
                let received = format!("{} {}/{}", effect.effect.name(), effect.key.stamp.version, effect.key.index);
                effects.received.lock().expect("a lock").push(received);
                ok()
            })
    }

    /// What the hook for checkpoints was given.
    pub(crate) fn received_as_checkpoints(&self) -> Vec<String> {
        self.received().into_iter().filter(|received| received.starts_with("BOOK")).collect()
    }

    pub(crate) fn received(&self) -> Vec<String> {
        self.received.lock().expect("a lock").clone()
    }
}

pub(crate) fn listed(keys: &[&str]) -> Vec<String> {
    keys.iter().map(ToString::to_string).collect()
}
