//! What Slack says instead of doing what it was asked, and what that means for a reply.

use std::time::Duration;

use flow_core::{Fate, engine::Scope};
use thiserror::Error;

/// How long nothing is sent where the bot's token does not let it: that is mended by a person.
const REST: Duration = Duration::from_secs(60);

/// Why a call was not done.
#[derive(Debug, Error)]
pub(crate) enum Refusal {
    /// Too many.
    #[error("Slack has had too many calls")]
    TooMany(Option<Duration>),
    /// By Slack's own word for it.
    #[error("Slack answered `{0}`")]
    Because(String),
    /// It may have been done.
    #[error("Slack has not said what became of the call")]
    Perhaps,
    /// It reached nobody.
    #[error("Slack was not reached: {0}")]
    NotReached(String),
}

impl Refusal {
    /// Slack's word for it, or ours where it is none.
    pub(crate) fn because(code: &str) -> Self {
        let is_a_word =
            !code.is_empty() && code.len() <= 64 && code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        Self::Because(if is_a_word { code } else { "an error without a name" }.to_owned())
    }

    /// What becomes of the reply.
    pub(crate) fn fate(self) -> Fate {
        let code = match &self {
            // Without a time the line waits as it does for any platform that names none.
            Self::TooMany(time) => return Fate::again_after(time.unwrap_or_default(), Scope::Chat),
            Self::Perhaps => return Fate::in_doubt(self),
            Self::NotReached(_) => return self.into(),
            Self::Because(code) => &**code,
        };
        match code {
            "ratelimited" | "rate_limited" => Fate::again_after(Duration::ZERO, Scope::Chat),
            // It is possible that some of it was done: so its documentation.
            "fatal_error" | "internal_error" => Fate::in_doubt(self),
            code if is_about_the_bot(code) => {
                tracing::error!(code, "Slack does not let the bot send: its token, or what the app may do, is wrong");
                // Without that tab nobody is reached directly, and channels are.
                let scope = if code == "messages_tab_disabled" { Scope::Chat } else { Scope::Channel };
                Fate::again_after(REST, scope)
            }
            code if is_about_the_message(code) => Fate::never(self.to_string()),
            _ => self.into(),
        }
    }
}

/// The token is wrong, or may too little: no other message would be sent either. What one place brings about is not here, since the
/// others would wait for it.
fn is_about_the_bot(code: &str) -> bool {
    matches!(
        code,
        "not_authed"
            | "invalid_auth"
            | "account_inactive"
            | "token_revoked"
            | "token_expired"
            | "missing_scope"
            | "not_allowed_token_type"
            | "accesslimited"
            | "messages_tab_disabled"
            | "ekm_access_denied"
            | "org_login_required"
            | "team_access_not_granted"
            | "team_added_to_org"
            | "two_factor_setup_required"
    )
}

/// There is no such place, or not for the bot; or the message is none that Slack takes.
fn is_about_the_message(code: &str) -> bool {
    matches!(
        code,
        "channel_not_found"
            | "user_not_found"
            | "user_not_visible"
            | "user_disabled"
            | "cannot_dm_bot"
            | "is_archived"
            | "is_inactive"
            | "not_in_channel"
            | "no_permission"
            | "access_denied"
            | "cannot_reply_to_message"
            | "thread_not_found"
            | "restricted_action"
            | "restricted_action_read_only_channel"
            | "restricted_action_thread_only_channel"
            | "restricted_action_non_threadable_channel"
            | "restricted_action_thread_locked"
            | "msg_too_long"
            | "msg_blocks_too_long"
            | "invalid_blocks"
            | "invalid_blocks_format"
            | "invalid_arguments"
            | "invalid_metadata_format"
            | "invalid_metadata_schema"
            | "metadata_must_be_sent_from_app"
            | "metadata_too_large"
            | "no_text"
            | "slack_connect_file_link_sharing_blocked"
    )
}
