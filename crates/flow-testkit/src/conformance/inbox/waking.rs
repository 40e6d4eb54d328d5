//! Who looks after letters: they are due until nobody needs to.

use flow_core::SessionId;

use super::letter;
use crate::conformance::{
    Subject,
    promise::kept,
    subject::{create, follow},
};

/// It is left to its poster until the lease has passed, and no longer; later letters change nothing of that.
pub async fn the_first_letter_leaves_the_session_to_its_poster(subject: Subject) {
    let id = SessionId::random();
    let before = subject.now().await;
    subject.post(id, &letter(b"one"), 3).await;
    subject.pass(1).await;
    subject.post(id, &letter(b"two"), 100).await;
    let done = "a letter was posted for three moments, and another behind it for a hundred";
    subject.reach_shortly_before(before + subject.moments(3)).await;
    subject.are_due(10, &[], &format!("{done}, of the three a little was left")).await;
    subject.pass(2).await;
    subject.are_due(10, &[id], &format!("{done}, the three have passed")).await;
    subject.are_due(10, &[], &format!("{done}, the three have passed, and a worker has claimed it")).await;
}

/// Also of a session that wanted to be looked at sooner, or not at all.
pub async fn a_letter_to_a_live_session_is_due_when_the_lease_has_passed(subject: Subject) {
    let now = subject.now().await;
    let (waking, quiet) = (SessionId::random(), SessionId::random());
    subject.write(create(waking, b"body").wake_at(now)).await;
    subject.write(create(quiet, b"body")).await;
    for id in [waking, quiet] {
        subject.post(id, &letter(b"one"), 2).await;
    }
    let done =
        "a letter was posted for two moments to a session that was due, and one to a session that was not to be woken";
    subject.are_due(10, &[], done).await;
    subject.pass(4).await;
    let mut due = subject.due(10).await;
    due.sort_unstable();
    let mut both = vec![waking, quiet];
    both.sort_unstable();
    kept(&format!("{done}, which have passed"), WAKING, &due, &both);
}

const WAKING: &str =
    "while letters wait somebody is to look after them: the session is due when the lease of who does has passed";

/// Its record is gone, or never was; the letters are there.
pub async fn letters_without_a_record_are_due(subject: Subject) {
    let (expired, never) = (SessionId::random(), SessionId::random());
    subject.write(create(expired, b"body").time_to_live(subject.moments(1))).await;
    for id in [expired, never] {
        subject.post(id, &letter(b"one"), 2).await;
    }
    subject.pass(4).await;
    subject.fill(5).await;
    let mut due = subject.due(10).await;
    due.sort_unstable();
    let mut both = vec![expired, never];
    both.sort_unstable();
    let done = "a letter was posted for two moments to a session that expired after one, and one to a session that has nothing else";
    kept(done, WAKING, &due, &both);
}

/// Who goes on with what is left has the session to itself for another lease.
pub async fn a_writer_who_goes_on_with_the_letters_renews_its_lease(subject: Subject) {
    let id = SessionId::random();
    let (first, second) = (letter(b"one"), letter(b"two"));
    for letter in [&first, &second] {
        subject.post(id, letter, 2).await;
    }
    let lease = subject.moments(4);
    let wants = subject.now().await;
    subject.leaves(create(id, b"body").takes([first.name]).wake_at(wants).while_waiting(lease)).await;
    let done = "two letters wait, and a commit took one of them and goes on with the other for four moments";
    subject.pass(3).await;
    subject.are_due(10, &[], &format!("{done}, of which one is left")).await;
    subject.pass(2).await;
    subject.are_due(10, &[id], &format!("{done}, which have passed")).await;
}

/// A turn of another kind puts nothing off: who was to look after the letters still is.
pub async fn a_writer_who_leaves_the_letters_does_not_put_them_off(subject: Subject) {
    let id = SessionId::random();
    subject.post(id, &letter(b"one"), 2).await;
    let late = subject.now().await + subject.moments(100);
    let record = subject.write(create(id, b"body").wake_at(late)).await;
    subject.write(follow(id, &record, b"next")).await;
    let done =
        "a letter was posted for two moments, and commits that leave it wanted to be woken much later, and not at all";
    subject.are_due(10, &[], done).await;
    subject.pass(4).await;
    subject.are_due(10, &[id], &format!("{done}, and the two moments have passed")).await;
}

/// An earlier wake time of its own counts.
pub async fn a_writer_who_leaves_the_letters_may_be_woken_sooner(subject: Subject) {
    let id = SessionId::random();
    subject.post(id, &letter(b"one"), 100).await;
    let now = subject.now().await;
    subject.write(create(id, b"body").wake_at(now)).await;
    subject
        .are_due(
            10,
            &[id],
            "a letter was posted for a hundred moments, and a commit that leaves it wants to be woken now",
        )
        .await;
}

/// Whoever claimed the session from `due` looks after its letters too.
pub async fn a_claim_leaves_the_letters_to_the_claimer(subject: Subject) {
    let id = SessionId::random();
    subject.post(id, &letter(b"one"), 0).await;
    subject.pass(1).await;
    subject.are_due(10, &[id], "a letter was posted for no time").await;
    subject.post(id, &letter(b"two"), 0).await;
    subject.pass(1).await;
    subject
        .are_due(10, &[], "a letter waits, its session was claimed for long, and another letter was posted behind it")
        .await;
}

/// From then on the record alone says when it is due.
pub async fn a_commit_that_empties_the_inbox_sets_its_own_wake_time(subject: Subject) {
    let (quiet, waking) = (SessionId::random(), SessionId::random());
    let (first, second) = (letter(b"one"), letter(b"two"));
    subject.post(quiet, &first, 0).await;
    subject.post(waking, &second, 100).await;
    let lease = subject.moments(100);
    subject.leaves(create(quiet, b"body").takes([first.name]).while_waiting(lease)).await;
    let now = subject.now().await;
    subject.leaves(create(waking, b"body").takes([second.name]).while_waiting(lease).wake_at(now)).await;
    subject.pass(1).await;
    let done = "of two sessions the only letter was taken by a commit that does not want to be woken, and by one that wants to be now";
    subject.are_due(10, &[waking], done).await;
}
