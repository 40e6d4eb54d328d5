//! What is forgotten because a visitor asked for it.

use chrono::TimeDelta;
use flow_core::SessionId;

use super::{
    ArchiveSubject,
    entries::{begun_at, first, minute, next},
    subject::{assert_done, assert_erased},
};

/// Once there is nothing left, there is nothing more to take.
pub async fn an_erasure_takes_everything_and_tells_whether_there_was_anything(subject: ArchiveSubject) {
    let one = subject.keep(first(SessionId::random())).await;
    subject.keep(next(&one)).await;
    let done = "two entries of a session were put, and it was erased";
    subject.erases(one.id, minute(9), true, done).await;
    subject.holds_nothing_of(one.id, done).await;
    subject.erases(one.id, minute(9), false, "two entries of a session were put, and it was erased twice").await;
}

/// It was on its way, or is sent again, and brings nothing back: not even where there was nothing to erase.
pub async fn a_late_entry_of_an_erased_session_is_erased(subject: ArchiveSubject) {
    let one = subject.keep(first(SessionId::random())).await;
    subject.erase(one.id, one.summary.created_at).await;
    let done = "a session was put and erased, and then an entry of the same conversation was put";
    for late in [one.clone(), next(&one), first(one.id)] {
        assert_erased(&subject.put(&late).await, done);
    }
    subject.holds_nothing_of(one.id, done).await;
    let never_put = first(SessionId::random());
    let done = "a session that was never put was erased, and then its first entry was put";
    subject.erases(never_put.id, never_put.summary.created_at, false, "a session that was never put was erased").await;
    assert_erased(&subject.put(&never_put).await, done);
    subject.holds_nothing_of(never_put.id, done).await;
}

/// Even if it began only a microsecond later; a conversation from before the erasure still stays out.
pub async fn a_conversation_that_began_later_is_kept_after_an_erasure(subject: ArchiveSubject) {
    let id = SessionId::random();
    let old = subject.keep(first(id)).await;
    subject.erase(id, minute(1)).await;
    let new = begun_at(minute(1) + TimeDelta::microseconds(1), first(id));
    let done =
        "a session was erased in minute 1, and an entry of a conversation was put that began a microsecond later";
    assert_done(&subject.put(&new).await, done);
    let late = "a session was erased in minute 1 and began anew, and an entry of a conversation from before was put";
    assert_erased(&subject.put(&next(&old)).await, late);
    assert_erased(&subject.put(&begun_at(minute(1), next(&new))).await, late);
    subject.holds(&[&new], late).await;
    let newer = subject.keep(next(&new)).await;
    subject.holds(&[&new, &newer], &format!("{done}, and its next one")).await;
}

/// An order to erase may come twice, and the second one may be the first that was given.
pub async fn an_erasure_that_reaches_less_far_takes_nothing_back(subject: ArchiveSubject) {
    let id = SessionId::random();
    subject.erase(id, minute(5)).await;
    subject.erase(id, minute(2)).await;
    let done = "a session was erased in minute 5, and once more in minute 2";
    let from_4 = subject.put(&begun_at(minute(4), first(id))).await;
    assert_erased(&from_4, &format!("{done}, and an entry of a conversation from minute 4 was put"));
    subject.erase(id, minute(7)).await;
    let from_6 = subject.put(&begun_at(minute(6), first(id))).await;
    assert_erased(&from_6, &format!("{done} and in minute 7, and an entry of a conversation from minute 6 was put"));
    let from_8 = subject.put(&begun_at(minute(8), first(id))).await;
    assert_done(&from_8, &format!("{done} and in minute 7, and an entry of a conversation from minute 8 was put"));
}

/// The other session stays whole, and can still be added to.
pub async fn an_erasure_leaves_the_others_alone(subject: ArchiveSubject) {
    let (one, other) = (first(SessionId::random()), first(SessionId::random()));
    subject.keep(one.clone()).await;
    subject.keep(other.clone()).await;
    let done = "two sessions were put, and one was erased";
    subject.erases(one.id, minute(9), true, done).await;
    subject.holds(&[&other], done).await;
    let next = next(&other);
    assert_done(&subject.put(&next).await, &format!("{done}, and the next entry of the other was put"));
    subject.holds(&[&other, &next], &format!("{done}, and the next entry of the other was put")).await;
}
