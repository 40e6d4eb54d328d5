//! How much each client takes of what all share: its streams, and its messages. [`Shares`].

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use flow_core::SessionId;
use tokio::time::Instant;

use crate::{Limits, problem::Problem};

/// How many sessions are remembered for their messages before those that have rested long enough are forgotten.
const SWEPT_FROM: usize = 1024;

/// What the sessions of a site take of it.
#[derive(Debug)]
pub(crate) struct Shares {
    limits: Limits,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    /// Open streams, by session.
    streams: HashMap<SessionId, usize>,
    all_streams: usize,
    /// Until when the messages that a session has sent count: each counts for a pause.
    messages: HashMap<SessionId, Instant>,
    swept_at: usize,
}

impl Shares {
    pub(crate) fn new(limits: Limits) -> Self {
        Self { limits, taken: Mutex::default() }
    }

    /// Takes a place for a stream, until it is dropped.
    pub(crate) fn stream(self: &Arc<Self>, id: SessionId) -> Result<Place, Problem> {
        let mut taken = self.taken();
        if taken.all_streams >= self.limits.streams {
            return Err(Problem::too_many("as many listen as may", Duration::from_secs(10)));
        }
        let each = taken.streams.entry(id).or_default();
        if *each >= self.limits.streams_each {
            return Err(Problem::too_many(
                "this conversation is listened to as often as may be",
                Duration::from_secs(10),
            ));
        }
        *each += 1;
        taken.all_streams += 1;
        Ok(Place { shares: Arc::clone(self), id })
    }

    /// How many streams are open.
    pub(crate) fn streams(&self) -> usize {
        self.taken().all_streams
    }

    /// Counts a message of a session.
    ///
    /// Fails if it has sent as many as it may for now.
    pub(crate) fn message(&self, id: SessionId) -> Result<(), Problem> {
        let now = Instant::now();
        let Limits { burst, pause, .. } = self.limits;
        let mut taken = self.taken();
        if taken.messages.len() > taken.swept_at.max(SWEPT_FROM) {
            taken.messages.retain(|_, until| *until > now);
            taken.swept_at = taken.messages.len() * 2;
        }
        let until = taken.messages.get(&id).copied().unwrap_or(now).max(now) + pause;
        let bound = now + pause * burst.max(1);
        if until > bound {
            return Err(Problem::too_many("these are too many messages at once", until.duration_since(bound)));
        }
        taken.messages.insert(id, until);
        Ok(())
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The place of an open stream.
#[derive(Debug)]
pub(crate) struct Place {
    shares: Arc<Shares>,
    id: SessionId,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.shares.taken();
        taken.all_streams -= 1;
        if let Some(each) = taken.streams.get_mut(&self.id) {
            *each -= 1;
            if *each == 0 {
                taken.streams.remove(&self.id);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_burst_is_taken_and_then_one_message_each_pause() {
        let shares = Shares::new(Limits::default().burst(3).pause(Duration::from_secs(1)));
        let (flood, other) = (SessionId::random(), SessionId::random());
        let taken = |id, of: u32| (0..of).filter(|_| shares.message(id).is_ok()).count();
        assert_eq!((taken(flood, 100), taken(other, 1)), (3, 1));
        advance(Duration::from_secs(1)).await;
        assert_eq!(taken(flood, 100), 1);
        advance(Duration::from_secs(60)).await;
        assert_eq!(taken(flood, 100), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_remembered_of_sessions_is_forgotten_again() {
        let shares = Shares::new(Limits::default());
        for _ in 0..20 {
            for _ in 0..1_000 {
                shares.message(SessionId::random()).expect("the first");
            }
            advance(Duration::from_secs(60)).await;
        }
        assert!(shares.taken().messages.len() < 5_000);
    }

    #[test]
    fn streams_are_counted_for_all_and_for_each() {
        let shares = Arc::new(Shares::new(Limits::default().streams(3).streams_each(2)));
        let (one, other) = (SessionId::random(), SessionId::random());
        let first = shares.stream(one).expect("the first");
        let _second = shares.stream(one).expect("the second");
        shares.stream(one).expect_err("the third of one");
        let _third = shares.stream(other).expect("of another");
        shares.stream(SessionId::random()).expect_err("the fourth of all");
        drop(first);
        assert_eq!(shares.streams(), 2);
        shares.stream(one).expect("there is room again");
    }
}
