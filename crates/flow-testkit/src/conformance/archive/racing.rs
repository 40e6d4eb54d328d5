//! Many writers at once.

use flow_core::{
    SessionId,
    archive::{Entry, Kept},
};

use super::{
    ArchiveSubject,
    entries::{first, minute, next},
    subject::{assert_done, assert_erased, assert_moved},
};
use crate::conformance::{promise::succeeded, racing::together};

const ROUNDS: usize = 50;

/// Two instances of different minds about one session: one of them is heard, whole, and the other learns of it.
pub async fn of_two_racing_entries_one_is_done_and_one_is_moved(subject: ArchiveSubject) {
    let done = "two entries of one session that expect the same were put at the same time";
    for round in 0..ROUNDS {
        let one = first(SessionId::random());
        // To create a session, or to go on with one.
        let rivals = if round % 2 == 0 {
            [one.clone(), first(one.id)]
        } else {
            subject.keep(one.clone()).await;
            [next(&one), next(&one)]
        };
        let rivals = [rivals[0].clone(), ending(rivals[1].clone())];
        let verdicts = at_once(&subject, rivals.clone().map(|rival| vec![rival]), done).await;
        let winner = usize::from(matches!(verdicts[1][0], Kept::Done));
        assert_done(&verdicts[winner][0], done);
        assert_moved(&verdicts[1 - winner][0], Some(rivals[winner].record.stamp()), done);
        let entries: &[_] = if round % 2 == 0 { &[&rivals[winner]] } else { &[&one, &rivals[winner]] };
        subject.holds(entries, done).await;
    }
}

/// Two workers that were given the same session put the same entry.
pub async fn an_entry_that_races_itself_is_done_both_times(subject: ArchiveSubject) {
    let done = "the same entry was put twice at the same time";
    for _ in 0..ROUNDS {
        let one = first(SessionId::random());
        let two = next(&one);
        for entry in [&one, &two] {
            for verdicts in at_once(&subject, [vec![entry.clone()], vec![entry.clone()]], done).await {
                assert_done(&verdicts[0], done);
            }
        }
        subject.holds(&[&one, &two], done).await;
    }
}

/// No two calls wait for each other.
pub async fn batches_that_race_in_opposite_orders_are_both_kept(subject: ArchiveSubject) {
    let done = "the same twenty entries were put twice at the same time, in opposite orders";
    for _ in 0..10 {
        let mut batch: Vec<_> = (0..20).map(|_| first(SessionId::random())).collect();
        for _ in 0..2 {
            let turned = batch.iter().rev().cloned().collect();
            for verdict in at_once(&subject, [batch.clone(), turned], done).await.iter().flatten() {
                assert_done(verdict, done);
            }
            batch = batch.iter().map(next).collect();
        }
    }
}

/// The entry comes first and is erased, or comes second and is too late.
pub async fn an_entry_that_races_an_erasure_leaves_nothing(subject: ArchiveSubject) {
    let done = "a session was erased while an entry of it was put";
    for round in 0..ROUNDS {
        let one = first(SessionId::random());
        let entry = if round % 4 < 2 { one } else { next(&subject.keep(one).await) };
        together(2, |index| {
            let (archive, entry) = (subject.archive(), entry.clone());
            async move {
                if index == round % 2 {
                    succeeded(done, archive.erase(entry.id, minute(0)).await);
                } else {
                    succeeded(done, archive.put(&[entry]).await);
                }
            }
        })
        .await;
        subject.holds_nothing_of(entry.id, done).await;
    }
}

/// What is kept is told with the epoch in which it was kept. With the next one, a session that was erased could be taken up as one
/// that began after its erasure.
pub async fn a_look_that_races_an_erasure_tells_the_epoch_of_what_it_found(subject: ArchiveSubject) {
    let done = "a session was erased while it was looked up";
    for round in 0..ROUNDS {
        let one = subject.keep(first(SessionId::random())).await;
        let looks = together(2, |index| {
            let (archive, id) = (subject.archive(), one.id);
            async move {
                if index == round % 2 {
                    succeeded(done, archive.erase(id, minute(0)).await);
                    None
                } else {
                    Some(succeeded(done, archive.latest(id).await))
                }
            }
        })
        .await;
        for look in looks.into_iter().flatten() {
            if look.archived.is_some() {
                let late = format!("{done}, and was found; then an entry of the epoch of that look was put");
                assert_erased(&subject.put(&first(one.id).epoch(look.epoch)).await, &late);
            } else {
                let late = format!("{done}, and was not found; then an entry of the epoch of that look was put");
                assert_done(&subject.put(&first(one.id).epoch(look.epoch)).await, &late);
            }
        }
    }
}

/// The entry with other steps, so that it shows whose are kept.
fn ending(entry: Entry) -> Entry {
    let steps = entry.steps.iter().map(|step| step.clone().is_end(true)).collect();
    entry.steps(steps)
}

/// Puts both batches at once, and gives the verdicts of each.
async fn at_once(subject: &ArchiveSubject, batches: [Vec<Entry>; 2], done: &'static str) -> Vec<Vec<Kept>> {
    let put = |index: usize| {
        let (archive, batch) = (subject.archive(), batches[index].clone());
        async move { (index, succeeded(done, archive.put(&batch).await)) }
    };
    let mut verdicts = together(2, put).await;
    verdicts.sort_by_key(|(index, _)| *index);
    verdicts.into_iter().map(|(_, verdicts)| verdicts).collect()
}
