//! Many entries at once.

use flow_core::{
    SessionId,
    archive::{Entry, Kept},
};

use super::{
    ArchiveSubject,
    entries::{first, minute, next, step},
    subject::{STEPS, assert_done, assert_erased, assert_moved},
};
use crate::conformance::promise::{broken, kept};

const HOLDS_UP_NO_OTHER: &str = "an entry that is not kept holds up no other of its call";

/// The first entry of the batch has the first verdict of the answer.
pub async fn verdicts_come_in_the_order_of_the_entries(subject: ArchiveSubject) {
    let one = subject.keep(first(SessionId::random())).await;
    let (followed, erased) = (subject.keep(first(SessionId::random())).await, SessionId::random());
    subject.erase(erased, minute(1)).await;
    let batch = |turned: bool| {
        let mut batch = vec![first(one.id), next(&followed), first(erased), first(SessionId::random())];
        if turned {
            batch.reverse();
        }
        batch
    };
    let done =
        "four entries were put at once: on a kept session, after what is kept, of an erased session, and of a new one";
    let verdicts = subject.put_all(&batch(false)).await;
    assert_moved(&verdicts[0], Some(one.record.stamp()), done);
    assert_done(&verdicts[1], done);
    assert_erased(&verdicts[2], done);
    assert_done(&verdicts[3], done);
    let done =
        "four entries were put at once: of a new session, of an erased one, after what was kept, and on a kept session";
    let verdicts = subject.put_all(&batch(true)).await;
    assert_done(&verdicts[0], done);
    assert_erased(&verdicts[1], done);
    if !matches!(verdicts[2], Kept::Moved(Some(_))) {
        broken(done, "an entry on what is no longer kept is moved", "Moved(Some(…))", &verdicts[2]);
    }
    assert_moved(&verdicts[3], Some(one.record.stamp()), done);
}

/// One that came late, and one that was erased, stand between others.
pub async fn an_entry_that_is_not_kept_holds_up_no_other(subject: ArchiveSubject) {
    let one = subject.keep(first(SessionId::random())).await;
    let erased = SessionId::random();
    subject.erase(erased, minute(1)).await;
    let others: Vec<_> = (0..3).map(|_| first(SessionId::random())).collect();
    let batch = [&others[0], &first(one.id), &others[1], &first(erased), &others[2]].map(Entry::clone);
    let done = "five entries were put at once, of which the second came late and the fourth is of an erased session";
    let verdicts = subject.put_all(&batch).await;
    let are_done: Vec<_> = verdicts.iter().map(|verdict| matches!(verdict, Kept::Done)).collect();
    kept(
        &format!("{done}: which of them are done?"),
        HOLDS_UP_NO_OTHER,
        &are_done,
        &vec![true, false, true, false, true],
    );
    for other in &others {
        subject.holds(&[other], done).await;
    }
    subject.holds(&[&one], done).await;
    subject.holds_nothing_of(erased, done).await;
}

/// It is refused whole, or kept whole if this archive can.
pub async fn an_entry_that_can_never_be_kept_holds_up_no_other(subject: ArchiveSubject) {
    let mut strange = first(SessionId::random());
    strange.steps.push(step(u64::MAX));
    let (before, after) = (first(SessionId::random()), first(SessionId::random()));
    let done = "three entries were put at once, of which the second has a step with the largest number of all";
    let verdicts = subject.put_all(&[before.clone(), strange.clone(), after.clone()]).await;
    assert_done(&verdicts[0], done);
    assert_done(&verdicts[2], done);
    subject.holds(&[&before], done).await;
    subject.holds(&[&after], done).await;
    match &verdicts[1] {
        Kept::Refused(_) => subject.holds_nothing_of(strange.id, &format!("{done}, and was refused")).await,
        verdict => {
            assert_done(verdict, done);
            kept(&format!("{done}, and was done"), STEPS, &subject.history(strange.id).await, &strange.steps);
        }
    }
}

/// Nothing to keep is no mistake.
pub async fn a_batch_of_nothing_is_answered_with_nothing(subject: ArchiveSubject) {
    // It looks at the number of verdicts.
    subject.put_all(&[]).await;
}

/// After an absence of the archive there is much to keep.
pub async fn a_batch_of_hundreds_is_kept(subject: ArchiveSubject) {
    let ones: Vec<_> = (0..500).map(|_| first(SessionId::random())).collect();
    let done = "500 entries were put at once, and then the 500 that follow them";
    for batch in [ones.clone(), ones.iter().map(next).collect()] {
        for verdict in subject.put_all(&batch).await {
            assert_done(&verdict, done);
        }
    }
    for one in ones.iter().step_by(50) {
        kept(&format!("{done}: how many steps has one session?"), STEPS, &subject.history(one.id).await.len(), &2);
    }
}
