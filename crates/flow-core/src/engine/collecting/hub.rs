//! Whoever waits in this process for what is said in a session, and is told of it: the [`Hub`].

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{Semaphore, watch},
    time::Instant,
};

use crate::{Bookmark, SessionId, session::Collected};

/// What was last said in a session, and whether an answer is coming, for those who wait for that.
#[derive(Clone, Debug, Default)]
pub(super) struct News {
    /// How often something changed on the shelf.
    pub(super) changes: u64,
    /// What was laid there at the last change, if this process did that: whoever has all before it need not ask the store.
    pub(super) said: Option<Arc<LaidOut>>,
    /// How often it was shown that an answer is coming.
    pub(super) typing: u64,
}

/// What one write has laid on the shelf.
#[derive(Debug)]
pub(super) struct LaidOut {
    /// The reply before these, if it is known.
    before: Option<Bookmark>,
    pub(super) replies: Vec<Collected>,
}

impl LaidOut {
    /// Whether this is what comes next for whoever has all up to that bookmark. A number alone does not say so: the session may have
    /// been removed meanwhile, and have begun again.
    pub(super) fn follows(&self, has: Option<Bookmark>) -> bool {
        self.replies.first().is_some_and(|first| match has {
            None => first.bookmark.is_first(),
            Some(_) => self.before == has,
        })
    }
}

impl News {
    /// How much there was, to tell what is new.
    pub(super) fn count(&self) -> (u64, u64) {
        (self.changes, self.typing)
    }
}

/// One session for which somebody waits.
#[derive(Debug)]
struct Line {
    news: watch::Sender<News>,
    /// How many of this process's own changes the store has not told of yet, and when the last of them was begun.
    own: u32,
    last_own: Instant,
}

/// The sessions for which somebody waits in this process. For any other nothing is kept, and telling of it costs a look into a map.
#[derive(Debug)]
pub(in crate::engine) struct Hub {
    lines: Mutex<Lines>,
    /// Those who ask the store at once: after a telling was lost all of them want to.
    pub(super) looks: Semaphore,
}

/// How many ask the store at once.
const MOST_LOOKS: usize = 32;

/// How long this process's own changes are expected to be told: what is told later is another's, and one of ours was lost.
const TOLD_WITHIN: Duration = Duration::from_secs(5);

#[derive(Debug, Default)]
struct Lines {
    by_id: HashMap<SessionId, Line>,
    /// Whether the store is listened to.
    is_listening: bool,
}

impl Default for Hub {
    fn default() -> Self {
        Self { lines: Mutex::default(), looks: Semaphore::new(MOST_LOOKS) }
    }
}

impl Hub {
    /// Begins to wait for what is said in a session.
    pub(super) fn wait_for(self: &Arc<Self>, id: SessionId) -> Waiting {
        let mut lines = self.lines();
        let line = lines.by_id.entry(id).or_insert_with(Line::new);
        Waiting { hub: Arc::clone(self), id, news: line.news.subscribe() }
    }

    /// Says that this process is about to write something that the store will tell of.
    pub(in crate::engine) fn expects(self: &Arc<Self>, id: SessionId) -> Expected {
        if let Some(line) = self.lines().by_id.get_mut(&id) {
            line.forget_lost();
            (line.own, line.last_own) = (line.own + 1, Instant::now());
        }
        Expected { hub: Arc::clone(self), id, is_over: false }
    }

    /// Tells what a write of this process has laid on the shelf of a session, with the reply before that, if it is known.
    pub(in crate::engine) fn said(&self, id: SessionId, said: impl FnOnce() -> (Option<Bookmark>, Vec<Collected>)) {
        if let Some(line) = self.lines().by_id.get(&id) {
            let (before, replies) = said();
            line.news.send_modify(|news| {
                news.changes += 1;
                news.said = Some(Arc::new(LaidOut { before, replies }));
            });
        }
    }

    /// Tells that an answer is coming in a session.
    pub(in crate::engine) fn types(&self, id: SessionId) {
        if let Some(line) = self.lines().by_id.get(&id) {
            line.news.send_modify(|news| news.typing += 1);
        }
    }

