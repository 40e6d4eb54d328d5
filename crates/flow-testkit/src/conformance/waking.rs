//! Wake times and claims: when a session is due, and which worker is given it.

use std::{collections::BTreeSet, time::Duration};

use chrono::{DateTime, Utc};
use flow_core::{Record, SessionId};

use super::{
    Subject,
    promise::{kept, succeeded},
    racing::together,
    subject::{DUE, FLOW, create, follow},
};

const MILLISECOND: Duration = Duration::from_millis(1);

/// Not a millisecond early, and at most one late.
pub async fn a_session_is_due_at_its_time_and_not_before(subject: Subject) {
    let wake_at = subject.now() + subject.moments(5);
    let id = waking_at(&subject, wake_at).await.0;
    let done = format!("a session was created that wants to be woken at {wake_at}");
    subject.are_due(wake_at - MILLISECOND, 10, &[], &done).await;
    subject.are_due(wake_at, 10, &[id], &done).await;
    let between = wake_at + MILLISECOND / 2;
    let id = waking_at(&subject, between).await.0;
    let done = format!("a session was created that wants to be woken at {between}, between two milliseconds");
    subject.are_due(wake_at + MILLISECOND / 4, 10, &[], &done).await;
    subject.are_due(wake_at + MILLISECOND, 10, &[id], &done).await;
}

/// Whatever the order in which they were written.
pub async fn the_longest_due_comes_first(subject: Subject) {
    let now = subject.now();
    let mut ids = Vec::new();
    for milliseconds in [3, 1, 4, 2, 8, 6, 7, 5] {
        ids.push((milliseconds, waking_at(&subject, now - MILLISECOND * milliseconds).await.0));
    }
    ids.sort_by_key(|(milliseconds, _)| u32::MAX - milliseconds);
    let longest_first: Vec<_> = ids.into_iter().map(|(_, id)| id).collect();
    let mut claimed = subject.due(now, 3).await;
    claimed.extend(subject.due(now, 10).await);
    kept("eight sessions are due, and were claimed in two calls", DUE, &claimed, &longest_first);
}

/// The others stay due.
pub async fn no_more_than_the_limit_is_claimed(subject: Subject) {
    for _ in 0..7 {
        waking_at(&subject, subject.now()).await;
    }
    for (limit, left, claimed) in [(0, 7, 0), (3, 7, 3), (1, 4, 1), (10, 3, 3), (10, 0, 0)] {
        let done = format!("of seven due sessions {left} were not claimed, and up to {limit} were claimed: how many?");
        kept(&done, DUE, &subject.due(subject.now(), limit).await.len(), &claimed);
    }
}

/// While a claim holds, no other worker is given the session; it can still be read and written.
pub async fn a_claimed_session_is_given_to_nobody_else(subject: Subject) {
    let (id, record) = waking_at(&subject, subject.now()).await;
    let now = subject.now();
    subject.are_due(now, 10, &[id], "a session was created that is due").await;
    let done = "a session that is due was claimed for a moment, which has not passed";
    subject.are_due(now, 10, &[], done).await;
    subject.loads(id, Some(&record), done).await;
    subject.commits(follow(id, &record, b"second"), done).await;
}

/// Every session that is due goes to one claimer, however many ask at the same time.
pub async fn racing_claimers_never_share_a_session(subject: Subject) {
    let now = subject.now();
    for _ in 0..200 {
        waking_at(&subject, now).await;
    }
    let claims = together(20, |_| {
        let (store, lease) = (subject.store(), subject.moments(100));
        async move {
            let mut claimed = Vec::new();
            for _ in 0..4 {
                claimed.extend(succeeded("due sessions were claimed", store.due(FLOW, now, lease, 5).await));
            }
            claimed
        }
    });
    let mut claimed: Vec<_> = claims.await.into_iter().flatten().collect();
    // A store may give fewer than asked for while others claim; the rest must still be there.
    claimed.extend(subject.due(now, 1_000).await);
    let done = "200 sessions are due, and were claimed by twenty callers at the same time until none was left: how many \
        claims were there, and of how many sessions?";
    let sessions = claimed.iter().collect::<BTreeSet<_>>().len();
    kept(done, DUE, &(claimed.len(), sessions), &(200, 200));
}

/// A worker that died does not keep a session asleep.
pub async fn a_claim_comes_back_after_its_lease(subject: Subject) {
    let (id, _) = waking_at(&subject, subject.now()).await;
    let now = subject.now();
    subject.are_due(now, 10, &[id], "a session was created that is due").await;
    let lease = "a session that is due was claimed for a moment";
    let before_its_end = now + subject.moments(1) - MILLISECOND;
    subject.are_due(before_its_end, 10, &[], &format!("{lease}, of which a millisecond was left")).await;
    subject.pass(2).await;
    subject.are_due(subject.now(), 10, &[id], &format!("{lease}, which has passed without a commit")).await;
}

