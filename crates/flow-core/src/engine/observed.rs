//! What an [`Observer`](super::Observer) hears of besides turns and calls: deliveries, messages that waited, batches that were archived.

use std::time::Duration;

use crate::StoreError;

/// How a channel is called that the engine was not built with: names that come from outside are told by this one word, so that they may
/// label a metric.
pub(super) const OTHER_CHANNEL: &str = "other";

/// A try to deliver something that has ended: to send a reply, to hand a checkpoint, an effect or an announcement to its hook.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct DeliveryEnded<'d> {
    /// The flow's wire name.
    pub flow: &'static str,
    /// What was delivered.
    pub kind: DeliveryKind,
    /// The channel that sends it, if it is a reply: the name of one that the engine was built with, or else `other`.
    pub channel: Option<&'d str>,
    /// What became of it.
    pub fate: DeliveryFate,
    /// How often it was tried, this try included.
    pub tries: u32,
    /// How long before this try the turn began that has decided it, by the store's time.
    pub waited: Duration,
    /// How long the try took.
    pub took: Duration,
}

/// What is delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DeliveryKind {
    /// That a key state was entered.
    Checkpoint,
    /// That a session has expired.
    Expiry,
    /// An effect of the flow's own.
    Effect,
    /// What a turn said for which nobody waits.
    Announcement,
    /// A reply, which a channel sends.
    Reply,
    /// That a reply can never be sent, for the flow to hear.
    Undeliverable,
}

impl DeliveryKind {
    /// All of them.
    pub const ALL: &'static [Self] =
        &[Self::Checkpoint, Self::Expiry, Self::Effect, Self::Announcement, Self::Reply, Self::Undeliverable];

    /// The kind in one word, which may label a metric: `reply`, `effect`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Checkpoint => "checkpoint",
            Self::Expiry => "expiry",
            Self::Effect => "effect",
            Self::Announcement => "announcement",
            Self::Reply => "reply",
            Self::Undeliverable => "undeliverable",
        }
    }
}

/// What became of a try to deliver something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DeliveryFate {
    /// It was delivered.
    Delivered,
    /// Its platform wants to be left alone for a while. It is no try that failed.
    Waits,
    /// It failed.
    Failed,
    /// It may have been sent or not, and nobody can tell.
    InDoubt,
    /// Its channel will not send it, now or later: it is set aside.
    Never,
}

impl DeliveryFate {
    /// All of them.
    pub const ALL: &'static [Self] = &[Self::Delivered, Self::Waits, Self::Failed, Self::InDoubt, Self::Never];

    /// The fate in one word, which may label a metric: `delivered`, `in_doubt`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Waits => "waits",
            Self::Failed => "failed",
            Self::InDoubt => "in_doubt",
            Self::Never => "never",
        }
    }
}

/// Replies that were laid out for a visitor who comes for them ([`Shelf`](super::Shelf)).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct LaidOut<'l> {
    /// The flow's wire name.
    pub flow: &'static str,
    /// The channel that they are collected from: the name of one that the engine was built with, or else `other`.
    pub channel: &'l str,
    /// How many.
    pub replies: usize,
}

/// An attempt to handle a message that had waited for its turn, with what was handled together with it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct LetterTried {
    /// The flow's wire name.
    pub flow: &'static str,
    /// How long the message had waited when its turn began, by the store's time.
    pub waited: Duration,
    /// How many more wait for their turns in this session; none if that is not known.
    pub left: Option<usize>,
    /// Whether its turn was taken. If not it is tried again later, or set aside.
    pub is_handled: bool,
}

/// A batch of sessions that was given to the archive.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct BatchEnded<'b> {
    /// The flow's wire name.
    pub flow: &'static str,
    /// How many sessions.
    pub sessions: usize,
    /// How long overdue the session was that had waited the longest.
    pub lag: Duration,
    /// How long it took.
    pub took: Duration,
    /// What the archive failed with. The batch is tried again later.
    pub error: Option<&'b StoreError>,
}
