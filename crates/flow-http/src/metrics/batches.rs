//! What is archived: [`Batches`].

use std::collections::BTreeMap;

use flow_core::engine::BatchEnded;

use super::{
    Name,
    histogram::{COUNTS, Histogram, SECONDS, WAITS},
    text::Text,
};

#[derive(Clone, Default)]
pub(super) struct Batches {
    /// By flow, and whether they were archived.
    results: BTreeMap<(Name, Name), u64>,
    /// By flow.
    sessions: BTreeMap<Name, Histogram>,
    lag: BTreeMap<Name, Histogram>,
    seconds: BTreeMap<Name, Histogram>,
}

impl Batches {
    /// Tells a zero of what this flow has not had yet.
    pub(super) fn expect(&mut self, flow: Name) {
        for result in ["ok", "failed"] {
            self.results.entry((flow, result)).or_default();
        }
        self.lag.entry(flow).or_insert_with(|| Histogram::by(WAITS));
    }

    pub(super) fn hear(&mut self, batch: &BatchEnded<'_>) {
        let result = if batch.error.is_none() { "ok" } else { "failed" };
        *self.results.entry((batch.flow, result)).or_default() += 1;
        self.sessions.entry(batch.flow).or_insert_with(|| Histogram::by(COUNTS)).add_count(batch.sessions);
        self.lag.entry(batch.flow).or_insert_with(|| Histogram::by(WAITS)).add_time(batch.lag);
        self.seconds.entry(batch.flow).or_insert_with(|| Histogram::by(SECONDS)).add_time(batch.took);
    }

    pub(super) fn tell(&self, text: &mut Text) {
        text.counters("flow_archive_batches_total", "Batches that were given to the archive, by what came of them.", {
            let results = self.results.iter();
            results.map(|((flow, result), count)| (vec![("flow", *flow), ("result", *result)], *count))
        });
        for (name, help, histograms) in [
            ("flow_archive_batch_sessions", "How many sessions a batch had.", &self.sessions),
            (
                "flow_archive_lag_seconds",
                "How long overdue the session of a batch was that had waited the longest.",
                &self.lag,
            ),
            ("flow_archive_batch_seconds", "How long a batch took.", &self.seconds),
        ] {
            text.histograms(name, help, histograms.iter().map(|(flow, values)| (vec![("flow", *flow)], values)));
        }
    }
}
