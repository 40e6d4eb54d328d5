//! Wake times and claims: when a session is due, and which worker is given it.

use std::{collections::BTreeSet, time::Duration};

use chrono::{DateTime, Utc};
use flow_core::{
    Record, SessionId,
    store::{Claim, WakeIndex},
};

use super::{
    Subject,
    promise::{broken, kept, succeeded},
    racing::together,
    subject::{DUE, FLOW, TIME, create, follow},
};

const MILLISECOND: Duration = Duration::from_millis(1);

/// Not early by the time of the store, and at most a millisecond late.
pub async fn a_session_is_due_at_its_time_and_not_before(subject: Subject) {
    for between in [Duration::ZERO, MILLISECOND / 2] {
        let wake_at = subject.now().await + subject.moments(3) + between;
        let id = waking_at(&subject, wake_at).await.0;
        let done = format!("a session was created that wants to be woken at {wake_at}");
        subject.reach_shortly_before(wake_at).await;
        subject.are_due(10, &[], &format!("{done}, shortly before that")).await;
        subject.reach(wake_at + MILLISECOND).await;
        subject.are_due(10, &[id], &done).await;
    }
}

/// The time that an answer tells is the one by which it was judged.
pub async fn due_tells_the_time_of_the_store(subject: Subject) {
    let before = subject.look(SessionId::random()).await.now;
    let due = subject.claim(Claim::new(FLOW, subject.moments(1), 10)).await;
    let after = subject.look(SessionId::random()).await.now;
    if due.now < before || due.now > after {
        let between = format!("a time from {before} to {after}, which loads before and after it told");
        broken("due sessions were claimed", TIME, &between, &due.now);
    }
}

/// A worker's look comes to an end, however much falls due meanwhile.
pub async fn what_fell_due_after_the_given_time_is_left(subject: Subject) {
    let now = subject.now().await;
    let (early, late) = (now - MILLISECOND * 20, now - MILLISECOND * 10);
    let (first, second) = (waking_at(&subject, early).await.0, waking_at(&subject, late).await.0);
    let until = |not_after| Claim::new(FLOW, subject.moments(100), 10).not_after(not_after);
    let done = "two sessions are due, and those were claimed that were due before the first of them, at its time, and later \
        than it is: how many each time?";
    let mut claimed = Vec::new();
    for not_after in [early - MILLISECOND, early, now + subject.moments(100)] {
        claimed.push(subject.claim(until(not_after)).await.ids);
    }
    kept(done, DUE, &claimed, &vec![vec![], vec![first], vec![second]]);
    let to_come = waking_at(&subject, now + subject.moments(50)).await.0;
    let done = "a session is due in fifty moments, and those were claimed that are due in a hundred";
    let claimed = subject.claim(until(now + subject.moments(100))).await.ids;
    kept(done, "what is due, the store judges by its own time", &claimed.contains(&to_come), &false);
}

/// Whatever the order in which they were written.
pub async fn the_longest_due_comes_first(subject: Subject) {
    let now = subject.now().await;
    let mut ids = Vec::new();
    for milliseconds in [3, 1, 4, 2, 8, 6, 7, 5] {
        ids.push((milliseconds, waking_at(&subject, now - MILLISECOND * milliseconds).await.0));
    }
    ids.sort_by_key(|(milliseconds, _)| u32::MAX - milliseconds);
    let longest_first: Vec<_> = ids.into_iter().map(|(_, id)| id).collect();
    let mut claimed = subject.due(3).await;
    claimed.extend(subject.due(10).await);
    kept("eight sessions are due, and were claimed in two calls", DUE, &claimed, &longest_first);
}

/// The others stay due.
pub async fn no_more_than_the_limit_is_claimed(subject: Subject) {
    for _ in 0..7 {
        waking_at(&subject, subject.now().await).await;
    }
    for (limit, left, claimed) in [(0, 7, 0), (3, 7, 3), (1, 4, 1), (10, 3, 3), (10, 0, 0)] {
        let done = format!("of seven due sessions {left} were not claimed, and up to {limit} were claimed: how many?");
        kept(&done, DUE, &subject.due(limit).await.len(), &claimed);
    }
}

