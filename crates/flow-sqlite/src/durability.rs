//! What an acknowledged commit survives: [`Durability`].

/// What an acknowledged commit survives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// A crash of the process, and a power cut, if the disk honours a sync: each commit is synced before it is answered.
    #[default]
    Full,
    /// A crash of the process. A power cut may take the last commits with it, whole; the file stays sound.
    Relaxed,
}

impl Durability {
    /// The level by SQLite's name for it.
    pub(crate) fn synchronous(self) -> &'static str {
        match self {
            Self::Full => "FULL",
            Self::Relaxed => "NORMAL",
        }
    }
}
