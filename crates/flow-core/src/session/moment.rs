//! When something was said, and its name among all that was: [`Moment`].

use chrono::{DateTime, SubsecRound as _, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Stamp;

/// When something was said, and which of all things said: a name that stays, a place in their order, and a cursor to read on
/// from.
///
/// What was said in two turns at once is told apart by the stamp of the turn's write; what was said in one turn, by its index.
///
/// ```
/// use chrono::Utc;
/// use flow_core::{Moment, Stamp};
///
/// let (at, turn) = (Utc::now(), Stamp::first());
/// let (asked, answered) = (Moment::new(at, turn, 0), Moment::new(at, turn, 1));
/// assert!(asked < answered);
/// // A page of an operator's screen may carry it as text.
/// let cursor = serde_json::to_string(&asked)?;
/// assert_eq!(serde_json::from_str::<Moment>(&cursor)?, asked);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
#[non_exhaustive]
pub struct Moment {
    /// The time of its turn, to the microsecond.
    pub at: DateTime<Utc>,
    /// The stamp of its turn's write.
    pub stamp: Stamp,
    /// Its place among what was said in that turn, from 0.
    pub index: u32,
}

/// As records have it, where there is one for each thing said.
type Written = (DateTime<Utc>, u64, Uuid, u32);

impl Moment {
    /// The moment of what was said at this place of the turn that made this write. What is shorter than a microsecond is cut off.
    pub fn new(at: DateTime<Utc>, stamp: Stamp, index: u32) -> Self {
        // As every archive keeps it, so that the order is the same everywhere.
        Self { at: at.trunc_subsecs(6), stamp, index }
    }

    /// The last moment that there could be at this time.
    pub(crate) fn last_at(at: DateTime<Utc>) -> Self {
        Self::new(at, Stamp { version: u64::MAX, write_id: Uuid::max() }, u32::MAX)
    }

    /// The same moment of a turn that another write made.
    pub(super) fn decided_by(self, stamp: Stamp) -> Self {
        Self { stamp, ..self }
    }
}

impl From<Written> for Moment {
    fn from((at, version, write_id, index): Written) -> Self {
        Self::new(at, Stamp { version, write_id }, index)
    }
}

impl From<Moment> for Written {
    fn from(Moment { at, stamp, index }: Moment) -> Self {
        (at, stamp.version, stamp.write_id, index)
    }
}
