//! The salon on the web: `booking serve`.

use std::{error::Error, process::ExitCode, time::Duration};

use flow_chat::{
    Engine,
    http::{
        Access, Metrics,
        axum::{Router, response::Redirect, routing::get},
    },
    service::{Channels, Settings},
};
use tokio::net::TcpListener;

use crate::{ending::Ending, flow::Booking, screen};

/// The name of the channel of the web chat.
pub const CHANNEL: &str = "web";

/// Serves the chat and the channels that are set up until the program is told to end, and does what is due meanwhile. Tells how each
/// channel is, and in the end what it has left.
pub async fn serve(
    settings: &Settings,
    engine: &Engine<Booking>,
    channels: Channels,
    metrics: Metrics,
    mut ending: Ending,
) -> Result<ExitCode, Box<dyn Error>> {
    let tokens = settings.tokens().ok_or("say `FLOW_SECRET`: nothing tells where this user keeps data")?;
    let listen = settings.listen();
    let listener =
        TcpListener::bind(listen).await.map_err(|error| format!("nothing can listen at {listen}: {error}"))?;
    let address = listener.local_addr()?;
    let site = settings
        .site(engine.clone(), metrics)
        .chat("/chat", CHANNEL, Access::by_token(tokens))?
        .beside(Router::new().route("/", get(|| async { Redirect::temporary("/chat/") })));
    let site = channels.join(site)?;
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
    // A platform may ask at once whether the webhook is ours.
    let brought_up = async {
        for standing in channels.start(engine).await {
            let _ = screen::line(&standing.to_string());
        }
        std::future::pending::<()>().await;
    };
    let ended = tokio::select! {
        ended = settings.serve_at(site, listener, end) => ended,
        () = brought_up => unreachable!("it is pending"),
    };
    // What reads the screen may have ended first.
    let _ = screen::line(&format!("Salon Lumen is closed: {ended}"));
    if ended.engine.only_in_memory() > 0 {
        return Err(screen::LOST.into());
    }
    Ok(ExitCode::SUCCESS)
}
