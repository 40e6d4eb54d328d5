//! Promise 6, damage: a record that was tampered with is told as damaged, whichever way, and never as busy or as the truth.

use std::error::Error as StdError;

use flow_core::{Engine, EngineError};

use super::{
    ground::Ground,
    outside::{Outside, works},
    shop::Shop,
    visitor::Visitor,
};

/// What an attacker makes of the bytes of a record, if those of another visitor's are at hand.
pub(super) type Tampering = fn(&[u8], &[u8]) -> Vec<u8>;

pub(super) const WAYS: [(&str, Tampering); 8] = [
    ("it is cut short", |record, _| record[..record.len() - 3].to_vec()),
    ("nothing is left", |_, _| Vec::new()),
    ("something is appended", |record, _| [record, b" "].concat()),
    ("a letter of the name is another", |record, _| replaced(record, b"Zoe", b"Joe")),
    ("its version is another than that beside it", |record, _| with_the_next_version(record)),
    ("it is another visitor's", |_, other| other.to_vec()),
    ("it is another program's", |_, _| b"{\"hello\":\"Zoe\"}".to_vec()),
    ("half of it was never written", |record, _| {
        let half = record.len() / 2;
        [&record[..half], &vec![0; record.len() - half]].concat()
    }),
];

fn replaced(record: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let at = record.windows(from.len()).rposition(|part| part == from).expect("it is there");
    [&record[..at], to, &record[at + from.len()..]].concat()
}

/// The version is a number of eight bytes behind the first two.
fn with_the_next_version(record: &[u8]) -> Vec<u8> {
    let mut record = record.to_vec();
    record[9] += 1;
    record
}

/// As what the engine tells it.
fn told(error: &EngineError) -> &'static str {
    match error {
        EngineError::Unreadable(unreadable) if unreadable.is_damage() => "damage",
        EngineError::Unreadable(_) => "unknown",
        EngineError::Busy(_) => "busy",
        _ => "another error",
    }
}

/// All that is told by an error and its causes.
pub(super) fn words(error: &EngineError) -> String {
    let (mut words, mut cause) = (vec![format!("{error:?}")], Some(error as &dyn StdError));
    while let Some(error) = cause {
        words.push(error.to_string());
        cause = error.source();
    }
    words.join(": ")
}

/// What a visitor is told who comes to another machine than before, which does not know what was there.
pub(super) async fn is_told(ground: &Ground, engines: [&Engine<Shop>; 2], tampering: Tampering) -> &'static str {
    let [before, engine] = engines;
    let (visitor, other) = (Visitor::entered("Zoe", before).await, Visitor::entered("Max", before).await);
    let planted = tampering(&ground.bytes(visitor.id), &ground.bytes(other.id));
    ground.plant(visitor.id, &planted);
    let told = match visitor.tries(engine, "mail tea").await {
        Ok(_) => return "the truth",
        Err(error) => {
            assert!(!words(&error).contains("Zoe") && !words(&error).contains("Joe"), "{}", words(&error));
            told(&error)
        }
    };
    assert_eq!(ground.bytes(visitor.id), planted, "{}: it stays as it is", ground.name);
    other.says(engine, "mail cake").await;
    told
}

#[tokio::test]
async fn each_of_eight_ways_to_tamper_with_a_record_is_told_as_damage() {
    for ground in Ground::with_bytes().await {
        let outside = Outside::default();
        let [before, engine] = [outside.shop(), outside.shop()].map(|shop| ground.engine(shop));
        let mut ways = Vec::new();
        for (way, tampering) in WAYS {
            ways.push((way, is_told(&ground, [&before, &engine], tampering).await));
        }
        assert_eq!(ways, WAYS.map(|(way, _)| (way, "damage")), "{}", ground.name);
        works(&engine).await;
        assert_eq!(outside.mailed(), vec!["cake"; WAYS.len()], "{}: nobody else was harmed", ground.name);
    }
}
