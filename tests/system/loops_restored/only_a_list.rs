//! A loop over a list that is not written while it is empty, and nothing else.

use flow_core::{Flow, Step, Turn};
use serde::{Deserialize, Serialize};

use crate::stage::Stage;

#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "restored_list", anywhere(back))]
pub(crate) enum Only {
    #[state(start, ask = "Begin?", handled, to(More))]
    Begin,
    #[state(ask = "And now?", handled, to(More, Done))]
    More {
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        answers: Vec<String>,
    },
    #[state(end, say = "Done.")]
    Done,
}

use only::*;

pub(super) struct Asker;

impl OnlyHandler for Asker {
    async fn begin(&self, _: Begin, turn: Turn<'_, Begin>) -> Step<Begin> {
        turn.to(More { answers: Vec::new() })
    }

    async fn more(&self, state: More, turn: Turn<'_, More>) -> Step<More> {
        let mut answers = state.answers;
        answers.push(turn.text().to_owned());
        turn.to(More { answers })
    }
}

#[tokio::test]
async fn back_takes_the_first_answer_off_a_list_that_is_not_written_while_it_is_empty() {
    let stage = Stage::with(Only::engine(Asker));
    stage.says_all(&["hi", "yes", "one", "two"]).await;
    assert_eq!(stage.says("back").await.state, Some(Only::More { answers: vec!["one".into()] }));
    assert_eq!(stage.says("back").await.state, Some(Only::More { answers: Vec::new() }));
    assert_eq!(stage.says("back").await.state, Some(Only::Begin));
}

#[tokio::test]
async fn of_a_thousand_rounds_the_last_are_gone_back_through_and_no_record_grows_by_the_others() {
    let stage = Stage::with(Only::engine(Asker));
    stage.says_all(&["hi", "yes"]).await;
    let mut weights = Vec::new();
    for number in 0..1000 {
        stage.says(&*format!("answer {number}")).await;
        let json = stage.store.last_written().record.readable();
        weights.push(json.to_string().len() - json["data"].to_string().len());
    }
    assert!(weights[999] < weights[99] + 500, "{} and {}", weights[99], weights[999]);
    for left in (936..1000).rev() {
        let Some(Only::More { answers }) = stage.says("back").await.state else { panic!("it goes on") };
        assert_eq!(answers.len(), left);
    }
    let outcome = stage.says("back").await;
    assert_eq!(outcome.texts(), ["There is no way back from here.", "And now?"]);
    let Some(Only::More { answers }) = stage.says("and on").await.state else { panic!("it goes on") };
    assert_eq!((answers.len(), &*answers[936]), (937, "and on"), "what is behind the way back is kept");
}
