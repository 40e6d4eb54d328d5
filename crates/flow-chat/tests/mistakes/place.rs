//! One place in a text, told by what stands there: [`find`].

use std::ops::Range;

/// Where `pattern` stands in `text`; where its part in `«»` stands if it has one.
///
/// Fails if it stands there more than once, or not at all.
pub(crate) fn find(pattern: &str, text: &str) -> Result<Range<usize>, String> {
    let (plain, marked) = unmarked(pattern);
    let places: Vec<_> = text.match_indices(&plain).collect();
    match places[..] {
        [(place, _)] => Ok(place + marked.start..place + marked.end),
        _ => Err(format!("`{plain}` stands in the program {} times, and must stand there once", places.len())),
    }
}

/// The text without `«»`, and where the part between them stands in it; all of it if there are none.
pub(crate) fn unmarked(text: &str) -> (String, Range<usize>) {
    let (before, rest) = text.split_once('«').unwrap_or(("", text));
    let (marked, after) = rest.split_once('»').unwrap_or((rest, ""));
    (format!("{before}{marked}{after}"), before.len()..before.len() + marked.len())
}
