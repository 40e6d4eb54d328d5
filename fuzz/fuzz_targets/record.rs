//! The bytes that a store holds, read as a record: whatever is taken is written back byte for byte.

#![no_main]

use flow_core::Record;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(record) = Record::read(bytes.to_vec()) else { return };
    assert_eq!(record.bytes(), bytes);
    let stamp = record.stamp();
    assert!(stamp.version > 0);
    // A store that compares a prefix, in SQL or in a script, must come to the same answer.
    assert!(bytes.starts_with(stamp.header().as_bytes()));
    assert!(stamp.header().len() <= flow_core::Stamp::LONGEST_HEADER);
    assert_eq!(Record::compose(stamp, &record.body()), record);
});
