//! How much a store keeps: [`Usage`].

/// How much a store keeps, or may keep.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Records, expired ones that were not swept yet among them.
    pub sessions: usize,
    /// The bytes of these records.
    pub bytes: usize,
}
