//! The channels that a bot has said it may have: [`Declared`].

use super::Kind;
use crate::service::Key;

/// A channel that the bot may have, if its operator sets it.
#[derive(Clone, Debug)]
pub(in crate::service) struct Declared {
    pub(in crate::service) name: String,
    pub(in crate::service) kind: Kind,
}

impl Declared {
    /// Its settings.
    pub(in crate::service) fn keys(&self) -> impl Iterator<Item = Key> + '_ {
        self.kind.fields().iter().map(|field| field.key(&self.name))
    }
}

/// All of them, and with what the variables begin that set them.
#[cfg_attr(
    not(any(feature = "slack", feature = "telegram", feature = "webhook", feature = "whatsapp")),
    allow(dead_code, reason = "only platforms ask for it")
)]
#[derive(Clone, Debug)]
pub(in crate::service) struct DeclaredChannels {
    pub(in crate::service) channels: Vec<Declared>,
    pub(in crate::service) prefix: String,
}
