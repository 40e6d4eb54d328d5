//! What a visitor may choose from: a [`Choice`], and which of several a visitor named.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::numbering;

/// One of the answers that a [`Reply`](crate::Reply) offers.
///
/// ```
/// use flow_core::{Choice, Reply};
///
/// let reply = Reply::new("Which size?").with_choices([Choice::new("Large (32 cm)", "large"), "Small".into()]);
/// assert_eq!(reply.choices()[0].payload, "large");
/// assert_eq!(reply.choices()[1], Choice::new("Small", "Small"));
/// ```
///
/// It answers the question that it is shown with, and no later one: a channel sends what [`Reply::buttons`](crate::Reply::buttons)
/// gives for it. What is to work at any time is a [`Choice::menu`].
///
/// `Debug` tells the size and never the label.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Choice {
    /// What the visitor reads.
    pub label: String,
    /// What comes back when it is chosen.
    pub payload: String,
    /// Whether it works at any time.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) is_menu: bool,
}

impl Choice {
    /// A choice that comes back as something else than what the visitor reads.
    pub fn new(label: impl Into<String>, payload: impl Into<String>) -> Self {
        Self { label: label.into(), payload: payload.into(), is_menu: false }
    }

    /// A choice that works at any time, as a button of a menu that stays does: whatever is asked by then gets its payload.
    ///
    /// ```
    /// use flow_core::{Choice, Reply};
    ///
    /// let reply = Reply::new("Hello!").with_choices([Choice::menu("Main menu", "menu")]);
    /// assert_eq!(reply.buttons()[0].token(), "menu");
    /// ```
    pub fn menu(label: impl Into<String>, payload: impl Into<String>) -> Self {
        Self { is_menu: true, ..Self::new(label, payload) }
    }

    /// Whether it works at any time.
    pub fn is_menu(&self) -> bool {
        self.is_menu
    }
}

impl From<&str> for Choice {
    fn from(label: &str) -> Self {
        Self::new(label, label)
    }
}

impl From<String> for Choice {
    fn from(label: String) -> Self {
        Self::new(label.clone(), label)
    }
}

impl fmt::Debug for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Choice({} bytes)", self.label.len())
    }
}

/// What one of a closed set of answers is called: one variant of an enum that derives [`Answer`](macro@crate::Answer), or of
/// the choices that a state declares.
///
/// ```
/// use flow_core::{Answer, answers::Choices};
///
/// #[derive(Answer)]
/// enum Size {
///     Small,
///     #[answer("Large", "big")]
///     ExtraLarge,
/// }
///
/// let large = &Size::CHOICES[1];
/// assert_eq!((large.name, large.label()), ("ExtraLarge", "Large"));
/// assert!(large.is_called("BIG"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Words {
    /// The variant's name. It is what a button sends and what a record holds, so that labels can change.
    pub name: &'static str,
    /// The words that it is understood by; the first is its label.
    pub words: &'static [&'static str],
}

impl Words {
    /// How the derives' code writes it down.
    #[doc(hidden)]
    pub const fn declared(name: &'static str, words: &'static [&'static str]) -> Self {
        Self { name, words }
    }

    /// What the visitor reads.
    pub fn label(&self) -> &'static str {
        self.words.first().copied().unwrap_or(self.name)
    }

    /// Whether `said` is one of its words, or its name; case and the space around it do not matter.
    pub fn is_called(&self, said: &str) -> bool {
        let said = said.trim().to_lowercase();
        std::iter::once(&self.name).chain(self.words).any(|word| word.to_lowercase() == said)
    }
}

/// The index of the choice that `said` names: by one of its words, or by its number from 1.
pub(crate) fn choose(choices: &[Words], said: &str) -> Option<usize> {
    // A word that is itself a number wins over a place in the list.
    choices.iter().position(|choice| choice.is_called(said)).or_else(|| numbered(said, choices.len()))
}

/// The index that `said` is the number of, from 1, among so many.
pub(crate) fn numbered(said: &str, count: usize) -> Option<usize> {
    numbering::numbered(said).filter(|&index| index < count)
}

#[cfg(test)]
mod tests {
    use super::{Words, choose};

    #[test]
    fn a_choice_is_taken_by_name_word_or_number_without_regard_to_case() {
        let choices = [Words::declared("Book", &["Book a visit", "yes"]), Words::declared("Later", &["Not today"])];
        for (said, index) in [(" book ", 0), ("BOOK A VISIT", 0), ("Yes", 0), ("2", 1), ("not today", 1), ("later", 1)]
        {
            assert_eq!(choose(&choices, said), Some(index), "{said}");
        }
        for other in ["0", "3", "-1", "", "boo", "99999999999999999999"] {
            assert_eq!(choose(&choices, other), None, "{other}");
        }
        assert_eq!(choose(&[Words::declared("Two", &["2"]), Words::declared("One", &["1"])], "1"), Some(1));
    }
}
