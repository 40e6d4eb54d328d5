//! Putting and finding: one writer at a time.

use flow_core::{SessionId, Stamp};

use super::{
    ArchiveSubject,
    entries::{expecting, first, next, stamped},
    subject::{STEPS, assert_done, assert_moved},
};
use crate::conformance::promise::kept;

/// Nothing is found, purged or erased before the first entry.
pub async fn a_fresh_archive_is_empty(subject: ArchiveSubject) {
    let (id, done) = (SessionId::random(), "an archive was made, and nothing was put into it");
    subject.holds_nothing_of(id, done).await;
    subject.purges(chrono::Utc::now(), 10, 0, done).await;
    subject.erases(id, chrono::Utc::now(), false, done).await;
}

/// The record, the steps and the checkpoints, again and again.
pub async fn what_was_put_is_found(subject: ArchiveSubject) {
    let entry = subject.keep(first(SessionId::random())).await;
    for _ in 0..3 {
        subject.holds(&[&entry], "the first entry of a session was put").await;
    }
}

/// The record is replaced, steps and checkpoints are added; versions may be left out on the way.
pub async fn an_entry_follows_what_it_expects(subject: ArchiveSubject) {
    let one = subject.keep(first(SessionId::random())).await;
    let two = subject.keep(next(&one)).await;
    subject.holds(&[&one, &two], "two entries of a session were put").await;
    let five = expecting(two.record.stamp(), next(&next(&next(&two))));
    let done = "two entries of a session were put, and one of version 5 that expects the second";
    assert_done(&subject.put(&five).await, done);
    subject.holds(&[&one, &two, &five], done).await;
}

/// A worker that lost the answer sends the entry again, and is answered the same.
pub async fn the_same_entry_again_is_done_and_changes_nothing(subject: ArchiveSubject) {
    let one = subject.keep(first(SessionId::random())).await;
    let done = "the first entry of a session was put twice";
    assert_done(&subject.put(&one).await, done);
    subject.holds(&[&one], done).await;
    let two = subject.keep(next(&one)).await;
    let done = "the second entry of a session was put twice";
    assert_done(&subject.put(&two).await, done);
    subject.holds(&[&one, &two], done).await;
}

/// What comes late finds the newer one, though it was kept itself before.
pub async fn an_older_entry_never_lands_on_a_newer_one(subject: ArchiveSubject) {
    let one = subject.keep(first(SessionId::random())).await;
    let two = subject.keep(next(&one)).await;
    let three = subject.keep(next(&two)).await;
    let done = "three entries of a session were put, and then an earlier one again";
    for late in [&two, &one] {
        assert_moved(&subject.put(late).await, Some(three.record.stamp()), done);
    }
    subject.holds(&[&one, &two, &three], done).await;
}

/// A session that began anew in the store must say what it goes on from here.
pub async fn an_entry_on_nothing_is_moved_by_a_kept_session(subject: ArchiveSubject) {
    let one = subject.keep(first(SessionId::random())).await;
    let done = "a session is kept, and another entry expects that there is nothing";
    assert_moved(&subject.put(&first(one.id)).await, Some(one.record.stamp()), done);
    subject.holds(&[&one], done).await;
}

/// Where nothing is kept, no stamp is the right one; nothing comes to be.
pub async fn an_entry_on_a_stamp_is_moved_where_nothing_is_kept(subject: ArchiveSubject) {
    let never_put = first(SessionId::random());
    let done = "an entry expected a stamp where nothing is kept";
    assert_moved(&subject.put(&next(&never_put)).await, None, done);
    subject.holds_nothing_of(never_put.id, done).await;
}

/// After a failover two lineages may hold the same version: the write id tells them apart.
pub async fn the_right_version_with_another_write_id_is_moved(subject: ArchiveSubject) {
    let one = subject.keep(first(SessionId::random())).await;
    let other = stamped(Stamp::first(), first(one.id));
    let done = "an entry has, or expects, the version that is kept with another write id";
    assert_moved(&subject.put(&other).await, Some(one.record.stamp()), done);
    assert_moved(&subject.put(&next(&other)).await, Some(one.record.stamp()), done);
    subject.holds(&[&one], done).await;
}

/// Versions that a signed number, or one with a point, cannot tell apart.
pub async fn the_right_write_id_with_another_version_is_moved(subject: ArchiveSubject) {
    for pair in [(1, 2), (1 << 53, (1 << 53) + 1), (i64::MAX as u64, 1 << 63), (u64::MAX - 1, u64::MAX)] {
        let high = Stamp { version: pair.1, ..Stamp::first() };
        let low = Stamp { version: pair.0, ..high };
        for (stored, told) in [(low, high), (high, low)] {
            let one = subject.keep(stamped(stored, first(SessionId::random()))).await;
            let two = expecting(told, stamped(Stamp::first(), next(&first(one.id))));
            let (is, says) = (stored.version, told.version);
            let done =
                format!("version {is} is kept, and an entry has, or expects, version {says} with the same write id");
            assert_moved(&subject.put(&two).await, Some(stored), &done);
            assert_moved(&subject.put(&stamped(told, one.clone())).await, Some(stored), &done);
            subject.holds(&[&one], &done).await;
        }
    }
}

/// Neither its record nor its steps and checkpoints, new as they are.
pub async fn an_entry_that_is_moved_leaves_nothing_behind(subject: ArchiveSubject) {
    let one = subject.keep(first(SessionId::random())).await;
    let three = next(&next(&one));
    let done = "the first entry of a session is kept, and its third was put without the second";
    assert_moved(&subject.put(&three).await, Some(one.record.stamp()), done);
    subject.holds(&[&one], done).await;
    let two = subject.keep(next(&one)).await;
    subject.holds(&[&one, &two], &format!("{done}, and then the second")).await;
}

/// Each of many sessions has what is its own, whatever happens to the others.
pub async fn archived_sessions_do_not_see_each_other(subject: ArchiveSubject) {
    let mut ones = Vec::new();
    for _ in 0..50 {
        ones.push(subject.keep(first(SessionId::random())).await);
    }
    let done = "50 sessions were put; then of each three one was erased, one was put again, and one was left alone";
    for (index, one) in ones.iter().enumerate() {
        match index % 3 {
            0 => subject.erases(one.id, one.summary.created_at, true, done).await,
            1 => drop(subject.keep(next(one)).await),
            _ => {}
        }
    }
    for (index, one) in ones.iter().enumerate() {
        match index % 3 {
            0 => subject.holds_nothing_of(one.id, done).await,
            1 => kept(
                &format!("{done}: how many steps has one that was put again?"),
                STEPS,
                &subject.history(one.id).await.len(),
                &2,
            ),
            _ => subject.holds(&[one], done).await,
        }
    }
}
