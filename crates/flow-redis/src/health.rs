//! What a server says of itself: [`Health`].

use std::{collections::BTreeMap, fmt, time::Duration};

use chrono::TimeDelta;
use redis::Value;

use crate::redis_failure::RedisFailure;

/// What a server says of itself, and what of it breaks a promise.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Health {
    /// How long a question and its answer take.
    pub round_trip: Duration,
    /// By how much its clock is ahead of this machine's, less than nothing if it is behind; give or take the round trip.
    pub skew: TimeDelta,
    /// What the server is, and its version: `Redis 7.0.15`.
    pub server: String,
    /// Whether it takes writes.
    pub role: ServerRole,
    /// What it does when its memory is full, by its own word for it; none if it does not say.
    pub eviction: Option<String>,
    /// What it keeps on disk of each write.
    pub append_only: AppendOnly,
    /// What breaks a promise, the worst first.
    pub warnings: Vec<Warning>,
}

/// Whether a server takes writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ServerRole {
    /// It does.
    Master,
    /// It copies another.
    Replica,
    /// It does not say.
    Unknown,
}

/// What a server keeps on disk of each write (`appendonly`, `appendfsync`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AppendOnly {
    /// Every write, before it is acknowledged.
    Always,
    /// Every write, once a second.
    EverySecond,
    /// Every write, when the operating system sees fit.
    WhenItSuits,
    /// Every write; the server does not say when.
    Sometime,
    /// None.
    Off,
    /// The server does not say.
    Unknown,
}

/// Something about a server that breaks a promise. Its text is for people.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// Writes are refused.
    Replica,
    /// Live sessions are given up when the memory is full.
    Evicting {
        /// The server's word for how.
        policy: String,
    },
    /// The last write to the disk failed.
    DiskFails,
    /// A crash of the server loses acknowledged turns.
    NotDurable,
    /// A power cut loses the last acknowledged turns.
    LastSecond,
    /// Sessions have been due for more than a minute, and no worker of their flow is there.
    Unattended {
        /// The flow's wire name.
        flow: String,
    },
    /// The server keeps something of itself secret.
    Silent {
        /// What it does not tell.
        of: &'static str,
    },
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Replica => f.write_str("this server is a replica and refuses writes: connect to its master"),
            Self::Evicting { policy } => write!(
                f,
                "the server gives up live sessions when its memory is full: set maxmemory-policy to noeviction (it is \
                 {policy})"
            ),
            Self::DiskFails => f.write_str("the server cannot write to its disk: what it acknowledges now may be lost"),
            Self::NotDurable => {
                f.write_str("a crash of the server loses every turn since its last snapshot: set appendonly to yes")
            }
            Self::LastSecond => f.write_str(
                "a crash of the machine may lose about the last second of turns: appendfsync always would keep them",
            ),
            Self::Unattended { flow } => write!(
                f,
                "sessions of the flow {flow} have been due for more than a minute, and no worker of it is there: start one"
            ),
            Self::Silent { of } => write!(f, "the server does not tell {of}, so it cannot be checked"),
        }
    }
}

/// What is well, by its name.
const GOOD: [(&str, &str); 6] = [
    ("maxmemory_policy", "noeviction"),
    ("role", "master"),
    ("aof_enabled", "1"),
    ("appendfsync", "always"),
    ("aof_last_write_status", "ok"),
    ("rdb_last_bgsave_status", "ok"),
];

/// What a server answered to `INFO` and `CONFIG GET`, by name.
#[derive(Default)]
pub(crate) struct Report(BTreeMap<String, String>);

impl Report {
    /// Takes `name:value` lines, or names and values in turn; whatever else there may be tells nothing.
    pub(crate) fn read(answer: &Value) -> Self {
        match answer {
            Value::BulkString(bytes) => {
                let text = String::from_utf8_lossy(bytes);
                let pairs = text.lines().filter_map(|line| line.split_once(':'));
                Self(pairs.map(|(name, value)| (name.to_owned(), value.trim().to_owned())).collect())
            }
            Value::Array(values) => Self(values.chunks_exact(2).filter_map(pair).collect()),
            _ => Self::default(),
        }
    }

