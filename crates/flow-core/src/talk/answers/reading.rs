//! How words are found in whatever came in: [`in_words`].

use super::Answer;
use crate::{Input, Reask, Reply};

/// Reads what came in by its words: a text, a button's payload or else its label, what stands under a picture, and a command
/// where it names one of the choices.
///
/// Fails with how to ask again.
pub(super) fn in_words<T: Answer>(input: &Input) -> Result<T, Reask> {
    match input {
        Input::Text(text) => T::parse(text),
        Input::Button(button) => {
            let labelled = || button.label.as_deref().and_then(|label| T::parse(label).ok());
            T::parse(&button.payload).or_else(|reask| labelled().ok_or(reask))
        }
        Input::Media(media) => media.caption().map_or_else(|| Err(words_please::<T>()), T::parse),
        // Any words could be a name, and nobody is called "/start".
        Input::Command(command) if !T::choices().is_empty() => T::parse(command.name()),
        Input::Command(_) | Input::Place(_) | Input::Contact(_) => Err(words_please::<T>()),
        Input::Signal(_) => Err(nothing_said()),
    }
}

/// The question alone is asked again.
pub(crate) fn nothing_said() -> Reask {
    Reask::because(Reply::silence())
}

/// What the type says where nothing was written is how it asks for words.
fn words_please<T: Answer>() -> Reask {
    T::parse("").err().unwrap_or_else(|| Reask::because("Please answer in words."))
}
