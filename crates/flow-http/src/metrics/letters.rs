//! Accepted messages that had to wait: [`Letters`].

use std::collections::BTreeMap;

use flow_core::engine::LetterTried;

use super::{
    Name,
    histogram::{COUNTS, Histogram, WAITS},
    text::Text,
};

#[derive(Clone, Default)]
pub(super) struct Letters {
    /// By flow.
    age: BTreeMap<Name, Histogram>,
    depth: BTreeMap<Name, Histogram>,
}

impl Letters {
    /// Tells a zero of what this flow has not had yet.
    pub(super) fn expect(&mut self, flow: Name) {
        self.age.entry(flow).or_insert_with(|| Histogram::by(WAITS));
    }

    pub(super) fn hear(&mut self, letter: &LetterTried) {
        self.age.entry(letter.flow).or_insert_with(|| Histogram::by(WAITS)).add_time(letter.waited);
        if let Some(left) = letter.left {
            self.depth.entry(letter.flow).or_insert_with(|| Histogram::by(COUNTS)).add_count(left);
        }
    }

    pub(super) fn tell(&self, text: &mut Text) {
        text.histograms("flow_inbox_age_seconds", "How long accepted messages had waited when their turns began.", {
            self.age.iter().map(|(flow, age)| (vec![("flow", *flow)], age))
        });
        text.histograms("flow_inbox_depth", "How many messages a session had waiting behind one that was handled.", {
            self.depth.iter().map(|(flow, depth)| (vec![("flow", *flow)], depth))
        });
    }
}
