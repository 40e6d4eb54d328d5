//! Who has used up all tries is thrown out, and does not come back by "back"; and what a correction has put right in a loop stays right.

use flow_core::{Flow, Reask, Step, Turn};
use serde::{Deserialize, Serialize};

use crate::stage::Stage;

#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "vault_with_a_lock", anywhere(back))]
enum Vault {
    #[state(start, ask = "Who are you?", answer = String, to(Code))]
    Who,
    #[state(ask = "The code, {name}?", handled, tries(3, Locked), to(Inside))]
    Code { name: String },
    #[state(ask = "It is locked.", handled, after("10m", Code), to(Code))]
    Locked { name: String },
    #[state(run = Safe, to(Outside))]
    Inside,
    #[state(ask = "Outside.", handled, to(Left))]
    Outside,
    #[state(end, say = "Good bye.")]
    Left,
}

#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "safe_in_a_vault", anywhere(back))]
enum Safe {
    #[state(start, ask = "Which safe?", answer = String, to(Turning))]
    Choosing,
    #[state(ask = "The number of {safe}?", handled, tries(2, Shut), to(Open))]
    Turning { safe: String },
    #[state(end, say = "It is open.")]
    Open,
    #[state(end, say = "It is shut for good.")]
    Shut,
}

use {safe::*, vault::*};

struct Guard;

impl VaultHandler for Guard {
    async fn code(&self, _: Code, turn: Turn<'_, Code>) -> Step<Code> {
        if turn.text() == "1234" { turn.to(Inside) } else { Err(Reask::because("No.").into()) }
    }

    async fn locked(&self, _: Locked, turn: Turn<'_, Locked>) -> Step<Locked> {
        turn.stay("It is locked.")
    }

    async fn inside_done(&self, _: Inside, _: SafeEnd, turn: Turn<'_, Inside>) -> Step<Inside> {
        turn.to(Outside)
    }

    async fn outside(&self, _: Outside, turn: Turn<'_, Outside>) -> Step<Outside> {
        turn.to(Left)
    }
}

impl SafeHandler for Guard {
    async fn turning(&self, _: Turning, turn: Turn<'_, Turning>) -> Step<Turning> {
        if turn.text() == "7" { turn.to(Open) } else { Err(Reask::because("No.").into()) }
    }
}

#[tokio::test]
async fn back_does_not_lead_out_of_what_too_many_tries_have_led_to() {
    let stage = Stage::with(Vault::engine(Guard));
    stage.says_all(&["hi", "Ana", "1", "2", "3"]).await;
    assert_eq!(stage.state().await, Some("LOCKED"));
    for _ in 0..3 {
        assert_eq!(stage.says("back").await.texts(), ["There is no way back from here.", "It is locked."]);
    }
    stage.clock.advance(std::time::Duration::from_secs(601));
    assert_eq!(stage.says("1234").await.standing(), Some("INSIDE/CHOOSING"));
}

#[tokio::test]
async fn back_does_not_lead_into_a_flow_that_too_many_tries_have_ended() {
    let stage = Stage::with(Vault::engine(Guard));
    stage.says_all(&["hi", "Ana", "1234", "left", "1", "2"]).await;
    assert_eq!(stage.state().await, Some("OUTSIDE"));
    assert_eq!(stage.says("back").await.texts(), ["There is no way back from here.", "Outside."]);
}

#[tokio::test]
async fn back_leads_into_a_flow_that_an_answer_has_ended() {
    let stage = Stage::with(Vault::engine(Guard));
    stage.says_all(&["hi", "Ana", "1234", "left", "7"]).await;
    assert_eq!(stage.says("back").await.standing(), Some("INSIDE/CHOOSING"));
}

/// A count that each round raises, and that can be put right.
#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "score_that_is_put_right", anywhere(back), corrects(score))]
enum Game {
    #[state(start, ask = "What is the score?", answer = u32, to(Playing))]
    Begin,
    #[state(ask = "{score}. Who wins?", handled, to(Playing, Over))]
    Playing {
        #[serde(rename = "points")]
        score: u32,
    },
    #[state(end, say = "It was {score}.")]
    Over {
        #[serde(rename = "points")]
        score: u32,
    },
}

struct Referee;

impl GameHandler for Referee {
    async fn playing(&self, state: game::Playing, turn: Turn<'_, game::Playing>) -> Step<game::Playing> {
        turn.to(game::Playing { score: state.score + 1 })
    }
}

#[tokio::test]
async fn what_was_corrected_in_a_loop_stays_corrected_on_the_way_back() {
    let stage = Stage::with(Game::engine(Referee));
    stage.says_all(&["hi", "3", "we", "they"]).await;
    assert_eq!(stage.says("back").await.texts(), ["4. Who wins?"]);
    stage.says_all(&["change score", "9"]).await;
    assert_eq!(stage.says("they").await.texts(), ["10. Who wins?"]);
    assert_eq!(stage.says("back").await.texts(), ["9. Who wins?"]);
    // The round before the correction has changed nothing else, and so there is nothing to take off.
    assert_eq!(stage.says("back").await.texts(), ["What is the score?"]);
}
