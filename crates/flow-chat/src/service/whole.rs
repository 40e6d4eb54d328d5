//! What shows only when all settings are looked at together: [`check`].

use std::{collections::BTreeMap, time::Duration};

use super::{
    Origin,
    entry::Entry,
    mistake::{Fault, Mistake},
    parts::Parts,
    place::Archiving,
    reading, storage,
    table::table,
};

/// Notes what does not go together, and what is missing.
pub(super) fn check(parts: &Parts, entries: &BTreeMap<String, Entry>, mistakes: &mut Vec<Mistake>) {
    // What is wrong by itself is told already.
    let told: Vec<String> = mistakes.iter().filter_map(Mistake::key).map(of_setting).collect();
    let all = All { entries, told };
    let storage = store(parts)
        .into_iter()
        .chain(archive(parts))
        .chain(certificate(parts))
        .chain(secret(parts))
        .chain(daily(parts))
        .chain(proxies(parts))
        .chain(origins(parts));
    for (name, fault) in storage.chain(times(&all)).filter(|(name, _)| all.is_well(name)) {
        let origin = entries.get(name).map_or(Origin::Nowhere, |entry| entry.origin.clone());
        mistakes.push(Mistake::about(name, origin, fault));
    }
}

/// What was written, and about what it is told already that it is wrong.
struct All<'e> {
    entries: &'e BTreeMap<String, Entry>,
    told: Vec<String>,
}

type Found = (&'static str, Fault);

fn store(parts: &Parts) -> Option<Found> {
    let Some(place) = &parts.store else {
        return Some(("store", Fault::new("it is missing", format_args!("it is {}", super::place::Place::URLS))));
    };
    storage::check("store", place, parts).err()
}

fn archive(parts: &Parts) -> Option<Found> {
    let place = parts.archive_place()?;
    match &parts.archive {
        Archiving::Beside if !place.can_archive() => {
            let right = format!("it is {}", Archiving::URLS);
            Some(("archive", Fault::new("the store is Redis, which is no archive", right)))
        }
        Archiving::At(place) => storage::check("archive", place, parts).err(),
        // What is opened with the store is looked at with the store.
        _ => None,
    }
}

fn certificate(parts: &Parts) -> Option<Found> {
    let servers = &parts.servers;
    if let (false, Some(name)) = (cfg!(feature = "tls"), servers.named()) {
        return Some((name, Fault::not_built("encryption", "tls")));
    }
    match (&servers.certificate, &servers.key) {
        (Some(_), None) => Some(("tls.key", Fault::plain("it is missing, beside `tls.certificate`"))),
        (None, Some(_)) => Some(("tls.certificate", Fault::plain("it is missing, beside `tls.key`"))),
        _ => None,
    }
}

fn secret(parts: &Parts) -> Option<Found> {
    let is_missing = parts.secret.is_none() && parts.previous_secret.is_some();
    is_missing.then(|| ("secret", Fault::plain("it is missing, beside `previous_secret`")))
}

fn daily(parts: &Parts) -> Option<Found> {
    if parts.daily.at.is_none() {
        let right = "let `daily.at` be a time such as `03:30`";
        return parts.daily.purge.map(|_| ("daily.purge", Fault::new("nothing is done once a day", right)));
    }
    let is_without = parts.store.is_some() && parts.archive_place().is_none();
    is_without
        .then(|| ("daily.at", Fault::new("what is done once a day is done to an archive", "name one as `archive`")))
}

fn proxies(parts: &Parts) -> Option<Found> {
    let is_for_none = parts.server.proxy_header.is_some() && parts.server.proxies.is_none_or(|count| count == 0);
    is_for_none.then(|| ("server.proxies", Fault::plain("it says of no proxy, beside `server.proxy_header`")))
}

#[cfg(feature = "http")]
fn origins(parts: &Parts) -> Option<Found> {
    let wrong = crate::http::Origins::new(parts.server.origins.clone()).is_err();
    let right = "each is a scheme and a host in small letters, and a port unless it is the scheme's own, such as `https://salon.example`";
    wrong.then(|| ("server.origins", Fault::new("not an origin as browsers name it", right)))
}

#[cfg(not(feature = "http"))]
fn origins(_parts: &Parts) -> Option<Found> {
    None
}

/// Times that do not go together.
fn times(all: &All<'_>) -> Vec<Found> {
    let not_below = |shorter, longer: &'static str, wrong: &str| {
        let right = format!("let it be at least `{shorter}`");
        (all.time(longer)? < all.time(shorter)?).then(|| (longer, Fault::new(wrong, right)))
    };
    let above = |shorter, longer: &'static str, wrong: &str| {
        let right = format!("let it be longer than `{shorter}`");
        (all.time(longer)? <= all.time(shorter)?).then(|| (longer, Fault::new(wrong, right)))
    };
    let pauses = not_below("retries.pause", "retries.longest_pause", "the longest pause is shorter than the first");
    let turn = not_below("deadlines.store", "deadlines.turn", "a turn has no time for one call to the store");
    let replicas = all.has("redis.replicas").then(|| {
        above("redis.replicas_patience", "redis.call_deadline", "a call has no time to wait for the replicas")
    });
    [pauses, turn, replicas.flatten()].into_iter().flatten().collect()
}

impl All<'_> {
    fn is_well(&self, name: &str) -> bool {
        !self.told.iter().any(|told| told == name)
    }

    /// The time that counts for a setting; none if it has none, or a wrong one.
    fn time(&self, name: &str) -> Option<Duration> {
        let key = table().find(|key| key.name() == name).filter(|_| self.is_well(name))?;
        let written = self.entries.get(name).and_then(|entry| entry.written.text());
        reading::time_of(written.as_deref().or(key.default())?)
    }

    /// Whether a count is set, and is not 0.
    fn has(&self, name: &str) -> bool {
        self.entries.get(name).and_then(|entry| entry.written.text()).is_some_and(|count| count != "0")
    }
}

/// The setting that is written by this name: `store` is written `store_file`, too.
fn of_setting(written: &str) -> String {
    written.strip_suffix("_file").unwrap_or(written).to_owned()
}
