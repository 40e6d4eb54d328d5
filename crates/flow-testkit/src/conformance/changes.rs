//! Changes that are told to those who listen. A store that tells none has nothing to show here.

use std::{
    collections::BTreeSet,
    sync::Arc,
    time::{Duration, Instant},
};

use flow_core::{
    SessionId, Store, StoreError,
    store::{Changed, Commit, Listener},
};
use tokio::time::{timeout, timeout_at};

use super::{
    Subject,
    promise::{broken, kept, succeeded},
    subject::{create, follow},
};

const TELL: &str = "what is written so that it is told, and what is removed, is heard by all who listened before, through \
    whichever handle or process it was written";

const KEEP_QUIET: &str = "what was not written, was not to be told, or was written before, is not heard";

const MISS: &str = "whoever listens hears of every change, or that it may have missed some";

/// The first write of a session, and a later one.
pub async fn a_told_commit_is_heard(subject: Subject) {
    let Some(mut ears) = Ears::of(subject.store(), &subject).await else { return };
    let id = SessionId::random();
    let record = subject.write(create(id, b"first").told(true)).await;
    ears.hear(id, "a session was created, to be told").await;
    subject.write(follow(id, &record, b"second").told(true)).await;
    ears.hear(id, "a session was written that was there, to be told").await;
}

/// Whoever does not want it pays nothing for it.
pub async fn a_commit_that_is_not_told_is_not_heard(subject: Subject) {
    let Some(mut ears) = Ears::of(subject.store(), &subject).await else { return };
    let quiet = SessionId::random();
    let record = subject.write(create(quiet, b"first")).await;
    subject.write(follow(quiet, &record, b"second")).await;
    ears.do_not_hear(quiet, "a session was written twice, not to be told").await;
}

/// Nothing was written.
pub async fn a_commit_that_lost_is_not_heard(subject: Subject) {
    let id = SessionId::random();
    let record = subject.write(create(id, b"first")).await;
    subject.write(follow(id, &record, b"second")).await;
    let Some(mut ears) = Ears::of(subject.store(), &subject).await else { return };
    let done = "a commit came too late, which was to be told";
    subject.refuses(follow(id, &record, b"late").told(true), done).await;
    subject.refuses(create(id, b"late").told(true), done).await;
    ears.do_not_hear(id, done).await;
}

/// A listener that begins is not told the past, which it looks at in the records.
pub async fn what_was_written_before_is_not_heard(subject: Subject) {
    let Some(mut earlier) = Ears::of(subject.store(), &subject).await else { return };
    let id = SessionId::random();
    subject.write(create(id, b"body").told(true)).await;
    earlier.hear(id, "a session was created, to be told").await;
    let Some(mut later) = Ears::of(subject.store(), &subject).await else { return };
    later.do_not_hear(id, "a session was created, and then a listener came").await;
}

/// Two listeners of one process, or of two.
pub async fn every_listener_hears(subject: Subject) {
    let Some(mut first) = Ears::of(subject.store(), &subject).await else { return };
    let Some(mut second) = Ears::of(subject.store(), &subject).await else { return };
    let (id, other) = (SessionId::random(), SessionId::random());
    subject.write(create(id, b"body").told(true)).await;
    first.hear(id, "two listen, and a session was created, to be told").await;
    second.hear(id, "two listen, and a session was created, to be told").await;
    drop(first);
    subject.write(create(other, b"body").told(true)).await;
    second.hear(other, "one of two listeners went, and a session was created, to be told").await;
}

/// With its letters, and without a commit that could ask for it.
pub async fn a_removal_is_heard(subject: Subject) {
    let Some(mut ears) = Ears::of(subject.store(), &subject).await else { return };
    let id = SessionId::random();
    subject.write(create(id, b"body").told(true)).await;
    ears.hear(id, "a session was created, to be told").await;
    subject.removes(id, true, "a session was removed").await;
    ears.hear(id, "a session was removed").await;
}

/// As another process has one: see [`Subject::with_another_handle`].
pub async fn what_another_handle_writes_is_heard(subject: Subject) {
    let (store, another) = (subject.store(), subject.another_handle());
    let Some(mut ours) = Ears::of(Arc::clone(&store), &subject).await else { return };
    let Some(mut theirs) = Ears::of(Arc::clone(&another), &subject).await else { return };
    for writer in [store, another] {
        let id = SessionId::random();
        succeeded("a record was committed", writer.commit(create(id, b"body").told(true)).await);
        ours.hear(id, "a session was created through one of two handles, to be told").await;
        theirs.hear(id, "a session was created through one of two handles, to be told").await;
        succeeded("a session was removed", writer.remove(id).await);
        ours.hear(id, "a session was removed through one of two handles").await;
        theirs.hear(id, "a session was removed through one of two handles").await;
    }
}

