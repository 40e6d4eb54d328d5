//! Every checkpoint of a session.

use std::cmp::Reverse;

use chrono::TimeDelta;
use flow_core::{
    SessionId, Stamp,
    archive::{ArchivedCheckpoint, Entry},
};
use serde_json::json;

use super::{
    ArchiveSubject,
    entries::{checkpoint, checkpoint_of, first, minute, next},
    subject::{CHECKPOINTS, Shown},
};
use crate::conformance::promise::kept;

/// Everything about it, and its time to the microsecond.
pub async fn a_checkpoint_comes_back_as_it_was_put(subject: ArchiveSubject) {
    let id = SessionId::random();
    let data = json!({ "nested": [{ "a": null }, [], {}, "", 0.25] });
    let (key, at) = (checkpoint(id, 1, u32::MAX).key, minute(0) + TimeDelta::microseconds(1));
    let strange = ArchivedCheckpoint::new(key, "Grüße, 你好", data, json!(null), at);
    let entry = subject.keep(having(vec![checkpoint(id, 1, 0), strange], first(id))).await;
    subject.holds(&[&entry], "checkpoints with an unusual name, value and time were put").await;
}

/// By version, as a number and however large, then by the id of the write, and then by place.
pub async fn checkpoints_come_in_the_order_of_their_keys(subject: ArchiveSubject) {
    let id = SessionId::random();
    let keys = [(10, 0), (9, 1), (u64::MAX, 0), (9, 0), (1 << 63, 2), (9, 10), (9, 2), (i64::MAX as u64, 0)];
    let mut checkpoints = keys.map(|(version, index)| checkpoint(id, version, index));
    let one = subject.keep(having(checkpoints[..3].to_vec(), first(id))).await;
    subject.keep(having(checkpoints[3..].to_vec(), next(&one))).await;
    checkpoints.sort_by_key(|checkpoint| checkpoint.key);
    let done =
        "checkpoints of the versions and places (10, 0), (9, 1) and 2^64 - 1 were put, and then others between them";
    kept(done, CHECKPOINTS, &Shown(&subject.checkpoints(id).await), &Shown(&checkpoints));
}

/// A session that was forgotten and begins again counts its versions from 1 again, and a store that lost its last writes gives
/// versions twice.
pub async fn a_checkpoint_of_the_same_version_and_another_write_is_another(subject: ArchiveSubject) {
    let id = SessionId::random();
    let mut checkpoints = [1, 2, 3].map(|_| checkpoint_of(id, Stamp { version: 7, ..Stamp::first() }, 0));
    checkpoints.sort_by_key(|checkpoint| Reverse(checkpoint.key));
    let one = subject.keep(having(vec![checkpoints[0].clone(), checkpoints[1].clone()], first(id))).await;
    subject.keep(having(vec![checkpoints[2].clone()], next(&one))).await;
    checkpoints.sort_by_key(|checkpoint| checkpoint.key);
    let done = "checkpoints of one version and place, and of three writes, were put";
    kept(done, CHECKPOINTS, &Shown(&subject.checkpoints(id).await), &Shown(&checkpoints));
}

/// It was told under this key, and may have been acted upon.
pub async fn a_checkpoint_that_is_kept_already_stays_as_it_is(subject: ArchiveSubject) {
    let id = SessionId::random();
    let one = subject.keep(having(vec![checkpoint(id, 1, 0)], first(id))).await;
    let mut again = checkpoint(id, 1, 0);
    again.state = "ANOTHER".into();
    subject.keep(having(vec![again, checkpoint(id, 1, 1)], next(&one))).await;
    let done = "a checkpoint was put, and then another one with the same key, and one that follows it";
    let first_ones = [0, 1].map(|index| checkpoint(id, 1, index));
    kept(done, CHECKPOINTS, &Shown(&subject.checkpoints(id).await), &Shown(&first_ones));
}

fn having(checkpoints: Vec<ArchivedCheckpoint>, entry: Entry) -> Entry {
    entry.checkpoints(checkpoints)
}