/// While a claim holds, no other worker is given the session; it can still be read and written.
pub async fn a_claimed_session_is_given_to_nobody_else(subject: Subject) {
    let (id, record) = waking_at(&subject, subject.now().await).await;
    subject.are_due(10, &[id], "a session was created that is due").await;
    let done = "a session that is due was claimed for long, which has not passed";
    subject.are_due(10, &[], done).await;
    subject.loads(id, Some(&record), done).await;
    subject.commits(follow(id, &record, b"second"), done).await;
}

/// Every session that is due goes to one claimer, however many ask at the same time.
pub async fn racing_claimers_never_share_a_session(subject: Subject) {
    let now = subject.now().await;
    for _ in 0..200 {
        waking_at(&subject, now).await;
    }
    let claims = together(20, |_| {
        let (store, lease) = (subject.store(), subject.moments(100));
        async move {
            let mut claimed = Vec::new();
            for _ in 0..4 {
                claimed.extend(succeeded("due sessions were claimed", store.due(Claim::new(FLOW, lease, 5)).await).ids);
            }
            claimed
        }
    });
    let mut claimed: Vec<_> = claims.await.into_iter().flatten().collect();
    // A store may give fewer than asked for while others claim; the rest must still be there.
    claimed.extend(subject.due(1_000).await);
    let done = "200 sessions are due, and were claimed by twenty callers at the same time until none was left: how many \
        claims were there, and of how many sessions?";
    let sessions = claimed.iter().collect::<BTreeSet<_>>().len();
    kept(done, DUE, &(claimed.len(), sessions), &(200, 200));
}

/// A worker that died does not keep a session asleep: the lease ends by the time of the store, and not before.
pub async fn a_claim_comes_back_after_its_lease(subject: Subject) {
    let before = subject.now().await;
    let (id, _) = waking_at(&subject, before - subject.moments(2)).await;
    let lease = Claim::new(FLOW, subject.moments(3), 10);
    let done = "a session that has been due for two moments was claimed for three";
    kept(done, DUE, &subject.claim(lease.clone()).await.ids, &vec![id]);
    subject.reach_shortly_before(before + subject.moments(3)).await;
    subject.are_due(10, &[], &format!("{done}, of which a little was left")).await;
    subject.pass(2).await;
    subject.are_due(10, &[id], &format!("{done}, which have passed without a commit")).await;
}

/// Earlier or later: what the last commit says is what counts.
pub async fn a_new_wake_time_replaces_the_old_one(subject: Subject) {
    let now = subject.now().await;
    let put_off = now + subject.moments(4);
    let (sooner, record) = waking_at(&subject, put_off).await;
    subject.write(follow(sooner, &record, b"sooner").wake_at(now)).await;
    let (later, record) = waking_at(&subject, now).await;
    subject.write(follow(later, &record, b"later").wake_at(put_off)).await;
    let done = "the wake time of one session was moved forward to now, and that of another was put off by four moments";
    subject.are_due(10, &[sooner], done).await;
    subject.reach_shortly_before(put_off).await;
    subject.are_due(10, &[], &format!("{done}; the first was claimed for long")).await;
    subject.reach(put_off).await;
    subject.are_due(10, &[later], &format!("{done}; the first was claimed for long")).await;
}

/// Though the writer says that it does, so that a store may leave its index alone.
pub async fn a_wake_time_that_stays_is_kept(subject: Subject) {
    let wake_at = subject.now().await + subject.moments(4);
    let (id, mut record) = waking_at(&subject, wake_at).await;
    for body in [b"second", b"third."] {
        record = subject.write(follow(id, &record, body).wake_at(wake_at).wake_index(WakeIndex::Right)).await;
    }
    let done = format!("a session wants to be woken at {wake_at}, and two commits after its first that it stays so");
    subject.reach_shortly_before(wake_at).await;
    subject.are_due(10, &[], &done).await;
    subject.reach(wake_at + MILLISECOND).await;
    subject.are_due(10, &[id], &done).await;
    subject.write(follow(id, &record, b"last")).await;
    subject.are_due(10, &[], &format!("{done}, and the next wants no wake time")).await;
}

