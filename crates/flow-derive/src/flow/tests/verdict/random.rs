//! Random declarations: a right one, and then a few changes, each of which may break it.

use proptest::{
    collection::vec,
    prelude::{Just, any},
    prop_oneof,
    sample::{Index, select, subsequence},
    strategy::Strategy,
};

use super::declaration::{Declaration, Item, State, Word};

const NAMES: [&str; 6] = ["Begin", "Name", "Size", "Round", "Left", "Done"];
const COLLIDING: [&str; 4] = ["AskName", "AskURL", "AskUrl", "OnHelp"];
const FIELDS: [(&str, &str); 3] = [("name", "String"), ("size", "u8"), ("day", "Day")];
const TIMES: [&str; 4] = ["30s", "1h", "60m", "7d"];
const NO_TIMES: [&str; 5] = ["24", "0s", "soon", "1h30m", "99999999999d"];
const ALIASES: [&str; 11] =
    ["OLD", "OLD_NAME", "OLD", "OLD_NAME", "Old", "OldName", "old-name", "DONE", "Done", "BEGIN", "AskURL"];

/// Of two to six states, with up to four changes.
pub(super) fn declaration() -> impl Strategy<Value = Declaration> {
    let colliding = prop_oneof![7 => Just(vec![]), 1 => subsequence(&COLLIDING[..], 1..=2)];
    let names = (subsequence(&NAMES[..], 2..=5), colliding).prop_map(|(names, colliding)| [names, colliding].concat());
    let shapes = [Shape::Chain, Shape::Chain, Shape::Fork, Shape::Fork, Shape::Aside, Shape::Room, Shape::Ring];
    let shape = select(shapes.to_vec());
    (names.prop_shuffle(), shape, any::<bool>(), vec(change(), 0..=4)).prop_map(|(names, shape, holds, changes)| {
        let mut declaration = shape.right(&names, holds);
        for change in changes {
            change.apply(&mut declaration);
        }
        declaration
    })
}

