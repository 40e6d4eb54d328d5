//! What waits because of a channel's pace: [`Paces`].

use std::{collections::BTreeMap, sync::Arc};

use super::{Name, text::Text};
use crate::platform::{Bound, Waits};

/// By channel.
#[derive(Clone, Default)]
pub(super) struct Paces(BTreeMap<String, Arc<Waits>>);

impl Paces {
    pub(super) fn watch(&mut self, channel: &str, waits: &Arc<Waits>) {
        self.0.insert(channel.to_owned(), Arc::clone(waits));
    }

    pub(super) fn tell(&self, text: &mut Text) {
        let waited = self.each(Waits::waited).map(|(labels, count)| (with(labels, "here"), count));
        let put_off = self.each(Waits::put_off).map(|(labels, count)| (with(labels, "record"), count));
        text.counters(
            "flow_http_paced_total",
            "Messages that had to wait before they were sent, by the limit, and whether they waited here or in their records.",
            waited.chain(put_off),
        );
        text.gauges(
            "flow_http_pace_waiting",
            "Messages that wait in this process for a moment before they are sent, by the limit.",
            self.each(Waits::waiting),
        );
    }

    fn each(&self, count: fn(&Waits, Bound) -> u64) -> impl Iterator<Item = (Vec<(Name, &str)>, u64)> {
        self.0.iter().flat_map(move |(channel, waits)| {
            Bound::ALL
                .map(|bound| (vec![("channel", channel.as_str()), ("limit", bound.as_str())], count(waits, bound)))
        })
    }
}

fn with<'l>(mut labels: Vec<(Name, &'l str)>, place: &'l str) -> Vec<(Name, &'l str)> {
    labels.push(("waits", place));
    labels
}
