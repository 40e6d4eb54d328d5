//! The bare store: what a message asks of it, at the same rate, without a bot and without a server.

use std::sync::Arc;

use flow_core::{
    Record, SessionId, Stamp, Store,
    resilience::Resilient,
    store::{Commit, Expect, Verdict},
};
use tokio::{
    task::JoinSet,
    time::{Duration, Instant, sleep_until},
};

use crate::{Talk, figures::Times, talk::Schedule};

/// How long to wait before it begins.
const REST: Duration = Duration::from_secs(1);

/// How long a call may take, with all its tries.
const PATIENCE: Duration = Duration::from_secs(60);

/// Loads and commits a record of so many bytes for each message, at its time; gives how long each took from then.
pub async fn ask(store: &Arc<dyn Store>, talk: &Talk, bytes: usize) -> Times {
    // As an engine has it: a call that is late is made again.
    let store: Arc<dyn Store> = Arc::new(Resilient::over(Arc::clone(store)).deadline(PATIENCE));
    let (schedule, begins) = (Schedule::of(talk), Instant::now() + REST);
    let (mut random, mut sessions) = (fastrand::Rng::with_seed(talk.seed), JoinSet::new());
    for _ in 0..talk.visitors {
        let begins = begins + schedule.each.mul_f64(random.f64());
        let (store, each, count) = (Arc::clone(&store), schedule.each, schedule.count);
        sessions.spawn(async move {
            let (id, mut stamp, mut times) = (SessionId::random(), None, Vec::new());
            for number in 0..count {
                let due = begins + each * number;
                sleep_until(due).await;
                store.load(id, 1).await.expect("a load");
                stamp = Some(commit(&*store, id, stamp, bytes).await);
                times.push(due.elapsed());
            }
            times
        });
    }
    Times::of(sessions.join_all().await.into_iter().flatten())
}

async fn commit(store: &dyn Store, id: SessionId, before: Option<Stamp>, bytes: usize) -> Stamp {
    let stamp = before.map_or_else(Stamp::first, |stamp| stamp.next());
    let expect = before.map_or(Expect::Absent, |stamp| Expect::At(stamp.into()));
    let record = Record::compose(stamp, &vec![b'x'; bytes]);
    let commit = Commit::new(id, expect, record, "counting", "OPEN").told(true);
    assert_eq!(store.commit(commit).await.expect("a commit"), Verdict::Done { waiting: 0 });
    stamp
}
