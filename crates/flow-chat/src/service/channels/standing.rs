//! How a channel is: its [`Standing`].

use std::fmt;

/// How a channel is, in one line for its operator: that it is up, and what is still to be done; or what it needs.
///
/// ```text
/// telegram: up, as @lumen_bot; Telegram is asked for messages
/// whatsapp: up; register https://salon.example/hooks/whatsapp as its webhook
/// slack: not set up; it needs FLOW_CHANNELS_SLACK_TOKEN and FLOW_CHANNELS_SLACK_SECRET
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    channel: String,
    is_up: bool,
    text: String,
}

impl Standing {
    pub(super) fn up(channel: impl Into<String>, text: impl Into<String>) -> Self {
        Self { channel: channel.into(), is_up: true, text: text.into() }
    }

    pub(super) fn down(channel: impl Into<String>, text: impl Into<String>) -> Self {
        Self { channel: channel.into(), is_up: false, text: text.into() }
    }

    /// The channel's name.
    pub fn channel(&self) -> &str {
        &self.channel
    }

    /// Whether messages come and go by it.
    pub fn is_up(&self) -> bool {
        self.is_up
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.channel, self.text)
    }
}
