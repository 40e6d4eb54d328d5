//! What an engine tells of its work while it works: [`Observer`]. Counters, metrics and traces stand on it.

use std::{sync::Arc, time::Duration};

use super::{
    Durability, EngineError, Opened, Operated,
    observed::{BatchEnded, DeliveryEnded, LaidOut, LetterTried},
};
use crate::{Failure, SessionId, StoreError, Transition};

/// Hears of every turn, of every call to the store and the archive, and of what else is worth counting.
///
/// It is called in the midst of the work, so it should be quick: add to a counter, record a time. What it does changes
/// nothing of the turn; if it panics, that is logged.
///
/// ```
/// use std::sync::atomic::{AtomicU64, Ordering};
///
/// use flow_core::engine::{CallEnded, Observer, TurnEnded};
///
/// /// How much time went into turns, and how much of it into the store.
/// #[derive(Default)]
/// struct Time { turns: AtomicU64, store: AtomicU64 }
///
/// impl Observer for Time {
///     fn turn_ended(&self, turn: &TurnEnded<'_>) {
///         self.turns.fetch_add(turn.took.as_micros() as u64, Ordering::Relaxed);
///     }
///
///     fn call_ended(&self, call: &CallEnded<'_>) {
///         self.store.fetch_add(call.took.as_micros() as u64, Ordering::Relaxed);
///     }
/// }
/// ```
pub trait Observer: Send + Sync {
    /// A turn has ended, whatever became of it.
    fn turn_ended(&self, turn: &TurnEnded<'_>) {
        let _ = turn;
    }

    /// A call to the store or to the archive has ended, with all its tries.
    fn call_ended(&self, call: &CallEnded<'_>) {
        let _ = call;
    }

    /// An operator did something to a session, or tried to. A turn of it is told as a turn besides.
    fn operated(&self, operated: &Operated<'_>) {
        let _ = operated;
    }

    /// A try to deliver something has ended: to send a reply, to hand a checkpoint, an effect or an announcement to its hook.
    fn delivery_ended(&self, delivery: &DeliveryEnded<'_>) {
        let _ = delivery;
    }

    /// Replies were laid out for a visitor who comes for them.
    fn laid_out(&self, laid: &LaidOut<'_>) {
        let _ = laid;
    }

    /// A message that waited had its turn, or was to have it.
    fn letter_tried(&self, letter: &LetterTried) {
        let _ = letter;
    }

    /// A batch of sessions was archived, or could not be.
    fn batch_ended(&self, batch: &BatchEnded<'_>) {
        let _ = batch;
    }

    /// Something happened that is none of these.
    fn happened(&self, event: Event) {
        let _ = event;
    }
}

impl<O: Observer + ?Sized> Observer for Arc<O> {
    fn turn_ended(&self, turn: &TurnEnded<'_>) {
        (**self).turn_ended(turn);
    }

    fn call_ended(&self, call: &CallEnded<'_>) {
        (**self).call_ended(call);
    }

    fn operated(&self, operated: &Operated<'_>) {
        (**self).operated(operated);
    }

    fn delivery_ended(&self, delivery: &DeliveryEnded<'_>) {
        (**self).delivery_ended(delivery);
    }

    fn laid_out(&self, laid: &LaidOut<'_>) {
        (**self).laid_out(laid);
    }

    fn letter_tried(&self, letter: &LetterTried) {
        (**self).letter_tried(letter);
    }

    fn batch_ended(&self, batch: &BatchEnded<'_>) {
        (**self).batch_ended(batch);
    }

    fn happened(&self, event: Event) {
        (**self).happened(event);
    }
}

/// A turn that has ended.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct TurnEnded<'t> {
    /// The flow's wire name.
    pub flow: &'static str,
    /// Whose turn it was.
    pub session: SessionId,
    /// What it was for.
    pub trigger: Trigger,
    /// The channel by which its message came, if that had an address: the name of one that the engine was built with, or else
    /// `other`.
    pub channel: Option<&'t str>,
    /// What became of it.
    pub kind: TurnKind,
    /// How durable that is; none if there was no outcome.
    pub durability: Option<&'t Durability>,
    /// The wire name of the state after it; none if that is not known.
    pub state: Option<&'static str>,
    /// How often it asked to write: once, and once more each time another writer came first. Its handler ran again only where that
    /// was another turn.
    pub rounds: u32,
    /// How long it took, from the call to the answer.
    pub took: Duration,
    /// Whether, and why, a conversation began with it.
    pub opened: Option<Opened>,
    /// Whether the conversation came to its end with it.
    pub ended: bool,
    /// The steps that it took.
    pub transitions: &'t [Transition],
    /// What the engine answered instead of an outcome.
    pub error: Option<&'t EngineError>,
    /// What the handler failed with. Its `Display` names the type alone.
    pub failure: Option<&'t Failure>,
}

/// What a turn is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Trigger {
    /// A text, a button or a signal.
    Message,
    /// An operator moves the session.
    Operator,
    /// A timer has run out, or a pause of the bot.
    Timer,
    /// The session has expired.
    Expiry,
    /// A reply can never be sent.
    Undeliverable,
}

