//! What every [`Store`](flow_core::Store) must do: one function a behaviour, each with a fresh, empty store.
//!
//! [`store_conformance!`](crate::store_conformance) makes a test of each. [`all`] gives them as a list, for a
//! harness of another kind.
//!
//! A behaviour that a store does not have fails in words: what was done, what is promised, what had to come and what came
//! instead.
//!
//! What the trait leaves open, the suite decides:
//!
//! - A repeat of the stored write changes nothing: it does not end a lease, either.
//! - What time it is, the store says: with a load, a conflict and a claim. What is due, what has expired and when a lease ends
//!   is judged by that time.
//! - Wake times are kept to the millisecond or finer, and never come early.
//! - The names of two flows are compared byte for byte, and may hold anything but control characters.
//! - A time to live may be anything: nothing at all is over at once, and more than time itself is for ever.
//! - A cursor that the store did not give is [`Refused`](flow_core::StoreError::Refused), or gives a page.
//! - What has expired with a wake time is counted by one claim of its flow ([`Due::forgotten`](flow_core::store::Due::forgotten)).
//! - What an optional power of a store promises is shown where the store has it; one without it passes.
//! - What is told twice, or though nothing has changed, breaks no promise ([`Changes`](flow_core::store::Changes)).
//! - An expired record is gone in every respect, at the time when it expires and not when it is swept.
//!
//! What every archive must do is in [`archive`]; what a store must do that has a quarantine, in [`quarantine`]; what every platform on
//! which a bot is must do, with the feature `platforms`, in `platform`.

pub mod archive;
mod beating;
mod behaviour;
mod bodies;
mod browsing;
mod changes;
mod expiry;
mod flows;
mod forgetting;
mod inbox;
#[cfg(feature = "platforms")]
pub mod platform;
mod promise;
pub mod quarantine;
mod racing;
mod subject;
mod telling_time;
mod waking;
mod writing;

pub use beating::*;
pub use behaviour::{Behaviour, all, play};
pub use bodies::*;
pub use browsing::*;
pub use changes::*;
pub use expiry::*;
pub use flows::*;
pub use forgetting::*;
pub use inbox::*;
pub use racing::*;
pub use subject::Subject;
pub use telling_time::*;
pub use waking::*;
pub use writing::*;
