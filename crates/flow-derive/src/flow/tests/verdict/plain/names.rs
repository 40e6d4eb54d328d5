//! What is wrong with the names that are made of others.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Mistake, Plain,
    reading::{choices, corrects, decides, has, is_faulty, reminders, signals},
};
use crate::flow::tests::verdict::declaration::{Item, Place, State};

/// How a state of this name is called in a record.
fn stored(name: &str) -> &'static str {
    match name {
        "Begin" => "BEGIN",
        "Name" => "NAME",
        "Size" => "SIZE",
        "Round" => "ROUND",
        "Left" => "LEFT",
        "Done" => "DONE",
        "AskName" => "ASK_NAME",
        "AskURL" | "AskUrl" => "ASK_URL",
        "OnHelp" => "ON_HELP",
        "NameOnPaid" => "NAME_ON_PAID",
        "DeliverRing" => "DELIVER_RING",
        "ToName" => "TO_NAME",
        "NameChoice" => "NAME_CHOICE",
        "NameReminder" => "NAME_REMINDER",
        "ChatSignal" => "CHAT_SIGNAL",
        "ChatEffect" => "CHAT_EFFECT",
        "ChatEnd" => "CHAT_END",
        "NameBegin" => "NAME_BEGIN",
        "NameCorrected" => "NAME_CORRECTED",
        "NameCorrection" => "NAME_CORRECTION",
        "NameDone" => "NAME_DONE",
        "OnInput" => "ON_INPUT",
        other => panic!("`{other}` is no name that is used here"),
    }
}

/// What the handler's methods have of the name of a signal, a reminder or an effect.
fn method(name: &str) -> &'static str {
    match name {
        "Paid" | "PAID" => "paid",
        "Refused" => "refused",
        "Late" => "late",
        "Mail" => "mail",
        "Ring" => "ring",
        other => panic!("`{other}` is no name that is used here"),
    }
}

/// The form that records have of an alias.
fn stored_alias(alias: &str) -> &'static str {
    match alias {
        "" | " " => "",
        "OLD" | "Old" => "OLD",
        "OLD_NAME" | "OldName" | "old-name" => "OLD_NAME",
        "DONE" | "Done" => "DONE",
        "BEGIN" => "BEGIN",
        "AskURL" => "ASK_URL",
        other => panic!("`{other}` is no alias that is used here"),
    }
}