/// Those that are there before any change.
pub(super) fn right_ones() -> impl Iterator<Item = Declaration> {
    let shapes = [Shape::Chain, Shape::Fork, Shape::Aside, Shape::Room, Shape::Ring].into_iter();
    let sizes = shapes.flat_map(|shape| (2..=NAMES.len()).map(move |size| (shape, size)));
    sizes.flat_map(|(shape, size)| [false, true].map(|holds_fields| shape.right(&NAMES[..size], holds_fields)))
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Shape {
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
}

impl Shape {
    /// A declaration without a mistake, if no names collide.
    fn right(self, names: &[&'static str], holds_fields: bool) -> Declaration {
        let last = names.len() - 1;
        let states = names.iter().enumerate().map(|(index, name)| {
            let fields = match self {
                Self::Aside if index == last => Vec::new(),
                _ if holds_fields => FIELDS[..index.min(FIELDS.len())].to_vec(),
                _ => Vec::new(),
            };
            let next = match self {
                Self::Fork | Self::Room if index == 0 => names[1..].to_vec(),
                Self::Fork if index < last => vec![names[last]],
                Self::Room if index < last => vec![names[if index + 1 < last { index + 1 } else { 1 }]],
                Self::Aside if index + 1 == last && index > 0 => Vec::new(),
                Self::Chain | Self::Aside | Self::Ring if index < last => vec![names[index + 1]],
                Self::Ring => vec![names[0]],
                _ => Vec::new(),
            };
            let mut items =
                if next.is_empty() { vec![Item::Plain("end")] } else { vec![Item::To(next), Item::Ask("Well?")] };
            if index == 0 {
                items.push(Item::Plain("start"));
            } else if index < last && items.len() > 1 {
                items.push(Item::Plain("handled"));
            }
            let is_round = matches!((self, index), (Self::Room, 1) if last > 1) || self == Self::Ring && index == last;
            if is_round {
                items.push(Item::Plain("endless"));
            }
            State { name, fields, items }
        });
        let words = if self == Self::Aside { vec![Word::To("stop", names[last])] } else { Vec::new() };
        Declaration { is_faulty: false, words, states: states.collect() }
    }
}

#[derive(Clone, Debug)]
enum Change {
    /// The enum's attribute gets a word that does not exist.
    Faulty,
    Word(Word),
    /// The target is that of this state.
    WordTo(&'static str, Index),
    /// The state gets this item, in place of one that has the same word.
    Give(Index, Item),
    /// The same, with a target that is a state.
    Lead(Index, Way, Index),
    /// Each of the two leads to the other alone.
    Circle(Index, Index),
    /// It leads there by time alone.
    Wait(Index, &'static str, Index),
    /// It also leads there.
    AlsoTo(Index, Target),
    Take(Index, Index),
    Fields(Index, Vec<(&'static str, &'static str)>),
}

#[derive(Clone, Debug)]
enum Way {
    Only,
    After(&'static str),
    Tries(&'static str),
}

#[derive(Clone, Debug)]
enum Target {
    State(Index),
    Misspelt(&'static str),
}

fn change() -> impl Strategy<Value = Change> {
    let index = any::<Index>;
    prop_oneof![
        1 => Just(Change::Faulty),
        3 => word().prop_map(Change::Word),
        6 => (select(&["stop", "stop", "Stop", "go", " go", "", "help"][..]), index())
            .prop_map(|(said, target)| Change::WordTo(said, target)),
        16 => (index(), given()).prop_map(|(state, item)| Change::Give(state, item)),
        8 => (index(), way(), index()).prop_map(|(state, way, target)| Change::Lead(state, way, target)),
        2 => (index(), select(&TIMES[..]), index()).prop_map(|(state, time, target)| Change::Wait(state, time, target)),
        4 => (index(), index()).prop_map(|(one, other)| Change::Circle(one, other)),
        6 => (index(), target()).prop_map(|(state, target)| Change::AlsoTo(state, target)),
        6 => (index(), index()).prop_map(|(state, item)| Change::Take(state, item)),
        4 => (index(), held()).prop_map(|(state, fields)| Change::Fields(state, fields)),
    ]
}

fn word() -> impl Strategy<Value = Word> {
    prop_oneof![Just(Word::Back), Just(Word::Help), Just(Word::To("stop", "Dnoe"))]
}

fn target() -> impl Strategy<Value = Target> {
    prop_oneof![2 => any::<Index>().prop_map(Target::State), 1 => select(&["Dnoe", "Dnoe", "Lfet", "Nmae", "Pizza"][..]).prop_map(Target::Misspelt)]
}

fn way() -> impl Strategy<Value = Way> {
    prop_oneof![
        3 => Just(Way::Only),
        3 => prop_oneof![2 => select(&TIMES[..]), 1 => select(&NO_TIMES[..])].prop_map(Way::After),
        2 => select(&["1", "3", "0", "4294967296"][..]).prop_map(Way::Tries),
    ]
}

fn given() -> impl Strategy<Value = Item> {
    let plain = [
        "start",
        "end",
        "endless",
        "endless",
        "silent",
        "answer",
        "answer",
        "handled",
        "handled",
        "checkpoint",
        "tires",
    ];
    let prompts = ["Well?", "{name}?", "{name} {name}", "{0}!", "{{name}}", "{name}, {szie}", "{name", "{name:?}"];
    prop_oneof![
        8 => select(plain.to_vec()).prop_map(Item::Plain),
        2 => select(prompts.to_vec()).prop_map(Item::Ask),
        3 => select(prompts.to_vec()).prop_map(Item::Say),
        1 => Just(Item::After("1h", "Dnoe")),
        1 => Just(Item::Tries("3", "Pizza")),
        2 => vec(prop_oneof![9 => select(&ALIASES[..]), 1 => select(&["", " "][..])], 1..=2).prop_map(Item::Alias),
        3 => vec(select(&["stop", "stop", "Stop", "go", "back", "help"][..]), 1..=2).prop_map(Item::Without),
    ]
}

fn held() -> impl Strategy<Value = Vec<(&'static str, &'static str)>> {
    prop_oneof![
        4 => subsequence(&FIELDS[..], 0..=3),
        1 => Just(vec![("0", "String")]),
        1 => Just(vec![("name", "u8")]),
    ]
}

impl Change {
    fn apply(self, declaration: &mut Declaration) {
        let names: Vec<_> = declaration.states.iter().map(|state| state.name).collect();
        let states = &mut declaration.states;
        match self {
            Self::Faulty => declaration.is_faulty = true,
            Self::Word(word) => declaration.words.push(word),
            Self::WordTo(said, target) => {
                let target = *target.get(&names);
                declaration.words.push(Word::To(said, target));
            }
            Self::Give(state, item) => give(&mut states[state.index(names.len())], item),
            Self::Lead(state, way, target) => {
                let target = *target.get(&names);
                let item = match way {
                    Way::Only => Item::To(vec![target]),
                    Way::After(time) => Item::After(time, target),
                    Way::Tries(count) => Item::Tries(count, target),
                };
                give(&mut states[state.index(names.len())], item);
            }
            Self::Circle(one, other) => {
                let (one, other) = (one.index(names.len()), other.index(names.len()));
                give(&mut states[one], Item::To(vec![names[other]]));
                give(&mut states[other], Item::To(vec![names[one]]));
            }
            Self::Wait(state, time, target) => {
                let target = *target.get(&names);
                let items = &mut states[state.index(names.len())].items;
                items.retain(|item| !matches!(item, Item::To(_)));
                items.push(Item::After(time, target));
            }
            Self::AlsoTo(state, target) => {
                let target = match target {
                    Target::State(index) => *index.get(&names),
                    Target::Misspelt(name) => name,
                };
                let state = &mut states[state.index(names.len())];
                let to =
                    state.items.iter_mut().find_map(|item| if let Item::To(names) = item { Some(names) } else { None });
                match to {
                    Some(to) => to.push(target),
                    None => state.items.push(Item::To(vec![target])),
                }
            }
            Self::Take(state, item) => {
                let items = &mut states[state.index(names.len())].items;
                if !items.is_empty() {
                    items.remove(item.index(items.len()));
                }
            }
            Self::Fields(state, fields) => states[state.index(names.len())].fields = fields,
        }
    }
}

/// No word twice, save `after`.
fn give(state: &mut State, item: Item) {
    if item.word() != "after" {
        state.items.retain(|other| other.word() != item.word());
    }
    state.items.push(item);
}
