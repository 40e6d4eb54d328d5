//! What becomes of a reply that was not sent, or perhaps was: a [`Fate`].

use std::{error::Error as StdError, fmt, time::Duration};

/// What is to become of a reply that a [`Channel`](crate::Channel) could not send, or may have sent.
///
/// Any error becomes one by `?`: then the reply is tried again later, as [`Retries`](crate::Retries) says.
///
/// ```
/// use std::time::Duration;
///
/// use flow_core::{Fate, engine::Scope};
///
/// /// What a platform's answer means for a reply.
/// fn fate_of(status: u16, retry_after: Option<Duration>) -> Result<(), Fate> {
///     match (status, retry_after) {
///         (200, _) => Ok(()),
///         (429, Some(time)) => Err(Fate::again_after(time, Scope::Chat)),
///         (403, _) => Err(Fate::never("the visitor has blocked the bot")),
///         (504, _) => Err(Fate::in_doubt("the gateway gave no answer")),
///         _ => Err(std::io::Error::other(format!("status {status}")))?,
///     }
/// }
/// # assert!(fate_of(200, None).is_ok() && fate_of(500, None).is_err());
/// ```
pub struct Fate(pub(super) Given);

/// The fates, for the engine.
#[derive(Debug)]
pub(super) enum Given {
    /// Tried again later, by the engine's own pauses.
    Failed(String),
    Again {
        after: Duration,
        scope: Scope,
    },
    Never(String),
    InDoubt(String),
}

impl Fate {
    /// It was not sent, and may be after this time: "429, retry after 34". That counts as no try.
    pub fn again_after(time: Duration, scope: Scope) -> Self {
        Self(Given::Again { after: time, scope })
    }

    /// For how long it is not to be sent, and what else is not, if the platform said so.
    pub fn wait(&self) -> Option<(Duration, Scope)> {
        match self.0 {
            Given::Again { after, scope } => Some((after, scope)),
            _ => None,
        }
    }

    /// It can never be sent, for this reason: blocked, or outside the hours in which the platform takes it. It is set aside as a
    /// dead letter, and the later ones go on.
    ///
    /// The flow may hear of it, with the reason: [`EngineBuilder::tell_undeliverable`](crate::EngineBuilder::tell_undeliverable).
    pub fn never(reason: impl Into<String>) -> Self {
        Self(Given::Never(reason.into()))
    }

    /// It may have been sent: the platform gave no answer. The channel is asked to [find out](crate::Channel::find_out), and what
    /// to do if that is not known.
    pub fn in_doubt(error: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self(Given::InDoubt(error.into().to_string()))
    }
}

impl<E: StdError> From<E> for Fate {
    fn from(error: E) -> Self {
        Self(Given::Failed(error.to_string()))
    }
}

/// Without the reason, which may hold what the platform quotes of the visitor.
impl fmt::Debug for Fate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fate = match &self.0 {
            Given::Failed(_) => "Failed",
            Given::Again { after, scope } => {
                return f.debug_struct("Again").field("after", after).field("scope", scope).finish();
            }
            Given::Never(_) => "Never",
            Given::InDoubt(_) => "InDoubt",
        };
        f.write_str(fate)
    }
}

/// What has to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Scope {
    /// The replies of this session. That is kept in its record.
    Chat,
    /// The whole channel: no session sends anything by it from this process until then. It is not kept: another process, or the
    /// next one, asks the platform once itself.
    Channel,
}

/// Whether a reply in doubt was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Found {
    /// It was: it is done.
    Sent,
    /// It was not: it is sent again.
    NotSent,
    /// It is not known, or not yet.
    Unknown,
}

/// What to do with a reply in doubt when it is not known whether it was sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Doubt {
    /// It is sent again, perhaps for the second time.
    #[default]
    SendAgain,
    /// It is set aside as a dead letter, and the later ones go on: an operator looks.
    SetAside,
}
