//! What is delivered, and what becomes of it: [`Deliveries`].

use std::collections::BTreeMap;

use flow_core::engine::{DeliveryEnded, DeliveryFate, DeliveryKind};

use super::{
    Name,
    histogram::{Histogram, SECONDS, WAITS},
    text::Text,
};

#[derive(Clone, Default)]
pub(super) struct Deliveries {
    /// By flow, kind and fate.
    tries: BTreeMap<(Name, Name, Name), u64>,
    /// By flow and kind.
    seconds: BTreeMap<(Name, Name), Histogram>,
    /// From a turn to the first try, by flow and kind.
    lag: BTreeMap<(Name, Name), Histogram>,
}

impl Deliveries {
    /// Tells a zero of what this flow has not had yet.
    pub(super) fn expect(&mut self, flow: Name) {
        for kind in DeliveryKind::ALL {
            for fate in DeliveryFate::ALL {
                self.tries.entry((flow, kind.as_str(), fate.as_str())).or_default();
            }
            self.lag.entry((flow, kind.as_str())).or_insert_with(|| Histogram::by(WAITS));
        }
    }

    pub(super) fn hear(&mut self, delivery: &DeliveryEnded<'_>) {
        let kind = delivery.kind.as_str();
        *self.tries.entry((delivery.flow, kind, delivery.fate.as_str())).or_default() += 1;
        self.seconds.entry((delivery.flow, kind)).or_insert_with(|| Histogram::by(SECONDS)).add_time(delivery.took);
        if delivery.tries == 1 {
            self.lag.entry((delivery.flow, kind)).or_insert_with(|| Histogram::by(WAITS)).add_time(delivery.waited);
        }
    }

    pub(super) fn tell(&self, text: &mut Text) {
        text.counters("flow_deliveries_total", "Tries to deliver something, by what became of them.", {
            let tries = self.tries.iter();
            tries.map(|((flow, kind, fate), count)| (vec![("flow", *flow), ("kind", *kind), ("fate", *fate)], *count))
        });
        text.histograms("flow_delivery_seconds", "How long tries to deliver took.", {
            self.seconds.iter().map(|((flow, kind), took)| (vec![("flow", *flow), ("kind", *kind)], took))
        });
        text.histograms(
            "flow_delivery_lag_seconds",
            "From the beginning of a turn to the first try to deliver what it has decided.",
            self.lag.iter().map(|((flow, kind), lag)| (vec![("flow", *flow), ("kind", *kind)], lag)),
        );
    }
}
