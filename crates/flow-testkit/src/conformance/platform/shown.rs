//! What a visitor sees: [`Shown`], and what a platform has [`Taken`].

/// What a visitor sees of one message.
///
/// ```
/// use flow_testkit::conformance::platform::Shown;
///
/// let shown = Shown::text("Hair or nails?").with_button("Hair", "~1").with_button("Nails", "~2");
/// # let _ = shown;
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct Shown {
    pub(super) text: String,
    pub(super) buttons: Vec<(String, String)>,
    pub(super) link: Option<String>,
    pub(super) attachment: Option<String>,
}

impl Shown {
    /// This text, as it is read: without the escapes of the platform.
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// With this text, where it is known last.
    pub fn with_text(self, text: impl Into<String>) -> Self {
        Self { text: text.into(), ..self }
    }

    /// With something to press, a button or a row of a list: its label, and what comes back.
    pub fn with_button(mut self, label: impl Into<String>, token: impl Into<String>) -> Self {
        self.buttons.push((label.into(), token.into()));
        self
    }

    /// With a link to press.
    pub fn with_link(self, link: impl Into<String>) -> Self {
        Self { link: Some(link.into()), ..self }
    }

    /// With this beside its text, as [`Attachment::kind`](flow_core::Attachment::kind) calls it: `image`, `file`, `place`, `contact`,
    /// `template`.
    pub fn with_attachment(self, kind: impl Into<String>) -> Self {
        Self { attachment: Some(kind.into()), ..self }
    }
}

/// A message that a platform has taken: where it went, and what is seen of it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Taken {
    pub(super) place: String,
    pub(super) key: Option<String>,
    pub(super) shown: Shown,
}

impl Taken {
    /// This went to this place.
    pub fn at(place: impl Into<String>, shown: Shown) -> Self {
        Self { place: place.into(), key: None, shown }
    }

    /// It came with this key: what a platform knows a message by that it is sent twice, or tells of it later.
    pub fn under(self, key: impl Into<String>) -> Self {
        Self { key: Some(key.into()), ..self }
    }
}
