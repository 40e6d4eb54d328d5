//! What a channel is told by settings: [`ChannelSecrets`].

use std::fmt;

use super::Declared;
use crate::service::{Mistake, Origin, hidden::Hidden, mistake::Fault, parts::Parts};

/// What a channel of the bot keeps from everybody but its platform, by [`Settings::channel`](crate::service::Settings::channel).
///
/// A bot says which channels it has with [`Sources::channel`](crate::service::Sources::channel), and its operator sets them:
///
/// ```toml
/// [channels.telegram]
/// secret_file = "/run/secrets/telegram_secret"
/// token_file = "/run/secrets/telegram_token"
/// ```
///
/// A secret is changed without a message lost: the old one becomes `previous_secret`, and both are known until the platform has
/// the new one.
///
/// ```
/// use flow_chat::service::Sources;
///
/// let settings = Sources::new()
///     .channel("telegram")
///     .pairs([
///         ("store", "memory:"),
///         ("channels.telegram.secret", "new"), // or `.environment()`: FLOW_CHANNELS_TELEGRAM_SECRET
///         ("channels.telegram.previous_secret", "old"),
///     ])
///     .read()?;
/// let telegram = settings.channel("telegram").expect("it is set");
/// assert_eq!(telegram.secrets().collect::<Vec<_>>(), ["new", "old"]);
/// assert_eq!(telegram.token(), None);
/// # Ok::<(), flow_chat::service::Mistakes>(())
/// ```
#[derive(Clone)]
pub struct ChannelSecrets<'s> {
    secrets: [Option<&'s str>; 2],
    token: Option<&'s str>,
}

impl<'s> ChannelSecrets<'s> {
    /// By what a message is known to come from the platform, the present one first; none if the channel has none.
    pub fn secrets(&self) -> impl Iterator<Item = &'s str> + use<'s> {
        self.secrets.into_iter().flatten()
    }

    /// What the bot shows to the platform when it sends; none if it is not set.
    pub fn token(&self) -> Option<&'s str> {
        self.token
    }

    /// What is set of a channel; none if nothing is.
    pub(in crate::service) fn of(name: &str, own: impl Fn(&str) -> Option<&'s str>) -> Option<Self> {
        let [secret, previous, token] = names(name).map(|name| own(&name));
        (secret.is_some() || token.is_some()).then_some(Self { secrets: [secret, previous], token })
    }
}

/// Which of it is set, without it.
impl fmt::Debug for ChannelSecrets<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hidden = |value: Option<&str>| value.map(|_| Hidden::new(()));
        let secrets: Vec<_> = self.secrets.into_iter().filter_map(hidden).collect();
        f.debug_struct("ChannelSecrets").field("secrets", &secrets).field("token", &hidden(self.token)).finish()
    }
}

/// Notes the channels of which a secret of before is set, and none of now.
pub(in crate::service) fn check(
    channels: &[Declared],
    parts: &Parts,
    entry: impl Fn(&str) -> Option<Origin>,
    found: &mut Vec<Mistake>,
) {
    for [secret, previous, _] in channels.iter().map(|channel| names(&channel.name)) {
        if parts.own.contains_key(&previous) && entry(&secret).is_none() {
            let fault = Fault::plain(format_args!("it is missing, beside `{previous}`"));
            found.push(Mistake::about(&secret, entry(&previous).unwrap_or(Origin::Nowhere), fault));
        }
    }
}

fn names(channel: &str) -> [String; 3] {
    ["secret", "previous_secret", "token"].map(|name| format!("channels.{channel}.{name}"))
}
