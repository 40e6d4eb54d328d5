//! A conversation as it is written down before it is played: a [`Script`] of [`Act`]s.

use std::{collections::BTreeSet, pin::Pin, time::Duration};

use flow_core::{Address, Engine, EngineBuilder, Flow, Input, Reply, SessionId};
use flow_memory::MemoryStore;
use flow_testkit::{ManualClock, RecordingChannel};

/// What happens next.
pub(super) enum Act {
    Says(&'static str),
    Signals(&'static str),
    Passes(Duration),
    /// Something outside the conversation, in words.
    Happens(&'static str, Happening),
}

/// What happens outside.
pub(super) type Happening = Box<dyn Fn() -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

/// A bot, and what is said to it.
pub(super) struct Script<F: Flow> {
    pub(super) builder: EngineBuilder<F>,
    pub(super) acts: Vec<Act>,
}

pub(super) fn says(words: &[&'static str]) -> Vec<Act> {
    words.iter().copied().map(Act::Says).collect()
}

impl Act {
    pub(super) fn in_words(&self) -> String {
        match self {
            Self::Says(text) => format!("> {text}"),
            Self::Signals(name) => format!("(signal {name})"),
            Self::Passes(time) => format!("({} h pass)", time.as_secs() / 3_600),
            Self::Happens(what, _) => format!("({what})"),
        }
    }

    /// Does this to the session. Gives how many replies come of it, if that is known at once.
    pub(super) async fn happen<F: Flow>(
        &self,
        engine: &Engine<F>,
        clock: &ManualClock,
        id: SessionId,
        number: usize,
        address: &Address,
    ) -> Option<usize> {
        let input = match self {
            Self::Says(text) => Input::text(*text),
            Self::Signals(name) => Input::signal_by_name(*name, ()),
            Self::Passes(time) => {
                clock.advance(*time);
                engine.worker().look().await.expect("a store");
                return None;
            }
            Self::Happens(_, happens) => {
                happens().await;
                return Some(0);
            }
        };
        let message = input.with_id(format!("m{number}")).with_address(address.clone());
        Some(engine.handle(id, message).await.expect("a turn").replies.len())
    }
}

/// What came of a script: of each act the replies, and all states that it came through.
pub(super) struct Played {
    pub(super) replies: Vec<(String, Vec<Reply>)>,
    pub(super) states: BTreeSet<&'static str>,
}

/// Plays a script with nothing between, and gives the replies as a channel is given them.
pub(super) async fn play<F: Flow>(script: Script<F>) -> Played {
    let (clock, channel, id) = (ManualClock::new(), RecordingChannel::new(), SessionId::random());
    let builder = script.builder.clock(clock.clone()).channel("page", channel.clone());
    let engine = builder.store(MemoryStore::builder().clock(clock.clone()).build());
    engine.worker().start();
    let address = Address::new("page", "visitor");
    let (mut played, mut heard) = (Played { replies: Vec::new(), states: BTreeSet::new() }, 0);
    for (number, act) in script.acts.iter().enumerate() {
        // What time brings is one reply in each of these scripts.
        let count = act.happen(&engine, &clock, id, number, &address).await.unwrap_or(1);
        channel.has_sent(heard + count).await;
        let sent = channel.sent();
        played.replies.push((act.in_words(), sent[heard..].iter().map(|outgoing| outgoing.reply.clone()).collect()));
        heard = sent.len();
        played.states.extend(engine.peek(id).await.expect("a store").map(|session| session.state().name()));
    }
    played
}
