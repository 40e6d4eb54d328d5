//! A declaration as plain text, with the places of its tokens: [`Declaration`].

use std::collections::HashMap;

/// A flow, right or wrong. Names are as they are written.
#[derive(Clone, Debug, Default)]
pub(super) struct Declaration {
    /// Whether the enum's attribute has a word that does not exist.
    pub(super) is_faulty: bool,
    pub(super) words: Vec<Word>,
    pub(super) states: Vec<State>,
}

/// An entry of `anywhere(…)`.
#[derive(Clone, Debug)]
pub(super) enum Word {
    To(&'static str, &'static str),
    Back,
    Help,
}

#[derive(Clone, Debug)]
pub(super) struct State {
    pub(super) name: &'static str,
    /// The name and the type of each.
    pub(super) fields: Vec<(&'static str, &'static str)>,
    /// The items of its attribute, each word once, save `after`.
    pub(super) items: Vec<Item>,
}

/// An item of `#[state(…)]`.
#[derive(Clone, Debug)]
pub(super) enum Item {
    /// A word alone, as `start`; also one that does not exist.
    Plain(&'static str),
    Ask(&'static str),
    Say(&'static str),
    To(Vec<&'static str>),
    After(&'static str, &'static str),
    Tries(&'static str, &'static str),
    Alias(Vec<&'static str>),
    Without(Vec<&'static str>),
}

/// A token to which a mistake is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Place {
    Enum,
    /// In the enum's attribute, the word that does not exist.
    Faulty,
    /// The word of this entry, and where it leads.
    Word(usize),
    WordTarget(usize),
    State(usize),
    /// In this state and item, the word itself, or one of what follows it.
    Item(usize, usize),
    Value(usize, usize, usize),
}

impl Item {
    pub(super) fn word(&self) -> &'static str {
        match self {
            Self::Plain(word) => word,
            Self::Ask(_) => "ask",
            Self::Say(_) => "say",
            Self::To(_) => "to",
            Self::After(..) => "after",
            Self::Tries(..) => "tries",
            Self::Alias(_) => "alias",
            Self::Without(_) => "without",
        }
    }
}

impl Word {
    pub(super) fn text(&self) -> &'static str {
        match self {
            Self::To(word, _) => word,
            Self::Back => "back",
            Self::Help => "help",
        }
    }
}

/// The declaration on one line, and the place at each column where a token begins.
pub(super) fn written(declaration: &Declaration) -> (String, HashMap<usize, Place>) {
    let mut page = Page::default();
    page.flow(declaration);
    page.put("enum ").at(Place::Enum, "Chat").put(" { ");
    for (index, state) in declaration.states.iter().enumerate() {
        page.state(index, state);
    }
    page.put("}");
    (page.text, page.places)
}

#[derive(Default)]
struct Page {
    text: String,
    places: HashMap<usize, Place>,
}

impl Page {
    fn put(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    fn at(&mut self, place: Place, token: &str) -> &mut Self {
        self.places.insert(self.text.chars().count(), place);
        self.put(token)
    }

    fn flow(&mut self, declaration: &Declaration) {
        if declaration.is_faulty {
            self.put("#[flow(").at(Place::Faulty, "verison").put(" = 2)] ");
        }
        if declaration.words.is_empty() {
            return;
        }
        self.put("#[flow(anywhere(");
        for (index, word) in declaration.words.iter().enumerate() {
            match word {
                Word::To(said, target) => {
                    self.at(Place::Word(index), &quoted(said)).put(" => ").at(Place::WordTarget(index), target)
                }
                Word::Back | Word::Help => self.at(Place::Word(index), word.text()),
            };
            self.put(", ");
        }
        self.put("))] ");
    }

    fn state(&mut self, index: usize, state: &State) {
        if !state.items.is_empty() {
            self.put("#[state(");
            for (item_index, item) in state.items.iter().enumerate() {
                self.at(Place::Item(index, item_index), item.word());
                self.values(index, item_index, item);
                self.put(", ");
            }
            self.put(")] ");
        }
        self.at(Place::State(index), state.name);
        match &state.fields[..] {
            [] => &mut *self,
            [("0", kind)] => self.put(&format!("({kind})")),
            fields => {
                let fields = fields.iter().map(|(name, kind)| format!("{name}: {kind}")).collect::<Vec<_>>();
                self.put(&format!(" {{ {} }}", fields.join(", ")))
            }
        };
        self.put(", ");
    }

    fn values(&mut self, state: usize, item_index: usize, item: &Item) {
        let place = |value| Place::Value(state, item_index, value);
        match item {
            Item::Plain(_) => self,
            Item::Ask(text) | Item::Say(text) => self.put(" = ").at(place(0), &quoted(text)),
            Item::After(time, target) => {
                self.put("(").at(place(0), &quoted(time)).put(", ").at(place(1), target).put(")")
            }
            Item::Tries(count, target) => self.put("(").at(place(0), count).put(", ").at(place(1), target).put(")"),
            Item::To(names) => self.list(names.iter().map(|name| (*name).to_owned()), place),
            Item::Alias(names) => self.list(names.iter().map(|name| quoted(name)), place),
            Item::Without(words) => self.list(words.iter().map(|word| said(word)), place),
        };
    }

    fn list(&mut self, tokens: impl Iterator<Item = String>, place: impl Fn(usize) -> Place) -> &mut Self {
        self.put("(");
        for (index, token) in tokens.enumerate() {
            self.at(place(index), &token).put(", ");
        }
        self.put(")")
    }
}

fn quoted(text: &str) -> String {
    format!("{text:?}")
}

/// As an entry of `without(…)` is written.
fn said(word: &str) -> String {
    if matches!(word, "back" | "help") { word.to_owned() } else { quoted(word) }
}
