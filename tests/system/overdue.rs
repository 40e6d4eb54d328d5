//! A state whose time is over is left by the visitor's own turn, where no worker has seen to it.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use flow_core::{
    Flow, Input, Outcome, Reask, Step, Turn,
    engine::{Inbox, Opened, OutcomeKind},
};
use serde::{Deserialize, Serialize};
use tokio::time::sleep;

use crate::stage::{Stage, by};

const MINUTE: Duration = Duration::from_secs(60);

/// A door that is locked for ten minutes after three wrong words, and whose porter goes home after an hour.
#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "locked_door")]
enum Door {
    #[state(start, ask = "The word?", handled, tries(3, Locked), to(Hall))]
    Word,
    #[state(ask = "It is locked for ten minutes.", handled, after("10m", Word), to(Word))]
    Locked,
    #[state(
        ask = "Left or right?",
        choices(Left, Right),
        signals(Knock),
        remind("30m", Hurry),
        after("1h", Shut),
        to(Open)
    )]
    Hall,
    #[state(end, say = "Come in.")]
    Open,
    #[state(end, checkpoint, say = "We have closed.")]
    Shut,
}

use door::*;

/// Says in which state it heard what.
#[derive(Clone, Default)]
struct Porter(Arc<Mutex<Vec<String>>>);

impl Porter {
    fn hears(&self, state: &str, said: &str) {
        self.0.lock().expect("a lock").push(format!("{state}: {said}"));
    }

    fn heard(&self) -> Vec<String> {
        self.0.lock().expect("a lock").clone()
    }
}

impl DoorHandler for Porter {
    async fn word(&self, _: Word, turn: Turn<'_, Word>) -> Step<Word> {
        self.hears("word", turn.text());
        if turn.text() == "sesame" { turn.to(Hall) } else { Err(Reask::because("No.").into()) }
    }

    async fn locked(&self, _: Locked, turn: Turn<'_, Locked>) -> Step<Locked> {
        self.hears("locked", turn.text());
        if turn.text() == "slow" {
            sleep(Duration::from_secs(5)).await;
        }
        turn.stay("It is locked.")
    }

    async fn hall(&self, _: Hall, _: HallChoice, turn: Turn<'_, Hall>) -> Step<Hall> {
        turn.to(Open)
    }

    async fn hall_on_knock(&self, _: Hall, turn: Turn<'_, Hall>) -> Step<Hall> {
        turn.stay("Somebody knocks.")
    }

    async fn hall_on_hurry(&self, _: Hall, turn: Turn<'_, Hall>) -> Step<Hall> {
        turn.stay("Hurry.")
    }
}

async fn locked(porter: &Porter) -> Stage<Door> {
    let stage = Stage::with(Door::engine(porter.clone()).inbox(Inbox::default().patience(Duration::ZERO)));
    stage.says_all(&["hi", "a", "b", "c"]).await;
    assert_eq!(stage.state().await, Some("LOCKED"));
    stage
}

async fn in_the_hall() -> Stage<Door> {
    let stage = Stage::with(Door::engine(Porter::default()));
    stage.says_all(&["hi", "sesame"]).await;
    assert_eq!(stage.state().await, Some("HALL"));
    stage
}

