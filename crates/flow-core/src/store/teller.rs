//! The telling end of a listener, for stores: [`Teller`].

use std::{
    fmt,
    future::pending,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use async_trait::async_trait;
use thiserror::Error;
use tokio::sync::mpsc::{self, Receiver, Sender};

use super::{Changed, Listener, StoreError};

/// Hands what a store has to tell to one [`Listener`], and waits for nobody: a bounded queue that tells of its overflow.
///
/// For the author of a store. A listener that is slower than the changes come is told [`Changed::Perhaps`] instead of those that
/// had no room.
///
/// ```
/// use flow_core::{SessionId, StoreError, store::{Changed, Teller}};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), StoreError> {
/// let (teller, mut listener) = Teller::new();
/// let id = SessionId::random();
/// assert!(teller.tell(Changed::Session(id)));
/// assert_eq!(listener.next().await?, Changed::Session(id));
///
/// for _ in 0..=Teller::ROOM {
///     teller.tell(Changed::Session(id));
/// }
/// assert_eq!(listener.next().await?, Changed::Perhaps);
///
/// drop(listener);
/// assert!(!teller.tell(Changed::Perhaps), "nobody listens any more");
/// # Ok(())
/// # }
/// ```
pub struct Teller {
    queue: Sender<Result<Changed, StoreError>>,
    has_overflowed: Arc<AtomicBool>,
}

impl Teller {
    /// For how many changes there is room that the listener has not come to yet.
    pub const ROOM: usize = 1_024;

    /// A teller, and the listener that it tells.
    pub fn new() -> (Self, Box<dyn Listener>) {
        let (queue, told) = mpsc::channel(Self::ROOM);
        let has_overflowed = Arc::<AtomicBool>::default();
        let listener = Told { queue: told, has_overflowed: Arc::clone(&has_overflowed), has_said_the_end: false };
        (Self { queue, has_overflowed }, Box::new(listener))
    }

    /// Tells that something has changed. Gives whether the listener is still there.
    pub fn tell(&self, changed: Changed) -> bool {
        self.put(Ok(changed))
    }

    /// Tells why nothing can be heard for the time being. What is told next is [`Changed::Perhaps`], once something can.
    pub fn fail(&self, error: StoreError) -> bool {
        self.put(Err(error))
    }

    /// Whether the listener is still there.
    pub fn is_heard(&self) -> bool {
        !self.queue.is_closed()
    }

    /// Does this for as long as the listener is there: none if it went first.
    pub async fn while_heard<W: Future>(&self, work: W) -> Option<W::Output> {
        tokio::select! {
            done = work => Some(done),
            () = self.queue.closed() => None,
        }
    }

    fn put(&self, told: Result<Changed, StoreError>) -> bool {
        match self.queue.try_send(told) {
            Ok(()) => true,
            Err(mpsc::error::TrySendError::Closed(_)) => false,
            Err(mpsc::error::TrySendError::Full(_)) => {
                self.has_overflowed.store(true, Ordering::Release);
                // A listener with a full queue is not waiting, and finds that before it waits again. One that has emptied the queue at
                // this very moment is woken.
                let _ = self.queue.try_send(Ok(Changed::Perhaps));
                true
            }
        }
    }
}

impl fmt::Debug for Teller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Teller").field("room", &self.queue.capacity()).finish_non_exhaustive()
    }
}

/// The listening end of the queue.
struct Told {
    queue: Receiver<Result<Changed, StoreError>>,
    has_overflowed: Arc<AtomicBool>,
    has_said_the_end: bool,
}

#[async_trait]
impl Listener for Told {
    async fn next(&mut self) -> Result<Changed, StoreError> {
        if self.has_overflowed.swap(false, Ordering::AcqRel) {
            // Whoever looks at everything now has no need of what was told before.
            while self.queue.try_recv().is_ok() {}
            return Ok(Changed::Perhaps);
        }
        match self.queue.recv().await {
            Some(told) => told,
            None if self.has_said_the_end => pending().await,
            None => {
                self.has_said_the_end = true;
                Err(StoreError::Unavailable(Box::new(NoMore)))
            }
        }
    }
}

/// Nobody tells any more.
#[derive(Clone, Copy, Debug, Error)]
#[error("the store is no more")]
struct NoMore;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::SessionId;

    #[tokio::test]
    async fn after_an_overflow_no_change_is_untold() {
        let (teller, mut listener) = Teller::new();
        for _ in 0..3 * Teller::ROOM {
            teller.tell(Changed::Session(SessionId::random()));
        }
        assert_eq!(listener.next().await.expect("told"), Changed::Perhaps);
        let id = SessionId::random();
        teller.tell(Changed::Session(id));
        assert_eq!(listener.next().await.expect("told"), Changed::Session(id), "and then it goes on as before");
    }

    #[tokio::test(start_paused = true)]
    async fn the_end_of_the_store_is_said_once_and_then_waited_at() {
        let (teller, mut listener) = Teller::new();
        teller.tell(Changed::Perhaps);
        drop(teller);
        assert_eq!(listener.next().await.expect("told before"), Changed::Perhaps);
        assert!(matches!(listener.next().await, Err(StoreError::Unavailable(_))));
        assert!(tokio::time::timeout(Duration::from_secs(3_600), listener.next()).await.is_err(), "no busy loop");
    }

    #[tokio::test]
    async fn work_for_a_listener_ends_with_it() {
        let (teller, listener) = Teller::new();
        assert_eq!(teller.while_heard(async { 1 }).await, Some(1));
        drop(listener);
        assert_eq!(teller.while_heard(pending::<()>()).await, None);
    }
}
