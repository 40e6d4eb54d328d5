//! Records that were tampered with, in the hands of an engine: an error or a session, and never a panic.

use flow_core::{
    EngineError, Record, Unreadable,
    store::{Commit, Expect, Verdict},
};
use twox_hash::XxHash3_64;

use crate::{
    flow::Booking,
    stage::{Stage, TO_REVIEW, ok, salon},
};

/// The record with these bytes changed, under a checksum that was made to fit.
fn forged(record: &Record, change: impl FnOnce(&mut [u8])) -> Vec<u8> {
    let mut bytes = record.bytes().to_vec();
    let end = bytes.len() - 8;
    change(&mut bytes[..end]);
    let checksum = XxHash3_64::oneshot(&bytes[..end]).to_be_bytes();
    bytes[end..].copy_from_slice(&checksum);
    bytes
}

async fn plant(stage: &Stage<Booking>, record: Record) {
    stage.store.behind().remove(stage.id).await.expect("a store");
    let commit = Commit::new(stage.id, Expect::Absent, record, "booking", "FORGED");
    assert_eq!(stage.store.behind().commit(commit).await.expect("a store"), Verdict::Done { waiting: 0 });
}

/// A talk in the middle, with something that waits to be delivered.
async fn stage() -> (Stage<Booking>, Record) {
    let stage = Stage::with(salon().on_expired(|_| ok()));
    stage.says_all(&TO_REVIEW).await;
    stage.says("Yes").await;
    let record = stage.store.last_written().record;
    (stage, record)
}

#[tokio::test]
async fn any_bit_turned_under_a_right_checksum_is_an_error_or_a_session_on_which_a_turn_can_be_taken() {
    let (stage, record) = stage().await;
    let (mut readable, mut unreadable) = (0, 0);
    for bit in 0..(record.bytes().len() - 8) * 8 {
        let Ok(forged) = Record::read(forged(&record, |bytes| bytes[bit / 8] ^= 1 << (bit % 8))) else { continue };
        plant(&stage, forged.clone()).await;
        match stage.engine.peek(stage.id).await {
            Ok(_) => readable += 1,
            Err(EngineError::Unreadable(_)) => unreadable += 1,
            Err(error) => panic!("bit {bit}: {error:?}"),
        }
        // A turn takes longer, so not every bit has one.
        if bit % 16 != 3 {
            continue;
        }
        let turn = stage.engine.handle(stage.id, "what?").await;
        if let Err(error) = turn {
            let kept = stage.store.behind().load(stage.id, 0).await.expect("a store").record;
            assert_eq!(kept, Some(forged), "bit {bit}: {error:?}");
        } else {
            assert!(stage.engine.peek(stage.id).await.is_ok(), "bit {bit}");
        }
    }
    assert!(readable > 1_000 && unreadable > 1_000, "{readable} could be read, {unreadable} could not");
}

#[tokio::test]
async fn random_bodies_under_a_right_checksum_are_errors() {
    let (stage, record) = stage().await;
    let body = record.body().to_vec();
    let mut last = 7_u64;
    let mut dice = move |sides: usize| {
        last = last.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(last >> 33).expect("31 bits") % sides
    };
    for _ in 0..2_000 {
        let mut random = body.clone();
        for _ in 0..=dice(8) {
            let place = dice(random.len());
            random[place] = u8::try_from(dice(256)).expect("a byte");
        }
        random.truncate(if dice(4) == 0 { dice(body.len()) } else { body.len() });
        plant(&stage, record.with_body(&random)).await;
        if let Err(error) = stage.engine.handle(stage.id, "what?").await {
            assert!(matches!(error, EngineError::Unreadable(_)), "{error:?}");
        }
    }
}

#[tokio::test]
async fn what_is_told_of_a_damaged_record_holds_no_word_of_the_visitors() {
    let (stage, record) = stage().await;
    for place in 0..record.bytes().len() - 8 {
        for bytes in [forged(&record, |bytes| bytes[place] = b'~'), {
            let mut bytes = record.bytes().to_vec();
            bytes[place] = b'~';
            bytes
        }] {
            let error = match Record::read(bytes) {
                Ok(forged) => {
                    plant(&stage, forged).await;
                    match stage.engine.peek(stage.id).await {
                        Ok(_) => continue,
                        Err(error) => format!("{error:?} {error}"),
                    }
                }
                Err(error) => format!("{error:?} {error}"),
            };
            assert!(!error.contains("Ana") && !error.contains("example.com"), "{place}: {error}");
        }
    }
}

#[tokio::test]
async fn a_record_of_a_later_release_is_left_alone_and_is_no_damage() {
    let (_stage, record) = stage().await;
    let later: [(usize, u8, Unreadable); 5] = [
        (1, 2, Unreadable::LaterEdition(2)),
        (46, 0x12, Unreadable::UnknownCodec(0x12)),
        (47, 4, Unreadable::UnknownOption(4)),
        (49, 7, Unreadable::NoDictionary(7)),
        (51, 1, Unreadable::NoKey(1)),
    ];
    for (place, value, expected) in later {
        let error = Record::read(forged(&record, |bytes| bytes[place] = value)).expect_err("it is of a later release");
        assert!(error == expected && !error.is_damage(), "{error:?}");
    }
}
