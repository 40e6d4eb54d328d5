//! Where deliveries go: [`Destination`].

use std::{borrow::Cow, fmt};

use serde::{Deserialize, Serialize};

use super::What;

/// A kind of hook, a kind of effect, or a channel. Deliveries to one are made in order; between two of them nothing waits.
///
/// It is a text in the record, so that one of a later release is read as well.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Destination(Cow<'static, str>);

/// How an effect's destination begins: whatever a flow calls it, it is no kind of hook.
const EFFECTS: &str = "effects/";

/// How a channel's destination begins.
const CHANNELS: &str = "channels/";

impl Destination {
    pub(super) fn named(name: &str) -> Self {
        Self(name.to_owned().into())
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is delivered there.
    pub(super) fn takes(&self, what: &What) -> bool {
        match what {
            What::Effect { kind, .. } => self.0.strip_prefix(EFFECTS) == Some(kind),
            What::Reply { address, .. } => self.channel() == Some(address.channel()),
            what => *self == Self::of(what),
        }
    }

    /// The name of the channel, if it is one.
    pub(crate) fn channel(&self) -> Option<&str> {
        self.0.strip_prefix(CHANNELS)
    }

    /// Where this is delivered to.
    pub(super) fn of(what: &What) -> Self {
        Self(match what {
            What::Checkpoint(_) => "checkpoints".into(),
            What::Lapse(_) => "expiries".into(),
            What::Announcement { .. } => "announcements".into(),
            What::Letter(_) => "inbox".into(),
            What::Undeliverable { .. } => "undeliverable".into(),
            What::Effect { kind, .. } => format!("{EFFECTS}{kind}").into(),
            What::Reply { address, .. } => format!("{CHANNELS}{}", address.channel()).into(),
        })
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