    pub(crate) fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// Of two servers that share the sessions, what is worse.
    pub(crate) fn and_worse(self, other: Self) -> Self {
        if self.0.is_empty() {
            return other;
        }
        let mut worse = self;
        for (name, good) in GOOD {
            match other.0.get(name) {
                Some(value) if value != good => worse.0.insert(name.to_owned(), value.clone()),
                Some(_) => None,
                // What one of them does not tell is not known.
                None => worse.0.remove(name),
            };
        }
        worse
    }

    /// Fails if live sessions are given up when the memory is full.
    pub(crate) fn check_eviction(&self) -> Result<(), RedisFailure> {
        match self.get("maxmemory_policy") {
            Some(policy) if policy != "noeviction" => Err(RedisFailure::Evicting(policy.to_owned())),
            _ => Ok(()),
        }
    }

    pub(crate) fn health(&self, round_trip: Duration, skew: TimeDelta, unattended: Vec<String>) -> Health {
        let mut health = Health {
            round_trip,
            skew,
            server: self.server(),
            role: self.role(),
            eviction: self.get("maxmemory_policy").map(str::to_owned),
            append_only: self.append_only(),
            warnings: Vec::new(),
        };
        health.warnings = self.warnings(&health);
        health.warnings.extend(unattended.into_iter().map(|flow| Warning::Unattended { flow }));
        health
    }

    fn warnings(&self, health: &Health) -> Vec<Warning> {
        let mut warnings = Vec::new();
        match health.role {
            ServerRole::Replica => warnings.push(Warning::Replica),
            ServerRole::Unknown => warnings.push(Warning::Silent { of: "its role (INFO replication)" }),
            ServerRole::Master => {}
        }
        match &health.eviction {
            Some(policy) if policy != "noeviction" => warnings.push(Warning::Evicting { policy: policy.clone() }),
            None => warnings.push(Warning::Silent { of: "what it does when its memory is full (INFO memory)" }),
            Some(_) => {}
        }
        if ["aof_last_write_status", "rdb_last_bgsave_status"].iter().any(|name| self.get(name) == Some("err")) {
            warnings.push(Warning::DiskFails);
        }
        match health.append_only {
            AppendOnly::Always => {}
            AppendOnly::EverySecond | AppendOnly::WhenItSuits => warnings.push(Warning::LastSecond),
            AppendOnly::Off => warnings.push(Warning::NotDurable),
            AppendOnly::Sometime => warnings.push(Warning::Silent { of: "when it syncs (CONFIG GET appendfsync)" }),
            AppendOnly::Unknown => warnings.push(Warning::Silent { of: "what it keeps on disk (INFO persistence)" }),
        }
        warnings
    }

    fn server(&self) -> String {
        let valkey = self.get("valkey_version").map(|version| format!("Valkey {version}"));
        let redis = || self.get("redis_version").map(|version| format!("Redis {version}"));
        valkey.or_else(redis).unwrap_or_else(|| "unknown".to_owned())
    }

    fn role(&self) -> ServerRole {
        match self.get("role") {
            Some("master") => ServerRole::Master,
            Some(_) => ServerRole::Replica,
            None => ServerRole::Unknown,
        }
    }

    fn append_only(&self) -> AppendOnly {
        match (self.get("aof_enabled"), self.get("appendfsync")) {
            (Some("1"), Some("always")) => AppendOnly::Always,
            (Some("1"), Some("everysec")) => AppendOnly::EverySecond,
            (Some("1"), Some(_)) => AppendOnly::WhenItSuits,
            (Some("1"), None) => AppendOnly::Sometime,
            (Some(_), _) => AppendOnly::Off,
            (None, _) => AppendOnly::Unknown,
        }
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }
}

fn pair(pair: &[Value]) -> Option<(String, String)> {
    match pair {
        [Value::BulkString(name), Value::BulkString(value)] => {
            Some((String::from_utf8_lossy(name).into_owned(), String::from_utf8_lossy(value).into_owned()))
        }
        _ => None,
    }
}