/// Earlier or later: what the last commit says is what counts.
pub async fn a_new_wake_time_replaces_the_old_one(subject: Subject) {
    let now = subject.now();
    let (sooner, record) = waking_at(&subject, now + MILLISECOND * 500).await;
    subject.write(follow(sooner, &record, b"sooner").wake_at(now)).await;
    let (later, record) = waking_at(&subject, now).await;
    subject.write(follow(later, &record, b"later").wake_at(now + MILLISECOND * 700)).await;
    let done = "the wake time of one session was moved forward to now, and that of another was put off by 700 ms";
    let claimed = subject.store().due(FLOW, now, Duration::from_secs(3_600), 10).await;
    kept(done, DUE, &succeeded(done, claimed), &vec![sooner]);
    subject.are_due(now + MILLISECOND * 699, 10, &[], &format!("{done}; the first was claimed for an hour")).await;
    subject.are_due(now + MILLISECOND * 700, 10, &[later], &format!("{done}; the first was claimed for an hour")).await;
}

/// A session that no longer wants to be looked at is left alone.
pub async fn a_commit_without_a_wake_time_is_not_due(subject: Subject) {
    let (id, record) = waking_at(&subject, subject.now()).await;
    subject.write(follow(id, &record, b"second")).await;
    let done = "a session was created that is due, and its next commit wants no wake time";
    subject.are_due(subject.now(), 10, &[], done).await;
}

/// The worker that claimed the session has done what was due.
pub async fn a_commit_without_a_wake_time_does_not_come_back_after_the_lease(subject: Subject) {
    let (id, record) = waking_at(&subject, subject.now()).await;
    subject.are_due(subject.now(), 10, &[id], "a session was created that is due").await;
    subject.write(follow(id, &record, b"second")).await;
    subject.pass(2).await;
    let done = "a session was claimed, a commit said that it wants no wake time any more, and the lease has passed";
    subject.are_due(subject.now(), 10, &[], done).await;
}

/// The claim was for the old wake time; at the new one any worker may claim the session.
pub async fn a_new_wake_time_ends_the_lease(subject: Subject) {
    let (id, record) = waking_at(&subject, subject.now()).await;
    let now = subject.now();
    subject.are_due(now, 10, &[id], "a session was created that is due").await;
    subject.write(follow(id, &record, b"second").wake_at(now)).await;
    subject.are_due(now, 10, &[id], "a session was claimed, and a commit set a new wake time, which has come").await;
}

/// A repeat that arrives late must not have the same wake time handled twice.
pub async fn the_same_commit_again_does_not_end_the_lease(subject: Subject) {
    let (id, now) = (SessionId::random(), subject.now());
    let creation = create(id, b"body").wake_at(now);
    subject.write(creation.clone()).await;
    subject.are_due(now, 10, &[id], "a session was created that is due").await;
    let done = "a session was claimed, and then the very commit that had made it due came again";
    subject.commits(creation, done).await;
    subject.are_due(now, 10, &[], done).await;
}

/// Neither a waiting session nor a claimed one comes back, nor does its successor inherit the wake time.
pub async fn a_removed_session_is_not_due(subject: Subject) {
    let (claimed, _) = waking_at(&subject, subject.now()).await;
    subject.are_due(subject.now(), 10, &[claimed], "a session was created that is due").await;
    let (waiting, _) = waking_at(&subject, subject.now()).await;
    subject.remove(claimed).await;
    subject.remove(waiting).await;
    subject.write(create(waiting, b"successor")).await;
    subject.pass(2).await;
    let done = "a claimed session and one that is due were removed, the latter was created anew without a wake time, and the \
        lease has passed";
    subject.are_due(subject.now(), 10, &[], done).await;
}

/// A commit that conflicts moves the wake time neither forward nor back, and does not take it out.
pub async fn a_conflict_leaves_the_wake_time_alone(subject: Subject) {
    let wake_at = subject.now() + subject.moments(5);
    let (id, _) = waking_at(&subject, wake_at).await;
    let done =
        format!("a session wants to be woken at {wake_at}, and commits with other wake times expected it to be absent");
    for other in [None, Some(subject.now()), Some(wake_at + subject.moments(5))] {
        subject.refuses(create(id, b"too late").wake_at(other), &done).await;
    }
    subject.are_due(wake_at - MILLISECOND, 10, &[], &done).await;
    subject.are_due(wake_at, 10, &[id], &done).await;
}

async fn waking_at(subject: &Subject, wake_at: DateTime<Utc>) -> (SessionId, Record) {
    let id = SessionId::random();
    (id, subject.write(create(id, b"body").wake_at(wake_at)).await)
}
