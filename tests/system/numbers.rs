//! A choice that a handler made is picked by its number and its label as by its button, and a number that is an answer stays one.

use std::sync::{Arc, Mutex};

use flow_core::{Answer, Ask, Cause, Choice, Flow, Input, Reply, Result, Step, Turn};
use serde::{Deserialize, Serialize};

use crate::stage::Stage;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Answer)]
enum Way {
    ByFoot,
    ByBus,
}

#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "pizzeria", anywhere("menu" => Size, "7" => Gone))]
enum Pizzeria {
    #[state(start, handled, to(Name, Size, Seats))]
    Size,
    #[state(answer = String, to(Guests))]
    Name,
    #[state(ask = "How many guests, {name}?", to(Come))]
    Guests { name: String },
    #[state(choices = Way, to(Gone))]
    Come { name: String, guests: Option<u8> },
    #[state(ask = "Which ones?", handled, to(Gone))]
    Seats,
    #[state(end, say = "Bye.")]
    Gone,
}

use pizzeria::*;

/// What was said, as the handler heard it.
#[derive(Clone, Default)]
struct Waiter(Arc<Mutex<Vec<String>>>);

impl Waiter {
    fn hears(&self, said: impl Into<String>) {
        self.0.lock().expect("a lock").push(said.into());
    }

    fn heard(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().expect("a lock"))
    }
}

fn sizes() -> Reply {
    let choices = [Choice::new("Small", "s"), Choice::menu("Menu", "menu"), Choice::new("Extra Large", "xl")];
    Reply::new("Which size?").with_choices(choices).with_choices([Choice::new("Seats", "seats")])
}

impl PizzeriaHandler for Waiter {
    async fn ask_size(&self, _: &Size, _: Ask<'_, Size>) -> Result<Reply> {
        Ok(sizes())
    }

    async fn size(&self, _: Size, turn: Turn<'_, Size>) -> Step<Size> {
        self.hears(turn.text());
        match turn.text() {
            "s" => turn.stay(Reply::new("Thick or thin?").with_choices([("thick"), ("Thin")].map(Choice::from))),
            "count" => turn.stay(Reply::new("How many?").with_choices(["2", "4"])),
            "none" => turn.stay(Reply::new("How many pieces?").with_choices(["As many as you have"]).without_numbers()),
            "seats" => turn.to(Seats),
            "xl" => turn.to(Name),
            _ => turn.stay("Hm."),
        }
    }

    async fn ask_name(&self, _: &Name, _: Ask<'_, Name>) -> Result<Reply> {
        Ok(Reply::new("Your name?").with_choices([Choice::new("As last time", "Ana Maria")]))
    }

    async fn name(&self, state: Name, name: String, turn: Turn<'_, Name>) -> Step<Name> {
        turn.to(state.guests(name))
    }

    async fn guests(&self, state: Guests, guests: Option<u8>, turn: Turn<'_, Guests>) -> Step<Guests> {
        self.hears(format!("{guests:?}"));
        match guests {
            Some(9..) => turn.stay(Reply::new("Too many.").with_choices([Choice::new("None, then", "skip")])),
            guests => turn.to(state.come(guests)),
        }
    }

    async fn ask_come(&self, _: &Come, _: Ask<'_, Come>) -> Result<Reply> {
        // Not all of them, and in another order.
        Ok(Reply::new("How do you come?").with_choices([Choice::new("Bus", "ByBus"), Choice::new("Foot", "ByFoot")]))
    }

    async fn come(&self, _: Come, way: Way, turn: Turn<'_, Come>) -> Step<Come> {
        self.hears(format!("{way:?}"));
        turn.to(Gone)
    }

    async fn seats(&self, _: Seats, turn: Turn<'_, Seats>) -> Step<Seats> {
        self.hears(turn.text());
        turn.stay("Hm.")
    }
}

fn open() -> (Stage<Pizzeria>, Waiter) {
    let waiter = Waiter::default();
    (Stage::with(Pizzeria::engine(waiter.clone())), waiter)
}

