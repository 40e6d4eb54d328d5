//! A way back to each answer, an end before the end, and a worth for every answer.

use flow_testkit::{Chat, Coverage};

use crate::flows::survey::{Answers, Pollster, Survey};

fn chat() -> Chat<Survey> {
    Chat::new(|| Survey::engine(Pollster))
}

fn given(answers: &[&str]) -> Answers {
    Answers(answers.iter().map(|answer| (*answer).to_owned()).collect())
}

async fn stored(chat: &Chat<Survey>) -> Survey {
    chat.session().await.expect("a session").state().clone()
}

#[tokio::test]
async fn back_takes_one_answer_off_and_asks_for_it_again() {
    let mut chat = chat();
    chat.says(["hi", "Yes", "Danube", "Po", "Ebro", "back"]).await.presses("Back").await;
    assert_eq!(stored(&chat).await, Survey::Question { answers: given(&["Danube"]) });
    chat.restarts_process().says(["Tiber", "a river", "1", "Rhine"]).await;
    assert_eq!(stored(&chat).await, Survey::Question { answers: given(&["Danube", "Tiber", "Guadalquivir", "Rhine"]) });
    chat.says(["Seine"]).await;
    let counted = given(&["Danube", "Tiber", "Guadalquivir", "Rhine", "Seine"]);
    assert_eq!(stored(&chat).await, Survey::Counted { answers: counted });
    assert!(chat.transcript().ends_with("4 right, 1 wrong."), "{}", chat.transcript());
    insta::assert_snapshot!(chat.transcript());
}

#[tokio::test]
async fn back_from_the_first_question_is_the_beginning() {
    let mut chat = chat();
    chat.says(["hi", "Yes", "Danube", "back", "back"]).await;
    assert_eq!(stored(&chat).await, Survey::Begin);
    chat.says(["back", "exit"]).await;
    assert_eq!(stored(&chat).await, Survey::Begin, "nothing is there to count");
}

#[tokio::test]
async fn who_leaves_early_is_told_what_there_is() {
    let mut chat = chat();
    chat.says(["hi", "Yes", "Danube", "Arno"]).await.presses("Exit").await;
    assert_eq!(stored(&chat).await, Survey::Counted { answers: given(&["Danube", "Arno"]) });
    let told = chat.outcome().as_ref().expect("a turn").texts()[0].to_owned();
    assert!(told.ends_with("1 right, 4 wrong."), "{told}");
    assert_eq!(told.matches("no answer").count(), 3, "{told}");
}

#[test]
fn every_edge_is_taken_by_a_test() {
    Coverage::of_tests::<Survey>("survey::", |coverage| {
        assert_eq!(coverage.untaken(), [""; 0]);
    });
}
