//! What a user hangs onto an engine: hooks that see transitions, and hooks that deliver checkpoints, expiries, effects and
//! announcements.

use std::{error::Error as StdError, future::Future};

use super::caught::caught_call;
use crate::{Announcement, Checkpoint, Effect, Flow, SessionId, Transition, Unreadable, wiring::BoxFuture};

/// What a hook's delivery ended with.
pub(super) type Delivered = Result<(), Box<dyn StdError + Send + Sync>>;

type TransitionHook = Box<dyn Fn(SessionId, &Transition) + Send + Sync>;
type Deliverer<T> = Box<dyn Fn(T) -> BoxFuture<'static, Delivered> + Send + Sync>;

/// All hooks of an engine.
pub(super) struct Hooks<F: Flow> {
    pub(super) transition: Vec<TransitionHook>,
    pub(super) checkpoint: Vec<Deliverer<Checkpoint<F>>>,
    pub(super) expired: Vec<Deliverer<Checkpoint<F>>>,
    pub(super) effect: Vec<Deliverer<Effect<F>>>,
    pub(super) announcement: Vec<Deliverer<Announcement>>,
}

impl<F: Flow> Default for Hooks<F> {
    fn default() -> Self {
        Self {
            transition: Vec::new(),
            checkpoint: Vec::new(),
            expired: Vec::new(),
            effect: Vec::new(),
            announcement: Vec::new(),
        }
    }
}

impl<F: Flow> Hooks<F> {
    /// Whether there is a hook for checkpoints.
    pub(super) fn takes_checkpoints(&self) -> bool {
        !self.checkpoint.is_empty()
    }

    /// Whether there is a hook for expiries.
    pub(super) fn takes_expiries(&self) -> bool {
        !self.expired.is_empty()
    }

    /// Whether there is a hook for announcements.
    pub(super) fn takes_announcements(&self) -> bool {
        !self.announcement.is_empty()
    }

    /// Shows the steps to the hooks for transitions. What these do, and whether they panic, changes nothing of the turn.
    pub(super) fn observe(&self, session: SessionId, transitions: &[Transition]) {
        for transition in transitions {
            for hook in &self.transition {
                if caught_call(|| hook(session, transition)).is_err() {
                    tracing::error!(%session, "a hook for transitions panicked");
                }
            }
        }
    }
}

/// Hands what is `read` to each of them in turn, up to the first that fails.
///
/// Fails if there are none, or it cannot be read.
pub(super) async fn hand_to_each<T: Clone>(
    what: &str,
    deliverers: &[Deliverer<T>],
    read: impl FnOnce() -> Result<T, Unreadable>,
) -> Delivered {
    if deliverers.is_empty() {
        return Err(format!("there is no hook for {what}").into());
    }
    let given = read()?;
    for deliverer in deliverers {
        deliverer(given.clone()).await?;
    }
    Ok(())
}

/// A user's async function as a deliverer.
pub(super) fn deliverer<T, A, E>(hook: impl Fn(T) -> A + Send + Sync + 'static) -> Deliverer<T>
where
    T: 'static,
    A: Future<Output = Result<(), E>> + Send + 'static,
    E: Into<Box<dyn StdError + Send + Sync>>,
{
    Box::new(move |given| {
        let delivery = hook(given);
        Box::pin(async move { delivery.await.map_err(Into::into) })
    })
}
