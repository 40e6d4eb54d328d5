//! Where a value of the settings was written: [`Origin`].

use std::{fmt, path::PathBuf};

/// Where a value of the settings was written, as an operator would look for it.
///
/// ```
/// use flow_chat::service::{Origin, Settings};
///
/// let mistakes = Settings::from_pairs([("store", "memory:"), ("expiry.idle", "soon")]).unwrap_err();
/// assert_eq!(*mistakes.mistakes()[0].origin(), Origin::Program);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Origin {
    /// This line of this file.
    Line(PathBuf, usize),
    /// This file, as a whole.
    File(PathBuf),
    /// The environment variable of this name.
    Variable(String),
    /// The argument of this name on the command line.
    Argument(String),
    /// The program's own code.
    Program,
    /// Nowhere: it is missing, or several values do not go together.
    Nowhere,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(path, line) => write!(f, "{}, line {line}", path.display()),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Variable(name) | Self::Argument(name) => f.write_str(name),
            Self::Program => f.write_str("the program"),
            Self::Nowhere => f.write_str("nowhere"),
        }
    }
}