fn steps(outcome: &Outcome<Door>) -> Vec<String> {
    outcome.transitions.iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn what_is_said_after_the_time_of_a_state_is_said_in_the_next_one_in_one_write() {
    let porter = Porter::default();
    let stage = locked(&porter).await;
    stage.clock.advance(9 * MINUTE);
    assert_eq!(stage.says("sesame").await.texts(), ["It is locked."]);
    stage.clock.advance(MINUTE);
    let calls = stage.store.calls();
    let outcome = stage.says("sesame").await;
    assert_eq!(outcome.texts(), ["The word?", "Left or right?"]);
    assert_eq!(steps(&outcome), ["LOCKED -> WORD (after)", "WORD -> HALL (message)"]);
    assert_eq!(stage.store.calls() - calls, 2, "one load and one commit");
    let heard = porter.heard();
    assert_eq!(heard[heard.len() - 2..], ["locked: sesame", "word: sesame"]);
    // There is nothing left for a worker.
    let before = stage.engine.peek(stage.id).await.expect("readable").expect("there").stamp();
    stage.works().await;
    assert_eq!(stage.engine.peek(stage.id).await.expect("readable").expect("there").stamp(), before);
}

#[tokio::test]
async fn a_button_of_a_state_whose_time_is_over_is_no_answer_to_the_next_question() {
    let stage = in_the_hall().await;
    let asked = stage.says("what?").await;
    let press = Input::button(asked.replies.last().expect("a question").buttons()[0].token());
    stage.clock.advance(60 * MINUTE);
    let outcome = stage.says(press).await;
    assert_eq!(outcome.opened, Some(Opened::AfterEnd));
    assert_eq!(outcome.texts()[0], "We have closed.");
    assert_eq!(outcome.texts().last(), Some(&"The word?"));
    assert_eq!(stage.state().await, Some("WORD"));
}

#[tokio::test]
async fn where_the_time_ends_the_conversation_another_one_begins() {
    let stage = in_the_hall().await;
    stage.passes(5);
    let outcome = stage.says("hello?").await;
    assert_eq!(outcome.texts(), ["We have closed.", "The word?"]);
    assert_eq!(steps(&outcome), ["HALL -> SHUT (after)", "SHUT -> WORD (reopened)"]);
    assert_eq!((outcome.opened, outcome.checkpoints.len()), (Some(Opened::AfterEnd), 1));
}

#[tokio::test]
async fn a_reminder_is_for_who_is_silent_and_is_left_to_a_worker() {
    let stage = in_the_hall().await;
    stage.clock.advance(45 * MINUTE);
    assert!(!stage.says("up").await.texts().contains(&"Hurry."));
}

#[tokio::test]
async fn while_a_person_has_taken_over_no_time_is_over() {
    let stage = in_the_hall().await;
    stage.engine.operator(by()).pause(stage.id).await.expect("paused");
    stage.passes(5);
    stage.says("hello?").await;
    assert_eq!(stage.state().await, Some("HALL"));
}

#[tokio::test]
async fn a_pause_that_is_over_ends_before_the_state_is_left_and_what_it_withheld_is_said() {
    let stage = in_the_hall().await;
    stage.engine.operator(by()).pause_for(stage.id, 30 * MINUTE).await.expect("paused");
    stage.engine.signal(stage.id, DoorSignal::Knock).await.expect("a turn");
    stage.clock.advance(60 * MINUTE);
    let outcome = stage.says("hello?").await;
    assert_eq!(outcome.texts(), ["Somebody knocks.", "We have closed.", "The word?"]);
    assert_eq!(steps(&outcome)[0], "HALL -> HALL (unpaused)");
}

#[tokio::test(start_paused = true)]
async fn what_was_accepted_in_time_is_heard_in_the_state_to_which_it_was_said() {
    let porter = Porter::default();
    let stage = locked(&porter).await;
    for (text, id) in [("slow", "1"), ("in time", "2")] {
        stage.engine.accept(stage.id, Input::text(text).with_id(id)).await.expect("accepted");
    }
    stage.clock.advance(10 * MINUTE);
    while stage.engine.waiting(stage.id).await.expect("the store answers") > 0 {
        sleep(Duration::from_secs(1)).await;
    }
    stage.says("late").await;
    let heard = porter.heard();
    assert_eq!(heard[heard.len() - 3..], ["locked: slow", "locked: in time", "word: late"]);
}

/// A waiter who decides after a while that it is to be a table, and needs to know for how many.
#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "waiter_who_decides")]
enum Waiter {
    #[state(start, ask = "Let me think.", handled, after("10m", Seat), to(Seat))]
    Thinking,
    #[state(ask = "Inside or outside?", choices(Inside, Outside), to(Guests))]
    Seat,
    #[state(ask = "How many guests?", answer = u8, to(Seated))]
    Guests,
    #[state(end, say = "A table for {guests}.")]
    Seated { guests: u8 },
}

use waiter::{Guests, Seat, SeatChoice, Seated, Thinking};

struct Head;

impl WaiterHandler for Head {
    async fn thinking(&self, _: Thinking, turn: Turn<'_, Thinking>) -> Step<Thinking> {
        turn.stay("One moment.")
    }

    async fn seat(&self, _: Seat, _: SeatChoice, turn: Turn<'_, Seat>) -> Step<Seat> {
        turn.to(Guests)
    }

    async fn guests(&self, _: Guests, guests: u8, turn: Turn<'_, Guests>) -> Step<Guests> {
        turn.to(Seated { guests })
    }
}

#[tokio::test]
async fn a_number_answers_the_present_question_and_not_one_that_was_asked_and_left_in_the_same_turn() {
    let stage = Stage::with(Waiter::engine(Head));
    stage.says("hi").await;
    stage.clock.advance(10 * MINUTE);
    let outcome = stage.says("inside").await;
    assert_eq!(outcome.texts(), ["Inside or outside?", "How many guests?"]);
    assert!(outcome.replies.iter().all(|reply| reply.choices().is_empty()), "what is over has no buttons");
    assert_eq!(stage.says("2").await.texts(), ["A table for 2."]);
}

#[tokio::test]
async fn a_number_that_comes_late_picks_nothing_from_a_question_that_was_not_seen() {
    let stage = Stage::with(Waiter::engine(Head));
    stage.says("hi").await;
    stage.clock.advance(10 * MINUTE);
    let outcome = stage.says("2").await;
    assert_eq!(
        (outcome.texts(), stage.state().await),
        (vec!["That question is over.", "Inside or outside?"], Some("SEAT"))
    );
    assert!(matches!(outcome.kind, OutcomeKind::Over), "{:?}", outcome.kind);
    assert_eq!(stage.says("2").await.texts(), ["How many guests?"]);
}
