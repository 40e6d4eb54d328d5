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

use super::{Dialler, Node, Wire, wire::masters};
use crate::{failure::Failure, request::Request};

/// One connection, made when it is first needed, and made anew when it is of no use any more.
pub(crate) struct Link {
    dialler: Dialler,
    deadline: Duration,
    live: Mutex<Option<Live>>,
    /// Held by whoever dials, so that one does.
    dialling: tokio::sync::Mutex<()>,
}

/// A connection in use.
#[derive(Clone)]
struct Live {
    wire: Wire,
    /// How many answers in a row have not come.
    missed: Arc<AtomicU32>,
}

/// So many answers that do not come in a row end a connection: the client would wait on it for ever.
const MOST_MISSED: u32 = 3;

/// So long must an answer not have come before it counts: who is dropped at once has not waited for one.
const A_MOMENT: Duration = Duration::from_millis(50);

impl Link {
    pub(crate) fn new(dialler: Dialler, deadline: Duration) -> Self {
        Self { dialler, deadline, live: Mutex::default(), dialling: tokio::sync::Mutex::default() }
    }

    /// Makes the connection if there is none.
    pub(crate) async fn connect(&self) -> Result<(), Failure> {
        self.live().await.map(drop)
    }

    /// The answer to `request`, by the deadline. A connection that turns out to be broken is made anew once.
    ///
    /// Fails with what leaves the most doubt: a request that may have been carried out is not told as one that was not.
    pub(crate) async fn ask(&self, request: &Request) -> Result<Value, Failure> {
        let until = Instant::now() + self.deadline;
        match self.try_once(request, until).await {
            Err(broken @ Failure::Broken(_)) if request.is_repeatable() => {
                self.try_once(request, until).await.map_err(|failure| {
                    if request.changes_something() && !failure.leaves_doubt() { broken } else { failure }
                })
            }
            answer => answer,
        }
    }

    /// The masters of a cluster; none of one server.
    pub(crate) async fn masters(&self) -> Result<Vec<Node>, Failure> {
        if !self.dialler.dials_a_cluster() {
            return Ok(Vec::new());
        }
        let slots = self.ask(&Request::command(&["CLUSTER", "SLOTS"])).await?;
        masters(&slots).ok_or(Failure::Strange)
    }

    async fn try_once(&self, request: &Request, until: Instant) -> Result<Value, Failure> {
        let no_connection = |_| Failure::NoConnection(self.deadline);
        let live = timeout_at(until, self.live()).await.map_err(no_connection)??;
        let waiting = Waiting { link: self, live: &live, since: Instant::now() };
        let answer = timeout_at(until, request.send(&mut live.wire.clone())).await;
        let answer = answer.map_err(|_| Failure::NoAnswer(self.deadline))?;
        waiting.heard();
        answer.map_err(Failure::from).inspect_err(|failure| {
            if failure.ends_the_connection() {
                self.hang_up(&live);
            }
        })
    }

    async fn live(&self) -> Result<Live, Failure> {
        if let Some(live) = self.current().clone() {
            return Ok(live);
        }
        let _dialling = self.dialling.lock().await;
        // Another may have dialled meanwhile.
        if let Some(live) = self.current().clone() {
            return Ok(live);
        }
        let live = Live { wire: self.dialler.dial().await?, missed: Arc::default() };
        Ok(self.current().insert(live).clone())
    }

    /// Has the next call dial, if nobody has hung up on this connection before.
    fn hang_up(&self, live: &Live) {
        let mut current = self.current();
        if current.as_ref().is_some_and(|current| Arc::ptr_eq(&current.missed, &live.missed)) {
            *current = None;
        }
    }

    fn current(&self) -> MutexGuard<'_, Option<Live>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Somebody waits for an answer. Counted as missed if it is dropped, by its own deadline or by that of a caller.
struct Waiting<'l> {
    link: &'l Link,
    live: &'l Live,
    since: Instant,
}

impl Waiting<'_> {
    fn heard(self) {
        self.live.missed.store(0, Ordering::Relaxed);
        std::mem::forget(self);
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if self.since.elapsed() >= A_MOMENT && self.live.missed.fetch_add(1, Ordering::Relaxed) + 1 >= MOST_MISSED {
            self.link.hang_up(self.live);
        }
    }
}
