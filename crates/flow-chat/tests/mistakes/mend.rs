//! How a mistake is mended with the compiler's own words: [`Mend`].

use std::{cmp::Reverse, ops::Range};

use crate::{place::find, told::Message};

/// What is done to a wrong program.
#[derive(Default)]
pub(crate) enum Mend {
    /// The case forgot to say.
    #[default]
    Forgotten,
    /// There is nothing to paste, for a reason that the case has.
    Nothing,
    /// Rustc's own suggestion is followed.
    Suggested,
    Pasted(Vec<Paste>),
}

/// A text with the message's proposals in it, and the place that it is pasted over: the token unless there is one.
pub(crate) struct Paste {
    place: Option<String>,
    text: String,
}

impl Mend {
    pub(crate) fn paste(&mut self, place: Option<&str>, text: &str) {
        let paste = Paste { place: place.map(str::to_owned), text: text.to_owned() };
        match self {
            Self::Pasted(pastes) => pastes.push(paste),
            _ => *self = Self::Pasted(vec![paste]),
        }
    }

    /// The program as it is after the mend; none if there is nothing to paste.
    ///
    /// Fails if the message does not propose what the mend is made of.
    pub(crate) fn apply(
        &self,
        program: &str,
        token: Range<usize>,
        message: &Message,
    ) -> Result<Option<String>, String> {
        let mut edits = match self {
            Self::Forgotten => return Err("the case has nothing to paste, and no reason for that".into()),
            Self::Nothing => return Ok(None),
            Self::Suggested if message.suggestion.is_empty() => return Err("rustc suggests nothing".into()),
            Self::Suggested => message.suggestion.clone(),
            Self::Pasted(pastes) => {
                let edits = pastes.iter().map(|paste| paste.edit(program, &token, message));
                edits.collect::<Result<_, _>>()?
            }
        };
        // From the end on, so that the places before an edit stay where they are.
        edits.sort_by_key(|(place, _)| Reverse(place.start));
        let mut mended = program.to_owned();
        for (place, text) in edits {
            mended.replace_range(place, &text);
        }
        Ok(Some(mended))
    }
}

impl Paste {
    fn edit(&self, program: &str, token: &Range<usize>, message: &Message) -> Result<(Range<usize>, String), String> {
        let place = self.place.as_ref().map_or_else(|| Ok(token.clone()), |place| find(place, program))?;
        let old = &program[place.clone()];
        let mut pieces = self.text.split('$');
        let mut text = borrowed(pieces.next().unwrap_or_default(), old)?.to_owned();
        for piece in pieces {
            let end = piece.find(|letter: char| !letter.is_ascii_alphanumeric()).unwrap_or(piece.len());
            let (name, rest) = piece.split_at(end);
            text += message.proposal(name).ok_or_else(|| format!("the message proposes no `${name}`"))?;
            text += borrowed(rest, old)?;
        }
        if !self.text.contains('$') && !message.page().contains("remove") {
            return Err("the message does not say what to remove".into());
        }
        Ok((place, text))
    }
}

/// What the case itself writes, of which each word must stand in the text that it replaces.
fn borrowed<'t>(text: &'t str, old: &str) -> Result<&'t str, String> {
    let mut words = text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    match words.find(|word| !old.contains(word)) {
        Some(word) => Err(format!("the case pastes a word of its own, `{word}`")),
        None => Ok(text),
    }
}
