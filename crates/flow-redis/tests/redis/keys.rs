//! What is stored, as any tool sees it.

use std::time::Duration;

use chrono::DateTime;
use flow_core::{
    Prefix, SessionId, Stamp, Store,
    store::{Claim, Commit, Expect, Letter, Post, Quarantine as _, Verdict, WakeIndex},
};
use flow_proving::RedisServer;
use flow_redis::RedisStore;
use uuid::Uuid;

use crate::{
    server::SERVER,
    writes::{FLOW, create, follow, write},
};

#[tokio::test]
async fn a_session_is_a_readable_key_that_expires_and_an_entry_in_its_index() {
    let id: SessionId = "3f2a0000-0000-4000-8000-00000000000a".parse().expect("an id");
    let store = RedisStore::builder(&SERVER.url()).prefix("salon:keys").connect().await.expect("a store");
    let wake_at = DateTime::from_timestamp_millis(1_767_225_600_000);
    let lasting = create(id).time_to_live(Duration::from_secs(100)).wake_at(wake_at);
    let record = write(&store, lasting).await;
    let key = format!("salon:keys:state:{{3f}}:{id}");
    assert_eq!(SERVER.ask(&["STRLEN", &key]), record.bytes().len().to_string());
    assert_eq!(store.load(id, 0).await.expect("a load").record, Some(record.clone()));
    let lifetime: u32 = SERVER.ask(&["PTTL", &key]).parse().expect("a lifetime");
    assert!((90_000..=100_000).contains(&lifetime), "{lifetime}");
    assert_eq!(SERVER.ask(&["ZSCORE", "salon:keys:wake:{3f}:booking", &id.to_string()]), "1767225600000");

    write(&store, follow(id, &record)).await;
    assert_eq!(SERVER.ask(&["PTTL", &key]), "-1");
    assert_eq!(SERVER.ask(&["EXISTS", "salon:keys:wake:{3f}:booking"]), "0");
}

#[tokio::test]
async fn each_record_in_quarantine_is_a_key_that_expires_by_itself_and_their_list_with_the_last() {
    let id: SessionId = "3f2a0000-0000-4000-8000-00000000000b".parse().expect("an id");
    let store = RedisStore::builder(&SERVER.url()).prefix("salon:ward").connect().await.expect("a store");
    let list = format!("salon:ward:state:quarantine:{{3f}}:{id}");
    let mut entries = Vec::new();
    for seconds in [100, 1_000, 10] {
        write(&store, create(id)).await;
        let raw = store.raw(id).await.expect("a server").expect("a session");
        let entry = Uuid::new_v4();
        assert!(store.put(id, &raw, entry, Duration::from_secs(seconds)).await.expect("a server"));
        assert_eq!(SERVER.ask(&["STRLEN", &format!("{list}:{entry}")]), raw.bytes().len().to_string());
        entries.push((format!("{list}:{entry}"), seconds));
    }
    entries.push((list.clone(), 1_000));
    for (key, seconds) in &entries {
        let lifetime: u64 = SERVER.ask(&["PTTL", key]).parse().expect("a lifetime");
        assert!((seconds * 900..=seconds * 1_000).contains(&lifetime), "{key}: {lifetime}");
    }
    assert_eq!(store.browse(None, 100_000).await.expect("a page").ids, [], "it is no session");
    assert!(store.forget(id).await.expect("a server"));
    assert_eq!(SERVER.ask(&["KEYS", "salon:ward:*"]), "");
}

#[tokio::test]
async fn a_beat_is_a_key_that_expires_with_it() {
    let store = RedisStore::builder(&SERVER.url()).prefix("beats").connect().await.expect("a store");
    let heartbeat = store.heartbeat().expect("it has one");
    heartbeat.beat("größe {x}", Duration::from_secs(90)).await.expect("a beat");
    let until = heartbeat.alive_until("größe {x}").await.expect("a time").expect("alive");
    let key = "beats:wake:beat:größe {x}";
    assert_eq!(SERVER.ask(&["GET", key]), until.timestamp_millis().to_string());
    let lifetime: u32 = SERVER.ask(&["PTTL", key]).parse().expect("a lifetime");
    assert!((80_000..=90_000).contains(&lifetime), "{lifetime}");
}

