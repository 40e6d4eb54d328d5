//! Tries of a flow that another runs, and flows that end or nest without an end.

use flow_core::{Ask, Flow, Reask, Result, Step, Turn, engine::OutcomeKind};
use serde::{Deserialize, Serialize};

use crate::stage::Stage;

#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "house_with_a_door", anywhere("/in" => Inside, aside("/ask" => Asking)))]
enum House {
    #[state(start, ask = "Yes?", handled, to(Inside, Hall))]
    Outside,
    #[state(run = Door, to(Hall, Outside))]
    Inside,
    #[state(run = Nothing, begin, to(Home))]
    Hall,
    #[state(ask = "What do you want to know?", handled, to(Home))]
    Asking,
    #[state(end, say = "At home.")]
    Home,
}

#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "door_of_a_house", anywhere("leave" => Left, back), corrects(name, town))]
enum Door {
    #[state(start, ask = "Your name?", answer = String, to(Town))]
    Name,
    #[state(ask = "Your town?", answer = String, to(Word))]
    Town { name: String },
    #[state(ask = "The word?", handled, tries(3, Shut), to(Open))]
    Word { name: String, town: String },
    #[state(end, say = "It opens.")]
    Open,
    #[state(end, say = "It is shut.")]
    Shut,
    #[state(end, say = "You leave.")]
    Left,
}

/// It asks nothing, where it begins at its end.
#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "nothing_in_a_house")]
enum Nothing {
    #[state(start, ask = "?", handled, to(Over))]
    Begun,
    #[state(end)]
    Over,
}

use {door::*, house::*, nothing::*};

struct Porter;

impl HouseHandler for Porter {
    async fn outside(&self, _: Outside, turn: Turn<'_, Outside>) -> Step<Outside> {
        if turn.text() == "hall" { turn.to(Hall) } else { turn.to(Inside) }
    }

    async fn inside_done(&self, _: Inside, end: DoorEnd, turn: Turn<'_, Inside>) -> Step<Inside> {
        match end {
            DoorEnd::Open(_) => turn.to(Hall),
            DoorEnd::Shut(_) => turn.to(Outside),
            DoorEnd::Left(_) => turn.stay("Again, then."),
        }
    }

    async fn hall_begin(&self, _: &Hall, _: Ask<'_, Hall>) -> Result<Nothing> {
        Ok(Nothing::Over)
    }

    async fn hall_done(&self, _: Hall, _: NothingEnd, turn: Turn<'_, Hall>) -> Step<Hall> {
        turn.stay("Once more.")
    }

    async fn asking(&self, _: Asking, turn: Turn<'_, Asking>) -> Step<Asking> {
        turn.stay("Hm.")
    }
}

impl DoorHandler for Porter {
    async fn word(&self, state: Word, turn: Turn<'_, Word>) -> Step<Word> {
        if turn.text() == state.name { turn.to(Open) } else { Err(Reask::because("No.").into()) }
    }
}

impl NothingHandler for Porter {
    async fn begun(&self, _: Begun, turn: Turn<'_, Begun>) -> Step<Begun> {
        turn.to(Over)
    }
}

async fn at_the_word() -> Stage<House> {
    let stage = Stage::with(House::engine(Porter));
    stage.says_all(&["hi", "in", "Ana", "Lisbon", "one", "two"]).await;
    assert_eq!(standing(&stage).await, "INSIDE/WORD");
    stage
}

async fn standing(stage: &Stage<House>) -> String {
    stage.engine.peek(stage.id).await.expect("it is read").expect("a session").standing()
}

#[tokio::test]
async fn who_leaves_a_flow_and_comes_again_has_no_more_tries() {
    let ways: [&[&str]; 5] = [
        &["back", "Lisbon"],
        &["/in", "Ana", "Lisbon"],
        &["/ask", "/in", "Ana", "Lisbon"],
        &["leave", "Ana", "Lisbon"],
        &["change town", "/ask", "/in", "Ana", "Lisbon"],
    ];
    for way in ways {
        let stage = at_the_word().await;
        stage.says_all(way).await;
        assert_eq!(standing(&stage).await, "INSIDE/WORD", "after {way:?}");
        stage.says("three").await;
        assert_eq!(standing(&stage).await, "OUTSIDE", "after {way:?}");
    }
}

#[tokio::test]
async fn corrections_in_each_other_put_the_answer_wherever_it_is_kept_and_stand_there_once() {
    let stage = at_the_word().await;
    for _ in 0..5 {
        stage.says_all(&["change town", "change name"]).await;
        assert_eq!(standing(&stage).await, "INSIDE/WORD/TOWN/NAME");
    }
    stage.says("Eve").await;
    assert_eq!(standing(&stage).await, "INSIDE/WORD/TOWN");
    stage.says("Porto").await;
    let session = stage.engine.peek(stage.id).await.expect("it is read").expect("a session");
    assert_eq!(session.state_in::<Door>(), Some(&Door::Word { name: "Eve".into(), town: "Porto".into() }));
}

#[tokio::test]
async fn a_flow_that_asks_nothing_and_is_run_again_and_again_is_a_failure() {
    let stage = Stage::with(House::engine(Porter));
    stage.says("hi").await;
    let outcome = stage.says("hall").await;
    assert!(matches!(outcome.kind, OutcomeKind::Failed(_)), "{:?}", outcome.kind);
    assert_eq!(standing(&stage).await, "OUTSIDE", "nothing of it is stored");
}
