//! A bot as its operator sets it up: the storage that settings name, on real servers.

use std::{error::Error, fs};

use flow_chat::{
    Engine, Flow as _, SessionId,
    service::{Settings, Storage},
};
use flow_proving::{Cluster, PostgresServer, RedisServer, Sentinels, free_port};

use crate::{flow::Booking, stage::salon};

/// What must never be seen.
const CANARY: &str = "canary-4f1d88";

fn settings(pairs: &[(&str, &str)]) -> Settings {
    Settings::from_pairs(pairs.iter().copied()).expect("nothing is wrong")
}

/// The salon's bot on the storage that is named so.
async fn opened(pairs: &[(&str, &str)]) -> (Engine<Booking>, Storage) {
    let settings = settings(pairs);
    let storage = settings.connect().await.expect("it opens");
    (storage.engine(settings.configure(salon())), storage)
}

/// Has a conversation go on from one bot to the next, which is set up in the same way.
async fn goes_on_at(pairs: &[(&str, &str)]) {
    let id = SessionId::random();
    let (engine, _) = opened(pairs).await;
    engine.handle(id, "hi").await.expect("a turn");
    engine.handle(id, "Book").await.expect("a turn");
    let (engine, _) = opened(pairs).await;
    let outcome = engine.handle(id, "Ana Silva").await.expect("a turn");
    assert_eq!(outcome.state.expect("a state").name(), "BOOK_EMAIL");
}

fn causes(error: &dyn Error) -> String {
    let cause = error.source().map_or_else(String::new, |cause| format!(": {}", causes(cause)));
    format!("{error}{cause}")
}

#[tokio::test]
async fn a_conversation_goes_on_at_a_redis_that_a_url_names() {
    let server = RedisServer::start();
    for url in [server.url(), server.socket_url()] {
        goes_on_at(&[("store", &url), ("redis.prefix", "salon")]).await;
    }
    let keys = server.ask(&["KEYS", "*"]);
    assert!(!keys.trim().is_empty() && keys.lines().all(|key| key.contains("salon:")), "{keys}");
}

#[tokio::test]
async fn a_conversation_goes_on_behind_sentinels_and_in_a_cluster() {
    let sentinels = Sentinels::start("secret", "watchword");
    let url = format!("{}?sentinel_password=watchword", sentinels.url());
    goes_on_at(&[("store", &url), ("store_password", "secret")]).await;
    goes_on_at(&[("store", &Cluster::start().url())]).await;
}

#[tokio::test]
async fn a_conversation_goes_on_at_a_postgres_with_its_archive_over_the_same_connections() {
    let server = PostgresServer::start_quick();
    let url = server.url("postgres");
    goes_on_at(&[("store", &url), ("postgres.schema", "salon")]).await;
    let (engine, storage) =
        opened(&[("store", &url), ("postgres.schema", "salon"), ("postgres.connections", "1")]).await;
    let id = SessionId::random();
    engine.handle(id, "hi").await.expect("a turn");
    assert!(engine.archive_now(id).await.expect("it is archived"));
    assert!(storage.statistics().is_some(), "it can count");
    let sessions = server.ask("SELECT count(*) FROM salon.sessions");
    assert_ne!(sessions.trim(), "0", "it is archived beside the store");
}

#[tokio::test]
async fn a_redis_has_its_archive_in_postgres_whose_password_stands_in_a_file() {
    let (redis, postgres) = (RedisServer::start(), PostgresServer::start_quick());
    let folder = tempfile::tempdir().expect("a folder");
    let password = folder.path().join("password");
    fs::write(&password, format!("{CANARY}\n")).expect("a file");
    postgres.ask(&format!("CREATE ROLE archivist LOGIN SUPERUSER PASSWORD '{CANARY}'"));
    let archive = format!("postgres://archivist@127.0.0.1:{}/postgres", postgres.port());
    let pairs =
        [("store", &*redis.url()), ("archive", &archive), ("archive_password_file", &password.display().to_string())];
    let (engine, storage) = opened(&pairs).await;
    assert!(storage.statistics().is_some(), "it can count");
    assert!(!storage.warnings().is_empty(), "a Redis without `appendonly` is warned of");
    let id = SessionId::random();
    engine.handle(id, "hi").await.expect("a turn");
    assert!(engine.archive_now(id).await.expect("it is archived"));
    assert!(!format!("{storage:?}{:?}", settings(&pairs)).contains(CANARY));
}

#[tokio::test]
async fn a_server_that_is_away_ends_the_start_unless_the_policy_is_another() {
    let away = format!("127.0.0.1:{}", free_port());
    for url in [format!("redis://:{CANARY}@{away}"), format!("postgres://flow:{CANARY}@{away}/x")] {
        let error = settings(&[("store", &url), ("archive", "none")]).connect().await.expect_err("nobody is there");
        let told = causes(&error);
        assert!(told.starts_with("the store cannot be opened: ") && told.contains("refused"), "{told}");
        assert!(!format!("{told}{error:?}").contains(CANARY), "{told}");
        let (engine, _) =
            opened(&[("store", &url), ("archive", "none"), ("outage.policy", "say"), ("outage.words", "Soon.")]).await;
        let outcome = engine.handle(SessionId::random(), "hi").await.expect("the visitor hears something");
        assert_eq!(outcome.texts(), ["Soon."]);
    }
}

#[tokio::test]
async fn an_archive_that_is_away_is_waited_for_and_told() {
    let url = format!("postgres://flow:{CANARY}@127.0.0.1:{}/x", free_port());
    let (engine, storage) = opened(&[("store", "memory:"), ("archive", &url)]).await;
    let [warning] = storage.warnings() else { panic!("{:?}", storage.warnings()) };
    assert!(warning.starts_with("the archive is away, and is waited for: "), "{warning}");
    assert!(!warning.contains(CANARY), "{warning}");
    engine.handle(SessionId::random(), "hi").await.expect("nobody waits for it");
}
