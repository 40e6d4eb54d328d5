//! A loop whose answers are large.

use flow_core::{Flow, Limits, Step, Turn};
use serde::{Deserialize, Serialize};

use crate::stage::Stage;

#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "restored_large", anywhere(back))]
pub(crate) enum Large {
    #[state(start, ask = "Begin?", handled, to(More))]
    Begin,
    #[state(ask = "And now?", handled, to(More, Done))]
    More { last: String, big: i128 },
    #[state(end, say = "Done.")]
    Done,
}

use large::*;

pub(super) struct Asker;

impl LargeHandler for Asker {
    async fn begin(&self, _: Begin, turn: Turn<'_, Begin>) -> Step<Begin> {
        turn.to(More { last: String::new(), big: 0 })
    }

    async fn more(&self, _: More, turn: Turn<'_, More>) -> Step<More> {
        let big = if turn.text() == "big" { i128::MAX } else { 1 };
        let last = turn.text().to_owned();
        turn.to(More { last, big })
    }
}

#[tokio::test]
async fn a_way_back_of_large_answers_makes_no_record_too_large() {
    let limits = Limits::default().record(64 * 1024);
    let stage = Stage::with(Large::engine(Asker).limits(limits));
    stage.says_all(&["hi", "yes"]).await;
    let answer = |number: usize| format!("{number:03}").repeat(1300);
    for number in 0..100 {
        let outcome = stage.says(&*answer(number)).await;
        assert!(!outcome.is_failed(), "{number}: {:?}", outcome.failure());
    }
    for number in (92..99).rev() {
        assert_eq!(stage.says("back").await.state, Some(Large::More { last: answer(number), big: 1 }));
    }
}

#[tokio::test]
async fn behind_a_number_that_no_json_value_holds_there_is_no_way_back_and_nothing_is_lost() {
    let stage = Stage::with(Large::engine(Asker));
    stage.says_all(&["hi", "yes", "one", "big"]).await;
    let outcome = stage.says("back").await;
    assert_eq!(outcome.texts(), ["There is no way back from here.", "And now?"]);
    assert_eq!(outcome.state, Some(Large::More { last: "big".into(), big: i128::MAX }));
    stage.says_all(&["two", "three"]).await;
    assert_eq!(stage.says("back").await.state, Some(Large::More { last: "two".into(), big: 1 }));
}
