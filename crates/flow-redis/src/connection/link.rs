//! The connection that all calls share: [`Link`].

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use redis::Value;
use tokio::time::{Instant, timeout_at};

use super::{Dialler, Node, Subscription, Wire, wire::masters};
use crate::{redis_failure::RedisFailure, server_call::ServerCall};

/// One connection, made when it is first needed, and made anew when it is of no use any more. Clones share it.
#[derive(Clone)]
pub(crate) struct Link {
    dialler: Arc<Dialler>,
    deadline: Duration,
    live: Arc<Mutex<Option<Live>>>,
    /// Held while a connection is made, so that only one is.
    dialling: Arc<tokio::sync::Mutex<()>>,
}

/// A connection in use.
#[derive(Clone)]
struct Live {
    wire: Wire,
    /// How many answers in a row are missing.
    missed: Arc<AtomicU32>,
}

/// After so many missing answers in a row a connection is given up: the client would wait on it for ever.
const MOST_MISSED: u32 = 3;

/// How long an answer must have been waited for before it counts as missing: a call may be dropped at once.
const A_MOMENT: Duration = Duration::from_millis(50);

impl Link {
    pub(crate) fn new(dialler: Dialler, deadline: Duration) -> Self {
        Self { dialler: Arc::new(dialler), deadline, live: Arc::default(), dialling: Arc::default() }
    }

    /// Makes the connection if there is none.
    pub(crate) async fn connect(&self) -> Result<(), RedisFailure> {
        self.live().await.map(drop)
    }

    /// The answer to `call`, by the deadline. A connection that turns out to be broken is made anew once.
    ///
    /// Fails with what leaves the most doubt: a call that may have been carried out is not told as one that was not.
    pub(crate) async fn ask(&self, call: &ServerCall) -> Result<Value, RedisFailure> {
        let until = Instant::now() + self.deadline;
        match self.try_once(call, until).await {
            Err(broken @ RedisFailure::Broken(_)) if call.is_repeatable() => {
                self.try_once(call, until).await.map_err(|failure| {
                    if call.changes_something() && !failure.leaves_doubt() { broken } else { failure }
                })
            }
            answer => answer,
        }
    }

    /// A connection of its own, on which nothing but these channels is heard. Of a cluster any node will do: what is told on one of
    /// them is told on all.
    pub(crate) async fn subscribe(&self, channels: &[String]) -> Result<Subscription, RedisFailure> {
        let masters = self.masters().await?;
        self.dialler.subscribe(&masters, channels).await
    }

    /// How long a connection may take to be made.
    pub(crate) fn connect_deadline(&self) -> Duration {
        self.dialler.deadline()
    }

    /// Whether it leads to several servers, which share what is stored.
    pub(crate) fn is_to_a_cluster(&self) -> bool {
        self.dialler.dials_a_cluster()
    }

    /// The masters of a cluster; none of one server.
    pub(crate) async fn masters(&self) -> Result<Vec<Node>, RedisFailure> {
        if !self.is_to_a_cluster() {
            return Ok(Vec::new());
        }
        let slots = self.ask(&ServerCall::command(&["CLUSTER", "SLOTS"])).await?;
        masters(&slots).ok_or(RedisFailure::Unexpected)
    }

    async fn try_once(&self, call: &ServerCall, until: Instant) -> Result<Value, RedisFailure> {
        let no_connection = |_| RedisFailure::NoConnection(self.deadline);
        let live = timeout_at(until, self.live()).await.map_err(no_connection)??;
        let waiting = AwaitedAnswer { link: self, live: &live, since: Instant::now() };
        let answer = timeout_at(until, call.send(&mut live.wire.clone())).await;
        let answer = answer.map_err(|_| RedisFailure::NoAnswer(self.deadline))?;
        waiting.heard();
        answer.map_err(RedisFailure::from).inspect_err(|failure| {
            if failure.ends_the_connection() {
                self.hang_up(&live);
            }
        })
    }

    async fn live(&self) -> Result<Live, RedisFailure> {
        if let Some(live) = self.current().clone() {
            return Ok(live);
        }
        let dialling = Arc::clone(&self.dialling).lock_owned().await;
        // Another may have dialled meanwhile.
        if let Some(live) = self.current().clone() {
            return Ok(live);
        }
        let (dialler, current) = (Arc::clone(&self.dialler), Arc::clone(&self.live));
        // In a task of its own: on a busy machine a connection takes longer than a call may, and if each call that gives up
        // took its dialling with it, there would never be one.
        let made = tokio::spawn(async move {
            let _dialling = dialling;
            let live = Live { wire: dialler.dial().await?, missed: Arc::default() };
            Ok(lock(&current).insert(live).clone())
        });
        // It ends without an answer only with the runtime.
        made.await.unwrap_or(Err(RedisFailure::NoConnection(self.deadline)))
    }

    /// Gives this connection up, unless another call has done so before: the next call then makes a new one.
    fn hang_up(&self, live: &Live) {
        let mut current = self.current();
        if current.as_ref().is_some_and(|current| Arc::ptr_eq(&current.missed, &live.missed)) {
            *current = None;
        }
    }

    fn current(&self) -> MutexGuard<'_, Option<Live>> {
        lock(&self.live)
    }
}

fn lock(live: &Mutex<Option<Live>>) -> MutexGuard<'_, Option<Live>> {
    live.lock().unwrap_or_else(PoisonError::into_inner)
}

/// An answer that a call waits for. It counts as missed if the wait is dropped, by its own deadline or by that of a caller.
struct AwaitedAnswer<'l> {
    link: &'l Link,
    live: &'l Live,
    since: Instant,
}

impl AwaitedAnswer<'_> {
    fn heard(self) {
        self.live.missed.store(0, Ordering::Relaxed);
        std::mem::forget(self);
    }
}

impl Drop for AwaitedAnswer<'_> {
    fn drop(&mut self) {
        if self.since.elapsed() >= A_MOMENT && self.live.missed.fetch_add(1, Ordering::Relaxed) + 1 >= MOST_MISSED {
            self.link.hang_up(self.live);
        }
    }
}
