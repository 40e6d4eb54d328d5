//! The present question, asked once more without a turn.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use flow_core::{Ask, EngineError, Expiry, Flow, Halt, Input, Offer, Reply, Result, SessionId, Step, Turn};
use serde::{Deserialize, Serialize};

use crate::stage::{Stage, by};

/// A stall whose stock changes while a visitor makes up their mind.
#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "stall_with_a_question")]
enum Stall {
    #[state(start, ask = "Sweet or sour?", choices(Sweet, Sour), to(Which, Size, Broken))]
    Taste,
    #[state(offers = String, after("1h", Size), to(Gone))]
    Which,
    #[state(handled, to(Gone))]
    Size,
    #[state(handled, to(Gone))]
    Broken,
    #[state(end, say = "Enjoy.")]
    Gone,
}

use stall::*;

#[derive(Clone, Default)]
struct Stock(Arc<Mutex<Vec<String>>>);

impl Stock {
    fn of(goods: &[&str]) -> Self {
        let stock = Self::default();
        stock.is(goods);
        stock
    }

    fn is(&self, goods: &[&str]) {
        *self.0.lock().expect("a lock") = goods.iter().map(ToString::to_string).collect();
    }

    fn goods(&self) -> Vec<String> {
        self.0.lock().expect("a lock").clone()
    }
}

impl StallHandler for Stock {
    async fn taste(&self, _: Taste, choice: TasteChoice, turn: Turn<'_, Taste>) -> Step<Taste> {
        match (choice, self.goods().len()) {
            (_, 0) => turn.to(Broken),
            (TasteChoice::Sweet, _) => turn.to(Which),
            (TasteChoice::Sour, _) => turn.to(Size),
        }
    }

    async fn ask_which(&self, _: &Which, _: Ask<'_, Which>) -> Result<Offer<String>> {
        Ok(Offer::new("Which?").items(self.goods()))
    }

    async fn which(&self, _: Which, good: String, turn: Turn<'_, Which>) -> Step<Which> {
        turn.to(Gone).say(format!("One {good}."))
    }

    async fn ask_size(&self, _: &Size, _: Ask<'_, Size>) -> Result<Reply> {
        Ok(Reply::new("How large?").with_choices(self.goods()))
    }

    async fn size(&self, _: Size, turn: Turn<'_, Size>) -> Step<Size> {
        let said = turn.text().to_owned();
        turn.to(Gone).say(format!("A {said} one."))
    }

    async fn ask_broken(&self, _: &Broken, _: Ask<'_, Broken>) -> Result<Reply> {
        if self.goods().is_empty() {
            Ok("Nothing is left. What now?".into())
        } else {
            Err(Halt::failed("the chalk is gone"))
        }
    }

    async fn broken(&self, _: Broken, turn: Turn<'_, Broken>) -> Step<Broken> {
        turn.to(Gone)
    }
}

impl Stage<Stall> {
    async fn question(&self) -> Option<Reply> {
        let before = self.engine.peek(self.id).await.expect("readable").map(|session| session.stamp());
        let question = self.engine.prompt(self.id).await.expect("it is asked");
        let after = self.engine.peek(self.id).await.expect("readable").map(|session| session.stamp());
        assert_eq!(before, after, "nothing is written");
        question
    }
}

fn labels(reply: &Reply) -> Vec<(Option<usize>, &str)> {
    reply.numbers().into_iter().zip(reply.choices().iter().map(|choice| choice.label.as_str())).collect()
}

fn press(reply: &Reply, place: usize) -> Input {
    Input::button(reply.buttons()[place].token())
}

#[tokio::test]
async fn the_present_question_is_asked_as_it_was_and_its_buttons_answer_it() {
    let stage = Stage::with(Stall::engine(Stock::of(&["pear"])));
    let asked = stage.says("hi").await.replies.pop();
    let again = stage.question().await;
    assert_eq!(again, asked);
    stage.says(press(&again.expect("a question"), 1)).await;
    assert_eq!(stage.state().await, Some("SIZE"));
}

#[tokio::test]
async fn an_offer_is_the_one_that_was_shown_whatever_there_would_be_by_now() {
    let stock = Stock::of(&["pear", "plum"]);
    let stage = Stage::with(Stall::engine(stock.clone()));
    let asked = stage.says_all(&["hi", "sweet"]).await.replies.pop();
    stock.is(&["fig", "plum", "kiwi"]);
    let again = stage.question().await;
    assert_eq!(again, asked);
    assert_eq!(labels(&again.expect("a question")), [(Some(1), "pear"), (Some(2), "plum")]);
    assert_eq!(stage.says("1").await.texts()[0], "One pear.");
}

#[tokio::test]
async fn a_handlers_own_list_that_has_changed_has_no_numbers_and_its_buttons_stand_for_their_words() {
    let stock = Stock::of(&["small", "large"]);
    let stage = Stage::with(Stall::engine(stock.clone()));
    let asked = stage.says_all(&["hi", "sour"]).await.replies.pop();
    assert_eq!(stage.question().await, asked, "as long as it is the same");
    stock.is(&["huge", "small"]);
    let again = stage.question().await.expect("a question");
    assert_eq!(labels(&again), [(None, "huge"), (None, "small")]);
    assert_eq!(stage.says(press(&again, 0)).await.texts()[0], "A huge one.");
}

#[tokio::test]
async fn a_state_whose_time_is_over_is_passed_over() {
    let stock = Stock::of(&["small", "large"]);
    let stage = Stage::with(Stall::engine(stock.clone()));
    stage.says_all(&["hi", "sweet"]).await;
    stage.passes(2);
    let again = stage.question().await.expect("a question");
    assert_eq!(again.text(), "How large?");
    let outcome = stage.says(press(&again, 1)).await;
    assert_eq!(outcome.texts(), ["How large?", "A large one.", "Enjoy."]);
}

#[tokio::test]
async fn nothing_is_asked_where_no_conversation_is_under_way() {
    let stage = Stage::with(Stall::engine(Stock::of(&["pear"])));
    assert_eq!(stage.engine.prompt(SessionId::random()).await.expect("it is asked"), None);
    stage.says_all(&["hi", "sweet"]).await;
    stage.engine.operator(by()).pause(stage.id).await.expect("paused");
    assert_eq!(stage.question().await, None, "a person has taken over");
    stage.engine.operator(by()).resume(stage.id).await.expect("resumed");
    assert!(stage.question().await.is_some());
    stage.says("1").await;
    assert_eq!(stage.question().await, None, "it is over");
    let other =
        Stage::with(Stall::engine(Stock::of(&["pear"])).expiry(Expiry::default().idle(Duration::from_secs(60))));
    other.says("hi").await;
    other.passes(1);
    assert_eq!(other.question().await, None, "it has expired");
}

#[tokio::test]
async fn a_handler_that_cannot_ask_is_an_error() {
    let stock = Stock::default();
    let stage = Stage::with(Stall::engine(stock.clone()));
    stage.says_all(&["hi", "sweet"]).await;
    assert_eq!(stage.question().await.expect("a question").text(), "Nothing is left. What now?");
    stock.is(&["pear"]);
    let failed = stage.engine.prompt(stage.id).await;
    assert!(matches!(&failed, Err(EngineError::Handler(_))), "{failed:?}");
}
