//! What every [`Archive`](flow_core::Archive) must do: one function a behaviour, each with a fresh, empty archive.
//!
//! [`archive_conformance!`](crate::archive_conformance) makes a test of each. [`all`] gives them as a list, for a
//! harness of another kind.
//!
//! What the trait leaves open, the suite decides:
//!
//! - The tombstone is asked first, then whether the entry is kept already, then what it expects.
//! - Times come back to the microsecond or finer; what is purged goes by the millisecond or finer, and never early.
//! - A step or a checkpoint that is kept already stays as it is.
//! - Of two erasures of a session, the one that reaches further counts.
//! - A number of a step that leaves none for the next, [`u64::MAX`], may be refused.
//! - An archive is [`Unavailable`](flow_core::StoreError::Unavailable) because it is away, and not because two calls
//!   met in it.
//!
//! [`seed`] gives a few conversations to try an archive's statistics on.

mod batches;
mod behaviour;
mod bodies;
mod checkpoints;
mod entries;
mod erasing;
mod keeping;
mod purging;
mod racing;
mod saying;
mod seed;
mod steps;
mod subject;

pub use batches::*;
pub use behaviour::all;
pub use bodies::*;
pub use checkpoints::*;
pub use erasing::*;
pub use keeping::*;
pub use purging::*;
pub use racing::*;
pub use saying::*;
pub use seed::seed;
pub use steps::*;
pub use subject::ArchiveSubject;
