//! Three tries however they are made, and a lock that ends by the clock alone.

use std::{collections::HashMap, time::Duration};

use flow_testkit::{Chat, Coverage};

use crate::flows::login::{Login, Porter};

const MINUTE: Duration = Duration::from_secs(60);

fn chat() -> Chat<Login> {
    Chat::new(|| Login::engine(Porter(HashMap::from([("Ana", "sesame"), ("Ben", "poppy")]))))
}

#[tokio::test]
async fn after_three_tries_it_is_locked_for_ten_minutes_though_no_worker_is_there() {
    let mut chat = chat();
    chat.stops_worker().says(["hi", "Ana", "salt", "back", "Ana", "pepper"]).await;
    assert_eq!(chat.state().await, Some("WORD"), "a try is left");
    chat.says(["sugar", "sesame"]).await.waits(9 * MINUTE).await.says(["sesame"]).await;
    assert_eq!(chat.state().await, Some("LOCKED"), "{}", chat.transcript());
    chat.waits(MINUTE).await.restarts_process().says(["sesame"]).await;
    assert_eq!(chat.state().await, Some("UNLOCKED"), "a password is no name: {}", chat.transcript());
    chat.says(["Yes", "Ana", "salt", "sesame"]).await;
    let state = chat.session().await.expect("a session").state().clone();
    assert_eq!(state, Login::In { user: "Ana".to_owned() }, "{}", chat.transcript());
    insta::assert_snapshot!(chat.transcript());
}

#[tokio::test]
async fn no_way_round_gives_another_try() {
    for way in
        [&["back", "Ana"][..], &["restart", "Ben"], &["back", "Ben", "back", "Ana"], &["restart", "restart", "Ana"]]
    {
        let mut chat = chat();
        chat.says(["hi", "Ana", "salt", "pepper"]).await.says(way.iter().copied()).await;
        assert_eq!(chat.state().await, Some("WORD"), "{}", chat.transcript());
        chat.says(["sugar"]).await;
        assert_eq!(chat.state().await, Some("LOCKED"), "{}", chat.transcript());
        chat.says(["back", "restart", "sesame"]).await;
        assert_eq!(chat.state().await, Some("LOCKED"), "{}", chat.transcript());
    }
}

#[tokio::test]
async fn who_has_waited_has_three_tries_again_and_no_more() {
    let mut chat = chat();
    chat.says(["hi", "Ana", "salt", "pepper", "sugar"]).await.waits(10 * MINUTE).await;
    assert_eq!(chat.state().await, Some("UNLOCKED"), "the worker was there");
    chat.says(["Yes", "Ana", "salt", "pepper"]).await;
    assert_eq!(chat.state().await, Some("WORD"));
    chat.says(["sugar"]).await;
    assert_eq!(chat.state().await, Some("LOCKED"));
}

#[tokio::test]
async fn a_password_is_nowhere_to_be_seen() {
    let mut chat = chat();
    chat.stops_worker().says(["hi", "Ana", "canary", "canary", "canary", "canary"]).await;
    // Who does not see that the lock is over writes it once more.
    chat.waits(10 * MINUTE).await.says(["canary"]).await;
    let session = chat.session().await.expect("a session");
    let revealed = session.revealed().expect("a view").to_string();
    assert!(!revealed.contains("canary"), "what was tried is kept: {revealed}");
}

#[test]
fn every_edge_is_taken_by_a_test() {
    Coverage::of_tests::<Login>("login::", |coverage| {
        assert_eq!(coverage.untaken(), [""; 0]);
    });
}
