//! What has changed, on its way to those who listen: [`Telling`].

use std::{
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use flow_core::{SessionId, StoreError};
use tokio::time::sleep;

use crate::database::Database;

/// Notifies the server of what was committed, in a task beside the calls, and as much at once as has come together.
///
/// A transaction that notifies holds a lock of the whole server until it is on the disk, so that commits which told of themselves
/// would wait for each other. These here write nothing, and so wait for no disk.
#[derive(Clone, Default)]
pub(crate) struct Telling(Arc<Mutex<Waiting>>);

/// What is still to be told.
#[derive(Default)]
struct Waiting {
    ids: Vec<SessionId>,
    /// Some had no room: any session may have changed.
    is_anything: bool,
    /// A task is at it.
    is_looked_after: bool,
}

/// How many wait at most, where the server does not answer.
const ROOM: usize = 4_096;

/// A payload has room for 8,000 bytes.
const IDS_OF_A_PAYLOAD: usize = 200;

/// What stands in a payload instead of a session.
pub(crate) const ANYTHING: &str = "anything";

/// How long is waited before the server is asked again, and how often it is.
const PAUSE: Duration = Duration::from_millis(100);
const MOST_TRIES: u32 = 100;

impl Telling {
    /// Has it told that this session has changed, soon.
    pub(crate) fn tell(&self, id: SessionId, database: &Arc<Database>) {
        let mut waiting = self.lock();
        if waiting.ids.len() < ROOM {
            waiting.ids.push(id);
        } else {
            waiting.is_anything = true;
        }
        if !mem::replace(&mut waiting.is_looked_after, true) {
            let looking_after = LookingAfter { telling: self.clone(), is_over: false };
            tokio::spawn(looking_after.tell_all(Arc::clone(database)));
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The task that tells. Where it is dropped with its runtime, the next change begins another.
struct LookingAfter {
    telling: Telling,
    /// There is nothing more to tell, or another task tells it.
    is_over: bool,
}

impl LookingAfter {
    async fn tell_all(mut self, database: Arc<Database>) {
        while let Some(payloads) = self.take() {
            let mut tries = 0;
            while let Err(error) = notify(&database, &payloads).await {
                tries += 1;
                if tries == MOST_TRIES {
                    tracing::debug!(error = &error as &dyn std::error::Error, "it was not told what has changed");
                    self.telling.lock().is_anything = true;
                    return;
                }
                sleep(PAUSE).await;
            }
        }
    }

    /// What waits, as the server is to pass it on; none ends the looking after.
    fn take(&mut self) -> Option<Vec<String>> {
        let mut waiting = self.telling.lock();
        let ids = mem::take(&mut waiting.ids);
        if mem::take(&mut waiting.is_anything) {
            return Some(vec![ANYTHING.to_owned()]);
        }
        if ids.is_empty() {
            // In one step: what comes from now on begins another task.
            waiting.is_looked_after = false;
            self.is_over = true;
            return None;
        }
        let payload = |ids: &[SessionId]| ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        Some(ids.chunks(IDS_OF_A_PAYLOAD).map(payload).collect())
    }
}

impl Drop for LookingAfter {
    fn drop(&mut self) {
        if !self.is_over {
            self.telling.lock().is_looked_after = false;
        }
    }
}

async fn notify(database: &Database, payloads: &[String]) -> Result<(), StoreError> {
    let sql = "SELECT pg_notify($1, payload) FROM unnest($2::text[]) AS payload";
    database.lend().await?.read(sql, &[&database.schema_name(), &payloads]).await.map(drop)
}
