//! Putting and finding: one writer at a time.

use flow_core::{SessionId, Stamp};

use super::{
    ArchiveSubject,
    entries::{expecting, first, next, stamped},
    subject::{assert_done, assert_moved},
};

/// Nothing is found, purged or erased before the first entry.
pub async fn a_fresh_archive_is_empty(subject: ArchiveSubject) {
    let id = SessionId::random();
    subject.assert_holds_nothing_of(id).await;
    assert_eq!(subject.purge_before(chrono::Utc::now(), 10).await, 0);
    assert!(!subject.erase(id, chrono::Utc::now()).await);
}

/// The record, the steps and the checkpoints, again and again.
pub async fn what_was_put_is_found(subject: ArchiveSubject) {
    let entry = subject.keep(first(SessionId::random())).await;
    for _ in 0..3 {
        subject.assert_holds(&[&entry]).await;
    }
}

/// The record is replaced, steps and checkpoints are added; versions may be left out on the way.
pub async fn an_entry_follows_what_it_expects(subject: ArchiveSubject) {
    let one = subject.keep(first(SessionId::random())).await;
    let two = subject.keep(next(&one)).await;
    subject.assert_holds(&[&one, &two]).await;
    let five = expecting(two.record.stamp(), next(&next(&next(&two))));
    let five = subject.keep(five).await;
    subject.assert_holds(&[&one, &two, &five]).await;
}

/// Who did not hear the answer asks again, and hears it.
pub async fn the_same_entry_again_is_done_and_changes_nothing(subject: ArchiveSubject) {
    let one = subject.keep(first(SessionId::random())).await;
    assert_done(&subject.put(&one).await);
    subject.assert_holds(&[&one]).await;
    let two = subject.keep(next(&one)).await;
    assert_done(&subject.put(&two).await);
    subject.assert_holds(&[&one, &two]).await;
}

/// What comes late finds the newer one, though it was kept itself before.
pub async fn an_older_entry_never_lands_on_a_newer_one(subject: ArchiveSubject) {
    let one = subject.keep(first(SessionId::random())).await;
    let two = subject.keep(next(&one)).await;
    let three = subject.keep(next(&two)).await;
    for late in [&two, &one] {
        assert_moved(&subject.put(late).await, Some(three.record.stamp()));
    }
    subject.assert_holds(&[&one, &two, &three]).await;
}

/// A session that began anew in the store must say what it goes on from here.
pub async fn an_entry_on_nothing_is_moved_by_a_kept_session(subject: ArchiveSubject) {
    let one = subject.keep(first(SessionId::random())).await;
    assert_moved(&subject.put(&first(one.id)).await, Some(one.record.stamp()));
    subject.assert_holds(&[&one]).await;
}

/// Where nothing is kept, no stamp is the right one; nothing comes to be.
pub async fn an_entry_on_a_stamp_is_moved_where_nothing_is_kept(subject: ArchiveSubject) {
    let never_put = first(SessionId::random());
    assert_moved(&subject.put(&next(&never_put)).await, None);
    subject.assert_holds_nothing_of(never_put.id).await;
}

/// After a failover two lineages may hold the same version: the write id tells them apart.
pub async fn the_right_version_with_another_write_id_is_moved(subject: ArchiveSubject) {
    let one = subject.keep(first(SessionId::random())).await;
    let other = stamped(Stamp::first(), first(one.id));
    assert_moved(&subject.put(&other).await, Some(one.record.stamp()));
    assert_moved(&subject.put(&next(&other)).await, Some(one.record.stamp()));
    subject.assert_holds(&[&one]).await;
}

/// Versions that a signed number, or one with a point, cannot tell apart.
pub async fn the_right_write_id_with_another_version_is_moved(subject: ArchiveSubject) {
    for pair in [(1, 2), (1 << 53, (1 << 53) + 1), (i64::MAX as u64, 1 << 63), (u64::MAX - 1, u64::MAX)] {
        let high = Stamp { version: pair.1, ..Stamp::first() };
        let low = Stamp { version: pair.0, ..high };
        for (kept, told) in [(low, high), (high, low)] {
            let one = subject.keep(stamped(kept, first(SessionId::random()))).await;
            let two = expecting(told, stamped(Stamp::first(), next(&first(one.id))));
            assert_moved(&subject.put(&two).await, Some(kept));
            assert_moved(&subject.put(&stamped(told, one.clone())).await, Some(kept));
            subject.assert_holds(&[&one]).await;
        }
    }
}

/// Neither its record nor its steps and checkpoints, new as they are.
pub async fn an_entry_that_is_moved_leaves_nothing_behind(subject: ArchiveSubject) {
    let one = subject.keep(first(SessionId::random())).await;
    let three = next(&next(&one));
    assert_moved(&subject.put(&three).await, Some(one.record.stamp()));
    subject.assert_holds(&[&one]).await;
    let two = subject.keep(next(&one)).await;
    subject.assert_holds(&[&one, &two]).await;
}

/// Each of many sessions has what is its own, whatever happens to the others.
pub async fn archived_sessions_do_not_see_each_other(subject: ArchiveSubject) {
    let mut ones = Vec::new();
    for _ in 0..50 {
        ones.push(subject.keep(first(SessionId::random())).await);
    }
    for (index, one) in ones.iter().enumerate() {
        match index % 3 {
            0 => assert!(subject.erase(one.id, one.summary.created_at).await),
            1 => drop(subject.keep(next(one)).await),
            _ => {}
        }
    }
    for (index, one) in ones.iter().enumerate() {
        match index % 3 {
            0 => subject.assert_holds_nothing_of(one.id).await,
            1 => assert_eq!(subject.history(one.id).await.len(), 2),
            _ => subject.assert_holds(&[one]).await,
        }
    }
}
