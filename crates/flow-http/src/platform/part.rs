//! One message of a platform, before it is written in the platform's way: a [`Part`].

use std::fmt;

use flow_core::{Attachment, ReplyButton};

/// What of a reply fits into one message of a platform.
///
/// `Debug` tells the shape and never the words.
#[derive(Clone)]
pub struct Part<'r> {
    pub(super) text: String,
    pub(super) offer: Offer<'r>,
    pub(super) link: Option<&'r str>,
    pub(super) attachment: Option<&'r Attachment>,
}

impl<'r> Part<'r> {
    /// Its text; under a picture or a file, if there is one. May be empty where there is an attachment.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What can be pressed with it.
    pub fn offer(&self) -> &Offer<'r> {
        &self.offer
    }

    /// The link to show with it.
    pub fn link(&self) -> Option<&'r str> {
        self.link
    }

    /// What goes with it: nothing but what the [`Screen`](super::Screen) shows.
    pub fn attachment(&self) -> Option<&'r Attachment> {
        self.attachment
    }
}

/// What can be pressed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Offer<'r> {
    /// Nothing. What there is to choose from stands in the text.
    Nothing,
    /// Buttons.
    Buttons(Vec<ReplyButton<'r>>),
    /// Rows of a list that opens.
    List(Vec<ReplyButton<'r>>),
}

impl fmt::Debug for Part<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let offered = match &self.offer {
            Offer::Nothing => 0,
            Offer::Buttons(rows) | Offer::List(rows) => rows.len(),
        };
        write!(f, "Part({} bytes, {offered} choices", self.text.len())?;
        match self.attachment {
            Some(attachment) => write!(f, ", {})", attachment.kind()),
            None => f.write_str(")"),
        }
    }
}
