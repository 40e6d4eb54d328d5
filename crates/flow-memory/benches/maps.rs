//! Get and compare-and-set on 100,000 records of 1 kB: the store beside maps that could have carried it.
//!
//! The maps do this and nothing else: no bound, no expiry, no wake times, no boxed future a call. What else they
//! could do is said where they are used.

use std::{
    collections::BTreeSet,
    hint::black_box,
    pin::pin,
    sync::{Barrier, Mutex},
    task::{Context, Poll, Waker},
    thread,
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use flow_core::{
    Record, SessionId, Stamp, Store,
    store::{Commit, Expect, Verdict},
};
use flow_memory::MemoryStore;
use uuid::Uuid;

const SESSIONS: usize = 100_000;

/// Get and compare-and-set.
trait Map: Sync {
    fn insert(&self, id: SessionId, record: Record);
    fn get(&self, id: SessionId) -> Record;
    fn replace(&self, id: SessionId, stamp: Stamp, record: Record) -> bool;
}

/// The store, through its trait; with or without its indexes to keep.
struct Ours {
    store: MemoryStore,
    indexed: Option<(Duration, DateTime<Utc>)>,
}

impl Ours {
    fn plain() -> Self {
        Self { store: MemoryStore::new(), indexed: None }
    }

    /// Each commit renews its time to live, and moves its wake time.
    fn indexed() -> Self {
        Self { indexed: Some((Duration::from_secs(1_800), Utc::now())), ..Self::plain() }
    }

    fn commit(&self, id: SessionId, expect: Expect, record: Record) -> bool {
        let wake_at = self.indexed.map(|(_, start)| start + Duration::from_secs(record.stamp().version));
        let time_to_live = self.indexed.map(|(time_to_live, _)| time_to_live);
        let commit = Commit::new(id, expect, record, "booking", "WELCOME").time_to_live(time_to_live).wake_at(wake_at);
        now(self.store.commit(commit)).expect("a full store") == Verdict::Done
    }
}

impl Map for Ours {
    fn insert(&self, id: SessionId, record: Record) {
        assert!(self.commit(id, Expect::Absent, record));
    }

    fn get(&self, id: SessionId) -> Record {
        now(self.store.load(id)).expect("a load").expect("a record")
    }

    fn replace(&self, id: SessionId, stamp: Stamp, record: Record) -> bool {
        self.commit(id, Expect::At(stamp), record)
    }
}

/// Could keep an index in step: a second lock inside the one that its guard holds.
impl Map for dashmap::DashMap<SessionId, Record> {
    fn insert(&self, id: SessionId, record: Record) {
        self.insert(id, record);
    }

    fn get(&self, id: SessionId) -> Record {
        self.get(&id).expect("a record").clone()
    }

    fn replace(&self, id: SessionId, stamp: Stamp, record: Record) -> bool {
        let mut held = self.get_mut(&id).expect("a record");
        let equal = held.stamp() == stamp;
        if equal {
            *held = record;
        }
        equal
    }
}

/// What keeping the indexes in step costs a map that has none: locks of their own, inside the one of the record.
#[derive(Default)]
struct IndexedDashMap {
    records: dashmap::DashMap<SessionId, (Record, DateTime<Utc>, DateTime<Utc>)>,
    expiries: Mutex<BTreeSet<(DateTime<Utc>, SessionId)>>,
    wakes: Mutex<BTreeSet<(DateTime<Utc>, SessionId)>>,
}

impl IndexedDashMap {
    fn times(record: &Record) -> (DateTime<Utc>, DateTime<Utc>) {
        let start = Utc::now();
        (start + Duration::from_secs(1_800), start + Duration::from_secs(record.stamp().version))
    }
}

impl Map for IndexedDashMap {
    fn insert(&self, id: SessionId, record: Record) {
        let (expires_at, wake_at) = Self::times(&record);
        self.records.insert(id, (record, expires_at, wake_at));
        self.expiries.lock().expect("a whole index").insert((expires_at, id));
        self.wakes.lock().expect("a whole index").insert((wake_at, id));
    }

    fn get(&self, id: SessionId) -> Record {
        let held = self.records.get(&id).expect("a record");
        assert!(held.1 > Utc::now());
        held.0.clone()
    }

    fn replace(&self, id: SessionId, stamp: Stamp, record: Record) -> bool {
        let mut held = self.records.get_mut(&id).expect("a record");
        let equal = held.0.stamp() == stamp;
        if equal {
            let (expires_at, wake_at) = Self::times(&record);
            for (index, old, new) in [(&self.expiries, held.1, expires_at), (&self.wakes, held.2, wake_at)] {
                let mut index = index.lock().expect("a whole index");
                index.remove(&(old, id));
                index.insert((new, id));
            }
            *held = (record, expires_at, wake_at);
        }
        equal
    }
}

/// Could keep an index in step: a second lock inside the closure.
impl Map for scc::HashMap<SessionId, Record> {
    fn insert(&self, id: SessionId, record: Record) {
        self.upsert_sync(id, record);
    }

    fn get(&self, id: SessionId) -> Record {
        self.read_sync(&id, |_, held| held.clone()).expect("a record")
    }

    fn replace(&self, id: SessionId, stamp: Stamp, record: Record) -> bool {
        let replace = |_: &SessionId, held: &mut Record| {
            let equal = held.stamp() == stamp;
            if equal {
                *held = record;
            }
            equal
        };
        self.update_sync(&id, replace).expect("a record")
    }
}

/// Cannot keep an index in step: there is no lock to do it under, and its closure may run more than once.
impl Map for papaya::HashMap<SessionId, Record> {
    fn insert(&self, id: SessionId, record: Record) {
        self.pin().insert(id, record);
    }

    fn get(&self, id: SessionId) -> Record {
        self.pin().get(&id).expect("a record").clone()
    }

    fn replace(&self, id: SessionId, stamp: Stamp, record: Record) -> bool {
        let map = self.pin();
        let replaced = map.compute(id, |held| match held {
            Some((_, held)) if held.stamp() == stamp => papaya::Operation::Insert(record.clone()),
            _ => papaya::Operation::Abort(()),
        });
        matches!(replaced, papaya::Compute::Updated { .. })
    }
}

/// Cannot keep an index in step: it evicts, by itself and later, what it has no room for.
impl Map for moka::sync::Cache<SessionId, Record> {
    fn insert(&self, id: SessionId, record: Record) {
        self.insert(id, record);
    }

    fn get(&self, id: SessionId) -> Record {
        self.get(&id).expect("a record")
    }

    fn replace(&self, id: SessionId, stamp: Stamp, record: Record) -> bool {
        let replaced = self.entry(id).and_compute_with(|held| match held {
            Some(held) if held.value().stamp() == stamp => moka::ops::compute::Op::Put(record),
            _ => moka::ops::compute::Op::Nop,
        });
        matches!(replaced, moka::ops::compute::CompResult::ReplacedWith(_))
    }
}

fn maps(criterion: &mut Criterion) {
    let maps: [(&str, Box<dyn Map>); 7] = [
        ("flow-memory", Box::new(Ours::plain())),
        ("flow-memory with expiry and wake times", Box::new(Ours::indexed())),
        ("dashmap with expiry and wake times", Box::new(IndexedDashMap::default())),
        ("dashmap", Box::new(dashmap::DashMap::new())),
        ("scc", Box::new(scc::HashMap::new())),
        ("papaya", Box::new(papaya::HashMap::new())),
        ("moka", Box::new(moka::sync::Cache::new(u64::MAX))),
    ];
    let ids: Vec<_> = (0..SESSIONS).map(|_| SessionId::random()).collect();
    let body = vec![b'x'; 1_000 - Stamp::first().header().len()];
    let mut group = criterion.benchmark_group("get and compare-and-set");
    group.warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_millis(1_500)).sample_size(20);
    for (name, map) in &maps {
        for id in &ids {
            map.insert(*id, Record::compose(Stamp::first(), &body));
        }
        for threads in [1, 2] {
            group.bench_function(BenchmarkId::new(*name, format!("{threads} threads")), |bencher| {
                bencher.iter_custom(|turns| together(threads, |thread| turn(map.as_ref(), &ids, &body, turns, thread)));
            });
        }
    }
    group.finish();
}

