//! A button as a channel sends it: [`ReplyButton`].

use std::fmt;

use super::{
    Choice,
    token::{Token, VisitId},
};

/// One of the [`buttons`](crate::Reply::buttons) of a reply: what the visitor reads, and what comes back when it is pressed.
///
/// `Debug` tells the size and never the label.
#[derive(Clone, PartialEq, Eq)]
pub struct ReplyButton<'r> {
    label: &'r str,
    token: String,
}

impl<'r> ReplyButton<'r> {
    /// The button for a choice that answers the question of this visit. What works at any time is sent as it is, and so is what
    /// belongs to no question, unless it looks like what does.
    pub(super) fn of(choice: &'r Choice, visit: Option<VisitId>) -> Self {
        let token = match visit {
            Some(visit) if !choice.is_menu() => Token::new(visit, &choice.payload).text(),
            _ => Token::spare(&choice.payload),
        };
        Self { label: &choice.label, token }
    }

    /// What the visitor reads.
    pub fn label(&self) -> &'r str {
        self.label
    }

    /// What the channel sends with it and gets back when it is pressed: 15 letters of `A-Z a-z 0-9 - _ ~`, or the payload of a
    /// [`Choice::menu`], with a `~` before it if that looks like those letters. It is no secret.
    pub fn token(&self) -> &str {
        &self.token
    }
}

impl fmt::Debug for ReplyButton<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ReplyButton({} bytes)", self.label.len())
    }
}