/// A session that no longer wants to be looked at is left alone.
pub async fn a_commit_without_a_wake_time_is_not_due(subject: Subject) {
    let (id, record) = waking_at(&subject, subject.now().await).await;
    subject.write(follow(id, &record, b"second")).await;
    let done = "a session was created that is due, and its next commit wants no wake time";
    subject.are_due(10, &[], done).await;
}

/// The worker that claimed the session has done what was due.
pub async fn a_commit_without_a_wake_time_does_not_come_back_after_the_lease(subject: Subject) {
    let (id, record) = waking_at(&subject, subject.now().await).await;
    let done = "a session was created that is due";
    kept(done, DUE, &subject.due_for_a_moment(FLOW, 10).await, &vec![id]);
    subject.write(follow(id, &record, b"second")).await;
    subject.pass(2).await;
    let done = "a session was claimed, a commit said that it wants no wake time any more, and the lease has passed";
    subject.are_due(10, &[], done).await;
}

/// The claim was for the old wake time; at the new one any worker may claim the session.
pub async fn a_new_wake_time_ends_the_lease(subject: Subject) {
    let (id, record) = waking_at(&subject, subject.now().await).await;
    let now = subject.now().await;
    subject.are_due(10, &[id], "a session was created that is due").await;
    subject.write(follow(id, &record, b"second").wake_at(now)).await;
    subject.are_due(10, &[id], "a session was claimed, and a commit set a new wake time, which has come").await;
}

/// A repeat that arrives late must not have the same wake time handled twice.
pub async fn the_same_commit_again_does_not_end_the_lease(subject: Subject) {
    let (id, now) = (SessionId::random(), subject.now().await);
    let creation = create(id, b"body").wake_at(now);
    subject.write(creation.clone()).await;
    subject.are_due(10, &[id], "a session was created that is due").await;
    let done = "a session was claimed, and then the very commit that had made it due came again";
    subject.commits(creation, done).await;
    subject.are_due(10, &[], done).await;
}

/// Neither a waiting session nor a claimed one comes back, nor does its successor inherit the wake time.
pub async fn a_removed_session_is_not_due(subject: Subject) {
    let (claimed, _) = waking_at(&subject, subject.now().await).await;
    let done = "a session was created that is due";
    kept(done, DUE, &subject.due_for_a_moment(FLOW, 10).await, &vec![claimed]);
    let (waiting, _) = waking_at(&subject, subject.now().await).await;
    subject.remove(claimed).await;
    subject.remove(waiting).await;
    subject.write(create(waiting, b"successor")).await;
    subject.pass(2).await;
    let done = "a claimed session and one that is due were removed, the latter was created anew without a wake time, and the \
        lease has passed";
    subject.are_due(10, &[], done).await;
}

/// A commit that conflicts moves the wake time neither forward nor back, and does not take it out.
pub async fn a_conflict_leaves_the_wake_time_alone(subject: Subject) {
    let wake_at = subject.now().await + subject.moments(4);
    let (id, _) = waking_at(&subject, wake_at).await;
    let done =
        format!("a session wants to be woken at {wake_at}, and commits with other wake times expected it to be absent");
    for other in [None, Some(subject.now().await), Some(wake_at + subject.moments(5))] {
        subject.refuses(create(id, b"too late").wake_at(other), &done).await;
    }
    subject.reach_shortly_before(wake_at).await;
    subject.are_due(10, &[], &done).await;
    subject.reach(wake_at).await;
    subject.are_due(10, &[id], &done).await;
}

async fn waking_at(subject: &Subject, wake_at: DateTime<Utc>) -> (SessionId, Record) {
    let id = SessionId::random();
    (id, subject.write(create(id, b"body").wake_at(wake_at)).await)
}
