//! What is in quarantine has a life of its own.

use std::time::Duration;

use flow_core::SessionId;

use super::LIST;
use crate::conformance::{
    Subject,
    promise::{broken, kept},
    subject::create,
};

/// Each as long as was said of it, whatever else is there of its session.
pub async fn what_is_in_quarantine_lives_as_long_as_was_said(subject: Subject) {
    let id = SessionId::random();
    let before = subject.look(id).await.now;
    let short = subject.write(create(id, b"short").time_to_live(subject.moments(100))).await;
    subject.moves(id, subject.moments(3)).await;
    let long = subject.write(create(id, b"long").time_to_live(subject.moments(3))).await;
    subject.moves(id, subject.moments(8)).await;
    let shorter = subject.write(create(id, b"shorter")).await;
    subject.moves(id, subject.moments(2)).await;
    let done = "of three records in quarantine one was to be kept for three moments, one for eight, and one for two";
    subject.lists(id, &[&short, &long, &shorter], done).await;
    for quarantined in subject.quarantined(id).await {
        let (at, until) = (quarantined.at, quarantined.until);
        // Kept to the millisecond or finer.
        let is_between = before - Duration::from_millis(1) <= at && until.is_some_and(|until| at < until);
        if !is_between {
            broken(
                done,
                LIST,
                &format!("put there at {before} or later, and to be forgotten after that"),
                &(at, until),
            );
        }
    }
    subject.pass(4).await;
    subject.lists(id, &[&long], &format!("{done}, and four have passed")).await;
    subject.pass(5).await;
    subject.lists(id, &[], &format!("{done}, and nine have passed")).await;
    subject.forgets(id, false, &format!("{done}, and nine have passed")).await;
}

/// Some callers say "for ever" with the longest duration there is.
pub async fn the_longest_life_in_quarantine_has_no_end(subject: Subject) {
    let id = SessionId::random();
    let record = subject.write(create(id, b"body")).await;
    subject.moves(id, Duration::MAX).await;
    subject.write(create(id, b"another")).await;
    subject.moves(id, subject.moments(1)).await;
    subject.pass(2).await;
    let done = "a record was put in quarantine to be kept for ever, another for one moment, and two have passed";
    subject.lists(id, &[&record], done).await;
    kept(done, LIST, &subject.quarantined(id).await.iter().map(|one| one.until).collect::<Vec<_>>(), &vec![None]);
}

/// The first of them tells what went wrong first.
pub async fn what_is_in_quarantine_is_listed_in_the_order_of_its_coming(subject: Subject) {
    let id = SessionId::random();
    let mut records = Vec::new();
    for body in [&b"first"[..], b"second", b"third", b"fourth"] {
        records.push(subject.write(create(id, body)).await);
        subject.moves(id, subject.moments(100)).await;
        // Nothing is said of those that come within a millisecond.
        subject.pass(1).await;
    }
    let records: Vec<_> = records.iter().collect();
    subject.lists(id, &records, "four records of a session were put in quarantine, a moment after each other").await;
}

/// A conversation and what was damaged of an earlier one know nothing of each other.
pub async fn a_session_that_begins_anew_leaves_its_quarantine_alone(subject: Subject) {
    let id = SessionId::random();
    let old = subject.write(create(id, b"old")).await;
    subject.moves(id, subject.moments(100)).await;
    let new = subject.write(create(id, b"new")).await;
    let done = "a session was put in quarantine, and created anew";
    subject.loads(id, Some(&new), done).await;
    subject.lists(id, &[&old], done).await;
    subject.removes(id, true, done).await;
    subject.lists(id, &[&old], &format!("{done}, and removed")).await;
}

/// Its caller means the quarantine of one session.
pub async fn what_is_forgotten_in_quarantine_is_gone_and_nothing_else_is(subject: Subject) {
    let (id, other) = (SessionId::random(), SessionId::random());
    for _ in 0..2 {
        subject.write(create(id, b"old")).await;
        subject.moves(id, subject.moments(100)).await;
    }
    let others = subject.write(create(other, b"other")).await;
    subject.moves(other, subject.moments(100)).await;
    let new = subject.write(create(id, b"new")).await;
    let done = "two sessions were put in quarantine, one of them twice, which was created anew";
    subject.forgets(id, true, done).await;
    let done = format!("{done}, and whose quarantine was forgotten");
    subject.lists(id, &[], &done).await;
    subject.lists(other, &[&others], &done).await;
    subject.loads(id, Some(&new), &done).await;
    subject.forgets(id, false, &done).await;
}
