//! The steps that one takes: into a place, into a flow that a place runs, out of what is over, and back from a correction.

use serde_json::{Value, json};

use super::{By, Flaw, Known, Level, Model, Why};

impl Model {
    /// Goes to a place of the flow at this depth. What stands on top of it is over.
    pub(super) fn goes(&mut self, mut depth: usize, place: &'static str, known: Known, by: By, is_answer: bool) {
        while let Why::Correction(field) = self.levels[depth].why {
            if let Some(value) = known.get(field).filter(|_| is_answer) {
                let value = value.clone();
                return self.is_corrected(depth, field, &value, by);
            }
            depth -= 1;
        }
        self.enters(depth, place, known, by);
        self.arrives();
    }

    pub(super) fn enters(&mut self, depth: usize, place: &'static str, known: Known, by: By) {
        self.leaves_above(depth, by);
        self.leaves_question(by);
        let after_tries =
            self.steps.iter().rev().find(|(_, by)| *by != By::Done).is_some_and(|(_, by)| *by == By::Tries);
        let level = &mut self.levels[depth];
        let (left, was) = (level.place, std::mem::replace(&mut level.known, known));
        level.place = place;
        let thrown_out = by == By::Tries || by == By::Done && after_tries;
        if thrown_out {
            level.behind.clear();
        } else if by != By::Back {
            if left != place || was != level.known {
                level.behind.push((left, was));
            }
            // Where one has been before as it is now, the way back ends.
            let before = level.behind.iter().position(|(before, _)| *before == place);
            if let Some(before) = before.filter(|before| level.behind[*before].1 == level.known) {
                level.behind.truncate(before);
            }
        }
        self.is_entered(by);
    }

    pub(super) fn lays(&mut self, why: Why, place: &'static str, known: Known, by: By) {
        self.levels.push(Level { why, place, known, behind: Vec::new(), refused: 0, leaves_at: None, is_shown: false });
        self.is_entered(by);
    }

    fn is_entered(&mut self, by: By) {
        let standing = self.standing();
        let (refused, depth) = (self.kept.remove(&standing).unwrap_or_default(), self.top());
        let level = &mut self.levels[depth];
        (level.refused, level.is_shown) = (refused, false);
        level.leaves_at = match level.place {
            "PARTY" => Some(self.now + 10 * 60),
            "TOWN" => Some(self.now + 60 * 60),
            _ => None,
        };
        self.steps.push((standing, by));
    }

    pub(super) fn leaves_above(&mut self, depth: usize, by: By) {
        while self.top() > depth {
            self.leaves_question(by);
            self.levels.pop();
        }
    }

    fn leaves_question(&mut self, by: By) {
        let (standing, refused) = (self.standing(), self.levels[self.top()].refused);
        if !by.goes_away() || self.has(Flaw::TriesBeginAnew) {
            self.kept.remove(&standing);
        } else if refused > 0 {
            self.kept.insert(standing, refused);
        }
    }

    pub(super) fn comes_back(&mut self, depth: usize, by: By) {
        self.leaves_above(depth, by);
        self.steps.push((self.standing(), by));
    }

    pub(super) fn arrives(&mut self) {
        loop {
            let Level { place, known, why, .. } = self.levels[self.top()].clone();
            let (inner, begins_with) = match place {
                "TRAVEL" => ("WHERE", Known::new()),
                "LODGING" => ("STREET", Known::new()),
                "POST" if self.has(Flaw::BeginningsAreStarts) => ("STREET", Known::new()),
                "POST" => {
                    let street = format!("{} Road", known["name"].as_str().unwrap_or_default());
                    ("TOWN", Known::from([("street", json!(street))]))
                }
                _ => {
                    self.asks();
                    if self.top() > 0 && is_end(place) {
                        self.ends(place, &known, why);
                    }
                    return;
                }
            };
            self.lays(Why::Run, inner, begins_with, By::Run);
        }
    }

