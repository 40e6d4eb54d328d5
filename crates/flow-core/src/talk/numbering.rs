//! Whether the choices of a reply are picked by their numbers: [`Numbering`].

use serde::{Deserialize, Serialize};

/// What a number means to a question.
///
/// All are equal: two replies that say the same are equal, whatever asks them.
#[derive(Clone, Copy, Debug, Default, Eq, Serialize, Deserialize)]
#[serde(from = "bool", into = "bool")]
pub(crate) enum Numbering {
    /// The choice that has it.
    #[default]
    On,
    /// The same, as the type that the answer is read as says by itself.
    Own,
    /// An answer of its own.
    Off,
}

impl Numbering {
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
    pub(super) fn counts(&self) -> bool {
        !matches!(self, Self::Off)
    }
}

impl PartialEq for Numbering {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// Written is whether a number is an answer of its own.
impl From<bool> for Numbering {
    fn from(is_off: bool) -> Self {
        if is_off { Self::Off } else { Self::On }
    }
}

impl From<Numbering> for bool {
    fn from(numbering: Numbering) -> Self {
        matches!(numbering, Numbering::Off)
    }
}

/// The index that was named by its number, from 1, as it stands before a line: "2", "2.", "2)".
pub(crate) fn numbered(said: &str) -> Option<usize> {
    let said = said.trim();
    let number = said.strip_suffix(['.', ')']).unwrap_or(said);
    if !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    number.parse::<usize>().ok()?.checked_sub(1)
}

#[cfg(test)]
mod tests {
    use super::numbered;

    #[test]
    fn a_number_is_read_as_it_is_shown() {
        assert_eq!(["2", " 2 ", "2.", "2)", "12."].map(numbered), [Some(1), Some(1), Some(1), Some(1), Some(11)]);
        for other in ["", ".", "0", "-1", "+1", "2..", "2 guests", "1.5", "zwei", "99999999999999999999"] {
            assert_eq!(numbered(other), None, "{other}");
        }
    }
}
