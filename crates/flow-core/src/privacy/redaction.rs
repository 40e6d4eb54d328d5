//! Striking private words out of a text: [`Redaction`].

use std::collections::{HashMap, HashSet};

use serde::Serialize;

use super::{MASK, sight::collected};

/// Words of fewer letters are struck out only where they stand alone.
const SHORT: usize = 3;

/// With more words than this to strike out, nothing worth reading would be left.
const MOST_WORDS: usize = 256;

/// No cleaned text is longer than this, in letters.
const LONGEST: usize = 2_000;

/// What must be struck out of texts that are bound for a log: an error may quote the visitor.
#[derive(Default)]
pub struct Redaction {
    words: HashSet<Vec<char>>,
}

impl Redaction {
    /// Strikes out every private value inside `value`, and each word of it.
    #[must_use]
    pub fn of<T: Serialize + ?Sized>(mut self, value: &T) -> Self {
        for text in collected(value) {
            self = self.and(&text);
        }
        self
    }

    /// Strikes out this text too, and each word of it.
    #[must_use]
    pub fn and(mut self, text: &str) -> Self {
        let words = text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| word.chars().count() >= SHORT);
        // A phone number is the same number with other spaces in it.
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        let digits = Some(digits).filter(|digits| digits.len() >= 5);
        for word in words.chain([text.trim()]).chain(digits.as_deref()) {
            if self.words.len() <= MOST_WORDS && !word.is_empty() {
                self.words.insert(folded(word));
            }
        }
        self
    }

    /// The text with all of that struck out.
    pub fn clean(&self, text: &str) -> String {
        if self.words.len() > MOST_WORDS {
            return MASK.to_owned();
        }
        let letters: Vec<char> = text.chars().take(LONGEST).collect();
        let (mut cleaned, mut place) = (String::new(), 0);
        let (folded, index) = (letters.iter().copied().map(fold).collect::<Vec<_>>(), self.index());
        while place < letters.len() {
            match longest_match(&index, &folded, place) {
                Some(length) => {
                    cleaned.push_str(MASK);
                    place += length;
                }
                None => {
                    cleaned.push(letters[place]);
                    place += 1;
                }
            }
        }
        cleaned
    }

    /// The words by their first letter, the longest first.
    fn index(&self) -> HashMap<char, Vec<&[char]>> {
        let mut index: HashMap<char, Vec<&[char]>> = HashMap::new();
        for word in &self.words {
            index.entry(word[0]).or_default().push(word);
        }
        for words in index.values_mut() {
            words.sort_by_key(|word| std::cmp::Reverse(word.len()));
        }
        index
    }
}

/// How many letters from `place` on are to be struck out.
fn longest_match(index: &HashMap<char, Vec<&[char]>>, letters: &[char], place: usize) -> Option<usize> {
    let rest = &letters[place..];
    let stands_alone = |length: usize| {
        let before = place.checked_sub(1).map(|before| letters[before]);
        !before.into_iter().chain(rest.get(length).copied()).any(char::is_alphanumeric)
    };
    let words = index.get(&rest[0])?;
    let fitting = words.iter().find(|word| rest.starts_with(word) && (word.len() >= SHORT || stands_alone(word.len())));
    fitting.map(|word| word.len())
}

fn folded(text: &str) -> Vec<char> {
    text.chars().map(fold).collect()
}

/// A letter without its case; one letter stays one letter, so that places agree.
fn fold(letter: char) -> char {
    letter.to_lowercase().next().unwrap_or(letter)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{answers::Name, privacy::Private};

    #[test]
    fn private_values_their_words_and_their_digits_are_struck_out() {
        let name: Name = "Ana Silva".parse().expect("a name");
        let redaction = Redaction::default().of(&(name, Private::new(4_711_000))).and("+1 234-567 890");
        for text in ["no row for ANA SILVA", "dup key (silva)", "id=4711000", "nsilva", "call 1234567890", "\"Ana\""] {
            let cleaned = redaction.clean(text).to_lowercase();
            assert!(["ana", "silva", "4711000", "1234567890"].iter().all(|word| !cleaned.contains(word)), "{cleaned}");
        }
        assert_eq!(redaction.clean("connection refused"), "connection refused");
    }

    #[test]
    fn a_short_word_is_struck_out_where_it_stands_alone() {
        let redaction = Redaction::default().and("Al");
        assert_eq!(redaction.clean("al: calendar is full"), "***: calendar is full");
    }

    #[test]
    fn an_essay_leaves_nothing_to_read_and_takes_no_time() {
        let essay: String = (0..3_000).map(|number| format!("aaa{number}")).collect::<Vec<_>>().join(" ");
        assert_eq!(Redaction::default().and(&essay).clean(&essay), MASK);
    }

    #[test]
    fn letters_of_any_script_are_no_trouble() {
        let redaction = Redaction::default().and("İSTANBUL ẞtraße ΌΣΟΣ 你好吗");
        for text in ["İSTANBUL", "ẞtraße", "όσος", "x你好吗x", "\u{301}\u{1F600}"] {
            let _ = redaction.clean(text);
        }
        assert_eq!(redaction.clean("x你好吗x"), "x***x");
    }
}
