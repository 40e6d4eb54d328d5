//! Small histories, and what is wrong with them.

use flow_core::SessionId;
use flow_proving::{
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

    fn fails(&mut self, message: &str) -> &mut Self {
        self.history.sends(self.id, message);
        self.history.fails(self.id, message);
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

fn gap(version: u64, ended: &str, began: &str) -> Violation {
    Violation::Gap { version, ended: Some(ended.into()), began: Some(began.into()) }
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
    told.turn("m1", 1, "", "A").sends("m2").turn("m3", 3, "B", "C");
    assert_eq!(told.ends(3, "C"), []);
    told.turn("m4", 5, "D", "E");
    assert_eq!(told.ends(5, "E"), [gap(5, "C", "D")]);
}

#[test]
fn what_is_in_doubt_has_its_turn_at_a_version_that_is_free() {
    let mut told = Told::new();
    told.turn("m1", 1, "", "A").sends("m2").turn("m3", 2, "B", "C");
    assert_eq!(told.ends(2, "C"), [gap(2, "A", "B")]);
    assert_eq!(told.ends(3, "D"), [gap(2, "A", "B")]);
}

#[test]
fn what_is_in_doubt_explains_nothing_that_was_over_before_it() {
    let mut told = Told::new();
    told.turn("m1", 1, "", "A").turn("m2", 3, "B", "C").sends("m3");
    assert_eq!(told.ends(3, "C"), [gap(3, "A", "B")]);
    // Of two gaps the earlier takes what was sent earlier.
    let mut told = Told::new();
    told.turn("m1", 1, "", "A").sends("d1").turn("m2", 3, "B", "C").sends("d2").turn("m3", 5, "D", "E");
    assert_eq!(told.ends(5, "E"), []);
}

#[test]
fn what_has_failed_explains_nothing() {
    let mut told = Told::new();
    told.turn("m1", 1, "", "A").fails("m2").turn("m3", 3, "B", "C");
    assert_eq!(told.ends(3, "C"), [gap(3, "A", "B")]);
    told.sends("m2");
    assert_eq!(told.ends(3, "C"), [gap(3, "A", "B")], "it was sent too late");
    told.fails("m4").sends("m4").turn("m5", 5, "D", "E");
    assert_eq!(told.ends(5, "E"), [gap(3, "A", "B")]);
}

#[test]
fn what_is_in_doubt_may_be_the_first_and_the_last() {
    let mut told = Told::new();
    told.sends("m1").turn("m2", 2, "A", "B").sends("m3");
    assert_eq!(told.ends(3, "C"), []);
    let other = |ended: Option<&str>| Violation::OtherState { ended: ended.map(str::to_owned), stored: "C".into() };
    assert_eq!(told.ends(2, "C"), [other(Some("B"))], "there is no version for it");
    let mut told = Told::new();
    told.turn("m2", 2, "A", "B");
    let unopened = Violation::Gap { version: 2, ended: None, began: Some("A".into()) };
    assert_eq!(told.ends(3, "C"), [unopened, other(Some("B"))]);
    assert_eq!(Told::new().fails("m1").ends(1, "C"), [other(None)]);
}

#[test]
fn what_the_record_remembers_is_no_longer_in_doubt() {
    let mut told = Told::new();
    told.turn("m1", 1, "", "A").sends("m2").turn("m3", 3, "B", "C").turn("m4", 4, "C", "D");
    assert_eq!(told.ends_remembering(4, "D", &[("m1", 1), ("m2", 2), ("m3", 3), ("m4", 4)]), []);
    assert_eq!(told.ends_remembering(4, "D", &[("m3", 3), ("m4", 4)]), []);
    assert_eq!(told.ends_remembering(4, "D", &[("m1", 1), ("m3", 3), ("m4", 4)]), [gap(3, "A", "B")]);
    // Another process has moved the session meanwhile.
    told.turn("m5", 6, "X", "Y");
    assert_eq!(told.ends_remembering(6, "Y", &[("m4", 4), ("an operator", 5), ("m5", 6)]), []);
}

#[test]
fn an_acknowledged_turn_that_the_record_has_forgotten_is_found() {
    let mut told = Told::new();
    told.turn("m1", 1, "", "A").turn("m2", 2, "", "A").turn("m3", 3, "", "A");
    let forgotten = Violation::Forgotten { message: "m2".into(), version: 2 };
    assert_eq!(told.ends_remembering(3, "A", &[("m1", 1), ("m3", 3)]), [forgotten]);
    assert_eq!(told.ends_remembering(3, "A", &[("m3", 3)]), []);
}

#[test]
fn a_turn_of_a_message_that_has_failed_is_found() {
    let mut told = Told::new();
    told.turn("m1", 1, "", "A").fails("m2");
    let taken = Violation::TakenThoughFailed { message: "m2".into(), version: 2 };
    assert_eq!(told.ends_remembering(2, "B", &[("m1", 1), ("m2", 2)]), [taken]);
}

#[test]
fn a_message_with_two_turns_is_found() {
    let mut told = Told::new();
    told.turn("m1", 1, "", "A").turn("m2", 2, "A", "B").sends("m2").hears("m2", 3, "B", "A");
    let twice = Violation::AppliedTwice { message: "m2".into(), versions: (2, 3) };
    assert!(told.ends(3, "A").contains(&twice));
    let mut told = Told::new();
    told.turn("m1", 1, "", "A").sends("m2").turn("m2", 3, "A", "B");
    assert_eq!(told.ends_remembering(3, "B", &[("m2", 2), ("m2", 3)]), [twice]);
    let mut told = Told::new();
    told.turn("m1", 1, "", "A").turn("m2", 2, "A", "B").turn("m2", 2, "A", "B");
    assert_eq!(told.ends(2, "B"), [Violation::AppliedTwice { message: "m2".into(), versions: (2, 2) }]);
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
    let (mut told, mut remembered) = (Told::new(), Vec::new());
    let states = ["A", "B"];
    told.turn("first", 1, "", "A");
    for version in 2..100_000 {
        let place = usize::try_from(version % 2).expect("a place");
        let message = format!("m{version}");
        told.sends(&message);
        // Of some nothing is heard.
        if version % 6 != 0 {
            told.hears(&message, version, states[place], states[1 - place]);
        }
        remembered.push((message, version));
    }
    let half = remembered[50_000..].iter().map(|(message, version)| (message.as_str(), *version));
    assert_eq!(told.ends_remembering(99_999, "A", &half.collect::<Vec<_>>()), []);
}
