//! Albums, files and their captions, kept with the conversation, shown again, and not kept.

use flow_chat::{Command, Input, Media, MediaKind};
use flow_testkit::{Chat, Coverage};

use crate::flows::media::{Album, Curator, Gallery};

fn chat() -> Chat<Gallery> {
    Chat::new(|| Gallery::engine(Curator))
}

fn photo(reference: &str) -> Media {
    Media::new(MediaKind::Image, reference)
}

fn bill() -> Media {
    Media::new(MediaKind::Document, "bill-1").with_media_type("application/pdf").with_file_name("bill.pdf")
}

async fn kept(chat: &Chat<Gallery>) -> Vec<Album> {
    chat.session().await.expect("a session").shared().clone()
}

#[tokio::test]
async fn an_album_and_a_file_are_kept_and_shown_again() {
    let mut chat = chat();
    let sea = photo("sea-1").with_caption("At the sea");
    chat.sends(Command::new("start")).await.says(["Add", "here it comes"]).await;
    // An album: the words stand under its first picture.
    chat.sends(sea.clone()).await.sends(photo("sea-2")).await.says(["done", "Yes"]).await;
    chat.sends(Command::new("add")).await.sends(bill()).await.says(["and?", "done"]).await;
    chat.restarts_process().says(["The bill", "Yes"]).await;
    let albums = [
        Album { description: "At the sea".to_owned(), files: vec![sea, photo("sea-2")] },
        Album { description: "The bill".to_owned(), files: vec![bill()] },
    ];
    assert_eq!(kept(&chat).await, albums);
    chat.sends(Command::new("list")).await.says(["1", "List", "The bill"]).await;
    assert_eq!(kept(&chat).await, albums, "what is shown stays");
    insta::assert_snapshot!(chat.transcript());
}

#[tokio::test]
async fn what_is_not_wanted_is_not_kept() {
    let mut chat = chat();
    chat.says(["hi", "Add"]).await.sends(photo("sea-1")).await.says(["done", "The sea", "No"]).await;
    assert_eq!(chat.state().await, Some("MENU"));
    assert_eq!(kept(&chat).await, [], "{}", chat.transcript());
    chat.says(["List"]).await;
    assert_eq!(chat.state().await, Some("LIST"), "nothing is there to pick");
}

/// What is sent to keep a picture, up to the last question.
fn to_saving() -> [Input; 5] {
    [Input::text("hi"), Input::text("Add"), photo("sea-1").into(), Input::text("done"), Input::text("The sea")]
}

#[tokio::test]
async fn a_command_counts_everywhere_and_keeps_nothing_unasked() {
    for (command, state) in [("cancel", "MENU"), ("add", "FIRST"), ("list", "LIST")] {
        for said in 1..=to_saving().len() {
            let mut chat = chat();
            for input in to_saving().into_iter().take(said) {
                chat.sends(input).await;
            }
            chat.sends(Command::new(command)).await;
            assert_eq!(chat.state().await, Some(state), "{}", chat.transcript());
            assert_eq!(kept(&chat).await, [], "{}", chat.transcript());
        }
        let mut chat = chat();
        chat.says(["hi", "List"]).await.sends(Command::new(command)).await;
        assert_eq!(chat.state().await, Some(state), "{}", chat.transcript());
    }
}

#[test]
fn every_edge_is_taken_by_a_test() {
    Coverage::of_tests::<Gallery>("media::", |coverage| {
        assert_eq!(coverage.untaken(), [""; 0]);
    });
}
