//! A command to the bot, such as `/start`: [`Command`].

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::privacy::Private;

/// A command to the bot, as a channel knows it from words: `/start lisbon`.
///
/// Where the flow has a shortcut of its name (`anywhere("cancel" => …)`), it takes that; where a state offers a choice of its
/// name, it is that choice. It is no other answer, so that nobody is called "/start". A handler reads it with
/// [`Turn::command`](crate::Turn::command), and the opening hook from its input.
///
/// ```
/// use flow_core::{Command, Input};
///
/// let start = Command::new("start").with_arguments("lisbon");
/// assert_eq!((start.name(), start.arguments()), ("start", "lisbon"));
/// assert_eq!(Input::from(start.clone()).said(), Some("/start lisbon"));
/// // As a channel reads it from what was written.
/// assert_eq!(Command::written("/start@salon_bot lisbon"), Some(start));
/// assert_eq!(Command::written("either/or"), None);
/// ```
///
/// `Debug` tells the size: arguments may be private.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Command(Private<String>);

impl Command {
    /// The command of this name, which ends before the first space.
    pub fn new(name: impl AsRef<str>) -> Self {
        Self(Private::new(format!("/{}", name.as_ref().trim().trim_start_matches('/'))))
    }

    /// With what stands behind the name.
    #[must_use]
    pub fn with_arguments(self, arguments: impl AsRef<str>) -> Self {
        let said = format!("/{} {}", self.name(), arguments.as_ref().trim());
        Self(Private::new(said.trim_end().to_owned()))
    }

    /// The command that this text is: a name right behind a slash, of letters, digits, `_` and `-`, perhaps with `@` and the
    /// bot's own name, and what stands behind it; none if it is words.
    pub fn written(text: &str) -> Option<Self> {
        let (name, arguments) = parts(text.trim().strip_prefix('/')?);
        let name = name.split_once('@').map_or(name, |(name, _bot)| name);
        let is_name = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '-';
        (!name.is_empty() && name.chars().all(is_name)).then(|| Self::new(name).with_arguments(arguments))
    }

    /// The name, without a slash.
    pub fn name(&self) -> &str {
        parts(self.said().trim_start_matches('/')).0
    }

    /// What stands behind the name; empty if nothing does.
    pub fn arguments(&self) -> &str {
        parts(self.said().trim_start_matches('/')).1
    }

    /// The whole of it, as it would be written.
    pub fn said(&self) -> &str {
        self.0.reveal()
    }

    /// The name with its slash.
    pub(crate) fn with_slash(&self) -> &str {
        parts(self.said()).0
    }
}

/// The first word, and the rest.
fn parts(text: &str) -> (&str, &str) {
    let (name, arguments) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    (name, arguments.trim())
}

/// Without its words.
impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Command({} bytes)", self.said().len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_a_command_or_words() {
        for (written, name, arguments) in [
            ("/start", "start", ""),
            (" /start  a b ", "start", "a b"),
            ("/help@salon_bot", "help", ""),
            ("/new-order\n2", "new-order", "2"),
            ("/помощь", "помощь", ""),
        ] {
            let command = Command::written(written).expect("a command");
            assert_eq!((command.name(), command.arguments()), (name, arguments), "{written}");
            assert_eq!(Command::written(command.said()), Some(command));
        }
        for words in ["", "/", "start", "// no", "/home/ana", "/ start", "/@salon_bot", "/1.5 h"] {
            assert_eq!(Command::written(words), None, "{words}");
        }
    }

    #[test]
    fn a_command_is_made_with_or_without_its_slash() {
        for name in ["start", "/start", " start "] {
            let command = Command::new(name).with_arguments(" x ");
            assert_eq!((command.name(), command.with_slash(), command.said()), ("start", "/start", "/start x"));
        }
        assert_eq!(Command::new("start").with_arguments("a").with_arguments("").said(), "/start");
    }
}
