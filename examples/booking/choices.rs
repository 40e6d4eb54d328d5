//! What is chosen of the bot by its arguments, by variables and by a file: [`settings`].

use std::{collections::BTreeSet, env, error::Error, path::PathBuf, time::Duration};

use flow_chat::service::{Key, Mistake, Settings, Sources};

use crate::{
    arguments::{Arguments, Command},
    kept,
    stub::Stub,
};

/// The settings: what the command line says, over variables and a file, over what is usual for the salon.
///
/// Fails with everything that is wrong. Nothing of it repeats the URL of a server: there may be a password in it.
pub fn settings(arguments: &Arguments, stub: Option<&Stub>) -> Result<Settings, Box<dyn Error>> {
    let usual = [
        ("redis.prefix", "booking"),
        ("expiry.idle", "24h"),
        // Where nobody runs a worker, a talk that is over is kept no longer than its visitor may take it up again.
        ("expiry.unattended", "30d"),
        ("expiry.resume", "30d"),
        // For a person who takes over; who the visitor is, it does not show.
        ("said.keep", "30d"),
        // The screen is quick.
        ("deadlines.hook", "1s"),
        ("outage.words", "We will be right back. Nothing is lost; please try again soon."),
    ];
    let levels = ["off", "error", "warn", "info", "debug", "trace"];
    let log = Key::word("log", "How much to tell on standard error.", levels).or("off");
    let mut sources =
        Sources::new().own(log).telegram("telegram").whatsapp("whatsapp").slack("slack").webhook("webhook");
    // Of a bot that visitors come back to. Where none can be kept, whoever needs one says so.
    if let Some(Command::Serve { .. } | Command::Worker { .. }) = arguments.command
        && let Ok(secret) = kept::secret()
    {
        sources = sources.default_to("secret", secret);
    }
    for (name, value) in usual {
        sources = sources.default_to(name, value);
    }
    if let Some(file) = file_of_the_user() {
        sources = sources.default_to("store", format!("sqlite:{file}"));
    }
    sources = sources.environment();
    for (argument, name, value) in said(arguments)? {
        sources = sources.argument(argument, name, value);
    }
    for (name, value) in stub.into_iter().flat_map(Stub::settings) {
        sources = sources.argument("--stub", name, value);
    }
    Ok(sources.read().map_err(|mistakes| {
        let features = mistakes.mistakes().iter().filter_map(Mistake::missing_feature);
        let features: BTreeSet<_> = features.collect();
        if features.is_empty() {
            return mistakes.to_string();
        }
        let features = features.into_iter().collect::<Vec<_>>().join(",");
        format!("{mistakes}\nfor this bot: `cargo run --example booking --features {features}`")
    })?)
}

/// What the command line says: each argument, the setting that it is, and its value.
fn said(arguments: &Arguments) -> Result<Vec<(&'static str, &'static str, String)>, &'static str> {
    let text = |time: Duration| format!("{}ms", time.as_millis());
    let lease = match arguments.command {
        Some(Command::Worker { lease }) => lease,
        _ => None,
    };
    let listen = match &arguments.command {
        Some(Command::Serve { listen, .. }) => listen.clone(),
        _ => None,
    };
    let said = [
        ("--listen", "server.listen", listen),
        ("--store", "store", arguments.store.clone()),
        ("--archive", "archive", arguments.archive.clone()),
        ("--plaintext-host", "plaintext_hosts", arguments.plaintext_host.clone()),
        ("--idle", "expiry.idle", arguments.idle.map(text)),
        ("--resume", "expiry.resume", arguments.resume.map(text)),
        ("--resume", "expiry.unattended", arguments.resume.map(text)),
        ("--archive-interval", "archival.interval", arguments.archive_interval()?.map(text)),
        ("--outage", "outage.policy", arguments.outage.clone()),
        ("--damage", "damage.policy", arguments.damage.clone()),
        ("--lease", "worker.lease", lease.map(text)),
        ("--log", "log", arguments.log.map(|level| level.to_string())),
    ];
    Ok(said.into_iter().filter_map(|(argument, name, value)| Some((argument, name, value?))).collect())
}

/// The file under the user's data directory; none if nothing tells where that is.
fn file_of_the_user() -> Option<String> {
    data_of_the_user()?.join("flow/booking.db").into_os_string().into_string().ok()
}

/// The user's data directory; none if nothing tells where that is.
pub fn data_of_the_user() -> Option<PathBuf> {
    let named = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    named("XDG_DATA_HOME").or_else(|| Some(named("HOME")?.join(".local/share")))
}
