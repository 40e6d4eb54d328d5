//! A record that is no session: what the processes of a flow share besides.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use tracing::debug_span;

use super::Keeper;
use crate::{
    Flow, Record, SessionId, Stamp,
    engine::observer::Verb,
    store::{Commit, Expect, Store, StoreError, Verdict},
};

/// Something that the processes of a flow share, changed by a compare-and-set. It lies in the store as a record of a flow of its own.
pub(in crate::engine) trait Beside: Serialize + DeserializeOwned {
    /// What the name of its flow ends with.
    const KIND: &'static str;
    /// What a list of sessions shows as its state.
    const STATE: &'static str;
    /// How long the record outlives its last change.
    const LIFE: Duration;

    /// As the store keeps it, for a flow.
    fn record(&self, flow: &str, stamp: Stamp) -> Record {
        let named = Named { flow: name::<Self>(flow), flow_version: 1, shared: self };
        Record::compose(stamp, &serde_json::to_vec(&named).unwrap_or_default())
    }

    /// What a record says; none if it says something else.
    fn read(record: &Record) -> Option<Self> {
        let named: Named<Self> = serde_json::from_slice(&record.body()).ok()?;
        Some(named.shared)
    }
}

/// By its name and version a record is told from the flow's sessions, by every release.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Named<S> {
    flow: String,
    flow_version: u32,
    #[serde(flatten)]
    shared: S,
}

fn name<B: Beside>(flow: &str) -> String {
    format!("{flow}/{}", B::KIND)
}

/// What was read of it.
pub(in crate::engine) struct Found<B> {
    pub(in crate::engine) shared: Option<B>,
    /// What time it is.
    pub(in crate::engine) now: DateTime<Utc>,
    id: SessionId,
    record: Option<Record>,
}

impl<F: Flow> Keeper<F> {
    /// What lies under this id.
    pub(in crate::engine) async fn read_beside<B: Beside>(&self, id: SessionId) -> Result<Found<B>, StoreError> {
        let told = self.load_with(id, 0).await?;
        let shared = told.record.as_ref().and_then(B::read);
        Ok(Found { shared, now: self.time.now(told.heard), id, record: told.record })
    }

    /// Writes over what was found, and tells whether that was still what is stored.
    pub(in crate::engine) async fn write_beside<B: Beside>(
        &self,
        found: &Found<B>,
        shared: &B,
    ) -> Result<bool, StoreError> {
        let (expect, stamp) = match &found.record {
            Some(record) => (Expect::At(record.prefix()), record.stamp().next()),
            None => (Expect::Absent, Stamp::first()),
        };
        let flow = F::GRAPH.name;
        let commit = Commit::new(found.id, expect, shared.record(flow, stamp), name::<B>(flow), B::STATE);
        let commit = self.store.commit(commit.time_to_live(B::LIFE));
        let verdict = self.call(Verb::Commit, Some(found.id), commit, debug_span!("commit")).await?;
        Ok(matches!(verdict, Verdict::Done { .. }))
    }
}