#[tokio::test]
async fn the_number_and_the_label_of_a_choice_are_its_button() {
    for said in ["2", " 2. ", "2)", "Extra Large", "extra large "] {
        let (stage, waiter) = open();
        let shown = stage.says("hi").await;
        assert_eq!(shown.replies[0].numbers(), [Some(1), None, Some(2), Some(3)]);
        // In another process, as well.
        let outcome = stage.second(Pizzeria::engine(waiter.clone())).handle(stage.id, said).await.expect("a turn");
        assert_eq!((waiter.heard(), outcome.transitions[0].by), (vec!["xl".to_owned()], Cause::Button), "{said}");
    }
    let (stage, waiter) = open();
    stage.says("hi").await;
    for other in ["0", "4", "2..", "xl large", "5 guests", ""] {
        stage.says(other).await;
        assert_eq!(waiter.heard(), [other]);
    }
    // A word of the flow's stands before a number, and a button before both.
    assert_eq!(stage.says("7").await.state, Some(Pizzeria::Gone));
}

#[tokio::test]
async fn a_number_is_of_the_list_that_was_shown_last() {
    let (stage, waiter) = open();
    stage.says("hi").await;
    stage.says("1").await;
    assert_eq!(waiter.heard(), ["s"]);
    for (said, heard) in [("2", "Thin"), ("THICK", "thick"), ("3", "3")] {
        stage.says(said).await;
        assert_eq!(waiter.heard(), [heard]);
    }
    // A button of the older list still is what it was.
    let small = Input::text("extra large");
    stage.says(small).await;
    assert_eq!(waiter.heard(), ["extra large"], "what is no longer shown is words");
}

#[tokio::test]
async fn a_number_that_is_an_answer_is_not_taken_for_a_choice() {
    let (stage, waiter) = open();
    stage.says("hi").await;
    for (list, said) in [("count", "1"), ("count", "2"), ("none", "1")] {
        let shown = stage.says(list).await;
        assert!(shown.replies[0].numbers().iter().all(Option::is_none), "{list}");
        stage.says(said).await;
        assert_eq!(waiter.heard(), [list, said]);
    }
    stage.says("none").await;
    stage.says("as many as you have").await;
    assert_eq!(waiter.heard(), ["none", "As many as you have"]);
}

#[tokio::test]
async fn a_type_that_reads_numbers_keeps_them_and_any_words_do_not() {
    let (stage, waiter) = open();
    stage.says("hi").await;
    stage.says("2").await;
    let asked = stage.says("1").await;
    assert_eq!(asked.texts(), ["How many guests, Ana Maria?"]);
    // "Skip" is no number one where a number is how many come.
    assert_eq!(asked.replies[0].numbers(), [None]);
    waiter.heard();
    let too_many = stage.says("12").await;
    assert_eq!(too_many.replies[0].numbers(), [None], "said by the handler, of the same question");
    let came = stage.says("1").await;
    assert_eq!(waiter.heard(), ["Some(12)", "Some(1)"]);
    // A closed set that a handler shows in its own order is picked in that order.
    assert_eq!(came.replies[0].numbers(), [Some(1), Some(2)]);
    stage.says("1").await;
    assert_eq!(waiter.heard(), ["ByBus"]);
}

/// What the record says of the list that was shown last.
fn listed(stage: &Stage<Pizzeria>) -> Option<serde_json::Value> {
    let record = stage.store.last_written().record;
    record.readable()["visit"].get("listed").cloned()
}

#[tokio::test]
async fn a_list_is_kept_only_where_its_type_does_not_know_it() {
    let (stage, _) = open();
    stage.says("hi").await;
    let kept = listed(&stage).expect("a list of the handler's");
    assert_eq!(kept["choices"].as_array().map(Vec::len), Some(3), "without the menu");
    stage.says_all(&["2", "Ana", "4"]).await;
    assert_eq!(listed(&stage).expect("in another order")["choices"][0]["payload"], "ByBus");
    stage.says("2").await;
    assert_eq!(listed(&stage), None);
}
