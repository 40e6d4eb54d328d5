//! A record is moved if it still is what was judged, in one step.

use std::collections::BTreeSet;

use flow_core::{
    SessionId,
    store::{Commit, Expect, Raw},
};
use uuid::Uuid;

use super::{PUT, RAW};
use crate::conformance::{
    Subject,
    promise::{broken, kept, succeeded},
    racing::together,
    subject::{FLOW, Written, create, follow},
};

/// Every byte, and the stamp beside it where there is one.
pub async fn what_is_stored_is_shown_as_it_lies(subject: Subject) {
    let id = SessionId::random();
    kept("a session was shown that never was", RAW, &subject.raw(id).await, &None);
    let record = subject.write(create(id, b"\0\xff\r\n'{}")).await;
    let done = "a session was created, and shown";
    let raw = subject.stored_raw(id).await;
    kept(done, RAW, raw.bytes(), record.bytes());
    kept(&format!("{done}, and read"), RAW, &raw.read(), &Ok(record));
}

/// It is gone in every respect.
pub async fn what_has_expired_is_neither_shown_nor_moved(subject: Subject) {
    let id = SessionId::random();
    subject.write(create(id, b"body").time_to_live(subject.moments(3))).await;
    let raw = subject.stored_raw(id).await;
    subject.pass(4).await;
    kept("a session was created, has expired, and was shown", RAW, &subject.raw(id).await, &None);
    let moved = subject.put(id, &raw, Uuid::new_v4(), subject.moments(100)).await;
    kept("a session was shown, has expired, and was put in quarantine", PUT, &moved, &false);
    subject.lists(id, &[], "a session was shown, has expired, and was put in quarantine").await;
}

/// No load, no browse and no worker finds it any more.
pub async fn what_is_put_in_quarantine_is_gone_from_its_session(subject: Subject) {
    let (id, other) = (SessionId::random(), SessionId::random());
    let wake_at = Some(subject.now().await);
    let record = subject.write(create(id, b"\0\xff\r\n'{}").wake_at(wake_at)).await;
    let untouched = subject.write(create(other, b"other").wake_at(wake_at)).await;
    subject.moves(id, subject.moments(100)).await;
    let done = "two sessions were created, both due, and one was put in quarantine";
    subject.loads_nothing(id, done).await;
    subject.loads(other, Some(&untouched), done).await;
    subject.lists(id, &[&record], done).await;
    subject.lists(other, &[], done).await;
    subject.browses(10, &BTreeSet::from([other]), done).await;
    subject.pass(1).await;
    subject.are_due(10, &[other], done).await;
    subject.write(create(id, b"anew")).await;
    subject.pass(1).await;
    subject.are_due(10, &[], &format!("{done}, and then created anew, not to be woken")).await;
}

/// What another instance has written since then is sound.
pub async fn what_has_changed_since_it_was_judged_is_not_moved(subject: Subject) {
    let id = SessionId::random();
    let wake_at = Some(subject.now().await);
    let first = subject.write(create(id, b"first")).await;
    let judged = subject.stored_raw(id).await;
    let second = subject.write(follow(id, &first, b"second").wake_at(wake_at)).await;
    let done = "a session was shown, another record of it was committed, and then what was shown was put in quarantine";
    kept(done, PUT, &subject.put(id, &judged, Uuid::new_v4(), subject.moments(100)).await, &false);
    let cut = Raw::new(second.bytes().slice(..second.bytes().len() - 1));
    kept(done, PUT, &subject.put(id, &cut, Uuid::new_v4(), subject.moments(100)).await, &false);
    subject.loads(id, Some(&second), done).await;
    subject.lists(id, &[], done).await;
    subject.pass(1).await;
    subject.are_due(10, &[id], done).await;
    let never = SessionId::random();
    let done = "a session was put in quarantine that never was";
    kept(done, PUT, &subject.put(never, &judged, Uuid::new_v4(), subject.moments(100)).await, &false);
}

/// Its caller has lost the first answer.
pub async fn the_same_call_again_tells_the_same_and_moves_nothing_more(subject: Subject) {
    let (id, entry) = (SessionId::random(), Uuid::new_v4());
    let record = subject.write(create(id, b"body")).await;
    let raw = subject.stored_raw(id).await;
    let done = "a session was put in quarantine, and once more as the same entry";
    for _ in 0..2 {
        kept(done, PUT, &subject.put(id, &raw, entry, subject.moments(100)).await, &true);
    }
    subject.lists(id, &[&record], done).await;
    // The very same bytes, as no engine writes them twice.
    subject.write(Commit::new(id, Expect::Absent, record.clone(), FLOW, "WELCOME")).await;
    let done = format!("{done}, and the same record was there again");
    kept(&done, PUT, &subject.put(id, &raw, entry, subject.moments(100)).await, &true);
    subject.loads(id, Some(&record), &done).await;
    subject.lists(id, &[&record], &done).await;
}

/// Instances that see the same damage move it once.
pub async fn of_fifty_racing_movers_one_moves(subject: Subject) {
    let id = SessionId::random();
    let record = subject.write(create(id, b"body")).await;
    let (raw, keep) = (subject.stored_raw(id).await, subject.moments(100));
    let moved = together(50, |_| {
        let (store, raw) = (subject.store(), raw.clone());
        async move {
            let Some(quarantine) = store.quarantine() else { super::no_quarantine() };
            succeeded("a session was put in quarantine", quarantine.put(id, &raw, Uuid::new_v4(), keep).await)
        }
    });
    let done = "fifty instances put the same session in quarantine at the same time";
    let count = moved.await.into_iter().filter(|moved| *moved).count();
    kept(&format!("{done}: how many did?"), PUT, &count, &1);
    subject.lists(id, &[&record], done).await;
    subject.loads_nothing(id, done).await;
}

/// The writer comes first and keeps its session, or comes second and conflicts with none.
pub async fn a_writer_that_races_a_mover_is_never_moved(subject: Subject) {
    let done = "a session was put in quarantine while a writer committed its next record";
    for round in 0..20 {
        let id = SessionId::random();
        let first = subject.write(create(id, b"first")).await;
        let (raw, keep, commit) = (subject.stored_raw(id).await, subject.moments(100), follow(id, &first, b"second"));
        let second = commit.record.clone();
        let did = together(2, |index| {
            let (store, raw, commit) = (subject.store(), raw.clone(), commit.clone());
            async move {
                if index == round % 2 {
                    let Some(quarantine) = store.quarantine() else { super::no_quarantine() };
                    let moved = succeeded(done, quarantine.put(id, &raw, Uuid::new_v4(), keep).await);
                    moved.then_some("moved")
                } else {
                    let written = Written::from(succeeded(done, store.commit(commit).await));
                    (written == Written::Done).then_some("written")
                }
            }
        });
        let did: Vec<_> = did.await.into_iter().flatten().collect();
        match did[..] {
            ["moved"] => {
                subject.loads_nothing(id, done).await;
                subject.lists(id, &[&first], done).await;
            }
            ["written"] => {
                subject.loads(id, Some(&second), done).await;
                subject.lists(id, &[], done).await;
            }
            _ => broken(done, PUT, "one of them did", &did),
        }
    }
}
