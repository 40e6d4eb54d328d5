//! What is given up because its time to live was over before a worker came: it is counted.

use flow_core::{SessionId, store::Claim};

use super::{
    Subject,
    promise::kept,
    subject::{FLOW, create, follow},
};

const FORGOTTEN: &str = "`due` counts once, for the flow that they were of, the sessions that have expired and whose wake time had come, and \
    no others";

/// The next worker of the flow is told, and no worker of another.
pub async fn what_expired_while_it_waited_is_counted_once(subject: Subject) {
    for _ in 0..3 {
        expiring(&subject, FLOW).await;
    }
    expiring(&subject, "pizza").await;
    let lasting = SessionId::random();
    subject.write(create(lasting, b"body").wake_at(subject.now().await)).await;
    subject.pass(2).await;
    let done = "three sessions of a flow, and one of another, have expired while they were due; one is due and alive";
    let due = subject.claim(Claim::new(FLOW, subject.moments(100), 10)).await;
    kept(&format!("{done}: which is claimed?"), FORGOTTEN, &(due.ids, due.forgotten), &(vec![lasting], 3));
    forgets(&subject, FLOW, 0, &format!("{done}; a claim has counted them, and another came")).await;
    forgets(&subject, "pizza", 1, done).await;
    forgets(&subject, "pizza", 0, &format!("{done}; a claim of the other flow has counted it, and another came")).await;
}

/// Turns that find no worker may have swept what had expired.
pub async fn what_expired_is_counted_though_it_was_swept(subject: Subject) {
    for _ in 0..20 {
        expiring(&subject, FLOW).await;
    }
    subject.pass(2).await;
    subject.fill(200).await;
    let done = "twenty sessions have expired while they were due, and 200 others were created then";
    let mut forgotten = 0;
    // A store may sweep beside the calls.
    for _ in 0..2 {
        forgotten += subject.claim(Claim::new(FLOW, subject.moments(100), 100)).await.forgotten;
        subject.pass(1).await;
    }
    kept(&format!("{done}: how many do two claims count?"), FORGOTTEN, &forgotten, &20);
    forgets(&subject, FLOW, 0, &format!("{done}; two claims have counted them, and another came")).await;
}

/// What was done, and what was removed, is no loss.
pub async fn what_waited_for_nothing_is_not_counted(subject: Subject) {
    let (idle, done, removed) = (SessionId::random(), SessionId::random(), SessionId::random());
    let (now, life) = (subject.now().await, subject.moments(1));
    subject.write(create(idle, b"body").time_to_live(life)).await;
    let first = subject.write(create(done, b"first").wake_at(now)).await;
    subject.write(follow(done, &first, b"second").time_to_live(life)).await;
    subject.write(create(removed, b"body").wake_at(now).time_to_live(life)).await;
    subject.remove(removed).await;
    subject.pass(2).await;
    let told = "of three sessions that are gone one had no wake time, one none any more, and one was removed";
    forgets(&subject, FLOW, 0, told).await;
}

/// Creates a session that is due, and lives for a moment.
async fn expiring(subject: &Subject, flow: &'static str) {
    let mut commit = create(SessionId::random(), b"body").wake_at(subject.now().await).time_to_live(subject.moments(1));
    commit.flow = flow.into();
    subject.write(commit).await;
}

/// A claim of the flow counts so many, after what was done.
async fn forgets(subject: &Subject, flow: &'static str, count: u64, done: &str) {
    let forgotten = subject.claim(Claim::new(flow, subject.moments(100), 100)).await.forgotten;
    kept(&format!("{done}: how many does a claim of {flow:?} count?"), FORGOTTEN, &forgotten, &count);
}
