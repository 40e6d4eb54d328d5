//! Rules that are told wrongly: [`Flaw`].

/// A rule that is told wrongly, to show that this would be found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// "Back" forgets the whole loop.
    BackLeavesTheLoop,
    /// What was corrected is as before once one goes back.
    BackUndoesCorrections,
    /// A correction forgets the answers after it.
    CorrectionsDropTheRest,
    /// What depends on what was corrected stays.
    DependentsStay,
    /// Who goes away and comes again has all tries anew.
    TriesBeginAnew,
    /// No time ever runs out.
    TimeStandsStill,
    /// What is said aside ends what it interrupted.
    AsidesEndAll,
    /// A flow that is run begins at its start, whatever was known.
    BeginningsAreStarts,
    /// A word is looked for from the outside in.
    WordsFromTheOutside,
    /// What ends in a flow that runs inside is over for the flow around it.
    EndsEndAll,
}

impl Flaw {
    pub(crate) const ALL: [Self; 10] = [
        Self::BackLeavesTheLoop,
        Self::BackUndoesCorrections,
        Self::CorrectionsDropTheRest,
        Self::DependentsStay,
        Self::TriesBeginAnew,
        Self::TimeStandsStill,
        Self::AsidesEndAll,
        Self::BeginningsAreStarts,
        Self::WordsFromTheOutside,
        Self::EndsEndAll,
    ];
}
