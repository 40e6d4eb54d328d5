//! Several flows in one store, whose workers know nothing of each other.

use std::{
    collections::{BTreeSet, HashMap},
    time::Duration,
};

use flow_core::{SessionId, store::Commit};

use super::{
    Subject,
    promise::{kept, succeeded},
    subject::{DUE, create, follow},
};

const MILLISECOND: Duration = Duration::from_millis(1);

/// The names of two flows are the same or they are not, byte for byte.
pub async fn a_worker_is_given_the_sessions_of_its_own_flow_only(subject: Subject) {
    let flows = ["book", "booking", "booking:2", "Booking", "booking ", "größe {x} * ? \" '; --"];
    let mut sessions = Vec::new();
    for flow in flows {
        let id = SessionId::random();
        subject.write(of(flow, create(id, b"body")).wake_at(subject.now().await)).await;
        sessions.push((flow, id));
    }
    subject.write(create(SessionId::random(), b"body")).await;
    let done = format!("a session that is due was created of each of the flows {flows:?}");
    subject.are_due_of("pizza", 10, &[], &done).await;
    for (flow, id) in sessions {
        subject.are_due_of(flow, 10, &[id], &done).await;
    }
}

/// Neither holds the other's sessions, nor counts them among those that it asked for.
pub async fn claims_of_two_flows_do_not_touch(subject: Subject) {
    let now = subject.now().await;
    let mut longest_due = BTreeSet::new();
    for milliseconds in 0..20 {
        let id = SessionId::random();
        let wake_at = now - MILLISECOND * (100 - milliseconds);
        subject.write(of("pizza", create(id, b"body")).wake_at(wake_at)).await;
        longest_due.insert(id);
    }
    let ours = SessionId::random();
    subject.write(create(ours, b"body").wake_at(now)).await;
    let done = "one session of a flow is due, and twenty of another flow are due for longer";
    subject.are_due(1, &[ours], done).await;
    let done = format!("{done}; the one was claimed");
    subject.are_due(100, &[], &done).await;
    kept(&done, DUE, &BTreeSet::from_iter(subject.due_of("pizza", 100).await), &longest_due);
}

/// A flow may take over a session of another, or the id of one that has ended: then it belongs to the flow of the last
/// commit.
pub async fn a_session_is_due_for_the_flow_of_its_last_commit_alone(subject: Subject) {
    let (removed, expired, taken_over) = (SessionId::random(), SessionId::random(), SessionId::random());
    let wake_at = subject.now().await;
    subject.write(create(removed, b"old").wake_at(wake_at)).await;
    subject.remove(removed).await;
    subject.write(create(expired, b"old").wake_at(wake_at).time_to_live(subject.moments(1))).await;
    subject.pass(2).await;
    let old = subject.write(create(taken_over, b"old").wake_at(wake_at)).await;
    let last = follow(taken_over, &old, b"new");
    let new = last.record.clone();
    for commit in [create(removed, b"new"), create(expired, b"new"), last] {
        subject.write(of("pizza", commit).wake_at(wake_at)).await;
    }
    let done =
        "of three sessions one was removed, one has expired and one goes on, and then another flow committed each";
    subject.are_due(10, &[], done).await;
    kept(done, DUE, &subject.due_for_a_moment("pizza", 10).await.len(), &3);
    // Nor does it come back to the first flow when the last one wants nothing of it any more.
    subject.write(of("pizza", follow(taken_over, &new, b"done"))).await;
    subject.pass(2).await;
    let done = format!("{done}, wants no wake time for the last of them any more, and the leases have passed");
    subject.are_due(10, &[], &done).await;
    kept(&done, DUE, &subject.due_of("pizza", 10).await.len(), &2);
}

/// An operator who browses sees the sessions of every flow.
pub async fn the_sessions_of_all_flows_are_browsed(subject: Subject) {
    let (ours, theirs) = (SessionId::random(), SessionId::random());
    subject.write(create(ours, b"body")).await;
    subject.write(of("pizza", create(theirs, b"body"))).await;
    subject.browses(10, &BTreeSet::from([ours, theirs]), "sessions of two flows were created").await;
}

/// A roster is optional: a store without one has this behaviour too.
pub async fn a_roster_lists_and_counts_the_live_sessions_of_its_flow(subject: Subject) {
    let store = subject.store();
    let Some(roster) = store.roster() else { return };
    let mut ids = HashMap::<_, BTreeSet<_>>::new();
    for (flow, count) in [("booking", 5), ("Booking", 3), ("book", 2)] {
        for _ in 0..count {
            let id = SessionId::random();
            subject.write(of(flow, create(id, b"body"))).await;
            ids.entry(flow).or_default().insert(id);
        }
    }
    subject.write(create(SessionId::random(), b"old").time_to_live(subject.moments(1))).await;
    subject.pass(2).await;
    let done = "sessions were created of the flows booking, Booking and book, and one of them has expired";
    for flow in ["booking", "Booking", "book", "boo", "pizza"] {
        let theirs = ids.remove(flow).unwrap_or_default();
        let counted = roster.count(flow).await;
        kept(
            done,
            "`count` gives the number of the live sessions of a flow",
            &counted.ok(),
            &Some(theirs.len() as u64),
        );
        for limit in [1, 2, 100, usize::MAX] {
            let (mut listed, mut after) = (Vec::new(), None);
            loop {
                let page = succeeded(done, roster.browse_flow(flow, after, limit).await);
                listed.extend(page.ids);
                match page.next {
                    Some(next) if listed.len() <= theirs.len() => after = Some(next),
                    _ => break,
                }
            }
            listed.sort_unstable();
            let theirs: Vec<_> = theirs.iter().copied().collect();
            kept(done, "`browse_flow` gives every live session of the flow once, and no other", &listed, &theirs);
        }
    }
}

fn of(flow: &'static str, mut commit: Commit) -> Commit {
    commit.flow = flow.into();
    commit
}
