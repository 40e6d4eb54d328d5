//! What a failover loses, and what it may not: the tail of a session is lost as a whole, its letters with its record.

use std::{collections::BTreeMap, time::Duration};

use flow_core::{
    Record, SessionId, Stamp, Store, StoreError,
    store::{Commit, Expect, Letter, Post, Posted, Verdict},
};
use flow_proving::RedisServer;
use flow_redis::{RedisStore, RedisStoreBuilder};

use crate::writes::{FLOW, create, told};

const PATIENCE: Duration = Duration::from_secs(10);

const LEASE: Duration = Duration::from_secs(60);

fn patient(server: &RedisServer) -> RedisStoreBuilder {
    RedisStore::builder(&server.url()).connect_deadline(PATIENCE).call_deadline(PATIENCE)
}

fn pair() -> (RedisServer, RedisServer) {
    let master = RedisServer::start();
    let replica = RedisServer::with(&["--replicaof", &format!("127.0.0.1 {}", master.port())]);
    (master, replica)
}

fn name(number: u32) -> [u8; 16] {
    u128::from(number).to_be_bytes()
}

/// Which letter the record says was taken last.
fn taken(record: &Record) -> u32 {
    let body = String::from_utf8_lossy(record.bytes()).into_owned();
    let (_, rest) = body.split_once("\"taken\":").expect("it says so");
    rest.split('}').next().and_then(|taken| taken.parse().ok()).expect("a number")
}

/// Posts a letter and takes it, again and again, until its server is gone; tells how many it had posted.
async fn posts_and_takes(store: RedisStore, id: SessionId) -> u32 {
    let (mut record, mut posted) = (None::<Record>, 0);
    loop {
        // One is always left.
        for _ in 0..if posted == 0 { 3 } else { 2 } {
            let post = Post::new(id, FLOW, Letter::new(name(posted + 1), b"said".to_vec()), LEASE);
            match store.post(post).await {
                Ok(posted) => assert_ne!(posted, Posted::Full),
                Err(_) => return posted,
            }
            posted += 1;
        }
        let (expect, stamp) = match &record {
            Some(record) => (Expect::At(record.prefix()), record.stamp().next()),
            None => (Expect::Absent, Stamp::first()),
        };
        let last = record.as_ref().map_or(0, taken);
        let next = Record::compose(stamp, format!("{{\"taken\":{}}}", last + 2).as_bytes());
        let commit = Commit::new(id, expect, next.clone(), FLOW, "WELCOME").takes([name(last + 1), name(last + 2)]);
        match store.commit(commit).await {
            Ok(Verdict::Done { .. }) => record = Some(next),
            Ok(Verdict::Conflict(_)) => panic!("nobody else writes to this session"),
            Err(_) => return posted,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_tail_takes_the_record_and_its_letters_back_together() {
    let mut tails = BTreeMap::new();
    for _ in 0..5 {
        let (mut master, replica) = pair();
        // The replica has joined once it has this.
        let store = patient(&master).replicas(1, PATIENCE / 2).connect().await.expect("a store");
        store.commit(create(SessionId::random())).await.expect("it is confirmed");
        let store = || RedisStore::builder(&master.url()).call_deadline(PATIENCE / 10).lazy().expect("a store");
        let ids: Vec<_> = (0..8).map(|_| SessionId::random()).collect();
        let writers: Vec<_> = ids.iter().map(|id| tokio::spawn(posts_and_takes(store(), *id))).collect();
        tokio::time::sleep(Duration::from_millis(200)).await;
        replica.ask(&["REPLICAOF", "NO", "ONE"]);
        tokio::time::sleep(Duration::from_millis(20)).await;
        master.kill();
        let store = patient(&replica).connect().await.expect("a store");
        for (id, writer) in ids.into_iter().zip(writers) {
            let posted = writer.await.expect("a task");
            let loaded = store.load(id, 1_000_000).await.expect("a load");
            let last = loaded.record.as_ref().map_or(0, taken);
            let waiting: Vec<_> = loaded.letters.iter().map(|letter| u128::from_be_bytes(letter.name)).collect();
            let up_to = last + u32::try_from(waiting.len()).expect("a few");
            let expected: Vec<_> = (last + 1..=up_to).map(u128::from).collect();
            assert_eq!(waiting, expected, "what the record has not taken waits, in its order, and nothing that it has");
            assert!(last >= 2, "there is a head that was kept");
            *tails.entry(posted > up_to).or_insert(0) += 1;
        }
    }
    assert!(tails.get(&true).is_some_and(|count| *count > 20), "tails were lost: {tails:?}");
}

/// The answer that a letter waits already, or that a record is in place already, is an acknowledgement as well.
#[tokio::test]
async fn what_no_replica_has_is_not_acknowledged_to_another_process_either() {
    let (master, replica) = pair();
    let store = patient(&master).replicas(1, PATIENCE / 2).connect().await.expect("a store");
    let id = SessionId::random();
    store.commit(create(id)).await.expect("it is confirmed");
    replica.pause();
    let hasty = || patient(&master).replicas(1, Duration::from_millis(100)).lazy().expect("a store");
    let (post, commit) =
        (Post::new(id, FLOW, Letter::new(name(1), b"said".to_vec()), LEASE), create(SessionId::random()));
    for _ in 0..3 {
        let process = hasty();
        let posted = process.post(post.clone()).await.expect_err("nobody confirms it");
        let written = process.commit(commit.clone()).await.expect_err("nobody confirms it");
        let asked = process.confirming().expect("replicas confirm").confirm(id).await.expect_err("nobody confirms it");
        for error in [posted, written, asked] {
            assert!(matches!(error, StoreError::Unknown(_)), "{error:?}");
            assert!(told(&error).contains("applied, not replicated: 0 of 1 replicas"), "{}", told(&error));
        }
    }
    replica.resume();
    store.confirming().expect("replicas confirm").confirm(id).await.expect("confirmed now");
    let alone = patient(&master).connect().await.expect("a store");
    assert!(alone.confirming().is_none(), "where replicas do not count there is nothing to ask");
    assert_eq!(store.post(post).await.expect("confirmed now"), Posted::Known);
    assert_eq!(store.commit(commit).await.expect("confirmed now"), Verdict::Done { waiting: 0 });
}