/// It is often waited for together with other things.
pub async fn a_wait_that_is_dropped_loses_no_change(subject: Subject) {
    let Some(mut ears) = Ears::of(subject.store(), &subject).await else { return };
    let done = "sessions were created, to be told, and waits for that were dropped";
    let (mut unheard, mut heard) = (BTreeSet::new(), BTreeSet::new());
    for _ in 0..10 {
        let (store, id) = (subject.store(), SessionId::random());
        let writing = tokio::spawn(async move { store.commit(create(id, b"body").told(true)).await });
        while !writing.is_finished() {
            if let Ok(told) = timeout(Duration::from_micros(100), ears.listener.next()).await {
                heard.insert(session(told, done));
            }
        }
        succeeded("a record was committed", writing.await.expect("a writer that does not panic"));
        unheard.insert(id);
    }
    unheard.retain(|id| !heard.contains(id));
    let until = Instant::now() + ears.patience;
    while !unheard.is_empty() {
        match timeout_at(until.into(), ears.listener.next()).await {
            Ok(told) => unheard.remove(&session(told, done)),
            Err(_) => broken(done, MISS, "all of them", &format!("{} of them not", unheard.len())),
        };
    }
}

/// However many changes there are, none of them is missed unsaid.
pub async fn a_listener_that_falls_behind_is_told_so(subject: Subject) {
    let Some(mut ears) = Ears::of(subject.store(), &subject).await else { return };
    let mut unheard = BTreeSet::new();
    for _ in 0..CROWD / AT_ONCE {
        let commits = (0..AT_ONCE).map(|_| create(SessionId::random(), b"").told(true));
        let writers = commits.map(|commit: Commit| {
            let (store, id) = (subject.store(), commit.id);
            unheard.insert(id);
            tokio::spawn(async move { store.commit(commit).await })
        });
        for writer in writers.collect::<Vec<_>>() {
            succeeded("a record was committed", writer.await.expect("a writer that does not panic"));
        }
    }
    let done = format!("{CROWD} sessions were created, to be told, while nobody waited for what was told");
    let until = Instant::now() + ears.patience;
    while !unheard.is_empty() {
        match timeout_at(until.into(), ears.listener.next()).await {
            Ok(Ok(Changed::Session(id))) => drop(unheard.remove(&id)),
            Ok(Ok(Changed::Perhaps)) => return,
            Ok(other) => broken(&done, MISS, "Session(…)", &other),
            Err(_) => broken(&done, MISS, "all of them, or Perhaps", &format!("{} of them not", unheard.len())),
        }
    }
}

/// More than most queues have room for.
const CROWD: usize = 1_200;

/// So many of them are written together.
const AT_ONCE: usize = 50;

/// One who listens.
struct Ears {
    listener: Box<dyn Listener>,
    /// How long a change may take to be told. The promise is a second, in which a busy machine may not come to it.
    patience: Duration,
    store: Arc<dyn Store>,
}

impl Ears {
    /// None if the store tells nothing.
    async fn of(store: Arc<dyn Store>, subject: &Subject) -> Option<Self> {
        let listener = succeeded("a listener came", store.changes()?.listen().await);
        let patience = if subject.clock().is_some() { Duration::from_secs(3) } else { Duration::from_secs(10) };
        Some(Self { listener, patience, store })
    }

    /// This session is told of, after what was done.
    async fn hear(&mut self, id: SessionId, done: &str) {
        let until = Instant::now() + self.patience;
        let mut heard = None;
        while heard != Some(id) {
            heard = match timeout_at(until.into(), self.listener.next()).await {
                Ok(told) => Some(session(told, done)),
                Err(_) => broken(done, TELL, "Session(…)", &format!("nothing within {:?}", self.patience)),
            };
        }
    }

    /// This session is not told of, after what was done.
    async fn do_not_hear(&mut self, id: SessionId, done: &str) {
        let heard = self.until_marked().await;
        kept(done, KEEP_QUIET, &heard.contains(&id), &false);
    }

    /// What is told up to a write that is made now.
    async fn until_marked(&mut self) -> BTreeSet<SessionId> {
        let mark = SessionId::random();
        succeeded("a record was committed", self.store.commit(create(mark, b"mark").told(true)).await);
        let (mut heard, until) = (BTreeSet::new(), Instant::now() + self.patience);
        while !heard.contains(&mark) {
            match timeout_at(until.into(), self.listener.next()).await {
                Ok(told) => heard.insert(session(told, "a session was created, to be told")),
                Err(_) => broken("a session was created, to be told", TELL, "Session(…)", &"nothing in time"),
            };
        }
        heard
    }
}

/// The session that was told of: while all is well, nothing is missed.
#[track_caller]
fn session(told: Result<Changed, StoreError>, done: &str) -> SessionId {
    match told {
        Ok(Changed::Session(id)) => id,
        other => broken(done, TELL, "Session(…)", &other),
    }
}