/// So many turns of one thread, each on a session by chance.
fn turn(map: &dyn Map, ids: &[SessionId], body: &[u8], turns: u64, thread: u64) {
    // Xorshift: good enough a chance, and no cost beside what is measured.
    let mut chance = 0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(thread + 1);
    for _ in 0..turns {
        chance ^= chance << 13;
        chance ^= chance >> 7;
        chance ^= chance << 17;
        let id = ids[usize::try_from(chance).unwrap_or(usize::MAX) % ids.len()];
        let stamp = map.get(id).stamp();
        // Not `stamp.next()`: the randomness of the system would take longer than the map.
        let next = Stamp { version: stamp.version % 9 + 1, write_id: Uuid::from_u64_pair(chance, thread) };
        black_box(map.replace(id, stamp, Record::compose(next, body)));
    }
}

fn together(threads: u64, work: impl Fn(u64) + Sync) -> Duration {
    let begin = Barrier::new(usize::try_from(threads).expect("a few") + 1);
    let mut start = Instant::now();
    thread::scope(|scope| {
        for thread in 0..threads {
            let (begin, work) = (&begin, &work);
            scope.spawn(move || {
                begin.wait();
                work(thread);
            });
        }
        begin.wait();
        start = Instant::now();
    });
    start.elapsed()
}

/// The store never waits, so that the first poll is the last.
fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => unreachable!("a store in memory never waits"),
    }
}

criterion_group!(benches, maps);
criterion_main!(benches);
