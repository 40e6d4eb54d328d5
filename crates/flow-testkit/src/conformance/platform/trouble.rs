//! What a platform answers when all is not well: [`Trouble`].

use std::time::Duration;

/// What happens to a message that is sent. Each is answered as the platform's documentation has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Trouble {
    /// Too much was sent: nothing is taken for so long, in whole seconds.
    Busy(Duration),
    /// The visitor has blocked the bot, or is gone.
    Blocked,
    /// The platform fails, and has not taken it.
    Broken,
    /// The bot's own key is not taken: it was revoked, or mistyped.
    Denied,
    /// It is taken, and the connection ends before the answer.
    AnswerLost,
}
