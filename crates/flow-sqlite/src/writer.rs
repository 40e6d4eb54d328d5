//! The write queue, and the one thread that works it off: [`Writer`].

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, Sender, channel},
    },
    thread::{self, JoinHandle},
};

use chrono::{DateTime, Utc};
use flow_core::{Clock as _, ForwardClock, StoreError};
use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::{
    OpenError, quarantine,
    sqlite_failure::{SqliteFailure, Stopped},
    sweeping,
};

/// A write queue (group commit): one thread with the one connection that writes. Writes that wait in the queue at the same
/// time share a transaction, and its sync.
pub(crate) struct Writer {
    queue: Option<Sender<Box<dyn QueuedWrite>>>,
    thread: Option<JoinHandle<()>>,
    transactions: Arc<AtomicU64>,
}

/// How many writes share a transaction at most, so that the first of them does not wait long for the last.
const LARGEST_GROUP: usize = 256;

/// How many expired rows are swept for each write of a transaction. More than it can add, so that they get fewer.
const SWEPT_BY_A_WRITE: usize = 4;

/// After so many transactions rows are swept that have expired in quarantine, since there are few.
const TRANSACTIONS_A_QUARANTINE_SWEEP: u64 = 64;

/// How many of them are swept at once.
const SWEPT_OF_QUARANTINE: usize = 256;

impl Writer {
    pub(crate) fn start(connection: Connection, clock: Arc<ForwardClock>) -> Result<Self, OpenError> {
        let (queue, waiting) = channel();
        let transactions = Arc::<AtomicU64>::default();
        let write_thread = WriteThread { connection, clock, transactions: Arc::clone(&transactions) };
        let thread =
            thread::Builder::new().name("flow-sqlite-write".into()).spawn(move || write_thread.serve(&waiting));
        let thread = thread.map_err(|error| OpenError::Unreachable(Box::new(error)))?;
        Ok(Self { queue: Some(queue), thread: Some(thread), transactions })
    }

    /// How many transactions were committed.
    pub(crate) fn transactions(&self) -> u64 {
        self.transactions.load(Ordering::Relaxed)
    }

    /// What `change` gives, once its transaction is committed. It is told what time it is, and may run more than once.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        change: impl Fn(&Connection, DateTime<Utc>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        let write = Box::new(Change { run: change, result: None, reply });
        match &self.queue {
            Some(queue) if queue.send(write).is_ok() => {}
            _ => return Err(StoreError::Unavailable(Box::new(Stopped))),
        }
        answer.await.unwrap_or_else(|_| Err(StoreError::Unknown(Box::new(Stopped))))
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// A write in the queue, whatever the type of its answer.
trait QueuedWrite: Send {
    fn is_awaited(&self) -> bool;
    fn run(&mut self, connection: &Connection, now: DateTime<Utc>) -> Result<(), StoreError>;
    fn answer(self: Box<Self>, end: Result<(), StoreError>);
}

struct Change<T, C> {
    run: C,
    result: Option<T>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T: Send, C: Fn(&Connection, DateTime<Utc>) -> Result<T, StoreError> + Send> QueuedWrite for Change<T, C> {
    fn is_awaited(&self) -> bool {
        !self.reply.is_closed()
    }

    fn run(&mut self, connection: &Connection, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.result = Some((self.run)(connection, now)?);
        Ok(())
    }

    fn answer(self: Box<Self>, end: Result<(), StoreError>) {
        let result = self.result.ok_or_else(|| StoreError::Unavailable(Box::new(Stopped)));
        let _ = self.reply.send(end.and(result));
    }
}

/// The thread's end of the queue.
struct WriteThread {
    connection: Connection,
    clock: Arc<ForwardClock>,
    transactions: Arc<AtomicU64>,
}

/// How far a transaction came that failed.
enum Aborted {
    /// It did not begin.
    Beginning(SqliteFailure),
    /// A write or the sweep failed.
    Underway(StoreError),
    /// It did not end.
    End(SqliteFailure),
}

impl WriteThread {
    fn serve(self, waiting: &Receiver<Box<dyn QueuedWrite>>) {
        while let Ok(first) = waiting.recv() {
            let mut group = vec![first];
            group.extend(waiting.try_iter().take(LARGEST_GROUP - 1));
            group.retain(|write| write.is_awaited());
            if !group.is_empty() {
                self.write(group);
            }
        }
    }

    fn write(&self, mut group: Vec<Box<dyn QueuedWrite>>) {
        match self.transact(&mut group) {
            Ok(()) => answer(group, || Ok(())),
            Err(Aborted::Beginning(failure)) => answer(group, || Err(failure.unwritten())),
            Err(Aborted::End(failure)) => answer(group, || Err(failure.at_the_end())),
            // A write must not fail because of another one: each is tried in a transaction of its own.
            Err(Aborted::Underway(_)) if group.len() > 1 => {
                for write in group {
                    self.write(vec![write]);
                }
            }
            Err(Aborted::Underway(error)) => {
                if let Some(write) = group.pop() {
                    write.answer(Err(error));
                }
            }
        }
    }

    fn transact(&self, group: &mut [Box<dyn QueuedWrite>]) -> Result<(), Aborted> {
        self.execute("BEGIN IMMEDIATE").map_err(Aborted::Beginning)?;
        let done = self.run(group).map_err(Aborted::Underway);
        let done = done.and_then(|()| self.execute("COMMIT").map_err(Aborted::End));
        if done.is_ok() {
            self.transactions.fetch_add(1, Ordering::Relaxed);
        } else if !self.connection.is_autocommit() {
            // SQLite may have done so already. If this fails, the next transaction cannot begin, and says why.
            let _ = self.execute("ROLLBACK");
        }
        done
    }

    fn run(&self, group: &mut [Box<dyn QueuedWrite>]) -> Result<(), StoreError> {
        // Asked inside the transaction: no write of another process comes between.
        let now = self.clock.now();
        for write in group.iter_mut() {
            write.run(&self.connection, now)?;
        }
        sweeping::sweep(&self.connection, group.len() * SWEPT_BY_A_WRITE, now)?;
        if self.transactions.load(Ordering::Relaxed).is_multiple_of(TRANSACTIONS_A_QUARANTINE_SWEEP) {
            quarantine::sweep(&self.connection, SWEPT_OF_QUARANTINE, now)?;
        }
        Ok(())
    }

    fn execute(&self, sql: &str) -> Result<(), SqliteFailure> {
        let done = self.connection.prepare_cached(sql).and_then(|mut statement| statement.execute([]));
        done.map(drop).map_err(SqliteFailure::from)
    }
}

fn answer(group: Vec<Box<dyn QueuedWrite>>, end: impl Fn() -> Result<(), StoreError>) {
    for write in group {
        write.answer(end());
    }
}
