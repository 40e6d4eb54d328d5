//! Random declarations: a right one, and then a few changes, each of which may break it.

mod nested;
mod parts;
mod shape;

use proptest::{
    collection::vec,
    option::of,
    prelude::{Just, any},
    prop_oneof,
    sample::{Index, select, subsequence},
    strategy::Strategy,
};

use self::{
    nested::Nested,
    parts::{alike, choice, effect, given, held, incoming, path, reminder, signal, way, whither, word},
    shape::Shape,
};
use super::declaration::{Carried, Choice, Declaration, Item, State, Target, Word};

const NAMES: [&str; 6] = ["Begin", "Name", "Size", "Round", "Left", "Done"];
/// Some with each other, some with what the derive makes of others.
const COLLIDING: [&str; 17] = [
    "AskName",
    "AskURL",
    "AskUrl",
    "OnHelp",
    "NameOnPaid",
    "DeliverRing",
    "ToName",
    "NameChoice",
    "NameReminder",
    "ChatSignal",
    "ChatEffect",
    "ChatEnd",
    "NameBegin",
    "NameCorrected",
    "NameCorrection",
    "NameDone",
    "OnInput",
];
const FIELDS: [(&str, &str); 3] = [("name", "String"), ("size", "u8"), ("day", "Day")];
const TIMES: [&str; 4] = ["30s", "1h", "60m", "7d"];

/// Of two to nine states, with up to five changes.
pub(super) fn declaration() -> impl Strategy<Value = Declaration> {
    let colliding = prop_oneof![2 => Just(vec![]), 1 => subsequence(&COLLIDING[..], 1..=4)];
    let names = (subsequence(&NAMES[..], 2..=5), colliding).prop_map(|(names, colliding)| [names, colliding].concat());
    let shape = prop_oneof![
        6 => select(&[Shape::Chain, Shape::Chain, Shape::Fork, Shape::Fork, Shape::Aside, Shape::Room, Shape::Ring][..]),
        4 => select(&[Shape::Review, Shape::Review, Shape::Inside][..]),
    ];
    (names.prop_shuffle(), shape, any::<bool>(), vec(change(), 0..=5)).prop_map(|(names, shape, holds, changes)| {
        let mut declaration = shape.right(&names, holds);
        for change in changes {
            change.apply(&mut declaration);
        }
        declaration
    })
}

