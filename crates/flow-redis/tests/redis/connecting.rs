//! Which servers are connected to and which are refused, and as which user.

use std::time::{Duration, Instant};

use flow_core::{SessionId, Store, StoreError};
use flow_proving::RedisServer;
use flow_redis::{AddressError, ConnectError, RedisStore};

use crate::{
    server::SERVER,
    writes::{create, told, write},
};

#[tokio::test]
async fn a_socket_is_as_good_as_a_port() {
    let store = RedisStore::builder(&SERVER.socket_url()).prefix("socket").connect().await.expect("a store");
    let (id, record) = (SessionId::random(), store.load(SessionId::random(), 0).await.expect("a load").record);
    assert_eq!(record, None);
    let record = write(&store, create(id)).await;
    let store = RedisStore::builder(&SERVER.url()).prefix("socket").connect().await.expect("a store");
    assert_eq!(store.load(id, 0).await.expect("a load").record, Some(record));
}

#[tokio::test]
async fn a_user_and_a_password_come_with_the_url_or_beside_it() {
    let server = RedisServer::start();
    server.ask(&["ACL", "SETUSER", "ann", "on", ">p@ss", "~*", "+@all"]);
    server.ask(&["ACL", "SETUSER", "default", ">secret"]);
    let at = |user: &str| server.url().replace("://", &format!("://{user}@"));
    for builder in [
        RedisStore::builder(&at("ann:p%40ss")),
        RedisStore::builder(&at(":secret")),
        RedisStore::builder(&server.url()).user("ann").password("p@ss"),
        RedisStore::builder(&at("bob:wrong")).user("ann").password("p@ss"),
    ] {
        let store = builder.connect().await.expect("a right password");
        write(&store, create(SessionId::random())).await;
    }
    for builder in [
        RedisStore::builder(&server.url()),
        RedisStore::builder(&at(":wr0ng")),
        RedisStore::builder(&at("ann:wr0ng")),
        RedisStore::builder(&at("nobody:wr0ng")),
    ] {
        let Err(ConnectError::Server(error)) = builder.connect().await else { panic!("no right password") };
        assert!(matches!(error, StoreError::Denied(_)), "{error:?}");
        assert!(told(&error).contains("the server refuses the user or the password"));
        assert!(!told(&error).contains("wr0ng"));
    }
}

#[tokio::test]
async fn eviction_is_refused_at_the_start_unless_it_is_allowed() {
    let server = RedisServer::with(&["--maxmemory-policy", "volatile-ttl"]);
    let error = RedisStore::connect(&server.url()).await.expect_err("refused");
    assert!(matches!(&error, ConnectError::Evicting { policy } if policy == "volatile-ttl"), "{error:?}");
    let lazy = RedisStore::builder(&server.url()).lazy().expect("a store");
    let error = lazy.load(SessionId::random(), 0).await.expect_err("refused");
    assert!(matches!(error, StoreError::Refused(_)) && told(&error).contains("volatile-ttl"), "{error:?}");

    let allowed = RedisStore::builder(&server.url()).allow_eviction().connect().await.expect("a store");
    write(&allowed, create(SessionId::random())).await;
    server.ask(&["CONFIG", "SET", "maxmemory-policy", "noeviction"]);
    write(&lazy, create(SessionId::random())).await;
}

#[tokio::test]
async fn a_url_or_a_prefix_that_cannot_be_used_is_told_without_repeating_it() {
    let error = RedisStore::connect("redi://:hunter2@localhost").await.expect_err("no URL");
    assert!(matches!(error, ConnectError::Address(AddressError::Scheme)));
    assert!(!format!("{error:?} {error}").contains("hunter2"));
    let builder = RedisStore::builder("redis://:hunter2@localhost").prefix("{a}");
    assert!(!format!("{builder:?}").contains("hunter2"));
    assert!(matches!(builder.connect().await, Err(ConnectError::Prefix(_))));
}

#[tokio::test]
async fn no_error_repeats_the_user_or_the_password_of_a_url() {
    let deadline = Duration::from_millis(200);
    for url in [
        "redis://anneliese:hunter2@",
        "redis://anneliese:hunter2@localhost:99999",
        "redis://anneliese:hunter2@localhost:hunter2",
        "redis://anneliese:hunter2@localhost/hunter2",
        "redis://anneliese:hunter2@localhost/0#hunter2",
        "redis://anneliese:hunter2/hunter2@localhost",
        "redis://anneliese:hunter2@hunter2@localhost/x",
        "redis://anneliese:hunter2%ff@localhost/0",
        "redis://anneliese:hunter2@db.invalid",
        "rediss://anneliese:hunter2@db.invalid",
        "redis://anneliese:hunter2@127.0.0.1:1",
        "anneliese:hunter2@localhost",
        "redi://anneliese:hunter2@localhost",
        "unix:///none/such.sock?user=anneliese&pass=hunter2",
        "unix:///none/such.sock?user=anneliese&pass=hunter2&db=x",
        "redis+sentinel://anneliese:hunter2@localhost:1/salon?sentinel_password=hunter2",
        "redis+sentinel://anneliese:hunter2@localhost:1/salon?password=hunter2",
        "redis+sentinel://anneliese:hunter2@localhost:1",
        "redis+cluster://anneliese:hunter2@127.0.0.1:1",
        "redis+cluster://anneliese:hunter2@localhost/3",
    ] {
        let builder = RedisStore::builder(url).connect_deadline(deadline).call_deadline(deadline);
        let shown = format!("{builder:?}");
        let error = builder.connect().await.expect_err("no server");
        let shown = format!("{shown} {error:?} {}", told(&error));
        assert!(!shown.contains("hunter2") && !shown.contains("anneliese"), "{url}: {shown}");
    }
}

#[tokio::test]
async fn a_server_that_does_not_speak_as_expected_is_told_and_not_waited_for() {
    let began = Instant::now();
    // TLS to a server without it: it hangs up, or waits for the end of a line.
    let builder = RedisStore::builder(&SERVER.url().replace("redis", "rediss"));
    let error = builder.connect_deadline(Duration::from_millis(500)).connect().await.expect_err("no TLS there");
    assert!(matches!(error, ConnectError::Server(StoreError::Unavailable(_))), "{error:?}");
    assert!(began.elapsed() < Duration::from_secs(5));
}
