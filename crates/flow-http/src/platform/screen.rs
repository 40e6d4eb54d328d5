//! What a platform can show: its [`Screen`].

/// What a platform can show, and how much of it, as a constant: texts, buttons, lists, links, and what goes with them.
///
/// What does not fit degrades: buttons become a list, a list becomes numbered lines, a text becomes several, a picture its address.
///
/// ```
/// use flow_http::platform::{Counted, Screen};
///
/// const SCREEN: Screen =
///     Screen::of_text(4096).counted(Counted::Utf16).buttons(3, 20, 256).list(10, 24, 200).images(1024).places();
/// # let _ = SCREEN;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "each is a thing that a platform shows or does not")]
pub struct Screen {
    pub(super) counted: Counted,
    pub(super) text: usize,
    pub(super) buttons: Option<Rows>,
    pub(super) list: Option<Rows>,
    pub(super) list_alone: bool,
    pub(super) asked: usize,
    pub(super) links: bool,
    /// How long the text under one may be.
    pub(super) images: Option<usize>,
    pub(super) files: Option<usize>,
    pub(super) places: bool,
    pub(super) contacts: bool,
    pub(super) templates: bool,
}

/// What a platform counts when it counts a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Counted {
    /// Characters, as Unicode numbers them.
    Characters,
    /// Units of UTF-16: an emoji is two, and more.
    Utf16,
    /// Bytes of UTF-8.
    Bytes,
}

impl Counted {
    pub(super) fn length(self, text: &str) -> usize {
        match self {
            Self::Characters => text.chars().count(),
            Self::Utf16 => text.encode_utf16().count(),
            Self::Bytes => text.len(),
        }
    }

    pub(super) fn of(self, character: char) -> usize {
        match self {
            Self::Characters => 1,
            Self::Utf16 => character.len_utf16(),
            Self::Bytes => character.len_utf8(),
        }
    }
}

/// How many can be pressed, and how long what stands on them and what comes back may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rows {
    pub(super) most: usize,
    pub(super) label: usize,
    /// In bytes.
    pub(super) token: usize,
}

impl Screen {
    /// Texts of this length, in characters, and nothing else.
    #[must_use]
    pub const fn of_text(length: usize) -> Self {
        assert!(length >= 16, "a screen has room for a word");
        Self {
            counted: Counted::Characters,
            text: length,
            buttons: None,
            list: None,
            list_alone: false,
            asked: length,
            links: false,
            images: None,
            files: None,
            places: false,
            contacts: false,
            templates: false,
        }
    }

    /// Lengths are counted so.
    #[must_use]
    pub const fn counted(self, counted: Counted) -> Self {
        Self { counted, ..self }
    }

    /// At most so many buttons under a text, with labels of this length, which send back this many bytes.
    #[must_use]
    pub const fn buttons(self, most: usize, label: usize, token: usize) -> Self {
        Self { buttons: Some(Rows { most, label, token }), ..self }
    }

    /// A list that opens, of at most so many rows, with labels of this length, which send back this many bytes.
    #[must_use]
    pub const fn list(self, most: usize, label: usize, token: usize) -> Self {
        Self { list: Some(Rows { most, label, token }), ..self }
    }

    /// Nothing but a text goes with a list: a picture goes before it, in a message of its own.
    #[must_use]
    pub const fn list_alone(self) -> Self {
        Self { list_alone: true, ..self }
    }

    /// A text above buttons or a list has this length at most. The length of any text unless set.
    #[must_use]
    pub const fn above_buttons(self, length: usize) -> Self {
        assert!(length >= 16, "there is room for a word above buttons");
        Self { asked: length, ..self }
    }

    /// Links as something to press. Elsewhere they stand in the text.
    #[must_use]
    pub const fn links(self) -> Self {
        Self { links: true, ..self }
    }

    /// Pictures, with a text of this length under them.
    #[must_use]
    pub const fn images(self, caption: usize) -> Self {
        Self { images: Some(caption), ..self }
    }

    /// Files, with a text of this length under them.
    #[must_use]
    pub const fn files(self, caption: usize) -> Self {
        Self { files: Some(caption), ..self }
    }

    /// Places on a map.
    #[must_use]
    pub const fn places(self) -> Self {
        Self { places: true, ..self }
    }

    /// Cards for the address book.
    #[must_use]
    pub const fn contacts(self) -> Self {
        Self { contacts: true, ..self }
    }

    /// Templates that the platform has approved. They go alone, instead of the text.
    #[must_use]
    pub const fn templates(self) -> Self {
        Self { templates: true, ..self }
    }
}
