//! Those who post, handle and look after: each of them an async function that may be left for ever at any of its steps.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use flow_core::{
    Record, SessionId, Stamp, Store,
    store::{Claim, Commit, Expect, Letter, Post, Posted, Verdict},
};

use crate::protocol::Protocol;

/// For how long whoever posts or handles has the session to itself.
pub(crate) const LEASE: Duration = Duration::from_secs(10);

const FLOW: &str = "booking";

/// What all actors share, and what they were told.
pub(crate) struct Stage {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) id: SessionId,
    pub(crate) protocol: Protocol,
    /// When a message was accepted, by the steps of the history.
    pub(crate) accepted: RefCell<BTreeMap<u128, u64>>,
    pub(crate) step: Cell<u64>,
    pub(crate) random: RefCell<fastrand::Rng>,
}

/// Lets another actor come first.
struct Step(bool);

impl Future for Step {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) { Poll::Ready(()) } else { Poll::Pending }
    }
}

async fn step() {
    Step(false).await;
}

/// The messages that a record has taken up, in their order.
pub(crate) fn taken_up(record: Option<&Record>) -> Vec<u128> {
    let body = record.map(Record::body).unwrap_or_default();
    body.chunks_exact(16).map(|name| u128::from_be_bytes(name.try_into().expect("16 bytes"))).collect()
}

impl Stage {
    fn accept(&self, message: u128) {
        self.accepted.borrow_mut().entry(message).or_insert(self.step.get());
    }

    fn commit(&self, before: Option<&Record>, message: Option<u128>) -> Commit {
        let mut names = taken_up(before);
        names.extend(message);
        let body: Vec<u8> = names.into_iter().flat_map(u128::to_be_bytes).collect();
        let (expect, stamp) = match before {
            Some(record) => (Expect::At(record.prefix()), record.stamp().next()),
            None => (Expect::Absent, Stamp::first()),
        };
        Commit::new(self.id, expect, Record::compose(stamp, &body), FLOW, "WELCOME")
    }

    async fn post(&self, message: u128) -> Posted {
        let letter = Letter::new(message.to_be_bytes(), &b"hello"[..]);
        let posted = self.store.post(Post::new(self.id, FLOW, letter, LEASE)).await.expect("an answer");
        self.accept(message);
        posted
    }

    /// A handler thinks for a while.
    async fn think(&self) {
        let steps = self.random.borrow_mut().u32(0..4);
        for _ in 0..steps {
            step().await;
        }
    }

    /// A channel's message: its turn is taken at once, or the message is posted; and then it is accepted.
    pub(crate) async fn accepts(&self, message: u128) {
        let is_slow = self.random.borrow_mut().bool();
        let mut posted = false;
        loop {
            let loaded = self.store.load(self.id, 1).await.expect("an answer");
            step().await;
            if taken_up(loaded.record.as_ref()).contains(&message) {
                return self.accept(message);
            }
            if !posted && !loaded.letters.is_empty() && self.protocol != Protocol::PassesThoseWhoWait {
                let is_first = self.post(message).await == Posted::First;
                step().await;
                return if is_first {
                    self.drain().await;
                };
            }
            self.think().await;
            if is_slow && !posted {
                let is_first = self.post(message).await == Posted::First;
                step().await;
                if !is_first && self.protocol != Protocol::GoesOnBehindOthers {
                    return;
                }
                posted = true;
                self.think().await;
            }
            let mut commit = self.commit(loaded.record.as_ref(), Some(message));
            if posted {
                commit = commit.takes([message.to_be_bytes()]).while_waiting(LEASE);
            }
            match self.store.commit(commit).await.expect("an answer") {
                Verdict::Done { waiting } => {
                    self.accept(message);
                    step().await;
                    return if posted && waiting > 0 {
                        self.drain().await;
                    };
                }
                Verdict::Conflict(_) => step().await,
            }
        }
    }

    /// Handles what waits, one after the other, until nothing does.
    async fn drain(&self) {
        loop {
            let loaded = self.store.load(self.id, 1).await.expect("an answer");
            step().await;
            let Some(letter) = loaded.letters.first() else { return };
            let message = u128::from_be_bytes(letter.name);
            self.think().await;
            let is_known = taken_up(loaded.record.as_ref()).contains(&message);
            let handled = (!is_known || self.protocol == Protocol::RemembersNothing).then_some(message);
            let commit = self.commit(loaded.record.as_ref(), handled).takes([letter.name]).while_waiting(LEASE);
            match self.store.commit(commit).await.expect("an answer") {
                Verdict::Done { waiting: 0 } => return,
                _ => step().await,
            }
        }
    }

    /// A turn outside the inbox's order: a timer's, or one whose caller waits.
    pub(crate) async fn handles(&self, message: u128) {
        loop {
            let loaded = self.store.load(self.id, 0).await.expect("an answer");
            step().await;
            self.think().await;
            let commit = self.commit(loaded.record.as_ref(), Some(message));
            match self.store.commit(commit).await.expect("an answer") {
                Verdict::Done { .. } => return self.accept(message),
                Verdict::Conflict(_) => step().await,
            }
        }
    }

    /// A worker: looks after what is due, for ever.
    pub(crate) async fn works(&self) {
        loop {
            let due = self.store.due(Claim::new(FLOW, LEASE, 10)).await.expect("an answer");
            step().await;
            if !due.ids.is_empty() {
                self.drain().await;
            }
        }
    }
}
