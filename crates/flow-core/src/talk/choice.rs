//! What a visitor may choose from: a [`Choice`], and which of several a visitor named.

use std::fmt;

use serde::{Deserialize, Serialize};

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
/// `Debug` tells the size and never the label.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Choice {
    /// What the visitor reads.
    pub label: String,
    /// What comes back when it is chosen.
    pub payload: String,
}

impl Choice {
    /// A choice that comes back as something else than what the visitor reads.
    pub fn new(label: impl Into<String>, payload: impl Into<String>) -> Self {
        Self { label: label.into(), payload: payload.into() }
    }
}

impl From<&str> for Choice {
    fn from(label: &str) -> Self {
        Self::new(label, label)
    }
}

impl From<String> for Choice {
    fn from(label: String) -> Self {
        Self { payload: label.clone(), label }
    }
}

impl fmt::Debug for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Choice({} bytes)", self.label.len())
    }
}

/// The index of the choice that `said` names: by one of its words, without regard to case, or by its number from 1.
pub fn pick(choices: &[&[&str]], said: &str) -> Option<usize> {
    let said = said.trim();
    let lower = said.to_lowercase();
    let named = choices.iter().position(|words| words.iter().any(|word| word.to_lowercase() == lower));
    // A word that is itself a number wins over a place in the list.
    let numbered = || said.parse::<usize>().ok()?.checked_sub(1).filter(|&index| index < choices.len());
    named.or_else(numbered)
}

/// The label among `labels` that `said` names.
pub(crate) fn choose<'l>(labels: &[&'l str], said: &str) -> Option<&'l str> {
    let choices: Vec<[&str; 1]> = labels.iter().map(|label| [*label]).collect();
    let choices: Vec<&[&str]> = choices.iter().map(|words| &words[..]).collect();
    pick(&choices, said).map(|index| labels[index])
}

#[cfg(test)]
mod tests {
    use super::choose;

    #[test]
    fn a_choice_is_taken_by_label_or_number_without_regard_to_case() {
        let labels = ["Book", "Not today"];
        assert_eq!(choose(&labels, " book "), Some("Book"));
        assert_eq!(choose(&labels, "2"), Some("Not today"));
        for other in ["0", "3", "-1", "", "boo", "99999999999999999999"] {
            assert_eq!(choose(&labels, other), None, "{other}");
        }
        assert_eq!(choose(&["2", "1"], "1"), Some("1"));
    }
}
