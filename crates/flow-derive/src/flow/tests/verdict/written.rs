//! A declaration as text.

use std::collections::HashMap;

use super::declaration::{Carried, Correct, Declaration, Item, Part, Place, State, Target, Whose, Word};

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

    fn target(&mut self, path: Place, name: Place, target: Target) -> &mut Self {
        if let Some(before) = target.path {
            self.at(path, before).put("::");
        }
        self.at(name, target.name)
    }

    fn flow(&mut self, declaration: &Declaration) {
        if declaration.is_faulty {
            self.put("#[flow(").at(Place::Faulty, "verison").put(" = 2)] ");
        }
        if !declaration.words.is_empty() {
            self.put("#[flow(anywhere(");
            for (index, word) in declaration.words.iter().enumerate() {
                let place = Place::Word(index);
                match word {
                    Word::To(said, target) => {
                        self.at(place, &quoted(said)).put(" => ");
                        self.target(Place::WordPath(index), Place::WordTarget(index), *target)
                    }
                    Word::Aside(said, target) => {
                        self.at(Place::Aside(index), "aside").put("(").at(place, &quoted(said)).put(" => ");
                        self.target(Place::WordPath(index), Place::WordTarget(index), *target).put(")")
                    }
                    Word::Back | Word::Help => self.at(place, word.text()),
                };
                self.put(", ");
            }
            self.put("))] ");
        }
        if !declaration.effects.is_empty() {
            self.put("#[flow(effects").carried(&declaration.effects, Place::Effect).put(")] ");
        }
        if !declaration.corrects.is_empty() {
            self.put("#[flow(corrects").corrects(&declaration.corrects, Whose::Flow).put(")] ");
        }
        if !declaration.opens.is_empty() {
            self.put("#[flow(opens(");
            for (index, link) in declaration.opens.iter().enumerate() {
                self.at(Place::Link(index), &quoted(link.payload)).put(" => ");
                self.target(Place::LinkPath(index), Place::LinkTarget(index), link.target).put(", ");
            }
            self.put("))] ");
        }
    }

    fn corrects(&mut self, all: &[Correct], whose: Whose) -> &mut Self {
        self.put("(");
        for (index, Correct { field, words, asked_in, dependents }) in all.iter().enumerate() {
            let place = |part| Place::Correct(whose, index, part);
            self.at(place(Part::Field), field);
            if !words.is_empty() {
                self.list(words.iter().map(|word| quoted(word)), |word| place(Part::Word(word)));
            }
            if let Some(target) = asked_in {
                self.put(" = ").target(place(Part::Path), place(Part::Asking), *target);
            }
            let dependent = |index| place(Part::Dependent(index));
            match dependents[..] {
                [] => {}
                [one] => {
                    self.put(" => ").at(dependent(0), one);
                }
                _ => {
                    self.put(" => ").list(dependents.iter().map(|field| (*field).to_owned()), dependent);
                }
            }
            self.put(", ");
        }
        self.put(")")
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
        let path = |value| Place::Path(state, item_index, value);
        match item {
            Item::Plain(_) => self,
            Item::Of(_, kind) => self.put(" = ").at(place(0), kind),
            Item::Ask(text) | Item::Say(text) => self.put(" = ").at(place(0), &quoted(text)),
            Item::After(time, target) => {
                self.put("(").at(place(0), &quoted(time)).put(", ").target(path(1), place(1), *target).put(")")
            }
            Item::Tries(count, target) => {
                self.put("(").at(place(0), count).put(", ").target(path(1), place(1), *target).put(")")
            }
            Item::To(names) => {
                self.put("(");
                for (index, name) in names.iter().enumerate() {
                    self.target(path(index), place(index), *name).put(", ");
                }
                self.put(")")
            }
            Item::Alias(names) => self.list(names.iter().map(|name| quoted(name)), place),
            Item::Without(words) => self.list(words.iter().map(|word| said(word)), place),
            Item::Choices(choices) => {
                self.put("(");
                for (index, choice) in choices.iter().enumerate() {
                    self.at(place(index), choice.name);
                    if !choice.words.is_empty() {
                        let words = choice.words.iter().map(|word| quoted(word));
                        self.list(words, |word| Place::ChoiceWord(state, item_index, index, word));
                    }
                    self.put(", ");
                }
                self.put(")")
            }
            Item::Corrects(all) => self.corrects(all, Whose::State(state, item_index)),
            Item::Signals(signals) => self.carried(signals, place),
            Item::Remind(time, name, stored) => {
                self.put("(");
                if let Some(time) = time {
                    self.at(place(0), &quoted(time)).put(", ");
                }
                self.at(place(1), name).stored(*stored).put(")")
            }
        };
    }

    fn carried(&mut self, all: &[Carried], place: impl Fn(usize) -> Place) -> &mut Self {
        self.put("(");
        for (index, Carried { name, kind, stored }) in all.iter().enumerate() {
            self.at(place(index), name);
            if let Some(kind) = kind {
                self.put(&format!("({kind})"));
            }
            self.stored(*stored).put(", ");
        }
        self.put(")")
    }

    fn stored(&mut self, name: Option<&str>) -> &mut Self {
        match name {
            Some(name) => self.put(&format!(" = {name:?}")),
            None => self,
        }
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
