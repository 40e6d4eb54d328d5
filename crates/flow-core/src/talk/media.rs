//! A picture, a voice message, a document that was sent: [`Media`].

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::privacy::Private;

/// A file that the visitor sent, as its channel names it: a reference, never the bytes.
///
/// So it is small, and a state can keep it. A handler gets the bytes with [`Turn::fetch`](crate::Turn::fetch), when it needs them.
///
/// ```
/// use flow_core::{Input, Media, MediaKind};
///
/// let photo = Media::new(MediaKind::Image, "AgACAgIAAx0CZ")
///     .with_media_type("image/jpeg")
///     .with_size(48_213)
///     .with_caption("The corner is broken.");
/// let input = Input::from(photo);
/// assert_eq!(input.said(), Some("The corner is broken."));
/// assert_eq!(input.media().map(|media| media.kind()), Some(MediaKind::Image));
/// ```
///
/// It is private by type: stored as it is, and masked in `Debug`, in logs and in every masked view. A platform's address of a
/// file may hold the bot's own token.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Media(Private<Box<Parts>>);

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Parts {
    kind: MediaKind,
    reference: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    channel: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    media_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    file_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    caption: Option<String>,
}

/// What kind of file it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MediaKind {
    /// A picture.
    Image,
    /// A film.
    Video,
    /// Music, or another recording.
    Audio,
    /// A message that was spoken.
    Voice,
    /// A file of any type, sent as a file.
    Document,
    /// A sticker.
    Sticker,
}

impl MediaKind {
    /// The kind in one word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Video => "video",
            Self::Audio => "audio",
            Self::Voice => "voice",
            Self::Document => "document",
            Self::Sticker => "sticker",
        }
    }
}

impl Media {
    /// The file that the channel finds again by `reference`: what the engine's [`Fetch`](crate::Fetch) is given.
    pub fn new(kind: MediaKind, reference: impl Into<String>) -> Self {
        let (channel, media_type, size, file_name, caption) = Default::default();
        let parts = Parts { kind, reference: reference.into(), channel, media_type, size, file_name, caption };
        Self(Private::new(Box::new(parts)))
    }

    /// With the name of the channel that it came by. A message that has an address tells it by itself.
    #[must_use]
    pub fn with_channel(self, channel: impl Into<String>) -> Self {
        self.with(|parts| parts.channel = Some(channel.into()))
    }

    /// With its media type (MIME type), such as `image/jpeg`.
    #[must_use]
    pub fn with_media_type(self, media_type: impl Into<String>) -> Self {
        self.with(|parts| parts.media_type = Some(media_type.into()))
    }

    /// With how many bytes it has, as the channel tells: one that is too large is refused before it is fetched.
    #[must_use]
    pub fn with_size(self, size: u64) -> Self {
        self.with(|parts| parts.size = Some(size))
    }

    /// With the name that the file has at its sender's.
    #[must_use]
    pub fn with_file_name(self, file_name: impl Into<String>) -> Self {
        self.with(|parts| parts.file_name = Some(file_name.into()))
    }

    /// With what its sender wrote under it.
    #[must_use]
    pub fn with_caption(self, caption: impl Into<String>) -> Self {
        self.with(|parts| parts.caption = Some(caption.into()))
    }

    /// What kind of file it is.
    pub fn kind(&self) -> MediaKind {
        self.parts().kind
    }

    /// What the channel finds it by.
    pub fn reference(&self) -> &str {
        &self.parts().reference
    }

    /// The name of the channel that it came by, and that finds it again; none if its message had no address.
    pub fn channel(&self) -> Option<&str> {
        self.parts().channel.as_deref()
    }

    /// Its media type (MIME type), if the channel tells.
    pub fn media_type(&self) -> Option<&str> {
        self.parts().media_type.as_deref()
    }

    /// How many bytes it has, if the channel tells.
    pub fn size(&self) -> Option<u64> {
        self.parts().size
    }

    /// The name that the file has at its sender's, if the channel tells. It is no path to write to.
    pub fn file_name(&self) -> Option<&str> {
        self.parts().file_name.as_deref()
    }

    /// What its sender wrote under it.
    pub fn caption(&self) -> Option<&str> {
        self.parts().caption.as_deref()
    }

    /// How many bytes what is told of it has. The file itself is not here.
    pub(crate) fn len(&self) -> usize {
        let told = [self.channel(), self.media_type(), self.file_name(), self.caption()];
        self.reference().len() + told.into_iter().flatten().map(str::len).sum::<usize>()
    }

    fn parts(&self) -> &Parts {
        self.0.reveal()
    }

    fn with(self, change: impl FnOnce(&mut Parts)) -> Self {
        let mut parts = self.0.into_inner();
        change(&mut parts);
        Self(Private::new(parts))
    }
}

/// The kind, and how large it is.
impl fmt::Debug for Media {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Media({}", self.kind().as_str())?;
        match self.size() {
            Some(size) => write!(f, ", {size} bytes)"),
            None => f.write_str(")"),
        }
    }
}
