//! A product is chosen by its button, its number or its name; help and a way out stand everywhere.

use flow_chat::Command;
use flow_testkit::{Chat, Coverage};

use crate::flows::purchase::{Grocer, ProductChoice, Purchase};

fn chat() -> Chat<Purchase> {
    Chat::new(|| Purchase::engine(Grocer))
}

#[tokio::test]
async fn a_banana_is_bought_in_another_process_than_it_was_offered_in() {
    let mut chat = chat();
    chat.sends(Command::new("start")).await.sends(Command::new("help")).await.says(["Ana Silva", "Pear"]).await;
    chat.restarts_process().presses("Banana").await;
    let bought = chat.session().await.map(|session| session.state().clone());
    let Some(Purchase::Bought { full_name, product: ProductChoice::Banana }) = bought else { panic!("{bought:?}") };
    assert_eq!(full_name.as_str(), "Ana Silva");
    insta::assert_snapshot!(chat.transcript());
}

#[tokio::test]
async fn a_button_that_is_pressed_twice_buys_once() {
    let mut chat = chat();
    chat.says(["hi", "Ana Silva"]).await.presses("Potato").await.comes_again().await;
    assert!(chat.outcome().as_ref().is_ok_and(flow_chat::Outcome::is_repeat));
    assert_eq!(chat.transcript().matches("PRODUCT -> BOUGHT").count(), 1, "{}", chat.transcript());
}

#[tokio::test]
async fn whoever_cancels_begins_anew() {
    for said in [&["hi"][..], &["hi", "Ana Silva"]] {
        let mut chat = chat();
        chat.says(said.iter().copied()).await.sends(Command::new("cancel")).await;
        assert_eq!(chat.state().await, Some("CANCELLED"));
        chat.says(["hi", "Ben", "1"]).await;
        assert_eq!(chat.state().await, Some("BOUGHT"), "{}", chat.transcript());
    }
}

#[test]
fn every_edge_is_taken_by_a_test() {
    Coverage::of_tests::<Purchase>("purchase::", |coverage| {
        assert_eq!(coverage.untaken(), [""; 0]);
    });
}
