//! A served bot under load: from when a message is to be said until its reply is at the browser, at a fixed rate; what becomes of it
//! all where the server is killed again and again; and what an open stream takes.
//!
//! ```sh
//! cargo run --release -p flow-bench --example load            # everything: four minutes for each of the three stores
//! cargo run --release -p flow-bench --example load -- talk --store sqlite --kills 50
//! ```
//!
//! It needs `redis-server`, Debian's `postgresql` and Chromium, which it starts for itself, and `ulimit -n` of more than twice as many as there
//! are visitors. The server is a process of its own (this program, as `serve`); the visitors are in this one.
//!
//! A message is said when its time has come, whether or not the one before was answered (an open loop); it counts from that time, so
//! that a server which stands still is not asked less, and its standing is not hidden (coordinated omission). Each visitor has a
//! connection for what it says, one for its stream, and an address of its own in 127.0.0.0/8. As a browser does, it sends again what
//! was not acknowledged, under its id, and comes back to its stream with the last id that it has.
//!
//! It fails if anything was lost, doubled, or told under two ids.

mod account;
mod bare;
mod bot;
mod browser;
mod ear;
mod figures;
mod line;
mod place;
mod processor;
mod server;
mod streams;
mod talk;
mod visitor;

use clap::{Args, Parser, Subcommand};

use place::Place;

/// Measures a served bot under load. Without a command: everything, over SQLite, Redis and Postgres.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Visitors talk at a fixed rate, and then the bare store is asked at the same rate.
    Talk(Talk),
    /// Streams are opened, and nobody talks.
    Streams {
        /// `sqlite`, `redis`, `postgres`, or the URL of one that is there
        #[arg(long, default_value = "sqlite")]
        store: String,
        #[arg(long, default_value_t = 10_000)]
        count: usize,
    },
    /// A visitor in a real browser talks, one message after the other.
    Browser {
        /// `sqlite`, `redis`, `postgres`, or the URL of one that is there
        #[arg(long, default_value = "sqlite")]
        store: String,
        #[arg(long, default_value_t = 300)]
        count: u32,
    },
    /// The bot, until its standard input ends.
    #[command(hide = true)]
    Serve {
        #[arg(long)]
        store: String,
        #[arg(long)]
        port: u16,
    },
}

/// How much is said.
#[derive(Args, Clone)]
struct Talk {
    /// `sqlite`, `redis`, `postgres`, or the URL of one that is there
    #[arg(long, default_value = "sqlite")]
    store: String,
    /// How many messages a second there are, of all visitors together
    #[arg(long, default_value_t = 1_000)]
    rate: u32,
    #[arg(long, default_value_t = 60)]
    seconds: u32,
    /// Each has one session, and says something once a second unless this is not the rate
    #[arg(long, default_value_t = 1_000)]
    visitors: u32,
    /// How often the server is killed meanwhile, at random
    #[arg(long, default_value_t = 0)]
    kills: usize,
    /// Decides at which moments
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Whether the bare store is left out
    #[arg(long)]
    served_alone: bool,
    /// Whether the server says what it warns of: where it is killed that is much
    #[arg(long)]
    log: bool,
}

impl Talk {
    fn at(store: &str, kills: usize) -> Self {
        Self {
            store: store.into(),
            rate: 1_000,
            seconds: 60,
            visitors: 1_000,
            kills,
            seed: 1,
            served_alone: kills > 0,
            log: false,
        }
    }
}

#[tokio::main]
async fn main() {
    match Arguments::parse().command {
        Some(Command::Serve { store, port }) => bot::serve(&store, port).await,
        Some(Command::Talk(talk)) => talk::talk(&Place::of(&talk.store), &talk).await,
        Some(Command::Streams { store, count }) => streams::open(&Place::of(&store), count).await,
        Some(Command::Browser { store, count }) => browser::ask(&Place::of(&store), count).await,
        None => {
            for store in ["sqlite", "redis", "postgres"] {
                browser::ask(&Place::of(store), 300).await;
                talk::talk(&Place::of(store), &Talk::at(store, 0)).await;
                talk::talk(&Place::of(store), &Talk::at(store, 50)).await;
                streams::open(&Place::of(store), 10_000).await;
            }
        }
    }
}