    /// Tells what the store has told: that the shelf of a session has changed, in this process or in another.
    pub(in crate::engine) fn changed(&self, id: SessionId) {
        let mut lines = self.lines();
        let Some(line) = lines.by_id.get_mut(&id) else { return };
        line.forget_lost();
        // One of our own was told already. If another's is taken for it, then ours is taken for the other's, a little later.
        match line.own.checked_sub(1) {
            Some(own) => line.own = own,
            None => line.look(),
        }
    }

    /// Tells that a session may have changed, though it is not known: what was written may be there, or come to be there, untold.
    pub(in crate::engine) fn may_have_changed(&self, id: SessionId) {
        if let Some(line) = self.lines().by_id.get_mut(&id) {
            line.look();
        }
    }

    /// Tells that any of them may have changed.
    pub(in crate::engine) fn all_may_have_changed(&self) {
        for line in self.lines().by_id.values_mut() {
            line.own = 0;
            line.look();
        }
    }

    /// Whether somebody is to begin to listen to the store: nobody does.
    pub(in crate::engine) fn begins_listening(&self) -> bool {
        !std::mem::replace(&mut self.lines().is_listening, true)
    }

    /// Nobody listens to the store any more.
    pub(in crate::engine) fn has_ended_listening(&self) {
        self.lines().is_listening = false;
    }

    /// Whether nobody waits any more, so that whoever listens to the store is to end that.
    pub(in crate::engine) fn ends_listening(&self) -> bool {
        let mut lines = self.lines();
        lines.is_listening = !lines.by_id.is_empty();
        !lines.is_listening
    }

    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A change of this process that the store is to tell of. Dropped before it is said what came of it, it may have been written or not.
#[must_use = "dropped, nobody knows what came of it"]
pub(in crate::engine) struct Expected {
    hub: Arc<Hub>,
    id: SessionId,
    is_over: bool,
}

impl Expected {
    /// It was written: it will be told.
    pub(in crate::engine) fn was_written(mut self) {
        self.is_over = true;
    }

    /// Nothing came of it.
    pub(in crate::engine) fn was_not_written(mut self) {
        self.is_over = true;
        self.ends(|_| ());
    }

    /// Expects it no more.
    fn ends(&self, and_then: impl FnOnce(&mut Line)) {
        if let Some(line) = self.hub.lines().by_id.get_mut(&self.id) {
            line.own = line.own.saturating_sub(1);
            and_then(line);
        }
    }
}

impl Drop for Expected {
    fn drop(&mut self) {
        if !self.is_over {
            // If it is there it was told of, and that was taken for our own.
            self.ends(Line::look);
        }
    }
}

impl Line {
    fn new() -> Self {
        Self { news: watch::Sender::default(), own: 0, last_own: Instant::now() }
    }

    /// Expects no more what should have been told by now.
    fn forget_lost(&mut self) {
        if self.last_own.elapsed() > TOLD_WITHIN {
            self.own = 0;
        }
    }

    /// Has the store asked what has changed.
    fn look(&mut self) {
        self.news.send_modify(|news| {
            news.changes += 1;
            news.said = None;
        });
    }
}

/// Somebody who waits for what is said in a session, until it is dropped.
#[derive(Debug)]
pub(super) struct Waiting {
    hub: Arc<Hub>,
    id: SessionId,
    pub(super) news: watch::Receiver<News>,
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let mut lines = self.hub.lines();
        // This one is still counted.
        if lines.by_id.get(&self.id).is_some_and(|line| line.news.receiver_count() <= 1) {
            lines.by_id.remove(&self.id);
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_change_of_our_own_that_is_never_told_hides_no_others_for_long() {
        let (hub, id) = (Arc::new(Hub::default()), SessionId::random());
        let mut waiting = hub.wait_for(id);
        let mut has_to_look = || waiting.news.has_changed().is_ok_and(|_| waiting.news.borrow_and_update().changes > 0);
        hub.expects(id).was_written();
        hub.changed(id);
        assert!(!has_to_look(), "that was our own");
        hub.expects(id).was_written();
        advance(TOLD_WITHIN * 2).await;
        hub.changed(id);
        assert!(has_to_look(), "that was another's");
    }
}
