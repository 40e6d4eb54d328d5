//! Turns, and the conversations that begin and end with them: [`Turns`].

use std::collections::BTreeMap;

use flow_core::{
    Opened,
    engine::{Trigger, TurnEnded, TurnKind},
};

use super::{
    Name,
    histogram::{Histogram, SECONDS},
    text::Text,
};

/// Where what a turn came to is: a durability's name, or that its caller has got an error.
const SAVED: [&str; 5] = ["stored", "in_memory", "nothing", "unknown", "failed"];

#[derive(Clone, Default)]
pub(super) struct Turns {
    /// By flow, trigger and kind.
    kinds: BTreeMap<(Name, Name, Name), u64>,
    /// By flow, and where what they came to is.
    saved: BTreeMap<(Name, Name), u64>,
    seconds: BTreeMap<Name, Histogram>,
    /// By flow, and how they began.
    opened: BTreeMap<(Name, Name), u64>,
    ended: BTreeMap<Name, u64>,
}

impl Turns {
    /// Tells a zero of what this flow has not had yet: a first time is seen only where there was a zero before it.
    pub(super) fn expect(&mut self, flow: Name) {
        for trigger in Trigger::ALL {
            for kind in TurnKind::ALL {
                self.kinds.entry((flow, trigger.as_str(), kind.as_str())).or_default();
            }
        }
        for saved in SAVED {
            self.saved.entry((flow, saved)).or_default();
        }
        self.ended.entry(flow).or_default();
    }

    pub(super) fn hear(&mut self, turn: &TurnEnded<'_>) {
        *self.kinds.entry((turn.flow, turn.trigger.as_str(), turn.kind.as_str())).or_default() += 1;
        let saved = turn.durability.map_or("failed", |durability| durability.as_str());
        *self.saved.entry((turn.flow, saved)).or_default() += 1;
        self.seconds.entry(turn.flow).or_insert_with(|| Histogram::by(SECONDS)).add_time(turn.took);
        if let Some(opened) = turn.opened {
            let how = match opened {
                Opened::First => "first",
                Opened::AfterEnd => "after_end",
                Opened::AfterExpiry => "after_expiry",
                Opened::AfterLoss => "after_loss",
                Opened::AfterDamage => "after_damage",
                _ => "otherwise",
            };
            *self.opened.entry((turn.flow, how)).or_default() += 1;
        }
        if turn.ended {
            *self.ended.entry(turn.flow).or_default() += 1;
        }
    }

    pub(super) fn tell(&self, text: &mut Text) {
        text.counters("flow_turns_total", "Turns, by flow, by what asked for them, and by what became of them.", {
            let kinds = self.kinds.iter();
            kinds.map(|((flow, trigger, kind), count)| {
                (vec![("flow", *flow), ("trigger", *trigger), ("kind", *kind)], *count)
            })
        });
        text.counters(
            "flow_turns_saved_total",
            "Turns, by where what they came to is; failed is an error for the caller.",
            self.saved.iter().map(|((flow, saved), count)| (vec![("flow", *flow), ("saved", *saved)], *count)),
        );
        text.histograms("flow_turn_seconds", "How long turns took.", {
            self.seconds.iter().map(|(flow, took)| (vec![("flow", *flow)], took))
        });
        text.counters("flow_conversations_opened_total", "Conversations that began, by how.", {
            self.opened.iter().map(|((flow, how), count)| (vec![("flow", *flow), ("how", *how)], *count))
        });
        text.counters("flow_conversations_ended_total", "Conversations that came to an end.", {
            self.ended.iter().map(|(flow, count)| (vec![("flow", *flow)], *count))
        });
    }
}
