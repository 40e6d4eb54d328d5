//! The way back in a loop, one answer at a time; and tries, which belong to a state by whatever way it is come to again.

use std::sync::{Arc, Mutex};

use flow_core::{Ask, Flow, Reask, Reply, Result, Step, Turn};
use serde::{Deserialize, Serialize};

use crate::stage::{Stage, by};

/// Questions out of a list, which the handler has.
#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "looping_survey", anywhere(back))]
pub(crate) enum Survey {
    #[state(start, ask = "Shall we begin?", handled, to(Question))]
    Begin,
    #[state(handled, to(Question, Review))]
    Question { answers: Vec<String> },
    #[state(ask = "Is that all?", handled, to(Thanks))]
    Review { answers: Vec<String> },
    #[state(end, say = "Thank you.")]
    Thanks,
}

use survey::*;

/// Asks what is on the list, which another release may have shortened.
#[derive(Clone)]
pub(crate) struct Pollster(Arc<Mutex<Vec<&'static str>>>);

impl Pollster {
    pub(crate) fn asking(questions: &[&'static str]) -> Self {
        Self(Arc::new(Mutex::new(questions.to_vec())))
    }

    fn question(&self, number: usize) -> Option<&'static str> {
        self.0.lock().expect("a lock").get(number).copied()
    }
}

impl SurveyHandler for Pollster {
    async fn begin(&self, _: Begin, turn: Turn<'_, Begin>) -> Step<Begin> {
        turn.to(Question { answers: Vec::new() })
    }

    async fn ask_question(&self, state: &Question, _: Ask<'_, Question>) -> Result<Reply> {
        Ok(self.question(state.answers.len()).unwrap_or("Anything else?").into())
    }

    async fn question(&self, state: Question, turn: Turn<'_, Question>) -> Step<Question> {
        let mut answers = state.answers;
        answers.push(turn.text().to_owned());
        match self.question(answers.len()) {
            Some(_) => turn.to(Question { answers }),
            None => turn.to(Review { answers }),
        }
    }

    async fn review(&self, _: Review, turn: Turn<'_, Review>) -> Step<Review> {
        turn.to(Thanks)
    }
}

fn answers(stage_state: &Survey) -> Vec<String> {
    match stage_state {
        Survey::Question { answers } | Survey::Review { answers } => answers.clone(),
        Survey::Begin | Survey::Thanks => Vec::new(),
    }
}

async fn stands(stage: &Stage<Survey>) -> (&'static str, Vec<String>) {
    let session = stage.engine.peek(stage.id).await.expect("it is read").expect("a session");
    (session.state().name(), answers(session.state()))
}

fn surveyed(pollster: &Pollster) -> Stage<Survey> {
    Stage::with(Survey::engine(pollster.clone()))
}

#[tokio::test]
async fn back_takes_one_answer_off_again_and_asks_for_it() {
    let stage = surveyed(&Pollster::asking(&["Rooms?", "Price?", "Staff?", "Food?"]));
    assert_eq!(stage.says_all(&["hi", "yes", "fine", "fair", "kind"]).await.texts(), ["Food?"]);
    assert_eq!(stage.says("back").await.texts(), ["Staff?"]);
    assert_eq!(stands(&stage).await, ("QUESTION", vec!["fine".to_owned(), "fair".to_owned()]));
    assert_eq!(stage.says("back").await.texts(), ["Price?"]);
    assert_eq!(stage.says("low").await.texts(), ["Staff?"]);
    assert_eq!(stands(&stage).await, ("QUESTION", vec!["fine".to_owned(), "low".to_owned()]));
    assert_eq!(stage.says_all(&["back", "back"]).await.texts(), ["Rooms?"]);
    assert_eq!(stage.says("back").await.texts(), ["Shall we begin?"]);
    assert!(stage.says("back").await.texts()[0].contains("back"), "nothing lies before the beginning");
}

#[tokio::test]
async fn back_out_of_what_follows_a_loop_is_its_last_question_again() {
    let stage = surveyed(&Pollster::asking(&["Rooms?", "Price?"]));
    assert_eq!(stage.says_all(&["hi", "yes", "fine", "fair"]).await.texts(), ["Is that all?"]);
    assert_eq!(stage.says("back").await.texts(), ["Price?"]);
    assert_eq!(stands(&stage).await, ("QUESTION", vec!["fine".to_owned()]));
    assert_eq!(stage.says("low").await.texts(), ["Is that all?"]);
    assert_eq!(stands(&stage).await, ("REVIEW", vec!["fine".to_owned(), "low".to_owned()]));
}

#[tokio::test]
async fn the_way_back_through_a_loop_survives_another_process_and_a_list_that_shrank() {
    let pollster = Pollster::asking(&["Rooms?", "Price?", "Staff?", "Food?"]);
    let stage = surveyed(&pollster);
    stage.says_all(&["hi", "yes", "fine", "fair", "kind"]).await;
    let other = stage.released(Survey::engine(Pollster::asking(&["Rooms?"])));
    let (session, question) = (other.id, other.engine.prompt(other.id).await.expect("it is asked"));
    assert_eq!(question.expect("a question").text(), "Anything else?");
    assert_eq!(other.engine.handle(session, "back").await.expect("a turn").texts(), ["Anything else?"]);
    assert_eq!(other.engine.handle(session, "back").await.expect("a turn").texts(), ["Anything else?"]);
    assert_eq!(other.engine.handle(session, "back").await.expect("a turn").texts(), ["Rooms?"]);
    assert_eq!(stands(&other).await, ("QUESTION", Vec::new()));
}

#[tokio::test]
async fn who_is_moved_by_an_operator_has_no_way_back_into_the_loop() {
    let stage = surveyed(&Pollster::asking(&["Rooms?", "Price?", "Staff?"]));
    stage.says_all(&["hi", "yes", "fine"]).await;
    let moved = Survey::Question { answers: vec!["a".to_owned(), "b".to_owned()] };
    stage.engine.operator(by()).force(stage.id, moved).await.expect("it is moved");
    assert_eq!(stage.says("back").await.texts().len(), 2, "it says that it cannot, and asks again");
    assert_eq!(stands(&stage).await.1.len(), 2);
}

/// Two questions a round, of which the second holds what the first asked.
#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "looping_basket", anywhere(back))]
enum Basket {
    #[state(start, ask = "What?", answer = String, to(Count))]
    Item,
    #[state(ask = "How many of {item}?", answer = u8, to(More))]
    Count { item: String, basket: Vec<(String, u8)> },
    #[state(ask = "What else? Or \"done\".", answer = String, to(Count, Paid))]
    More { basket: Vec<(String, u8)> },
    #[state(end, say = "Thank you.")]
    Paid { basket: Vec<(String, u8)> },
}

use basket::*;

struct Grocer;

impl BasketHandler for Grocer {
    async fn item(&self, _: Item, item: String, turn: Turn<'_, Item>) -> Step<Item> {
        turn.to(Count { item, basket: Vec::new() })
    }

    async fn count(&self, state: Count, count: u8, turn: Turn<'_, Count>) -> Step<Count> {
        let mut basket = state.basket;
        basket.push((state.item, count));
        turn.to(More { basket })
    }

    async fn more(&self, state: More, item: String, turn: Turn<'_, More>) -> Step<More> {
        match &*item {
            "done" => turn.to(Paid { basket: state.basket }),
            _ => turn.to(Count { item, basket: state.basket }),
        }
    }
}

#[tokio::test]
async fn back_in_a_loop_of_two_questions_leads_to_the_round_before() {
    let stage = Stage::with(Basket::engine(Grocer));
    assert_eq!(stage.says_all(&["hi", "eggs", "6", "milk", "2"]).await.texts(), ["What else? Or \"done\"."]);
    let basket = |outcome: flow_core::Outcome<Basket>| match outcome.state {
        Some(Basket::Count { basket, .. } | Basket::More { basket } | Basket::Paid { basket }) => basket.len(),
        Some(Basket::Item) | None => 0,
    };
    // What was asked for in between is gone with its answer: the question before that is asked again.
    let outcome = stage.says("back").await;
    assert_eq!(outcome.texts(), ["What else? Or \"done\"."]);
    assert_eq!(basket(outcome), 1);
    assert_eq!(basket(stage.says_all(&["bread", "1"]).await), 2);
}

/// A word that is guessed three times and no more.
#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "guarded_door", anywhere(back, "restart" => Name))]
enum Guarded {
    #[state(start, ask = "Who are you?", answer = String, to(Word))]
    Name,
    #[state(ask = "The word, {name}?", handled, tries(3, Locked), to(Open))]
    Word { name: String },
    #[state(ask = "Locked.", handled, after("10m", Name), to(Open))]
    Locked,
    #[state(end, say = "Come in.")]
    Open,
}

use guarded::*;

struct Guard;

impl GuardedHandler for Guard {
    async fn word(&self, _: Word, turn: Turn<'_, Word>) -> Step<Word> {
        if turn.text() == "sesame" { turn.to(Open) } else { Err(Reask::because("No.").into()) }
    }

    async fn locked(&self, _: Locked, turn: Turn<'_, Locked>) -> Step<Locked> {
        turn.stay("Locked.")
    }
}

#[tokio::test]
async fn going_back_and_forth_gives_nobody_more_tries() {
    for way in [["back", "Ana"], ["restart", "Ben"]] {
        let stage = Stage::with(Guarded::engine(Guard));
        assert_eq!(
            stage.says_all(&["hi", "Ana", "one", "two"]).await.state,
            Some(Guarded::Word { name: "Ana".into() })
        );
        stage.says_all(&way).await;
        assert_eq!(stage.state().await, Some("WORD"));
        assert_eq!(stage.says("three").await.state, Some(Guarded::Locked), "after {way:?}");
    }
}

#[tokio::test]
async fn who_waits_as_they_are_told_has_all_tries_again() {
    let stage = Stage::with(Guarded::engine(Guard));
    stage.says_all(&["hi", "Ana", "one", "two", "three"]).await;
    assert_eq!(stage.state().await, Some("LOCKED"));
    stage.passes(1);
    stage.says_all(&["Ana", "one", "two"]).await;
    assert_eq!(stage.state().await, Some("WORD"));
    assert_eq!(stage.says("sesame").await.texts(), ["Come in."]);
}
