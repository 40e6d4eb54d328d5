//! Commit, load, remove: one writer at a time.

use std::collections::BTreeSet;

use flow_core::{
    Prefix, Record, SessionId, Stamp,
    store::{Commit, Expect},
};

use super::{
    Subject,
    promise::{broken, kept},
    subject::{CONFLICT, FLOW, Written, at, create, follow},
};

/// Nothing loads, is browsed, is due or can be removed before the first commit.
pub async fn a_fresh_store_is_empty(subject: Subject) {
    let (id, done) = (SessionId::random(), "a store was made, and nothing was written to it");
    subject.loads_nothing(id, done).await;
    subject.browses(10, &BTreeSet::new(), done).await;
    subject.are_due(10, &[], done).await;
    subject.removes(id, false, done).await;
}

/// What was committed loads, stamp and body, again and again.
pub async fn a_record_loads_as_it_was_written(subject: Subject) {
    let id = SessionId::random();
    let first = subject.write(create(id, b"first")).await;
    subject.loads(id, Some(&first), "a session was created").await;
    let second = subject.write(follow(id, &first, b"second")).await;
    subject.loads(id, Some(&second), "a session was created, and its next record was committed").await;
    subject.loads(id, Some(&second), "a session was created, its next record was committed, and it was loaded").await;
}

/// A session can only be created where there is none.
pub async fn creating_twice_conflicts(subject: Subject) {
    let id = SessionId::random();
    let record = subject.write(create(id, b"first")).await;
    let done = "a session was created, and another commit expected it to be absent";
    subject.conflicts(create(id, b"second"), Some(&record), done).await;
}

/// Where nothing is stored, no stamp is the right one; nothing comes to be.
pub async fn a_commit_at_a_stamp_on_an_absent_session_conflicts_with_none(subject: Subject) {
    let id = SessionId::random();
    let never_written = Record::compose(Stamp::first(), b"never written");
    let done = "a commit expected a stamp where nothing was ever stored";
    subject.conflicts(follow(id, &never_written, b"second"), None, done).await;
    subject.loads_nothing(id, done).await;
    subject.browses(10, &BTreeSet::new(), done).await;
}

/// A commit that expects a stamp which was overwritten comes too late.
pub async fn a_stale_stamp_loses(subject: Subject) {
    let id = SessionId::random();
    let first = subject.write(create(id, b"first")).await;
    let second = subject.write(follow(id, &first, b"second")).await;
    let done = "two records of a session were committed, and a third commit expected the first of them";
    subject.conflicts(follow(id, &first, b"another second"), Some(&second), done).await;
}

/// After a failover two lineages may hold the same version: the write id tells them apart.
pub async fn the_right_version_with_another_write_id_loses(subject: Subject) {
    let id = SessionId::random();
    let record = subject.write(create(id, b"ours")).await;
    let theirs = Stamp { version: record.stamp().version, ..Stamp::first() };
    let done = "a commit expected the version that is stored, with another write id";
    subject.conflicts(at(id, theirs, Record::compose(theirs.next(), b"theirs")), Some(&record), done).await;
}

/// The whole version counts, down to the last digit of a large one.
pub async fn the_right_write_id_with_another_version_loses(subject: Subject) {
    let id = SessionId::random();
    // The first number that a double, such as a script's, cannot tell from the one before it.
    let stamp = Stamp { version: (1 << 53) + 1, ..Stamp::first() };
    let odd = Commit::new(id, Expect::Absent, Record::compose(stamp, b"odd"), FLOW, "WELCOME");
    let record = subject.write(odd).await;
    let beside = Stamp { version: 1 << 53, ..stamp };
    let done = "a record of version 2^53 + 1 was stored, and a commit expected 2^53 with the same write id";
    subject.conflicts(at(id, beside, Record::compose(beside.next(), b"even")), Some(&record), done).await;
}

/// What older releases have stored is JSON. A commit expects it as it is stored, to the last digit of its write id, and the next
/// record takes its place.
pub async fn a_record_of_before_the_first_edition_is_compared_to_its_last_digit(subject: Subject) {
    let id = SessionId::random();
    let old = |stamp: Stamp| {
        let bytes = [&Prefix::of_json(stamp).bytes()[..], b",\"flow\":\"booking\"}"].concat();
        Record::read(bytes).expect("a record of before the first edition")
    };
    let stamp = Stamp { version: 12, ..Stamp::first() };
    let record = subject.write(Commit::new(id, Expect::Absent, old(stamp), FLOW, "WELCOME")).await;
    let done = "a record of before the first edition was stored";
    subject.loads(id, Some(&record), done).await;
    let text = stamp.write_id.to_string();
    let last_digit = if text.ends_with('0') { "1" } else { "0" };
    let write_id = (text[..35].to_owned() + last_digit).parse().expect("a write id");
    let beside = old(Stamp { write_id, ..stamp });
    let done = format!("{done}, and a commit expected one whose write id has another last digit");
    subject.conflicts(follow(id, &beside, b"too late"), Some(&record), &done).await;
    let second = subject.write(follow(id, &record, b"second")).await;
    let done = "a record of before the first edition was stored, and a commit that expected it";
    subject.loads(id, Some(&second), done).await;
    subject.conflicts(follow(id, &record, b"too late"), Some(&second), done).await;
}