impl Trigger {
    /// All of them.
    pub const ALL: &'static [Self] = &[Self::Message, Self::Operator, Self::Timer, Self::Expiry, Self::Undeliverable];

    /// The name of the trigger, as metrics label it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::Operator => "operator",
            Self::Timer => "timer",
            Self::Expiry => "expiry",
            Self::Undeliverable => "undeliverable",
        }
    }
}

/// What became of a turn, in one word that may label a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TurnKind {
    /// It was taken.
    Taken,
    /// It was left to a person, because the bot is paused.
    Paused,
    /// The message had been handled before.
    Repeat,
    /// It was a button whose question is over.
    Over,
    /// It was a signal that the state does not take.
    Unheard,
    /// The handler failed or panicked.
    Failed,
    /// The store was away, and the outage policy answered.
    Degraded,
    /// It was given up because other writers always came first, too many were waiting, or its deadline had passed.
    Busy,
    /// The store failed.
    StoreFailed,
    /// It was refused because of a bound, or because the engine shuts down.
    Refused,
}

impl TurnKind {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::Taken,
        Self::Paused,
        Self::Repeat,
        Self::Over,
        Self::Unheard,
        Self::Failed,
        Self::Degraded,
        Self::Busy,
        Self::StoreFailed,
        Self::Refused,
    ];

    /// The kind in one word: `taken`, `store_failed`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Taken => "taken",
            Self::Paused => "paused",
            Self::Repeat => "repeat",
            Self::Over => "over",
            Self::Unheard => "unheard",
            Self::Failed => "failed",
            Self::Degraded => "degraded",
            Self::Busy => "busy",
            Self::StoreFailed => "store_failed",
            Self::Refused => "refused",
        }
    }
}

/// A call to the store or to the archive that has ended.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct CallEnded<'c> {
    /// The flow's wire name.
    pub flow: &'static str,
    /// Which call it was.
    pub verb: Verb,
    /// Whose session it was about, if about one.
    pub session: Option<SessionId>,
    /// How many bytes it was to write: of the record for [`Verb::Commit`], of the message for [`Verb::Post`]; none for what writes
    /// neither.
    pub bytes: Option<usize>,
    /// How long it took with all its tries.
    pub took: Duration,
    /// What it failed with.
    pub error: Option<&'c StoreError>,
}

/// What a [`Store`](crate::Store) or an [`Archive`](crate::Archive) was called for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Verb {
    /// [`Store::load`](crate::Store::load)
    Load,
    /// [`Store::commit`](crate::Store::commit)
    Commit,
    /// [`Store::post`](crate::Store::post)
    Post,
    /// [`Store::remove`](crate::Store::remove)
    Remove,
    /// [`Confirming::confirm`](crate::store::Confirming::confirm)
    Confirm,
    /// [`Store::due`](crate::Store::due)
    Due,
    /// Any of [`Store::quarantine`](crate::Store::quarantine)
    Quarantine,
    /// [`Heartbeat::beat`](crate::store::Heartbeat::beat)
    Beat,
    /// [`Heartbeat::alive_until`](crate::store::Heartbeat::alive_until)
    Alive,
    /// [`Store::browse`](crate::Store::browse), or what a [`Roster`](crate::store::Roster) lists
    Browse,
    /// [`Roster::count`](crate::store::Roster::count)
    Count,
    /// [`Archive::put`](crate::Archive::put)
    ArchivePut,
    /// [`Archive::latest`](crate::Archive::latest)
    ArchiveLatest,
    /// [`Archive::history`](crate::Archive::history)
    ArchiveHistory,
    /// [`Archive::checkpoints`](crate::Archive::checkpoints)
    ArchiveCheckpoints,
    /// [`Archive::erase`](crate::Archive::erase)
    ArchiveErase,
    /// [`Archive::purge_before`](crate::Archive::purge_before)
    ArchivePurge,
    /// [`Transcripts::transcript`](crate::archive::Transcripts::transcript)
    ArchiveTranscript,
    /// [`Transcripts::forget_said_before`](crate::archive::Transcripts::forget_said_before)
    ArchiveForgetSaid,
}

impl Verb {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::Load,
        Self::Commit,
        Self::Post,
        Self::Remove,
        Self::Confirm,
        Self::Due,
        Self::Quarantine,
        Self::Beat,
        Self::Alive,
        Self::Browse,
        Self::Count,
        Self::ArchivePut,
        Self::ArchiveLatest,
        Self::ArchiveHistory,
        Self::ArchiveCheckpoints,
        Self::ArchiveErase,
        Self::ArchivePurge,
        Self::ArchiveTranscript,
        Self::ArchiveForgetSaid,
    ];

    /// The verb in one word: `load`, `archive_put`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Load => "load",
            Self::Commit => "commit",
            Self::Post => "post",
            Self::Remove => "remove",
            Self::Confirm => "confirm",
            Self::Due => "due",
            Self::Quarantine => "quarantine",
            Self::Beat => "beat",
            Self::Alive => "alive",
            Self::Browse => "browse",
            Self::Count => "count",
            Self::ArchivePut => "archive_put",
            Self::ArchiveLatest => "archive_latest",
            Self::ArchiveHistory => "archive_history",
            Self::ArchiveCheckpoints => "archive_checkpoints",
            Self::ArchiveErase => "archive_erase",
            Self::ArchivePurge => "archive_purge",
            Self::ArchiveTranscript => "archive_transcript",
            Self::ArchiveForgetSaid => "archive_forget_said",
        }
    }
}

