//! What a platform tells of what it was sent: a [`Receipt`].

use std::fmt;

use flow_core::engine::Became;

/// What a platform tells of one message that it was sent: that it arrived, was read, or failed.
///
/// `Debug` shows neither the place nor the reason of a failure.
#[derive(Clone, PartialEq, Eq)]
pub struct Receipt {
    pub(super) place: String,
    pub(super) key: String,
    pub(super) became: Became,
}

impl Receipt {
    /// This became of the message that [`Platform::send`](super::Platform::send) sent to this place under this key.
    ///
    /// A platform tells as often as it likes, and in any order. A key that is none of ours is nothing.
    ///
    /// ```
    /// use flow_http::platform::{Arrivals, Became, Receipt};
    ///
    /// let key = "0198…/3-5c…/0"; // as the platform gives back what it was given: a field of the message, its metadata
    /// let arrivals = Arrivals::none().with_receipts([Receipt::new("436641234567", key, Became::Delivered)]);
    /// assert_eq!(arrivals.receipts().len(), 1);
    /// ```
    pub fn new(place: impl Into<String>, key: impl Into<String>, became: Became) -> Self {
        Self { place: place.into(), key: key.into(), became }
    }

    /// Where the message was sent.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// The key under which it was sent.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// What became of it.
    pub fn became(&self) -> &Became {
        &self.became
    }
}

impl fmt::Debug for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receipt").field("became", &self.became).finish_non_exhaustive()
    }
}
