//! The circuit breaker of a store: [`Breaker`].

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use thiserror::Error;
use tokio::time::Instant;

/// A circuit breaker: lets every call through while the store answers, and one probe at a time, now and then, once it has
/// been away for a while.
pub(super) struct Breaker {
    patience: Duration,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// How many calls in a row have found the store away, and since when.
    failures: u32,
    away_since: Option<Instant>,
    open: Option<Open>,
    openings: u64,
}

/// The circuit is open: the store is left alone.
struct Open {
    until: Instant,
    pauses: ExponentialBackoff,
    is_being_probed: bool,
}

/// The error of a call that the circuit breaker did not let through.
#[derive(Clone, Copy, Debug, Error)]
#[error("the store has been away for a while, and was not asked")]
pub(super) struct CircuitOpen;

/// How many calls in a row must have found the store away before the circuit opens.
const FAILURES: u32 = 5;

/// The pauses between two probes. The longest is how long a store that is back may go unnoticed.
const PAUSES: ExponentialBuilder = ExponentialBuilder::new()
    .with_min_delay(Duration::from_millis(100))
    .with_max_delay(Duration::from_secs(1))
    .without_max_times()
    .with_jitter();

impl Breaker {
    /// A breaker that opens when the store has been away for half of `deadline`: a shorter absence is better waited out.
    pub(super) fn new(deadline: Duration) -> Self {
        Self { patience: deadline / 2, state: Mutex::default() }
    }

    /// Lets a call through, which must say how it went.
    pub(super) fn admit(&self) -> Result<Pass<'_>, CircuitOpen> {
        let mut state = self.state();
        let Some(open) = &mut state.open else { return Ok(Pass { breaker: self, is_probe: false }) };
        if open.is_being_probed || Instant::now() < open.until {
            return Err(CircuitOpen);
        }
        open.is_being_probed = true;
        Ok(Pass { breaker: self, is_probe: true })
    }

    pub(super) fn is_open(&self) -> bool {
        self.state().open.is_some()
    }

    /// How often the circuit has opened.
    pub(super) fn openings(&self) -> u64 {
        self.state().openings
    }

    fn found_there(&self) {
        let mut state = self.state();
        (state.failures, state.away_since) = (0, None);
        if state.open.take().is_some() {
            tracing::info!("the store is back");
        }
    }

    fn found_away(&self) {
        let (mut state, now) = (self.state(), Instant::now());
        state.failures = state.failures.saturating_add(1);
        let away_since = *state.away_since.get_or_insert(now);
        if let Some(open) = &mut state.open {
            open.prolong(now);
        } else if state.failures >= FAILURES && now - away_since >= self.patience {
            // Processes that find it away together do not look again together.
            let pauses = PAUSES.with_jitter_seed(fastrand::u64(..)).build();
            let mut open = Open { until: now, pauses, is_being_probed: false };
            open.prolong(now);
            state.open = Some(open);
            state.openings += 1;
            tracing::error!("the store is away, and is left alone but for a probe now and then");
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    fn prolong(&mut self, now: Instant) {
        self.until = now + self.pauses.next().unwrap_or_default();
    }
}

/// A call that was let through.
pub(super) struct Pass<'b> {
    breaker: &'b Breaker,
    is_probe: bool,
}

impl Pass<'_> {
    /// The call is over, and has found the store away or not.
    pub(super) fn close(self, is_away: bool) {
        if is_away { self.breaker.found_away() } else { self.breaker.found_there() }
    }
}

impl Drop for Pass<'_> {
    /// A probe that is dropped before it ends leaves the probing to another call.
    fn drop(&mut self) {
        if self.is_probe
            && let Some(open) = &mut self.breaker.state().open
        {
            open.is_being_probed = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    const DEADLINE: Duration = Duration::from_secs(2);

    fn fails(breaker: &Breaker) {
        breaker.admit().expect("it is let through").close(true);
    }

    async fn opened() -> Breaker {
        let breaker = Breaker::new(DEADLINE);
        for _ in 0..FAILURES {
            advance(DEADLINE / 4).await;
            fails(&breaker);
        }
        assert!(breaker.is_open() && breaker.admit().is_err());
        breaker
    }

    #[tokio::test(start_paused = true)]
    async fn a_short_absence_does_not_open_it_however_many_meet_it() {
        let breaker = Breaker::new(DEADLINE);
        for _ in 0..100 {
            fails(&breaker);
        }
        advance(DEADLINE).await;
        breaker.admit().expect("it is let through").close(false);
        for _ in 0..100 {
            fails(&breaker);
        }
        assert_eq!((breaker.is_open(), breaker.openings()), (false, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn one_at_a_time_finds_out_and_what_it_finds_counts() {
        let breaker = opened().await;
        advance(DEADLINE).await;
        let probe = breaker.admit().expect("one may look");
        assert!(breaker.admit().is_err(), "and no other meanwhile");
        probe.close(true);
        assert!(breaker.admit().is_err(), "not at once again");
        advance(DEADLINE).await;
        breaker.admit().expect("one may look").close(false);
        assert!(!breaker.is_open());
        assert!(breaker.admit().is_ok() && breaker.admit().is_ok());
        assert_eq!(breaker.openings(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_probe_that_was_dropped_is_made_by_another() {
        let breaker = opened().await;
        advance(DEADLINE).await;
        drop(breaker.admit());
        assert!(breaker.admit().is_ok());
    }
}
