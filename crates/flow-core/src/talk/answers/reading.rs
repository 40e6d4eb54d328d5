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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Button, Command, Contact, Media, MediaKind, Place,
        answers::{Document, Image, Name},
        privacy::Private,
    };

    fn photo(caption: &str) -> Input {
        Media::new(MediaKind::Image, "r").with_caption(caption).into()
    }

    fn command(name: &str) -> Input {
        Command::new(name).into()
    }

    #[test]
    fn words_are_read_wherever_they_stand() {
        for input in [Input::text("7"), photo("7"), Input::button("7"), Input::Button(Button::new("x").with_label("7"))]
        {
            assert_eq!((u8::read(&input), Private::<u8>::read(&input)), (Ok(7), Ok(Private::new(7))), "{input:?}");
        }
        assert_eq!(bool::read(&command("yes")), Ok(true), "a command that names what is offered");
    }

    #[test]
    fn what_is_no_words_asks_for_words_as_the_type_does() {
        let media = Media::new(MediaKind::Voice, "r");
        let place = Place::new(1.0, 2.0).expect("a place");
        for input in [Input::from(media), place.into(), Contact::new("Ana").into(), command("7"), command("ana")] {
            assert_eq!(u8::read(&input), u8::parse(""), "{input:?}");
            assert_eq!(
                Name::read(&input).map_err(Reask::into_hint),
                Err("Please tell me your name.".into()),
                "{input:?}"
            );
        }
        assert_eq!(u8::read(&Input::signal_by_name("Paid", 7)).map_err(Reask::into_hint), Err(Reply::silence()));
    }

    #[test]
    fn what_is_no_picture_asks_for_one() {
        for input in [Input::text("r"), Input::button("r"), command("r"), Media::new(MediaKind::Document, "r").into()] {
            assert_eq!(
                Image::read(&input).map_err(Reask::into_hint),
                Err("Please send a picture.".into()),
                "{input:?}"
            );
        }
        assert!(
            Media::read(&photo("")).is_ok() && Document::read(&photo("")).is_err() && Place::read(&photo("")).is_err()
        );
    }

    #[test]
    fn what_may_be_skipped_is_skipped_by_words_and_not_by_what_stands_under_a_picture() {
        for skips in [Input::text("skip"), Input::button("Skip"), command("skip")] {
            assert_eq!(Option::<Image>::read(&skips), Ok(None), "{skips:?}");
        }
        assert!(matches!(Option::<Image>::read(&photo("none")), Ok(Some(_))), "the picture is there");
    }
}
