//! Offers: what is picked is what was meant, and an offer that could not be picked from is never stored.

use std::fmt;

use flow_core::{
    Ask, EngineError, Flow, Halt, Input, Offer, Reply, Result, SessionId, Step, Turn,
    store::{Commit, Expect, Verdict},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    log::{listen, logged},
    records_of_before::written_as_json,
    stage::Stage,
};

/// A shop that offers what it is stocked with.
#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "offering_shop")]
enum Shop {
    #[state(start, offers = Good, to(Sold))]
    Shelf,
    #[state(end, say = "Here you are.")]
    Sold { good: Good },
}

use shop::*;

/// Anything that JSON can hold. A text is called by its letters from the back, another thing by its label.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Good(Value);

impl fmt::Display for Good {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Value::String(text) => f.write_str(&text.chars().rev().collect::<String>()),
            Value::Object(fields) => f.write_str(fields["label"].as_str().unwrap_or_default()),
            other => other.fmt(f),
        }
    }
}

struct Keeper(Vec<Value>);

impl ShopHandler for Keeper {
    async fn ask_shelf(&self, _: &Shelf, _: Ask<'_, Shelf>) -> Result<Offer<Good>> {
        let question = Reply::new("Which?").with_choices(["Back"]);
        Ok(Offer::new(question).items(self.0.iter().cloned().map(Good)))
    }

    async fn shelf(&self, state: Shelf, good: Good, turn: Turn<'_, Shelf>) -> Step<Shelf> {
        if good.0["label"] == "broken" {
            // As drivers do, this error quotes everything that it was given.
            return Err(Halt::failed(format!("duplicate key {:?}", good.0["notes"].as_str())));
        }
        turn.to(state.sold(good))
    }
}

/// What is sold to who answers this.
async fn sold(stock: &[Value], said: Input) -> Option<Value> {
    let stage = Stage::with(Shop::engine(Keeper(stock.to_vec())));
    stage.says("hi").await;
    match stage.says(said).await.state {
        Some(Shop::Sold { good }) => Some(good.0),
        _ => None,
    }
}

#[tokio::test]
async fn every_button_means_its_own_item_whatever_the_others_are_called() {
    let same = |number: u32| json!({"label": "Mon 10:00", "chair": number});
    let stocks = [
        // Each is stored as the other is called.
        vec![json!("ab"), json!("ba")],
        // All are called alike.
        vec![same(1), same(2), same(3)],
        // One is called by the number of another.
        vec![json!("2"), json!(1), json!({"label": "2"}), json!({"label": "1"})],
        // Case is all the difference.
        vec![json!("A"), json!("a"), json!({"label": "A"})],
        // Some are called nothing.
        vec![json!({"label": ""}), json!(""), json!(null), json!({"label": " "})],
    ];
    for stock in stocks {
        let stage = Stage::with(Shop::engine(Keeper(stock.clone())));
        let opened = stage.says("hi").await;
        let choices = opened.replies[0].choices().to_vec();
        assert_eq!((choices.len(), choices[stock.len()].label.as_str()), (stock.len() + 1, "Back"), "numbers fit");
        for (choice, item) in choices.iter().zip(&stock) {
            let bought = sold(&stock, Input::button(choice.payload.clone())).await;
            assert_eq!(bought.as_ref(), Some(item), "{} of {stock:?}", choice.payload);
        }
    }
}

#[tokio::test]
async fn words_mean_what_is_read_before_what_is_stored_and_before_a_number() {
    let stock = [json!("ab"), json!("ba"), json!({"label": "1"})];
    assert_eq!(sold(&stock, Input::text("ba")).await, Some(json!("ab")), "it is called so");
    assert_eq!(sold(&stock, Input::text(" AB ")).await, Some(json!("ba")), "it is called so");
    assert_eq!(sold(&stock, Input::text("1")).await, Some(json!({"label": "1"})), "it is called so");
    assert_eq!(sold(&stock, Input::text("2")).await, Some(json!("ba")), "it is the second");
    assert_eq!(sold(&[json!("xy")], Input::text("xy")).await, Some(json!("xy")), "it is stored so");
    for nothing in ["", " ", "0", "4", "-1", "99999999999999999999999"] {
        assert_eq!(sold(&[json!({"label": ""}), json!("cd")], Input::text(nothing)).await, None, "{nothing:?}");
    }
}

#[tokio::test]
async fn a_thousand_items_are_offered_and_the_last_is_picked() {
    let stock: Vec<_> = (0..1_000).map(|number| json!({"label": format!("Slot {number}"), "at": number})).collect();
    assert_eq!(sold(&stock, Input::text("SLOT 999")).await.as_ref(), stock.last());
    assert_eq!(sold(&stock, Input::text("1000")).await.as_ref(), stock.last());
}

