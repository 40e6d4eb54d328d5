//! What is forgotten because it is old.

use flow_core::{
    SessionId,
    archive::{Entry, Kept},
};

use super::{
    ArchiveSubject,
    entries::{first, minute, next, updated_at},
    subject::assert_erased,
};

/// What had its last turn at that very time stays.
pub async fn a_purge_takes_only_what_is_older(subject: ArchiveSubject) {
    let ones = turned_at(&subject, &[5, 1, 3]).await;
    assert_eq!(subject.purge_before(minute(1), 10).await, 0);
    assert_eq!(subject.purge_before(minute(3), 10).await, 1);
    assert_eq!(left(&subject, &ones).await, [5, 3]);
    assert_eq!(subject.purge_before(minute(6), 10).await, 2);
    assert_eq!(left(&subject, &ones).await, [0; 0]);
    assert_eq!(subject.purge_before(minute(6), 10).await, 0);
}

/// So that no call takes long, and a few calls take everything.
pub async fn a_purge_takes_the_oldest_first_up_to_its_limit(subject: ArchiveSubject) {
    let ones = turned_at(&subject, &[5, 2, 8, 1, 9, 3]).await;
    assert_eq!(subject.purge_before(minute(9), 0).await, 0);
    assert_eq!(subject.purge_before(minute(9), 2).await, 2);
    assert_eq!(left(&subject, &ones).await, [5, 8, 9, 3]);
    assert_eq!(subject.purge_before(minute(9), 2).await, 2);
    assert_eq!(left(&subject, &ones).await, [8, 9]);
    assert_eq!(subject.purge_before(minute(9), 2).await, 1);
    assert_eq!(left(&subject, &ones).await, [9]);
}

/// Who was spoken to again is young, however long ago the conversation began.
pub async fn a_purge_goes_by_the_last_turn(subject: ArchiveSubject) {
    let ones = turned_at(&subject, &[1, 2]).await;
    subject.keep(updated_at(minute(9), next(&ones[0]))).await;
    assert_eq!(subject.purge_before(minute(9), 10).await, 1);
    assert_eq!(left(&subject, &ones).await, [1]);
}

/// Nothing of the session is left, and everything of the others is.
pub async fn a_purge_takes_steps_and_checkpoints_along(subject: ArchiveSubject) {
    let ones = turned_at(&subject, &[1, 2]).await;
    assert_eq!(subject.purge_before(minute(2), 10).await, 1);
    subject.assert_holds_nothing_of(ones[0].id).await;
    subject.assert_holds(&[&ones[1]]).await;
}

/// A session that was purged may be kept again, from the beginning.
pub async fn a_purge_leaves_no_tombstone(subject: ArchiveSubject) {
    let ones = turned_at(&subject, &[1]).await;
    assert_eq!(subject.purge_before(minute(2), 10).await, 1);
    let again = subject.keep(first(ones[0].id)).await;
    subject.assert_holds(&[&again]).await;
}

/// They are not counted: nobody asked for them.
pub async fn a_purge_takes_old_tombstones_up_to_its_limit(subject: ArchiveSubject) {
    let ids = [SessionId::random(), SessionId::random(), SessionId::random()];
    for (id, count) in ids.iter().zip([1, 1, 5]) {
        subject.erase(*id, minute(count)).await;
    }
    assert_eq!(subject.purge_before(minute(1), 10).await, 0);
    assert_eq!(buried(&subject, &ids).await, 3);
    assert_eq!(subject.purge_before(minute(5), 1).await, 0);
    assert_eq!(buried(&subject, &ids).await, 2);
    assert_eq!(subject.purge_before(minute(5), 10).await, 0);
    assert_eq!(buried(&subject, &ids).await, 1);
    assert_erased(&subject.put(&first(ids[2])).await);
}

/// One session for each minute, which had its last turn then.
async fn turned_at(subject: &ArchiveSubject, minutes: &[u64]) -> Vec<Entry> {
    let mut ones = Vec::new();
    for count in minutes {
        ones.push(subject.keep(updated_at(minute(*count), first(SessionId::random()))).await);
    }
    ones
}

/// The minutes of those that are still kept.
async fn left(subject: &ArchiveSubject, ones: &[Entry]) -> Vec<i64> {
    let mut left = Vec::new();
    for one in ones {
        if subject.latest(one.id).await.is_some() {
            left.push((one.summary.updated_at - minute(0)).num_minutes());
        }
    }
    left
}

/// How many of the sessions have a tombstone. What is put to find out is too young to be purged.
async fn buried(subject: &ArchiveSubject, ids: &[SessionId]) -> usize {
    let mut count = 0;
    for id in ids {
        let kept = subject.put(&updated_at(minute(99), first(*id))).await;
        count += usize::from(matches!(kept, Kept::Erased));
    }
    count
}
