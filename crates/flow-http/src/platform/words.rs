//! A text that is longer than a message may be is cut where a reader would.

use super::screen::Counted;

/// Where a text is best cut: after a paragraph, a line, a sentence, a word.
const SEAMS: [&str; 6] = ["\n\n", "\n", ". ", "! ", "? ", " "];

/// The pieces of a text, each of this length at most, and none of them empty.
///
/// A piece ends at the best seam in its second half; a word without any is cut between two characters.
pub(super) fn pieces(text: &str, counted: Counted, length: usize) -> Vec<String> {
    let (mut rest, mut pieces) = (text.trim(), Vec::new());
    while counted.length(rest) > length {
        let fits = fitting(rest, counted, length);
        let cut = seam(fits).unwrap_or(fits.len());
        let (piece, later) = rest.split_at(cut);
        pieces.push(piece.trim_end().to_owned());
        rest = later.trim_start();
    }
    if !rest.is_empty() {
        pieces.push(rest.to_owned());
    }
    pieces
}

/// As much of the beginning as fits: not between a character and what modifies it, if that can be.
fn fitting(text: &str, counted: Counted, length: usize) -> &str {
    let (mut taken, mut end, mut whole) = (0, 0, 0);
    for (place, character) in text.char_indices() {
        if !is_joined(character) && !text[..place].ends_with(JOINER) {
            whole = place;
        }
        taken += counted.of(character);
        if taken > length {
            break;
        }
        end = place + character.len_utf8();
    }
    // What begins at `whole` may go on behind what fits.
    let goes_on = text[end..].chars().next().is_some_and(|next| is_joined(next) || text[..end].ends_with(JOINER));
    let cut = if goes_on && whole > 0 { whole } else { end };
    // A single character that is longer than a message: it goes as it is rather than never.
    let cut = if cut == 0 { text.chars().next().map_or(0, char::len_utf8) } else { cut };
    &text[..cut]
}

const JOINER: char = '\u{200D}';

/// Whether a character belongs to the one before it: accents, variants, skin tones, what joins emoji.
fn is_joined(character: char) -> bool {
    matches!(character,
        '\u{0300}'..='\u{036F}' | '\u{1AB0}'..='\u{1AFF}' | '\u{20D0}'..='\u{20FF}' | JOINER
        | '\u{FE00}'..='\u{FE0F}' | '\u{FE20}'..='\u{FE2F}' | '\u{1F3FB}'..='\u{1F3FF}')
}

/// The place behind the last of the best seams, if one is in the second half.
fn seam(text: &str) -> Option<usize> {
    let half = text.len() / 2;
    SEAMS.iter().find_map(|seam| text.rfind(seam).map(|place| place + seam.len()).filter(|end| *end > half))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str, length: usize) -> Vec<String> {
        pieces(text, Counted::Characters, length)
    }

    #[test]
    fn a_text_is_cut_at_paragraphs_then_lines_then_sentences_then_words() {
        assert_eq!(cut("One and\n\ntwo.\nThree.", 16), ["One and", "two.\nThree."]);
        assert_eq!(cut("Ten of us. We come", 16), ["Ten of us.", "We come"]);
        assert_eq!(cut("Nobody is at home today", 16), ["Nobody is at", "home today"]);
        assert_eq!(cut("", 16), Vec::<String>::new());
    }

    #[test]
    fn a_word_without_end_is_cut_between_characters_and_nothing_of_it_is_lost() {
        let word = "é🏽".repeat(40);
        for counted in [Counted::Characters, Counted::Utf16, Counted::Bytes] {
            let cut = pieces(&word, counted, 17);
            assert_eq!(cut.concat(), word);
            assert!(cut.iter().all(|piece| counted.length(piece) <= 17 && !piece.starts_with('🏽')), "{cut:?}");
        }
    }

    #[test]
    fn a_family_stays_together() {
        let family = "👩\u{200D}👩\u{200D}👧";
        let text = format!("aaaaaaaaaaaaa{family}b");
        assert_eq!(cut(&text, 16), ["aaaaaaaaaaaaa", &format!("{family}b")]);
    }

    #[test]
    fn what_is_joined_without_end_comes_to_an_end() {
        let text = format!("e{}", "\u{0301}".repeat(100));
        let cut = cut(&text, 16);
        assert_eq!(cut.concat(), text);
        assert!(cut.iter().all(|piece| Counted::Characters.length(piece) <= 16));
    }
}
