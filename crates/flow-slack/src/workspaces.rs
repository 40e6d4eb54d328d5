//! The workspaces in which an app is: [`Workspaces`].

use std::sync::{Arc, OnceLock};

/// The first workspace, once its id is known; and those that were added, each with its token.
#[derive(Clone, Default)]
pub(crate) struct Workspaces {
    first: Arc<OnceLock<String>>,
    added: Vec<(String, String)>,
}

/// What happened in a workspace that the bot is not in, as far as it was told.
pub(crate) struct Stranger;

impl Workspaces {
    pub(crate) fn with(mut self, id: String, token: String) -> Self {
        self.added.retain(|(known, _)| *known != id);
        self.added.push((id, token));
        self
    }

    /// The first one has this id.
    pub(crate) fn note_first(&self, id: String) {
        let _ = self.first.set(id);
    }

    /// This workspace as it stands in a place: the first has no name there.
    ///
    /// Fails if it is neither the first nor one that was added. As long as the id of the first is not known, it may be any.
    pub(crate) fn named(&self, id: Option<&str>) -> Result<Option<String>, Stranger> {
        let Some(id) = id else { return Ok(None) };
        if self.token(id).is_some() {
            return Ok(Some(id.to_owned()));
        }
        match self.first.get() {
            Some(first) if first != id => {
                tracing::warn!("what happens in a workspace of Slack that the bot has no token for is left out");
                Err(Stranger)
            }
            _ => Ok(None),
        }
    }

    /// The token of the workspace whose file is at this address, if it is one of them: `files-pri/T061EG9R6-F0RDC39U1/…`.
    pub(crate) fn token_for_file(&self, address: &str) -> Option<&str> {
        self.added.iter().find(|(known, _)| address.contains(&format!("/{known}-"))).map(|(_, token)| &**token)
    }

    pub(crate) fn token(&self, id: &str) -> Option<&str> {
        self.added.iter().find(|(known, _)| known == id).map(|(_, token)| &**token)
    }
}