impl Plain<'_> {
    pub(super) fn names(&mut self) {
        let mut records = BTreeSet::new();
        for (index, state) in self.declaration.states.iter().enumerate() {
            if !records.insert(stored(state.name)) {
                self.note(Mistake::StoredName, Place::State(index));
            }
        }
    }

    /// Of those that are made of other names, the handler's methods. A state whose name is told has others.
    pub(super) fn methods(&mut self) {
        let mut made = ["on_open", "on_help", "on_input"].map(|hook| (hook.to_owned(), Place::Enum)).to_vec();
        let mut records = BTreeSet::new();
        let open: Vec<_> = (self.declaration.states.iter().enumerate())
            .map(|(index, state)| {
                let is_alone = records.insert(stored(state.name));
                let name = stored(state.name).to_lowercase();
                (index, state, if is_alone { name } else { format!("{name} again") })
            })
            .filter(|(_, state, _)| !has(state, "end"))
            .collect();
        for (index, _, name) in open.iter().filter(|(_, state, _)| decides(state)) {
            made.push((name.clone(), Place::State(*index)));
        }
        for (index, state, name) in open.iter().filter(|(_, state, _)| decides(state)) {
            let is_asked = !["ask", "say", "silent"].iter().any(|word| has(state, word)) && !is_faulty(state);
            if is_asked {
                made.push((format!("ask_{name}"), Place::State(*index)));
            }
        }
        for (index, state, name) in &open {
            let is_run = has(state, "run");
            let roles =
                [("done", is_run), ("begin", is_run && has(state, "begin")), ("corrected", self.is_corrected(state))];
            for (role, _) in roles.into_iter().filter(|(_, is_made)| *is_made) {
                made.push((format!("{name}_{role}"), Place::State(*index)));
            }
        }
        for (index, state, name) in &open {
            for (place, event) in events(*index, state) {
                made.push((format!("{name}_on_{}", method(event)), place));
            }
        }
        let mut effects = BTreeSet::new();
        for (index, effect) in self.declaration.effects.iter().enumerate() {
            if effects.insert(effect.name) {
                made.push((format!("deliver_{}", method(effect.name)), Place::Effect(index)));
            }
        }
        self.note_taken(Mistake::Method, made);
    }

    /// Whether it lets correct something, or holds what the flow lets correct.
    fn is_corrected(&self, state: &State) -> bool {
        let is_held = |field: &str| state.fields.iter().any(|(name, _)| *name == field);
        let by_flow = self.declaration.corrects.iter().any(|word| is_held(word.field));
        decides(state) && (corrects(state).is_some() || by_flow)
    }

    /// Those of the types in the module.
    pub(super) fn types(&mut self) {
        let states = &self.declaration.states;
        let open: Vec<_> = states.iter().filter(|state| !has(state, "end")).collect();
        let enums = open.iter().flat_map(|state| {
            let choices = (decides(state) && !choices(state).is_empty()).then(|| format!("{}Choice", state.name));
            let reminders = (!reminders(state).is_empty()).then(|| format!("{}Reminder", state.name));
            let corrections = self.is_corrected(state).then(|| format!("{}Correction", state.name));
            choices.into_iter().chain(reminders).chain(corrections)
        });
        let ends = states.iter().any(|state| has(state, "end")).then(|| "ChatEnd".to_owned());
        let signals = open.iter().any(|state| !signals(state).is_empty()).then(|| "ChatSignal".to_owned());
        let effects = (!self.declaration.effects.is_empty()).then(|| "ChatEffect".to_owned());
        let enums = enums.chain(signals).chain(effects).chain(ends).map(|name| (name, Place::Enum));
        let structs = states.iter().enumerate().map(|(index, state)| (state.name.to_owned(), Place::State(index)));
        let made = enums.chain(structs).collect();
        self.note_taken(Mistake::Type, made);
    }

    /// Where a name is there already.
    fn note_taken(&mut self, mistake: Mistake, made: Vec<(String, Place)>) {
        let mut known = BTreeMap::new();
        for (name, place) in made {
            if known.insert(name, place).is_some() {
                self.note(mistake, place);
            }
        }
    }

    pub(super) fn aliases(&mut self) {
        let names: BTreeSet<_> = self.declaration.states.iter().map(|state| stored(state.name)).collect();
        let mut given = BTreeSet::new();
        for index in 0..self.declaration.states.len() {
            for (item_index, item) in self.state(index).items.iter().enumerate() {
                let Item::Alias(aliases) = item else { continue };
                for (value, alias) in aliases.iter().enumerate() {
                    let name = stored_alias(alias);
                    let mistake = if name.is_empty() {
                        Mistake::AliasOfNothing
                    } else if names.contains(name) {
                        Mistake::AliasTaken
                    } else if !given.insert(name) {
                        Mistake::AliasTwice
                    } else if name != *alias {
                        Mistake::AliasForm
                    } else {
                        continue;
                    };
                    self.note(mistake, Place::Value(index, item_index, value));
                }
            }
        }
    }
}

/// Its signals, then its reminders, each once.
fn events(index: usize, state: &State) -> Vec<(Place, &'static str)> {
    let mut events = Vec::new();
    for all in [signals(state), reminders(state).into_iter().map(|(item, _, name, _)| (item, 1, name)).collect()] {
        let mut known = BTreeSet::new();
        let first = all.into_iter().filter(|(_, _, name)| known.insert(*name));
        events.extend(first.map(|(item, value, name)| (Place::Value(index, item, value), name)));
    }
    events
}
