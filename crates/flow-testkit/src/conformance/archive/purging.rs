//! What is forgotten because it is old.

use flow_core::{
    SessionId,
    archive::{Entry, Kept},
};

use super::{
    ArchiveSubject,
    entries::{first, minute, next, updated_at},
    subject::{PURGE, assert_done, assert_erased},
};
use crate::conformance::promise::kept;

/// What had its last turn at that very time stays.
pub async fn a_purge_takes_only_what_is_older(subject: ArchiveSubject) {
    let ones = turned_at(&subject, &[5, 1, 3]).await;
    let done = "three sessions were put, whose last turns were in the minutes 5, 1 and 3";
    subject.purges(minute(1), 10, 0, done).await;
    subject.purges(minute(3), 10, 1, done).await;
    assert_left(&subject, &ones, &[5, 3], &format!("{done}, and what was before minute 3 was purged")).await;
    subject.purges(minute(6), 10, 2, done).await;
    assert_left(&subject, &ones, &[], &format!("{done}, and what was before minute 6 was purged")).await;
    subject.purges(minute(6), 10, 0, &format!("{done}, and what was before minute 6 was purged")).await;
}

/// The limit keeps each call short; a few calls take everything.
pub async fn a_purge_takes_the_oldest_first_up_to_its_limit(subject: ArchiveSubject) {
    let ones = turned_at(&subject, &[5, 2, 8, 1, 9, 3]).await;
    let done = "six sessions were put, whose last turns were in the minutes 5, 2, 8, 1, 9 and 3";
    subject.purges(minute(9), 0, 0, done).await;
    for (sessions, left) in [(2, &[5, 8, 9, 3][..]), (2, &[8, 9]), (1, &[9])] {
        subject.purges(minute(9), 2, sessions, done).await;
        assert_left(&subject, &ones, left, &format!("{done}, and two at a time were purged from before minute 9"))
            .await;
    }
}

/// A session whose last turn was lately is young, however long ago its conversation began.
pub async fn a_purge_goes_by_the_last_turn(subject: ArchiveSubject) {
    let ones = turned_at(&subject, &[1, 2]).await;
    subject.keep(updated_at(minute(9), next(&ones[0]))).await;
    let done = "two sessions were put, and the older one again with a turn in minute 9";
    subject.purges(minute(9), 10, 1, done).await;
    assert_left(&subject, &ones, &[1], &format!("{done}; then what was before minute 9 was purged")).await;
}

/// Nothing of the session is left, and everything of the others is.
pub async fn a_purge_takes_steps_and_checkpoints_along(subject: ArchiveSubject) {
    let ones = turned_at(&subject, &[1, 2]).await;
    let done = "two sessions were put, and the older one was purged";
    subject.purges(minute(2), 10, 1, "two sessions were put").await;
    subject.holds_nothing_of(ones[0].id, done).await;
    subject.holds(&[&ones[1]], done).await;
}

/// A session that was purged may be kept again, from the beginning.
pub async fn a_purge_leaves_no_tombstone(subject: ArchiveSubject) {
    let ones = turned_at(&subject, &[1]).await;
    subject.purges(minute(2), 10, 1, "a session was put").await;
    let (again, done) = (first(ones[0].id), "a session was put, purged, and put again from its beginning");
    assert_done(&subject.put(&again).await, done);
    subject.holds(&[&again], done).await;
}

/// The tombstones are not counted: the caller asked to purge sessions.
pub async fn a_purge_takes_old_tombstones_up_to_its_limit(subject: ArchiveSubject) {
    let ids = [SessionId::random(), SessionId::random(), SessionId::random()];
    for (id, count) in ids.iter().zip([1, 1, 5]) {
        subject.erase(*id, minute(count)).await;
    }
    let done = "three sessions that were never put were erased, in the minutes 1, 1 and 5";
    for (before, limit, tombstones) in [(1, 10, 3), (5, 1, 2), (5, 10, 1)] {
        subject.purges(minute(before), limit, 0, done).await;
        let purged = format!(
            "{done}; then up to {limit} from before minute {before} were purged: how many tombstones are left?"
        );
        kept(&purged, PURGE, &buried(&subject, &ids).await, &tombstones);
    }
    assert_erased(&subject.put(&first(ids[2])).await, &format!("{done}, and the old tombstones were purged"));
}

/// One session for each minute, which had its last turn then.
async fn turned_at(subject: &ArchiveSubject, minutes: &[u64]) -> Vec<Entry> {
    let mut ones = Vec::new();
    for count in minutes {
        ones.push(subject.keep(updated_at(minute(*count), first(SessionId::random()))).await);
    }
    ones
}

/// The sessions that are still kept are those whose last turn was in these minutes.
async fn assert_left(subject: &ArchiveSubject, ones: &[Entry], minutes: &[i64], done: &str) {
    let mut left = Vec::new();
    for one in ones {
        if subject.latest(one.id).await.is_some() {
            left.push((one.summary.updated_at - minute(0)).num_minutes());
        }
    }
    kept(&format!("{done}: of which minutes are the sessions that are left?"), PURGE, &left.as_slice(), &minutes);
}

/// How many of the sessions have a tombstone. What is put to find out is too young to be purged.
async fn buried(subject: &ArchiveSubject, ids: &[SessionId]) -> usize {
    let mut count = 0;
    for id in ids {
        let verdict = subject.put(&updated_at(minute(99), first(*id))).await;
        count += usize::from(matches!(verdict, Kept::Erased));
    }
    count
}
