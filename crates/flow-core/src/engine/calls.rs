//! Calls to the store, each in a span of its own.

use tracing::{Instrument, debug_span};

use super::Inner;
use crate::{
    Flow, Record, SessionId,
    store::{Commit, Outcome, Store, StoreError},
};

impl<F: Flow> Inner<F> {
    pub(super) async fn load(&self, id: SessionId) -> Result<Option<Record>, StoreError> {
        self.store.load(id).instrument(debug_span!("load")).await
    }

    pub(super) async fn remove(&self, id: SessionId) -> Result<bool, StoreError> {
        self.store.remove(id).instrument(debug_span!("remove")).await
    }

    pub(super) async fn commit(&self, commit: Commit) -> Result<Outcome, StoreError> {
        self.store.commit(commit).instrument(debug_span!("commit")).await
    }
}
