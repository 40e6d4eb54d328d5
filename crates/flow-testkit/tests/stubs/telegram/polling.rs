//! `getUpdates`.

use std::time::{Duration, Instant};

use flow_testkit::stubs::TelegramStub;
use serde_json::{Value, json};

use super::{done, refused};

fn texts(updates: &Value) -> Vec<&str> {
    updates
        .as_array()
        .expect("a list")
        .iter()
        .map(|update| update["message"]["text"].as_str().expect("a text"))
        .collect()
}

#[tokio::test]
async fn updates_come_until_a_higher_offset_confirms_them() {
    let telegram = TelegramStub::start().await;
    let ada = telegram.visitor(42);
    for text in ["one", "two", "three"] {
        ada.says(text);
    }
    let first = done(&telegram, "getUpdates", json!({ "limit": 2 })).await;
    assert_eq!(texts(&first), ["one", "two"]);
    assert_eq!(
        done(&telegram, "getUpdates", json!({ "limit": 2 })).await,
        first,
        "nothing is confirmed by being given"
    );
    let offset = first[1]["update_id"].as_u64().expect("an id") + 1;
    let rest = done(&telegram, "getUpdates", json!({ "offset": offset })).await;
    assert_eq!((texts(&rest), telegram.pending()), (vec!["three"], 1));
    let trips = telegram.trips();
    assert!(trips[1].taken().is_some() && trips[2].taken().is_none());
    ada.says("four");
    // A negative offset counts from the end, and all before it is forgotten.
    assert_eq!(texts(&done(&telegram, "getUpdates", json!({ "offset": -1 })).await), ["four"]);
    assert_eq!(texts(&done(&telegram, "getUpdates", json!({ "offset": 0 })).await), ["four"]);
}

#[tokio::test]
async fn a_long_poll_waits_for_the_first_that_comes() {
    let telegram = TelegramStub::start().await;
    let polling = {
        let telegram = telegram.clone();
        tokio::spawn(async move { done(&telegram, "getUpdates", json!({ "timeout": 9 })).await })
    };
    tokio::time::sleep(Duration::from_millis(30)).await;
    let said = Instant::now();
    telegram.visitor(42).says("Hello");
    assert_eq!(texts(&polling.await.expect("no panic")), ["Hello"]);
    assert!(said.elapsed() < Duration::from_secs(1));
}

#[tokio::test]
async fn of_two_that_poll_the_first_is_told_of_the_second() {
    let telegram = TelegramStub::start().await;
    telegram.set_speed(100.0);
    let first = {
        let telegram = telegram.clone();
        tokio::spawn(async move { refused(&telegram, "getUpdates", json!({ "timeout": 9 })).await })
    };
    tokio::time::sleep(Duration::from_millis(30)).await;
    let second = {
        let telegram = telegram.clone();
        tokio::spawn(async move { refused(&telegram, "getUpdates", json!({ "timeout": 9 })).await })
    };
    let (code, why) = first.await.expect("no panic");
    assert_eq!(code, 409);
    let words = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running";
    assert_eq!(why, words);
    done(&telegram, "setWebhook", json!({ "url": "http://127.0.0.1:1/" })).await;
    assert_eq!(second.await.expect("no panic").0, 409);
}
