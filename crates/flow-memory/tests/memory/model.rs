//! The store against a model of it that is too simple to be wrong.

use std::{collections::BTreeMap, time::Duration};

use chrono::{DateTime, Utc};
use flow_core::{
    Clock, Record, SessionId, Store, StoreError,
    store::{Commit, Expect, Verdict},
};
use flow_memory::{MemoryStore, Usage};
use flow_testkit::ManualClock;
use proptest::prelude::*;

use crate::writes::{MINUTE, create, follow, for_a_minute};

const SESSIONS: usize = 6;
const MAX_SESSIONS: usize = 4;
const MAX_BYTES: usize = 700;

#[derive(Clone, Debug)]
enum Act {
    Create { session: usize, length: usize, expires: bool },
    Follow { session: usize, length: usize, expires: bool },
    Remove { session: usize },
    Wait { seconds: u64 },
}

fn act() -> impl Strategy<Value = Act> {
    let session = 0..SESSIONS;
    let write = || (0..SESSIONS, 96..320_usize, any::<bool>());
    prop_oneof![
        4 => write().prop_map(|(session, length, expires)| Act::Create { session, length, expires }),
        4 => write().prop_map(|(session, length, expires)| Act::Follow { session, length, expires }),
        1 => session.prop_map(|session| Act::Remove { session }),
        1 => (1..50_u64).prop_map(|seconds| Act::Wait { seconds }),
    ]
}

/// What lives, and until when.
#[derive(Default)]
struct Model(BTreeMap<SessionId, (Record, Option<DateTime<Utc>>)>);

impl Model {
    fn expire(&mut self, now: DateTime<Utc>) {
        self.0.retain(|_, (_, until)| until.is_none_or(|until| until > now));
    }

    fn bytes(&self) -> usize {
        self.0.values().map(|(record, _)| record.bytes().len()).sum()
    }

    /// Whether a record of this length fits where that of `id` is, or would be.
    fn fits(&self, id: SessionId, length: usize) -> bool {
        let old = self.0.get(&id).map_or(0, |(record, _)| record.bytes().len());
        let sessions = self.0.len() + usize::from(old == 0);
        sessions <= MAX_SESSIONS && self.bytes() - old + length <= MAX_BYTES
    }
}

/// The store, the model, and what is done to both.
struct Play {
    clock: ManualClock,
    store: MemoryStore,
    model: Model,
    ids: [SessionId; SESSIONS],
    /// The last record that each session had, expired and removed ones among them.
    last: BTreeMap<SessionId, Record>,
}

impl Play {
    fn new() -> Self {
        let clock = ManualClock::new();
        let store = MemoryStore::builder().max_sessions(MAX_SESSIONS).max_bytes(MAX_BYTES).clock(clock.clone()).build();
        let ids = std::array::from_fn(|_| SessionId::random());
        Self { clock, store, model: Model::default(), ids, last: BTreeMap::new() }
    }

    async fn act(&mut self, act: Act) {
        self.model.expire(self.clock.now());
        match act {
            Act::Create { session, length, expires } => self.commit(create(self.ids[session], length), expires).await,
            Act::Follow { session, length, expires } => {
                let id = self.ids[session];
                if let Some(record) = self.last.get(&id) {
                    self.commit(follow(id, record, length), expires).await;
                }
            }
            Act::Remove { session } => {
                let lived = self.model.0.remove(&self.ids[session]).is_some();
                assert_eq!(self.store.remove(self.ids[session]).await.expect("a removal"), lived);
            }
            Act::Wait { seconds } => self.clock.advance(Duration::from_secs(seconds)),
        }
    }

    async fn commit(&mut self, commit: Commit, expires: bool) {
        let commit = if expires { for_a_minute(commit) } else { commit };
        let current = self.model.0.get(&commit.id).map(|(record, _)| record.clone());
        let expected = current.as_ref().map_or(Expect::Absent, |record| Expect::At(record.prefix())) == commit.expect;
        let fits = self.model.fits(commit.id, commit.record.bytes().len());
        match self.store.commit(commit.clone()).await {
            Ok(Verdict::Conflict(handed_back)) => assert!(!expected && handed_back.record == current),
            Err(StoreError::Full) => assert!(expected && !fits),
            Ok(Verdict::Done { .. }) => {
                assert!(expected && fits);
                let until = expires.then(|| self.clock.now() + MINUTE);
                self.last.insert(commit.id, commit.record.clone());
                self.model.0.insert(commit.id, (commit.record, until));
            }
            Err(error) => panic!("{error:?}"),
        }
    }

    async fn assert_same(&mut self) {
        self.model.expire(self.clock.now());
        for id in self.ids {
            let expected = self.model.0.get(&id).map(|(record, _)| record.clone());
            assert_eq!(self.store.load(id, 0).await.expect("a load").record, expected);
        }
        // What has expired may wait to be swept.
        let Usage { sessions, bytes } = self.store.usage();
        assert!((self.model.0.len()..=MAX_SESSIONS).contains(&sessions));
        assert!((self.model.bytes()..=MAX_BYTES).contains(&bytes));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn the_store_keeps_refuses_and_counts_as_the_model_does(acts in prop::collection::vec(act(), 1..80)) {
        tokio::runtime::Builder::new_current_thread().build().expect("a runtime").block_on(async {
            let mut play = Play::new();
            for act in acts {
                play.act(act).await;
                play.assert_same().await;
            }
        });
    }
}
