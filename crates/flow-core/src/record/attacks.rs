//! What becomes of a record whose bytes were tampered with.

use chrono::{DateTime, TimeDelta, Utc};
use twox_hash::XxHash3_64;
use uuid::Uuid;

use super::{Header, Hold, Owner, Prefix, Record, RecordForm, SessionId, Stamp, Unreadable};
use crate::archive::Epoch;

/// A record whose header says everything that one can say.
fn full() -> Record {
    let now = DateTime::from_timestamp(1_767_225_600, 0).expect("a time");
    let header = Header {
        stamp: Stamp { version: 0x0102_0304_0506_0708, write_id: Uuid::new_v4() },
        origin: Uuid::new_v4(),
        owner: Owner::of(SessionId::random()),
        body: RecordForm::Json,
        expires_at: Some(now),
        wake_at: Some(now + TimeDelta::microseconds(7)),
        last_turn: Stamp::first(),
        epoch: Epoch::numbered(7),
        hold: Some(Hold::until(now)),
    };
    Record::write(header, |bytes| serde_json::to_writer(bytes, &["Grüße", "你好"])).expect("a record")
}

/// The bytes with a checksum that is right.
fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
    let end = bytes.len() - 8;
    let checksum = XxHash3_64::oneshot(&bytes[..end]).to_be_bytes();
    bytes[end..].copy_from_slice(&checksum);
    bytes
}

fn read(bytes: &[u8]) -> Result<Record, Unreadable> {
    Record::read(bytes.to_vec())
}

#[test]
fn a_record_reads_back_with_its_stamp_and_its_body() {
    for body in [&b""[..], b"{\"x\":1}", "Grüße, 你好".as_bytes(), b"\xff"] {
        let record = Record::compose(Stamp::first().next(), body);
        let again = read(record.bytes()).expect("a record");
        assert_eq!(again, record);
        assert_eq!((again.body(), again.bytes().len()), (body.to_vec().into(), body.len() + 108));
        assert!(again.bytes().starts_with(&again.prefix().bytes()));
        assert_eq!((again.origin(), again.last_turn()), (record.stamp().write_id, record.stamp()));
    }
    let full = full();
    assert_eq!(read(full.bytes()), Ok(full));
}

#[test]
fn the_layout_is_the_one_that_is_documented() {
    let header = full().header;
    let record = Record::write(header, |_| Ok::<_, ()>(())).expect("a record");
    let bytes = record.bytes();
    assert_eq!(bytes[..2], [0xf5, 1]);
    assert_eq!(bytes[2..10], [1, 2, 3, 4, 5, 6, 7, 8]);
    assert_eq!(bytes[10..26], *header.stamp.write_id.as_bytes());
    assert_eq!(bytes[26..42], *header.origin.as_bytes());
    assert_eq!(bytes[46..52], [0, 1, 0, 0, 0, 0]);
    assert_eq!(bytes[52..60], 1_767_225_600_000_000_u64.to_be_bytes());
    assert_eq!(bytes[60..68], 1_767_225_600_000_007_u64.to_be_bytes());
    assert_eq!(bytes[68..76], 1_u64.to_be_bytes());
    assert_eq!(bytes[76..92], *header.last_turn.write_id.as_bytes());
    assert_eq!(bytes[92..100], [0, 0, 0, 7, 0, 0, 0, 0]);
    assert_eq!((bytes.len(), &bytes[116..124]), (132, &1_767_225_600_000_000_u64.to_be_bytes()[..]));
    assert_eq!(bytes[124..], XxHash3_64::oneshot(&bytes[..124]).to_be_bytes());
}

#[test]
fn a_record_that_is_cut_at_any_byte_is_damaged() {
    let record = full();
    for length in 0..record.bytes().len() {
        let error = read(&record.bytes()[..length]).expect_err("it is cut");
        assert!(error.is_damage(), "{length}: {error:?}");
        let expected = if length == 0 { Unreadable::NotARecord } else { Unreadable::Truncated };
        assert_eq!(error, expected, "{length}");
    }
}

#[test]
fn a_record_with_something_behind_it_is_told() {
    let bytes = [&full().bytes()[..], b"x"].concat();
    assert_eq!(read(&bytes), Err(Unreadable::Longer));
    // Also with a checksum that was made to fit.
    assert_eq!(read(&sealed(bytes)), Err(Unreadable::Damaged));
}

#[test]
fn a_record_with_any_bit_turned_is_not_read() {
    let record = full();
    for bit in 0..record.bytes().len() * 8 {
        let mut bytes = record.bytes().to_vec();
        bytes[bit / 8] ^= 1 << (bit % 8);
        match read(&bytes).expect_err("a bit was turned") {
            // What is behind the prefix of a later edition is not known here, and so neither is its checksum.
            Unreadable::LaterEdition(edition) => assert_eq!((bit / 8, edition), (1, bytes[1])),
            error => assert!(error.is_damage(), "bit {bit}: {error:?}"),
        }
    }
}

