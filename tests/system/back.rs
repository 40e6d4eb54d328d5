//! Back: to the question before, as a visitor would have it.

use crate::stage::{Stage, TO_REVIEW, chat};
use flow_core::Limits;

#[tokio::test]
async fn back_leads_through_the_questions_to_the_first_and_no_further() {
    let mut chat = chat();
    chat.says(["hi", "Book", "Ana", "ana@example.com", "back", "Back", "back", "back", "Book"]).await;
    insta::assert_snapshot!(chat.transcript());
}

#[tokio::test]
async fn after_a_correction_back_leads_to_where_it_would_have_led_without_it() {
    let stage = Stage::new();
    stage.says_all(&TO_REVIEW).await;
    let outcome = stage.says_all(&["Change e-mail", "ana@salon.example", "back"]).await;
    assert_eq!(outcome.texts(), ["Which of these suits you?"], "and not to the corrected one");
}

#[tokio::test]
async fn the_way_back_is_longer_than_the_history() {
    let stage = Stage::with(crate::stage::salon().limits(Limits::default().history(1)));
    stage.says_all(&["hi", "Book", "Ana", "back"]).await;
    let outcome = stage.says("back").await;
    assert_eq!(outcome.texts(), ["Welcome to Salon Lumen! Shall we book a visit?"]);
}

#[tokio::test]
async fn after_a_restart_there_is_nothing_before_the_start() {
    let stage = Stage::new();
    let outcome = stage.says_all(&["hi", "Book", "Ana", "restart", "back"]).await;
    assert_eq!(outcome.texts()[0], "There is no way back from here.");
}
