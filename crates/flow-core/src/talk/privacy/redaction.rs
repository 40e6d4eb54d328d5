//! Striking private words out of a text: [`Redaction`].

use std::{collections::BTreeSet, fmt, ops::Bound};

use serde::Serialize;
use serde_json::Value;

use super::{
    MASK,
    folded::Folded,
    sight::{collected, leaves},
};

/// Words of fewer bytes are struck out only where they stand alone. In bytes, since a letter of Chinese is a word.
const SHORT: usize = 3;

/// Numbers of fewer digits are words among others.
const SHORTEST_NUMBER: usize = 5;

/// With more to strike out than this, in bytes, nothing worth reading would be left.
const MOST: usize = 128 * 1024;

/// No cleaned text is longer than this, in letters.
const LONGEST: usize = 2_000;

/// What must be struck out of a text before it is logged (redacted): an error may quote the visitor.
///
/// ```
/// use flow_core::{answers::Name, privacy::Redaction};
///
/// let name: Name = "Ana Silva".parse()?;
/// let redaction = Redaction::default().of(&name).and("half past two");
/// assert_eq!(redaction.clean("no row for 'SILVA', said \"half past two\""), "no row for '***', said \"***\"");
/// # Ok::<(), flow_core::answers::NotA>(())
/// ```
#[derive(Default)]
pub struct Redaction {
    words: BTreeSet<String>,
    numbers: BTreeSet<String>,
    size: usize,
    everything: bool,
}

impl Redaction {
    /// Strikes out every private value inside `value`, and each word of it; everything if not all can be found, since
    /// `value` cannot be written as JSON.
    #[must_use]
    pub fn of<T: Serialize + ?Sized>(mut self, value: &T) -> Self {
        match collected(value) {
            Ok(texts) => texts.iter().fold(self, |redaction, text| redaction.and(text)),
            Err(_) => {
                self.everything = true;
                self
            }
        }
    }

    /// Strikes out this text too, each of its words of three letters and more, and its numbers however they are spaced.
    #[must_use]
    pub fn and(mut self, text: &str) -> Self {
        self.size += text.len();
        if self.size > MOST {
            self.everything = true;
            return self;
        }
        let words = text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| word.len() >= SHORT);
        let words = words.chain([text.trim()]).map(|word| Folded::letters(beginning(word)).text);
        self.words.extend(words.filter(|word| !word.is_empty()));
        for number in Folded::numbers(text).text.lines().filter(|number| number.len() >= SHORTEST_NUMBER) {
            self.numbers.insert(beginning(number).to_owned());
            self.numbers.extend(without_country(number).map(str::to_owned));
        }
        self
    }

    /// Strikes out every text and number of this value, private or not.
    pub(crate) fn and_all_of(self, value: &Value) -> Self {
        leaves(&value.to_string()).iter().fold(self, |redaction, text| redaction.and(text))
    }

    /// The text with all of that struck out, and cut off where it gets long.
    pub fn clean(&self, text: &str) -> String {
        if self.everything {
            return MASK.to_owned();
        }
        // A private word that begins before the cut is found whole: half of it would pass otherwise.
        let mut struck = [false; LONGEST];
        let letters = Folded::letters(text);
        strike(&mut struck, &letters, &self.words, |at, length| length >= SHORT || letters.stands_alone(at, length));
        strike(&mut struck, &Folded::numbers(text), &self.numbers, |_, _| true);
        show(text, &struck)
    }

    /// Whether the cleaned text is not all of this one, because it is too long.
    pub(crate) fn cuts(text: &str) -> bool {
        text.chars().nth(LONGEST).is_some()
    }
}

impl fmt::Debug for Redaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Redaction({} words, {} numbers)", self.words.len(), self.numbers.len())
    }
}

/// As much of a word as has room in a cleaned text: where that is found, everything after it is cut off.
fn beginning(word: &str) -> &str {
    word.char_indices().nth(LONGEST).map_or(word, |(end, _)| &word[..end])
}

/// What a phone number may be without its country's code, which has one to three digits and perhaps `00` before it.
fn without_country(number: &str) -> impl Iterator<Item = &str> {
    let is_phone = number.len() <= 17;
    (1..=5).filter_map(|code| number.get(code..)).filter(move |rest| is_phone && rest.len() >= 7)
}

/// Marks each letter of the text that one of these words covers, if it counts in its place.
fn strike(struck: &mut [bool], text: &Folded, words: &BTreeSet<String>, counts: impl Fn(usize, usize) -> bool) {
    let most = struck.len();
    for (at, _) in text.text.char_indices().take_while(|(at, _)| text.places[*at] < most) {
        if let Some(length) = longest(words, &text.text[at..]).filter(|&length| counts(at, length)) {
            let end = most.min(text.places[at + length - 1] + 1);
            struck[text.places[at]..end].fill(true);
        }
    }
}

