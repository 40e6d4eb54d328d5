//! What is wrong with what is corrected.

use std::collections::BTreeSet;

use super::{
    Mistake, Plain,
    incoming::{has_field, is_deaf, label, plain},
    meant,
    reading::{choices, corrects, decides, fields, has, is_faulty, to},
};
use crate::flow::tests::verdict::declaration::{Choice, Correct, Part, Place, State, Whose, Word};

/// An entry of `corrects(…)` that says what a state lets correct, and where it stands.
#[derive(Clone, Copy)]
struct Known<'d> {
    word: &'d Correct,
    whose: Whose,
    index: usize,
}

impl Known<'_> {
    fn at(&self, part: Part) -> Place {
        Place::Correct(self.whose, self.index, part)
    }

    /// What is said to have it corrected, each with its place.
    fn said(&self) -> Vec<(String, Place)> {
        if self.word.words.is_empty() {
            return vec![(format!("change {}", self.word.field), self.at(Part::Field))];
        }
        let words = self.word.words.iter().enumerate();
        words.map(|(index, word)| (plain(word), self.at(Part::Word(index)))).collect()
    }
}

/// Which state asks for a field.
enum Asking<'d> {
    State(&'d State),
    /// The one that is meant by a misspelt name, of which nothing more is told.
    Meant(&'d State),
    /// None, which is told.
    Wrong,
    /// Nobody can say, for a mistake hides it.
    Hidden,
}

impl<'d> Plain<'d> {
    pub(super) fn corrections(&mut self) {
        let of_flow = self.known(&self.declaration.corrects, Whose::Flow);
        let flow: Vec<_> = of_flow.iter().map(|known| (*known, self.asked_for_flow(known))).collect();
        self.dependents(&of_flow, &of_flow.iter().map(|known| known.word.field).collect());
        self.words_of(&of_flow);
        // Of what the flow declares, a mistake is told once, and not for each state.
        let mut told = BTreeSet::new();
        let mut circles = BTreeSet::new();
        for (index, state) in self.declaration.states.iter().enumerate() {
            let Some((item, all)) = corrects(state).or(Some((0, &[]))).filter(|_| decides(state)) else { continue };
            let own = self.known(all, Whose::State(index, item));
            self.words_of(&own);
            let mut here: Vec<_> = own.iter().copied().filter(|known| self.is_asked_for(state, known)).collect();
            // Whether the flow's is one of this state cannot be said where nobody can say who asks.
            let mut names: BTreeSet<_> = own.iter().map(|known| known.word.field).collect();
            for (known, asking) in &flow {
                let is_here = match asking {
                    Asking::State(asking) | Asking::Meant(asking) => can_correct(state, known.word.field, asking),
                    Asking::Wrong | Asking::Hidden => false,
                };
                if is_here || !matches!(asking, Asking::State(_)) {
                    names.insert(known.word.field);
                }
                if is_here && !own.iter().any(|other| other.word.field == known.word.field) {
                    here.push(*known);
                }
            }
            self.dependents(&own, &names);
            self.tell_apart(state, &here, &mut told);
            self.circle(&here, &mut circles);
        }
    }

    /// Each field once.
    fn known(&mut self, all: &'d [Correct], whose: Whose) -> Vec<Known<'d>> {
        let mut fields = BTreeSet::new();
        let mut first = Vec::new();
        for (index, word) in all.iter().enumerate() {
            let known = Known { word, whose, index };
            if fields.insert(word.field) {
                first.push(known);
            } else {
                self.note(Mistake::Twice, known.at(Part::Field));
            }
        }
        first
    }

    /// What the flow lets correct is held somewhere, and corrected somewhere.
    fn asked_for_flow(&mut self, known: &Known<'d>) -> Asking<'d> {
        let states = &self.declaration.states;
        let field = known.word.field;
        let Some(held) = states.iter().flat_map(|state| &state.fields).find(|(name, _)| *name == field) else {
            self.note(Mistake::NoSuchField, known.at(Part::Field));
            return Asking::Wrong;
        };
        let asking = self.asking(known, *held);
        if let Asking::State(asking) = asking
            && !states.iter().any(|state| can_correct(state, field, asking))
        {
            self.note(Mistake::CorrectedNowhere, known.at(Part::Field));
        }
        asking
    }

    /// What a state lets correct, it holds, and it knows what has to be known to ask for it.
    fn is_asked_for(&mut self, state: &State, known: &Known<'d>) -> bool {
        let Some(held) = state.fields.iter().find(|(name, _)| *name == known.word.field) else {
            self.note(Mistake::NoSuchField, known.at(Part::Field));
            return false;
        };
        let asking = match self.asking(known, *held) {
            Asking::State(asking) => asking,
            Asking::Meant(asking) => return fields(asking).is_subset(&fields(state)),
            Asking::Wrong | Asking::Hidden => return false,
        };
        let is_known = fields(asking).is_subset(&fields(state));
        if !is_known {
            self.note(Mistake::CannotBeAsked, known.at(Part::Field));
        }
        is_known
    }

    /// The state that is given, or else the one that leads to a state with exactly this field more.
    fn asking(&mut self, known: &Known<'d>, field: (&str, &str)) -> Asking<'d> {
        if let Some(target) = known.word.asked_in {
            self.target(target, known.at(Part::Path), known.at(Part::Asking));
            let could_ask =
                |state: &State| !has(state, "end") && !state.fields.iter().any(|(name, _)| *name == field.0);
            let Some(asking) = self.named(target.name) else {
                let meant = self.named(meant(target.name)).filter(|state| could_ask(state));
                return meant.map_or(Asking::Hidden, Asking::Meant);
            };
            let mistake = if asking.fields.iter().any(|(name, _)| *name == field.0) {
                Mistake::AskedWhereKnown
            } else if has(asking, "end") {
                Mistake::AskedAtEnd
            } else {
                return Asking::State(asking);
            };
            self.note(mistake, known.at(Part::Asking));
            return Asking::Wrong;
        }
        let states = &self.declaration.states;
        let asks = |state: &&State| {
            let mut targets = state.items.iter().flat_map(to);
            targets.any(|name| {
                let Some(next) = self.named(name).or_else(|| self.named(meant(name))) else { return false };
                let more: Vec<_> = fields(next).difference(&fields(state)).copied().collect();
                more == [field] && next.fields.len() == state.fields.len() + 1 && !has(state, "end")
            })
        };
        let asking: Vec<_> = states.iter().filter(asks).collect();
        // At an end that leads on, either may be wrong.
        let leads_on = |state: &State| has(state, "end") && has(state, "to");
        let is_hidden = states.iter().any(|state| self.is_hidden(state) || leads_on(state));
        match asking[..] {
            [one] => return Asking::State(one),
            _ if is_hidden => return Asking::Hidden,
            [] => self.note(Mistake::NoneAsks, known.at(Part::Field)),
            [..] => self.note(Mistake::SeveralAsk, known.at(Part::Field)),
        }
        Asking::Wrong
    }

    /// After one correction one other is asked again, which is one of these.
    fn dependents(&mut self, all: &[Known<'_>], others: &BTreeSet<&str>) {
        for known in all {
            let mistake = match known.word.dependents[..] {
                [first, second, ..] if first == second => (Mistake::Twice, 1),
                [_, _, ..] => (Mistake::TwoDependents, 1),
                [one] if one == known.word.field => (Mistake::OwnDependent, 0),
                [one] if !others.contains(one) => (Mistake::NoSuchCorrection, 0),
                _ => continue,
            };
            self.note(mistake.0, known.at(Part::Dependent(mistake.1)));
        }
    }

    /// A word has letters, and is the same for everybody.
    fn words_of(&mut self, all: &[Known<'_>]) {
        for known in all {
            for (index, word) in known.word.words.iter().enumerate() {
                if plain(word).is_empty() {
                    self.note(Mistake::BlankCorrection, known.at(Part::Word(index)));
                } else if has_field(word) {
                    self.note(Mistake::CorrectionField, known.at(Part::Word(index)));
                }
            }
        }
    }

    /// What is said means one thing in a state.
    fn tell_apart(&mut self, state: &State, here: &[Known<'_>], told: &mut BTreeSet<Place>) {
        let mut taken = BTreeSet::new();
        let entries = self.declaration.words.iter().map(Word::text);
        let heard = entries.filter(|entry| !is_faulty(state) && !is_deaf(state, entry));
        taken.extend(heard.map(plain));
        let mut exact = BTreeSet::new();
        for choice in choices(state).iter().filter(|choice| exact.insert(choice.name)) {
            taken.extend(names(choice));
        }
        for known in here {
            let mut own = BTreeSet::new();
            for (said, place) in known.said() {
                // A word with a mistake of its own means nothing.
                if said.is_empty() || has_field(&said) {
                    continue;
                }
                let mistake = if !own.insert(said.clone()) {
                    Mistake::WordThere
                } else if !taken.insert(said) {
                    Mistake::WordTaken
                } else {
                    continue;
                };
                if told.insert(place) {
                    self.note(mistake, place);
                }
            }
        }
    }

    /// No correction comes after itself: one mistake for a state, and one for what the flow declares.
    fn circle(&mut self, here: &[Known<'_>], told: &mut BTreeSet<Vec<usize>>) {
        let next = |known: &Known<'_>| {
            let first = *known.word.dependents.first()?;
            here.iter().position(|other| other.word.field == first)
        };
        for (first, known) in here.iter().enumerate() {
            let mut way = vec![first];
            let comes_again = loop {
                match next(&here[way[way.len() - 1]]) {
                    Some(to) if to == first => break true,
                    Some(to) if !way.contains(&to) => way.push(to),
                    _ => break false,
                }
            };
            if !comes_again || way.len() == 1 {
                continue;
            }
            let is_of_flow = way.iter().all(|place| here[*place].whose == Whose::Flow);
            let mut members: Vec<_> = way.iter().map(|place| here[*place].index).collect();
            members.sort_unstable();
            if !is_of_flow || told.insert(members) {
                self.note(Mistake::Circle, known.at(Part::Field));
            }
            return;
        }
    }
}

fn names(choice: &Choice) -> impl Iterator<Item = String> {
    let words = choice.words.iter().map(|word| plain(word));
    let label = choice.words.is_empty().then(|| plain(label(choice.name)));
    words.chain(label).chain([plain(choice.name)])
}

/// Whether a state lets correct what the flow lets correct, asked for in that state.
fn can_correct(state: &State, field: &str, asking: &State) -> bool {
    let is_held = state.fields.iter().any(|(name, _)| *name == field);
    decides(state) && is_held && fields(asking).is_subset(&fields(state))
}
