//! What an engine does in cases that its operator decides: [`OutageParts`], [`DamageParts`], [`SaidParts`].

use std::time::Duration;

use crate::{Damage, Outage, Said};

/// What to do while the store is away. Which of it counts, the policy says.
#[derive(Clone, Debug)]
pub(in crate::service) struct OutageParts {
    pub(in crate::service) policy: OutagePolicy,
    pub(in crate::service) words: String,
    pub(in crate::service) sessions: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::service) enum OutagePolicy {
    Fail,
    Say,
    Memory,
}

impl Default for OutageParts {
    fn default() -> Self {
        let words = "We will be right back. Please send that again in a few minutes.".to_owned();
        Self { policy: OutagePolicy::Fail, words, sessions: 10_000 }
    }
}

impl OutageParts {
    pub(in crate::service) fn outage(&self) -> Outage {
        match self.policy {
            OutagePolicy::Fail => Outage::Fail,
            OutagePolicy::Say => Outage::Say(self.words.as_str().into()),
            OutagePolicy::Memory => Outage::Memory { sessions: self.sessions },
        }
    }
}

/// What to do with a damaged session.
#[derive(Clone, Debug)]
pub(in crate::service) struct DamageParts {
    pub(in crate::service) has_quarantine: bool,
    pub(in crate::service) keep: Duration,
}

impl Default for DamageParts {
    fn default() -> Self {
        Self { has_quarantine: false, keep: Duration::from_secs(30 * 86_400) }
    }
}

impl DamageParts {
    pub(in crate::service) fn damage(&self) -> Damage {
        if self.has_quarantine { Damage::Quarantine { keep: self.keep } } else { Damage::Refuse }
    }
}

/// What an engine keeps of sessions in memory.
#[derive(Clone, Debug)]
pub(in crate::service) struct WarmParts {
    pub(in crate::service) bytes: usize,
}

impl Default for WarmParts {
    fn default() -> Self {
        Self { bytes: 64 * 1024 * 1024 }
    }
}

/// What is kept of what was said.
#[derive(Clone, Debug)]
pub(in crate::service) struct SaidParts {
    pub(in crate::service) keep: Option<Duration>,
    pub(in crate::service) words: Words,
    pub(in crate::service) at_most: usize,
    pub(in crate::service) bytes: usize,
    pub(in crate::service) longest: usize,
}

#[derive(Clone, Copy, Debug)]
pub(in crate::service) enum Words {
    All,
    Masked,
    Sizes,
}

impl Default for SaidParts {
    fn default() -> Self {
        // Private by default: an operator who wants every word says so.
        Self { keep: None, words: Words::Masked, at_most: 200, bytes: 64 << 10, longest: 4 << 10 }
    }
}

impl SaidParts {
    pub(in crate::service) fn said(&self) -> Option<Said> {
        let said = Said::lasting(self.keep?).at_most(self.at_most).bytes(self.bytes).longest(self.longest);
        Some(match self.words {
            Words::All => said,
            Words::Masked => said.masked(),
            Words::Sizes => said.sizes_only(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transcript_has_the_bounds_that_it_has_without_settings() {
        let life = Duration::from_secs(7);
        assert_eq!(SaidParts::default().said(), None);
        let parts = |words| SaidParts { keep: Some(life), words, ..SaidParts::default() };
        assert_eq!(parts(Words::All).said(), Some(Said::lasting(life)));
        assert_eq!(parts(Words::Masked).said(), Some(Said::lasting(life).masked()));
        assert_eq!(parts(Words::Sizes).said(), Some(Said::lasting(life).sizes_only()));
    }
}