/// The writer that lost is told what is stored now, and can go on from there at once.
pub async fn a_conflict_hands_back_what_is_there(subject: Subject) {
    let id = SessionId::random();
    let first = subject.write(create(id, b"first")).await;
    let second = subject.write(follow(id, &first, b"second")).await;
    let done = "two records of a session were committed, and another commit expected the first of them";
    let verdict = subject.commit(follow(id, &first, b"too late")).await;
    let Written::Conflict(Some(current)) = verdict else {
        broken(done, CONFLICT, &format!("{:?}", Written::Conflict(Some(second))), &verdict);
    };
    kept(done, CONFLICT, &current.body(), &second.body());
    subject.write(follow(id, &current, b"third")).await;
}

/// A commit that conflicts leaves no trace.
pub async fn a_conflict_writes_nothing(subject: Subject) {
    let id = SessionId::random();
    let first = subject.write(create(id, b"first")).await;
    let second = subject.write(follow(id, &first, b"second")).await;
    for late in [create(id, b"too late"), follow(id, &first, b"too late")] {
        let done = format!("the second record of a session was stored, and a commit expected {:?}", late.expect);
        subject.refuses(late, &done).await;
        subject.loads(id, Some(&second), &done).await;
    }
}

/// A writer whose answer was lost asks again, and is told that it is done.
pub async fn the_same_commit_again_is_done_and_changes_nothing(subject: Subject) {
    let id = SessionId::random();
    let creation = create(id, b"first");
    let first = subject.write(creation.clone()).await;
    subject.commits(creation, "a session was created, and the very same commit came again").await;
    let following = follow(id, &first, b"second");
    let second = subject.write(following.clone()).await;
    let done = "the second record of a session was committed, and the very same commit came again";
    subject.commits(following, done).await;
    subject.loads(id, Some(&second), done).await;
    subject.browses(10, &BTreeSet::from([id]), done).await;
}

/// A repeat that arrives after the next write does not bring the old record back.
pub async fn a_repeat_of_a_write_that_was_overwritten_conflicts(subject: Subject) {
    let id = SessionId::random();
    let creation = create(id, b"first");
    let first = subject.write(creation.clone()).await;
    let second = subject.write(follow(id, &first, b"second")).await;
    let done = "two records of a session were committed, and then the first commit came again";
    subject.conflicts(creation, Some(&second), done).await;
    subject.loads(id, Some(&second), done).await;
}

/// Of two removals, one finds a record.
pub async fn remove_tells_whether_there_was_a_record(subject: Subject) {
    let id = SessionId::random();
    subject.write(create(id, b"body")).await;
    subject.removes(id, true, "a session was created and removed").await;
    subject.removes(id, false, "a session was created and removed twice").await;
    subject.loads_nothing(id, "a session was created and removed").await;
}

/// A writer that still holds the record of a removed session cannot bring it back.
pub async fn a_removed_session_stays_removed_against_a_stale_writer(subject: Subject) {
    let id = SessionId::random();
    let record = subject.write(create(id, b"first")).await;
    subject.remove(id).await;
    let done = "a session was removed, and a commit expected its last record";
    subject.conflicts(follow(id, &record, b"second"), None, done).await;
    subject.loads_nothing(id, done).await;
}

/// After a removal there is room for a new session of the same name, and the old lineage stays out.
pub async fn a_removed_session_can_be_created_anew(subject: Subject) {
    let id = SessionId::random();
    let old = subject.write(create(id, b"old")).await;
    subject.remove(id).await;
    let new = subject.write(create(id, b"new")).await;
    let done = "a session was removed and created anew, and a commit expected the old one's record";
    subject.conflicts(follow(id, &old, b"old"), Some(&new), done).await;
    subject.loads(id, Some(&new), done).await;
}

/// Each of many sessions has its own record, whatever happens to the others.
pub async fn sessions_do_not_see_each_other(subject: Subject) {
    let mut records = Vec::new();
    for number in 0..200 {
        let id = SessionId::random();
        records.push((id, subject.write(create(id, format!("body {number}").as_bytes())).await));
    }
    let done = "200 sessions were created, and every third was removed";
    for (id, _) in records.iter().step_by(3) {
        subject.removes(*id, true, done).await;
    }
    for (index, (id, record)) in records.iter().enumerate() {
        subject.loads(*id, (index % 3 != 0).then_some(record), done).await;
    }
}
