//! Bots on platforms under load and faults: from what a visitor says until the reply stands in the chat, on a stub that speaks as the
//! platform does; and an account of every message, where the bot is killed, or the platform is slow, away or forgetful.
//!
//! ```sh
//! cargo run --release -p flow-bench --example channels -- talk --platform telegram --store redis --kills 50
//! cargo run --release -p flow-bench --example channels -- talk --platform telegram --program peers/aiogram/run --store redis --kills 50
//! ```
//!
//! The bot is a process of its own: this program, as `serve`, or another one that speaks with Telegram (`--program`). The stub and the
//! visitors are in this process. A visitor does something when its time has come, whether or not the one before was answered (an open loop):
//! it presses the button that it was shown last and has not pressed, and otherwise says the next number. The bot keeps all that it
//! has handled, in order, and tells it at the end: so the account is the same for a bot of any framework.
//!
//! It fails if a bot of ours has lost, doubled, overtaken or not answered anything.

#[path = "../load/figures.rs"]
mod figures;
#[allow(dead_code, reason = "the program beside this one asks more of it")]
#[path = "../load/place.rs"]
mod place;
#[path = "../load/processor.rs"]
mod processor;

mod account;
mod bot;
mod ear;
mod fault;
mod flow;
mod program;
mod stub;
mod talk;
mod visitor;

use clap::{Args, Parser, Subcommand};

use fault::Fault;
use stub::Kind;

/// Measures bots on platforms under load and faults.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Visitors talk at a fixed rate.
    Talk(Talk),
    /// The bot, until its standard input ends; what it needs to know stands in variables.
    #[command(hide = true)]
    Serve { platform: Kind },
}

/// How much is said, to which bot, and what goes wrong meanwhile.
#[derive(Args, Clone)]
#[allow(clippy::struct_excessive_bools, reason = "each is a word on the command line")]
struct Talk {
    #[arg(long, value_enum, default_value_t = Kind::Telegram)]
    platform: Kind,
    /// `sqlite`, `redis`, `postgres`, or the URL of one that is there
    #[arg(long, default_value = "redis")]
    store: String,
    /// Another bot than ours: a program that finds in variables what it needs to know (`peers/README.md`)
    #[arg(long)]
    program: Option<String>,
    /// Has that program be told to be careful
    #[arg(long)]
    careful: bool,
    /// For how many milliseconds a handler asks somebody else before it answers
    #[arg(long, default_value_t = 0)]
    thinking: u64,
    /// The bot asks for updates, instead of being called
    #[arg(long)]
    polling: bool,
    /// How many messages a second there are, of all visitors together
    #[arg(long, default_value_t = 1_000)]
    rate: u32,
    #[arg(long, default_value_t = 60)]
    seconds: u32,
    /// Each has one chat, and does something once a second unless this is not the rate
    #[arg(long, default_value_t = 1_000)]
    visitors: u32,
    /// Each says three things at once, and nothing for as long as that makes
    #[arg(long)]
    burst: bool,
    /// How often the bot is killed meanwhile, at random
    #[arg(long, default_value_t = 0)]
    kills: usize,
    /// How often the bot is told to end meanwhile, at random, and started again when it has
    #[arg(long, default_value_t = 0)]
    restarts: usize,
    /// What goes wrong with the platform, from a quarter of the time on
    #[arg(long, value_enum)]
    fault: Option<Fault>,
    /// For how many seconds, or of how many messages
    #[arg(long, default_value_t = 10)]
    much: u32,
    /// Decides at which moments
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many seconds after the last message a reply may come
    #[arg(long, default_value_t = 120)]
    patience: u64,
    /// Whether the bot says what it warns of: where it is killed that is much
    #[arg(long)]
    log: bool,
}

#[tokio::main]
async fn main() {
    match Arguments::parse().command {
        Command::Serve { platform } => Box::pin(bot::serve(platform)).await,
        Command::Talk(talk) => talk::talk(&talk).await,
    }
}
