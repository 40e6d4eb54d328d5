//! Many writers at once.

use std::{collections::BTreeSet, future::Future};

use flow_core::{Record, SessionId};
use tokio::task::JoinSet;

use super::{
    Subject,
    promise::{broken, kept, succeeded},
    subject::{CONFLICT, LOAD, REMOVE, Written, create, follow},
};

const WRITERS: usize = 50;

/// The creators that come second are handed the record of the first.
pub async fn of_fifty_racing_creators_one_wins(subject: Subject) {
    let id = SessionId::random();
    let verdicts = together(WRITERS, |_| {
        let store = subject.store();
        async move {
            Written::from(succeeded("a session was created by many at once", store.commit(create(id, b"body")).await))
        }
    });
    assert_one_done(&verdicts.await, &subject, id, "fifty writers created the same session at the same time").await;
}

/// A version is written once.
pub async fn of_fifty_racing_writers_one_wins_each_version(subject: Subject) {
    let id = SessionId::random();
    let mut record = subject.write(create(id, b"body")).await;
    let done = "fifty writers committed a record after the same one at the same time";
    for _ in 0..10 {
        let verdicts = together(WRITERS, |_| {
            let (store, commit) = (subject.store(), follow(id, &record, b"body"));
            async move { Written::from(succeeded(done, store.commit(commit).await)) }
        });
        assert_one_done(&verdicts.await, &subject, id, done).await;
        let Some(winner) = subject.load(id).await else {
            broken(done, LOAD, "the record of the winner", &None::<Record>)
        };
        record = winner;
    }
    kept(&format!("{done}, ten times: which version is stored?"), ONE_WINS, &record.stamp().version, &11);
}

/// A writer that lost tries again on the record that the conflict handed back: in the end every writer has written.
pub async fn fifty_writers_who_try_again_lose_no_write(subject: Subject) {
    let id = SessionId::random();
    let start = subject.write(create(id, b"")).await;
    let done =
        "fifty writers each added a byte of their own to a record, and began anew from what a conflict handed back";
    together(WRITERS, |writer| {
        let (store, mut record) = (subject.store(), start.clone());
        async move {
            // Whenever one loses another has won, so none loses more often than there are others.
            for _ in 0..WRITERS {
                let mut body = record.body().to_vec();
                body.push(u8::try_from(writer).expect("fewer than 256 writers"));
                match Written::from(succeeded(done, store.commit(follow(id, &record, &body)).await)) {
                    Written::Done => return,
                    Written::Conflict(Some(current)) => record = current,
                    none @ Written::Conflict(None) => {
                        broken(done, CONFLICT, "Conflict(Some(…)), since the session is there", &none)
                    }
                }
            }
            broken(done, ONE_WINS, "Done once in fifty tries", &"more conflicts than others can have won");
        }
    })
    .await;
    let record = subject.load(id).await;
    let came = record.map(|record| (record.stamp().version, record.body().iter().collect::<BTreeSet<_>>().len()));
    kept(&format!("{done}: which version is stored, with how many bytes?"), ONE_WINS, &came, &Some((51, WRITERS)));
}

/// The writer comes first and is removed, or comes second and conflicts.
pub async fn a_remover_who_races_a_writer_leaves_nothing(subject: Subject) {
    let done = "a session was removed while a writer committed its next record";
    for round in 0..20 {
        let id = SessionId::random();
        let record = subject.write(create(id, b"body")).await;
        together(2, |index| {
            let (store, commit) = (subject.store(), follow(id, &record, b"body"));
            async move {
                if index == round % 2 {
                    kept(done, REMOVE, &succeeded(done, store.remove(id).await), &true);
                } else {
                    succeeded(done, store.commit(commit).await);
                }
            }
        })
        .await;
        subject.loads_nothing(id, done).await;
    }
}

/// Exactly one is done, and all others were handed the record of that one.
async fn assert_one_done(verdicts: &[Written], subject: &Subject, id: SessionId, done: &str) {
    let winners = verdicts.iter().filter(|verdict| **verdict == Written::Done).count();
    kept(&format!("{done}: how many were done?"), ONE_WINS, &winners, &1);
    let winner = Written::Conflict(subject.load(id).await);
    let losers = verdicts.iter().filter(|verdict| **verdict == winner).count();
    kept(&format!("{done}: how many were handed the winner's record?"), CONFLICT, &losers, &(verdicts.len() - 1));
}

const ONE_WINS: &str =
    "to compare and to write is one step: of writers that expect the same record exactly one is done";

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
