//! A site served on its own: within bounds, whatever is sent, and ended without cutting anything off.

mod support;

use std::time::Duration;

use flow_http::{Limits, Proxies};
use serde_json::json;
use support::{Asked, Salon, Served, answer};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
    time::{sleep, timeout},
};

const LIVE: &str = "GET /livez HTTP/1.1\r\nHost: salon\r\nConnection: close\r\n\r\n";

#[tokio::test]
async fn connections_that_say_nothing_or_too_much_are_closed_and_others_are_served() {
    let limits = Limits::default().header_time(Duration::from_millis(200)).body_time(Duration::from_millis(200));
    let salon = Salon::limited(limits);
    let served = Served::with(&salon.site).await;
    let mut silent = Vec::new();
    for _ in 0..500 {
        silent.push(served.connects().await);
    }
    assert!(answer(&mut served.connects().await, LIVE.as_bytes()).await.starts_with("HTTP/1.1 200"));
    let many = format!("GET /livez HTTP/1.1\r\nHost: salon\r\n{}\r\n", "A: b\r\n".repeat(100));
    assert!(answer(&mut served.connects().await, many.as_bytes()).await.starts_with("HTTP/1.1 431"));
    assert!(answer(&mut served.connects().await, b"nonsense\r\n\r\n").await.starts_with("HTTP/1.1 400"));
    let token = salon.visitor().await.token().to_owned();
    let half = format!(
        "POST /chat/messages HTTP/1.1\r\nHost: salon\r\nAuthorization: Bearer {token}\r\nContent-Length: 100\r\n\r\nhalf"
    );
    assert!(answer(&mut served.connects().await, half.as_bytes()).await.starts_with("HTTP/1.1 408"));
    // By now those that said nothing are closed.
    for mut connection in silent {
        let mut byte = [0; 1];
        let read = timeout(Duration::from_secs(2), connection.read(&mut byte)).await.expect("it is closed");
        assert!(matches!(read, Ok(0) | Err(_)));
    }
    assert_eq!(served.ends().await.cut_off, 0);
}

#[tokio::test]
async fn limits_without_an_end_are_as_long_as_can_be() {
    let forever = Duration::MAX;
    let limits = Limits::default().body_time(forever).header_time(forever).unread_time(forever).pause(forever);
    let limits = limits.burst(u32::MAX).address_pause(forever).opening_pause(forever).openings(u32::MAX);
    let salon = Salon::limited(limits.body(usize::MAX).head(usize::MAX).connections(usize::MAX).streams(usize::MAX));
    let served = Served::with(&salon.site.clone().proxies(Proxies::none())).await;
    let token = served.token().await;
    for id in ["1", "2"] {
        let says = Asked::post("/chat/messages", &json!({"id": id, "text": "hello"})).by_token(&token);
        assert_eq!(served.asks(&says).await.status, 200, "{id}");
    }
}

#[tokio::test]
async fn a_server_that_is_to_wait_for_its_end_for_good_ends_once_all_is_done() {
    let salon = Salon::new();
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let ended = timeout(Duration::from_secs(5), salon.site.serve_at(listener, async {}, Duration::MAX)).await;
    assert!(ended.expect("it ends").engine.is_complete());
}

#[tokio::test]
async fn connections_are_bounded_and_the_next_wait_for_their_turn() {
    let limits = Limits::default().connections(2).header_time(Duration::from_millis(300));
    let salon = Salon::limited(limits);
    let served = Served::with(&salon.site).await;
    let _two = (served.connects().await, served.connects().await);
    sleep(Duration::from_millis(50)).await;
    let mut third = served.connects().await;
    third.write_all(LIVE.as_bytes()).await.expect("sent");
    let mut chunk = [0; 64];
    assert!(timeout(Duration::from_millis(100), third.read(&mut chunk)).await.is_err(), "it waits");
    let count = timeout(Duration::from_secs(2), third.read(&mut chunk)).await.expect("its turn").expect("read");
    assert!(chunk[..count].starts_with(b"HTTP/1.1 200"));
}

#[tokio::test]
async fn an_end_answers_what_has_begun_ends_streams_and_shuts_the_engine_down() {
    let salon = Salon::new();
    let ana = salon.visitor().await;
    ana.says("1", "hello").await;
    ana.says("2", "hair").await;
    let served = Served::with(&salon.site).await;
    let token = ana.token();
    let mut stream = served.connects().await;
    let listens = format!(
        "GET /chat/replies HTTP/1.1\r\nHost: salon\r\nAuthorization: Bearer {token}\r\nAccept: text/event-stream\r\n\r\n"
    );
    stream.write_all(listens.as_bytes()).await.expect("sent");
    let mut slow = served.connects().await;
    let body = r#"{"id":"3","text":"slow 250"}"#;
    let says = format!(
        "POST /chat/messages HTTP/1.1\r\nHost: salon\r\nAuthorization: Bearer {token}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    slow.write_all(says.as_bytes()).await.expect("sent");
    sleep(Duration::from_millis(100)).await;
    let ended = served.ends().await;
    assert_eq!((ended.cut_off, ended.engine.is_complete()), (0, true));
    assert!(answer(&mut slow, b"").await.starts_with("HTTP/1.1 200"));
    let told = answer(&mut stream, b"").await;
    assert!(told.contains("Hair or nails?") && told.contains("event: ready"), "{told}");
}
