//! The bytes that a store holds, read as a record: whatever is taken is written back byte for byte.

#![no_main]

use flow_core::{Prefix, Record};
use libfuzzer_sys::fuzz_target;
use twox_hash::XxHash3_64;

fuzz_target!(|bytes: &[u8]| {
    read(bytes);
    // No fuzzer finds a checksum by chance.
    if let Some((before, _)) = bytes.split_last_chunk::<8>() {
        read(&[before, &XxHash3_64::oneshot(before).to_be_bytes()].concat());
    }
});

fn read(bytes: &[u8]) {
    let record = match Record::read(bytes.to_vec()) {
        Ok(record) => record,
        Err(unreadable) => {
            let _ = (unreadable.is_damage(), unreadable.to_string());
            return;
        }
    };
    assert_eq!(record.bytes(), bytes);
    let (stamp, prefix) = (record.stamp(), record.prefix());
    assert!(stamp.version > 0);
    // A store that compares a prefix, in a script, must come to the same answer.
    assert!(bytes.starts_with(&prefix.bytes()));
    assert!(prefix.bytes().len() <= Prefix::LONGEST);
    assert!(prefix == Prefix::from(stamp) || prefix == Prefix::of_json(stamp));
    assert_eq!(Record::read_beside(stamp, record.bytes().clone()), Ok(record.clone()));
    let _ = record.readable();
    let next = record.rewritten(stamp);
    assert_eq!((next.stamp(), next.body(), next.last_turn()), (stamp, record.body(), record.last_turn()));
    assert_eq!(Record::read(next.bytes().clone()), Ok(next));
    let composed = Record::compose(stamp, &record.body());
    assert_eq!((composed.body(), composed.prefix()), (record.body(), Prefix::from(stamp)));
}
