//! Who looks at the file on behalf of those who listen: [`Lookouts`].

use std::{
    path::{Path, PathBuf},
    sync::{
        Mutex, MutexGuard, PoisonError,
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use flow_core::{
    StoreError,
    store::{Changed, Listener, Teller},
};
use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::{
    file,
    sqlite_failure::{Stopped, unwritten},
    told,
};

/// A thread with a connection of its own for each listener, and for as long as it is there.
///
/// It looks at what was told when this process has told something, and when the file says that another has written. To ask for that takes
/// some microseconds: no page is read for it, and the lock that it takes for that moment is shared with all readers and writers.
pub(crate) struct Lookouts {
    path: PathBuf,
    deadline: Duration,
    all: Mutex<Vec<(Sender<()>, JoinHandle<()>)>>,
}

/// How often the file is asked whether another process has written.
const BETWEEN_LOOKS: Duration = Duration::from_millis(200);

impl Lookouts {
    pub(crate) fn over(path: &Path, deadline: Duration) -> Self {
        Self { path: path.to_owned(), deadline, all: Mutex::default() }
    }

    /// A listener, with a thread that looks out for it.
    pub(crate) async fn listen(&self) -> Result<Box<dyn Listener>, StoreError> {
        let (teller, listener) = Teller::new();
        let (ready, is_ready) = oneshot::channel();
        let (call, calls) = channel();
        let (path, deadline) = (self.path.clone(), self.deadline);
        let look_out = move || match Lookout::at(&path, deadline, teller) {
            Ok(lookout) => {
                // Whoever waited for it may have gone: then nobody listens.
                let _ = ready.send(Ok(()));
                lookout.look_out(&calls);
            }
            Err(error) => drop(ready.send(Err(error))),
        };
        let thread = thread::Builder::new().name("flow-sqlite-look".into()).spawn(look_out);
        let thread = thread.map_err(|error| StoreError::Unavailable(Box::new(error)))?;
        self.add(call, thread);
        is_ready.await.unwrap_or_else(|_| Err(StoreError::Unavailable(Box::new(Stopped))))?;
        Ok(listener)
    }

    /// Says that this process has told something.
    pub(crate) fn look(&self) {
        self.lock().retain(|(call, _)| call.send(()).is_ok());
    }

    fn add(&self, call: Sender<()>, thread: JoinHandle<()>) {
        let mut all = self.lock();
        all.retain(|(_, thread)| !thread.is_finished());
        all.push((call, thread));
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(Sender<()>, JoinHandle<()>)>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Lookouts {
    fn drop(&mut self) {
        let all: Vec<_> = self.lock().drain(..).map(|(_, thread)| thread).collect();
        for thread in all {
            let _ = thread.join();
        }
    }
}

/// The thread's own.
struct Lookout {
    connection: Connection,
    teller: Teller,
    /// Up to which place it was told.
    place: i64,
    /// What the file said when that was looked at.
    version: i64,
    has_failed: bool,
}

impl Lookout {
    fn at(path: &Path, deadline: Duration, teller: Teller) -> Result<Self, StoreError> {
        let connection = file::open_to_read(path, deadline);
        let connection = connection.map_err(|error| StoreError::Unavailable(Box::new(error)))?;
        let (version, place) = (version(&connection)?, told::last(&connection)?);
        Ok(Self { connection, teller, place, version, has_failed: false })
    }

    /// Looks out until the listener is gone, or the store.
    fn look_out(mut self, calls: &Receiver<()>) {
        loop {
            let looked = match calls.recv_timeout(BETWEEN_LOOKS) {
                Ok(()) => {
                    // One look is enough for all that was told by now.
                    while calls.try_recv().is_ok() {}
                    self.look()
                }
                Err(RecvTimeoutError::Timeout) => self.look_if_written(),
                Err(RecvTimeoutError::Disconnected) => return,
            };
            match looked {
                Ok(()) if self.has_failed => {
                    self.has_failed = false;
                    self.teller.tell(Changed::Perhaps);
                }
                Err(error) if !self.has_failed => {
                    self.has_failed = true;
                    self.teller.fail(error);
                }
                _ => {}
            }
            if !self.teller.is_heard() {
                return;
            }
        }
    }

    fn look_if_written(&mut self) -> Result<(), StoreError> {
        let version = version(&self.connection)?;
        if version != self.version {
            self.look()?;
            // Not before: a look that failed is to be taken again.
            self.version = version;
        }
        Ok(())
    }

    fn look(&mut self) -> Result<(), StoreError> {
        let told = told::after(&self.connection, self.place)?;
        self.place = told.up_to;
        let Some(ids) = told.ids else {
            self.teller.tell(Changed::Perhaps);
            return Ok(());
        };
        for id in ids {
            self.teller.tell(Changed::Session(id));
        }
        Ok(())
    }
}

/// A number that is another one after another connection has written.
fn version(connection: &Connection) -> Result<i64, StoreError> {
    let mut statement = connection.prepare_cached("PRAGMA data_version").map_err(unwritten)?;
    statement.query_row([], |row| row.get(0)).map_err(unwritten)
}
