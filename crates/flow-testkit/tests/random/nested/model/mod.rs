//! What a conversation in the house comes to: [`Model`], which knows the rules as the guide tells them, and nothing of the engine.
//!
//! What is known in a place stands in a map. The way back is a list of places as they were left, and a correction corrects those too.

mod flaw;
mod steps;
mod words;

use std::collections::BTreeMap;

use serde_json::{Value, json};

pub(crate) use self::flaw::Flaw;

/// What is known in a place.
pub(crate) type Known = BTreeMap<&'static str, Value>;

/// Why one stands on top of another place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why {
    Own,
    Run,
    Correction(&'static str),
    /// Said aside, by a word of the house.
    Aside,
}

/// How a place is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    Opened,
    Reopened,
    Message,
    Back,
    Shortcut,
    After,
    Tries,
    Run,
    Done,
    Correction,
    Aside,
}

impl By {
    /// Whether the tries of what is left are kept.
    fn goes_away(self) -> bool {
        matches!(self, Self::Back | Self::Shortcut | Self::Aside | Self::Correction)
    }
}

#[derive(Clone, Debug)]
struct Level {
    why: Why,
    place: &'static str,
    known: Known,
    behind: Vec<(&'static str, Known)>,
    refused: u32,
    leaves_at: Option<u64>,
    /// Whether its question was asked by a turn before this one.
    is_shown: bool,
}

/// Where somebody stands, and how they came there.
#[derive(Clone, Debug, Default)]
pub(crate) struct Model {
    levels: Vec<Level>,
    /// Tries of places that were left without an answer.
    kept: BTreeMap<String, u32>,
    /// In seconds.
    now: u64,
    flaw: Option<Flaw>,
    /// The steps of the last turn: where each leads, and by what.
    pub(crate) steps: Vec<(String, By)>,
    /// What was said last: the question, or the last word.
    pub(crate) question: String,
}

impl Model {
    pub(crate) fn with(flaw: Option<Flaw>) -> Self {
        Self { flaw, ..Self::default() }
    }

    pub(crate) fn standing(&self) -> String {
        self.standing_at(self.top())
    }

    /// The places, one on another, with what is known in each.
    pub(crate) fn places(&self) -> Vec<(&'static str, Value)> {
        self.levels.iter().map(|level| (level.place, json!(level.known))).collect()
    }

    pub(crate) fn is_over(&self) -> bool {
        self.levels.first().is_none_or(|level| level.place == "GONE")
    }

    /// Something is said at this time.
    pub(crate) fn hears(&mut self, said: &str, now: u64) {
        self.takes(said, now);
        let top = self.top();
        self.levels[top].is_shown = true;
    }

    fn takes(&mut self, said: &str, now: u64) {
        let is_new = self.levels.is_empty();
        self.steps.clear();
        self.now = now;
        if self.is_over() {
            *self = Self { now, flaw: self.flaw, ..Self::default() };
            self.levels.push(Level {
                why: Why::Own,
                place: "DOOR",
                known: Known::new(),
                behind: Vec::new(),
                refused: 0,
                leaves_at: None,
                is_shown: false,
            });
            self.steps.push(("DOOR".to_owned(), if is_new { By::Opened } else { By::Reopened }));
            return self.asks();
        }
        self.leaves_in_time();
        // A number was meant for a question that the visitor has seen.
        let Level { place, is_shown, .. } = self.levels[self.top()];
        if !is_shown && ["HALL", "REVIEW"].contains(&place) && said.parse::<u32>().is_ok() {
            return;
        }
        if let Some(party) = said.strip_prefix("we are ")
            && self.correctable().contains(&"party")
        {
            self.corrects("party");
            return self.answers(party);
        }
        match self.correction(said) {
            _ if self.choice(said).is_some() => self.answers(said),
            Some(field) => self.corrects(field),
            None if self.takes_word(said) => {}
            None => self.answers(said),
        }
    }

    /// Time has passed, and somebody sees to it.
    pub(crate) fn is_looked_at(&mut self, now: u64) {
        self.now = now;
        self.steps.clear();
        self.leaves_in_time();
        if let Some(level) = self.levels.last_mut() {
            level.is_shown = true;
        }
    }

    fn top(&self) -> usize {
        self.levels.len().saturating_sub(1)
    }

    fn standing_at(&self, depth: usize) -> String {
        let places: Vec<_> = self.levels.iter().take(depth + 1).map(|level| level.place).collect();
        places.join("/")
    }

    fn has(&self, flaw: Flaw) -> bool {
        self.flaw == Some(flaw)
    }

    fn leaves_in_time(&mut self) {
        if self.has(Flaw::TimeStandsStill) {
            return;
        }
        let is_due = |level: &Level| level.leaves_at.is_some_and(|at| at <= self.now);
        if let Some(depth) = self.levels.iter().position(is_due) {
            let target = if self.levels[depth].place == "PARTY" { "LEFT" } else { "NOWHERE" };
            self.goes(depth, target, Known::new(), By::After, false);
        }
    }

    fn answers(&mut self, said: &str) {
        let depth = self.top();
        let mut known = self.levels[depth].known.clone();
        let next = match (self.levels[depth].place, self.choice(said)) {
            ("DOOR", _) => {
                known.insert("name", json!(said));
                "HALL"
            }
            ("HALL", Some(0)) => "TRAVEL",
            ("HALL", Some(1)) => "POST",
            ("HALL", Some(2)) => {
                known.insert("things", json!([]));
                "MORE"
            }
            ("HALL", Some(3)) => {
                known.clear();
                "GONE"
            }
            ("MORE", _) if said == "done" => {
                known.remove("things");
                "HALL"
            }
            ("MORE", _) => {
                if let Some(Value::Array(things)) = known.get_mut("things") {
                    things.push(json!(said));
                }
                "MORE"
            }
            ("WONDER", _) => "TOLD",
            ("WHERE", _) => {
                known.insert("place", json!(said));
                "PARTY"
            }
            ("PARTY", _) => match said.parse::<u8>() {
                Ok(party) => {
                    known.insert("party", json!(party));
                    "LODGING"
                }
                Err(_) => return self.refuses(),
            },
            ("REVIEW", Some(0)) => {
                known.retain(|field, _| *field == "place");
                "BOOKED"
            }
            ("REVIEW", Some(1)) => {
                known.clear();
                "LEFT"
            }
            ("STREET", _) => {
                known.insert("street", json!(said));
                "TOWN"
            }
            ("TOWN", _) => {
                known.insert("town", json!(said));
                "GIVEN"
            }
            _ => return self.refuses(),
        };
        self.goes(depth, next, known, By::Message, true);
    }

    fn refuses(&mut self) {
        let depth = self.top();
        let level = &mut self.levels[depth];
        level.refused += 1;
        if level.place == "PARTY" && level.refused >= 3 {
            return self.goes(depth, "LEFT", Known::new(), By::Tries, false);
        }
        self.asks();
    }
}
