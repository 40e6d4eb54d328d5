//! A channel that keeps what it is given: [`RecordingChannel`].

use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use flow_core::{
    Address, Channel, Fate, Outgoing,
    engine::{Doubt, Found},
};
use tokio::time::{Instant, sleep};

/// Keeps every reply that it is given to send. Clones share what they keep.
///
/// ```
/// use flow_core::{Address, Channel, Fate, Key, Outgoing, SessionId, Stamp};
/// use flow_testkit::RecordingChannel;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let channel = RecordingChannel::new();
/// channel.answers(Err(Fate::never("blocked")));
/// let key = Key::new(SessionId::random(), Stamp::first(), 0);
/// let hello = Outgoing::new(key, Address::new("web", "visitor-7"), "Hello!".into(), chrono::Utc::now());
///
/// assert!(channel.send(&hello).await.is_err());
/// assert!(channel.send(&hello).await.is_ok()); // with nothing more to answer, all goes well
/// assert_eq!((channel.tries().len(), channel.texts()), (2, vec!["Hello!".to_owned()]));
/// # }
/// ```
#[derive(Clone, Default)]
pub struct RecordingChannel(Arc<Mutex<Kept>>);

#[derive(Default)]
struct Kept {
    tries: Vec<Try>,
    answers: VecDeque<Result<(), Fate>>,
    found: VecDeque<Found>,
    asked: Vec<Outgoing>,
    takes: Duration,
    doubt: Doubt,
    typing: Vec<Address>,
}

/// One call of [`Channel::send`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Try {
    /// What was to be sent.
    pub outgoing: Outgoing,
    /// When.
    pub at: Instant,
    /// Whether it was sent.
    pub is_sent: bool,
}

impl RecordingChannel {
    /// A channel by which everything is sent at once.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same channel, which takes so long for each.
    #[must_use]
    pub fn taking(self, time: Duration) -> Self {
        self.kept().takes = time;
        self
    }

    /// The same channel, which does this with what is in doubt.
    #[must_use]
    pub fn in_doubt_doing(self, doubt: Doubt) -> Self {
        self.kept().doubt = doubt;
        self
    }

    /// Answers this to the next reply that nothing is said of yet.
    pub fn answers(&self, answer: Result<(), Fate>) {
        self.kept().answers.push_back(answer);
    }

    /// Finds this out, the next time that it is asked and nothing is said of yet. With nothing more, it is not known.
    pub fn finds(&self, found: Found) {
        self.kept().found.push_back(found);
    }

    /// Every call to send, in this order.
    pub fn tries(&self) -> Vec<Try> {
        self.kept().tries.clone()
    }

    /// What was sent, in this order.
    pub fn sent(&self) -> Vec<Outgoing> {
        self.kept().tries.iter().filter(|a_try| a_try.is_sent).map(|a_try| a_try.outgoing.clone()).collect()
    }

    /// The texts of what was sent, in this order.
    pub fn texts(&self) -> Vec<String> {
        self.sent().iter().map(|outgoing| outgoing.reply.text().to_owned()).collect()
    }

    /// What it was asked to find out, in this order.
    pub fn asked(&self) -> Vec<Outgoing> {
        self.kept().asked.clone()
    }

    /// To whom it was shown that an answer is coming, in this order.
    pub fn typing_to(&self) -> Vec<Address> {
        self.kept().typing.clone()
    }

    /// Waits until so many replies are sent, and gives their texts.
    pub async fn has_sent(&self, count: usize) -> Vec<String> {
        loop {
            let texts = self.texts();
            if texts.len() >= count {
                return texts;
            }
            sleep(Duration::from_millis(1)).await;
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Channel for RecordingChannel {
    async fn send(&self, outgoing: &Outgoing) -> Result<(), Fate> {
        let (answer, takes) = {
            let mut kept = self.kept();
            let answer = kept.answers.pop_front().unwrap_or(Ok(()));
            kept.tries.push(Try { outgoing: outgoing.clone(), at: Instant::now(), is_sent: false });
            (answer, kept.takes)
        };
        if !takes.is_zero() {
            sleep(takes).await;
        }
        if answer.is_ok() {
            let mut kept = self.kept();
            if let Some(ours) = kept.tries.iter_mut().rev().find(|a_try| a_try.outgoing.key == outgoing.key) {
                ours.is_sent = true;
            }
        }
        answer
    }

    async fn find_out(&self, outgoing: &Outgoing) -> Found {
        let mut kept = self.kept();
        kept.asked.push(outgoing.clone());
        kept.found.pop_front().unwrap_or(Found::Unknown)
    }

    fn in_doubt(&self) -> Doubt {
        self.kept().doubt
    }

    async fn typing(&self, address: &Address) {
        self.kept().typing.push(address.clone());
    }
}

/// How much it was given, and nothing of what that said.
impl fmt::Debug for RecordingChannel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordingChannel").field("tries", &self.kept().tries.len()).finish_non_exhaustive()
    }
}
