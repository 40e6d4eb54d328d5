//! A text that is longer than a message may be is cut where a reader would.

use unicode_segmentation::UnicodeSegmentation;

use super::screen::Counted;

/// Where a text is best cut: after a paragraph, a line, a sentence, a word.
const SEAMS: [&str; 6] = ["\n\n", "\n", ". ", "! ", "? ", " "];

/// The pieces of a text, each of this length at most, and none of them empty.
///
/// A piece ends at the best seam in its second half; a word without any is cut between two characters.
pub(super) fn pieces(text: &str, counted: Counted, length: usize) -> Vec<String> {
    let (mut rest, mut pieces) = (text.trim(), Vec::new());
    loop {
        let fits = fitting(rest, counted, length);
        if fits.len() == rest.len() {
            break;
        }
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

/// As much of the beginning as fits, in whole characters as a reader counts them: a flag, a family, a vowel with its sign.
fn fitting(text: &str, counted: Counted, length: usize) -> &str {
    let (mut taken, mut end) = (0, 0);
    for (place, character) in text.grapheme_indices(true) {
        taken += counted.length(character);
        if taken > length {
            break;
        }
        end = place + character.len();
    }
    // A single character that is longer than a message is cut where it can be, and goes rather than never.
    let cut = if end == 0 { scalars(text, counted, length) } else { end };
    &text[..cut]
}

/// How many bytes at the beginning fit, and one of Unicode's characters at least.
fn scalars(text: &str, counted: Counted, length: usize) -> usize {
    let mut taken = 0;
    let fits = text.char_indices().take_while(|(_, character)| {
        taken += counted.of(*character);
        taken <= length
    });
    let end = fits.last().map(|(place, character)| place + character.len_utf8());
    end.or_else(|| text.chars().next().map(char::len_utf8)).unwrap_or_default()
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

    /// With a look at all that is left for each piece it took minutes.
    #[test]
    fn a_long_text_is_gone_through_once() {
        let pieces = pieces(&"word ".repeat(200_000), Counted::Utf16, 16);
        assert_eq!(pieces.len(), 66_667);
    }

    #[test]
    fn a_family_stays_together() {
        let family = "👩\u{200D}👩\u{200D}👧";
        let text = format!("aaaaaaaaaaaaa{family}b");
        assert_eq!(cut(&text, 16), ["aaaaaaaaaaaaa", &format!("{family}b")]);
    }

    /// A flag is two letters, and a syllable of Hindi a consonant with its vowel sign.
    #[test]
    fn a_flag_and_a_syllable_stay_whole() {
        for whole in ["🇧🇷", "कि", "각"] {
            let text = whole.repeat(40);
            let pieces = pieces(&text, Counted::Characters, 17);
            assert_eq!(pieces.concat(), text);
            let rests = pieces.iter().map(|piece| piece.replace(whole, ""));
            assert_eq!(rests.collect::<String>(), "", "{pieces:?}");
        }
    }

    #[test]
    fn what_is_joined_without_end_comes_to_an_end() {
        let text = format!("e{}", "\u{0301}".repeat(100));
        let cut = cut(&text, 16);
        assert_eq!(cut.concat(), text);
        assert!(cut.iter().all(|piece| Counted::Characters.length(piece) <= 16));
    }
}