#[test]
fn any_other_value_of_any_byte_of_the_header_under_a_right_checksum_is_told_as_what_it_is() {
    let record = full();
    for (place, value) in (0..124).flat_map(|place| (0..=u8::MAX).map(move |value| (place, value))) {
        let mut bytes = record.bytes().to_vec();
        if bytes[place] == value {
            continue;
        }
        bytes[place] = value;
        let bytes = sealed(bytes);
        let number = u16::from(value) << if place % 2 == 0 { 8 } else { 0 };
        let expected = match place {
            0 => Err(Unreadable::NotARecord),
            1 if value == 0 => Err(Unreadable::Damaged),
            1 => Err(Unreadable::LaterEdition(value)),
            46 => Err(Unreadable::UnknownCodec(value)),
            47 if value & !3 != 0 => Err(Unreadable::UnknownOption(value & !3)),
            47 if value & 1 != 0 => Ok(()),
            // Without the option its hold would be part of the body, which is then too long.
            47 | 96..100 => Err(Unreadable::Damaged),
            48 | 49 => Err(Unreadable::NoDictionary(number)),
            50 | 51 => Err(Unreadable::NoKey(number)),
            // The highest byte of a time: it may be beyond the calendar.
            52 | 60 | 116 => {
                let micros = bytes[place..place + 8].try_into().map(i64::from_be_bytes).expect("eight bytes");
                DateTime::from_timestamp_micros(micros).map(drop).ok_or(Unreadable::Damaged)
            }
            _ => Ok(()),
        };
        let came = read(&bytes);
        assert_eq!(came.clone().map(drop), expected, "{value:#04x} at {place}");
        if let Ok(read) = came {
            assert_eq!(read.bytes(), &bytes);
            assert_ne!(read.header, record.header);
        }
    }
}

#[test]
fn a_time_beyond_the_calendar_and_the_version_0_are_damage() {
    for (place, bytes) in [(52, i64::MIN), (60, i64::MAX), (2, 0)] {
        let mut tampered = full().bytes().to_vec();
        tampered[place..place + 8].copy_from_slice(&bytes.to_be_bytes());
        assert_eq!(read(&sealed(tampered)), Err(Unreadable::Damaged));
    }
}

#[test]
fn random_bytes_are_no_record_and_no_panic() {
    for seed in 0..20_000 {
        let mut dice = fastrand::Rng::with_seed(seed);
        let mut bytes = vec![0; dice.usize(0..300)];
        dice.fill(&mut bytes);
        assert!(read(&bytes).is_err());
        if bytes.len() >= 8 {
            (bytes[0], bytes[1]) = (0xf5, 1);
            bytes = sealed(bytes);
            if let Ok(record) = read(&bytes) {
                assert_eq!(record.bytes(), &bytes);
            }
        }
    }
}

#[test]
fn a_stamp_unlike_the_one_beside_it_is_damage() {
    let record = full();
    let (stamp, bytes) = (record.stamp(), record.bytes().clone());
    assert_eq!(Record::read_beside(stamp, bytes.clone()), Ok(record));
    for other in [Stamp { version: 7, ..stamp }, Stamp { write_id: Uuid::new_v4(), ..stamp }] {
        assert_eq!(Record::read_beside(other, bytes.clone()), Err(Unreadable::OtherStamp));
    }
}

#[test]
fn a_record_knows_its_session_and_one_that_says_none_is_for_all() {
    let (ours, other) = (SessionId::random(), SessionId::random());
    let header = Header { owner: Owner::of(ours), ..Header::new(Stamp::first()) };
    let record = Record::write(header, |_| Ok::<_, ()>(())).expect("a record");
    assert_eq!((record.check_owner(ours), record.check_owner(other)), (Ok(()), Err(Unreadable::AnothersRecord)));
    assert_eq!(Record::compose(Stamp::first(), b"").check_owner(ours), Ok(()));
}

#[test]
fn a_hold_is_put_on_a_record_once_and_changes_nothing_else() {
    let header = Header { hold: None, ..full().header };
    let record = Record::write(header, |bytes| serde_json::to_writer(bytes, "body")).expect("a record");
    let hold = Hold::until(Utc::now());
    let next = record.held(hold).expect("it had none");
    let again = read(next.bytes()).expect("a record");
    assert_eq!(again.body(), record.body());
    let (stamp, kept) = (again.stamp(), again.header.hold.expect("a hold"));
    assert_eq!((stamp.version, kept.by), (header.stamp.version + 1, hold.by));
    assert!(kept.until >= hold.until && kept.until - hold.until < TimeDelta::microseconds(1));
    assert_eq!(again.header, Header { stamp, hold: Some(kept), ..header });
    assert_eq!(next.held(hold), None);
}

#[test]
fn the_json_of_before_the_first_edition_is_read_and_written_byte_for_byte() {
    let stamp = Stamp { version: 12, write_id: Uuid::new_v4() };
    let bytes = [&Prefix::of_json(stamp).bytes()[..], b",\"flow\":\"booking\"}"].concat();
    let record = read(&bytes).expect("a record");
    assert_eq!((record.bytes(), record.stamp(), record.prefix()), (&bytes.into(), stamp, Prefix::of_json(stamp)));
    assert_ne!(record.prefix(), Prefix::from(stamp));
    assert_eq!(record.body(), &b",\"flow\":\"booking\"}"[..]);
    assert_eq!((record.origin(), record.last_turn()), (stamp.write_id, stamp));
    assert_eq!(record.readable()["version"], 12);
    // The next turn writes it anew: until then no other turn can reserve that.
    assert_eq!(record.held(Hold::until(Utc::now())), None);
    assert_eq!(record.check_owner(SessionId::random()), Ok(()));
}

#[test]
fn json_without_a_canonical_beginning_is_refused() {
    let id = "9f1c0000-0000-4000-8000-000000000000";
    for bytes in [
        String::new(),
        "garbage".into(),
        "{\"version\":".into(),
        format!("{{\"version\":0,\"writeId\":\"{id}\""),
        format!("{{\"version\":03,\"writeId\":\"{id}\""),
        format!("{{\"version\":99999999999999999999,\"writeId\":\"{id}\""),
        format!("{{\"version\":3,\"writeId\":\"{}\"", id.to_uppercase()),
        format!("{{\"version\":3, \"writeId\":\"{id}\""),
        format!("{{\"version\":3,\"writeId\":\"{}", &id[..30]),
    ] {
        assert_eq!(read(bytes.as_bytes()), Err(Unreadable::NotARecord), "{bytes}");
    }
}