/// Something worth counting that is no turn and no call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Event {
    /// An answer was not understood.
    Reasked,
    /// A message was accepted that waits: its turn comes later.
    Posted,
    /// A message was accepted whose turn was taken at once.
    HandledAtOnce,
    /// The expiry of a session was put off or changed without a turn.
    Renewed,
    /// A session has forgotten the id of a message before its time, because it keeps no more of them
    /// ([`Limits::known_ids`](crate::Limits::known_ids)): that message, again, is taken as new.
    MessageForgotten,
    /// Another writer came first, so that a turn is run again, or put on what is stored now.
    Conflict,
    /// A turn was stored that had begun with what this process had left of its session
    /// ([`EngineBuilder::warm`](super::EngineBuilder::warm)).
    Remembered,
    /// What this process had left of a session was out of date: another has written it, and the turn is decided again.
    Outdated,
    /// A handler has not yielded for a second, and holds up a thread of the runtime. Told from another thread.
    Stalled,
    /// A session was handed back to its store from memory.
    HandedBack,
    /// A session could not be handed back, because it had moved on elsewhere.
    Lost,
    /// A checkpoint, effect, announcement or reply was delivered.
    Delivered,
    /// A delivery failed, to be tried again.
    Undelivered,
    /// A delivery was set aside: it failed too often, its channel will not send it, or more is undelivered than may be.
    SetAside,
    /// A message that was accepted could not be handled, and was set aside.
    MessageSetAside,
    /// A damaged session was put in quarantine.
    Quarantined,
    /// A worker looked at a session, because something was due.
    Woken,
    /// A worker was told of a session that the store no longer has, though something was due for it: it was given up
    /// ([`Expiry::unattended`](crate::Expiry::unattended)), or lost.
    Forgotten,
    /// A session was archived.
    Archived,
    /// The archive refused a session, which is set aside until it changes.
    ArchiveRefused,
    /// The archive had another lineage of a session, and the two were joined.
    ArchiveRepaired,
    /// Something that was said is no longer kept, because more was said than a record may keep ([`Said`](super::Said)).
    SaidDropped,
    /// A message that was set aside had to make room in its record: its words are gone, and which it was is known
    /// ([`Inbox::aside`](super::Inbox::aside)).
    LetterEmptied,
    /// A reply that could not be sent is no longer kept for an operator, because more of them are than may be undelivered
    /// ([`Limits::undelivered`](crate::Limits::undelivered)).
    ReplyForgotten,
    /// A reply that waited to be collected no longer does, because more wait than may ([`Shelf`](super::Shelf)).
    Uncollected,
    /// What is done once a day was done by this process ([`Daily`](super::Daily)).
    Daily,
}

impl Event {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::Reasked,
        Self::Posted,
        Self::HandledAtOnce,
        Self::Renewed,
        Self::MessageForgotten,
        Self::Conflict,
        Self::Remembered,
        Self::Outdated,
        Self::Stalled,
        Self::HandedBack,
        Self::Lost,
        Self::Delivered,
        Self::Undelivered,
        Self::SetAside,
        Self::MessageSetAside,
        Self::Quarantined,
        Self::Woken,
        Self::Forgotten,
        Self::Archived,
        Self::ArchiveRefused,
        Self::ArchiveRepaired,
        Self::SaidDropped,
        Self::LetterEmptied,
        Self::ReplyForgotten,
        Self::Uncollected,
        Self::Daily,
    ];

    /// The name of the event, as metrics label it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reasked => "reasked",
            Self::Posted => "posted",
            Self::HandledAtOnce => "handled_at_once",
            Self::Renewed => "renewed",
            Self::MessageForgotten => "message_forgotten",
            Self::Conflict => "conflict",
            Self::Remembered => "remembered",
            Self::Outdated => "outdated",
            Self::Stalled => "stalled",
            Self::HandedBack => "handed_back",
            Self::Lost => "lost",
            Self::Delivered => "delivered",
            Self::Undelivered => "undelivered",
            Self::SetAside => "set_aside",
            Self::MessageSetAside => "message_set_aside",
            Self::Quarantined => "quarantined",
            Self::Woken => "woken",
            Self::Forgotten => "forgotten",
            Self::Archived => "archived",
            Self::ArchiveRefused => "archive_refused",
            Self::ArchiveRepaired => "archive_repaired",
            Self::SaidDropped => "said_dropped",
            Self::LetterEmptied => "letter_emptied",
            Self::ReplyForgotten => "reply_forgotten",
            Self::Uncollected => "uncollected",
            Self::Daily => "daily",
        }
    }
}
