//! Commit, load, remove: one writer at a time.

use flow_core::{
    Record, SessionId, Stamp,
    store::{Commit, Expect, Verdict},
};

use super::{
    Subject,
    subject::{FLOW, at, create, follow},
};

/// Nothing loads, is browsed, is due or can be removed before the first commit.
pub async fn a_fresh_store_is_empty(subject: Subject) {
    let id = SessionId::random();
    assert_eq!(subject.load(id).await, None);
    assert_eq!(subject.browse(10).await, []);
    assert_eq!(subject.due(subject.now(), 10).await, []);
    assert!(!subject.remove(id).await);
}

/// What was committed loads, stamp and body, again and again.
pub async fn a_record_loads_as_it_was_written(subject: Subject) {
    let id = SessionId::random();
    let first = subject.write(create(id, b"first")).await;
    assert_eq!(subject.load(id).await, Some(first.clone()));
    let second = subject.write(follow(id, &first, b"second")).await;
    assert_eq!(subject.load(id).await, Some(second.clone()));
    assert_eq!(subject.load(id).await, Some(second));
}

/// A session can only be created where there is none.
pub async fn creating_twice_conflicts(subject: Subject) {
    let id = SessionId::random();
    let record = subject.write(create(id, b"first")).await;
    let outcome = subject.commit(create(id, b"second")).await;
    assert_eq!(outcome, Verdict::Conflict(Some(record)));
}

/// Where nothing is stored, no stamp is the right one; nothing comes to be.
pub async fn a_commit_at_a_stamp_on_an_absent_session_conflicts_with_none(subject: Subject) {
    let id = SessionId::random();
    let never_written = Record::compose(Stamp::first(), b"never written");
    let outcome = subject.commit(follow(id, &never_written, b"second")).await;
    assert_eq!(outcome, Verdict::Conflict(None));
    assert_eq!(subject.load(id).await, None);
    assert_eq!(subject.browse(10).await, []);
}

/// Who expects a stamp that was overwritten comes too late.
pub async fn a_stale_stamp_loses(subject: Subject) {
    let id = SessionId::random();
    let first = subject.write(create(id, b"first")).await;
    let second = subject.write(follow(id, &first, b"second")).await;
    let outcome = subject.commit(follow(id, &first, b"another second")).await;
    assert_eq!(outcome, Verdict::Conflict(Some(second)));
}

/// After a failover two lineages may hold the same version: the write id tells them apart.
pub async fn the_right_version_with_another_write_id_loses(subject: Subject) {
    let id = SessionId::random();
    let record = subject.write(create(id, b"ours")).await;
    let theirs = Stamp { version: record.stamp().version, ..Stamp::first() };
    let outcome = subject.commit(at(id, theirs, Record::compose(theirs.next(), b"theirs"))).await;
    assert_eq!(outcome, Verdict::Conflict(Some(record)));
}

/// The whole version counts, down to the last digit of a large one.
pub async fn the_right_write_id_with_another_version_loses(subject: Subject) {
    let id = SessionId::random();
    // The first number that a double, such as a script's, cannot tell from the one before it.
    let stamp = Stamp { version: (1 << 53) + 1, ..Stamp::first() };
    let odd = Commit::new(id, Expect::Absent, Record::compose(stamp, b"odd"), FLOW, "WELCOME");
    let record = subject.write(odd).await;
    let beside = Stamp { version: 1 << 53, ..stamp };
    let outcome = subject.commit(at(id, beside, Record::compose(beside.next(), b"even"))).await;
    assert_eq!(outcome, Verdict::Conflict(Some(record)));
}

/// Who lost is told what is stored now, and can go on from there at once.
pub async fn a_conflict_hands_back_what_is_there(subject: Subject) {
    let id = SessionId::random();
    let first = subject.write(create(id, b"first")).await;
    subject.write(follow(id, &first, b"second")).await;
    let Verdict::Conflict(Some(current)) = subject.commit(follow(id, &first, b"too late")).await else {
        panic!("a conflict with the current record");
    };
    assert_eq!(current.body(), b"second"[..]);
    subject.write(follow(id, &current, b"third")).await;
}

/// Who lost leaves no trace.
pub async fn a_conflict_writes_nothing(subject: Subject) {
    let id = SessionId::random();
    let first = subject.write(create(id, b"first")).await;
    let second = subject.write(follow(id, &first, b"second")).await;
    for late in [create(id, b"too late"), follow(id, &first, b"too late")] {
        assert_ne!(subject.commit(late).await, Verdict::Done);
        assert_eq!(subject.load(id).await, Some(second.clone()));
    }
}

/// A writer whose answer was lost asks again, and is told that it is done.
pub async fn the_same_commit_again_is_done_and_changes_nothing(subject: Subject) {
    let id = SessionId::random();
    let creation = create(id, b"first");
    let first = subject.write(creation.clone()).await;
    assert_eq!(subject.commit(creation).await, Verdict::Done);
    let following = follow(id, &first, b"second");
    let second = subject.write(following.clone()).await;
    assert_eq!(subject.commit(following).await, Verdict::Done);
    assert_eq!(subject.load(id).await, Some(second));
    assert_eq!(subject.browse(10).await, [id]);
}

/// A repeat that arrives after the next write does not bring the old record back.
pub async fn a_repeat_of_a_write_that_was_overwritten_conflicts(subject: Subject) {
    let id = SessionId::random();
    let creation = create(id, b"first");
    let first = subject.write(creation.clone()).await;
    let second = subject.write(follow(id, &first, b"second")).await;
    assert_eq!(subject.commit(creation).await, Verdict::Conflict(Some(second.clone())));
    assert_eq!(subject.load(id).await, Some(second));
}

/// Of two who remove, one did.
pub async fn remove_tells_whether_there_was_a_record(subject: Subject) {
    let id = SessionId::random();
    subject.write(create(id, b"body")).await;
    assert!(subject.remove(id).await);
    assert!(!subject.remove(id).await);
    assert_eq!(subject.load(id).await, None);
}

/// Who still holds the record of a removed session cannot bring it back.
pub async fn a_removed_session_stays_removed_against_a_stale_writer(subject: Subject) {
    let id = SessionId::random();
    let record = subject.write(create(id, b"first")).await;
    subject.remove(id).await;
    assert_eq!(subject.commit(follow(id, &record, b"second")).await, Verdict::Conflict(None));
    assert_eq!(subject.load(id).await, None);
}

/// After a removal there is room for a new session of the same name, and the old lineage stays out.
pub async fn a_removed_session_can_be_created_anew(subject: Subject) {
    let id = SessionId::random();
    let old = subject.write(create(id, b"old")).await;
    subject.remove(id).await;
    let new = subject.write(create(id, b"new")).await;
    assert_eq!(subject.commit(follow(id, &old, b"old")).await, Verdict::Conflict(Some(new.clone())));
    assert_eq!(subject.load(id).await, Some(new));
}

/// Each of many sessions has its own record, whatever happens to the others.
pub async fn sessions_do_not_see_each_other(subject: Subject) {
    let mut records = Vec::new();
    for number in 0..200 {
        let id = SessionId::random();
        records.push((id, subject.write(create(id, format!("body {number}").as_bytes())).await));
    }
    for (id, _) in records.iter().step_by(3) {
        assert!(subject.remove(*id).await);
    }
    for (index, (id, record)) in records.into_iter().enumerate() {
        let expected = (index % 3 != 0).then_some(record);
        assert_eq!(subject.load(id).await, expected);
    }
}
