//! What this process has sent and its record still lists: [`Ledger`]. The next turn's commit strikes it off, or, when nobody
//! writes for a second, a commit of its own.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::Notify,
    time::{Instant, sleep_until},
};

use super::keeper::Known;
use crate::{
    Flow, Key, SessionId,
    session::{Claim, Pending},
};

/// For how long what was sent waits for a turn that strikes it off.
pub(super) const QUIET: Duration = Duration::from_secs(1);

/// After how long it is tried again to strike off what could not be.
const AGAIN: Duration = Duration::from_secs(5);

/// What was sent and is still listed, by session.
///
/// It is only ever a saving of writes: what is forgotten with the process is sent again when its claim ends, under its key.
pub(super) struct Ledger<F: Flow> {
    pages: Mutex<Pages<F>>,
    changed: Notify,
}

struct Pages<F: Flow> {
    /// In the order of their ids, so that what is struck off in the end is struck off in one order, and can be played again.
    by_session: BTreeMap<SessionId, Page<F>>,
    /// When to look at which of them, the first first.
    to_look_at: BTreeSet<(Instant, SessionId)>,
}

/// What was sent of one session.
struct Page<F: Flow> {
    sent: Vec<Arc<Sent>>,
    /// The session as the deliverer last saw it.
    known: Option<Known<F>>,
    /// When a commit of its own strikes it off.
    due_at: Instant,
    /// How many deliverers of this process are at it.
    under_way: usize,
    /// How many turns were stored since the first of them began.
    turns: u64,
}

/// What was sent under a claim.
#[derive(Debug)]
pub(super) struct Sent {
    pub(super) claim: Claim,
    pub(super) delivered: Vec<Pending>,
}

/// A delivery under way in this process, until it is dropped.
pub(super) struct UnderWay<F: Flow> {
    ledger: Arc<Ledger<F>>,
    id: SessionId,
    /// How many turns were stored when it began.
    turns: u64,
}

impl<F: Flow> Default for Ledger<F> {
    fn default() -> Self {
        let pages = Pages { by_session: BTreeMap::new(), to_look_at: BTreeSet::new() };
        Self { pages: Mutex::new(pages), changed: Notify::new() }
    }
}

impl<F: Flow> Ledger<F> {
    /// Begins a delivery of what the last stored turn has left.
    pub(super) fn begin(self: &Arc<Self>, id: SessionId) -> UnderWay<F> {
        let mut pages = self.pages();
        let page = pages.by_session.entry(id).or_insert_with(Page::blank);
        page.under_way += 1;
        UnderWay { ledger: Arc::clone(self), id, turns: page.turns }
    }

    /// Of how many sessions something is being delivered.
    pub(super) fn delivering(&self) -> usize {
        self.pages().by_session.values().filter(|page| page.under_way > 0).count()
    }

    /// What was sent and is still listed, for the next commit to strike off.
    pub(super) fn sent(&self, id: SessionId) -> Vec<Arc<Sent>> {
        self.pages().by_session.get(&id).map_or_else(Vec::new, |page| page.sent.clone())
    }

    /// Whether this process has sent the reply with this key, and its record still lists it.
    pub(super) fn has_sent(&self, key: Key) -> bool {
        let is_it = |pending: &Pending| pending.key(key.session) == key;
        let pages = self.pages();
        let page = pages.by_session.get(&key.session);
        page.is_some_and(|page| page.sent.iter().any(|sent| sent.delivered.iter().any(is_it)))
    }

    /// Notes that a turn was stored, which has struck this off.
    pub(super) fn stored(&self, id: SessionId, struck: &[Arc<Sent>]) {
        let mut pages = self.pages();
        let Some(page) = pages.by_session.get_mut(&id) else { return };
        page.turns += 1;
        page.strike(struck);
        let was_missed = !page.sent.is_empty();
        if was_missed {
            // It was sent while the turn was written: what that has left waits for nothing but this.
            page.due_at = Instant::now();
            pages.to_look_at.insert((Instant::now(), id));
        }
        pages.leave(id);
        drop(pages);
        if was_missed {
            self.changed.notify_one();
        }
    }

    /// Forgets what a commit has struck off.
    pub(super) fn forget(&self, id: SessionId, struck: &[Arc<Sent>]) {
        let mut pages = self.pages();
        if let Some(page) = pages.by_session.get_mut(&id) {
            page.strike(struck);
        }
        pages.leave(id);
    }

