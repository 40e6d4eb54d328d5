//! The salon on the web: `booking serve`.

use std::{
    error::Error,
    fs::{self, OpenOptions},
    io::{self, Write as _},
    path::Path,
};

use flow_chat::{
    Engine, Secret,
    http::{
        Access, Metrics, Site, Tokens,
        axum::{Router, response::Redirect, routing::get},
    },
    service::Settings,
};
use tokio::net::TcpListener;

use crate::{PATIENCE, choices, ending::Ending, flow::Booking, screen};

/// The name of the channel of the web chat.
pub const CHANNEL: &str = "web";

/// Serves the chat at this address until the program is told to end, and does what is due meanwhile.
pub async fn serve(
    settings: &Settings,
    engine: &Engine<Booking>,
    metrics: Metrics,
    listen: &str,
    mut ending: Ending,
) -> Result<(), Box<dyn Error>> {
    let secret = match settings.secret() {
        Some(secret) => secret.clone(),
        None => kept_secret()?,
    };
    let listener =
        TcpListener::bind(listen).await.map_err(|error| format!("nothing can listen at {listen}: {error}"))?;
    let address = listener.local_addr()?;
    let site = Site::new(engine.clone())
        .chat("/chat", CHANNEL, Access::by_token(Tokens::signed_with(secret)))?
        .beside(Router::new().route("/", get(|| async { Redirect::temporary("/chat/") })))
        .metrics(metrics)
        // Whoever reaches an address of this machine alone may know how the bot is.
        .tells(move |_| address.ip().is_loopback());
    settings.worker(engine).start();
    screen::line(&format!("Salon Lumen is open: http://{address}"))?;
    let end = async move {
        ending.told().await;
    };
    let ended = site.serve_at(listener, end, PATIENCE).await;
    if ended.cut_off > 0 {
        screen::warn(format_args!("{} connections did not end in time", ended.cut_off));
    }
    Ok(())
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
