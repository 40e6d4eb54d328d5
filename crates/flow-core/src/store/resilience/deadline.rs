//! One deadline for all the calls of one piece of work: [`by`].

use std::time::Duration;

use tokio::{task::futures::TaskLocalFuture, time::Instant};

tokio::task_local! {
    /// When the work that this task does has to be over.
    static ENDS: Instant;
}

/// Does the work, of which every call to a store or an archive ends by then, whatever time it has by itself.
pub(crate) fn by<W: Future>(ends: Instant, work: W) -> TaskLocalFuture<Instant, W> {
    ENDS.scope(ends, work)
}

/// The end of something that may take this time by itself: sooner, if the work that it is part of ends sooner.
pub(crate) fn end_of(time: Duration) -> Instant {
    let now = Instant::now();
    // A time beyond the calendar never comes.
    let end = now.checked_add(time).unwrap_or_else(|| now + A_LIFETIME);
    ENDS.try_with(|ends| end.min(*ends)).unwrap_or(end)
}

/// Whether the work has used up its time.
pub(crate) fn is_over() -> bool {
    ENDS.try_with(|ends| *ends <= Instant::now()).unwrap_or(false)
}

/// Longer than any process.
const A_LIFETIME: Duration = Duration::from_secs(100 * 365 * 24 * 3600);
