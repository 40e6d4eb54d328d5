//! Many entries at once.

use flow_core::{
    SessionId,
    archive::{Entry, Kept},
};

use super::{
    ArchiveSubject,
    entries::{first, minute, next, step},
    subject::{assert_done, assert_erased, assert_moved},
};

/// Whoever is first in the batch is first in the answer.
pub async fn verdicts_come_in_the_order_of_the_entries(subject: ArchiveSubject) {
    let kept = subject.keep(first(SessionId::random())).await;
    let (followed, erased) = (subject.keep(first(SessionId::random())).await, SessionId::random());
    subject.erase(erased, minute(1)).await;
    let batch = |turned: bool| {
        let mut batch = vec![first(kept.id), next(&followed), first(erased), first(SessionId::random())];
        if turned {
            batch.reverse();
        }
        batch
    };
    let verdicts = subject.put_all(&batch(false)).await;
    assert_moved(&verdicts[0], Some(kept.record.stamp()));
    assert_done(&verdicts[1]);
    assert_erased(&verdicts[2]);
    assert_done(&verdicts[3]);
    let verdicts = subject.put_all(&batch(true)).await;
    assert_done(&verdicts[0]);
    assert_erased(&verdicts[1]);
    assert!(matches!(verdicts[2], Kept::Moved(Some(_))), "{:?} instead of moved", verdicts[2]);
    assert_moved(&verdicts[3], Some(kept.record.stamp()));
}

/// One that came late, and one that was erased, stand between others.
pub async fn an_entry_that_is_not_kept_holds_up_no_other(subject: ArchiveSubject) {
    let kept = subject.keep(first(SessionId::random())).await;
    let erased = SessionId::random();
    subject.erase(erased, minute(1)).await;
    let others: Vec<_> = (0..3).map(|_| first(SessionId::random())).collect();
    let batch = [&others[0], &first(kept.id), &others[1], &first(erased), &others[2]].map(Entry::clone);
    for (index, verdict) in subject.put_all(&batch).await.iter().enumerate() {
        assert_eq!(matches!(verdict, Kept::Done), index % 2 == 0, "{verdict:?}");
    }
    for other in &others {
        subject.assert_holds(&[other]).await;
    }
    subject.assert_holds(&[&kept]).await;
    subject.assert_holds_nothing_of(erased).await;
}

/// It is refused whole, or kept whole if this archive can.
pub async fn an_entry_that_can_never_be_kept_holds_up_no_other(subject: ArchiveSubject) {
    let mut strange = first(SessionId::random());
    strange.steps.push(step(u64::MAX));
    let (before, after) = (first(SessionId::random()), first(SessionId::random()));
    let verdicts = subject.put_all(&[before.clone(), strange.clone(), after.clone()]).await;
    assert_done(&verdicts[0]);
    assert_done(&verdicts[2]);
    subject.assert_holds(&[&before]).await;
    subject.assert_holds(&[&after]).await;
    match &verdicts[1] {
        Kept::Refused(_) => subject.assert_holds_nothing_of(strange.id).await,
        kept => {
            assert_done(kept);
            assert_eq!(subject.history(strange.id).await, strange.steps);
        }
    }
}

/// Nothing to keep is no mistake.
pub async fn a_batch_of_nothing_is_answered_with_nothing(subject: ArchiveSubject) {
    assert!(subject.put_all(&[]).await.is_empty());
}

/// After an absence of the archive there is much to keep.
pub async fn a_batch_of_hundreds_is_kept(subject: ArchiveSubject) {
    let ones: Vec<_> = (0..500).map(|_| first(SessionId::random())).collect();
    for batch in [ones.clone(), ones.iter().map(next).collect()] {
        for verdict in subject.put_all(&batch).await {
            assert_done(&verdict);
        }
    }
    for one in ones.iter().step_by(50) {
        assert_eq!(subject.history(one.id).await.len(), 2);
    }
}
