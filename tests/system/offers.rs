//! Offers: what the visitor picks is what was offered then, whatever the list has become.

use std::{
    fmt,
    sync::{Arc, Mutex},
};

use flow_core::{
    Ask, Flow, Input, Offer, Prefix, Record, Reply, Result, Stamp,
    store::{Commit, Expect},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::stage::Stage;

#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "table", anywhere(back, help))]
enum Evening {
    #[state(start, offers = Seat, to(When))]
    Where,
    #[state(offers = u8, to(Booked))]
    When { seat: Seat },
    #[state(end, say = "{seat}, at {hour}.")]
    Booked { seat: Seat, hour: u8 },
}

use evening::*;

/// A seat is told by its number, and shown by its name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Seat {
    number: u32,
    name: String,
}

impl fmt::Display for Seat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// A house whose free seats change.
#[derive(Clone, Default)]
struct House {
    free: Arc<Mutex<Vec<Seat>>>,
}

impl House {
    fn of(names: &[&str]) -> Self {
        let house = Self::default();
        house.has(names);
        house
    }

    fn has(&self, names: &[&str]) {
        let seats = (1..).zip(names).map(|(number, name)| Seat { number, name: (*name).to_owned() });
        *self.free.lock().expect("a lock") = seats.collect();
    }

    fn stage(&self) -> Stage<Evening> {
        Stage::with(Evening::engine(self.clone()))
    }
}

impl EveningHandler for House {
    async fn ask_where(&self, _: &Where, _: Ask<'_, Where>) -> Result<Offer<Seat>> {
        let free = self.free.lock().expect("a lock").clone();
        Ok(Offer::new(if free.is_empty() { "We are full. Try again later." } else { "Where?" }).items(free))
    }

    async fn ask_when(&self, _: &When, ask: Ask<'_, When>) -> Result<Offer<u8>> {
        Ok(Offer::new(if ask.language() == Some("de") { "Wann?" } else { "When?" }).items([19, 2, 21]))
    }
}

