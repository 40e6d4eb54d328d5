//! A pointer to a store is a store: [`Arc`], [`Box`] and `&`, so that several can use the same one.

use std::{pin::Pin, sync::Arc};

use super::{
    Changes, Claim, Commit, Confirming, Cursor, Due, Heartbeat, Loaded, Page, Post, Posted, Quarantine, Roster, Store,
    StoreError, Verdict,
};
use crate::SessionId;

/// The answer to a call, as `async_trait` writes it.
type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// Hands each call on as it is, so that a pointer puts no future around another.
macro_rules! handed_on {
    ($($verb:ident($($name:ident: $what:ty),*) -> $answer:ty;)*) => { $(
        fn $verb<'life0, 'async_trait>(&'life0 self, $($name: $what),*) -> Answer<'async_trait, $answer>
        where
            'life0: 'async_trait,
            Self: 'async_trait,
        {
            (**self).$verb($($name),*)
        }
    )* };
}

macro_rules! store_behind {
    ($($pointer:ty),*) => { $(
        impl<S: Store + ?Sized> Store for $pointer {
            handed_on! {
                load(id: SessionId, letters: usize) -> Loaded;
                commit(commit: Commit) -> Verdict;
                post(post: Post) -> Posted;
                remove(id: SessionId) -> bool;
                due(claim: Claim) -> Due;
                browse(after: Option<Cursor>, limit: usize) -> Page;
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
