//! A text in the form in which it is searched: [`Folded`].

/// A text in another form, and for each of its bytes the letter of the text that it comes from, by its index.
#[derive(Default)]
pub(super) struct Folded {
    pub(super) text: String,
    pub(super) places: Vec<usize>,
}

impl Folded {
    /// The text without case.
    pub(super) fn letters(text: &str) -> Self {
        let mut folded = Self::default();
        for (place, letter) in text.chars().enumerate() {
            for letter in fold(letter) {
                folded.push(letter, place);
            }
        }
        folded
    }

    /// The numbers of the text, one a line, without what stands between their digits: a phone number is the same
    /// number with other spaces in it.
    pub(super) fn numbers(text: &str) -> Self {
        let mut folded = Self::default();
        for (place, letter) in text.chars().enumerate() {
            if letter.is_ascii_digit() {
                folded.push(letter, place);
            } else if letter.is_alphanumeric() {
                folded.push('\n', place);
            }
        }
        folded
    }

    /// Whether there is no letter or digit right beside this part of the folded text.
    pub(super) fn stands_alone(&self, at: usize, length: usize) -> bool {
        let before = self.text[..at].chars().next_back();
        let after = self.text[at + length..].chars().next();
        !before.into_iter().chain(after).any(char::is_alphanumeric)
    }

    fn push(&mut self, letter: char, place: usize) {
        self.text.push(letter);
        self.places.resize(self.text.len(), place);
    }
}

/// A letter without its case. Up and down again, since `ß` becomes `SS`; without accents that stand apart, since `İ`
/// becomes `i` with a dot.
fn fold(letter: char) -> impl Iterator<Item = char> {
    let folded = letter.to_lowercase().flat_map(char::to_uppercase).flat_map(char::to_lowercase);
    folded.filter(|letter| !('\u{300}'..='\u{36f}').contains(letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_and_its_other_cases_fold_alike() {
        for text in ["Straße", "STRAẞE", "İSTANBUL", "ΌΣΟΣ ὀδός", "ﬁn", "ǆ", "Iıi", "你好吗"] {
            for other in [text.to_lowercase(), text.to_uppercase(), text.to_uppercase().to_lowercase()] {
                assert_eq!(Folded::letters(text).text, Folded::letters(&other).text, "{text} {other}");
            }
        }
    }

    #[test]
    fn a_folded_letter_knows_its_place() {
        let folded = Folded::letters("aßb");
        assert_eq!((folded.text.as_str(), &folded.places[..]), ("assb", &[0, 1, 1, 2][..]));
        let folded = Folded::numbers("é (23) 4-5x6");
        assert_eq!((folded.text.as_str(), &folded.places[..]), ("\n2345\n6", &[0, 3, 4, 7, 9, 10, 11][..]));
    }
}
