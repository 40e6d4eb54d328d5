//! The booking bot of Salon Lumen, in a terminal.
//!
//! `cargo run --example booking` talks to it; `cargo run --example booking -- --help` tells the rest. Servers to keep its
//! conversations on are features: `cargo run --example booking --features redis,postgres -- --store redis://…`.

mod arguments;
mod calendar;
mod choices;
mod deliveries;
mod ending;
mod figures;
mod flow;
mod health;
mod input;
mod json;
mod kept;
mod operating;
mod pipe;
mod printer;
mod said;
mod salon;
mod screen;
mod serving;
mod showing;
mod stub;
mod terminal;
mod window;

use std::{
    error::Error,
    io::{IsTerminal, stdin},
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

use flow_chat::{
    Engine, Flow, SessionId, Statistics, Store,
    engine::Shelf,
    http::Metrics,
    service::{Channels, Settings, Storage},
};
use tokio::time::sleep;
use tracing::level_filters::LevelFilter;

use arguments::{Arguments, Command, GraphFormat};
use calendar::Calendar;
use deliveries::Deliveries;
use ending::Ending;
use flow::Booking;
use input::Lines;
use salon::Salon;
use stub::Stub;
use window::Window;

// What is to be handed back to the store goes on while the chat waits for a line.
#[tokio::main(worker_threads = 1)]
async fn main() -> ExitCode {
    // Before anything else, so that there is nothing that a signal could break off.
    let ending = Ending::listen();
    let arguments = Arguments::read();
    let ended = match ending {
        Ok(ending) => run(&arguments, ending).await,
        Err(error) => Err(error.into()),
    };
    ended.unwrap_or_else(|error| {
        screen::complain(&*error);
        ExitCode::FAILURE
    })
}

async fn run(arguments: &Arguments, ending: Ending) -> Result<ExitCode, Box<dyn Error>> {
    if let Some(Command::Graph { format }) = arguments.command {
        return Ok(screen::line(&graph(format)).map(|()| ExitCode::SUCCESS)?);
    }
    let stub = match arguments.command {
        Some(Command::Serve { stub: Some(platform), .. }) => Some(Stub::of(platform).await),
        _ => None,
    };
    let settings = choices::settings(arguments, stub.as_ref())?;
    let level: LevelFilter = settings.own("log").unwrap_or_default().parse()?;
    tracing_subscriber::fmt().with_max_level(level).with_writer(std::io::stderr).init();
    if let Some(Command::Health { live }) = arguments.command {
        return health::ask(&settings, live).map(|()| ExitCode::SUCCESS);
    }
    let mut told = ending.clone();
    let storage = tokio::select! {
        // A server may be waited for.
        signal = told.told() => return Ok(cut_short(arguments, signal)),
        storage = settings.connect() => storage?,
    };
    storage.warnings().iter().for_each(screen::warn);
    let window = Window::of(arguments.session());
    let metrics = Metrics::new();
    let channels = settings.channels();
    let engine = engine(arguments, &settings, &storage, &channels, window.clone(), metrics.clone());
    // A worker sends, too.
    channels.share_pace(&engine);
    if let Some(Command::Serve { .. }) = arguments.command {
        if let Some(stub) = &stub {
            screen::line(&format!("Telegram is played here, with a page to write to the bot: {}", stub.page()))?;
        }
        return serving::serve(&settings, &engine, channels, metrics, ending).await;
    }
    let mut ended_by = told.clone();
    let ended = tokio::select! {
        done = obey(arguments, &settings, &engine, &storage, &window, ending) => done.map(|()| ExitCode::SUCCESS),
        // What ends by itself when it is told to has its time.
        signal = async {
            let signal = ended_by.told().await;
            if arguments.command.as_ref().is_none_or(Command::goes_on) {
                sleep(PATIENCE).await;
            }
            signal
        } => Ok(cut_short(arguments, signal)),
    };
    // After an error too: other conversations may have gone well.
    let shutdown = engine.shutdown(PATIENCE).await;
    if shutdown.only_in_memory() > 0 {
        ended.inspect_err(|error| screen::complain(&**error)).ok();
        return Err(screen::LOST.into());
    }
    if !shutdown.is_complete() || shutdown.unarchived() > 0 {
        screen::warn(format_args!("{shutdown}; {}", screen::STORED));
    }
    ended
}

/// Does what the command says; what would go on for ever, until it is told to end.
async fn obey(
    arguments: &Arguments,
    settings: &Settings,
    engine: &Engine<Booking>,
    storage: &Storage,
    window: &Window,
    ending: Ending,
) -> Result<(), Box<dyn Error>> {
    let id = arguments.session();
    match arguments.command {
        Some(Command::Operator(ref command)) => operating::operate(engine, id, arguments, command).await?,
        Some(Command::Chat { json: true, no_worker }) => {
            works(settings, engine, !no_worker);
            json::chat(engine, id, Lines::of_input(ending)).await?;
        }
        Some(Command::Chat { no_worker, .. }) => talk(settings, engine, id, window, !no_worker, ending).await?,
        None => talk(settings, engine, id, window, true, ending).await?,
        Some(Command::Worker { .. }) => work(settings, engine, ending).await?,
        // These need less, and are done with by now.
        Some(Command::Graph { .. } | Command::Health { .. } | Command::Serve { .. }) => {}
        Some(Command::Show { clear }) => screen::line(&showing::show(engine, id, clear).await?)?,
        Some(Command::Said) => said::tell(engine, id).await?,
        Some(Command::Sessions) => sessions(engine, &*storage.store()).await?,
        Some(Command::Funnel) => screen::line(&figures::funnel(&*counting(engine, storage).await?).await?)?,
        Some(Command::Dropoff) => screen::line(&figures::drop_off(&*counting(engine, storage).await?).await?)?,
        Some(Command::Export) => screen::line(&export(engine, id).await?)?,
        Some(Command::Purge { older_than }) => {
            screen::line(&format!("{} conversations purged", engine.purge(older_than).await?))?;
        }
    }
    Ok(())
}

/// With what the program ends if a signal ended it: a chat and a worker well, for that is how they end; what was to be done
/// otherwise, and was not, as a shell tells it.
fn cut_short(arguments: &Arguments, signal: u8) -> ExitCode {
    if arguments.command.as_ref().is_none_or(Command::goes_on) {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(128 + signal)
    }
}

/// How long to wait for what is still to be stored, at the end.
const PATIENCE: Duration = Duration::from_secs(5);

async fn talk(
    settings: &Settings,
    engine: &Engine<Booking>,
    id: SessionId,
    window: &Window,
    has_worker: bool,
    ending: Ending,
) -> Result<(), Box<dyn Error>> {
    works(settings, engine, has_worker);
    if stdin().is_terminal() {
        if !has_worker {
            screen::warn(screen::ELSEWHERE);
        }
        return terminal::chat(engine, id, window, ending).await;
    }
    window.open_for_lines();
    pipe::chat(engine, id, Lines::of_input(ending)).await
}

/// Has this process do what is due, or leaves it to others.
fn works(settings: &Settings, engine: &Engine<Booking>, has_worker: bool) {
    if has_worker {
        settings.worker(engine).start();
    }
}

/// Works until it is told to end. What was begun, the shutdown brings to its end.
async fn work(settings: &Settings, engine: &Engine<Booking>, mut ending: Ending) -> Result<(), Box<dyn Error>> {
    let worker = settings.worker(engine).start();
    tokio::select! {
        _ = ending.told() => {}
        ended = worker => ended?,
    }
    Ok(())
}

/// What can count, once what is due has been archived.
async fn counting(engine: &Engine<Booking>, storage: &Storage) -> Result<Arc<dyn Statistics>, Box<dyn Error>> {
    let counting = storage.statistics();
    let counting = counting.ok_or("only an archive in a file or in Postgres can count: say `--archive`")?;
    engine.worker().look().await?;
    Ok(counting)
}

fn engine(
    arguments: &Arguments,
    settings: &Settings,
    storage: &Storage,
    channels: &Channels,
    window: Window,
    metrics: Metrics,
) -> Engine<Booking> {
    let deliveries = match arguments.command {
        Some(Command::Worker { .. } | Command::Serve { .. }) => Deliveries::Listed,
        Some(Command::Chat { json: true, .. }) => Deliveries::Announced,
        _ => Deliveries::Said(window),
    };
    // Beside the talks, so that all processes that share a store share the calendar.
    let slots = arguments.slots.iter().map(String::as_str);
    let salon = Salon::new(Calendar::kept_in(slots, storage.store()).slow(arguments.calendar_takes));
    let builder = salon.tell_calendar(deliveries.hooked(salon.clone().engine()));
    // Whichever process speaks to a visitor on the web, it is kept for them to come for.
    let builder = builder.collected(serving::CHANNEL, Shelf::default()).observer(metrics);
    // Also where another process serves: a worker of this one may be who sends.
    storage.engine(settings.configure(channels.configure(builder)))
}

async fn export(engine: &Engine<Booking>, id: SessionId) -> Result<String, Box<dyn Error>> {
    let export = engine.export(id).await?.ok_or("nothing is held of this session")?;
    Ok(format!("{export:#}"))
}

fn graph(format: GraphFormat) -> String {
    match format {
        GraphFormat::Mermaid => Booking::GRAPH.to_mermaid(),
        GraphFormat::Dot => Booking::GRAPH.to_dot(),
        GraphFormat::Json => format!("{:#}", Booking::GRAPH.to_json()),
    }
}

async fn sessions(engine: &Engine<Booking>, store: &dyn Store) -> Result<(), Box<dyn Error>> {
    let mut after = None;
    loop {
        let page = engine.sessions(after, 100).await?;
        for listed in page.sessions {
            // One that cannot be read is listed all the same, with the reason.
            let state = match listed.session {
                Ok(session) => format!("{}  {}", session.state().name(), session.updated_at().to_rfc3339()),
                Err(error) => format!("({error})"),
            };
            screen::line(&format!("{}  {state}", listed.id))?;
        }
        let Some(next) = page.next else { break };
        after = Some(next);
    }
    if let Some(heartbeat) = store.heartbeat()
        && heartbeat.alive_until(Booking::GRAPH.name).await?.is_none()
    {
        screen::warn(screen::UNATTENDED);
    }
    Ok(())
}
