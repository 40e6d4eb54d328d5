//! A bot on the web is served as its settings say.

use std::{net::SocketAddr, time::Duration};

use flow_chat::{
    Engine, Secret,
    engine::Shelf,
    http::{Access, Limits, Metrics, Site, Tokens},
    memory::MemoryStore,
    service::Settings,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::oneshot,
};

use crate::running::{Hello, Host};

const TOKEN: &str = "a monitoring token of its own";

fn settings<const N: usize>(pairs: [(&str, &str); N]) -> Settings {
    Settings::from_pairs(pairs.into_iter().chain([("store", "memory:")])).expect("nothing is wrong")
}

fn engine() -> Engine<Hello> {
    Hello::engine(Host).store(MemoryStore::new())
}

fn shown(site: &Site<Hello>) -> String {
    format!("{site:?}")
}

async fn asks(address: SocketAddr, path: &str, authorization: &str) -> String {
    let mut connection = TcpStream::connect(address).await.expect("it listens");
    let request = format!("GET {path} HTTP/1.1\r\nHost: salon\r\n{authorization}Connection: close\r\n\r\n");
    connection.write_all(request.as_bytes()).await.expect("it is taken");
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.expect("an answer");
    answer
}

#[test]
fn a_site_has_the_limits_that_it_has_without_settings() {
    let told = Settings::keys().filter_map(|key| Some((key.name(), key.default()?)));
    let told = Settings::from_pairs(told.chain([("store", "memory:")])).expect("a default is right");
    let plain = shown(&Site::new(engine()).limits(Limits::default()));
    for settings in [settings([]), told] {
        assert_eq!(shown(&settings.site(engine(), Metrics::new())), plain);
        assert_eq!(settings.listen(), "127.0.0.1:8080");
    }
}

#[test]
fn what_is_set_reaches_the_site() {
    let pairs = [
        ("server.body", "1 KiB"),
        ("server.body_time", "2s"),
        ("server.header_time", "3s"),
        ("server.headers", "4"),
        ("server.connections", "5"),
        ("server.streams", "6"),
        ("server.streams_each", "7"),
        ("server.burst", "8"),
        ("server.pause", "9s"),
        ("server.head", "10 KiB"),
        ("server.unread_time", "11s"),
        ("server.address_connections", "12"),
        ("server.address_streams", "13"),
        ("server.address_burst", "14"),
        ("server.address_pause", "15s"),
        ("server.openings", "16"),
        ("server.opening_pause", "17s"),
    ];
    let limits = Limits::default()
        .body(1024)
        .body_time(Duration::from_secs(2))
        .header_time(Duration::from_secs(3))
        .headers(4)
        .connections(5)
        .streams(6)
        .streams_each(7)
        .burst(8)
        .pause(Duration::from_secs(9))
        .head(10 << 10)
        .unread_time(Duration::from_secs(11))
        .address_connections(12)
        .address_streams(13)
        .address_burst(14)
        .address_pause(Duration::from_secs(15))
        .openings(16)
        .opening_pause(Duration::from_secs(17));
    let site = settings(pairs).site(engine(), Metrics::new());
    assert_eq!(shown(&site), shown(&Site::new(engine()).limits(limits)));
}

#[tokio::test]
async fn metrics_are_told_to_whoever_shows_the_token_and_to_nobody_else() {
    for (settings, is_told) in [(settings([("server.monitoring_token", TOKEN)]), true), (settings([]), false)] {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let site = settings.site(engine(), Metrics::new());
        tokio::spawn(async move { settings.serve_at(site, listener, std::future::pending()).await });
        let right = format!("Authorization: Bearer {TOKEN}\r\n");
        let with_right = asks(address, "/metrics", &right).await;
        assert_eq!(with_right.starts_with("HTTP/1.1 200"), is_told, "{with_right}");
        assert_eq!(asks(address, "/readyz", &right).await.contains("\"parts\""), is_told);
        for wrong in [
            String::new(),
            format!("Authorization: {TOKEN}\r\n"),
            format!("Authorization: Basic {TOKEN}\r\n"),
            format!("Authorization: Bearer {TOKEN}x\r\n"),
            "Authorization: Bearer \r\n".to_owned(),
            format!("X-Authorization: Bearer {TOKEN}\r\n"),
        ] {
            let answer = asks(address, "/metrics", &wrong).await;
            assert!(answer.starts_with("HTTP/1.1 403"), "{wrong}: {answer}");
            assert!(!asks(address, "/readyz", &wrong).await.contains("\"parts\""), "{wrong}");
        }
    }
}

