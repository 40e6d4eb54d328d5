//! What became of a reply that its platform had taken: [`Became`].

use std::fmt;

/// What a platform tells of a reply that it was sent: a delivery receipt, of which there may be several for one reply.
///
/// `Debug` does not show why a reply has failed: a platform may quote the visitor there.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Became {
    /// The platform has it.
    Sent,
    /// The visitor's device has it.
    Delivered,
    /// The visitor has opened it.
    Read,
    /// It will not reach its visitor, for this reason: the platform took it, and has given it up.
    Failed(String),
}

impl Became {
    /// What became of it, in a word.
    ///
    /// ```
    /// use flow_core::engine::Became;
    ///
    /// assert_eq!(Became::Failed("no such number".into()).name(), "failed");
    /// ```
    pub fn name(&self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Read => "read",
            Self::Failed(_) => "failed",
        }
    }
}

/// Without the reason.
impl fmt::Debug for Became {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
