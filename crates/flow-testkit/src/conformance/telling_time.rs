//! The time of the store: told with each load and each conflict, and never earlier than before.

use chrono::{DateTime, TimeDelta, Utc};
use flow_core::{
    SessionId,
    store::{Claim, Verdict},
};

use super::{
    Subject,
    promise::{broken, kept, succeeded},
    subject::{FLOW, TIME, create},
};

/// Whether there is a record or not.
pub async fn a_load_tells_a_time_that_goes_on(subject: Subject) {
    let (stored, absent) = (SessionId::random(), SessionId::random());
    subject.write(create(stored, b"body")).await;
    let mut told = subject.look(absent).await.now;
    for id in [stored, absent, stored, absent] {
        told = not_before(told, subject.look(id).await.now, "sessions were loaded, one of them absent");
    }
    subject.pass(2).await;
    let (moment, done) = (subject.moments(1), "a session was loaded, and once more two moments later");
    not_before(told + moment, subject.look(stored).await.now, done);
}

/// The next round is decided by it, and needs no load.
pub async fn a_conflict_tells_what_a_load_would(subject: Subject) {
    let id = SessionId::random();
    let record = subject.write(create(id, b"first")).await;
    subject.pass(1).await;
    let before = subject.look(id).await.now;
    let late = create(id, b"too late");
    let verdict = succeeded("a record was committed", subject.store().commit(late).await);
    let done = "a session was created, and a later commit expected it to be absent";
    let Verdict::Conflict(loaded) = verdict else { broken(done, TIME, "Conflict(…)", &verdict) };
    kept(done, TIME, &loaded.record, &Some(record));
    let told = not_before(before, loaded.now, &format!("{done}; before it, the session was loaded"));
    not_before(told, subject.look(id).await.now, &format!("{done}; after it, the session was loaded"));
}

/// A machine's clock may be set back. Nothing is due again for it, no lease and no life is longer in what is told, and what
/// is told does not go back. Where a server keeps the time, this is the server's affair.
pub async fn a_clock_that_is_set_back_does_not_take_time_back(subject: Subject) {
    let Some(clock) = subject.clock() else { return };
    let id = SessionId::random();
    let told = subject.look(id).await.now;
    subject.write(create(id, b"body").wake_at(told)).await;
    let claimed = subject.claim(Claim::new(FLOW, subject.moments(1), 10)).await;
    clock.set(told - TimeDelta::hours(1));
    let done = "the clock of the store was set back by an hour";
    not_before(told, subject.look(id).await.now, done);
    not_before(claimed.now, subject.claim(Claim::new(FLOW, subject.moments(1), 10)).await.now, done);
    clock.set(told + TimeDelta::hours(1));
    subject.are_due(10, &[id], &format!("{done}, and forward again, to behind the end of a lease")).await;
}

/// The time that was told, which is not before the earlier one.
fn not_before(earlier: DateTime<Utc>, told: DateTime<Utc>, done: &str) -> DateTime<Utc> {
    if told < earlier {
        broken(done, TIME, &format!("{earlier}, or later"), &told);
    }
    told
}
