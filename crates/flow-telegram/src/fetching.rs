//! A file that a visitor sent is fetched, when a handler asks for it.

use std::{error::Error, time::Duration};

use flow_core::{Download, Fetch, Media};
use serde::Deserialize;
use serde_json::json;
use thiserror::Error;

use crate::{Telegram, bot_api::Failure};

/// How long a file may take. The engine has a patience of its own, which may be shorter.
const PATIENCE: Duration = Duration::from_secs(120);

/// `File`.
#[derive(Deserialize)]
struct File {
    file_path: Option<String>,
    file_size: Option<usize>,
}

/// By `getFile`, of at most 20 MB: what is larger is too large for the bot, whatever the engine would take.
impl Fetch for Telegram {
    async fn fetch(&self, media: &Media, into: &mut Download) -> Result<(), Box<dyn Error + Send + Sync>> {
        let file: File = match self.api.ask("getFile", &json!({ "file_id": media.reference() })).await {
            Ok(file) => file,
            Err(Failure::Refused(refusal)) if refusal.description.contains("file is too big") => {
                return Ok(into.expect(usize::MAX)?);
            }
            Err(failure) => return Err(NotFetched::of(&failure).into()),
        };
        if let Some(size) = file.file_size {
            into.expect(size)?;
        }
        let path = file.file_path.filter(|path| is_within(path)).ok_or(NotFetched::NoPath)?;
        // One more than the limit: so that a file which is larger than it says is seen to be.
        let largest = into.limit().saturating_add(1);
        let answer = self.api.file(&path, PATIENCE, largest).await;
        let answer = answer.map_err(|no_answer| NotFetched::NoAnswer(no_answer.to_string()))?;
        if !answer.status().is_success() {
            return Err(NotFetched::Refused(answer.status().as_u16()).into());
        }
        Ok(into.push(answer.body())?)
    }
}

/// Whether this is a path below the bot's own, of letters that an address takes.
fn is_within(path: &str) -> bool {
    let is_taken = |byte: u8| byte.is_ascii_alphanumeric() || b"._-/".contains(&byte);
    !path.starts_with('/') && path.bytes().all(is_taken) && path.split('/').all(|part| part != "..")
}

/// Why there is no file. Nothing of the file, and no address.
#[derive(Debug, Error)]
enum NotFetched {
    #[error("Telegram has not given the file: {0}")]
    NoAnswer(String),
    #[error("Telegram does not give the file: it says {0}")]
    Refused(u16),
    #[error("the answer of Telegram cannot be read")]
    Unreadable,
    #[error(
        "Telegram names no path by which the file can be had; a server of one's own that runs with `--local` names a file of its machine"
    )]
    NoPath,
}

impl NotFetched {
    fn of(failure: &Failure) -> Self {
        match failure {
            Failure::NoAnswer(no_answer) => Self::NoAnswer(no_answer.to_string()),
            Failure::Refused(refusal) => Self::Refused(refusal.code),
            Failure::Unreadable => Self::Unreadable,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_to_no_other_place() {
        assert!(is_within("photos/file_0.jpg"));
        for elsewhere in ["/var/lib/bot/photo.jpg", "../bot2/x", "a/../../x", "a?b", "a b", "a#b", "a%2e"] {
            assert!(!is_within(elsewhere), "{elsewhere}");
        }
    }
}
