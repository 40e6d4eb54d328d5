//! A pointer to a store is a store: [`Arc`], [`Box`] and `&`, so that several can use the same one.

use std::sync::Arc;

use async_trait::async_trait;

use super::{
    Changes, Claim, Commit, Confirming, Cursor, Due, Heartbeat, Loaded, Page, Post, Posted, Quarantine, Roster, Store,
    StoreError, Verdict,
};
use crate::SessionId;

macro_rules! store_behind {
    ($($pointer:ty),*) => { $(
        #[async_trait]
        impl<S: Store + ?Sized> Store for $pointer {
            async fn load(&self, id: SessionId, letters: usize) -> Result<Loaded, StoreError> {
                (**self).load(id, letters).await
            }

            async fn commit(&self, commit: Commit) -> Result<Verdict, StoreError> {
                (**self).commit(commit).await
            }

            async fn post(&self, post: Post) -> Result<Posted, StoreError> {
                (**self).post(post).await
            }

            async fn remove(&self, id: SessionId) -> Result<bool, StoreError> {
                (**self).remove(id).await
            }

            async fn due(&self, claim: Claim) -> Result<Due, StoreError> {
                (**self).due(claim).await
            }

            async fn browse(&self, after: Option<Cursor>, limit: usize) -> Result<Page, StoreError> {
                (**self).browse(after, limit).await
            }

            fn clock_of(&self, id: SessionId) -> Option<u16> {
                (**self).clock_of(id)
            }

            fn quarantine(&self) -> Option<&dyn Quarantine> {
                (**self).quarantine()
            }

            fn heartbeat(&self) -> Option<&dyn Heartbeat> {
                (**self).heartbeat()
            }

            fn confirming(&self) -> Option<&dyn Confirming> {
                (**self).confirming()
            }

            fn roster(&self) -> Option<&dyn Roster> {
                (**self).roster()
            }

            fn changes(&self) -> Option<&dyn Changes> {
                (**self).changes()
            }
        }
    )* };
}

store_behind!(Arc<S>, Box<S>, &S);
