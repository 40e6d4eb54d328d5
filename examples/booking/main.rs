//! The booking bot of Salon Lumen, in a terminal.
//!
//! `cargo run --example booking` talks to it; `cargo run --example booking -- --help` tells the rest.

mod arguments;
mod calendar;
mod flow;
mod json;
mod pipe;
mod salon;
mod screen;
mod terminal;

use std::{
    error::Error,
    io::{IsTerminal, stdin},
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

use clap::Parser;
use flow_core::{Engine, Flow, Outage, SessionId, Store, store::Cursor};
use flow_memory::MemoryStore;
use flow_redis::RedisStore;
use flow_sqlite::SqliteStore;

use arguments::{Arguments, Command, GraphFormat, OutageChoice, StoreChoice};
use calendar::Calendar;
use flow::Booking;
use salon::Salon;

// What is to be handed back to the store goes on while the chat waits for a line.
#[tokio::main(worker_threads = 1)]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    tracing_subscriber::fmt().with_max_level(arguments.log).with_writer(std::io::stderr).init();
    match run(&arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            screen::complain(&*error);
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let store: Arc<dyn Store> = match arguments.store()? {
        StoreChoice::Memory => Arc::new(MemoryStore::new()),
        StoreChoice::Sqlite(path) => {
            path.parent().map_or(Ok(()), std::fs::create_dir_all)?;
            Arc::new(SqliteStore::open(path)?)
        }
        StoreChoice::Redis(url) => Arc::new(connect(&url, arguments).await?),
    };
    let engine = engine(arguments, Arc::clone(&store));
    engine.worker().start();
    let id = arguments.session();
    match arguments.command {
        Some(Command::Graph { format }) => screen::line(&graph(format))?,
        Some(Command::Show { clear }) => screen::line(&show(&engine, id, clear).await?)?,
        Some(Command::Sessions) => sessions(&engine, &*store).await?,
        Some(Command::Chat { json: true }) => json::chat(&engine, id).await?,
        Some(Command::Chat { json: false }) | None if stdin().is_terminal() => terminal::chat(&engine, id).await?,
        Some(Command::Chat { json: false }) | None => pipe::chat(&engine, id).await?,
    }
    if !engine.shutdown(PATIENCE).await {
        return Err("the store is still away: what was said since is lost".into());
    }
    Ok(())
}

/// How long to wait for what is still to be stored, at the end.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where an outage fails a turn, a server that is away fails the start; otherwise the bot may come first.
async fn connect(url: &str, arguments: &Arguments) -> Result<RedisStore, Box<dyn Error>> {
    let mut builder = RedisStore::builder(url).prefix("booking");
    if let Some(host) = &arguments.plaintext_host {
        builder = builder.allow_plaintext(host);
    }
    if arguments.outage != OutageChoice::Fail {
        return Ok(builder.lazy()?);
    }
    let store = builder.connect().await?;
    for warning in store.health().await?.warnings {
        tracing::warn!(%warning, "the store");
    }
    Ok(store)
}

fn engine(arguments: &Arguments, store: Arc<dyn Store>) -> Engine<Booking> {
    let outage = match arguments.outage {
        OutageChoice::Fail => Outage::Fail,
        OutageChoice::Memory => Outage::Memory { sessions: 10_000 },
        OutageChoice::Say => Outage::Say("We will be right back. Nothing is lost; please try again soon.".into()),
    };
    let calendar = Calendar::of(arguments.slots.iter().map(String::as_str));
    Salon::new(calendar)
        .engine()
        .idle_expiry(arguments.idle)
        .outage(outage)
        .on_checkpoint(|checkpoint| async move {
            tracing::info!(key = %checkpoint.key, state = checkpoint.state.name(), "checkpoint");
            Ok::<_, String>(())
        })
        .on_effect(|effect| async move {
            tracing::info!(key = %effect.key, kind = effect.kind, "effect");
            Ok::<_, String>(())
        })
        .shared_store(store)
}

fn graph(format: GraphFormat) -> String {
    match format {
        GraphFormat::Mermaid => Booking::GRAPH.to_mermaid(),
        GraphFormat::Dot => Booking::GRAPH.to_dot(),
        GraphFormat::Json => format!("{:#}", Booking::GRAPH.to_json()),
    }
}

async fn show(engine: &Engine<Booking>, id: SessionId, clear: bool) -> Result<String, Box<dyn Error>> {
    let session = engine.peek(id).await?.ok_or("there is no live session with this id")?;
    let view = if clear { session.revealed()? } else { session.masked()? };
    Ok(format!("{view:#}"))
}

async fn sessions(engine: &Engine<Booking>, store: &dyn Store) -> Result<(), Box<dyn Error>> {
    let mut after: Option<Cursor> = None;
    loop {
        let page = store.browse(after, 100).await?;
        for id in page.ids {
            // One that cannot be read is listed all the same, with the reason.
            let state = match engine.peek(id).await {
                Ok(Some(session)) => format!("{}  {}", session.state().name(), session.updated_at().to_rfc3339()),
                Ok(None) => "(expired)".to_owned(),
                Err(error) => format!("({error})"),
            };
            screen::line(&format!("{id}  {state}"))?;
        }
        let Some(next) = page.next else { return Ok(()) };
        after = Some(next);
    }
}
