//! Why a handler does not get a file: [`FetchError`].

use std::{error::Error as StdError, fmt, time::Duration};

use thiserror::Error;

use super::download::TooLarge;
use crate::talk::url;

/// Why a handler does not get the bytes of a file.
///
/// With `?` in a handler the turn fails, and nothing is stored. Only where the visitor can do something about it, the question is
/// asked again: of a file that is too large, with [`Phrases::file_too_large`](crate::Phrases::file_too_large) before it.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FetchError {
    /// The file is larger than the engine takes.
    #[error(transparent)]
    TooLarge(TooLarge),
    /// It took longer than the engine waits.
    #[error("the file was not there within {within:?}")]
    Late {
        /// How long it waited.
        within: Duration,
    },
    /// The channel did not give it.
    #[error("the file could not be fetched")]
    Failed(#[source] FetchFailure),
    /// The engine has nothing to fetch files with.
    #[error("nothing fetches files for this engine: give it a fetcher with `fetch_media` when it is built")]
    NoFetcher,
}

/// What went wrong with a channel that was asked for a file. Of the addresses in it, its text tells the hosts alone: a platform's
/// address of a file may hold the bot's own token.
pub struct FetchFailure(pub(super) Box<dyn StdError + Send + Sync>);

impl FetchFailure {
    /// The error itself, whose text may hold such an address.
    pub fn cause(&self) -> &(dyn StdError + Send + Sync + 'static) {
        &*self.0
    }
}

impl fmt::Display for FetchFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&url::masked_in(&self.0.to_string()))?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(f, ": {}", url::masked_in(&error.to_string()))?;
            cause = error.source();
        }
        Ok(())
    }
}

/// As it is displayed.
impl fmt::Debug for FetchFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FetchFailure({self})")
    }
}

/// The texts of its causes are in its own, with their addresses masked: it is the end of a chain.
impl StdError for FetchFailure {}
