//! Entries of a conversation that goes on, a turn a minute.

use chrono::{DateTime, TimeDelta, Utc};
use flow_core::{
    Cause, Key, Record, SessionId, Stamp, Transition,
    archive::{ArchivedCheckpoint, ArchivedStep, Entry, Epoch, Summary},
    store::Expect,
};
use serde_json::json;
use uuid::Uuid;

/// The first entry of a session: one step, one checkpoint.
pub(super) fn first(id: SessionId) -> Entry {
    entry(id, Expect::Absent, Stamp::first())
}

/// The entry that follows `before`.
pub(super) fn next(before: &Entry) -> Entry {
    let stamp = before.record.stamp();
    begun_at(before.summary.created_at, entry(before.id, Expect::At(stamp.into()), stamp.next()))
}

/// An entry that is to follow the record with this stamp.
pub(super) fn expecting(stamp: Stamp, mut entry: Entry) -> Entry {
    entry.expect = Expect::At(stamp.into());
    entry
}

/// An entry with another stamp than it would have.
pub(super) fn stamped(stamp: Stamp, mut entry: Entry) -> Entry {
    entry.record = Record::compose(stamp, &entry.record.body());
    entry
}

/// An entry of a conversation that began at another time, with all that it brings.
pub(super) fn begun_at(created_at: DateTime<Utc>, mut entry: Entry) -> Entry {
    let later = created_at - entry.summary.created_at;
    for step in &mut entry.steps {
        step.transition.at += later;
    }
    for checkpoint in &mut entry.checkpoints {
        checkpoint.at += later;
    }
    begun_anew_at(created_at, entry)
}

/// An entry whose session began anew at this time, and that brings what was before as well.
pub(super) fn begun_anew_at(created_at: DateTime<Utc>, mut entry: Entry) -> Entry {
    entry.summary.created_at = created_at;
    entry
}

/// An entry of a session that began in this epoch of the archive.
pub(super) fn in_epoch(epoch: Epoch, entry: Entry) -> Entry {
    entry.epoch(epoch)
}

/// An entry whose last turn was at another time.
pub(super) fn updated_at(updated_at: DateTime<Utc>, mut entry: Entry) -> Entry {
    entry.summary.updated_at = updated_at;
    entry
}

/// So many minutes after the conversation began; with microseconds, so that an archive that rounds them off is found out.
pub(super) fn minute(count: u64) -> DateTime<Utc> {
    let beginning = DateTime::from_timestamp(1_767_225_600, 123_456_000).expect("a time");
    // Wide enough for any count that is a minute of ours, and still a time where it is a version.
    beginning + TimeDelta::minutes(i64::try_from(count % 1_000_000).unwrap_or_default())
}

pub(super) fn step(number: u64) -> ArchivedStep {
    let (from, by) = if number == 0 { (None, Cause::Opened) } else { (Some("ASKED".into()), Cause::Message) };
    let transition = Transition::new(from, "ASKED", by, minute(number));
    ArchivedStep::new(number, 1, transition).position(1)
}

/// A checkpoint of the turn that wrote this version, which is the same however often it is made.
pub(super) fn checkpoint(id: SessionId, version: u64, index: u32) -> ArchivedCheckpoint {
    let write_id = Uuid::from_u64_pair(0x4000 | version << 16, 0x8 << 60 | version);
    checkpoint_of(id, Stamp { version, write_id }, index)
}

/// A checkpoint of the turn that made this very write.
pub(super) fn checkpoint_of(id: SessionId, stamp: Stamp, index: u32) -> ArchivedCheckpoint {
    let (data, shared) = (json!({ "version": stamp.version }), json!({ "shared": [1, null, "two"] }));
    ArchivedCheckpoint::new(Key::new(id, stamp, index), "ASKED", data, shared, minute(stamp.version))
}

fn entry(id: SessionId, expect: Expect, stamp: Stamp) -> Entry {
    let number = stamp.version - 1;
    let summary = Summary::new("questions", 1, "ASKED", minute(0))
        .data(json!({ "number": number }))
        .language("de".to_owned())
        .updated_at(minute(number))
        .expires_at(minute(number + 30));
    let record = Record::compose(stamp, format!(",\"number\":{number}}}").as_bytes());
    let (steps, checkpoints) = (vec![step(number)], vec![checkpoint(id, stamp.version, 0)]);
    Entry::new(id, expect, record, summary).steps(steps).checkpoints(checkpoints)
}