/// How long the longest of these words is that the text begins with, in bytes.
fn longest(words: &BTreeSet<String>, mut text: &str) -> Option<usize> {
    loop {
        // Every word that the text begins with comes before the text, and the nearest of all begins with it too.
        let nearest = words.range::<str, _>((Bound::Unbounded, Bound::Included(text))).next_back()?;
        let common = nearest.chars().zip(text.chars()).take_while(|(word, text)| word == text);
        let common = common.map(|(letter, _)| letter.len_utf8()).sum();
        if common == nearest.len() {
            return Some(common);
        }
        text = &text[..common];
    }
}

/// The text with one mask for each run of struck letters.
fn show(text: &str, struck: &[bool]) -> String {
    let mut shown = String::new();
    let mut after_mask = false;
    let mut letters = text.chars();
    for (&is_struck, letter) in struck.iter().zip(letters.by_ref()) {
        match (is_struck, after_mask) {
            (false, _) => shown.push(letter),
            (true, false) => shown.push_str(MASK),
            (true, true) => {}
        }
        after_mask = is_struck;
    }
    if letters.next().is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{answers::Name, privacy::Private};

    fn cleaned(private: &str, text: &str) -> String {
        Redaction::default().and(private).clean(text)
    }

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
        assert_eq!(cleaned("Al", "al: calendar is full"), "***: calendar is full");
        assert_eq!(cleaned("王伟", "客户王伟已存在"), "客户***已存在");
    }

    #[test]
    fn a_phone_number_is_struck_out_however_it_is_written() {
        for text in ["+1 234 567-8901", "(234) 567 8901", "2345678901", "0012345678901", "1.234.567.8901"] {
            let cleaned = cleaned("+12345678901", &format!("no line {text} after 30 s"));
            let shown = cleaned.replace(['+', '(', '0'], "");
            assert_eq!(shown, "no line *** after 3 s", "{text}");
        }
    }

    #[test]
    fn words_are_struck_out_in_any_case_and_where_they_overlap() {
        for (private, text) in [("İSTANBUL", "i̇stanbul"), ("Straße", "STRASSE"), ("STRASSE", "straße")] {
            assert_eq!(cleaned(private, text), MASK, "{private}");
        }
        assert_eq!(cleaned("anaconda condado", "anacondado!"), "***!");
    }

    #[test]
    fn what_cannot_be_looked_into_or_is_too_much_leaves_nothing_to_read() {
        let no_json = std::collections::BTreeMap::from([((1, 2), Private::new("canary"))]);
        assert_eq!(Redaction::default().of(&no_json).clean("a canary"), MASK);
        assert_eq!(cleaned(&"x".repeat(MOST + 1), "refused"), MASK);
    }

    #[test]
    fn a_long_text_is_cut_off_and_never_through_a_private_word() {
        let text = format!("{}Silva {}", ".".repeat(LONGEST - 3), ".".repeat(100));
        assert_eq!(cleaned("Silva", &text), format!("{}***…", ".".repeat(LONGEST - 3)));
    }

    #[test]
    fn essays_of_any_kind_take_no_time() {
        let words: String =
            (0..4_000).flat_map(|number| ["a".to_owned(), number.to_string(), " ".to_owned()]).collect();
        let nested: String = (0..180).map(|length| "a".repeat(length) + " ").collect();
        let endless = "a".repeat(MOST);
        let essays = [(&words, &words), (&nested, &endless), (&"ab".repeat(8_000), &words), (&endless, &endless)];
        for (private, text) in essays {
            let start = std::time::Instant::now();
            let _ = cleaned(private, text);
            assert!(start.elapsed().as_secs() < 10);
        }
    }

    proptest! {
        #[test]
        fn nothing_private_is_left_whatever_stands_around_it(
            private in r"[\PC\s&&[^*]]{3,30}", before in r"[\PC&&[^*]]{0,20}", after in r"[\PC&&[^*]]{0,20}",
        ) {
            let redaction = Redaction::default().and(&private);
            let words = redaction.words.iter().filter(|word| word.len() >= SHORT).collect::<Vec<_>>();
            for quoted in [private.clone(), private.to_uppercase(), private.to_lowercase(), format!("{private:?}")] {
                let shown = redaction.clean(&format!("{before}{quoted}{after}"));
                let shown = Folded::letters(&shown).text;
                prop_assert!(words.iter().all(|word| !shown.contains(*word)), "{shown}");
            }
        }
    }
}
