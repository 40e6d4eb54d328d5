//! What outlives its time to live is gone.

use std::{collections::BTreeSet, time::Duration};

use flow_core::{SessionId, store::Commit};

use super::{
    Subject,
    subject::{create, follow},
};

/// A record is there before its time to live is over, and not after.
pub async fn a_record_is_gone_when_its_time_is_over(subject: Subject) {
    let id = SessionId::random();
    let record = subject.write(living(&subject, 3, create(id, b"body"))).await;
    subject.pass(1).await;
    subject.loads(id, Some(&record), "a session was created to live for three moments, and one has passed").await;
    subject.pass(3).await;
    subject.loads_nothing(id, "a session was created to live for three moments, and four have passed").await;
}

/// The living are browsed, the expired are not.
pub async fn an_expired_record_is_not_browsed(subject: Subject) {
    let (mortal, lasting) = (SessionId::random(), SessionId::random());
    subject.write(living(&subject, 1, create(mortal, b"body"))).await;
    subject.write(create(lasting, b"body")).await;
    subject.pass(2).await;
    subject.browses(10, &BTreeSet::from([lasting]), "two sessions were created, and one has expired").await;
}

/// No worker is given a session that is gone, and the ones that are left are given all the same.
pub async fn an_expired_record_is_not_due(subject: Subject) {
    let (mortal, lasting) = (SessionId::random(), SessionId::random());
    let wake_at = Some(subject.now().await);
    subject.write(living(&subject, 1, create(mortal, b"body").wake_at(wake_at))).await;
    subject.write(create(lasting, b"body").wake_at(wake_at)).await;
    subject.pass(2).await;
    subject.are_due(10, &[lasting], "two sessions want to be woken, and one has expired").await;
}

/// What has expired cannot be removed any more.
pub async fn an_expired_record_is_not_there_to_remove(subject: Subject) {
    let id = SessionId::random();
    subject.write(living(&subject, 1, create(id, b"body"))).await;
    subject.pass(2).await;
    subject.removes(id, false, "a session was created, has expired, and was removed").await;
}

/// After its time a session is absent, and can begin again.
pub async fn an_expired_session_can_be_created_anew(subject: Subject) {
    let id = SessionId::random();
    subject.write(living(&subject, 1, create(id, b"old"))).await;
    subject.pass(2).await;
    let new = create(id, b"new");
    let record = new.record.clone();
    subject.commits(new, "a session has expired, and another was created with its id").await;
    subject.pass(2).await;
    subject.loads(id, Some(&record), "a session has expired, and another was created with its id, to be kept").await;
}

/// A writer that still holds an expired record cannot bring it back, not even by repeating its write.
pub async fn a_conflict_with_an_expired_record_hands_back_none(subject: Subject) {
    let id = SessionId::random();
    let first = subject.write(create(id, b"first")).await;
    let following = living(&subject, 1, follow(id, &first, b"second"));
    let second = subject.write(following.clone()).await;
    subject.pass(2).await;
    let done = "a session has expired, and a commit expected its last record";
    subject.conflicts(follow(id, &second, b"third"), None, done).await;
    subject.conflicts(following, None, "a session has expired, and its last commit came again").await;
    subject.loads_nothing(id, done).await;
}

/// Each commit says anew how long its record lives.
pub async fn a_commit_renews_the_time_to_live(subject: Subject) {
    let id = SessionId::random();
    let first = subject.write(living(&subject, 3, create(id, b"first"))).await;
    subject.pass(2).await;
    let second = subject.write(living(&subject, 3, follow(id, &first, b"second"))).await;
    subject.pass(2).await;
    let done = "a session was to live for three moments, and after two a commit gave it three again";
    subject.loads(id, Some(&second), &format!("{done}, of which two have passed")).await;
    subject.pass(2).await;
    subject.loads_nothing(id, &format!("{done}, of which all have passed")).await;
}

/// A commit that conflicts does not prolong the life of the record that is stored.
pub async fn a_conflict_does_not_renew_the_time_to_live(subject: Subject) {
    let id = SessionId::random();
    subject.write(living(&subject, 2, create(id, b"first"))).await;
    let done = "a session was created to live for two moments, and later commits expected it to be absent";
    subject.refuses(living(&subject, 100, create(id, b"again")), done).await;
    subject.refuses(create(id, b"for ever"), done).await;
    subject.pass(3).await;
    subject.loads_nothing(id, &format!("{done}; then three moments passed")).await;
}

/// A time to live that was set earlier does not reach beyond the next commit.
pub async fn a_commit_without_a_time_to_live_keeps_the_record(subject: Subject) {
    let id = SessionId::random();
    let first = subject.write(living(&subject, 1, create(id, b"first"))).await;
    let second = subject.write(follow(id, &first, b"second")).await;
    subject.pass(3).await;
    let done = "a session was to live for a moment, a commit without a time to live followed, and three moments passed";
    subject.loads(id, Some(&second), done).await;
}

/// A commit may come when no time is left, or less than the store can count.
pub async fn the_shortest_time_to_live_is_over_at_once(subject: Subject) {
    for shortest in [Duration::ZERO, Duration::from_nanos(1)] {
        let id = SessionId::random();
        subject.write(create(id, b"body").time_to_live(shortest)).await;
        subject.pass(1).await;
        let done = format!("a session was created to live for {shortest:?}, and a moment has passed");
        subject.loads_nothing(id, &done).await;
    }
}

/// Some callers say "for ever" with the longest duration there is.
pub async fn the_longest_time_to_live_keeps_the_record(subject: Subject) {
    for longest in [Duration::from_secs(400 * 365 * 86_400), Duration::MAX] {
        let id = SessionId::random();
        let record = subject.write(create(id, b"body").time_to_live(longest)).await;
        subject.pass(1).await;
        let done = format!("a session was created to live for {longest:?}, and a moment has passed");
        subject.loads(id, Some(&record), &done).await;
    }
}

/// A session that begins after another's end does not inherit its wake time.
pub async fn an_expired_wake_time_does_not_wake_the_next_session(subject: Subject) {
    let id = SessionId::random();
    let wake_at = Some(subject.now().await);
    subject.write(living(&subject, 1, create(id, b"old").wake_at(wake_at))).await;
    subject.pass(2).await;
    subject.write(create(id, b"new")).await;
    let done = "a session that wanted to be woken has expired, and another was created with its id and no wake time";
    subject.are_due(10, &[], done).await;
}

fn living(subject: &Subject, moments: u32, commit: Commit) -> Commit {
    commit.time_to_live(subject.moments(moments))
}