#[tokio::test]
async fn stores_behind_different_prefixes_and_databases_do_not_see_each_other() {
    let id = SessionId::random();
    let apart = |prefix: &str, database| RedisStore::builder(&SERVER.url()).prefix(prefix).database(database).connect();
    let here = apart("apart:a", 0).await.expect("a store");
    write(&here, create(id)).await;
    for (prefix, database) in [("apart:b", 0), ("apart", 0), ("apart:a", 1)] {
        let there = apart(prefix, database).await.expect("a store");
        assert_eq!(there.load(id, 0).await.expect("a load").record, None);
        assert_eq!(there.browse(None, 100_000).await.expect("a page").ids, []);
    }
    assert!(here.remove(id).await.expect("a removal"));
}

/// A record as an older release wrote it.
fn before(body: &str) -> String {
    let prefix = String::from_utf8(Prefix::of_json(Stamp::first()).bytes()).expect("text");
    prefix + body
}

#[tokio::test]
async fn what_an_older_release_left_in_its_wake_index_is_woken_for_its_flow() {
    let store = RedisStore::builder(&SERVER.url()).prefix("older").connect().await.expect("a store");
    let (told, untold) = (SessionId::random(), SessionId::random());
    let plant = |id: SessionId, body: &str| {
        let (id, text) = (id.to_string(), before(body));
        SERVER.ask(&["SET", &format!("older:state:{{{}}}:{id}", &id[..2]), &text]);
        SERVER.ask(&["ZADD", &format!("older:wake:{{{}}}", &id[..2]), "1000", &id]);
    };
    plant(told, r#","flow":"booking","current":"WELCOME"}"#);
    plant(untold, "}");
    let due =
        async |flow: &'static str| store.due(Claim::new(flow, Duration::from_secs(60), 10)).await.expect("due").ids;
    // A record that tells no flow is for the flow that asks first.
    assert_eq!(due("pizza").await, [untold]);
    let tag = &told.to_string()[..2];
    let old = format!("older:wake:{{{tag}}}");
    // The workers of the other flow may be of the older release, and find theirs nowhere else.
    assert_eq!(SERVER.ask(&["ZSCORE", &old, &told.to_string()]), "1000");
    assert_eq!(due("booking").await, [told]);
    assert_eq!(SERVER.ask(&["EXISTS", &old]), "0");
    // What is removed leaves nothing in any index.
    assert!(store.remove(told).await.expect("a removal"));
    assert_eq!(SERVER.ask(&["EXISTS", &format!("older:wake:{{{tag}}}:booking")]), "0");
}

#[tokio::test]
async fn what_an_older_release_left_is_found_behind_what_is_left_for_another_flow() {
    let store = RedisStore::builder(&SERVER.url()).prefix("crowd").connect().await.expect("a store");
    let plant = |number: u8, flow: &str| {
        let id: SessionId = format!("3f2a0000-0000-4000-8000-0000000000{number:02x}").parse().expect("an id");
        let text = before(&format!(r#","flow":"{flow}"}}"#));
        SERVER.ask(&["SET", &format!("crowd:state:{{3f}}:{id}"), &text]);
        SERVER.ask(&["ZADD", "crowd:wake:{3f}", &number.to_string(), &id.to_string()]);
        id
    };
    for number in 0..20 {
        plant(number, "pizza");
    }
    let (ours, mut found) = (plant(20, "booking"), Vec::new());
    for _ in 0..4 {
        found.extend(store.due(Claim::new("booking", Duration::from_secs(60), 10)).await.expect("due").ids);
    }
    assert_eq!(found, [ours]);
    assert_eq!(SERVER.ask(&["ZCARD", "crowd:wake:{3f}"]), "20");
}

#[tokio::test]
async fn a_commit_takes_a_session_out_of_the_index_of_an_older_release() {
    let store = RedisStore::builder(&SERVER.url()).prefix("elder").connect().await.expect("a store");
    let id = SessionId::random();
    let record = write(&store, create(id)).await;
    let old = format!("elder:wake:{{{}}}", &id.to_string()[..2]);
    SERVER.ask(&["ZADD", &old, "1000", &id.to_string()]);
    write(&store, follow(id, &record)).await;
    assert_eq!(SERVER.ask(&["EXISTS", &old]), "0");
}

/// The names of the commands that a fresh server has carried out, without what the tests ask.
fn carried_out(server: &RedisServer) -> Vec<String> {
    let statistics = server.ask(&["INFO", "commandstats"]);
    let names = statistics.lines().filter_map(|line| line.strip_prefix("cmdstat_")?.split(':').next());
    names.filter(|name| !["info", "config|resetstat"].contains(name)).map(str::to_owned).collect()
}

#[tokio::test]
async fn a_commit_whose_entry_is_right_touches_no_index() {
    let server = RedisServer::start();
    let store = RedisStore::connect(&server.url()).await.expect("a store");
    let (id, wake_at) = (SessionId::random(), DateTime::from_timestamp_millis(4_000_000_000_000));
    let record = write(&store, create(id).wake_at(wake_at)).await;
    let wake = format!("wake:{{{}}}:booking", &id.to_string()[..2]);
    server.ask(&["CONFIG", "RESETSTAT"]);
    let record = write(&store, follow(id, &record).wake_at(wake_at).wake_index(WakeIndex::Right)).await;
    let mut asked = carried_out(&server);
    asked.sort_unstable();
    assert_eq!(asked, ["evalsha", "exists", "getrange", "script|load", "set"]);
    assert_eq!(server.ask(&["ZSCORE", &wake, &id.to_string()]), "4000000000000");
    let record = write(&store, follow(id, &record).wake_at(None).wake_index(WakeIndex::OfItsFlow)).await;
    assert_eq!(server.ask(&["EXISTS", &wake]), "0");
    // A flow whose index was empty is listed with its first entry.
    server.ask(&["DEL", &format!("wake:flows:{{{}}}", &id.to_string()[..2])]);
    write(&store, follow(id, &record).wake_at(wake_at).wake_index(WakeIndex::OfItsFlow)).await;
    assert_eq!(server.ask(&["ZSCORE", &wake, &id.to_string()]), "4000000000000");
    assert_eq!(server.ask(&["ZCARD", &format!("wake:flows:{{{}}}", &id.to_string()[..2])]), "1");
}

#[tokio::test]
async fn letters_that_wait_are_told_of_and_looked_after_whatever_is_known_of_the_index() {
    let store = RedisStore::builder(&SERVER.url()).prefix("behind").connect().await.expect("a store");
    let id = SessionId::random();
    let mut record = write(&store, create(id)).await;
    let letter = Letter::new([7; 16], &b"hello"[..]);
    store.post(Post::new(id, FLOW, letter, Duration::from_secs(60))).await.expect("a post");
    for known in [WakeIndex::Right, WakeIndex::OfItsFlow] {
        let commit = follow(id, &record).wake_index(known);
        record = commit.record.clone();
        assert_eq!(store.commit(commit).await.expect("a commit"), Verdict::Done { waiting: 1 }, "{known:?}");
        let wake = format!("behind:wake:{{{}}}:booking", &id.to_string()[..2]);
        assert_eq!(SERVER.ask(&["ZCARD", &wake]), "1", "{known:?}: somebody looks after it");
    }
    let late = follow(id, &create(id).record).wake_index(WakeIndex::Right);
    let Verdict::Conflict(loaded) = store.commit(late).await.expect("a commit") else { panic!("it lost") };
    assert_eq!(loaded.record, Some(record.clone()));
    let again = Commit::new(id, Expect::At(create(id).record.prefix()), record, FLOW, "WELCOME");
    let again = store.commit(again.wake_index(WakeIndex::Right)).await.expect("a commit");
    assert_eq!(again, Verdict::Done { waiting: 1 }, "the same write again");
}
