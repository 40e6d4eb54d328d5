//! The door of a served site: whatever is sent to it, or not read from it, is bounded and counted, and others are served meanwhile.

mod support;

use std::time::{Duration, Instant};

use flow_core::engine::Inbox;
use flow_http::{Limits, Proxies};
use serde_json::json;
use support::{Answered, Asked, Salon, Served, answer};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
    time::{sleep, timeout},
};

const LIVE: &str = "GET /livez HTTP/1.1\r\nHost: salon\r\n\r\n";

fn says(token: &str, id: &str, text: &str) -> Asked<'static> {
    Asked::post("/chat/messages", &json!({"id": id, "text": text})).by_token(token)
}

fn listens(token: &str) -> Asked<'static> {
    Asked::get("/chat/replies").with("accept", "text/event-stream").by_token(token)
}

/// How long another visitor waits for their answer, meanwhile.
async fn is_served(served: &Served) -> Duration {
    let began = Instant::now();
    let token = served.token().await;
    let said = served.asks(&says(&token, "1", "hello")).await;
    assert_eq!(said.json(), json!({"outcome": "handled"}));
    began.elapsed()
}

/// Waits until a limit was met this often.
async fn met(served: &Served, limit: &str, count: u64) {
    let all = async {
        while served.met(limit).await < count {
            sleep(Duration::from_millis(50)).await;
        }
    };
    let is_met = timeout(Duration::from_secs(10), all).await;
    assert!(is_met.is_ok(), "{limit}: {} of {count}", served.met(limit).await);
}

