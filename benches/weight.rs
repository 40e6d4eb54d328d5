//! What a turn weighs by what its flow uses: so many turns of one session, and the bytes of its record.
//!
//! `cargo bench -p flow-bench --bench weight -- plain 16 200`, under `valgrind --tool=callgrind` for the instructions: those of 200
//! turns are the difference to those of none. The number in the middle is how many ids are known.

mod conversation;

use std::{env, sync::Arc};

use async_trait::async_trait;
use flow_core::{
    Address, Channel, Engine, EngineBuilder, Fate, Input, Limits, Message, Outgoing, SessionId, Store, engine::Said,
};
use flow_memory::MemoryStore;
use tokio::{sync::Semaphore, task::yield_now};

use conversation::{Asker, Host, Talk};

/// What the flow uses.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Use {
    /// Ids of messages.
    Plain,
    /// Not even those.
    Unnamed,
    /// A channel, which sends the replies; the next turn strikes them off.
    Addressed,
    /// `accept` instead of `handle`.
    Accepted,
    /// A question to the world in each turn.
    Once,
    /// What was said is kept: the last ten things.
    Said,
}

impl Use {
    fn named(name: &str) -> Option<Self> {
        let uses = [Self::Plain, Self::Unnamed, Self::Addressed, Self::Accepted, Self::Once, Self::Said];
        uses.into_iter().find(|one| format!("{one:?}").eq_ignore_ascii_case(name))
    }

    fn engine(self, ids: usize, channel: Arc<Counter>, store: Arc<MemoryStore>) -> Engine<Talk> {
        let limits = Limits::default().history(10).remembered_messages(4).known_ids(ids);
        let builder: EngineBuilder<Talk> = if self == Self::Once { Talk::engine(Asker) } else { Talk::engine(Host) };
        let builder = builder.limits(limits).channel("web", channel);
        let builder = if self == Self::Said { builder.keep_said(Said::for_days(30).at_most(10)) } else { builder };
        builder.store(store)
    }

    fn message(self, number: usize) -> Message {
        let input = Input::text("Ana");
        match self {
            Self::Unnamed => input.into(),
            Self::Addressed => input.with_id(format!("wamid.{number}")).with_address(Address::new("web", "visitor-7")),
            _ => input.with_id(format!("wamid.{number}")),
        }
    }
}

/// Counts what is sent.
struct Counter(Semaphore);

#[async_trait]
impl Channel for Counter {
    async fn send(&self, _: &Outgoing) -> Result<(), Fate> {
        self.0.add_permits(1);
        Ok(())
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let arguments: Vec<_> = env::args().collect();
    let used = arguments.iter().find_map(|argument| Use::named(argument)).unwrap_or(Use::Plain);
    let mut numbers = arguments.iter().filter_map(|argument| argument.parse::<usize>().ok());
    let (ids, turns) = (numbers.next().unwrap_or(16), numbers.next().unwrap_or(0));
    let (channel, store) = (Arc::new(Counter(Semaphore::new(0))), Arc::new(MemoryStore::new()));
    let engine = used.engine(ids, Arc::clone(&channel), Arc::clone(&store));
    if used == Use::Addressed {
        engine.worker().start();
        yield_now().await;
    }
    let id = SessionId::random();
    for number in 0..ids + 6 + turns {
        let message = used.message(number);
        if used == Use::Accepted {
            engine.accept(id, message).await.expect("it is accepted");
        } else {
            engine.handle(id, message).await.expect("a turn");
        }
        if used == Use::Addressed {
            channel.0.acquire().await.expect("it is never closed").forget();
            // The deliverer notes what it has sent.
            yield_now().await;
        }
    }
    let record = store.load(id, 0).await.expect("a store").record.expect("a record");
    println!("{used:?}, {ids} ids: a record of {} bytes", record.bytes().len());
}