    /// What stands on top is over.
    fn ends(&mut self, place: &'static str, ended: &Known, why: Why) {
        let below = self.top() - 1;
        if why != Why::Run {
            self.comes_back(if self.has(Flaw::AsidesEndAll) { 0 } else { below }, By::Done);
            return self.asks_anew();
        }
        if self.steps.last().is_none_or(|(_, by)| *by != By::Shortcut) {
            let inside = format!("{}/", self.standing_at(below));
            self.kept.retain(|standing, _| !standing.starts_with(&inside));
        }
        let below = if self.has(Flaw::EndsEndAll) { 0 } else { below };
        let mut known = self.levels[below].known.clone();
        let next = if self.levels[below].place == "LODGING" {
            let word = |field: &str| ended[field].as_str().unwrap_or_default().to_owned();
            let given = || format!("{} in {}", word("street"), word("town"));
            known.insert("address", json!(if place == "GIVEN" { given() } else { "no address".to_owned() }));
            "REVIEW"
        } else {
            "HALL"
        };
        self.goes(below, next, known, By::Done, true);
    }

    pub(super) fn asks_anew(&mut self) {
        if ["TRAVEL", "POST", "LODGING"].contains(&self.levels[self.top()].place) {
            return self.arrives();
        }
        self.asks();
    }

    pub(super) fn corrects(&mut self, field: &'static str) {
        let known = &self.levels[self.top()].known;
        let (asked, fields): (_, &[&str]) = match field {
            "name" => ("DOOR", &[]),
            "place" => ("WHERE", &[]),
            "party" => ("PARTY", &["place"]),
            _ => ("LODGING", &["place", "party"]),
        };
        let known =
            known.iter().filter(|(field, _)| fields.contains(field)).map(|(field, value)| (*field, value.clone()));
        self.lays(Why::Correction(field), asked, known.collect(), By::Correction);
        self.arrives();
    }

    /// Puts the value wherever the conversation holds the field, and is back where the correction began.
    fn is_corrected(&mut self, depth: usize, field: &'static str, value: &Value, by: By) {
        let mut place = depth;
        loop {
            place = match self.levels[place].why {
                Why::Correction(_) => place - 1,
                Why::Aside => 0,
                Why::Own | Why::Run => break,
            };
            let forgets = self.has(Flaw::BackUndoesCorrections);
            let level = &mut self.levels[place];
            let behind = level.behind.iter_mut().filter(|_| !forgets).map(|(_, known)| known);
            for known in behind.chain([&mut level.known]) {
                known.entry(field).and_modify(|held| *held = value.clone());
            }
        }
        if self.has(Flaw::CorrectionsDropTheRest) {
            self.levels[depth - 1].known.entry("address").and_modify(|held| *held = json!(""));
        }
        self.comes_back(depth - 1, by);
        if field == "party" && self.levels[depth - 1].place == "REVIEW" && !self.has(Flaw::DependentsStay) {
            return self.corrects("address");
        }
        self.asks();
    }

    pub(super) fn asks(&mut self) {
        let Level { place, known, .. } = &self.levels[self.top()];
        let text = |field: &str| match &known[field] {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        self.question = match *place {
            "DOOR" => "Who is there?".to_owned(),
            "HALL" => format!("What now, {}?", text("name")),
            "MORE" => {
                let things: Vec<_> = known["things"].as_array().into_iter().flatten().collect();
                let things: Vec<_> = things.into_iter().filter_map(Value::as_str).collect();
                format!("What else, {}, after {things:?}?", text("name"))
            }
            "WONDER" => "What is it?".to_owned(),
            "TOLD" => "Who knows.".to_owned(),
            "GONE" => "Good bye.".to_owned(),
            "WHERE" => "Where to?".to_owned(),
            "PARTY" => format!("How many to {}?", text("place")),
            "REVIEW" => format!("{} to {}, at {}?", text("party"), text("place"), text("address")),
            "BOOKED" => format!("Off to {}.", text("place")),
            "LEFT" => "No trip.".to_owned(),
            "STREET" => "Which street?".to_owned(),
            "TOWN" => format!("Which town, for {}?", text("street")),
            "GIVEN" => "Thank you.".to_owned(),
            "NOWHERE" => "Nowhere, then.".to_owned(),
            other => panic!("{other} asks nothing"),
        };
    }
}

fn is_end(place: &str) -> bool {
    ["TOLD", "GONE", "BOOKED", "LEFT", "GIVEN", "NOWHERE"].contains(&place)
}
