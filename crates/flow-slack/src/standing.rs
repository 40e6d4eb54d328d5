//! Who a bot is at Slack: its [`Standing`].

use serde::Deserialize;
use thiserror::Error;

use crate::{Slack, refusal::Refusal};

/// Who a bot is at Slack, by [`Slack::check`].
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Standing {
    /// What the bot is called.
    pub user: String,
    /// What its workspace is called.
    pub team: String,
    /// The id of its workspace.
    pub team_id: String,
}

/// Slack does not say who the bot is.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("Slack does not say who the bot is: {0}")]
pub struct Unknown(String);

impl Slack {
    /// Asks Slack who the bot is: whether its token is good, and in which workspace it counts.
    ///
    /// From then on what happens in other workspaces is left out, but in those that were [added](Self::workspace): ids of users mean
    /// nothing beyond their workspace. So an app that is installed in several has this called before it is served.
    ///
    /// Fails if Slack does not tell, with its word for it.
    pub async fn check(&self) -> Result<Standing, Unknown> {
        let told = self.api.ask(&self.token, "auth.test", &serde_json::json!({})).await;
        let told = told.map_err(|refusal: Refusal| Unknown(refusal.to_string()))?;
        let standing: Standing = serde_json::from_value(told)
            .map_err(|_| Unknown("its answer is not what its documentation says".to_owned()))?;
        self.workspaces.note_first(standing.team_id.clone());
        Ok(standing)
    }
}
