//! What random declarations begin with: right ones, of several shapes.

use super::FIELDS;
use crate::flow::tests::verdict::declaration::{Correct, Declaration, Item, Link, State, Target, Word};

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Shape {
    /// Each leads to the next.
    Chain,
    /// The first leads to all others, and they to the last.
    Fork,
    /// Each leads to the next, save that a word leads to the last.
    Aside,
    /// The first leads to all others, of which those before the last lead to each other for ever.
    Room,
    /// Each leads to the next, and the last to the first, for ever.
    Ring,
    /// Each leads to the next with a field more, and all of them can be corrected: in the last but one, or by the flow.
    Review,
    /// The first leads to all others, which run flows, and they to the last; a link leads there, and a word aside.
    Inside,
}

impl Shape {
    pub(super) const ALL: [Self; 7] =
        [Self::Chain, Self::Fork, Self::Aside, Self::Room, Self::Ring, Self::Review, Self::Inside];
}

impl Shape {
    /// A declaration without a mistake, if no names collide.
    pub(super) fn right(self, names: &[&'static str], holds_fields: bool) -> Declaration {
        let last = names.len() - 1;
        let states = names.iter().enumerate().map(|(index, name)| {
            let fields = match self {
                Self::Aside | Self::Review if index == last => Vec::new(),
                Self::Review => FIELDS[..index.min(FIELDS.len())].to_vec(),
                Self::Inside => Vec::new(),
                _ if holds_fields => FIELDS[..index.min(FIELDS.len())].to_vec(),
                _ => Vec::new(),
            };
            let next = match self {
                // That one is reached by the link.
                Self::Inside if index == 0 && last > 1 && holds_fields => names[2..].to_vec(),
                Self::Fork | Self::Room | Self::Inside if index == 0 => names[1..].to_vec(),
                Self::Fork | Self::Inside if index < last => vec![names[last]],
                Self::Room if index < last => vec![names[if index + 1 < last { index + 1 } else { 1 }]],
                Self::Aside if index + 1 == last && index > 0 => Vec::new(),
                Self::Chain | Self::Aside | Self::Ring | Self::Review if index < last => vec![names[index + 1]],
                Self::Ring => vec![names[0]],
                _ => Vec::new(),
            };
            let mut items = if next.is_empty() {
                vec![Item::Plain("end")]
            } else {
                vec![Item::To(next.into_iter().map(Target::from).collect()), Item::Ask("Well?")]
            };
            if index == 0 {
                items.push(Item::Plain("start"));
            } else if index < last && items.len() > 1 {
                items.push(Item::Plain("handled"));
            }
            let is_round = matches!((self, index), (Self::Room, 1) if last > 1) || self == Self::Ring && index == last;
            if is_round {
                items.push(Item::Plain("endless"));
            }
            if self == Self::Inside && index > 0 && index < last {
                items.retain(|item| matches!(item, Item::To(_)));
                items.push(Item::Of("run", "Address"));
                items.extend((index == 1 && holds_fields).then_some(Item::Plain("begin")));
            }
            if self == Self::Review && index > 0 && index + 1 == last && !holds_fields {
                items.push(Item::Corrects(corrections(index)));
            }
            State { name, fields, items }
        });
        let states = states.collect();
        let words = match self {
            Self::Aside => vec![Word::To("stop", names[last].into())],
            Self::Inside => vec![Word::Aside("stop", names[last].into())],
            _ => Vec::new(),
        };
        let opens = if self == Self::Inside { vec![Link { payload: "book", target: names[1].into() }] } else { vec![] };
        let is_corrected_by_word = self == Self::Review && holds_fields;
        let corrects = if is_corrected_by_word { corrections(last - 1) } else { vec![] };
        Declaration { words, corrects, opens, states, ..Declaration::default() }
    }
}

/// Of the fields that are held after so many states; the second is asked again after the first.
fn corrections(count: usize) -> Vec<Correct> {
    let held = FIELDS.iter().take(count);
    let mut corrections: Vec<_> = held.map(|(field, _)| Correct::from(*field)).collect();
    if let [first, second, ..] = &mut corrections[..] {
        first.dependents.push(second.field);
    }
    corrections
}
