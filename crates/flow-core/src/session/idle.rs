//! After how much silence one session expires, where that is said of it alone: [`OwnIdle`].

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Session;
use crate::Flow;

/// The idle expiry of one session, instead of the engine's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum OwnIdle {
    /// After so many microseconds, as exactly as a record keeps a time.
    After(u64),
    /// After no silence, however long.
    Never,
}

impl OwnIdle {
    /// After this time, or a little later.
    ///
    /// None if nothing lives as long.
    pub(crate) fn after(time: Duration) -> Option<Self> {
        let micros = time.as_nanos().div_ceil(1_000);
        u64::try_from(micros).ok().map(Self::After)
    }

    /// After which time; none if after none.
    pub(crate) fn time(self) -> Option<Duration> {
        match self {
            Self::After(micros) => Some(Duration::from_micros(micros)),
            Self::Never => None,
        }
    }
}

impl<F: Flow> Session<F> {
    /// The idle expiry of this session alone; none if it has the engine's.
    pub(crate) fn own_idle(&self) -> Option<OwnIdle> {
        self.parts.own_idle
    }

    /// Has an idle expiry of its own, or the engine's again, until its next conversation begins.
    pub(crate) fn have_idle(&mut self, own_idle: Option<OwnIdle>) {
        self.parts.own_idle = own_idle;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_kept_to_the_microsecond_and_never_shorter() {
        for (nanos, micros) in [(1, 1), (1_000, 1), (1_001, 2), (60_000_000_000, 60_000_000)] {
            assert_eq!(OwnIdle::after(Duration::from_nanos(nanos)), Some(OwnIdle::After(micros)));
        }
        assert_eq!(OwnIdle::after(Duration::MAX), None);
    }

    #[test]
    fn it_reads_in_a_record_as_it_is_said() {
        let written =
            [OwnIdle::After(60_000_000), OwnIdle::Never].map(|own| serde_json::to_string(&own).expect("JSON"));
        assert_eq!(written, [r#"{"after":60000000}"#, r#""never""#]);
    }
}
