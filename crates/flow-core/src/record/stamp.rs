//! Which writing of a record it is: [`Stamp`].

use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use uuid::{Builder, Uuid};

/// Which writing of a record this is: its version number and the id of the write that made it.
///
/// The number alone would not do: after a failover two lineages may hold the same number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Stamp {
    /// Counts the writes of this session, from 1.
    pub version: u64,
    /// Differs for every write that was ever tried.
    pub write_id: Uuid,
}

impl Stamp {
    /// Of no write: where a session has had no turn yet.
    pub(crate) const NONE: Self = Self { version: 0, write_id: Uuid::nil() };

    /// The stamp of a session's first write.
    pub fn first() -> Self {
        // The first commit gives 1, so that 0 can never pass for a stored version.
        Self { version: 1, write_id: fresh_id() }
    }

    /// The stamp of a write that follows this one.
    #[must_use]
    pub fn next(&self) -> Self {
        Self { version: self.version + 1, write_id: fresh_id() }
    }
}

/// An id that nothing ever had.
///
/// A machine that is restored from a snapshot twice has its generator twice, and the same numbers come from both. Their clocks differ, so
/// that the time takes part in the id.
pub(crate) fn fresh_id() -> Uuid {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Builder::from_random_bytes((Uuid::new_v4().as_u128() ^ since.as_nanos()).to_be_bytes()).into_uuid()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn ids_differ_and_are_random_uuids() {
        let ids: HashSet<Uuid> = (0..10_000).map(|_| fresh_id()).collect();
        assert!(ids.len() == 10_000 && ids.iter().all(|id| id.get_version_num() == 4));
    }
}
