//! What an engine does in cases that its user decides: the [`Outage`], [`Damage`], [`Resume`] and [`Backlog`] policies.

use std::time::Duration;

use crate::Reply;

/// What to do when the store is away.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum Outage {
    /// The turn fails with the store's error.
    #[default]
    Fail,
    /// The visitor hears this; nothing is stored, and the outcome says so.
    Say(Reply),
    /// The turn is taken in this process's memory, and its outcome says so. When the store is there again the session is
    /// handed back to it. If it has moved on elsewhere meanwhile, what it became here is lost, which a later outcome, the
    /// log and the counts tell.
    ///
    /// A session goes on from where this process last saw it; one that it has not seen begins anew. Checkpoints and
    /// effects wait until it is handed back. Everything here is lost with the process.
    Memory {
        /// How many sessions go on at most. One more fails with the store's error.
        sessions: usize,
    },
}

/// What to do with a stored session that is damaged: whose record no release can read, because its bytes are not those that were
/// written.
///
/// What is merely unknown to this release is no damage, and stays whatever is declared here: a later edition of the format,
/// another codec, key, flow, or version of the flow. See [`Unreadable::is_damage`](crate::Unreadable::is_damage).
///
/// ```
/// use std::time::Duration;
///
/// use flow_core::{EngineBuilder, Flow, engine::Damage};
///
/// fn forgiving<F: Flow>(builder: EngineBuilder<F>) -> EngineBuilder<F> {
///     builder.damage(Damage::Quarantine { keep: Duration::from_secs(30 * 86_400) })
/// }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Damage {
    /// Every call for the session fails with what is wrong, and its record stays as it is: its visitor is locked out until an
    /// operator removes it.
    #[default]
    Refuse,
    /// The record is put in quarantine, and the session is taken up from the archive, or else begins anew. What the record had
    /// to deliver, and its timers, are lost; how much that was, nobody can tell. An outcome, the log and the counts tell that it
    /// happened.
    ///
    /// It needs a store with a [`Quarantine`](crate::store::Quarantine), as all that come with Flow are. Over one that has none
    /// damaged sessions are refused, and the engine says so in the log when it is built.
    Quarantine {
        /// How long it is kept there, by the store's time. It holds what the visitor said: `Engine::export` shows it, and
        /// `Operator::erase` forgets it.
        keep: Duration,
    },
}

/// Whether a session goes on where it was, if it had expired, or if its store has lost it and the archive has not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Resume {
    /// It begins anew.
    Never,
    /// What was lost goes on; what had expired begins anew.
    #[default]
    Unexpired,
    /// It goes on, though it had expired, if its last turn is not longer ago.
    Within(Duration),
}

/// What to do with a turn when as much is undelivered for a destination as may be
/// ([`Limits::undelivered`](crate::Limits::undelivered)): for a kind of hook, for a kind of effect, or for a channel.
///
/// ```
/// use flow_core::{EngineBuilder, Flow, engine::Backlog};
///
/// // A mailer that is down for long fails no visitor's turn; what it misses waits among the dead letters.
/// fn patient<F: Flow>(builder: EngineBuilder<F>) -> EngineBuilder<F> {
///     builder.backlog(Backlog::SetAside)
/// }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Backlog {
    /// The turn fails, with [`EngineError::Backlog`](crate::EngineError::Backlog). Dead letters count as undelivered, but
    /// for messages that came in.
    #[default]
    Fail,
    /// The oldest of that destination is set aside as a dead letter, and the turn goes on. Dead letters do not count: they
    /// stay in the record until they are retried or dismissed, and only [`Limits::record`](crate::Limits::record) bounds them.
    SetAside,
}
