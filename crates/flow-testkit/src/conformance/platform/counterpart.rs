//! The platform itself, as a test plays it: a [`Counterpart`].

use std::fmt::Debug;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use flow_http::platform::Platform;

use super::{Delivery, Sample, Shown, Signature, Signer, Taken, Trouble};

/// The platform itself, as its documentation has it: what it delivers, what it takes, and how it answers.
///
/// Visitors and messages are told apart by small numbers, out of which a counterpart makes ids as the platform has them.
#[async_trait]
pub trait Counterpart: Send + Sync + 'static {
    /// What is tested.
    type Platform: Platform + Debug;

    /// The platform as a bot speaks with it: it knows the secrets that this counterpart [signs](Self::sign) under, and calls this
    /// counterpart and nobody else.
    fn platform(&self) -> Self::Platform;

    /// What must never be seen: the bot's key, and the secrets that requests are signed under.
    fn secrets(&self) -> Vec<String>;

    /// What a signature of the platform covers.
    fn signature(&self) -> Signature {
        Signature::of_body()
    }

    /// Puts the headers on a request that the platform signs it with, under this secret and as of this time.
    fn sign(&self, delivery: &mut Delivery, signer: Signer, at: DateTime<Utc>);

    /// The place where this visitor is answered.
    fn place(&self, visitor: u32) -> String;

    /// Delivers that this visitor wrote this text, as the message of this number.
    fn says(&self, visitor: u32, message: u32, text: &str) -> Delivery;

    /// Delivers that this visitor pressed what has this token, as the message of this number. None unless the platform has something
    /// to press.
    fn presses(&self, visitor: u32, message: u32, token: &str) -> Option<Delivery> {
        let _ = (visitor, message, token);
        None
    }

    /// Delivers these in one request. None unless the platform does that.
    fn together(&self, deliveries: &[Delivery]) -> Option<Delivery> {
        let _ = deliveries;
        None
    }

    /// A request of each kind that the platform makes, as its documentation shows them, with what must come of it. At least one is of a
    /// kind that the bot has no use for.
    fn samples(&self) -> Vec<Sample>;

    /// Whether the platform says how long to wait when too much was sent.
    fn says_how_long(&self) -> bool {
        true
    }

    /// What the platform is to be given for a message of this key: the key itself, unless the platform takes keys of a form of its own
    /// alone. A UUID, say, is made out of the key: the same one for the same key, and another for any other.
    fn key_of(&self, key: &str) -> String {
        key.to_owned()
    }

    /// What a visitor sees of a message.
    ///
    /// Fails, in words, if the platform would not take it: a text that is too long, a label, one button too many.
    fn shown(&self, wire: &<Self::Platform as Platform>::Wire) -> Result<Shown, String>;

    /// Has this happen to the next message that it is sent, and to no later one.
    async fn meets(&self, trouble: Trouble);

    /// The messages that it has taken so far, in order: what their visitors see.
    async fn taken(&self) -> Vec<Taken>;
}
