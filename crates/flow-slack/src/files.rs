//! Files that visitors send: [`SlackFiles`].

use std::{error::Error as StdError, fmt};

use flow_core::{Download, Fetch, Media};
use flow_http::{axum::http::Uri, client::Call};
use thiserror::Error;

use crate::{Workspaces, api::Api};

/// Gets what visitors send, by the bot's token: `builder.fetch_media(slack.files())`. The app needs the scope `files:read` for it.
///
/// ```no_run
/// # use flow_core::{EngineBuilder, Flow};
/// # use flow_slack::Slack;
/// # fn example<F: Flow>(builder: EngineBuilder<F>, slack: &Slack) -> EngineBuilder<F> {
/// builder.fetch_media(slack.files())
/// # }
/// ```
#[derive(Clone)]
pub struct SlackFiles {
    pub(crate) api: Api,
    pub(crate) token: String,
    pub(crate) workspaces: Workspaces,
}

/// A file was not given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum NoFile {
    /// Its reference is no address at Slack, and nobody else is shown the token.
    #[error("the file is not at Slack")]
    Elsewhere,
    /// Slack was not reached, or not to the end.
    #[error("Slack has not given the file, or not all of it")]
    NoAnswer,
    /// Slack answered with this status.
    #[error("Slack has answered with status {0} instead of the file")]
    Status(u16),
    /// Slack has given a page to sign in.
    #[error("Slack has given a page to sign in instead of the file: the app lacks the scope files:read")]
    NotAllowed,
}

impl Fetch for SlackFiles {
    async fn fetch(&self, media: &Media, into: &mut Download) -> Result<(), Box<dyn StdError + Send + Sync>> {
        let address = media.reference();
        if !self.is_ours(address) {
            return Err(NoFile::Elsewhere.into());
        }
        if let Some(size) = media.size().and_then(|size| usize::try_from(size).ok()) {
            into.expect(size)?;
        }
        // One more, so that a file that is larger than it may be is seen to be.
        let token = self.workspaces.token_for_file(address).unwrap_or(&self.token);
        let call = Call::get(address).bearer(token).largest_answer(into.limit().saturating_add(1));
        let answer = self.api.client.call(call).await.map_err(|_| NoFile::NoAnswer)?;
        if answer.status() != 200 {
            return Err(NoFile::Status(answer.status().as_u16()).into());
        }
        let is_page = answer.header("content-type").is_some_and(|kind| kind.starts_with("text/html"));
        if is_page && media.media_type().is_none_or(|kind| !kind.starts_with("text/html")) {
            return Err(NoFile::NotAllowed.into());
        }
        into.push(answer.body())?;
        Ok(())
    }
}

impl SlackFiles {
    /// Whether this address is one of Slack, or of what plays it.
    fn is_ours(&self, address: &str) -> bool {
        let (Ok(address), Ok(base)) = (address.parse::<Uri>(), self.api.base.parse::<Uri>()) else { return false };
        let is_slack = address.scheme_str() == Some("https")
            && address.host().is_some_and(|host| host == "slack.com" || host.ends_with(".slack.com"));
        is_slack || (address.scheme() == base.scheme() && address.authority() == base.authority())
    }
}

impl fmt::Debug for SlackFiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SlackFiles").finish_non_exhaustive()
    }
}
