//! The booking bot of Salon Lumen, in a terminal.
//!
//! `cargo run --example booking` talks to it; `cargo run --example booking -- --help` tells the rest. Servers to keep its
//! conversations on are features: `cargo run --example booking --features redis,postgres -- --store redis://…`.

mod arguments;
mod calendar;
mod deliveries;
mod ending;
mod figures;
mod flow;
mod input;
mod json;
mod operating;
mod pipe;
mod places;
#[cfg(feature = "postgres")]
mod postgres;
mod printer;
#[cfg(feature = "redis")]
mod redis;
mod said;
mod salon;
mod screen;
mod showing;
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
    Archival, Damage, Deadlines, Engine, Expiry, Flow, Outage, Resume, SessionId, Statistics, Store, engine::Said,
};
use tokio::time::sleep;

use arguments::{Arguments, Command, DamageChoice, GraphFormat, OutageChoice};
use calendar::Calendar;
use deliveries::Deliveries;
use ending::Ending;
use flow::Booking;
use input::Lines;
use places::Places;
use salon::Salon;
use window::Window;

// What is to be handed back to the store goes on while the chat waits for a line.
#[tokio::main(worker_threads = 1)]
async fn main() -> ExitCode {
    // Before anything else, so that there is nothing that a signal could break off.
    let ending = Ending::listen();
    let arguments = Arguments::read();
    tracing_subscriber::fmt().with_max_level(arguments.log).with_writer(std::io::stderr).init();
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
    let interval = arguments.archive_interval()?;
    let mut told = ending.clone();
    let places = tokio::select! {
        // A server may be waited for.
        signal = told.told() => return Ok(cut_short(arguments, signal)),
        places = Places::open(arguments) => places?,
    };
    let window = Window::of(arguments.session());
    let engine = engine(arguments, &places, interval, window.clone());
    let mut ended_by = told.clone();
    let ended = tokio::select! {
        done = obey(arguments, &engine, &places, &window, ending) => done.map(|()| ExitCode::SUCCESS),
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
    if !shutdown.is_complete() {
        screen::warn(screen::LATE);
    }
    if shutdown.unarchived() > 0 {
        screen::warn(format_args!(
            "{} conversations are not archived yet, and are left to a worker",
            shutdown.unarchived()
        ));
    }
    ended
}

/// Does what the command says; what would go on for ever, until it is told to end.
async fn obey(
    arguments: &Arguments,
    engine: &Engine<Booking>,
    places: &Places,
    window: &Window,
    ending: Ending,
) -> Result<(), Box<dyn Error>> {
    let id = arguments.session();
    match arguments.command {
        Some(Command::Operator(ref command)) => operating::operate(engine, id, arguments, command).await?,
        Some(Command::Chat { json: true, no_worker }) => {
            works(engine, !no_worker);
            json::chat(engine, id, Lines::of_input(ending)).await?;
        }
        Some(Command::Chat { no_worker, .. }) => talk(engine, id, window, !no_worker, ending).await?,
        None => talk(engine, id, window, true, ending).await?,
        Some(Command::Worker { lease }) => work(engine, lease, ending).await?,
        Some(Command::Graph { .. }) => {}
        Some(Command::Show { clear }) => screen::line(&showing::show(engine, id, clear).await?)?,
        Some(Command::Said) => said::tell(engine, id).await?,
        Some(Command::Sessions) => sessions(engine, &*places.store).await?,
        Some(Command::Funnel) => screen::line(&figures::funnel(counting(engine, places).await?).await?)?,
        Some(Command::Dropoff) => screen::line(&figures::drop_off(counting(engine, places).await?).await?)?,
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
    engine: &Engine<Booking>,
    id: SessionId,
    window: &Window,
    has_worker: bool,
    ending: Ending,
) -> Result<(), Box<dyn Error>> {
    works(engine, has_worker);
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
fn works(engine: &Engine<Booking>, has_worker: bool) {
    if has_worker {
        engine.worker().start();
    }
}

/// Works until it is told to end. What was begun, the shutdown brings to its end.
async fn work(engine: &Engine<Booking>, lease: Duration, mut ending: Ending) -> Result<(), Box<dyn Error>> {
    let worker = engine.worker().lease(lease).start();
    tokio::select! {
        _ = ending.told() => {}
        ended = worker => ended?,
    }
    Ok(())
}

/// What can count, once what is due has been archived.
async fn counting<'p>(engine: &Engine<Booking>, places: &'p Places) -> Result<&'p dyn Statistics, Box<dyn Error>> {
    let counting = places.statistics.as_deref();
    let counting = counting.ok_or("only an archive in a file or in Postgres can count: say `--archive`")?;
    engine.worker().look().await?;
    Ok(counting)
}

/// How long what was said is kept, and what is left of a damaged conversation.
const A_MONTH: Duration = Duration::from_secs(30 * 86_400);

fn engine(arguments: &Arguments, places: &Places, archive_interval: Duration, window: Window) -> Engine<Booking> {
    let outage = match arguments.outage {
        OutageChoice::Fail => Outage::Fail,
        OutageChoice::Memory => Outage::Memory { sessions: 10_000 },
        OutageChoice::Say => Outage::Say("We will be right back. Nothing is lost; please try again soon.".into()),
    };
    let damage = match arguments.damage {
        DamageChoice::Refuse => Damage::Refuse,
        DamageChoice::Quarantine => Damage::Quarantine { keep: A_MONTH },
    };
    let deliveries = match arguments.command {
        Some(Command::Worker { .. }) => Deliveries::Listed,
        Some(Command::Chat { json: true, .. }) => Deliveries::Announced,
        _ => Deliveries::Said(window),
    };
    let calendar = Calendar::of(arguments.slots.iter().map(String::as_str)).slow(arguments.calendar_takes);
    let mut builder = deliveries
        .hooked(Salon::new(calendar).engine())
        // Where nobody runs a worker, a talk that is over is kept no longer than its visitor may take it up again.
        .expiry(Expiry::default().idle(arguments.idle).unattended(arguments.resume))
        .resume(Resume::Within(arguments.resume))
        // For a person who takes over; who the visitor is, it does not show.
        .keep_said(Said::lasting(A_MONTH).masked())
        .archival(Archival::default().interval(archive_interval))
        // The screen is quick.
        .deadlines(Deadlines::default().hook(Duration::from_secs(1)))
        .outage(outage)
        .damage(damage);
    if let Some(archive) = &places.archive {
        builder = builder.archive(Arc::clone(archive));
    }
    builder.store(Arc::clone(&places.store))
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
