//! Signals: what is told from outside is taken where it is declared, and is never lost in silence.

use flow_core::{EngineError, Flow, Input, Message, OutcomeKind, Step, Turn};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::stage::Stage;

#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Purchase {
    #[state(start, ask = "Shall I reserve it?", choices(Yes, No), to(Paying, Left))]
    Begin,
    #[state(say = "Please pay.", signals(Paid(Receipt), Refused = "bank.refused"), to(Done, Left))]
    Paying,
    #[state(end, say = "Your receipt is number {number}.")]
    Done { number: u64 },
    #[state(end, say = "Another time.")]
    Left,
}

use purchase::*;

/// What the bank reports.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Receipt {
    number: u64,
}

struct Shop;

impl PurchaseHandler for Shop {
    async fn begin(&self, _: Begin, choice: BeginChoice, turn: Turn<'_, Begin>) -> Step<Begin> {
        match choice {
            BeginChoice::Yes => turn.to(Paying),
            BeginChoice::No => turn.to(Left),
        }
    }

    async fn paying(&self, _: Paying, turn: Turn<'_, Paying>) -> Step<Paying> {
        turn.stay("Your payment has not come yet.")
    }

    async fn paying_on_paid(&self, _: Paying, receipt: Receipt, turn: Turn<'_, Paying>) -> Step<Paying> {
        assert!(turn.input().is_none() && turn.text().is_empty(), "the visitor said nothing");
        turn.to(Done { number: receipt.number })
    }

    async fn paying_on_refused(&self, _: Paying, turn: Turn<'_, Paying>) -> Step<Paying> {
        turn.to(Left)
    }
}

fn paid(number: u64) -> PurchaseSignal {
    PurchaseSignal::Paid(Receipt { number })
}

fn with_id(signal: &PurchaseSignal, id: &str) -> Message {
    Input::signal(signal).expect("JSON").with_id(id)
}

async fn paying() -> Stage<Purchase> {
    let stage = Stage::with(Purchase::engine(Shop));
    stage.says_all(&["hi", "yes"]).await;
    stage
}

#[tokio::test]
async fn a_signal_is_taken_with_what_it_carries() {
    let stage = paying().await;
    let outcome = stage.engine.signal(stage.id, paid(7)).await.expect("a turn");
    assert_eq!(outcome.texts(), ["Your receipt is number 7."]);
    assert_eq!(outcome.transitions[0].to_string(), "PAYING -> DONE (signal)");
}

#[tokio::test]
async fn a_signal_that_the_state_does_not_take_is_told_stores_nothing_and_is_taken_where_it_is_declared() {
    let stage = Stage::with(Purchase::engine(Shop));
    stage.says("hi").await;
    let before = stage.store.last_written().record;
    let signal = with_id(&paid(7), "bank.1");
    for _ in 0..2 {
        let outcome = stage.says(signal.clone()).await;
        assert!(outcome.is_unheard() && matches!(outcome.kind, OutcomeKind::Unheard), "{outcome:?}");
        assert!(outcome.replies.is_empty() && outcome.transitions.is_empty());
        assert_eq!((outcome.state, outcome.version), (Some(Purchase::Begin), 1));
    }
    assert_eq!((stage.store.writes(), stage.engine.stats().unheard), (1, 2));
    assert_eq!(stage.store.behind().load(stage.id, 0).await.expect("a store").record, Some(before));

    stage.says("yes").await;
    let outcome = stage.says(signal).await;
    assert!(!outcome.is_unheard() && !outcome.is_repeat(), "what was not taken is not remembered");
    assert_eq!(stage.state().await, Some("DONE"));
}

#[tokio::test]
async fn a_signal_is_no_answer_to_a_question_and_counts_as_no_try() {
    let stage = Stage::with(Purchase::engine(Shop));
    stage.says("hi").await;
    // Its name is that of a choice, and means nothing here.
    let refused = stage.engine.handle(stage.id, Input::signal_by_name("Yes", ())).await;
    assert!(matches!(refused, Err(EngineError::NoSuchSignal)), "{refused:?}");
    assert_eq!((stage.state().await, stage.engine.stats().reasked), (Some("BEGIN"), 0));
}

#[tokio::test]
async fn a_signal_by_an_unknown_name_or_with_an_unreadable_payload_is_an_error_and_changes_nothing() {
    let stage = paying().await;
    let before = stage.store.last_written().record;
    for unknown in ["paid", "Settled", "Refused", ""] {
        let refused = stage.engine.handle(stage.id, Input::signal_by_name(unknown, json!({"number": 7}))).await;
        assert!(matches!(refused, Err(EngineError::NoSuchSignal)), "{unknown}: {refused:?}");
    }
    for unreadable in [json!(null), json!({"number": "canary"}), json!([]), json!({"number": -1})] {
        let refused = stage.engine.handle(stage.id, Input::signal_by_name("Paid", unreadable)).await;
        assert!(matches!(refused, Err(EngineError::UnreadableSignal)), "{refused:?}");
        assert!(!format!("{refused:?}").contains("canary"));
    }
    assert_eq!(stage.store.behind().load(stage.id, 0).await.expect("a store").record, Some(before));
    assert_eq!(stage.engine.stats().refused, 8);
}

#[tokio::test]
async fn a_signal_that_comes_again_under_its_id_is_a_repeat() {
    let stage = paying().await;
    let first = stage.says(with_id(&paid(7), "bank.1")).await;
    let writes = stage.store.writes();
    // Whatever it carries by then: the id says that it is the same.
    let repeat = stage.says(with_id(&paid(8), "bank.1")).await;
    assert!(repeat.is_repeat());
    assert_eq!((repeat.texts(), repeat.version), (first.texts(), first.version));
    assert_eq!((stage.store.writes(), stage.state().await), (writes, Some("DONE")));
}

#[tokio::test]
async fn a_signal_goes_by_the_name_that_the_declaration_gives_it() {
    let stage = paying().await;
    let Input::Signal(written) = Input::signal(&PurchaseSignal::Refused).expect("JSON") else { panic!("a signal") };
    assert_eq!((written.name.as_str(), &written.payload), ("bank.refused", &json!(null)));
    stage.says(Input::signal_by_name("bank.refused", json!({"why": "whatever comes with it"}))).await;
    assert_eq!(stage.state().await, Some("LEFT"));
}