/// Those that are there before any change.
pub(super) fn right_ones() -> impl Iterator<Item = Declaration> {
    let sizes = Shape::ALL.into_iter().flat_map(|shape| (2..=NAMES.len()).map(move |size| (shape, size)));
    sizes.flat_map(|(shape, size)| [false, true].map(|holds_fields| shape.right(&NAMES[..size], holds_fields)))
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
    AlsoTo(Index, Whither),
    Effects(Vec<Carried>),
    /// Two states take a signal each.
    Signals(Index, Carried, Index, Carried),
    /// The state is reminded twice, and may take a signal besides.
    Reminders(Index, [Item; 2], Option<Carried>),
    /// What can be chosen counts anywhere too, or is declared where something cannot be read.
    Heard(Index, Choice, &'static str, bool),
    /// The same is chosen by a label and by a name.
    Alike(Index, [Choice; 2]),
    /// What is said on entering `Name` is gone, or stands in what cannot be read.
    Unsaid(bool),
    /// A path comes before one of its targets; before those of time and tries if it has any.
    Path(Index, Index, &'static str),
    /// A path comes before the target of a word that counts anywhere.
    WordPath(Index, &'static str),
    Take(Index, Index),
    Fields(Index, Vec<(&'static str, &'static str)>),
    Nested(Nested),
}

#[derive(Clone, Debug)]
enum Way {
    Only,
    After(&'static str),
    Tries(&'static str),
}

#[derive(Clone, Debug)]
enum Whither {
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
        12 => (index(), way(), index()).prop_map(|(state, way, target)| Change::Lead(state, way, target)),
        2 => (index(), select(&TIMES[..]), index()).prop_map(|(state, time, target)| Change::Wait(state, time, target)),
        4 => (index(), index()).prop_map(|(one, other)| Change::Circle(one, other)),
        6 => (index(), whither()).prop_map(|(state, target)| Change::AlsoTo(state, target)),
        6 => (index(), index()).prop_map(|(state, item)| Change::Take(state, item)),
        8 => (index(), incoming()).prop_map(|(state, item)| Change::Give(state, item)),
        3 => vec(effect(), 1..=2).prop_map(Change::Effects),
        2 => (index(), signal(), index(), signal())
            .prop_map(|(one, first, other, second)| Change::Signals(one, first, other, second)),
        3 => (index(), [reminder(), reminder()], of(signal()))
            .prop_map(|(state, both, signal)| Change::Reminders(state, both, signal)),
        3 => (index(), choice(), select(&["stop", "Yes", "not now"][..]), any::<bool>())
            .prop_map(|(state, choice, word, is_faulty)| Change::Heard(state, choice, word, is_faulty)),
        1 => (index(), alike().prop_shuffle()).prop_map(|(state, both)| Change::Alike(state, both)),
        4 => any::<bool>().prop_map(Change::Unsaid),
        14 => (index(), index(), path()).prop_map(|(state, item, path)| Change::Path(state, item, path)),
        4 => (index(), path()).prop_map(|(word, path)| Change::WordPath(word, path)),
        50 => nested::change().prop_map(Change::Nested),
        4 => (index(), held()).prop_map(|(state, fields)| Change::Fields(state, fields)),
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
                declaration.words.push(Word::To(said, target.into()));
            }
            Self::Give(state, item) => give(&mut states[state.index(names.len())], item),
            Self::Lead(state, way, target) => {
                let target = Target::from(*target.get(&names));
                let item = match way {
                    Way::Only => Item::To(vec![target]),
                    Way::After(time) => Item::After(time, target),
                    Way::Tries(count) => Item::Tries(count, target),
                };
                give(&mut states[state.index(names.len())], item);
            }
            Self::Circle(one, other) => {
                let (one, other) = (one.index(names.len()), other.index(names.len()));
                give(&mut states[one], Item::To(vec![names[other].into()]));
                give(&mut states[other], Item::To(vec![names[one].into()]));
            }
            Self::Wait(state, time, target) => {
                let target = *target.get(&names);
                let items = &mut states[state.index(names.len())].items;
                items.retain(|item| !matches!(item, Item::To(_)));
                items.push(Item::After(time, target.into()));
            }
            Self::AlsoTo(state, target) => {
                let target = match target {
                    Whither::State(index) => Target::from(*index.get(&names)),
                    Whither::Misspelt(name) => name.into(),
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
            Self::Effects(effects) => declaration.effects = effects,
            Self::Signals(one, first, other, second) => {
                give(&mut states[one.index(names.len())], Item::Signals(vec![first]));
                give(&mut states[other.index(names.len())], Item::Signals(vec![second]));
            }
            Self::Reminders(state, both, signal) => {
                let state = &mut states[state.index(names.len())];
                if let Some(signal) = signal {
                    give(state, Item::Signals(vec![signal]));
                }
                for reminder in both {
                    give(state, reminder);
                }
            }
            Self::Heard(state, choice, word, is_faulty) => {
                let state = &mut states[state.index(names.len())];
                give(state, Item::Choices(vec![choice]));
                if is_faulty {
                    give(state, Item::Plain("tires"));
                }
                declaration.words.push(Word::To(word, names[names.len() - 1].into()));
            }
            Self::Alike(state, both) => give(&mut states[state.index(names.len())], Item::Choices(both.to_vec())),
            Self::Unsaid(is_faulty) => {
                let Some(state) = states.iter_mut().find(|state| state.name == "Name") else { return };
                state.items.retain(|item| !["ask", "say", "silent"].contains(&item.word()));
                if is_faulty {
                    give(state, Item::Plain("tires"));
                }
            }
            Self::Path(state, item, path) => {
                let items = &mut states[state.index(names.len())].items;
                let is_alone = items.iter().all(|item| !matches!(item, Item::After(..) | Item::Tries(..)));
                let items = items.iter_mut().filter(|item| is_alone || !matches!(item, Item::To(_)));
                let mut targets: Vec<_> = items.flat_map(targets).collect();
                if !targets.is_empty() {
                    let place = item.index(targets.len());
                    targets[place].path = Some(path);
                }
            }
            Self::WordPath(word, path) => {
                let mut targets: Vec<_> = declaration.words.iter_mut().filter_map(led).collect();
                if !targets.is_empty() {
                    let place = word.index(targets.len());
                    targets[place].path = Some(path);
                }
            }
            Self::Nested(change) => change.apply(declaration),
            Self::Fields(state, fields) => states[state.index(names.len())].fields = fields,
        }
    }
}

fn targets(item: &mut Item) -> Vec<&mut Target> {
    match item {
        Item::To(targets) => targets.iter_mut().collect(),
        Item::After(_, target) | Item::Tries(_, target) => vec![target],
        _ => Vec::new(),
    }
}

fn led(word: &mut Word) -> Option<&mut Target> {
    if let Word::To(_, target) | Word::Aside(_, target) = word { Some(target) } else { None }
}

/// No word twice, save `after` and `remind`.
fn give(state: &mut State, item: Item) {
    if !["after", "remind"].contains(&item.word()) {
        state.items.retain(|other| other.word() != item.word());
    }
    state.items.push(item);
}