/// A thousand, or a quarter of what the machine lets one process open: each of two thousand connections has two ends here.
fn a_thousand() -> u64 {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let files = limits.lines().find_map(|line| line.strip_prefix("Max open files")?.split_whitespace().next());
    let files = files.map_or(1_024, |files| files.parse().unwrap_or(u64::MAX));
    1_000.min((files - 200) / 4)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_that_say_nothing_and_a_thousand_that_drip_are_closed_in_time_and_others_are_served() {
    let many = a_thousand();
    let salon = Salon::limited(Limits::default().header_time(Duration::from_secs(2)));
    let served = Served::with(&salon.site).await;
    let mut silent = Vec::new();
    let mut dripping = Vec::new();
    for _ in 0..many {
        silent.push(served.connects().await);
        let mut connection = served.connects().await;
        dripping.push(tokio::spawn(async move {
            let mut bytes = LIVE.bytes().cycle();
            while let Some(byte) = bytes.next().filter(|byte| *byte != b'\r') {
                if connection.write_all(&[byte]).await.is_err() {
                    return;
                }
                sleep(Duration::from_millis(250)).await;
            }
        }));
    }
    for _ in 0..3 {
        let took = is_served(&served).await;
        assert!(took < Duration::from_secs(1), "{took:?}");
    }
    met(&served, "head_time", 2 * many).await;
    for mut connection in silent {
        let read = timeout(Duration::from_secs(1), connection.read(&mut [0; 1])).await.expect("it is closed");
        assert!(matches!(read, Ok(0) | Err(_)));
    }
    for connection in dripping {
        timeout(Duration::from_secs(5), connection).await.expect("it is closed").expect("it ends");
    }
    assert_eq!(served.ends().await.cut_off, 0);
}

#[tokio::test]
async fn a_connection_that_was_used_and_then_rests_is_closed_and_has_met_nothing() {
    let salon = Salon::limited(Limits::default().header_time(Duration::from_millis(200)));
    let served = Served::with(&salon.site).await;
    let mut connection = served.connects().await;
    let told = answer(&mut connection, LIVE.as_bytes()).await;
    assert!(told.starts_with("HTTP/1.1 200"), "{told}");
    let closed = timeout(Duration::from_secs(2), connection.read(&mut [0; 1])).await.expect("it is closed");
    assert!(matches!(closed, Ok(0)));
    assert_eq!(served.met("head_time").await, 0);
}

#[tokio::test]
async fn one_who_never_reads_a_stream_is_cut_off_and_comes_back_to_all_that_was_said() {
    let forever = Duration::ZERO;
    let limits = Limits::default().unread_time(Duration::from_millis(500)).pause(forever).streams_each(1);
    let salon = Salon::limited(limits);
    let served = Served::with(&salon.site).await;
    let token = salon.token();
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(4 * 1024).expect("a small one");
    let mut unread = socket.connect(served.address).await.expect("a connection");
    unread.write_all(listens(&token).written().as_bytes()).await.expect("sent");
    // Far more than the system keeps for who does not read.
    let (mut said, name) = (0, "x".repeat(3_000));
    while served.met("slow_reader").await == 0 {
        for text in ["hello", "hair", &name] {
            said += 1;
            let told = served.asks(&says(&token, &said.to_string(), text)).await;
            assert_eq!(told.status, 200, "{told:?}");
        }
        assert!(said < 3_000, "it is never cut off");
    }
    let took = is_served(&served).await;
    assert!(took < Duration::from_secs(1), "{took:?}");
    // What has arrived nonetheless, and what comes behind the last of it: each once, in order, and of what waits no longer, how much.
    let first = numbers(&answer(&mut unread, b"").await);
    let mut again = served.connects().await;
    let last = first.last().expect("a reply");
    let resumed = listens(&token).with("last-event-id", &last.1).written();
    let told = answer(&mut again, resumed.as_bytes()).await;
    let second = numbers(&told);
    let missed = told
        .split_once(r#"{"count":"#)
        .map_or(0, |(_, rest)| rest.split_once('}').expect("a count").0.parse::<u64>().expect("a number"));
    let all: Vec<_> = first.iter().chain(&second).map(|(number, _)| *number).collect();
    assert_eq!(all.iter().copied().min(), Some(1));
    let gaps = all.windows(2).map(|pair| pair[1].checked_sub(pair[0] + 1).expect("in order, each once"));
    assert_eq!((gaps.sum::<u64>(), all.last()), (missed, Some(&said)));
    assert!(told.contains("event: ready"));
}

/// The replies of a stream: their numbers, and their ids.
fn numbers(stream: &str) -> Vec<(u64, String)> {
    let events = stream.split("\n\n").filter(|event| event.contains("event: reply"));
    let ids = events.filter_map(|event| event.lines().find_map(|line| line.strip_prefix("id: ")));
    let number = |id: &str| id.split_once('-').expect("an id").0.parse().expect("a number");
    ids.map(|id| (number(id), id.to_owned())).collect()
}

#[tokio::test]
async fn one_who_asks_for_much_and_reads_nothing_is_cut_off() {
    let salon = Salon::limited(Limits::default().unread_time(Duration::from_millis(300)));
    let served = Served::with(&salon.site).await;
    let mut unread = served.connects().await;
    let asked = Asked::get("/chat/flow-chat.js").written().repeat(200);
    unread.write_all(asked.as_bytes()).await.expect("sent");
    met(&served, "slow_reader", 1).await;
}

#[tokio::test]
async fn what_is_no_request_is_refused_and_counted_and_harms_nobody_else() {
    let salon = Salon::new();
    let served = Served::with(&salon.site).await;
    let token = salon.token();
    let post = |headers: &str, body: &str| {
        format!(
            "POST /chat/messages HTTP/1.1\r\nHost: salon\r\nAuthorization: Bearer {token}\r\n{headers}\r\n\r\n{body}"
        )
    };
    let long = "x".repeat(100_000);
    let refused: [(&str, Vec<u8>, u16); 14] = [
        ("no HTTP", b"\x16\x03\x01\x02\x00\x01\x00".to_vec(), 400),
        ("no version", b"GET /livez\r\n\r\n".to_vec(), 400),
        ("HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(), 0),
        ("a space before the colon", b"GET /livez HTTP/1.1\r\nHost : salon\r\n\r\n".to_vec(), 400),
        ("a folded header", b"GET /livez HTTP/1.1\r\nHost: salon\r\nA: b\r\n c\r\n\r\n".to_vec(), 400),
        ("a zero byte in a header", b"GET /livez HTTP/1.1\r\nHost: salon\r\nA: b\0c\r\n\r\n".to_vec(), 400),
        ("a zero byte in the path", b"GET /liv\0ez HTTP/1.1\r\nHost: salon\r\n\r\n".to_vec(), 400),
        ("an enormous path", format!("GET /{long} HTTP/1.1\r\nHost: salon\r\n\r\n").into_bytes(), 431),
        ("an enormous header", format!("GET /livez HTTP/1.1\r\nA: {long}\r\n\r\n").into_bytes(), 431),
        ("two lengths", post("Content-Length: 5\r\nContent-Length: 6", "abcdef").into_bytes(), 400),
        ("a length with a sign", post("Content-Length: +5", "abcde").into_bytes(), 400),
        ("no chunks", post("Transfer-Encoding: gzip", "abcde").into_bytes(), 400),
        ("a broken chunk", post("Transfer-Encoding: chunked", "zz\r\nabc\r\n0\r\n\r\n").into_bytes(), 400),
        ("an enormous chunk", post("Transfer-Encoding: chunked", "fffffffffffffffff\r\na").into_bytes(), 400),
    ];
    for (what, bytes, status) in refused {
        let told = answer(&mut served.connects().await, &bytes).await;
        assert_eq!(Answered::of(&told).status, status, "{what}: {told}");
        // One answer at most, and then the connection is closed.
        assert_eq!(told.matches("HTTP/1.").count(), usize::from(status > 0), "{what}: {told}");
    }
    let plain = "GET /livez HTTP/1.0\r\n\r\n";
    let mut old = served.connects().await;
    assert!(answer(&mut old, plain.as_bytes()).await.starts_with("HTTP/1.0 200"));
    assert_eq!((served.met("headers").await, served.met("malformed").await), (2, 10));
    is_served(&served).await;
}

#[tokio::test]
async fn one_who_says_far_too_much_is_told_so_however_much_it_is() {
    let salon = Salon::new();
    let served = Served::with(&salon.site).await;
    for size in [40_000, 200_000, 1_000_000, 5_000_000] {
        for _ in 0..5 {
            let told = served.asks(&says(&salon.token(), "1", &"x".repeat(size))).await;
            assert_eq!(told.status, 413, "{size}");
        }
    }
}

#[tokio::test]
async fn requests_that_were_damaged_at_random_are_answered_or_closed_and_harm_nobody() {
    let salon = Salon::limited(Limits::default().header_time(Duration::from_secs(1)));
    let served = Served::with(&salon.site).await;
    let token = salon.token();
    let whole = [
        LIVE.to_owned(),
        says(&token, "1", "hello").written(),
        Asked::get("/chat/replies?after=1-00000000")
            .by_token(&token)
            .with("accept-language", "de-DE,de;q=0.9")
            .written(),
        Asked::post("/chat/sessions", &json!({})).with("origin", "https://shop.example").written(),
    ];
    let mut chance = fastrand::Rng::with_seed(15);
    for round in 0..1_000 {
        let mut bytes = chance.choice(&whole).expect("one").clone().into_bytes();
        for _ in 0..chance.usize(1..4) {
            let place = chance.usize(..bytes.len());
            match chance.u8(..4) {
                0 => bytes[place] = chance.u8(..),
                1 => bytes.insert(place, *chance.choice(b"\r\n\0: ,;\xff").expect("a byte")),
                2 => drop(bytes.drain(place..bytes.len().min(place + chance.usize(1..20)))),
                _ => bytes.extend_from_within(place..),
            }
            if bytes.is_empty() {
                break;
            }
        }
        let mut connection = served.connects().await;
        let _ = connection.write_all(&bytes).await;
        let _ = connection.shutdown().await;
        let mut told = Vec::new();
        let read = timeout(Duration::from_secs(5), connection.read_to_end(&mut told)).await;
        assert!(read.is_ok(), "{round}: it is closed: {}", String::from_utf8_lossy(&bytes));
        let told = String::from_utf8_lossy(&told);
        assert!(told.is_empty() || told.starts_with("HTTP/1."), "{round}: {told}");
        assert!(!told.contains(" 500 "), "{round}: {told}");
    }
    is_served(&served).await;
}

#[tokio::test]
async fn a_request_with_two_lengths_smuggles_no_second_one_behind_it() {
    let salon = Salon::new();
    let served = Served::with(&salon.site).await;
    let smuggled = format!("0\r\n\r\n{LIVE}");
    let (length, chunked) = (format!("Content-Length: {}", smuggled.len()), "Transfer-Encoding: chunked");
    for headers in [format!("{length}\r\n{chunked}"), format!("{chunked}\r\n{length}")] {
        let request = format!("POST /chat/sessions HTTP/1.1\r\nHost: salon\r\n{headers}\r\n\r\n{smuggled}");
        let told = answer(&mut served.connects().await, request.as_bytes()).await;
        assert_eq!(told.matches("HTTP/1.1 ").count(), 1, "{told}");
        assert!(!told.contains("alive"), "{told}");
    }
}

#[tokio::test]
async fn every_limit_that_is_met_is_counted_by_its_name() {
    let long = Duration::from_secs(60);
    let limits = Limits::default()
        .body(24 * 1024)
        .body_time(Duration::from_millis(200))
        .header_time(Duration::from_millis(200))
        .unread_time(Duration::from_millis(200))
        .connections(12)
        .streams(5)
        .streams_each(2)
        .burst(4)
        .pause(long)
        .address_connections(10)
        .address_streams(2)
        .address_burst(12)
        .address_pause(long)
        .openings(3)
        .opening_pause(long);
    let salon = Salon::built(limits, |builder| builder.inbox(Inbox::default().letters(1)));
    let served = Served::with(&salon.site.clone().proxies(Proxies::none())).await;
    let token = salon.token();

    // A limit, and what meets it once. Of messages the address may send twelve, and each session four.
    let mut counted = Vec::new();
    for (limit, request, status) in [
        ("body", says(&token, "1", &"x".repeat(30_000)).written(), 413),
        ("input", says(&token, "2", &"x".repeat(20_000)).written(), 413),
        ("body_time", says(&token, "3", "hello").written().replace("hello", "hi"), 408),
        ("headers", format!("GET /livez HTTP/1.1\r\n{}\r\n", "A: b\r\n".repeat(100)), 431),
        ("head_time", "GET /li".to_owned(), 0),
        ("malformed", "nonsense\r\n\r\n".to_owned(), 400),
    ] {
        let told = answer(&mut served.connects().await, request.as_bytes()).await;
        assert_eq!(Answered::of(&told).status, status, "{limit}: {told}");
        counted.push(limit);
    }
    for (limit, asks) in [("session", [says(&token, "4", "hello"), says(&token, "5", "hello")])] {
        let told = [served.asks(&asks[0]).await.status, served.asks(&asks[1]).await.status];
        assert_eq!(told, [200, 429], "{limit}");
        counted.push(limit);
    }
    let busy = salon.token();
    for (id, text) in [("1", "hello"), ("2", "hair"), ("3", "slow 1500")] {
        served.asks(&says(&busy, id, text)).await;
    }
    // One is on its way, and one may wait.
    let (other, next) = (says(&busy, "4", "hello"), salon.token());
    assert_eq!(served.asks(&other).await.status, 429);
    counted.push("inbox");
    while served.asks(&says(&next, "1", "hello")).await.status == 200 {}
    let refused = served.asks(&says(&salon.token(), "1", "hello")).await;
    assert_eq!(refused.code(), "too_many");
    counted.push("address_messages");
    for expected in [201, 201, 201, 429] {
        assert_eq!(served.asks(&Asked::post("/chat/sessions", &json!({}))).await.status, expected);
    }
    counted.push("address_openings");

    let mut open = Vec::new();
    for (token, from, expected) in [
        (&token, 1, 200),
        (&token, 1, 200),
        (&token, 1, 429),
        (&busy, 2, 200),
        (&next, 2, 200),
        (&salon.token(), 2, 429),
        (&salon.token(), 3, 200),
        (&salon.token(), 4, 429),
    ] {
        let mut connection = served.connects_from(from).await;
        connection.write_all(listens(token).written().as_bytes()).await.expect("sent");
        let mut chunk = [0; 64];
        let count = connection.read(&mut chunk).await.expect("an answer");
        assert!(String::from_utf8_lossy(&chunk[..count]).contains(&format!(" {expected} ")));
        open.push(connection);
    }
    counted.extend(["streams_each", "address_streams", "streams"]);
    drop(open);
    let asks = Asked::get("/chat/session").with("authorization", &format!("Bearer {next}"));
    while served.asks(&asks).await.status != 429 {}
    counted.push("address_questions");
    let mut unread = served.connects_from(5).await;
    unread.write_all(Asked::get("/chat/flow-chat.js").written().repeat(200).as_bytes()).await.expect("sent");
    met(&served, "slow_reader", 1).await;
    counted.push("slow_reader");
    let crowd: Vec<TcpStream> = futures_util::future::join_all((0..11).map(|_| served.connects_from(6))).await;
    met(&served, "address_connections", 1).await;
    counted.push("address_connections");
    let others = futures_util::future::join_all((0..11).map(|_| served.connects_from(7))).await;
    drop((crowd, others));
    met(&served, "connections", 1).await;
    counted.push("connections");

    let figures = served.figures().await;
    let lines = figures.lines().filter_map(|line| line.strip_prefix("flow_http_limits_met_total{limit=\""));
    let told: Vec<_> = lines.map(|line| line.split_once("\"} ").expect("a count")).collect();
    assert_eq!(told.len(), counted.len(), "each is provoked here: {told:?}");
    for (limit, count) in told {
        assert!(counted.contains(&limit) && count != "0", "{limit}: {count}");
    }
}
