//! A future whose panic is a value: [`caught`].

use std::{
    any::Any,
    future::{Future, poll_fn},
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    task::Poll,
};

use thiserror::Error;

/// A user's code panicked. The panic's words went to the panic hook; they are not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("it panicked")]
pub struct Panicked;

/// Runs a future, and calls its panic an error.
///
/// What the future owned is dropped and never looked at again, so nothing broken is left to see.
pub(super) async fn caught<T>(future: impl Future<Output = T>) -> Result<T, Panicked> {
    let mut future = pin!(future);
    poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
        Ok(Poll::Pending) => Poll::Pending,
        Ok(Poll::Ready(value)) => Poll::Ready(Ok(value)),
        Err(panic) => Poll::Ready(Err(forget(panic))),
    })
    .await
}

/// Runs a function, and calls its panic an error.
pub(super) fn caught_call<T>(call: impl FnOnce() -> T) -> Result<T, Panicked> {
    catch_unwind(AssertUnwindSafe(call)).map_err(forget)
}

fn forget(_: Box<dyn Any + Send>) -> Panicked {
    Panicked
}
