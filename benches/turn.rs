//! A whole turn over the memory store: load, read, decide, write, commit; beside the parts that it cannot do without.
//!
//! `cargo bench -p flow-bench --bench turn`

mod conversation;

use std::{
    hint::black_box,
    sync::atomic::{AtomicU64, Ordering},
};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use flow_core::{Engine, Input, Limits, Record, SessionId, Store};
use flow_memory::MemoryStore;

use conversation::{Host, Talk};

fn turns(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    let engine: Engine<Talk> =
        Talk::engine(Host).limits(Limits::default().history(10).remembered_messages(4)).store(MemoryStore::new());
    let id = SessionId::random();
    let count = AtomicU64::new(0);
    let message = || Input::text("Ana").with_id(format!("wamid.{}", count.fetch_add(1, Ordering::Relaxed)));
    for _ in 0..20 {
        runtime.block_on(engine.handle(id, message())).expect("a turn");
    }
    let mut group = criterion.benchmark_group("turn");
    group.throughput(Throughput::Elements(1));
    group.bench_function("whole, over memory", |bencher| {
        bencher.iter(|| runtime.block_on(engine.handle(id, message())).expect("a turn"));
    });
    let repeat = Input::text("Ana").with_id("wamid.0");
    let engine = Talk::engine(Host).store(MemoryStore::new());
    runtime.block_on(engine.handle(id, repeat.clone())).expect("a turn");
    group.bench_function("a repeat", |bencher| {
        bencher.iter(|| runtime.block_on(engine.handle(id, repeat.clone())).expect("a turn"));
    });
    group.bench_function("peek: load and read", |bencher| {
        bencher.iter(|| runtime.block_on(engine.peek(id)).expect("a session"));
    });
    group.finish();
}

fn store(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let store = MemoryStore::new();
    let id = SessionId::random();
    let load = || -> Option<Record> { runtime.block_on(store.load(id, 0)).expect("a store").record };
    criterion.bench_function("store: load of nothing", |bencher| bencher.iter(|| black_box(load())));
}

criterion_group!(benches, turns, store);
criterion_main!(benches);
