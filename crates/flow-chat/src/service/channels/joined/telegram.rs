//! A bot of Telegram, which delivers or is asked.

use tokio::sync::watch;

use super::{Set, Standing};
use crate::{
    Engine, Flow, Secret,
    http::platform::Line,
    telegram::{Polling, Telegram},
};

pub(super) fn line(set: &Set<'_>, secret: &Secret) -> Result<Line<Telegram>, Standing> {
    let wrong = |error: &dyn std::error::Error| set.down(format!("not set up; {error}"));
    let mut telegram = Telegram::new(set.needed("token")).map_err(|error| wrong(&error))?;
    if let Some(secret) = set.value("secret") {
        telegram = telegram.secret(secret).map_err(|error| wrong(&error))?;
    }
    if let Some(before) = set.value("previous_secret") {
        telegram = telegram.previous_secret(before).map_err(|error| wrong(&error))?;
    }
    if let Some(api) = set.value("api") {
        telegram = telegram.api(api);
    }
    Ok(Line::new(set.name(), telegram, secret.clone()))
}

/// Has Telegram deliver at this address.
pub(super) async fn register(line: &Line<Telegram>, address: &str) -> Standing {
    let telegram = line.platform();
    let registered = match telegram.register(address).await {
        Ok(()) => telegram.check().await,
        Err(error) => Err(error),
    };
    match registered {
        Ok(bot) => Standing::up(line.name(), format!("up, as @{}; Telegram delivers at {address}", bot.username())),
        Err(error) => Standing::down(line.name(), format!("not registered at {address}; {error}")),
    }
}

/// Asks Telegram for messages, whatever it says at first, as long as what has begun it is there.
pub(super) async fn poll<F: Flow>(line: &Line<Telegram>, engine: &Engine<F>, begun: &watch::Sender<()>) -> Standing {
    let (polling, mut begun) = (Polling::new(line, engine), begun.subscribe());
    tokio::spawn(polling.until(async move { while begun.changed().await.is_ok() {} }));
    match line.platform().check().await {
        Ok(bot) => match bot.webhook() {
            None => Standing::up(line.name(), format!("up, as @{}; Telegram is asked for messages", bot.username())),
            Some(webhook) => {
                let text = format!(
                    "waiting; @{} is delivered to {webhook}: set server.url to take that over, or take the webhook away",
                    bot.username()
                );
                Standing::down(line.name(), text)
            }
        },
        Err(error) => Standing::down(line.name(), format!("waiting; {error}")),
    }
}