fn seat_of(state: Option<Evening>) -> String {
    match state {
        Some(Evening::When { seat }) => seat.name,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_number_a_label_and_a_button_mean_what_was_offered_though_the_list_has_changed_and_the_process_restarted() {
    for said in [Input::text("2"), Input::text(" OUTSIDE "), Input::button("outside")] {
        let house = House::of(&["inside", "outside"]);
        let stage = house.stage();
        stage.says("hi").await;
        house.has(&["bar", "inside"]);
        let restarted = stage.second(Evening::engine(house.clone()));
        let outcome = restarted.handle(stage.id, said.clone()).await.expect("a turn");
        assert_eq!(seat_of(outcome.state), "outside", "{said:?}");
    }
}

#[tokio::test]
async fn what_is_asked_again_is_offered_anew_and_what_it_offers_counts_from_then_on() {
    let house = House::of(&["inside", "outside"]);
    let stage = house.stage();
    stage.says("hi").await;
    for unknown in ["bar", "3"] {
        house.has(&["inside", "outside"]);
        stage.says("where, please?").await;
        house.has(&["bar", "inside", "terrace"]);
        let outcome = stage.says(unknown).await;
        assert_eq!(outcome.texts(), ["Please take one of these:", "Where?"], "{unknown}");
        assert_eq!(labels(&outcome.replies), ["bar", "inside", "terrace"], "{unknown}");
    }
    assert_eq!(seat_of(stage.says("3").await.state), "terrace");
}

fn labels(replies: &[Reply]) -> Vec<&str> {
    replies.iter().flat_map(Reply::choices).map(|choice| choice.label.as_str()).collect()
}

#[tokio::test]
async fn a_button_sends_a_text_or_a_number_as_it_is_stored_and_else_the_label() {
    let stage = House::of(&["inside", "outside"]).stage();
    let outcome = stage.says("hi").await;
    let sent = |replies: &[Reply]| -> Vec<String> {
        replies.iter().flat_map(Reply::choices).map(|choice| choice.payload.clone()).collect()
    };
    assert_eq!(sent(&outcome.replies), ["inside", "outside"]);
    let outcome = stage.says("1").await;
    assert_eq!(sent(&outcome.replies), ["19", "2", "21"]);
    // What is called so comes before what stands in that place; and a button has no place.
    assert_eq!(stage.says("2").await.texts(), ["inside, at 2."]);
    stage.says_all(&["hi", "1"]).await;
    assert_eq!(stage.says(Input::button("3")).await.state.map(|state| state.name()), Some("WHEN"));
    assert_eq!(stage.says("3").await.texts(), ["inside, at 21."]);
}

#[tokio::test]
async fn a_question_that_is_asked_in_the_visitors_language_is_told_which() {
    let stage = House::of(&["inside"]).stage();
    stage.says("hi").await;
    assert_eq!(stage.says(Input::text("1").with_language("de")).await.texts(), ["Wann?"]);
}

#[tokio::test]
async fn with_nothing_to_pick_from_the_question_is_asked_again_until_there_is() {
    let house = House::of(&[]);
    let stage = house.stage();
    assert_eq!(stage.says("hi").await.texts(), ["We are full. Try again later."]);
    for said in ["1", "0", "", "outside"] {
        assert_eq!(stage.says(said).await.texts(), ["We are full. Try again later."], "{said:?}");
    }
    house.has(&["outside"]);
    assert_eq!(stage.says("is there anything?").await.texts(), ["Where?"]);
    assert_eq!(seat_of(stage.says("1").await.state), "outside");
}

const OLD: &str = r#","flow":"table","flowVersion":1,"current":"WHERE","data":{},
    "history":[{"from":null,"to":"WHERE","by":"opened","at":"2026-01-03T00:00:00Z"}],
    "createdAt":"2026-01-03T00:00:00Z","updatedAt":"2026-01-03T00:00:00Z","expiresAt":null,"lang":null,
    "shared":{},"tries":0,"seen":[],"todo":{"pending":[]},"wakeAt":null}"#;

async fn planted(house: &House, body: &str) -> Stage<Evening> {
    let stage = house.stage();
    let bytes = [&Prefix::of_json(Stamp::first()).bytes()[..], body.as_bytes()].concat();
    let record = Record::read(bytes).expect("a record");
    let commit = Commit::new(stage.id, Expect::Absent, record, "table", "WHERE");
    stage.store.behind().commit(commit).await.expect("planted");
    stage
}

#[tokio::test]
async fn an_older_record_that_does_not_know_what_was_offered_takes_words_and_asks_again_for_a_number() {
    let stage = planted(&House::of(&["inside", "outside"]), OLD).await;
    assert_eq!(stage.says("1").await.texts().last(), Some(&"Where?"), "the first of which list?");
    let stage = planted(&House::of(&["inside", "outside"]), OLD).await;
    assert_eq!(seat_of(stage.says("outside").await.state), "outside");
}

#[tokio::test]
async fn what_was_offered_in_a_form_that_this_release_does_not_read_keeps_the_places_of_the_rest() {
    let offered = json!([{"row": 7}, {"number": 2, "name": "outside"}]);
    let body = OLD.replace(r#""todo""#, &format!(r#""offered":{offered},"todo""#));
    for (said, taken) in [("outside", true), ("2", true), ("1", false)] {
        let stage = planted(&House::of(&["inside"]), &body).await;
        let is_taken = stage.says(said).await.state != Some(Evening::Where);
        assert_eq!(is_taken, taken, "{said}");
    }
}

#[tokio::test]
async fn what_was_offered_leaves_the_record_with_its_state() {
    let house = House::of(&["inside", "outside"]);
    let stage = house.stage();
    let offered = || -> Value {
        let record = stage.store.last_written().record.readable();
        record["offered"].clone()
    };
    stage.says("hi").await;
    assert_eq!(offered(), json!([{"number": 1, "name": "inside"}, {"number": 2, "name": "outside"}]));
    stage.says("1").await;
    assert_eq!(offered(), json!([19, 2, 21]));
    // Back in the state, what can be had now is offered.
    house.has(&["bar"]);
    stage.says("back").await;
    assert_eq!(offered(), json!([{"number": 1, "name": "bar"}]));
    stage.says_all(&["bar", "19"]).await;
    assert_eq!(offered(), Value::Null);
}
