//! The threads that read: [`Readers`].

use std::{
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, Sender, channel},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use flow_core::StoreError;
use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::{OpenError, file, sqlite_failure::Stopped};

/// A pool of a few threads with a connection each, which read beside the writer and never wait for it.
pub(crate) struct Readers {
    queries: Option<Sender<Query>>,
    threads: Vec<JoinHandle<()>>,
}

type Query = Box<dyn FnOnce(&Connection) + Send>;

/// Reads come out of the page cache; more threads would only wait for each other's processors.
const THREADS: usize = 4;

impl Readers {
    pub(crate) fn start(path: &Path, deadline: Duration) -> Result<Self, OpenError> {
        let (queries, waiting) = channel();
        let waiting = Arc::new(Mutex::new(waiting));
        let mut readers = Self { queries: Some(queries), threads: Vec::new() };
        for _ in 0..THREADS {
            let (connection, waiting) = (file::open_to_read(path, deadline)?, Arc::clone(&waiting));
            let thread = thread::Builder::new().name("flow-sqlite-read".into());
            let thread = thread.spawn(move || serve(&connection, &waiting));
            readers.threads.push(thread.map_err(|error| OpenError::Unreachable(Box::new(error)))?);
        }
        Ok(readers)
    }

    /// The answer to `query`.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        let query: Query = Box::new(move |connection| {
            // A caller that no longer waits needs no answer.
            if !reply.is_closed() {
                let _ = reply.send(query(connection));
            }
        });
        let sent = self.queries.as_ref().is_some_and(|queries| queries.send(query).is_ok());
        match answer.await {
            Ok(answer) if sent => answer,
            _ => Err(StoreError::Unavailable(Box::new(Stopped))),
        }
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        self.queries = None;
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

fn serve(connection: &Connection, waiting: &Mutex<Receiver<Query>>) {
    loop {
        let query = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        match query {
            Ok(query) => query(connection),
            Err(_) => return,
        }
    }
}
