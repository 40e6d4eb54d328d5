//! What goes out with a text: an [`Attachment`].

use serde::{Deserialize, Serialize};

use super::{BadUrl, Contact, FileToSend, Place, Template};

/// What a [`Reply`](crate::Reply) sends with its text. One, because one is what a message of a platform has: what is more goes in
/// a reply of its own.
///
/// A channel matches on it, and shows of what it does not know the reply's text alone:
///
/// ```
/// use flow_core::{Attachment, Reply};
///
/// fn wire(reply: &Reply) -> String {
///     match reply.attachment() {
///         Some(Attachment::Image(image)) => format!("photo {:?}: {}", image.url(), reply.text()),
///         Some(Attachment::Place(place)) => format!("venue {} {}: {}", place.latitude(), place.longitude(), reply.text()),
///         _ => reply.text().to_owned(),
///     }
/// }
/// # assert_eq!(wire(&Reply::new("x").with_image("https://a.example/b")), "photo Some(\"https://a.example/b\"): x");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Attachment {
    /// A picture; the text stands under it.
    Image(FileToSend),
    /// A file of any type; the text stands under it.
    File(FileToSend),
    /// A place on the map.
    Place(Place),
    /// A card for the address book.
    Contact(Contact),
    /// A message that the platform has approved; the text says the same, for others.
    Template(Template),
}

impl Attachment {
    /// The picture or the file, if it is one.
    pub fn file(&self) -> Option<&FileToSend> {
        if let Self::Image(file) | Self::File(file) = self { Some(file) } else { None }
    }

    /// The place, if it is one.
    pub fn place(&self) -> Option<&Place> {
        if let Self::Place(place) = self { Some(place) } else { None }
    }

    /// The card, if it is one.
    pub fn contact(&self) -> Option<&Contact> {
        if let Self::Contact(contact) = self { Some(contact) } else { None }
    }

    /// The template, if it is one.
    pub fn template(&self) -> Option<&Template> {
        if let Self::Template(template) = self { Some(template) } else { None }
    }

    /// What kind it is, in one word.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Image(_) => "image",
            Self::File(_) => "file",
            Self::Place(_) => "place",
            Self::Contact(_) => "contact",
            Self::Template(_) => "template",
        }
    }

    /// Fails if it cannot be sent.
    pub(crate) fn check(&self) -> Result<(), BadUrl> {
        self.file().map_or(Ok(()), FileToSend::check)
    }
}