    /// What is to be struck off by a commit of its own, and the session as it was last seen. Unless that is done, it is asked for
    /// again later.
    pub(super) fn take(&self, id: SessionId) -> (Vec<Arc<Sent>>, Option<Known<F>>) {
        let mut pages = self.pages();
        let Some(page) = pages.by_session.get_mut(&id) else { return (Vec::new(), None) };
        let (sent, known) = (page.sent.clone(), page.known.take());
        page.due_at = Instant::now() + AGAIN;
        let again = (page.due_at, id);
        if !sent.is_empty() {
            pages.to_look_at.insert(again);
        }
        (sent, known)
    }

    /// The sessions of which something was sent and that have been quiet since, as soon as there are any.
    pub(super) async fn quiet(&self) -> Vec<SessionId> {
        loop {
            let changed = self.changed.notified();
            let next = {
                let mut pages = self.pages();
                let quiet = pages.quiet(Instant::now());
                if !quiet.is_empty() {
                    return quiet;
                }
                pages.to_look_at.first().map(|(at, _)| *at)
            };
            match next {
                Some(at) => tokio::select! {
                    biased;
                    () = changed => {}
                    () = sleep_until(at) => {}
                },
                None => changed.await,
            }
        }
    }

    /// Every session of which something is still to be struck off.
    pub(super) fn rest(&self) -> Vec<SessionId> {
        let pages = self.pages();
        pages.by_session.iter().filter(|(_, page)| !page.sent.is_empty()).map(|(id, _)| *id).collect()
    }

    fn pages(&self) -> MutexGuard<'_, Pages<F>> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<F: Flow> UnderWay<F> {
    /// Leaves what was sent to the next commit, unless a turn was stored since this began: what that has left may wait for it.
    ///
    /// Tells whether it is left.
    pub(super) fn leave(&self, sent: Vec<Sent>, known: &mut Option<Known<F>>) -> bool {
        let mut pages = self.ledger.pages();
        let Some(page) = pages.by_session.get_mut(&self.id).filter(|page| page.turns == self.turns) else {
            return false;
        };
        let is_first = page.sent.is_empty();
        page.sent.extend(sent.into_iter().map(Arc::new));
        page.known = known.take();
        if is_first {
            page.due_at = Instant::now() + QUIET;
            let look = (page.due_at, self.id);
            pages.to_look_at.insert(look);
        }
        drop(pages);
        self.ledger.changed.notify_one();
        true
    }

    /// Takes note of all turns that are stored by now.
    pub(super) fn catch_up(&mut self) {
        self.turns = self.ledger.pages().by_session.get(&self.id).map_or(0, |page| page.turns);
    }
}

impl<F: Flow> Drop for UnderWay<F> {
    fn drop(&mut self) {
        let mut pages = self.ledger.pages();
        if let Some(page) = pages.by_session.get_mut(&self.id) {
            page.under_way -= 1;
        }
        pages.leave(self.id);
    }
}

impl<F: Flow> Pages<F> {
    /// Drops the page if nothing is on it and nothing comes.
    fn leave(&mut self, id: SessionId) {
        if self.by_session.get(&id).is_some_and(|page| page.sent.is_empty() && page.under_way == 0) {
            self.by_session.remove(&id);
        }
    }

    /// Takes the sessions whose time has come off the list.
    fn quiet(&mut self, now: Instant) -> Vec<SessionId> {
        let mut quiet = Vec::new();
        while let Some(look @ (_, id)) = self.to_look_at.first().copied().filter(|(at, _)| *at <= now) {
            self.to_look_at.remove(&look);
            // What was struck off meanwhile, or sent anew, has another place on the list, or none.
            let is_due = |page: &Page<F>| !page.sent.is_empty() && page.due_at <= now;
            if self.by_session.get(&id).is_some_and(is_due) && !quiet.contains(&id) {
                quiet.push(id);
            }
        }
        quiet
    }
}

impl<F: Flow> Page<F> {
    fn blank() -> Self {
        Self { sent: Vec::new(), known: None, due_at: Instant::now(), under_way: 0, turns: 0 }
    }

    fn strike(&mut self, struck: &[Arc<Sent>]) {
        self.sent.retain(|sent| !struck.iter().any(|struck| Arc::ptr_eq(sent, struck)));
        if self.sent.is_empty() {
            self.known = None;
        }
    }
}
