//! Skips, photos, places and a way out, in every order.

use flow_chat::{Command, Media, MediaKind, Place};
use flow_testkit::{Chat, Coverage};

use crate::flows::photo_location_bio::{GenderChoice, Host, Profile};

fn chat() -> Chat<Profile> {
    Chat::new(|| Profile::engine(Host))
}

fn photo() -> Media {
    Media::new(MediaKind::Image, "photo-1").with_caption("At the sea.")
}

#[tokio::test]
async fn a_photo_and_a_place_are_told_or_skipped() {
    let mut chat = chat();
    chat.sends(Command::new("start")).await.says(["girl", "later"]).await.sends(photo()).await;
    chat.sends(Command::new("skip")).await.says(["I collect stamps."]).await;
    let known = chat.session().await.map(|session| session.state().clone());
    let Some(Profile::Known { gender: GenderChoice::Girl, photo: Some(kept), location: None, bio }) = known else {
        panic!("{known:?}")
    };
    assert_eq!((kept.media().reference(), &*bio), ("photo-1", "I collect stamps."));
    insta::assert_snapshot!(chat.transcript());
}

#[tokio::test]
async fn a_place_is_kept_of_who_shows_no_photo() {
    let mut chat = chat();
    let place = Place::new(52.520_8, 13.409_4).expect("a place");
    chat.says(["hi", "3", "skip"]).await.sends(place.clone()).await.says(["-"]).await;
    let known = chat.session().await.map(|session| session.state().clone());
    let bio = "-".to_owned();
    assert_eq!(known, Some(Profile::Known { gender: GenderChoice::Other, photo: None, location: Some(place), bio }));
    assert!(chat.transcript().contains("You look great"), "{}", chat.transcript());
    assert!(chat.transcript().contains("I may come"), "{}", chat.transcript());
}

#[tokio::test]
async fn whoever_cancels_leaves_nothing_behind() {
    let said = ["hi", "boy", "skip", "skip"];
    for asked in 1..=said.len() {
        let mut chat = chat();
        chat.says(said[..asked].iter().copied()).await.sends(Command::new("cancel")).await;
        let left = chat.session().await.map(|session| session.state().clone());
        assert_eq!(left, Some(Profile::Cancelled), "{}", chat.transcript());
    }
}

#[test]
fn every_edge_is_taken_by_a_test() {
    Coverage::of_tests::<Profile>("photo_location_bio::", |coverage| {
        assert_eq!(coverage.untaken(), [""; 0]);
    });
}
