//! What it takes to know messages for a day: so many ids in a record, its size, and so many turns with it.
//!
//! `cargo bench -p flow-bench --bench known_ids -- 4096 200`, under `valgrind --tool=callgrind` for the instructions: those of 200
//! turns are the difference to those of none.

mod conversation;

use std::{env, sync::Arc};

use flow_core::{Engine, Input, Limits, SessionId, Store};
use flow_memory::MemoryStore;

use conversation::{Host, Talk};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut numbers = env::args().filter_map(|argument| argument.parse::<usize>().ok());
    let (ids, turns) = (numbers.next().unwrap_or(16), numbers.next().unwrap_or(0));
    let limits = Limits::default().history(10).remembered_messages(4).known_ids(ids);
    let store = Arc::new(MemoryStore::new());
    let engine: Engine<Talk> = Talk::engine(Host).limits(limits).store(Arc::clone(&store));
    let id = SessionId::random();
    for number in 0..ids + 6 + turns {
        engine.handle(id, Input::text("Ana").with_id(format!("wamid.{number}"))).await.expect("a turn");
    }
    let record = store.load(id, 0).await.expect("a store").record.expect("a record");
    println!("{ids} ids: a record of {} bytes", record.bytes().len());
}
