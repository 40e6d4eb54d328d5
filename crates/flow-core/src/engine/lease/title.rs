//! Who holds a lease, as the store keeps it for the whole fleet: [`Title`].

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Secret, SessionId, engine::keeper::Beside};

/// What the fleet knows of a lease of one name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Title {
    /// How often it was taken.
    term: u64,
    /// None if it was given up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    holder: Option<Uuid>,
    until: DateTime<Utc>,
}

/// How long a holder that is not heard of keeps it.
pub(super) const LEASE: TimeDelta = TimeDelta::seconds(10);

impl Beside for Title {
    const KIND: &str = "leases";
    const STATE: &str = "LEASE";
    const LIFE: Duration = Duration::from_secs(40 * 86_400);
}

impl Title {
    /// Under which id it lies.
    pub(super) fn id(flow: &str, name: &str) -> SessionId {
        // It keeps nothing secret: whoever reads the store may know which record this is.
        let names = Secret::new("flow: what one process does for all").expect("it is long enough");
        SessionId::derived(&names, flow, name)
    }

    /// How long another holder keeps it; none if it may be taken now.
    pub(super) fn keeps(before: Option<&Self>, now: DateTime<Utc>) -> Option<Duration> {
        let title = before.filter(|title| title.holder.is_some())?;
        // No longer than it was ever given for: a clock may have been set back since.
        let left = (title.until - now).min(LEASE).to_std().ok()?;
        (!left.is_zero()).then_some(left)
    }

    /// Taken by this holder.
    pub(super) fn taken(before: Option<&Self>, holder: Uuid, now: DateTime<Utc>) -> Self {
        let term = before.map_or(0, |title| title.term) + 1;
        Self { term, holder: Some(holder), until: now + LEASE }
    }

    /// The same for as long again; none if it is not this holder's any more.
    pub(super) fn renewed(self, holder: Uuid, now: DateTime<Utc>) -> Option<Self> {
        (self.holder == Some(holder)).then(|| Self { until: now + LEASE, ..self })
    }

    /// The same, left to whoever asks next; none if it is not this holder's any more.
    pub(super) fn given_up(self, holder: Uuid) -> Option<Self> {
        (self.holder == Some(holder)).then_some(Self { holder: None, ..self })
    }

    pub(super) fn term(&self) -> u64 {
        self.term
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Record, Stamp};

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds)
    }

    #[test]
    fn one_holds_it_until_it_is_given_up_or_its_time_has_passed() {
        let (one, other) = (Uuid::new_v4(), Uuid::new_v4());
        assert_eq!(Title::keeps(None, at(0)), None);
        let taken = Title::taken(None, one, at(0));
        assert_eq!(Title::keeps(Some(&taken), at(4)), Some(Duration::from_secs(6)));
        assert_eq!(Title::keeps(Some(&taken), at(10)), None);
        assert_eq!(Title::keeps(Some(&taken), at(-3_600)), Some(Duration::from_secs(10)), "clocks go back");
        let renewed = taken.clone().renewed(one, at(3)).expect("its own");
        assert_eq!((Title::keeps(Some(&renewed), at(10)), renewed.term()), (Some(Duration::from_secs(3)), 1));
        assert_eq!((taken.clone().renewed(other, at(3)), taken.clone().given_up(other)), (None, None));
        let given_up = taken.given_up(one).expect("its own");
        assert_eq!(Title::keeps(Some(&given_up), at(1)), None);
        assert_eq!(given_up.clone().renewed(one, at(1)), None, "what was given up is not renewed");
        assert_eq!(Title::taken(Some(&given_up), other, at(1)).term(), 2);
    }

    #[test]
    fn a_title_reads_back_and_anything_else_is_none() {
        let title = Title::taken(None, Uuid::new_v4(), at(0));
        assert_eq!(Title::read(&title.record("booking", Stamp::first())), Some(title));
        assert_eq!(Title::read(&Record::compose(Stamp::first(), b"{\"flow\":\"booking\"}")), None);
    }
}
