//! Small histories, and what is wrong with them.

use flow_core::SessionId;
use flow_testkit::{
    History,
    history::{Acknowledgement, Stored, Violation},
};

/// A session's history in the making.
struct Told {
    history: History,
    id: SessionId,
}

impl Told {
    fn new() -> Self {
        Self { history: History::default(), id: SessionId::random() }
    }

    fn sends(&mut self, message: &str) -> &mut Self {
        self.history.sends(self.id, message);
        self
    }

    fn hears(&mut self, message: &str, version: u64, from: &str, state: &str) -> &mut Self {
        self.hear(message, version, from, state, false)
    }

    fn repeated(&mut self, message: &str, version: u64, state: &str) -> &mut Self {
        self.hear(message, version, "", state, true)
    }

    fn hear(&mut self, message: &str, version: u64, from: &str, state: &str, is_repeat: bool) -> &mut Self {
        let from = (!from.is_empty()).then(|| from.to_owned());
        let acknowledgement = Acknowledgement { version, from, state: state.to_owned(), is_repeat };
        self.history.hears(self.id, message, acknowledgement);
        self
    }

    fn doubts(&mut self, message: &str) -> &mut Self {
        self.history.doubts(self.id, message);
        self
    }

    fn turn(&mut self, message: &str, version: u64, from: &str, state: &str) -> &mut Self {
        self.sends(message).hears(message, version, from, state)
    }

    fn ends(&mut self, version: u64, state: &str) -> Vec<Violation> {
        self.ends_remembering(version, state, &[])
    }

    fn ends_remembering(&mut self, version: u64, state: &str, remembered: &[(&str, u64)]) -> Vec<Violation> {
        let remembered = remembered.iter().map(|(message, version)| ((*message).to_owned(), *version)).collect();
        self.history.ends(self.id, Stored { version, state: state.to_owned(), remembered });
        let violations = self.history.check().err().unwrap_or_default();
        violations.into_iter().map(|(_, violation)| violation).collect()
    }
}

#[test]
fn a_serial_history_is_proved_with_its_gaps_and_repeats() {
    let mut told = Told::new();
    told.turn("m1", 1, "", "A").turn("m2", 2, "A", "B");
    // An engine wrote for itself at 3.
    told.turn("m3", 4, "B", "C").sends("m2").repeated("m2", 2, "C").turn("m4", 5, "", "C");
    assert_eq!(told.ends(6, "C"), []);
}

#[test]
fn what_is_in_doubt_explains_one_gap_and_no_more() {
    let mut told = Told::new();
    told.turn("m1", 1, "", "A").sends("m2").doubts("m2").turn("m3", 3, "B", "C");
    assert_eq!(told.ends(3, "C"), []);
    told.turn("m4", 5, "D", "E");
    let gap = Violation::Gap { version: 5, ended: "C".into(), began: "D".into() };
    assert_eq!(told.ends(5, "E"), [gap]);
}

#[test]
fn what_is_in_doubt_may_be_the_last() {
    let mut told = Told::new();
    told.turn("m1", 1, "", "A").sends("m2").doubts("m2");
    assert_eq!(told.ends(2, "B"), []);
    let mut told = Told::new();
    told.turn("m1", 1, "", "A");
    assert_eq!(told.ends(2, "B"), [Violation::OtherState { ended: "A".into(), stored: "B".into() }]);
}

#[test]
fn a_message_with_two_turns_is_found() {
    let mut told = Told::new();
    told.turn("m1", 1, "", "A").turn("m2", 2, "A", "B").sends("m2").hears("m2", 3, "B", "A");
    let twice = Violation::AppliedTwice { message: "m2".into(), versions: (2, 3) };
    assert!(told.ends(3, "A").contains(&twice));
    let mut told = Told::new();
    told.turn("m1", 1, "", "A").sends("m2").doubts("m2").sends("m2").hears("m2", 3, "A", "B");
    assert_eq!(told.ends_remembering(3, "B", &[("m2", 2), ("m2", 3)]), [twice]);
}

#[test]
fn two_messages_at_one_version_are_found() {
    let mut told = Told::new();
    told.turn("m1", 1, "", "A").turn("m2", 2, "A", "B").turn("m3", 2, "A", "B");
    let messages = ("m2".to_owned(), "m3".to_owned());
    assert!(told.ends(2, "B").contains(&Violation::SharedVersion { version: 2, messages }));
}

#[test]
fn a_turn_before_one_that_was_over_is_found() {
    let mut told = Told::new();
    told.turn("m1", 1, "", "A").turn("m2", 3, "A", "A").turn("m3", 2, "A", "A");
    assert_eq!(told.ends(3, "A"), [Violation::AgainstTime { later: "m3".into(), version: 2 }]);
}

#[test]
fn what_was_acknowledged_and_is_not_stored_is_found() {
    let mut told = Told::new();
    told.turn("m1", 1, "", "A").turn("m2", 2, "A", "B");
    assert_eq!(told.ends(1, "A"), [Violation::Lost { acknowledged: 2, stored: Some(1) }]);
    let mut told = Told::new();
    told.turn("m1", 1, "", "A");
    let violations = told.history.check().expect_err("nothing is stored");
    assert_eq!(violations[0].1, Violation::Lost { acknowledged: 1, stored: None });
}

#[test]
fn a_hundred_thousand_messages_are_checked() {
    let mut told = Told::new();
    let states = ["A", "B"];
    told.turn("first", 1, "", "A");
    for version in 2..100_000 {
        let place = usize::try_from(version % 2).expect("a place");
        told.turn(&format!("m{version}"), version, states[place], states[1 - place]);
    }
    assert_eq!(told.ends(99_999, "A"), []);
}
