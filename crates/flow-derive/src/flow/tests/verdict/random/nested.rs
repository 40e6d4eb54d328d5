//! Changes of what is corrected, run, said aside, and opened by links.

use proptest::{
    collection::vec,
    option::weighted,
    prelude::{Just, any},
    prop_oneof,
    sample::{Index, select},
    strategy::Strategy,
};

use super::{
    Whither, give,
    parts::{choice, path, whither},
};
use crate::flow::tests::verdict::declaration::{Choice, Correct, Declaration, Item, Link, Target, Word};

const WORDS: [&str; 12] =
    ["change", "Change", "change", "another", "yes", "stop", " go", "change size", "", " ", "{name}", "{name"];

#[derive(Clone, Debug)]
pub(super) enum Nested {
    /// A state runs this flow, and may ask no longer.
    Run(Index, &'static str, bool),
    Begin(Index),
    /// Two more of a state's corrections, or of the flow's, before or after those that are there.
    Correct(Option<Index>, [(Correct, Option<Whither>); 2], bool),
    /// The corrections are there alone, each with this one asked again after it.
    Circle(Option<Index>, Vec<(&'static str, &'static str)>),
    /// Where most is known, a choice has the word of what is corrected there or in the flow.
    Alike(Option<Index>, Choice, Correct),
    /// Where most is known, only one field is, and that can be corrected.
    Forgotten(Index),
    /// A path comes before the state that asks.
    Path(Index, &'static str),
    /// What they name, and where they lead, perhaps with a path.
    Links(Vec<(&'static str, Whither, Option<&'static str>)>),
    Aside(&'static str, Whither),
    /// It holds what another holds, and leads to where that leads.
    AlsoAsks(Index, Index),
}

pub(super) fn change() -> impl Strategy<Value = Nested> {
    let index = any::<Index>;
    let whose = || weighted(0.5, any::<Index>());
    let flows = ["Address", "Address", "Booking", "Chat", "Self", "Name", "Done", "other::Chat", "home::Name"];
    let fields = || select(&["name", "size", "day"][..]);
    let both = Just(vec![("name", "size"), ("size", "name")]);
    let pairs = prop_oneof![1 => both, 1 => vec((fields(), fields()), 2..=3)];
    let payload = select(&["book", "book", "Book", "jobs", "", " book"][..]);
    let links = vec((payload, whither(), weighted(0.2, path())), 1..=2);
    prop_oneof![
        6 => (index(), select(flows.to_vec()), any::<bool>()).prop_map(|(state, flow, asks)| Nested::Run(state, flow, asks)),
        1 => index().prop_map(Nested::Begin),
        10 => (whose(), [correct(), correct()], any::<bool>())
            .prop_map(|(whose, both, is_first)| Nested::Correct(whose, both, is_first)),
        5 => (whose(), pairs).prop_map(|(whose, pairs)| Nested::Circle(whose, pairs)),
        3 => (whose(), choice(), correct())
            .prop_map(|(whose, choice, (word, _))| Nested::Alike(whose, choice, word)),
        3 => index().prop_map(Nested::Forgotten),
        4 => (index(), path()).prop_map(|(place, path)| Nested::Path(place, path)),
        4 => links.prop_map(Nested::Links),
        3 => (select(&["stop", "Stop", "change", "", " go"][..]), whither())
            .prop_map(|(said, target)| Nested::Aside(said, target)),
        6 => (index(), index()).prop_map(|(one, other)| Nested::AlsoAsks(one, other)),
    ]
}

fn correct() -> impl Strategy<Value = (Correct, Option<Whither>)> {
    let field = || select(&["name", "name", "size", "size", "day", "szie"][..]);
    let words =
        prop_oneof![3 => Just(vec![]), 2 => vec(select(&WORDS[..]), 1..=2), 1 => Just(vec!["Another", "another"])];
    let dependents = prop_oneof![3 => Just(vec![]), 2 => vec(field(), 1), 1 => vec(field(), 2)];
    (field(), words, weighted(0.3, whither()), dependents).prop_map(|(field, words, asked_in, dependents)| {
        (Correct { field, words, asked_in: None, dependents }, asked_in)
    })
}

impl Nested {
    pub(super) fn apply(self, declaration: &mut Declaration) {
        let names: Vec<_> = declaration.states.iter().map(|state| state.name).collect();
        let read = |target: Whither| match target {
            Whither::State(index) => Target::from(*index.get(&names)),
            Whither::Misspelt(name) => name.into(),
        };
        match self {
            Self::Run(state, flow, asks) => {
                let state = &mut declaration.states[state.index(names.len())];
                if !asks {
                    state
                        .items
                        .retain(|item| matches!(item, Item::To(_) | Item::After(..) | Item::Plain("start" | "end")));
                }
                give(state, Item::Of("run", flow));
            }
            Self::Begin(state) => give(&mut declaration.states[state.index(names.len())], Item::Plain("begin")),
            Self::Correct(whose, both, is_first) => {
                let all = corrects(declaration, whose);
                let both = both.map(|(word, asked_in)| Correct { asked_in: asked_in.map(read), ..word });
                let place = if is_first { 0 } else { all.len() };
                all.splice(place..place, both);
            }
            Self::Circle(whose, pairs) => {
                let pairs = pairs.into_iter();
                *corrects(declaration, whose) =
                    pairs.map(|(field, next)| Correct { dependents: vec![next], ..Correct::from(field) }).collect();
            }
            Self::Alike(whose, choice, word) => {
                let said = choice.words.first().unwrap_or(&choice.name);
                let word = Correct { words: vec![said], ..word };
                let state = fullest(declaration);
                give(&mut declaration.states[state], Item::Choices(vec![choice]));
                corrects(declaration, whose).push(word);
            }
            Self::Forgotten(field) => {
                let state = fullest(declaration);
                let state = &mut declaration.states[state];
                // One without a name cannot be corrected.
                let held: Vec<_> = state.fields.iter().copied().filter(|(name, _)| *name != "0").collect();
                if !held.is_empty() {
                    let field = *field.get(&held);
                    state.fields = vec![field];
                    give(state, Item::Corrects(vec![Correct::from(field.0)]));
                }
            }
            Self::Path(place, path) => {
                let of_states = declaration.states.iter_mut().flat_map(|state| &mut state.items);
                let of_states =
                    of_states.filter_map(|item| if let Item::Corrects(all) = item { Some(all) } else { None });
                let mut all: Vec<_> = of_states.flatten().chain(&mut declaration.corrects).collect();
                if !all.is_empty() {
                    let place = place.index(all.len());
                    let asked_in = all[place].asked_in.unwrap_or(names[0].into());
                    all[place].asked_in = Some(Target { path: Some(path), ..asked_in });
                }
            }
            Self::Links(links) => {
                declaration.opens.extend(
                    links
                        .into_iter()
                        .map(|(payload, target, path)| Link { payload, target: Target { path, ..read(target) } }),
                );
            }
            Self::Aside(said, target) => declaration.words.push(Word::Aside(said, read(target))),
            Self::AlsoAsks(one, other) => {
                let (one, other) = (one.index(names.len()), other.index(names.len()));
                declaration.states[one].fields = declaration.states[other].fields.clone();
                let targets = declaration.states[other].items.iter().find(|item| matches!(item, Item::To(_))).cloned();
                if let Some(targets) = targets {
                    give(&mut declaration.states[one], targets);
                }
            }
        }
    }
}

/// The state in which most can be corrected.
fn fullest(declaration: &Declaration) -> usize {
    let states = declaration.states.iter().enumerate();
    let open = states.filter(|(_, state)| state.items.iter().all(|item| !["end", "run"].contains(&item.word())));
    open.max_by_key(|(_, state)| state.fields.len()).map_or(0, |(index, _)| index)
}

/// Those of this state, often of the one where most is known, or of the flow. The list is there then, to be filled.
fn corrects(declaration: &mut Declaration, whose: Option<Index>) -> &mut Vec<Correct> {
    let Some(state) = whose else { return &mut declaration.corrects };
    let place = state.index(2 * declaration.states.len());
    let place = if place < declaration.states.len() { place } else { fullest(declaration) };
    let items = &mut declaration.states[place].items;
    if !items.iter().any(|item| matches!(item, Item::Corrects(_))) {
        items.push(Item::Corrects(Vec::new()));
    }
    let all = items.iter_mut().find_map(|item| if let Item::Corrects(all) = item { Some(all) } else { None });
    all.expect("a list of corrections")
}
