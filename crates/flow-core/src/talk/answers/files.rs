//! Answers that are no words: a file of any kind, or of one kind, a place, a card. No text is one, not even an empty one, which
//! gets the hint.

use serde::{Deserialize, Serialize};

use super::Answer;
use crate::{Contact, Input, Media, MediaKind, Place, Reask};

/// A file of any kind.
impl Answer for Media {
    fn parse(_: &str) -> Result<Self, Reask> {
        Err(Reask::because("Please send a picture or a file."))
    }

    fn read(input: &Input) -> Result<Self, Reask> {
        input.media().cloned().map_or_else(|| Self::parse(""), Ok)
    }
}

impl Answer for Place {
    fn parse(_: &str) -> Result<Self, Reask> {
        Err(Reask::because("Please send the place on the map."))
    }

    fn read(input: &Input) -> Result<Self, Reask> {
        input.place().cloned().map_or_else(|| Self::parse(""), Ok)
    }
}

impl Answer for Contact {
    fn parse(_: &str) -> Result<Self, Reask> {
        Err(Reask::because("Please share a contact."))
    }

    fn read(input: &Input) -> Result<Self, Reask> {
        input.contact().cloned().map_or_else(|| Self::parse(""), Ok)
    }
}

/// Types of files, each of which takes some kinds of them.
macro_rules! files {
    ($($(#[doc = $doc:literal])+ $name:ident, $hint:literal, $is_one:expr;)*) => {
        $($(#[doc = $doc])+
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Media);

        impl $name {
            /// The file, for [`Turn::fetch`](crate::Turn::fetch), and with what was written under it.
            pub fn media(&self) -> &Media {
                &self.0
            }
        }

        impl From<$name> for Media {
            fn from(file: $name) -> Self {
                file.0
            }
        }

        impl Answer for $name {
            fn parse(_: &str) -> Result<Self, Reask> {
                Err(Reask::because($hint))
            }

            fn read(input: &Input) -> Result<Self, Reask> {
                let is_one: fn(&Media) -> bool = $is_one;
                let media = input.media().filter(|media| is_one(media)).cloned();
                media.map(Self).map_or_else(|| Self::parse(""), Ok)
            }
        })*
    };
}

files! {
    /// A picture, sent as one or as a file.
    ///
    /// ```
    /// use flow_core::{Input, Media, MediaKind, answers::{Answer, Image}};
    ///
    /// let photo = Media::new(MediaKind::Image, "AgACAgIAAx0CZ").with_caption("The corner is broken.");
    /// let image = Image::read(&photo.into());
    /// assert_eq!(image.map(|image| image.media().caption().map(str::to_owned)), Ok(Some("The corner is broken.".to_owned())));
    ///
    /// let again = Image::read(&Input::text("It is broken.")).unwrap_err();
    /// assert_eq!(again.hint().text(), "Please send a picture.");
    /// ```
    Image, "Please send a picture.", |media| is_of(media, MediaKind::Image, "image/");
    /// A film, sent as one or as a file.
    Video, "Please send a video.", |media| is_of(media, MediaKind::Video, "video/");
    /// A message that was spoken, or another recording.
    Audio, "Please send a voice message.", |media| {
        media.kind() == MediaKind::Voice || is_of(media, MediaKind::Audio, "audio/")
    };
    /// A file that was sent as a file, of any type.
    Document, "Please send it as a file.", |media| media.kind() == MediaKind::Document;
}

/// Whether it is of this kind; a file that was sent as a file is, if its media type begins so.
fn is_of(media: &Media, kind: MediaKind, begins: &str) -> bool {
    let is_sent_as_file = || media.kind() == MediaKind::Document;
    let is_typed_so = || media.media_type().is_some_and(|media_type| media_type.to_lowercase().starts_with(begins));
    media.kind() == kind || is_sent_as_file() && is_typed_so()
}
