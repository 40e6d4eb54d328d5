//! What must not be shown: [`Private`], the [`masked`] view of any value, and [`Redaction`] of texts bound for a log.

mod private;
mod redaction;
mod sight;

pub use private::Private;
pub use redaction::Redaction;
pub use sight::masked;

pub(crate) use sight::serialize_private;

/// What stands for something private.
pub(crate) const MASK: &str = "***";
