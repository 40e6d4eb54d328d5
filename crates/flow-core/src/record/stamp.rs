//! Which writing of a record it is: [`Stamp`].

use serde::{Deserialize, Serialize};
use uuid::Uuid;

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
        Self { version: 1, write_id: Uuid::new_v4() }
    }

    /// The stamp of a write that follows this one.
    #[must_use]
    pub fn next(&self) -> Self {
        Self { version: self.version + 1, write_id: Uuid::new_v4() }
    }
}
