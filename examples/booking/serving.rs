//! The salon on the web: `booking serve`.

use std::{
    error::Error,
    fs::{self, OpenOptions},
    io::{self, Write as _},
    path::Path,
    process::ExitCode,
    time::Duration,
};

use flow_chat::{
    Engine, Secret,
    http::{
        Access, Metrics, Tokens,
        axum::{Router, response::Redirect, routing::get},
    },
    service::Settings,
};
use tokio::net::TcpListener;

use crate::{choices, ending::Ending, flow::Booking, screen};

/// The name of the channel of the web chat.
pub const CHANNEL: &str = "web";

/// Serves the chat until the program is told to end, and does what is due meanwhile. Tells what it has left then.
pub async fn serve(
    settings: &Settings,
    engine: &Engine<Booking>,
    metrics: Metrics,
    mut ending: Ending,
) -> Result<ExitCode, Box<dyn Error>> {
    let tokens = match settings.tokens() {
        Some(tokens) => tokens,
        None => Tokens::signed_with(kept_secret()?),
    };
    let listen = settings.listen();
    let listener =
        TcpListener::bind(listen).await.map_err(|error| format!("nothing can listen at {listen}: {error}"))?;
    let address = listener.local_addr()?;
    let site = settings
        .site(engine.clone(), metrics)
        .chat("/chat", CHANNEL, Access::by_token(tokens))?
        .beside(Router::new().route("/", get(|| async { Redirect::temporary("/chat/") })));
    let is_behind = ["server.monitoring_token", "server.proxies"].iter().any(|name| settings.origin(name).is_some());
    // Whoever reaches an address of this machine alone may know how the bot is, unless it is said that others come through a proxy.
    let site = if is_behind { site } else { site.tells(move |_| address.ip().is_loopback()) };
    settings.worker(engine).start();
    // What holds it up all the same, such as a screen that nobody reads, does so for a second.
    ending.may_take(settings.longest_end() + Duration::from_secs(1));
    screen::line(&format!("Salon Lumen is open: http://{address}"))?;
    let end = async move {
        ending.told().await;
    };
    let ended = settings.serve_at(site, listener, end).await;
    // What reads the screen may have ended first.
    let _ = screen::line(&format!("Salon Lumen is closed: {ended}"));
    if ended.engine.only_in_memory() > 0 {
        return Err(screen::LOST.into());
    }
    Ok(ExitCode::SUCCESS)
}

/// The secret of this user's own bot, made when it is first needed: visitors come back to their conversations after a restart.
/// A bot of several machines is given `FLOW_SECRET`.
fn kept_secret() -> Result<Secret, Box<dyn Error>> {
    let data = choices::data_of_the_user().ok_or("say `FLOW_SECRET`: nothing tells where this user keeps data")?;
    let file = data.join("flow/booking.secret");
    let read = fs::read(&file).or_else(|error| match error.kind() {
        io::ErrorKind::NotFound => made(&file).or_else(|error| match error.kind() {
            // By another process, a moment ago.
            io::ErrorKind::AlreadyExists => fs::read(&file),
            _ => Err(error),
        }),
        _ => Err(error),
    });
    Ok(Secret::new(read.map_err(|error| format!("{}: {error}", file.display()))?)?)
}

fn made(file: &Path) -> io::Result<Vec<u8>> {
    fs::create_dir_all(file.parent().unwrap_or(Path::new(".")))?;
    let secret = format!("{}{}", flow_chat::SessionId::random(), flow_chat::SessionId::random());
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file)?.write_all(secret.as_bytes())?;
    Ok(secret.into_bytes())
}
