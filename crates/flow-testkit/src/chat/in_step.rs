//! Turns that are under way at the same time, with one outcome in every run: [`in_step`].

use std::{
    future::{Future, poll_fn},
    sync::Arc,
    task::Poll,
};

use async_trait::async_trait;
use flow_core::{
    SessionId, Store, StoreError,
    store::{
        Changes, Claim, Commit, Confirming, Cursor, Due, Heartbeat, Loaded, Page, Post, Posted, Quarantine, Roster,
        Verdict,
    },
};

/// What comes of all of these, which take their steps in turn: each goes as far as it can, in this order, then each once more.
pub(super) async fn in_step<T>(futures: impl IntoIterator<Item: Future<Output = T>>) -> Vec<T> {
    let mut under_way: Vec<_> = futures.into_iter().map(|future| (Some(Box::pin(future)), None)).collect();
    poll_fn(|context| {
        for (future, outcome) in &mut under_way {
            let Some(running) = future else { continue };
            if let Poll::Ready(ready) = running.as_mut().poll(context) {
                (*future, *outcome) = (None, Some(ready));
            }
        }
        if under_way.iter().any(|(future, _)| future.is_some()) { Poll::Pending } else { Poll::Ready(()) }
    })
    .await;
    under_way.into_iter().filter_map(|(_, outcome)| outcome).collect()
}

/// A store that lets the others take a step before each of its reads and writes, as a store behind a network does.
#[derive(Clone, Debug)]
pub(super) struct InStep(pub(super) Arc<dyn Store>);

/// Lets the others take a step.
async fn others() {
    let mut is_over = false;
    poll_fn(|context| {
        if is_over {
            return Poll::Ready(());
        }
        is_over = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

#[async_trait]
impl Store for InStep {
    async fn load(&self, id: SessionId, letters: usize) -> Result<Loaded, StoreError> {
        others().await;
        self.0.load(id, letters).await
    }

    async fn commit(&self, commit: Commit) -> Result<Verdict, StoreError> {
        others().await;
        self.0.commit(commit).await
    }

    async fn post(&self, post: Post) -> Result<Posted, StoreError> {
        others().await;
        self.0.post(post).await
    }

    async fn remove(&self, id: SessionId) -> Result<bool, StoreError> {
        self.0.remove(id).await
    }

    async fn due(&self, claim: Claim) -> Result<Due, StoreError> {
        self.0.due(claim).await
    }

    async fn browse(&self, after: Option<Cursor>, limit: usize) -> Result<Page, StoreError> {
        self.0.browse(after, limit).await
    }

    fn clock_of(&self, id: SessionId) -> Option<u16> {
        self.0.clock_of(id)
    }

    fn quarantine(&self) -> Option<&dyn Quarantine> {
        self.0.quarantine()
    }

    fn confirming(&self) -> Option<&dyn Confirming> {
        self.0.confirming()
    }

    fn heartbeat(&self) -> Option<&dyn Heartbeat> {
        self.0.heartbeat()
    }

    fn roster(&self) -> Option<&dyn Roster> {
        self.0.roster()
    }

    fn changes(&self) -> Option<&dyn Changes> {
        self.0.changes()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[tokio::test]
    async fn what_is_in_step_takes_its_steps_in_turn_and_ends_in_its_order() {
        let steps = Mutex::new(Vec::new());
        let walk = async |name: &'static str, count: usize| {
            for _ in 0..count {
                steps.lock().expect("a lock").push(name);
                others().await;
            }
            name
        };
        assert_eq!(
            in_step([("long", 3), ("short", 1)].map(|(name, count)| walk(name, count))).await,
            ["long", "short"]
        );
        assert_eq!(*steps.lock().expect("a lock"), ["long", "short", "long", "long"]);
    }

    #[tokio::test]
    async fn nothing_is_over_at_once() {
        assert!(in_step(Vec::<std::future::Ready<()>>::new()).await.is_empty());
    }
}
