//! How messages are accepted: [`Protocol`].

/// The protocol as it is, or with one of its rules left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    Whole,
    /// A turn that was posted behind others, because it took long, goes on all the same.
    GoesOnBehindOthers,
    /// A message begins its turn although others wait.
    PassesThoseWhoWait,
    /// A letter that is found in the record, because its own turn's commit was in place before it was posted, is handled again.
    RemembersNothing,
}
