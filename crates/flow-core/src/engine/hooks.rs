//! What a user hangs onto an engine: observers of transitions, and the deliverers of checkpoints and effects.

use std::{error::Error as StdError, future::Future};

use super::caught::caught_call;
use crate::{
    Flow, SessionId, Transition, Unreadable,
    session::todo::{Announcement, Checkpoint, Effect},
    wiring::BoxFuture,
};

/// What a hook's delivery ended with.
pub(super) type Delivered = Result<(), Box<dyn StdError + Send + Sync>>;

type Observer = Box<dyn Fn(SessionId, &Transition) + Send + Sync>;
type Deliverer<T> = Box<dyn Fn(T) -> BoxFuture<'static, Delivered> + Send + Sync>;

/// All hooks of an engine.
pub(super) struct Hooks<F: Flow> {
    pub(super) transition: Vec<Observer>,
    pub(super) checkpoint: Vec<Deliverer<Checkpoint<F>>>,
    pub(super) expired: Vec<Deliverer<Checkpoint<F>>>,
    pub(super) effect: Vec<Deliverer<Effect>>,
    pub(super) announcement: Vec<Deliverer<Announcement>>,
}

/// Who would take what a turn leaves.
#[derive(Clone, Copy, Debug)]
#[allow(clippy::struct_excessive_bools, reason = "one for each kind of thing")]
pub(super) struct Takers {
    pub(super) checkpoints: bool,
    pub(super) expiries: bool,
    pub(super) effects: bool,
    pub(super) announcements: bool,
    pub(super) archive: bool,
    /// A worker of this process, at once.
    pub(super) worker: bool,
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
    /// Tells the observers. What they do, and that they panic, is no matter of the turn's.
    pub(super) fn observe(&self, session: SessionId, transitions: &[Transition]) {
        for transition in transitions {
            for observer in &self.transition {
                if caught_call(|| observer(session, transition)).is_err() {
                    tracing::error!(%session, "an observer of transitions panicked");
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
