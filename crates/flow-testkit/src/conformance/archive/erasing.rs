//! What is forgotten because somebody wants to be.

use chrono::TimeDelta;
use flow_core::SessionId;

use super::{
    ArchiveSubject,
    entries::{begun_at, first, minute, next},
    subject::assert_erased,
};

/// Once there is nothing left, there is nothing more to take.
pub async fn an_erasure_takes_everything_and_tells_whether_there_was_anything(subject: ArchiveSubject) {
    let one = subject.keep(first(SessionId::random())).await;
    subject.keep(next(&one)).await;
    assert!(subject.erase(one.id, minute(9)).await);
    subject.assert_holds_nothing_of(one.id).await;
    assert!(!subject.erase(one.id, minute(9)).await);
}

/// It was on its way, or is sent again, and brings nothing back: not even where there was nothing to erase.
pub async fn a_late_entry_of_an_erased_session_is_erased(subject: ArchiveSubject) {
    let one = subject.keep(first(SessionId::random())).await;
    subject.erase(one.id, one.summary.created_at).await;
    for late in [one.clone(), next(&one), first(one.id)] {
        assert_erased(&subject.put(&late).await);
    }
    subject.assert_holds_nothing_of(one.id).await;
    let never_put = first(SessionId::random());
    assert!(!subject.erase(never_put.id, never_put.summary.created_at).await);
    assert_erased(&subject.put(&never_put).await);
    subject.assert_holds_nothing_of(never_put.id).await;
}

/// Though it be only a microsecond later; what began before stays out beside it.
pub async fn a_conversation_that_began_later_is_kept_after_an_erasure(subject: ArchiveSubject) {
    let id = SessionId::random();
    let old = subject.keep(first(id)).await;
    subject.erase(id, minute(1)).await;
    let new = subject.keep(begun_at(minute(1) + TimeDelta::microseconds(1), first(id))).await;
    assert_erased(&subject.put(&next(&old)).await);
    assert_erased(&subject.put(&begun_at(minute(1), next(&new))).await);
    subject.assert_holds(&[&new]).await;
    let newer = subject.keep(next(&new)).await;
    subject.assert_holds(&[&new, &newer]).await;
}

/// An order to erase may come twice, and the second one may be the first that was given.
pub async fn an_erasure_that_reaches_less_far_takes_nothing_back(subject: ArchiveSubject) {
    let id = SessionId::random();
    subject.erase(id, minute(5)).await;
    subject.erase(id, minute(2)).await;
    assert_erased(&subject.put(&begun_at(minute(4), first(id))).await);
    subject.erase(id, minute(7)).await;
    assert_erased(&subject.put(&begun_at(minute(6), first(id))).await);
    subject.keep(begun_at(minute(8), first(id))).await;
}

/// Nobody else asked for it.
pub async fn an_erasure_leaves_the_others_alone(subject: ArchiveSubject) {
    let (one, other) = (first(SessionId::random()), first(SessionId::random()));
    subject.keep(one.clone()).await;
    subject.keep(other.clone()).await;
    assert!(subject.erase(one.id, minute(9)).await);
    subject.assert_holds(&[&other]).await;
    let next = subject.keep(next(&other)).await;
    subject.assert_holds(&[&other, &next]).await;
}
