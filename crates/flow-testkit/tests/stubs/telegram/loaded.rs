//! The stub is fast enough to load a bot through it, and keeps no more than it is told to.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{Json, Router, extract::State, routing::post};
use flow_http::client::{Call, Client};
use flow_testkit::stubs::TelegramStub;
use serde_json::{Value, json};
use tokio::{net::TcpListener, time::sleep_until};

use super::done;

const VISITORS: i64 = 500;

/// What is said in a second (`FLOW_STUB_RATE`), and for how many (`FLOW_STUB_SECONDS`): few enough for any machine, unless it is said.
fn load() -> (u32, u32) {
    let chosen = |name: &str, usual| std::env::var(name).ok().and_then(|chosen| chosen.parse().ok()).unwrap_or(usual);
    (chosen("FLOW_STUB_RATE", 200), chosen("FLOW_STUB_SECONDS", 3))
}

/// A bot that says what it hears, each in a call of its own.
async fn start_echo(telegram: &TelegramStub) -> String {
    let api = Arc::new((Client::new(), format!("{}/bot{}/sendMessage", telegram.address(), telegram.token())));
    let router = Router::new().route("/hook", post(echo)).with_state(api);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("http://{}/hook", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

async fn echo(State(api): State<Arc<(Client, String)>>, Json(update): Json<Value>) {
    let message = json!({ "chat_id": update["message"]["chat"]["id"], "text": update["message"]["text"] });
    // After the webhook was answered, as a bot does that stores first.
    tokio::spawn(async move { api.0.call(Call::post(&api.1).json(&message)).await });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bot_is_loaded_and_every_message_is_accounted_for() {
    let telegram = TelegramStub::start().await;
    telegram.keeps(5);
    let url = start_echo(&telegram).await;
    done(&telegram, "setWebhook", json!({ "url": url, "max_connections": 100 })).await;
    let visitors: Vec<_> = (1..=VISITORS).map(|user| telegram.visitor(user)).collect();
    let (rate, seconds) = load();
    let (count, began) = (rate * seconds, tokio::time::Instant::now());
    for (number, visitor) in (0..count).zip(visitors.iter().cycle()) {
        sleep_until(began + Duration::from_secs(1) / rate * number).await;
        visitor.says(format!("message {number}"));
    }
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let trips = telegram.trips();
        let (silent, unheard) = (
            trips.iter().filter(|trip| trip.replied().is_none()).count(),
            trips.iter().filter(|trip| trip.taken().is_none()).count(),
        );
        if silent == 0 {
            break;
        }
        assert!(Instant::now() < deadline, "of {count}, {unheard} did not reach the bot and {silent} have no reply");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let trips = telegram.trips();
    assert_eq!((trips.len(), telegram.pending()), (count as usize, 0));
    assert!(trips.iter().all(|trip| trip.deliveries() == 1 && trip.taken().is_some()));
    assert!(telegram.calls().len() == 5 && visitors.iter().all(|visitor| visitor.heard().len() <= 5));
    let mut replied: Vec<_> = trips.iter().filter_map(flow_testkit::stubs::Trip::replied_in).collect();
    replied.sort();
    let part = |hundredths: usize| replied[(replied.len() - 1) * hundredths / 100];
    println!("{} a second for {seconds} s: replied in {:?} (p50), {:?} (p99)", rate, part(50), part(99));
}