#[tokio::test]
async fn a_server_that_is_to_end_is_not_ready_first_and_takes_requests_meanwhile() {
    let settings = settings([("server.unready", "700ms"), ("server.patience", "5s")]);
    assert_eq!(settings.longest_end(), Duration::from_millis(6_700));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let (end, ended) = oneshot::channel::<()>();
    let engine = engine();
    settings.worker(&engine).start();
    let site = settings.site(engine, Metrics::new());
    let served = tokio::spawn(async move {
        let end = async {
            let _ = ended.await;
        };
        settings.serve_at(site, listener, end).await
    });
    assert!(asks(address, "/readyz", "").await.starts_with("HTTP/1.1 200"));
    end.send(()).expect("it serves");
    while !asks(address, "/readyz", "").await.starts_with("HTTP/1.1 503") {}
    assert!(asks(address, "/livez", "").await.starts_with("HTTP/1.1 200"), "it takes requests");
    let ended = served.await.expect("it ends");
    assert_eq!((ended.cut_off, ended.engine.is_complete()), (0, true));
    assert!(TcpStream::connect(address).await.is_err(), "it takes no more");
}

/// Opens conversations from these addresses, as a proxy writes them, and gives the statuses.
async fn opens(pairs: &[(&str, &str)], addresses: &[&str], header: &str) -> Vec<u16> {
    let settings = Settings::from_pairs(
        [("store", "memory:"), ("server.openings", "1"), ("server.opening_pause", "1h")]
            .into_iter()
            .chain(pairs.iter().copied()),
    );
    let settings = settings.expect("nothing is wrong");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let engine = Hello::engine(Host).collected("web", Shelf::default()).store(MemoryStore::new());
    let secret = Secret::new("a secret of at least sixteen bytes").expect("it is long enough");
    let site = settings.site(engine, Metrics::new());
    let site = site.chat("/chat", "web", Access::by_token(Tokens::signed_with(secret))).expect("it is collected");
    tokio::spawn(async move { settings.serve_at(site, listener, std::future::pending()).await });
    let mut statuses = Vec::new();
    for from in addresses {
        let mut connection = TcpStream::connect(address).await.expect("it listens");
        let request = format!(
            "POST /chat/sessions HTTP/1.1\r\nHost: salon\r\n{header}: {from}\r\nOrigin: https://salon.example\r\nSec-Fetch-Site: cross-site\r\n\
             Content-Length: 0\r\nConnection: close\r\n\r\n"
        );
        connection.write_all(request.as_bytes()).await.expect("it is taken");
        let mut answer = String::new();
        connection.read_to_string(&mut answer).await.expect("an answer");
        statuses.push(answer[9..12].parse().expect("a status"));
    }
    statuses
}

#[tokio::test]
async fn proxies_and_origins_that_are_set_are_known_to_the_site() {
    let two = ["203.0.113.7", "203.0.113.7", "203.0.113.8"];
    let page = ("server.origins", "https://salon.example, https://www.salon.example");
    let one = ("server.proxies", "1");
    assert_eq!(opens(&[page, one], &two, "X-Forwarded-For").await, [201, 429, 201]);
    assert_eq!(opens(&[page], &two, "X-Forwarded-For").await, [201; 3], "no header is trusted");
    let header = ("server.proxy_header", "X-Real-IP");
    assert_eq!(opens(&[page, one, header], &two, "X-Real-IP").await, [201, 429, 201]);
    assert_eq!(opens(&[one], &two, "X-Forwarded-For").await, [403; 3], "a page of an origin that nobody has named");
}

#[test]
fn what_is_wrong_with_proxies_and_origins_is_told() {
    let pairs = [
        ("store", "memory:"),
        ("server.proxies", "some"),
        ("server.origins", "https://salon.example/chat"),
        ("server.listen", "8080"),
        ("server.proxy_header", "x real ip"),
        ("server.monitoring_token", "short"),
        ("previous_secret", "a secret of at least sixteen bytes"),
    ];
    insta::assert_snapshot!(Settings::from_pairs(pairs).expect_err("much is wrong"));
    let alone = Settings::from_pairs([("store", "memory:"), ("server.proxy_header", "x-real-ip")]);
    assert!(alone.expect_err("there is no proxy").to_string().contains("`server.proxies`: it says of no proxy"));
}

#[test]
fn browsers_come_back_after_a_change_of_the_secret() {
    let (old, new) = ("the secret of last year", "the secret of this year");
    let secret = |text: &str| Secret::new(text).expect("it is long enough");
    let (id, token) = Tokens::signed_with(secret(old)).issue();
    let changed = settings([("secret", new), ("previous_secret", old)]).tokens().expect("it is set");
    assert_eq!(changed.session(&token), Some(id));
    assert_eq!(Tokens::signed_with(secret(new)).session(&changed.token_of(id)), Some(id), "the new one signs");
    let done = settings([("secret", new)]).tokens().expect("it is set");
    assert_eq!(done.session(&token), None);
    assert!(settings([]).tokens().is_none());
}
