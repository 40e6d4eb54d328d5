//! What a store's [`Quarantine`](flow_core::store::Quarantine) must do, if it has one: one function a behaviour, each with a fresh, empty store.
//!
//! [`quarantine_conformance!`](crate::quarantine_conformance) makes a test of each. [`all`] gives them as a list, for a
//! harness of another kind.
//!
//! A store does not judge what is damaged, so the suite moves records that are sound.

mod behaviour;
mod keeping;
mod moving;

pub use behaviour::all;
pub use keeping::*;
pub use moving::*;

use std::time::Duration;

use flow_core::{
    Record, SessionId,
    store::{Quarantined, Raw},
};
use uuid::Uuid;

use super::{
    Subject,
    promise::{broken, kept, succeeded},
};

impl Subject {
    /// What is stored of a session, as it lies there.
    async fn raw(&self, id: SessionId) -> Option<Raw> {
        let store = self.store();
        let Some(quarantine) = store.quarantine() else { no_quarantine() };
        succeeded("what is stored of a session was shown", quarantine.raw(id).await)
    }

    /// What is stored of a session of which something is.
    async fn stored_raw(&self, id: SessionId) -> Raw {
        let raw = self.raw(id).await;
        raw.unwrap_or_else(|| broken("a session was created, and shown", RAW, "Some(…)", &None::<Raw>))
    }

    async fn put(&self, id: SessionId, raw: &Raw, entry: Uuid, keep: Duration) -> bool {
        let store = self.store();
        let Some(quarantine) = store.quarantine() else { no_quarantine() };
        succeeded("a session was put in quarantine", quarantine.put(id, raw, entry, keep).await)
    }

    /// Puts what is stored of a session in quarantine.
    async fn moves(&self, id: SessionId, keep: Duration) {
        let raw = self.stored_raw(id).await;
        let moved = self.put(id, &raw, Uuid::new_v4(), keep).await;
        kept("what was just shown of a session was put in quarantine", PUT, &moved, &true);
    }

    async fn quarantined(&self, id: SessionId) -> Vec<Quarantined> {
        let store = self.store();
        let Some(quarantine) = store.quarantine() else { no_quarantine() };
        succeeded("what is in quarantine of a session was listed", quarantine.list(id).await)
    }

    /// These are in quarantine of a session, after what was done.
    async fn lists(&self, id: SessionId, records: &[&Record], done: &str) {
        let listed = self.quarantined(id).await;
        let is_listed = |(listed, record): (&Quarantined, &&Record)| listed.bytes == record.bytes();
        if listed.len() != records.len() || !listed.iter().zip(records).all(is_listed) {
            let sizes: Vec<_> = records.iter().map(|record| record.bytes().len()).collect();
            let expected = format!("records of {sizes:?} bytes, as they were stored");
            broken(&format!("{done}; then what is in quarantine was listed"), LIST, &expected, &listed);
        }
    }

    async fn forgets(&self, id: SessionId, was_there: bool, done: &str) {
        let store = self.store();
        let Some(quarantine) = store.quarantine() else { no_quarantine() };
        let forgot = succeeded("what is in quarantine of a session was forgotten", quarantine.forget(id).await);
        kept(&format!("{done}; then what is in quarantine was forgotten"), FORGET, &forgot, &was_there);
    }
}

/// Fails, because the store has not got the power that is to be shown.
fn no_quarantine() -> ! {
    broken("a store was asked for its quarantine", "a store of this suite has one", "Some(…)", &None::<()>)
}

const RAW: &str =
    "`raw` shows what is stored of a session byte for byte, and none where nothing is, or its time to live is over";

const PUT: &str = "`put` moves what is stored if it still is what was judged, in one step with its wake time, and tells whether it \
    did; to the same entry again it tells the same, and moves nothing";

const LIST: &str = "`list` gives what is in quarantine of a session byte for byte, the oldest first, each for as long as was said when it \
    was put there";

const FORGET: &str =
    "`forget` forgets what is in quarantine of a session, and nothing else, and tells whether there was anything";
