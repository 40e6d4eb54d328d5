//! The bot that is served: it counts the messages of each visitor. [`Counting`].

use std::{io::Read as _, sync::Arc, thread, time::Duration};

use flow_core::{
    Deadlines, Engine, Flow, Secret, Step, Store, Turn,
    engine::{Inbox, Shelf},
};
use flow_http::{Access, Limits, Metrics, Site, Tokens};
use serde::{Deserialize, Serialize};
use tokio::{net::TcpListener, sync::oneshot};
use tracing_subscriber::filter::LevelFilter;

use crate::place;

/// The name of the channel of the web chat.
pub const CHANNEL: &str = "web";

/// How long the server may take to end.
const PATIENCE: Duration = Duration::from_secs(5);

/// What the record of a session knows of its messages.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Counted {
    /// How many were handled.
    pub count: u64,
    /// Those that were not the next.
    pub out_of_turn: Vec<u64>,
}

#[derive(Flow, Clone, Debug, Serialize, Deserialize)]
#[flow(name = "counting", shared = Counted)]
pub enum Counting {
    #[state(start, endless, ask = "Say a number.", handled, to(Open))]
    Open,
}

use counting::Open;

struct Clerk;

impl CountingHandler for Clerk {
    async fn open(&self, _: Open, mut turn: Turn<'_, Open>) -> Step<Open> {
        let number = turn.text().parse().unwrap_or_default();
        let counted = turn.shared_mut();
        counted.count += 1;
        if number != counted.count {
            counted.out_of_turn.push(number);
        }
        let reply = format!("{number} of {}", counted.count);
        turn.stay(reply)
    }
}

/// The engine, as the server has it.
pub fn engine(store: Arc<dyn Store>, metrics: Option<Metrics>) -> Engine<Counting> {
    // The handler asks nobody; so a process that was killed is soon known to be gone.
    let deadlines = Deadlines::default().handler(Duration::from_secs(1)).archive(Duration::from_millis(1));
    // Killed so often, a message would be counted out that has nothing to do with it.
    let inbox = Inbox::default().tries(u32::MAX);
    let builder = Counting::engine(Clerk).deadlines(deadlines).inbox(inbox).collected(CHANNEL, Shelf::default());
    match metrics {
        Some(metrics) => builder.observer(metrics).store(store),
        None => builder.store(store),
    }
}

/// The tokens of its visitors, whichever process issues them.
pub fn tokens() -> Tokens {
    Tokens::signed_with(Secret::new("what the load program signs with").expect("long enough"))
}

/// Serves the bot until the standard input ends.
pub async fn serve(url: &str, port: u16) {
    tracing_subscriber::fmt().with_max_level(LevelFilter::WARN).with_writer(std::io::stderr).init();
    let metrics = Metrics::new();
    let engine = engine(place::store(url).await, Some(metrics.clone()));
    engine.worker().start();
    let site = Site::new(engine).chat("/chat", CHANNEL, Access::by_token(tokens())).expect("it is collected");
    // One visitor in a browser says more than a person does.
    let site = site.limits(Limits::default().burst(100_000)).metrics(metrics).tells(|_| true);
    let listener = TcpListener::bind(("127.0.0.1", port)).await.expect("a port");
    site.serve_at(listener, end_of_input(), PATIENCE).await;
}

async fn end_of_input() {
    let (ended, end) = oneshot::channel();
    thread::spawn(move || {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        let _ = ended.send(());
    });
    let _ = end.await;
}
