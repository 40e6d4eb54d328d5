//! A flow, and what the compiler must say of it: [`Case`].

use std::ops::Range;

use crate::{
    mend::Mend,
    place::{find, unmarked},
};

/// A flow that is written wrongly, or rightly, and what is expected of it.
///
/// ```ignore
/// table("a state that follows, misspelt")
///     .wrong("to(Contact)", "to(«Contcat»)")
///     .says("there is no state `Contcat`")
///     .paste("$2")
/// ```
pub(crate) struct Case {
    /// What is wrong, or what is unusual and right, in words.
    pub(crate) name: String,
    /// What else it is about, to be shown with others of it.
    pub(crate) subject: &'static str,
    /// With `«»` around the token of its error.
    text: String,
    /// None of a right flow: it compiles, without a warning.
    pub(crate) error: Option<Expected>,
}

/// The error that a mistake must be.
#[derive(Default)]
pub(crate) struct Expected {
    pub(crate) words: Vec<String>,
    pub(crate) mend: Mend,
    /// How many errors come besides, which is none unless the case has a reason.
    pub(crate) besides: usize,
}

impl Case {
    /// A right flow, which the other methods change.
    pub(crate) fn new(name: impl Into<String>, text: &str) -> Self {
        Self { name: name.into(), subject: "", text: text.to_owned(), error: None }
    }

    /// Writes `to` for `from`, which leaves the flow right.
    ///
    /// As everywhere here, a place is told by what stands there, which must stand in the program once. If only a part of it
    /// is meant, that part stands in `«»`.
    pub(crate) fn with(mut self, from: &str, to: &str) -> Self {
        let place = find(from, &self.text).unwrap_or_else(|why| panic!("{}: {why}", self.name));
        self.text.replace_range(place, to);
        self
    }

    /// Writes `to` for `from`, which makes the flow wrong. In `to`, the token of the error stands in `«»`, unless
    /// [`Case::at`] says where it is.
    pub(crate) fn wrong(mut self, from: &str, to: &str) -> Self {
        self.error.get_or_insert_default();
        self.with(from, to)
    }

    /// Says where the error is told, if that is not where the flow was made wrong.
    pub(crate) fn at(self, token: &str) -> Self {
        let marked = format!("«{}»", &unmarked(token).0[unmarked(token).1]);
        self.wrong(token, &marked)
    }

    /// Expects these words in the error's message, its label, its notes or its helps.
    pub(crate) fn says(mut self, words: impl Into<String>) -> Self {
        self.expected().words.push(words.into());
        self
    }

    /// Expects so many errors besides the one, for a reason.
    pub(crate) fn besides(mut self, count: usize, _reason: &str) -> Self {
        self.expected().besides = count;
        self
    }

    /// Expects that the flow compiles when `text` is pasted over the token.
    ///
    /// In `text`, `$1` is what the message has in backticks first, and `$last` what it has there last; `$note1` and `$help1`
    /// are the first ones of its notes and its helps. Any other word must stand in what is pasted over, so that all is the compiler's own proposal. A text
    /// that is only left out needs a message that says "remove".
    pub(crate) fn paste(mut self, text: &str) -> Self {
        self.expected().mend.paste(None, text);
        self
    }

    /// Expects that the flow compiles when `text` is pasted over what stands at `place`, as [`Case::paste`] says.
    pub(crate) fn paste_over(mut self, place: &str, text: &str) -> Self {
        self.expected().mend.paste(Some(place), text);
        self
    }

    /// Expects that the flow compiles when rustc's own suggestion is followed, as an editor does it.
    pub(crate) fn follow_suggestion(mut self) -> Self {
        self.expected().mend = Mend::Suggested;
        self
    }

    /// Expects no text to paste, for a reason.
    pub(crate) fn nothing_to_paste(mut self, _reason: &str) -> Self {
        self.expected().mend = Mend::Nothing;
        self
    }

    pub(crate) fn about(self, subject: &'static str) -> Self {
        Self { subject, ..self }
    }

    /// The program as rustc sees it.
    pub(crate) fn program(&self) -> String {
        unmarked(&self.text).0
    }

    /// Where the error must be told.
    pub(crate) fn token(&self) -> Range<usize> {
        unmarked(&self.text).1
    }

    fn expected(&mut self) -> &mut Expected {
        self.error.get_or_insert_default()
    }
}
