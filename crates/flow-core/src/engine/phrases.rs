//! What an engine itself has to say: [`Phrases`].

use crate::Reply;

/// What an engine itself has to say.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Phrases {
    /// When a handler failed.
    pub apology: Reply,
    /// When "back" leads nowhere.
    pub cannot_go_back: Reply,
    /// When a button is pressed whose question is over. The present question follows.
    pub question_is_over: Reply,
    /// When a handler fetches a file that is larger than the engine takes.
    pub file_too_large: Reply,
}

impl Default for Phrases {
    fn default() -> Self {
        Self {
            apology: "Sorry, something went wrong on our side. Please try again.".into(),
            cannot_go_back: "There is no way back from here.".into(),
            question_is_over: "That question is over.".into(),
            file_too_large: "That file is too large. Please send a smaller one.".into(),
        }
    }
}
