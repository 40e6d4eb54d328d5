//! What is forgotten because a visitor asked for it.

use chrono::TimeDelta;
use flow_core::SessionId;

use super::{
    ArchiveSubject,
    entries::{begun_anew_at, begun_at, first, in_epoch, minute, next},
    subject::{EPOCH, TOMBSTONE, assert_done, assert_erased},
};
use crate::conformance::promise::{broken, kept};

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

/// Of whatever session, so that one that begins after the erasure of another is dated by both.
pub async fn the_epoch_rises_with_each_erasure_and_with_nothing_else(subject: ArchiveSubject) {
    let (one, other) = (first(SessionId::random()), SessionId::random());
    let before = subject.epoch(one.id).await;
    subject.keep(one.clone()).await;
    let done = "a session was put: is the epoch the one of before?";
    kept(done, EPOCH, &subject.epoch(one.id).await, &before);
    let mut epoch = before;
    for done in ["a session was put and erased", "a session was put, and erased twice"] {
        subject.erase(one.id, minute(1)).await;
        let risen = subject.epoch(one.id).await;
        if risen <= epoch {
            broken(done, EPOCH, &format!("an epoch above {epoch:?}"), &risen);
        }
        let of_another = format!("{done}: which epoch is told of a session that was never put?");
        kept(&of_another, EPOCH, &subject.epoch(other).await, &risen);
        epoch = risen;
    }
}

/// So that what was accepted before the erasure, and has its turn after it, is not handled.
pub async fn a_look_tells_of_a_tombstone(subject: ArchiveSubject) {
    let (one, other) = (first(SessionId::random()), first(SessionId::random()));
    subject.keep(one.clone()).await;
    kept("a session was put", TOMBSTONE, &subject.has_tombstone(one.id).await, &false);
    subject.erase(one.id, minute(1)).await;
    kept("a session was put and erased", TOMBSTONE, &subject.has_tombstone(one.id).await, &true);
    subject.keep(in_epoch(subject.epoch(one.id).await, begun_at(minute(9), first(one.id)))).await;
    let done = "a session was put and erased, and one of its id was put that began later";
    kept(done, TOMBSTONE, &subject.has_tombstone(one.id).await, &true);
    kept("another session was erased", TOMBSTONE, &subject.has_tombstone(other.id).await, &false);
}

/// No clock has a say in that: a conversation may have begun anew long after the erasure, with all that was before still in
/// its record.
pub async fn an_entry_of_an_earlier_epoch_is_erased_whenever_it_began(subject: ArchiveSubject) {
    let epoch = subject.epoch(SessionId::random()).await;
    let one = subject.keep(in_epoch(epoch, first(SessionId::random()))).await;
    subject.erase(one.id, minute(1)).await;
    let done =
        "a session was put and erased in minute 1; then an entry of its epoch was put, of a conversation from minute 9";
    for late in [first(one.id), next(&one)] {
        assert_erased(&subject.put(&in_epoch(epoch, begun_at(minute(9), late))).await, done);
    }
    subject.holds_nothing_of(one.id, done).await;
    let other = in_epoch(epoch, first(SessionId::random()));
    let done = "a session was erased, and the first entry of another one of the epoch before was put";
    assert_done(&subject.put(&other).await, done);
    subject.holds(&[&other], done).await;
}

/// The clock of its store may be behind.
pub async fn an_entry_of_the_epoch_that_an_erasure_began_is_kept_whenever_it_began(subject: ArchiveSubject) {
    let id = SessionId::random();
    let before = subject.epoch(id).await;
    let old = subject.keep(in_epoch(before, first(id))).await;
    subject.erase(id, minute(9)).await;
    let epoch = subject.epoch(id).await;
    let new = in_epoch(epoch, begun_at(minute(1), first(id)));
    let done = "a session was erased in minute 9, and began again by a clock that showed minute 1";
    assert_done(&subject.put(&new).await, done);
    let late = format!("{done}; then an entry of before was put");
    assert_erased(&subject.put(&in_epoch(before, next(&old))).await, &late);
    subject.holds(&[&new], &late).await;
    subject.erase(id, minute(3)).await;
    let late = format!("{done}, and was erased once more, and an entry of in between was put");
    assert_erased(&subject.put(&in_epoch(epoch, next(&new))).await, &late);
    subject.holds_nothing_of(id, &late).await;
}

/// One that was not dated by an epoch, because the archive was away when the session began, has its time alone; and that is not
/// the time at which it last began anew.
pub async fn an_entry_of_no_epoch_is_erased_by_the_oldest_that_it_brings(subject: ArchiveSubject) {
    let id = SessionId::random();
    subject.erase(id, minute(5)).await;
    let done = "a session was erased in minute 5, and an entry of no epoch was put, of a conversation from minute 9";
    let mut with_a_step = begun_anew_at(minute(9), first(id));
    with_a_step.checkpoints.clear();
    assert_erased(&subject.put(&with_a_step).await, &format!("{done}, with a step from minute 0"));
    let mut with_a_checkpoint = begun_anew_at(minute(9), first(id));
    with_a_checkpoint.steps.clear();
    assert_erased(&subject.put(&with_a_checkpoint).await, &format!("{done}, with a checkpoint from minute 1"));
    subject.holds_nothing_of(id, done).await;
    let new = begun_at(minute(9), first(id));
    assert_done(&subject.put(&new).await, &format!("{done}, with nothing from before"));
    subject.holds(&[&new], done).await;
}

/// If the count began again with the next tombstone, what was under way then would pass.
pub async fn a_purge_takes_no_epoch_back(subject: ArchiveSubject) {
    let id = SessionId::random();
    for count in 1..=3 {
        subject.erase(id, minute(count)).await;
    }
    let epoch = subject.epoch(id).await;
    let one = subject.keep(in_epoch(epoch, begun_at(minute(4), first(id)))).await;
    subject.purges(minute(9), 10, 1, "a session was erased three times, and put again").await;
    let done = "a session was erased three times, put again, and purged with its tombstone";
    kept(&format!("{done}: which epoch is it?"), EPOCH, &subject.epoch(id).await, &epoch);
    subject.erase(id, minute(5)).await;
    let late = format!("{done}; then it was erased again, and an entry of before was put");
    assert_erased(&subject.put(&in_epoch(epoch, begun_at(minute(20), next(&one)))).await, &late);
}
