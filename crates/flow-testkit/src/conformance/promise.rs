//! How a behaviour says what is wrong: [`kept`].

use std::fmt::Debug;

/// Compares what came with what had to come.
///
/// Fails in words for the author of the store: what was done, what is promised, what had to come and what came instead.
#[track_caller]
pub(super) fn kept<A: Debug + PartialEq<B>, B: Debug>(done: &str, promise: &str, came: &A, had_to_come: &B) {
    if came != had_to_come {
        broken(done, promise, &format!("{had_to_come:?}"), came);
    }
}

/// Fails, because `came` came where `had_to_come` says what had to come.
#[track_caller]
pub(super) fn broken(done: &str, promise: &str, had_to_come: &str, came: &dyn Debug) -> ! {
    let came = format!("{came:?}");
    // A record shows neither its body nor what a checkpoint knows.
    let differs = if came == had_to_come { ", the same but for bytes that are not shown" } else { "" };
    panic!(
        "a promise is broken\n  \
         what was done:     {done}\n  \
         what is promised:  {promise}\n  \
         what had to come:  {had_to_come}\n  \
         what came instead: {came}{differs}"
    );
}

/// What a call gave that had to succeed.
///
/// Fails in the same words if the call did.
#[track_caller]
pub(super) fn succeeded<T, E: Debug>(call: &str, answer: Result<T, E>) -> T {
    let promise = "a call that the store can take, while all is well, succeeds";
    answer.unwrap_or_else(|error| broken(call, promise, "Ok(…)", &error))
}