#[tokio::test]
async fn an_offer_that_would_lock_the_visitor_out_is_refused() {
    for levels in [10, 100, 110, 115, 120, 122, 124, 125, 126, 127, 128, 150] {
        let deep = (0..levels).fold(Value::Null, |value, _| json!([value]));
        let stage = Stage::with(Shop::engine(Keeper(vec![deep])));
        let opened = stage.engine.handle(stage.id, "hi").await;
        let session = stage.engine.peek(stage.id).await.expect("what is stored can be read");
        match opened {
            Ok(_) => assert!(session.is_some(), "{levels}"),
            Err(error) => assert!(matches!(error, EngineError::Unwritable { state: "SHELF" }) && session.is_none()),
        }
    }
}

#[tokio::test]
async fn what_a_failing_turn_quotes_of_its_offer_is_in_no_log() {
    listen();
    let stage = Stage::with(Shop::engine(Keeper(vec![json!({"label": "broken", "notes": "x\ncanaria\t\u{1}bird"})])));
    stage.says_all(&["hi", "1"]).await;
    let log = logged();
    assert!(log.contains("duplicate key") && !log.contains("canaria") && !log.contains("bird"), "{log}");
}

/// A road whose way on is a number.
#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Road {
    #[state(start, offers = f64, to(Gone))]
    Fork,
    #[state(end, say = "{slope}")]
    Gone { slope: f64 },
}

struct Guide(Vec<f64>);

impl RoadHandler for Guide {
    async fn ask_fork(&self, _: &road::Fork, _: Ask<'_, road::Fork>) -> Result<Offer<f64>> {
        Ok(Offer::new("Which?").items(self.0.clone()))
    }
}

#[tokio::test]
async fn an_item_that_does_not_read_back_fails_the_turn_that_offers_it() {
    let stage = Stage::with(Road::engine(Guide(vec![1.5, f64::NAN])));
    assert!(stage.says("hi").await.is_failed(), "it could never be picked");
    assert_eq!(stage.state().await, None);
}

#[tokio::test]
async fn a_number_is_picked_by_its_button_and_kept_however_many_digits_it_has() {
    let extremes = [1e300, -0.0, 5e-324, f64::MAX];
    let slopes: Vec<_> = (0..100).map(|number| f64::from(number) * 0.37 + 0.1).chain(extremes).collect();
    let stage = Stage::with(Road::engine(Guide(slopes.clone())));
    for (place, slope) in slopes.into_iter().enumerate() {
        let id = SessionId::random();
        let opened = stage.engine.handle(id, "hi").await.expect("it opens");
        let pressed = Input::button(opened.replies[0].choices()[place].payload.clone());
        let outcome = stage.engine.handle(id, pressed).await.expect("it is taken");
        assert_eq!(outcome.state, Some(Road::Gone { slope }));
        let session = stage.engine.peek(id).await.expect("readable").expect("there");
        assert_eq!(*session.state(), Road::Gone { slope });
    }
}

/// Takes what was offered out of the record, as an older release does that writes it: it knows nothing of offers.
async fn written_by_an_older_release(stage: &Stage<Shop>) {
    let record = stage.store.last_written().record;
    let mut json = record.readable();
    assert!(json.as_object_mut().is_some_and(|fields| fields.remove("offered").is_some()));
    let older = written_as_json(record.stamp().next(), json);
    let commit = Commit::new(stage.id, Expect::At(record.prefix()), older, "shop", "SHELF");
    assert_eq!(stage.store.behind().commit(commit).await.expect("a store"), Verdict::Done { waiting: 0 });
}

#[tokio::test]
async fn an_answer_to_an_offer_that_an_older_release_made_is_an_answer() {
    let stock = [json!("ab"), json!({"label": "Mon 10:00"})];
    for said in [Input::text("mon 10:00"), Input::button("Mon 10:00"), Input::text("BA"), Input::button("ab")] {
        let stage = Stage::with(Shop::engine(Keeper(stock.to_vec())));
        stage.says("hi").await;
        written_by_an_older_release(&stage).await;
        let outcome = stage.says(said.clone()).await;
        assert_eq!(outcome.texts(), ["Here you are."], "{said:?}");
    }
}

#[tokio::test]
async fn a_number_counts_in_the_list_that_was_seen_and_in_no_other() {
    let stage = Stage::with(Shop::engine(Keeper(vec![json!("ab"), json!("cd")])));
    stage.says("hi").await;
    written_by_an_older_release(&stage).await;
    assert_eq!(stage.says("2").await.texts(), ["Please take one of these:", "Which?"], "of that list nothing is known");
    assert_eq!(stage.says("2").await.state, Some(Shop::Sold { good: Good(json!("cd")) }));

    // An empty list was seen too: it is not made anew.
    let stage = Stage::with(Shop::engine(Keeper(Vec::new())));
    stage.says("hi").await;
    let restocked = stage.second(Shop::engine(Keeper(vec![json!("ab")])));
    let outcome = restocked.handle(stage.id, "ba").await.expect("it is taken");
    assert_eq!(outcome.texts(), ["Which?"]);
}
