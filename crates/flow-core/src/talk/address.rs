//! Where the visitor is reached: an [`Address`].

use std::fmt;

use serde::{Deserialize, Serialize};

/// Where a visitor is reached: the name of a channel's instance, and a place there that only that channel understands.
///
/// One process may serve two telephone numbers and three bots of Telegram: each is an instance with a name of its own.
/// A session keeps the address that its visitor last wrote from, and a channel given by that name to
/// [`EngineBuilder::channel`](crate::EngineBuilder::channel) sends the replies there.
///
/// ```
/// use flow_core::{Address, Input, Secret, SessionId};
///
/// let address = Address::new("telegram", "chat 4711");
/// let message = Input::text("hello").with_id("update 7").with_address(address.clone());
/// assert_eq!(message.address(), Some(&address));
/// assert_eq!((address.channel(), address.place()), ("telegram", "chat 4711"));
///
/// let secret = Secret::new("a secret of at least sixteen bytes")?;
/// assert_eq!(SessionId::reached_at(&secret, &address), SessionId::derived(&secret, "telegram", "chat 4711"));
/// # Ok::<(), flow_core::WeakSecret>(())
/// ```
///
/// A place names a person (it may be a telephone number): `Debug` shows the channel alone, and there is no `Display`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Address {
    channel: String,
    place: String,
}

impl Address {
    /// This place at the channel of this name.
    pub fn new(channel: impl Into<String>, place: impl Into<String>) -> Self {
        Self { channel: channel.into(), place: place.into() }
    }

    /// The name of the channel's instance.
    pub fn channel(&self) -> &str {
        &self.channel
    }

    /// The place there, as the channel wrote it.
    pub fn place(&self) -> &str {
        &self.place
    }
}

/// Without the place.
impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Address").field("channel", &self.channel).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_tells_the_channel_and_never_the_place() {
        let shown = format!("{:?}", Address::new("telegram", "canary"));
        assert!(shown.contains("telegram") && !shown.contains("canary"), "{shown}");
    }
}
