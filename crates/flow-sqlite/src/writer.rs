//! The thread that writes: [`Writer`].

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, Sender, channel},
    },
    thread::{self, JoinHandle},
};

use flow_core::StoreError;
use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::{
    OpenError,
    failure::{Failure, Stopped},
    sessions,
};

/// One thread with the one connection that writes. Whoever waits at the same time shares a transaction, and its sync.
pub(crate) struct Writer {
    requests: Option<Sender<Box<dyn Request>>>,
    thread: Option<JoinHandle<()>>,
    transactions: Arc<AtomicU64>,
}

/// No transaction carries more, so that nobody waits long for those who came after.
const LARGEST_GROUP: usize = 256;

/// How many expired rows are swept for each request of a transaction. More than it can add, so that they get fewer.
const SWEPT_BY_A_REQUEST: usize = 4;

impl Writer {
    pub(crate) fn start(connection: Connection) -> Result<Self, OpenError> {
        let (requests, waiting) = channel();
        let transactions = Arc::<AtomicU64>::default();
        let desk = Desk { connection, transactions: Arc::clone(&transactions) };
        let thread = thread::Builder::new().name("flow-sqlite-write".into()).spawn(move || desk.serve(&waiting));
        let thread = thread.map_err(|error| OpenError::Unreachable(Box::new(error)))?;
        Ok(Self { requests: Some(requests), thread: Some(thread), transactions })
    }

    /// How many transactions were committed.
    pub(crate) fn transactions(&self) -> u64 {
        self.transactions.load(Ordering::Relaxed)
    }

    /// What `change` gives, once its transaction is committed. It may run more than once.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        now: i64,
        change: impl Fn(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        let request = Box::new(Change { now, run: change, result: None, reply });
        match &self.requests {
            Some(requests) if requests.send(request).is_ok() => {}
            _ => return Err(StoreError::Unavailable(Box::new(Stopped))),
        }
        answer.await.unwrap_or_else(|_| Err(StoreError::Unknown(Box::new(Stopped))))
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.requests = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Somebody's write, whatever its answer is.
trait Request: Send {
    fn now(&self) -> i64;
    fn is_awaited(&self) -> bool;
    fn run(&mut self, connection: &Connection) -> Result<(), StoreError>;
    fn answer(self: Box<Self>, end: Result<(), StoreError>);
}

struct Change<T, C> {
    now: i64,
    run: C,
    result: Option<T>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T: Send, C: Fn(&Connection) -> Result<T, StoreError> + Send> Request for Change<T, C> {
    fn now(&self) -> i64 {
        self.now
    }

    fn is_awaited(&self) -> bool {
        !self.reply.is_closed()
    }

    fn run(&mut self, connection: &Connection) -> Result<(), StoreError> {
        self.result = Some((self.run)(connection)?);
        Ok(())
    }

    fn answer(self: Box<Self>, end: Result<(), StoreError>) {
        let result = self.result.ok_or_else(|| StoreError::Unavailable(Box::new(Stopped)));
        let _ = self.reply.send(end.and(result));
    }
}

/// What the thread works with.
struct Desk {
    connection: Connection,
    transactions: Arc<AtomicU64>,
}

/// How far a transaction came that failed.
enum Broken {
    /// It did not begin.
    Beginning(Failure),
    /// A request or the sweep failed.
    Underway(StoreError),
    /// It did not end.
    End(Failure),
}

impl Desk {
    fn serve(self, waiting: &Receiver<Box<dyn Request>>) {
        while let Ok(first) = waiting.recv() {
            let mut group = vec![first];
            group.extend(waiting.try_iter().take(LARGEST_GROUP - 1));
            group.retain(|request| request.is_awaited());
            if !group.is_empty() {
                self.write(group);
            }
        }
    }

    fn write(&self, mut group: Vec<Box<dyn Request>>) {
        match self.transact(&mut group) {
            Ok(()) => answer(group, || Ok(())),
            Err(Broken::Beginning(failure)) => answer(group, || Err(failure.unwritten())),
            Err(Broken::End(failure)) => answer(group, || Err(failure.at_the_end())),
            // Nobody fails for what another asked.
            Err(Broken::Underway(_)) if group.len() > 1 => {
                for request in group {
                    self.write(vec![request]);
                }
            }
            Err(Broken::Underway(error)) => {
                if let Some(request) = group.pop() {
                    request.answer(Err(error));
                }
            }
        }
    }

    fn transact(&self, group: &mut [Box<dyn Request>]) -> Result<(), Broken> {
        self.execute("BEGIN IMMEDIATE").map_err(Broken::Beginning)?;
        let done = self.run(group).map_err(Broken::Underway);
        let done = done.and_then(|()| self.execute("COMMIT").map_err(Broken::End));
        if done.is_ok() {
            self.transactions.fetch_add(1, Ordering::Relaxed);
        } else if !self.connection.is_autocommit() {
            // SQLite may have done so already. If this fails, the next transaction cannot begin, and says why.
            let _ = self.execute("ROLLBACK");
        }
        done
    }

    fn run(&self, group: &mut [Box<dyn Request>]) -> Result<(), StoreError> {
        for request in group.iter_mut() {
            request.run(&self.connection)?;
        }
        let now = group.iter().map(|request| request.now()).min().unwrap_or(i64::MIN);
        sessions::sweep(&self.connection, group.len() * SWEPT_BY_A_REQUEST, now)?;
        Ok(())
    }

    fn execute(&self, sql: &str) -> Result<(), Failure> {
        let done = self.connection.prepare_cached(sql).and_then(|mut statement| statement.execute([]));
        done.map(drop).map_err(Failure::from)
    }
}

fn answer(group: Vec<Box<dyn Request>>, end: impl Fn() -> Result<(), StoreError>) {
    for request in group {
        request.answer(end());
    }
}
