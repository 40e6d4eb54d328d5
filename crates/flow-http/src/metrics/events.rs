//! What is worth counting besides: [`Events`].

use std::collections::BTreeMap;

use flow_core::engine::Event;

use super::{Name, text::Text};

#[derive(Clone)]
pub(super) struct Events {
    events: BTreeMap<Name, u64>,
    operated: u64,
}

/// A zero of each: a first time is seen only where there was a zero before it.
impl Default for Events {
    fn default() -> Self {
        Self { events: Event::ALL.iter().map(|event| (event.as_str(), 0)).collect(), operated: 0 }
    }
}

impl Events {
    pub(super) fn hear(&mut self, event: Event) {
        *self.events.entry(event.as_str()).or_default() += 1;
    }

    pub(super) fn hear_operated(&mut self) {
        self.operated += 1;
    }

    pub(super) fn tell(&self, text: &mut Text) {
        text.counters("flow_events_total", "What happened besides, by its name.", {
            self.events.iter().map(|(event, count)| (vec![("event", *event)], *count))
        });
        text.counters("flow_operations_total", "What people did to sessions.", [(Vec::new(), self.operated)]);
    }
}
