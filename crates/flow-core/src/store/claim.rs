//! A look for what is due: [`Claim`], a lease, and the answer to it, [`Due`].

use std::{borrow::Cow, time::Duration};

use chrono::{DateTime, Utc};

use crate::SessionId;

/// A wish to be given sessions whose wake time has come, and to have them alone for a while: a lease.
///
/// It tells no time of its own: what is due, and when the lease ends, the store judges by its time.
///
/// ```
/// use std::time::Duration;
///
/// use flow_core::store::Claim;
///
/// let claim = Claim::new("booking", Duration::from_secs(60), 32);
/// assert_eq!((&*claim.flow, claim.limit, claim.not_after), ("booking", 32, None));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Claim {
    /// The wire name of the flow whose sessions are claimed.
    pub flow: Cow<'static, str>,
    /// For how long, from the store's time of the claim on, a claimed session is given to no other caller.
    pub lease: Duration,
    /// How many are claimed at most.
    pub limit: usize,
    /// Leaves what fell due after this time, which is the store's own: so a look ends, however much falls due meanwhile.
    pub not_after: Option<DateTime<Utc>>,
}

impl Claim {
    /// Claims up to `limit` sessions of `flow` for as long as `lease`.
    pub fn new(flow: impl Into<Cow<'static, str>>, lease: Duration, limit: usize) -> Self {
        Self { flow: flow.into(), lease, limit, not_after: None }
    }

    /// Leaves what fell due after this time, as an answer of the same store told it.
    #[must_use]
    pub fn not_after(mut self, not_after: impl Into<Option<DateTime<Utc>>>) -> Self {
        self.not_after = not_after.into();
        self
    }
}

/// What a store answers to a [`Claim`].
///
/// ```
/// use chrono::Utc;
/// use flow_core::{SessionId, store::Due};
///
/// let due = Due::new(vec![SessionId::random()], Utc::now()).forgotten(1);
/// assert_eq!((due.ids.len(), due.forgotten), (1, 1));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Due {
    /// The sessions that were claimed, the longest due first.
    pub ids: Vec<SessionId>,
    /// What time it was in the store.
    pub now: DateTime<Utc>,
    /// How many sessions of the flow were gone though they had a wake time: their time to live was over, or their records were
    /// lost. Each is told once, to one caller, when both times have passed at the latest; not if the session was removed or began
    /// anew before it was told.
    pub forgotten: u64,
}

impl Due {
    /// These sessions were claimed at `now`, by the store's time.
    pub fn new(ids: Vec<SessionId>, now: DateTime<Utc>) -> Self {
        Self { ids, now, forgotten: 0 }
    }

    /// So many sessions were gone though they had a wake time.
    #[must_use]
    pub fn forgotten(self, forgotten: u64) -> Self {
        Self { forgotten, ..self }
    }
}
