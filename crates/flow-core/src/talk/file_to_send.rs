//! A picture or a document that goes out: [`FileToSend`].

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{Media, url};
use crate::privacy::Private;

/// A file that a [`Reply`](crate::Reply) sends: by its address on the web, or as the channel knows it already.
///
/// ```
/// use flow_core::{FileToSend, Media, MediaKind, Reply};
///
/// // By its address, which the platform fetches.
/// let map = Reply::new("So you find us.").with_image("https://salon.example/map.png");
/// // With the name that it is to have at the visitor's.
/// let terms = FileToSend::at("https://salon.example/t/7f3a").with_name("terms.pdf");
/// let reply = Reply::new("Our terms.").with_file(terms);
/// // What a visitor sent goes back by the channel's own reference.
/// let photo = Media::new(MediaKind::Image, "AgACAgIAAx0CZ");
/// let shown = Reply::new("Is that the one?").with_image(&photo);
/// # assert!(!map.is_silence() && !reply.is_silence() && !shown.is_silence());
/// ```
///
/// It is private by type: stored as it is, and masked in `Debug`, in logs and in every masked view. An address may hold a token.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FileToSend(Private<Parts>);

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Parts {
    from: Source,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Source {
    Url(String),
    Media(Media),
}

impl FileToSend {
    /// The file at this address, which begins with `http://` or `https://`. A turn that says another fails, with [`BadUrl`];
    /// [`check`](Self::check) tells sooner.
    pub fn at(url: impl Into<String>) -> Self {
        Self(Private::new(Parts { from: Source::Url(url.into()), name: None }))
    }

    /// With the name that it is to have at the visitor's.
    #[must_use]
    pub fn with_name(self, name: impl Into<String>) -> Self {
        let parts = self.0.into_inner();
        Self(Private::new(Parts { name: Some(name.into()), ..parts }))
    }

    /// Its address on the web, if it goes by that.
    pub fn url(&self) -> Option<&str> {
        if let Source::Url(url) = &self.0.reveal().from { Some(url) } else { None }
    }

    /// The file as the channel knows it, if it goes by that.
    pub fn media(&self) -> Option<&Media> {
        if let Source::Media(media) = &self.0.reveal().from { Some(media) } else { None }
    }

    /// The name that it is to have at the visitor's, if one was given.
    pub fn name(&self) -> Option<&str> {
        self.0.reveal().name.as_deref()
    }

    /// Fails if it goes by an address, and no platform could fetch what is there.
    ///
    /// ```
    /// use flow_core::FileToSend;
    ///
    /// assert!(FileToSend::at("https://salon.example/map.png").check().is_ok());
    /// assert!(FileToSend::at("/srv/map.png").check().is_err());
    /// ```
    pub fn check(&self) -> Result<(), BadUrl> {
        self.url().filter(|url| !url::is_sendable(url)).map_or(Ok(()), |_| Err(BadUrl))
    }

    /// What may be shown of it: the host of its address.
    pub fn masked(&self) -> String {
        self.url().map_or_else(|| "***".to_owned(), url::masked)
    }
}

/// A file is to be sent from an address that no platform could fetch. It is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error(
    "a file to send has an address that does not begin with http:// or https://, has no host, or has a space in it"
)]
#[non_exhaustive]
pub struct BadUrl;

impl From<&str> for FileToSend {
    fn from(url: &str) -> Self {
        Self::at(url)
    }
}

impl From<String> for FileToSend {
    fn from(url: String) -> Self {
        Self::at(url)
    }
}

/// As the channel knows it that it came from.
impl From<Media> for FileToSend {
    fn from(media: Media) -> Self {
        Self(Private::new(Parts { from: Source::Media(media), name: None }))
    }
}

impl From<&Media> for FileToSend {
    fn from(media: &Media) -> Self {
        media.clone().into()
    }
}

/// The host of its address.
impl fmt::Debug for FileToSend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FileToSend({})", self.masked())
    }
}
