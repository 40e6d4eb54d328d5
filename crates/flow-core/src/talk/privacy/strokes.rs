//! Where a text is struck out: [`Strokes`].

use std::collections::BTreeSet;

use aho_corasick::{AhoCorasick, AhoCorasickKind, BuildError, Span};

use super::folded::Folded;

/// For each letter of a text, how many strokes begin there, less those that ended just before it: strokes overlap, and
/// each is noted in two places however long it is.
pub(super) struct Strokes(Vec<i32>);

impl Strokes {
    /// No strokes on this text.
    pub(super) fn on(text: &str) -> Self {
        Self(vec![0; text.chars().count() + 1])
    }

    /// Strikes every pattern that is found and counts, in one walk through the text.
    ///
    /// Fails if there are more patterns than can be searched for.
    pub(super) fn strike(
        &mut self,
        patterns: &BTreeSet<String>,
        folded: &Folded,
        counts: impl Fn(&Span) -> bool,
    ) -> Result<(), BuildError> {
        // The kind that would be the fastest to search with takes long to build, and it is used once.
        let patterns = AhoCorasick::builder().kind(Some(AhoCorasickKind::ContiguousNFA)).build(patterns)?;
        for found in patterns.find_overlapping_iter(&folded.text).map(|found| found.span()).filter(counts) {
            let places = folded.places(found);
            self.0[*places.start()] += 1;
            self.0[places.end() + 1] -= 1;
        }
        Ok(())
    }

    /// For each letter of the text, whether it is struck out.
    pub(super) fn letters(mut self) -> Vec<bool> {
        self.0.pop();
        let depths = self.0.into_iter().scan(0, |depth, change| {
            *depth += change;
            Some(*depth)
        });
        depths.map(|depth| depth > 0).collect()
    }
}
