//! Corrections in the middle of a form: in free text, by words, refused, gone back on; and what is asked in between.

use flow_testkit::{Chat, Coverage};

use crate::flows::restaurant::{Cuisine, Guide, Restaurant, Seating};

fn chat() -> Chat<Restaurant> {
    Chat::new(|| Restaurant::engine(Guide))
}

async fn stored(chat: &Chat<Restaurant>) -> Restaurant {
    chat.session().await.expect("a session").state().clone()
}

#[tokio::test]
async fn whatever_changes_meanwhile_is_changed_and_the_talk_goes_on_where_it_was() {
    let mut chat = chat();
    chat.says(["hi", "Greek", "4", "actually 5 people"]).await;
    assert_eq!(stored(&chat).await, Restaurant::Where { cuisine: Cuisine::Greek, people: 5 });
    chat.says(["are you a bot", "yes", "actually indoors"]).await;
    assert_eq!(
        stored(&chat).await,
        Restaurant::WhatElse { cuisine: Cuisine::Greek, people: 5, seating: Seating::Inside }
    );
    chat.says(["stop", "a view", "actually Italian", "change preferences", "skip"]).await;
    chat.says(["change people", "six", "6", "thank you", "It is quick."]).await;
    assert_eq!(
        stored(&chat).await,
        Restaurant::Found {
            cuisine: Cuisine::Italian,
            people: 6,
            seating: Seating::Inside,
            preferences: "nothing else".to_owned(),
            feedback: "It is quick.".to_owned(),
        }
    );
    insta::assert_snapshot!(chat.transcript());
}

#[tokio::test]
async fn a_correction_that_cannot_be_is_refused_as_its_answer_is() {
    let mut chat = chat();
    chat.says(["hi", "Greek", "0", "4", "actually 0 people"]).await;
    assert_eq!(chat.outcome().as_ref().expect("a turn").texts()[0], "For one person at least.");
    chat.says(["3"]).await;
    assert_eq!(stored(&chat).await, Restaurant::Where { cuisine: Cuisine::Greek, people: 3 }, "{}", chat.transcript());
}

#[tokio::test]
async fn what_is_not_known_yet_cannot_be_corrected_and_is_heard_as_an_answer() {
    let mut chat = chat();
    chat.says(["hi", "actually 5 people", "Greek"]).await;
    assert_eq!(stored(&chat).await, Restaurant::HowMany { cuisine: Cuisine::Greek }, "{}", chat.transcript());
}

#[tokio::test]
async fn wherever_the_talk_is_it_may_be_left_or_go_on_after_something_else() {
    let said = ["hi", "Greek", "4", "yes", "skip"];
    for asked in 1..=said.len() {
        let mut chat = chat();
        chat.says(said[..asked].iter().copied()).await;
        let before = stored(&chat).await;
        for (word, answer) in [
            ("are you a bot", "I am one, made with Flow."),
            ("thank you", "You are welcome."),
            ("stop", "Shall I stop? If not, just go on."),
        ] {
            chat.says([word]).await;
            assert_eq!(chat.outcome().as_ref().expect("a turn").texts()[0], answer);
            assert_eq!(stored(&chat).await, before, "{}", chat.transcript());
        }
        chat.presses("Cancel").await;
        assert_eq!(stored(&chat).await, Restaurant::Cancelled, "{}", chat.transcript());
    }
}

#[test]
fn every_edge_is_taken_by_a_test() {
    Coverage::of_tests::<Restaurant>("restaurant::", |coverage| {
        assert_eq!(coverage.untaken(), [""; 0]);
    });
}
