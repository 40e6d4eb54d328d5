//! Why an engine could not do what was asked: [`EngineError`].

use std::time::Duration;

use thiserror::Error;

use super::by_name::StateFault;
use crate::{Failure, InvalidBy, Unreadable, store::StoreError};

/// Why an engine could not do what was asked. Nothing was changed, unless a variant says otherwise.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum EngineError {
    /// There is too much to do. Trying later helps.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// The engine shuts down and takes no more turns.
    #[error("the engine is shutting down")]
    ShuttingDown,
    /// There is no live session to do this with.
    #[error("there is no live session with this id")]
    NoSession,
    /// The name or the reason of an operator is empty, too long, or more than a line.
    #[error("nothing is done without a name and a reason")]
    By(#[from] InvalidBy),
    /// The flow has no state of this name.
    #[error("the flow has no state of this name")]
    NoSuchState,
    /// What is given for a state is not what the state holds. Tells where, and not what stands there.
    #[error("what is given is not what the state {state} holds")]
    UnreadableState {
        /// The state.
        state: &'static str,
        /// What is wrong, and where.
        #[source]
        fault: StateFault,
    },
    /// The bot is not paused, so that there is nothing to resume.
    #[error("the bot is not paused in this session")]
    NotPaused,
    /// A pause is for no time, or ends beyond the calendar.
    #[error("a pause is longer than nothing, and ends within the calendar")]
    PauseTime,
    /// Nobody would hear what is said: the engine has no hook for announcements.
    #[error("there is no hook for announcements, by which the visitor would hear it: set one on the engine's builder")]
    NobodyTells,
    /// A time to live is zero, or ends beyond the calendar.
    #[error("a time to live is longer than nothing, and ends within the calendar")]
    TimeToLive,
    /// The input is larger, or nested deeper, than the engine takes.
    #[error("the input is too large: {what} beyond {limit}")]
    InputTooLarge {
        /// What of it is too large.
        what: &'static str,
        /// The engine's bound.
        limit: usize,
    },
    /// The message comes from an address at a channel that the engine was not given, so that no reply could be sent.
    #[error("the engine has no channel of the name {channel:?}: give it one on its builder")]
    UnknownChannel {
        /// The name in the message's address.
        channel: String,
    },
    /// The id of the message begins with U+0001, as ids of the engine's own do in records of older releases.
    #[error("the id of the message begins with U+0001, and ids that begin so are the engine's own")]
    OwnId,
    /// The handler failed where there is no turn that could end with an apology.
    #[error("the handler failed: {0}")]
    Handler(Failure),
    /// The record would be larger than the engine stores.
    #[error("the record would have {size} bytes, and the bound is {limit}")]
    RecordTooLarge {
        /// Its size in bytes.
        size: usize,
        /// The engine's bound.
        limit: usize,
    },
    /// Too many deliveries of this session are undelivered for one destination, and [`Backlog`](crate::engine::Backlog) says
    /// that the turn fails then.
    #[error("more than {limit} deliveries of the session are undelivered for one destination")]
    Backlog {
        /// The engine's bound.
        limit: usize,
    },
    /// No state of the flow declares a signal of this name.
    #[error("no state of the flow declares a signal of this name")]
    NoSuchSignal,
    /// What the signal carries is not of the type that is declared for it.
    #[error("what the signal carries is not of the type that is declared for it")]
    UnreadableSignal,
    /// What the signal carries cannot be written as JSON.
    #[error("what the signal carries cannot be written as JSON")]
    UnwritableSignal,
    /// The message cannot be written as JSON, as it is to wait.
    #[error("the message cannot be written as JSON")]
    UnwritableMessage,
    /// As many messages wait for the session as may: [`Inbox`](crate::engine::Inbox). This one was not accepted.
    #[error("as many messages wait for the session as may: {letters} of them, or {bytes} bytes")]
    InboxFull {
        /// The engine's bound of messages.
        letters: usize,
        /// Its bound of bytes.
        bytes: usize,
    },
    /// The transition is not in the flow's graph.
    #[error("the transition from {from} to {to} is not declared")]
    Undeclared {
        /// The state it leaves.
        from: &'static str,
        /// The state it enters.
        to: &'static str,
    },
    /// The state cannot be written as JSON that reads back as the same state.
    #[error("the state {state} cannot be stored: it would not read back")]
    Unwritable {
        /// The state.
        state: &'static str,
    },
    /// The stored record cannot be read; it stays as it is.
    #[error("the stored session cannot be read")]
    Unreadable(#[from] Unreadable),
    /// The store failed. After [`StoreError::Unknown`] the turn may have been stored; the same message sent again
    /// with its id finds out, and is not handled twice.
    #[error("the store failed")]
    Store(#[source] StoreError),
    /// The archive failed.
    #[error("the archive failed")]
    Archive(#[source] StoreError),
    /// The archive refuses the session as it is. It is offered again when it has changed, and by
    /// [`Engine::archive_now`](crate::Engine::archive_now).
    #[error("the archive refuses the session as it is")]
    ArchiveRefused,
    /// The engine was built without an archive.
    #[error("there is no archive: set one on the engine's builder")]
    NoArchive,
}

impl EngineError {
    /// Whether it is the message that is refused, as it is: it will never be taken, however often it comes.
    ///
    /// A platform that delivers again what it was not thanked for is told that such a message has arrived; else it would come for
    /// days, before all that comes after it.
    pub fn refuses_the_message(&self) -> bool {
        matches!(self, Self::InputTooLarge { .. } | Self::OwnId | Self::UnwritableMessage)
    }

    /// Whether looking again later may help.
    pub(super) fn is_passing(&self) -> bool {
        match self {
            Self::Busy(_) | Self::ShuttingDown => true,
            Self::Store(error) | Self::Archive(error) => StoreError::is_outage(error),
            _ => false,
        }
    }
}

/// A record that the store cannot read is told as one that the engine cannot read.
impl From<StoreError> for EngineError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unreadable(unreadable) => Self::Unreadable(unreadable),
            error => Self::Store(error),
        }
    }
}

/// What there is too much of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Busy {
    /// Other writers came first, again and again.
    #[error("the session is busy: other writers came first {rounds} times")]
    Contended {
        /// How often the turn was run.
        rounds: u32,
    },
    /// So many turns are being taken, or wait, already. This one was not begun.
    #[error("the engine is busy: {limit} turns are taken or wait already")]
    Crowded {
        /// The engine's bound, of those that are taken and those that wait together.
        limit: usize,
    },
    /// So many turns of the session wait already. This one was not begun.
    #[error("the session is busy: {limit} of its turns wait already")]
    Queue {
        /// The engine's bound.
        limit: usize,
    },
    /// The turn could not be stored by its deadline. Nothing was stored.
    #[error("the turn was not done within {deadline:?}")]
    Late {
        /// The deadline of a turn.
        deadline: Duration,
    },
}
