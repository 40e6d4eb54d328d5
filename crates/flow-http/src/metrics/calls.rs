//! Calls to the store and the archive, and what they write: [`Calls`].

use std::collections::BTreeMap;

use flow_core::engine::{CallEnded, Verb};

use super::{
    Name,
    histogram::{BYTES, Histogram, SECONDS},
    text::Text,
};

#[derive(Clone, Default)]
pub(super) struct Calls {
    /// By flow, verb and what came of it.
    seconds: BTreeMap<(Name, Name, Name), Histogram>,
    /// Of records, by flow.
    bytes: BTreeMap<Name, Histogram>,
}

impl Calls {
    pub(super) fn hear(&mut self, call: &CallEnded<'_>) {
        let result = match call.error {
            None => "ok",
            Some(error) if error.is_outage() => "away",
            Some(_) => "failed",
        };
        let seconds =
            self.seconds.entry((call.flow, call.verb.as_str(), result)).or_insert_with(|| Histogram::by(SECONDS));
        seconds.add_time(call.took);
        if let (Verb::Commit, Some(bytes), None) = (call.verb, call.bytes, call.error) {
            self.bytes.entry(call.flow).or_insert_with(|| Histogram::by(BYTES)).add_count(bytes);
        }
    }

    pub(super) fn tell(&self, text: &mut Text) {
        text.histograms(
            "flow_call_seconds",
            "How long calls to the store and the archive took, by what came of them.",
            self.seconds.iter().map(|((flow, call, result), took)| {
                (vec![("flow", *flow), ("call", *call), ("result", *result)], took)
            }),
        );
        text.histograms("flow_record_bytes", "How large the records were that were written.", {
            self.bytes.iter().map(|(flow, bytes)| (vec![("flow", *flow)], bytes))
        });
    }
}
