//! Words that are no answers, or are one of those that are offered: corrections, choices, and what counts anywhere.

use super::{By, Flaw, Known, Level, Model, Why};

impl Model {
    /// What can be corrected here.
    pub(super) fn correctable(&self) -> &'static [&'static str] {
        match self.levels[self.top()].place {
            "REVIEW" => &["party", "address", "place"],
            "PARTY" => &["place"],
            "HALL" | "MORE" => &["name"],
            _ => &[],
        }
    }

    /// The correction that this is, by its words or by its number after the choices.
    pub(super) fn correction(&self, said: &str) -> Option<&'static str> {
        let fields = self.correctable();
        let named = fields.iter().copied().find(|field| said.eq_ignore_ascii_case(&format!("change {field}")));
        let numbered = || match (self.levels[self.top()].place, said) {
            _ if !self.levels[self.top()].is_shown => None,
            ("REVIEW", "3") => Some("party"),
            ("REVIEW", "4") => Some("address"),
            _ => None,
        };
        named.or_else(numbered)
    }

    /// The choice that this is, by its label or by its number.
    pub(super) fn choice(&self, said: &str) -> Option<usize> {
        let choices: &[&str] = match self.levels[self.top()].place {
            "HALL" => &["Trip", "Mail", "List", "Out"],
            "REVIEW" => &["Yes", "No"],
            _ => &[],
        };
        let number = said.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
        choices.iter().position(|choice| *choice == said).or(number.filter(|number| *number < choices.len()))
    }

    /// Takes the word that counts anywhere, if it is one: the innermost flow that has it.
    pub(super) fn takes_word(&mut self, said: &str) -> bool {
        let has_word = |level: &Level| match said {
            "/out" | "/ask" => is_of_house(level.place),
            "cancel" => ["WHERE", "PARTY", "LODGING", "REVIEW"].contains(&level.place),
            "nowhere" => ["STREET", "TOWN"].contains(&level.place),
            "back" => true,
            _ => false,
        };
        let found = if self.has(Flaw::WordsFromTheOutside) {
            self.levels.iter().position(has_word)
        } else {
            self.levels.iter().rposition(has_word)
        };
        let Some(depth) = found else { return false };
        match said {
            "/out" => self.goes(depth, "GONE", Known::new(), By::Shortcut, false),
            "cancel" => self.goes(depth, "LEFT", Known::new(), By::Shortcut, false),
            "nowhere" => self.goes(depth, "NOWHERE", Known::new(), By::Shortcut, false),
            "/ask" => {
                if let Some(before) = self.levels.iter().position(|level| level.why == Why::Aside) {
                    self.leaves_above(before - 1, By::Aside);
                }
                self.lays(Why::Aside, "WONDER", Known::new(), By::Aside);
                self.arrives();
            }
            _ => self.goes_back(depth),
        }
        true
    }

    fn goes_back(&mut self, mut depth: usize) {
        loop {
            let level = &mut self.levels[depth];
            if let Some((mut place, mut known)) = level.behind.pop() {
                while self.flaw == Some(Flaw::BackLeavesTheLoop) && place == "MORE" {
                    (place, known) = self.levels[depth].behind.pop().expect("the hall lies before the list");
                }
                self.enters(depth, place, known, By::Back);
                return self.arrives();
            }
            match level.why {
                Why::Own => return self.asks(),
                Why::Run => depth -= 1,
                Why::Correction(_) | Why::Aside => {
                    self.comes_back(depth - 1, By::Back);
                    return self.asks();
                }
            }
        }
    }
}

fn is_of_house(place: &str) -> bool {
    ["DOOR", "HALL", "TRAVEL", "POST", "MORE", "WONDER"].contains(&place)
}
