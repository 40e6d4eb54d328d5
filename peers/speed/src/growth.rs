//! What grows: records, histories, and the number of sessions in memory.

use std::{fs, sync::Arc, time::Instant};

use flow_core::{Engine, SessionId};
use flow_memory::MemoryStore;
use flow_redis::RedisStore;
use tokio::runtime::Runtime;

use crate::{
    candidates::MOST,
    measured::{Act, Candidate, measure, variable},
    talk::{self, Talk},
};

/// At once over Redis; over memory it is one.
const AT_ONCE: usize = 8;

/// Turns a second, over memory and over Redis, by what grows.
pub struct Grown {
    pub by: usize,
    pub memory: (f64, f64),
    pub redis: (f64, f64),
}

/// Sessions that have taken so many turns.
fn filled(runtime: &Runtime, engine: Engine<Talk>, sessions: usize, turns: usize) -> Act {
    let ids = Arc::new((0..sessions).map(|_| SessionId::random()).collect::<Vec<_>>());
    runtime.block_on(async {
        for id in &*ids {
            for _ in 0..turns {
                talk::take(&engine, *id).await;
            }
        }
    });
    Arc::new(move |worker| {
        let (engine, ids) = (engine.clone(), Arc::clone(&ids));
        Box::pin(async move { talk::take(&engine, ids[worker]).await })
    })
}

/// With these histories and paddings of the state.
pub fn grown(runtime: &Runtime, redis: &Arc<RedisStore>, sizes: &[(usize, usize)]) -> Vec<Grown> {
    let mut candidates = Vec::new();
    for (history, padding) in sizes {
        let what = format!("history of {history}, {padding} B besides");
        let memory = talk::engine(Arc::new(MemoryStore::new()), *history, *padding);
        let memory = filled(runtime, memory, 1, history + 10);
        candidates.push(Candidate::acting(format!("memory, {what}"), runtime, 1, memory));
        let redis = filled(runtime, talk::engine(Arc::clone(redis), *history, *padding), AT_ONCE, history + 10);
        candidates.push(Candidate::acting(format!("Redis, {what}"), runtime, AT_ONCE, redis));
    }
    measure(&mut candidates);
    let told = |candidate: &Candidate<'_>| (candidate.rate.median(), candidate.rate.spread());
    let rows = candidates.chunks(2).zip(sizes).map(|(pair, (history, padding))| Grown {
        by: if *padding > 0 { *padding } else { *history },
        memory: told(&pair[0]),
        redis: told(&pair[1]),
    });
    rows.collect()
}

/// So many sessions in memory.
pub struct Crowd {
    pub sessions: usize,
    /// Of one turn, in microseconds.
    pub turn: f64,
    /// Of a session, as the process grew.
    pub bytes: Option<f64>,
}

/// What the process has in memory, in bytes.
fn resident() -> f64 {
    let status = fs::read_to_string("/proc/self/status").expect("a Linux");
    let kilobytes = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its memory");
    kilobytes.trim().trim_end_matches(" kB").trim().parse::<f64>().expect("a number") * 1024.0
}

/// What a turn takes, in microseconds, of sessions far from each other.
fn passed(runtime: &Runtime, engine: &Engine<Talk>, ids: &[SessionId], pass: usize) -> f64 {
    let turns = 4_000;
    let began = Instant::now();
    runtime.block_on(async {
        for turn in 0..turns {
            talk::take(engine, ids[(pass * turns + turn) * 7_919 % ids.len()]).await;
        }
    });
    began.elapsed().as_secs_f64() * 1e6 / turns as f64
}

/// One engine to which sessions are added, each of two turns; then turns are taken, and the median of several passes is told.
pub fn crowds(runtime: &Runtime) -> Vec<Crowd> {
    let most = variable("SESSIONS", 1_000_000);
    let store = MemoryStore::builder().max_sessions(2 * most + MOST).max_bytes(usize::MAX / 2).build();
    let engine = talk::engine(Arc::new(store), 10, 0);
    let (mut ids, mut crowds, before) = (Vec::with_capacity(most), Vec::new(), resident());
    for sessions in [1, 100, 10_000, 100_000, 1_000_000].into_iter().filter(|sessions| *sessions <= most) {
        runtime.block_on(async {
            while ids.len() < sessions {
                let id = SessionId::random();
                talk::take(&engine, id).await;
                talk::take(&engine, id).await;
                ids.push(id);
            }
        });
        let bytes = (resident() - before) / sessions as f64;
        let mut passes: Vec<_> = (0..9).map(|pass| passed(runtime, &engine, &ids, pass)).collect();
        passes.sort_by(f64::total_cmp);
        let turn = passes[passes.len() / 2];
        eprintln!("{sessions} sessions: {turn:.1} µs a turn, {bytes:.0} B a session");
        // Of a few sessions the process's growth tells nothing.
        crowds.push(Crowd { sessions, turn, bytes: (sessions >= 10_000).then_some(bytes) });
    }
    crowds
}
