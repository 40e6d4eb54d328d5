//! What a user's handler sees and returns: a [`Turn`] in its hands, a [`Step`] or a [`Halt`] as its answer.

pub(crate) mod arriving;
pub(crate) mod ask;
mod download;
pub(crate) mod fetch;
mod fetch_error;
pub(crate) mod halt;
pub(crate) mod offer;
pub(crate) mod once;
pub(crate) mod opening;
pub(crate) mod said;
pub(crate) mod step;
pub(crate) mod turn;

pub use arriving::Arriving;
pub use ask::Ask;
pub use download::{Download, TooLarge};
pub use fetch::Fetch;
pub use fetch_error::{FetchError, FetchFailure};
pub use halt::{Failure, Halt};
pub use offer::Offer;
pub use once::{OnceError, OnceKey};
pub use opening::Opening;

pub use step::{Next, Step, StepExt};
pub use turn::Turn;
