//! Our bot, as its process runs it: [`serve`].

use std::{env, io::Read as _, thread, time::Duration};

use flow_core::{Deadlines, Engine, Secret, engine::Inbox};
use flow_http::{
    Limits, Site,
    client::Client,
    platform::{Line, Pace, Platform},
};
use flow_slack::Slack;
use flow_telegram::{Polling, Telegram};
use flow_whatsapp::WhatsApp;
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    sync::oneshot,
};
use tracing_subscriber::filter::LevelFilter;

use crate::{
    flow::{Booking, Clerk},
    place,
    stub::{APP_SECRET, Kind, VERIFY_TOKEN},
};

/// Where it is called.
pub const HOOK: &str = "/hook";

/// How long it may take to end.
const PATIENCE: Duration = Duration::from_secs(5);

/// Serves the bot until it is told to end, or its standard input ends.
pub async fn serve(platform: Kind) {
    tracing_subscriber::fmt().with_max_level(LevelFilter::WARN).with_writer(std::io::stderr).init();
    match platform {
        Kind::Telegram => Box::pin(on_telegram()).await,
        Kind::Whatsapp => on_whatsapp().await,
        Kind::Slack => on_slack().await,
    }
}

async fn on_telegram() {
    let telegram = Telegram::new(variable("TELEGRAM_TOKEN")).expect("a token").api(variable("TELEGRAM_API"));
    let telegram = telegram.client(client());
    let (engine, line) = engine(telegram.clone()).await;
    let Ok(port) = env::var("PORT") else {
        Polling::new(&line, &engine).until(end()).await;
        // The store keeps what is left.
        let _ = engine.shutdown(PATIENCE).await;
        return;
    };
    let register = async move {
        let hook = format!("http://127.0.0.1:{port}{HOOK}");
        telegram.register(hook).await.expect("Telegram takes it");
    };
    Box::pin(answer(engine, line, register)).await;
}

async fn on_whatsapp() {
    let whatsapp = WhatsApp::new(variable("GRAPH_NUMBER"), variable("GRAPH_TOKEN"))
        .and_then(|whatsapp| whatsapp.app_secret(APP_SECRET))
        .and_then(|whatsapp| whatsapp.verify_token(VERIFY_TOKEN))
        .expect("well set up");
    let (engine, line) = engine(whatsapp.api(variable("GRAPH_API")).client(client())).await;
    answer(engine, line, async {}).await;
}

async fn on_slack() {
    let slack = Slack::new(variable("SLACK_TOKEN"), APP_SECRET).api(variable("SLACK_API")).client(client());
    let (engine, line) = engine(slack).await;
    answer(engine, line, async {}).await;
}

/// The engine, which answers by a line to this platform.
async fn engine<P: Platform>(platform: P) -> (Engine<Booking>, Line<P>) {
    let secret = Secret::new("what the channels program derives ids with").expect("long enough");
    let line = Line::new("bench", platform, secret).pace(Pace::NONE);
    let clerk = Clerk {
        thinking: Duration::from_millis(env::var("THINKING").map_or(0, |time| time.parse().expect("a number"))),
    };
    // Of what a killed process had under way, messages are left to it for the deadlines of a turn, and replies for twice those of a
    // call to the platform and of the store (`docs/operations.md`, "Workers"): with these, 6 s instead of 24.
    let deadlines =
        Deadlines::default().handler(Duration::from_secs(1)).hook(Duration::from_secs(2)).store(Duration::from_secs(1));
    // Killed so often, a message would be counted out that has nothing to do with it.
    let inbox = Inbox::default().tries(u32::MAX);
    let builder = Booking::engine(clerk).deadlines(deadlines).inbox(inbox).channel(line.name(), line.clone());
    let engine = builder.store(place::store(&variable("STORE")).await);
    // There is one destination, and nothing else to do.
    engine.worker().at_once(64).for_each_destination(64).start();
    (engine, line)
}

/// Takes what the platform delivers, once it is registered.
async fn answer<P: Platform>(engine: Engine<Booking>, line: Line<P>, register: impl Future<Output = ()>) {
    let port: u16 = variable("PORT").parse().expect("a port");
    let listener = TcpListener::bind(("127.0.0.1", port)).await.expect("a port");
    let site = Site::new(engine).webhook(HOOK, &line).expect("a channel of it");
    // All of the platform comes from one address.
    let site = site.limits(Limits::default().burst(1_000_000));
    let end = async {
        register.await;
        end().await;
    };
    site.serve_at(listener, end, PATIENCE).await;
}

/// Gives up a call before its deadline.
fn client() -> Client {
    Client::new().patience(Duration::from_millis(1_500))
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| panic!("{name} is set"))
}

async fn end() {
    let (ended, end) = oneshot::channel();
    thread::spawn(move || {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        let _ = ended.send(());
    });
    let mut told = signal(SignalKind::terminate()).expect("signals can be heard");
    tokio::select! {
        _ = end => {}
        _ = told.recv() => {}
    }
}
