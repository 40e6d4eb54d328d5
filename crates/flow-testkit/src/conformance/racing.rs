//! Many writers at once.

use std::{collections::BTreeSet, future::Future};

use flow_core::{SessionId, store::Verdict};
use tokio::task::JoinSet;

use super::{
    Subject,
    subject::{create, follow},
};

const WRITERS: usize = 50;

/// Who comes second to an absent session finds the first one's record.
pub async fn of_fifty_racing_creators_one_wins(subject: Subject) {
    let id = SessionId::random();
    let outcomes = together(WRITERS, |_| {
        let store = subject.store();
        async move { store.commit(create(id, b"body")).await.expect("the store takes the commit") }
    });
    assert_one_done(&outcomes.await, &subject, id).await;
}

/// A version is written once.
pub async fn of_fifty_racing_writers_one_wins_each_version(subject: Subject) {
    let id = SessionId::random();
    let mut record = subject.write(create(id, b"body")).await;
    for _ in 0..10 {
        let outcomes = together(WRITERS, |_| {
            let (store, commit) = (subject.store(), follow(id, &record, b"body"));
            async move { store.commit(commit).await.expect("the store takes the commit") }
        });
        assert_one_done(&outcomes.await, &subject, id).await;
        record = subject.load(id).await.expect("the winner's record");
    }
    assert_eq!(record.stamp().version, 11);
}

/// Who lost goes on from what the conflict handed back, until it wins: all of them get their turn.
pub async fn fifty_writers_who_try_again_lose_no_write(subject: Subject) {
    let id = SessionId::random();
    let start = subject.write(create(id, b"")).await;
    together(WRITERS, |writer| {
        let (store, mut record) = (subject.store(), start.clone());
        async move {
            // Whenever one loses another has won, so none loses more often than there are others.
            for _ in 0..WRITERS {
                let mut body = record.body().to_vec();
                body.push(u8::try_from(writer).expect("fewer than 256 writers"));
                match store.commit(follow(id, &record, &body)).await.expect("the store takes the commit") {
                    Verdict::Done => return,
                    Verdict::Conflict(current) => record = current.expect("the session is there"),
                }
            }
            panic!("a writer lost more often than others can have won");
        }
    })
    .await;
    let record = subject.load(id).await.expect("a record");
    assert_eq!(record.stamp().version, 51);
    assert_eq!(record.body().iter().collect::<BTreeSet<_>>().len(), WRITERS);
}

/// The writer comes first and is removed, or comes second and conflicts.
pub async fn a_remover_who_races_a_writer_leaves_nothing(subject: Subject) {
    for round in 0..20 {
        let id = SessionId::random();
        let record = subject.write(create(id, b"body")).await;
        together(2, |index| {
            let (store, commit) = (subject.store(), follow(id, &record, b"body"));
            async move {
                if index == round % 2 {
                    assert!(store.remove(id).await.expect("the store removes"));
                } else {
                    store.commit(commit).await.expect("the store takes the commit");
                }
            }
        })
        .await;
        assert_eq!(subject.load(id).await, None);
    }
}

/// Exactly one is done, and everybody else was handed the record of that one.
async fn assert_one_done(outcomes: &[Verdict], subject: &Subject, id: SessionId) {
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Verdict::Done).count(), 1, "one writer wins");
    let winner = Verdict::Conflict(subject.load(id).await);
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == winner).count(), outcomes.len() - 1);
}

/// Runs so many tasks at once, and gives what each of them gave.
pub(super) async fn together<T, Running>(count: usize, mut task: impl FnMut(usize) -> Running) -> Vec<T>
where
    T: Send + 'static,
    Running: Future<Output = T> + Send + 'static,
{
    let mut tasks = JoinSet::new();
    for index in 0..count {
        tasks.spawn(task(index));
    }
    tasks.join_all().await
}
