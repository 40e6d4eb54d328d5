//! What one address takes is bounded, however many sessions it opens, and wherever it stands behind proxies.

mod support;

use std::{net::SocketAddr, time::Duration};

use axum::{Router, http::HeaderName};
use flow_http::{Limits, Proxies};
use serde_json::json;
use support::{Answered, Asked, Salon, Served};
use tokio::net::{TcpListener, TcpStream};

/// Three conversations and three messages at once, and then none for long.
fn few() -> Limits {
    let long = Duration::from_secs(60);
    Limits::default().openings(3).opening_pause(long).address_burst(3).address_pause(long)
}

fn opens() -> Asked<'static> {
    Asked::post("/chat/sessions", &json!({}))
}

fn says(token: &str) -> Asked<'static> {
    Asked::post("/chat/messages", &json!({"id": "1", "text": "hello"})).by_token(token)
}

/// As many say that the address takes too much, with a code and a time to come back.
fn refused(answers: &[Answered]) -> usize {
    let refused = answers.iter().filter(|answered| answered.status == 429);
    refused
        .inspect(|answered| {
            assert_eq!(answered.code(), "too_many");
            let seconds = answered.header("retry-after").expect("a time").parse::<u64>().expect("a number");
            assert!((1..=60).contains(&seconds), "{seconds}");
        })
        .count()
}

/// Ten requests, each made by one of these.
async fn ten(served: &Served, asked: impl Fn(usize) -> Asked<'static>) -> Vec<Answered> {
    let mut answers = Vec::new();
    for request in 0..10 {
        answers.push(served.asks(&asked(request)).await);
    }
    answers
}

#[tokio::test]
async fn sessions_are_free_and_so_an_address_opens_only_so_many_and_says_only_so_much_in_all_of_them() {
    let salon = Salon::limited(few());
    let served = Served::with(&salon.site.clone().proxies(Proxies::none())).await;
    let opened = ten(&served, |_| opens()).await;
    assert_eq!(refused(&opened), 7);
    let tokens: Vec<_> = (0..10).map(|_| salon.token()).collect();
    let said = ten(&served, |request| says(&tokens[request])).await;
    assert_eq!((refused(&said), said.iter().filter(|answered| answered.status == 200).count()), (7, 3));
    // The refused ones may say the same again, from where less was taken: nothing of it was stored.
    let elsewhere = says(&tokens[9]).over(&mut served.connects_from(2).await).await;
    assert_eq!(elsewhere.json(), json!({"outcome": "handled"}));
    assert_eq!((served.met("address_openings").await, served.met("address_messages").await), (7, 7));
}

#[tokio::test]
async fn an_address_asks_the_store_only_so_much_whatever_it_asks_for() {
    let salon = Salon::limited(few());
    let served = Served::with(&salon.site.clone().proxies(Proxies::none())).await;
    let tokens: Vec<_> = (0..20).map(|_| salon.token()).collect();
    let mut refused = 0;
    for (request, token) in tokens.iter().enumerate() {
        let path = ["/chat/replies", "/chat/session"][request % 2];
        let answered = served.asks(&Asked::get(path).with("authorization", &format!("Bearer {token}"))).await;
        refused += usize::from(answered.status == 429);
    }
    assert_eq!((refused, served.met("address_questions").await), (8, 8));
}

#[tokio::test]
async fn behind_proxies_clients_are_told_apart_by_what_the_proxies_wrote_and_not_by_what_they_write() {
    let salon = Salon::limited(few());
    let served = Served::with(&salon.site.clone().proxies(Proxies::count(2))).await;
    let forged = |request: usize| opens().with("x-forwarded-for", &format!("6.6.6.{request}, 198.51.100.7, 10.0.0.2"));
    assert_eq!(refused(&ten(&served, forged).await), 7);
    let others = |request: usize| opens().with("x-forwarded-for", &format!("203.0.113.{request}, 10.0.0.2"));
    assert_eq!(refused(&ten(&served, others).await), 0);
    // A customer has 64 bits of addresses: they are one.
    let one = |request: usize| opens().with("x-forwarded-for", &format!("2001:db8:1:2::{request}, 10.0.0.2"));
    assert_eq!(refused(&ten(&served, one).await), 7);
    let many = |request: usize| opens().with("x-forwarded-for", &format!("2001:db8:1:1{request}::1, 10.0.0.2"));
    assert_eq!(refused(&ten(&served, many).await), 0);
}

#[tokio::test]
async fn where_no_proxy_is_named_those_who_come_through_one_are_not_taken_for_one_client() {
    let salon = Salon::limited(few());
    let served = Served::with(&salon.site).await;
    assert_eq!(refused(&ten(&served, |_| opens().with("x-forwarded-for", "198.51.100.7")).await), 0);
}

#[tokio::test]
async fn an_app_that_nests_the_routes_says_who_has_connected() {
    let salon = Salon::limited(few());
    let proxies = Proxies::count(1).in_header(HeaderName::from_static("forwarded"));
    let app = Router::new().nest("/bot", salon.site.clone().proxies(proxies).routes());
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let serving = axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>()).into_future();
    let task = tokio::spawn(serving);
    let mut answers = Vec::new();
    for from in [
        "for=198.51.100.7",
        "for=198.51.100.7",
        "for=\"198.51.100.7:1\";proto=https",
        "For=198.51.100.7",
        "for=198.51.100.8",
    ] {
        let mut connection = TcpStream::connect(address).await.expect("a connection");
        let opens = Asked::post("/bot/chat/sessions", &json!({})).with("forwarded", from);
        answers.push(opens.over(&mut connection).await);
    }
    assert_eq!(refused(&answers), 1);
    assert_eq!(answers[3].status, 429);
    task.abort();
}

#[tokio::test]
async fn one_address_has_only_so_many_streams_and_connections() {
    let limits = Limits::default().address_streams(2).address_connections(4);
    let salon = Salon::limited(limits);
    let served = Served::with(&salon.site.clone().proxies(Proxies::none())).await;
    let mut streams = Vec::new();
    for expected in [200, 200, 429] {
        let mut connection = served.connects().await;
        let listens = Asked::get("/chat/replies").with("accept", "text/event-stream").by_token(&salon.token());
        let answered = Answered::of(&support::answer(&mut connection, listens.written().as_bytes()).await);
        assert_eq!(answered.status, expected);
        streams.push(connection);
    }
    let mut fourth = served.connects().await;
    let answered = Answered::of(&support::answer(&mut fourth, Asked::get("/livez").written().as_bytes()).await);
    assert_eq!(answered.status, 200);
    let mut fifth = served.connects().await;
    assert_eq!(support::answer(&mut fifth, Asked::get("/livez").written().as_bytes()).await, "");
    let mut elsewhere = served.connects_from(2).await;
    assert_eq!(Asked::get("/livez").over(&mut elsewhere).await.status, 200);
    drop(fourth);
    drop(streams);
    // There is room again, once the server has seen that.
    while Asked::get("/livez").over(&mut served.connects().await).await.status != 200 {}
    assert_eq!(served.met("address_streams").await, 1);
    assert!(served.met("address_connections").await >= 1);
}
