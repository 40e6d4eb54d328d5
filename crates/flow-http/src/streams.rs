//! How much each client takes of what all share: its connections, its streams, and its messages. [`Shares`].

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use flow_core::SessionId;
use tokio::time::Instant;

use crate::{
    Limits,
    limits::{LONGEST, Limit},
    meter::Meter,
    problem::Problem,
    proxies::Client,
    tally::Tally,
};

/// How many sessions are remembered for their messages before those that have rested long enough are forgotten.
const SWEPT_FROM: usize = 1024;

/// What the clients of a site take of it.
pub(crate) struct Shares {
    limits: Limits,
    taken: Mutex<Taken>,
    /// Messages, and conversations that were opened, by address.
    messages: Meter,
    questions: Meter,
    openings: Meter,
}

#[derive(Debug, Default)]
struct Taken {
    /// Open streams.
    streams: Tally<SessionId>,
    address_streams: Tally<Client>,
    all_streams: usize,
    connections: Tally<Client>,
    /// Until when the messages that a session has sent count: each counts for a pause.
    messages: HashMap<SessionId, Instant>,
    swept_at: usize,
}

impl Shares {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
            taken: Mutex::default(),
            messages: Meter::new(),
            questions: Meter::new(),
            openings: Meter::new(),
        }
    }

    /// Takes a place for a stream, until it is dropped.
    pub(crate) fn stream(self: &Arc<Self>, id: SessionId, client: Option<Client>) -> Result<Place, Problem> {
        let refused = |limit, message| Err(Problem::too_many(limit, message, Duration::from_secs(10)));
        let mut taken = self.taken();
        if taken.all_streams >= self.limits.streams {
            return refused(Limit::Streams, "as many listen as may");
        }
        if !taken.streams.has_less_than(self.limits.streams_each, &id) {
            return refused(Limit::StreamsEach, "this conversation is listened to as often as may be");
        }
        if let Some(client) = client {
            if !taken.address_streams.has_less_than(self.limits.address_streams, &client) {
                return refused(Limit::AddressStreams, "as many listen from this address as may");
            }
            taken.address_streams.take(client);
        }
        taken.streams.take(id);
        taken.all_streams += 1;
        Ok(Place { shares: Arc::clone(self), of: Kind::Stream { id, client } })
    }

    /// Takes a place for a connection, until it is dropped; none if there are as many of this client as may be.
    pub(crate) fn connection(self: &Arc<Self>, client: Client) -> Option<Place> {
        let mut taken = self.taken();
        taken.connections.has_less_than(self.limits.address_connections, &client).then(|| {
            taken.connections.take(client);
            Place { shares: Arc::clone(self), of: Kind::Connection(client) }
        })
    }

    /// How many streams are open.
    pub(crate) fn streams(&self) -> usize {
        self.taken().all_streams
    }

    /// Counts a conversation that a client opens: that is free, and so no bound by conversation is one without this.
    pub(crate) fn opening(&self, client: Option<Client>) -> Result<(), Problem> {
        let Limits { openings, opening_pause, .. } = self.limits;
        let Some(client) = client else { return Ok(()) };
        let message = "these are too many conversations from one address";
        let taken = self.openings.take(client, openings, opening_pause);
        taken.map_err(|again_after| Problem::too_many(Limit::AddressOpenings, message, again_after))
    }

    /// Counts a message of a client, for whichever session.
    pub(crate) fn message_from(&self, client: Option<Client>) -> Result<(), Problem> {
        let Limits { address_burst, address_pause, .. } = self.limits;
        let Some(client) = client else { return Ok(()) };
        let message = "these are too many messages from one address";
        let taken = self.messages.take(client, address_burst, address_pause);
        taken.map_err(|again_after| Problem::too_many(Limit::AddressMessages, message, again_after))
    }

    /// Counts a question of a client, for which the store is asked: to come back to a stream is one, and so there may be four times as
    /// many as messages.
    pub(crate) fn question_from(&self, client: Option<Client>) -> Result<(), Problem> {
        let Limits { address_burst, address_pause, .. } = self.limits;
        let Some(client) = client else { return Ok(()) };
        let message = "these are too many questions from one address";
        let taken = self.questions.take(client, address_burst.saturating_mul(4), address_pause / 4);
        taken.map_err(|again_after| Problem::too_many(Limit::AddressQuestions, message, again_after))
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
        let burst = burst.max(1);
        let pause = pause.min(LONGEST / burst);
        let until = taken.messages.get(&id).copied().unwrap_or(now).max(now) + pause;
        let bound = now + pause * burst;
        if until > bound {
            let again_after = until.duration_since(bound);
            return Err(Problem::too_many(Limit::Session, "these are too many messages at once", again_after));
        }
        taken.messages.insert(id, until);
        Ok(())
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The place of an open stream, or of a connection.
pub(crate) struct Place {
    shares: Arc<Shares>,
    of: Kind,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Stream { id: SessionId, client: Option<Client> },
    Connection(Client),
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Place").field("of", &self.of).finish_non_exhaustive()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.shares.taken();
        match self.of {
            Kind::Stream { id, client } => {
                taken.all_streams -= 1;
                taken.streams.give_back(&id);
                if let Some(client) = client {
                    taken.address_streams.give_back(&client);
                }
            }
            Kind::Connection(client) => taken.connections.give_back(&client),
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
        let first = shares.stream(one, None).expect("the first");
        let _second = shares.stream(one, None).expect("the second");
        shares.stream(one, None).expect_err("the third of one");
        let _third = shares.stream(other, None).expect("of another");
        shares.stream(SessionId::random(), None).expect_err("the fourth of all");
        drop(first);
        assert_eq!(shares.streams(), 2);
        shares.stream(one, None).expect("there is room again");
    }
}
