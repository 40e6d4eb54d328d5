//! The next write of a session, kept for one turn for a moment: [`Hold`].

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Stands in the header of a record, and asks all other turns to let one turn write next.
///
/// It is a wish and no lock: which write holds is decided by compare-and-set of the stamp, as ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Hold {
    pub(super) by: Uuid,
    pub(super) until: DateTime<Utc>,
}

impl Hold {
    pub(crate) fn until(until: DateTime<Utc>) -> Self {
        Self { by: Uuid::new_v4(), until }
    }

    /// Whether it is of another turn than `ours` is, and has not run out.
    pub(crate) fn is_for_another(&self, ours: Option<&Self>, now: DateTime<Utc>) -> bool {
        ours.is_none_or(|ours| ours.by != self.by) && self.until > now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hold_is_for_all_others_until_it_runs_out() {
        let now = Utc::now();
        let hold = Hold::until(now + chrono::TimeDelta::seconds(1));
        let over = Hold::until(now);
        assert!(hold.is_for_another(None, now) && hold.is_for_another(Some(&over), now));
        assert!(!hold.is_for_another(Some(&hold), now) && !over.is_for_another(None, now));
    }
}
