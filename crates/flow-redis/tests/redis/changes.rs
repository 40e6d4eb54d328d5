//! What a listener hears when its server goes, stalls or is another one.

use std::time::{Duration, Instant};

use flow_core::{
    SessionId, Store,
    store::{Changed, Listener},
};
use flow_proving::{Cluster, FaultProxy, RedisServer, Sentinels};
use flow_redis::RedisStore;
use tokio::time::timeout;

use crate::{
    server::{SERVER, behind_own_prefix, fresh_store},
    writes::{create, write},
};

/// More than anything takes here, on a machine that is busy with other things.
const AT_MOST: Duration = Duration::from_secs(30);

async fn listen(store: &RedisStore) -> Box<dyn Listener> {
    store.changes().expect("a store that has it").listen().await.expect("a listener")
}

/// What is told next, past the reasons why nothing was heard.
async fn next(listener: &mut dyn Listener) -> Changed {
    let told = async {
        loop {
            if let Ok(changed) = listener.next().await {
                return changed;
            }
        }
    };
    timeout(AT_MOST, told).await.expect("something is heard")
}

/// Hears of this session, after what may have been missed.
async fn hears(listener: &mut dyn Listener, id: SessionId) {
    while next(listener).await != Changed::Session(id) {}
}

/// Writes a session as soon as the store takes it, so that it is told.
async fn write_when_possible(store: &RedisStore) -> SessionId {
    let began = Instant::now();
    loop {
        let id = SessionId::random();
        if store.commit(create(id).told(true)).await.is_ok() {
            return id;
        }
        assert!(began.elapsed() < AT_MOST, "the store is back by itself");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn after_a_server_was_killed_and_started_something_may_have_been_missed_and_then_all_is_heard() {
    let mut server = RedisServer::start();
    let store = RedisStore::connect(&server.url()).await.expect("a store");
    let mut listener = listen(&store).await;
    server.kill();
    let told = timeout(AT_MOST, listener.next()).await.expect("that nothing is heard is told");
    assert!(told.expect_err("nothing is heard").is_outage());
    server.start_again();
    assert_eq!(next(&mut *listener).await, Changed::Perhaps);
    let id = write_when_possible(&store).await;
    hears(&mut *listener, id).await;
}

#[tokio::test]
async fn a_connection_that_is_deaf_and_does_not_know_it_is_noticed() {
    let proxy = FaultProxy::before(([127, 0, 0, 1], SERVER.port()).into()).await.expect("a proxy");
    let prefix = format!("deaf:{}", SessionId::random());
    let through = RedisStore::builder(&format!("redis://{}", proxy.address())).prefix(prefix.as_str());
    let through = through.connect_deadline(Duration::from_secs(1)).connect().await.expect("a store");
    let beside = RedisStore::builder(&SERVER.url()).prefix(prefix.as_str()).connect().await.expect("a store");
    let mut listener = listen(&through).await;
    proxy.stall_connections();
    // The other connection of the store notices it by calls that have no answer.
    while through.load(SessionId::random(), 0).await.is_err() {}
    write(&beside, create(SessionId::random()).told(true)).await;
    assert_eq!(next(&mut *listener).await, Changed::Perhaps, "what was told meanwhile was not heard");
    let id = SessionId::random();
    write(&beside, create(id).told(true)).await;
    hears(&mut *listener, id).await;
}

#[tokio::test]
async fn a_listener_follows_the_sentinels_to_another_master() {
    let mut sentinels = Sentinels::start("secret", "watchword");
    let url = format!("{}?sentinel_password=watchword", sentinels.url().replace("://", "://:secret@"));
    let store = RedisStore::builder(&url).call_deadline(Duration::from_secs(5)).connect().await.expect("a store");
    let mut listener = listen(&store).await;
    sentinels.servers[0].kill();
    assert_eq!(next(&mut *listener).await, Changed::Perhaps);
    let id = write_when_possible(&store).await;
    hears(&mut *listener, id).await;
}

#[tokio::test]
async fn a_listener_outlives_the_loss_of_any_node_of_a_cluster() {
    let mut cluster = Cluster::start();
    let builder = RedisStore::builder(&cluster.url()).connect_deadline(AT_MOST / 6).call_deadline(AT_MOST / 6);
    let store = builder.connect().await.expect("a store");
    // Enough of them that one listens to the node that is lost.
    let mut listeners = Vec::new();
    for _ in 0..8 {
        listeners.push(listen(&store).await);
    }
    cluster.nodes[0].kill();
    // Each slot has a master again.
    for _ in 0..20 {
        write_when_possible(&store).await;
    }
    // Sessions of all nodes: whichever a listener is on, it hears what is told on the others. A listener that lost its node may need
    // a while to come back, and says then that it may have missed something.
    // The nodes go on telling each other who has which slot for a while.
    let mut ids = Vec::new();
    for _ in 0..20 {
        ids.push(write_when_possible(&store).await);
    }
    for listener in &mut listeners {
        let mut unheard = ids.clone();
        while !unheard.is_empty() {
            match next(&mut **listener).await {
                Changed::Session(id) => unheard.retain(|other| *other != id),
                Changed::Perhaps => break,
                other => panic!("{other:?}"),
            }
        }
    }
    let id = write_when_possible(&store).await;
    for listener in &mut listeners {
        hears(&mut **listener, id).await;
    }
}

#[tokio::test]
async fn what_is_not_told_sends_not_a_byte_and_what_is_no_more_than_that() {
    let server = RedisServer::start();
    let store = RedisStore::connect(&server.url()).await.expect("a store");
    let number = |section: &str, name: &str| -> u64 {
        let info = server.ask(&["INFO", section]);
        let line = info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        line.map_or(0, |number| number.trim().parse().expect("a number"))
    };
    // What asking itself takes, and each script's first call.
    for told in [false, true] {
        write(&store, create(SessionId::random()).told(told)).await;
    }
    let received = |before: u64| number("stats", "total_net_input_bytes") - before;
    let mut bytes = Vec::new();
    for told in [false, true] {
        let before = number("stats", "total_net_input_bytes");
        for _ in 0..50 {
            write(&store, create(SessionId::random()).told(told)).await;
        }
        bytes.push(received(before));
    }
    assert_eq!(bytes[0], bytes[1], "a commit that is told is as long as one that is not");
    let published = server.ask(&["INFO", "commandstats"]);
    let published = published.lines().find_map(|line| line.strip_prefix("cmdstat_publish:calls=")?.split(',').next());
    assert_eq!(published, Some("51"), "nothing is told of the others");
}

#[tokio::test]
async fn stores_behind_other_prefixes_are_not_heard_and_what_is_no_session_is_passed_over() {
    let prefix = format!("test:{}", SessionId::random());
    let ours = behind_own_prefix().prefix(prefix.as_str()).connect().await.expect("a store");
    let theirs = fresh_store().await;
    let mut listener = listen(&ours).await;
    write(&theirs, create(SessionId::random()).told(true)).await;
    SERVER.ask(&["PUBLISH", &format!("{prefix}:told"), "good morning"]);
    let id = SessionId::random();
    write(&ours, create(id).told(true)).await;
    assert_eq!(next(&mut *listener).await, Changed::Session(id));
}

#[tokio::test]
async fn a_listener_that_goes_takes_its_connection_along() {
    let prefix = format!("test:{}", SessionId::random());
    let store = behind_own_prefix().prefix(prefix.as_str()).connect().await.expect("a store");
    let listeners = || SERVER.ask(&["PUBSUB", "NUMSUB", &format!("{prefix}:told")]);
    let first = listen(&store).await;
    let second = listen(&store).await;
    assert!(listeners().ends_with('2'), "{}", listeners());
    drop((first, second));
    let began = Instant::now();
    while !listeners().ends_with('0') {
        assert!(began.elapsed() < AT_MOST, "{}", listeners());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn while_nobody_talks_the_server_is_asked_next_to_nothing() {
    let server = RedisServer::start();
    let store = RedisStore::connect(&server.url()).await.expect("a store");
    let mut listener = listen(&store).await;
    let processed = || -> u32 {
        let info = server.ask(&["INFO", "stats"]);
        let line = info.lines().find_map(|line| line.strip_prefix("total_commands_processed:"));
        line.expect("a count").trim().parse().expect("a number")
    };
    let (before, asking) = (processed(), processed());
    let silence = timeout(Duration::from_secs(12), listener.next()).await;
    assert!(silence.is_err(), "{silence:?}");
    let asked = processed() - asking - (asking - before);
    assert!((1..=3).contains(&asked), "{asked} commands in twelve seconds");
}
