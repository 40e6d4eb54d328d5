//! Bad input is told as what it is: nothing is lost over it, and what is told contains no word of a visitor.

use std::time::Duration;

use chrono::TimeDelta;
use flow_core::{EngineError, Expiry, SessionId, Unreadable};
use serde_json::json;
use tokio::time::sleep;
use twox_hash::XxHash3_64;

use super::{
    ground::Ground,
    outside::{Outside, works},
    tampering::words,
    visitor::Visitor,
};
use crate::{
    log::{listen, logged},
    programs::Bot,
};

#[tokio::test]
async fn a_clock_a_year_away_is_told_and_the_talk_goes_on() {
    for days in [365, -365] {
        listen();
        let (ground, outside) = (Ground::memory(), Outside::default());
        let expiry = Expiry::default().idle(Duration::from_millis(200));
        let engine = ground.engine_at(outside.shop_that_tells_expiries().expiry(expiry), TimeDelta::days(days));
        let visitor = Visitor::entered("Zoe", &engine).await;
        visitor.says(&engine, "mail tea for Zoe").await;
        visitor.says(&engine, "ring 10").await;
        sleep(Duration::from_millis(250)).await;
        works(&engine).await;
        assert_eq!((outside.mailed().len(), outside.rung(visitor.id).len(), outside.expired().len()), (1, 1, 0));
        assert_eq!(visitor.says(&engine, "hello").await.opened, None, "no session is declared expired by such a clock");
        let told = logged();
        let mut lines = told.lines().filter(|line| line.contains("far apart"));
        let line = lines.next().expect("it is told");
        let (_, told_seconds) = line.split_once("store_is_ahead_by_seconds=").expect("by how much");
        let seconds: i64 = told_seconds.split_whitespace().next().expect("a number").parse().expect("a number");
        assert!(line.contains(" ERROR ") && (seconds + TimeDelta::days(days).num_seconds()).abs() < 60, "{line}");
        assert!(lines.next().is_none() && !told.contains("Zoe"), "once, and without a word of the visitor");
    }
}

#[test]
fn an_id_of_the_engines_own_that_comes_from_outside_is_refused_and_the_message_is_taken_under_another() {
    let (mut bot, id) = (Bot::on("memory"), SessionId::random());
    bot.tell(&json!({"session": id, "text": "hi"}));
    let say = |bot: &mut Bot, message: &str| bot.tell(&json!({"session": id, "text": "Book", "id": message}));
    let refused = say(&mut bot, "\u{1}after 86400/Zoe");
    let error = refused["error"].as_str().expect("an error");
    assert!(error.contains("U+0001") && !error.contains("86400") && !error.contains("Zoe"), "{error}");
    assert_eq!(say(&mut bot, "after 86400/Zoe")["state"], "BOOK_NAME", "nothing had been taken");
    assert!(bot.end());
}

/// The record as a later release might write it: with this byte in its header, and a checksum that is right.
fn of_a_later_release(record: &[u8], at: usize, byte: u8) -> Vec<u8> {
    let mut bytes = record[..record.len() - 8].to_vec();
    bytes[at] = byte;
    let checksum = XxHash3_64::oneshot(&bytes).to_be_bytes();
    [&bytes[..], &checksum].concat()
}

#[tokio::test]
async fn a_header_of_a_later_edition_is_told_as_that_and_is_there_for_the_later_release() {
    let later = [
        (1, 2, Unreadable::LaterEdition(2)),
        (46, 0x12, Unreadable::UnknownCodec(0x12)),
        (51, 1, Unreadable::NoKey(1)),
    ];
    for ground in Ground::with_bytes().await {
        let outside = Outside::default();
        let engine = ground.engine(outside.shop().warm(0));
        for (at, byte, expected) in &later {
            let visitor = Visitor::entered("Zoe", &engine).await;
            let before = ground.bytes(visitor.id);
            let planted = of_a_later_release(&before, *at, *byte);
            ground.plant(visitor.id, &planted);
            let error = visitor.tries(&engine, "mail tea").await.expect_err("it cannot be read");
            let EngineError::Unreadable(told) = &error else { panic!("{}: {error:?}", ground.name) };
            assert!(told == expected && !told.is_damage(), "{}: {told:?}", ground.name);
            assert!(!words(&error).contains("Zoe"), "{}", words(&error));
            assert_eq!(ground.bytes(visitor.id), planted, "it stays as it is");
            // The later release reads it, and so does this one what it wrote itself.
            ground.plant(visitor.id, &before);
            assert_eq!(visitor.says(&engine, "mail tea").await.texts(), ["Zoe: mail tea"]);
        }
        works(&engine).await;
        assert_eq!(outside.mailed().len(), later.len(), "{}", ground.name);
    }
}
