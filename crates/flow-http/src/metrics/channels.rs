//! What comes in and goes out by each channel: [`Channels`].

use std::collections::BTreeMap;

use flow_core::engine::{DeliveryEnded, LaidOut, TurnEnded};

use super::{Name, text::Text};

/// By channel, and what became of it. An engine tells names of its own alone, and `other`.
type ByChannel = BTreeMap<String, BTreeMap<Name, u64>>;

#[derive(Clone, Default)]
pub(super) struct Channels {
    /// By flow.
    came_in: BTreeMap<Name, ByChannel>,
    went_out: BTreeMap<Name, ByChannel>,
}

impl Channels {
    pub(super) fn hear_turn(&mut self, turn: &TurnEnded<'_>) {
        if let Some(channel) = turn.channel {
            add(&mut self.came_in, turn.flow, channel, turn.kind.as_str(), 1);
        }
    }

    pub(super) fn hear_delivery(&mut self, delivery: &DeliveryEnded<'_>) {
        if let Some(channel) = delivery.channel {
            add(&mut self.went_out, delivery.flow, channel, delivery.fate.as_str(), 1);
        }
    }

    pub(super) fn hear_laid_out(&mut self, laid: &LaidOut<'_>) {
        add(&mut self.went_out, laid.flow, laid.channel, "laid_out", laid.replies as u64);
    }

    pub(super) fn tell(&self, text: &mut Text) {
        text.counters(
            "flow_channel_in_total",
            "Messages that came by a channel, by what became of their turns.",
            each(&self.came_in, "kind"),
        );
        text.counters(
            "flow_channel_out_total",
            "Replies that went out by a channel, or were to; laid_out ones wait to be fetched.",
            each(&self.went_out, "fate"),
        );
    }
}

fn add(all: &mut BTreeMap<Name, ByChannel>, flow: Name, channel: &str, kind: Name, count: u64) {
    let channels = all.entry(flow).or_default();
    // Looked up before it is made: a name is copied once, and not at each message.
    if !channels.contains_key(channel) {
        channels.insert(channel.to_owned(), BTreeMap::new());
    }
    if let Some(kinds) = channels.get_mut(channel) {
        *kinds.entry(kind).or_default() += count;
    }
}

fn each(all: &BTreeMap<Name, ByChannel>, label: Name) -> impl Iterator<Item = (Vec<(Name, &str)>, u64)> {
    all.iter().flat_map(move |(flow, channels)| {
        channels.iter().flat_map(move |(channel, kinds)| {
            kinds.iter().map(move |(kind, count)| {
                (vec![("flow", *flow), ("channel", channel.as_str()), (label, *kind)], *count)
            })
        })
    })
}
