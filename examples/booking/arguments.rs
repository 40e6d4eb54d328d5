//! The words of the command line: [`Arguments`].

use std::{env, path::PathBuf, str::FromStr, time::Duration};

use clap::{
    Parser, Subcommand, ValueEnum,
    error::{ContextKind, ContextValue},
};
use flow_chat::{Secret, SessionId};

use crate::operating::{OperatorCommand, user};

/// How the program ends before its time.
const ENDING: &str = "SIGTERM and Ctrl-C end every command in order: what is begun is brought to its end, and what is to be \
    stored or archived is, for ten seconds at most. `chat` and `worker` then exit with 0; a command that was cut short exits \
    with 143 (SIGTERM) or 130 (Ctrl-C). A second signal ends it at once.";

/// Books a visit to Salon Lumen.
#[derive(Parser)]
#[command(version, after_help = ENDING)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Option<Command>,

    /// Where conversations are kept: `sqlite:PATH`, `redis://HOST:PORT` (also `rediss://`, `unix://`,
    /// `redis+sentinel://`, `redis+cluster://`), `postgres://HOST/DATABASE`, or `memory`, which
    /// forgets them with the process; a file under the user's data directory unless given
    #[arg(long, global = true, env = "FLOW_STORE", hide_env_values = true, value_name = "STORE")]
    pub store: Option<StoreChoice>,

    /// Where conversations are kept for months: `sqlite:PATH`, `postgres://HOST/DATABASE`, `memory` or `none`; with the
    /// store unless given, if that is a file or Postgres
    #[arg(long, global = true, env = "FLOW_ARCHIVE", hide_env_values = true, value_name = "ARCHIVE")]
    pub archive: Option<ArchiveChoice>,

    /// A host that servers may be spoken to on in the clear, besides this machine
    #[arg(long, global = true, env = "FLOW_PLAINTEXT_HOST", value_name = "HOST")]
    pub plaintext_host: Option<String>,

    /// Whose conversation it is, a UUID; the local user's unless given
    #[arg(long, global = true, value_name = "UUID")]
    pub session: Option<SessionId>,

    /// After how much silence a conversation expires
    #[arg(long, global = true, value_name = "TIME", default_value = "24h", value_parser = humantime::parse_duration)]
    pub idle: Duration,

    /// How long after its last word a conversation still goes on where it was, though it had expired
    #[arg(long, global = true, value_name = "TIME", default_value = "30d", value_parser = humantime::parse_duration)]
    pub resume: Duration,

    /// How long a conversation may wait to be archived after a message, so that many are archived at once; told to
    /// `chat`, and 60s unless given
    #[arg(long, global = true, value_name = "TIME", value_parser = humantime::parse_duration)]
    pub archive_interval: Option<Duration>,

    /// What to do while the store is away
    #[arg(long, global = true, value_name = "fail|say|memory", default_value = "fail")]
    pub outage: OutageChoice,

    /// What to do with a stored conversation that is damaged: lock its visitor out, or keep what is left of it for 30 days and
    /// begin anew
    #[arg(long, global = true, value_name = "refuse|quarantine", default_value = "refuse")]
    pub damage: DamageChoice,

    /// The times in the salon's calendar, with commas between
    #[arg(
        long,
        global = true,
        value_name = "SLOTS",
        value_delimiter = ',',
        default_value = "Mon 10:00,Mon 14:30,Tue 10:00,Wed 16:00"
    )]
    pub slots: Vec<String>,

    /// How long the salon's calendar takes to answer: what is said meanwhile waits for its turn
    #[arg(long, global = true, value_name = "TIME", default_value = "0s", value_parser = humantime::parse_duration)]
    pub calendar_takes: Duration,

    /// Who does it to a session, for its history; the system's user unless given
    #[arg(long, global = true, value_name = "NAME")]
    pub by: Option<String>,

    /// Why, for its history: a reason, or the number of a ticket, and no word about the visitor
    #[arg(long, global = true, value_name = "REASON", default_value = "at the command line")]
    pub why: String,

    /// How much to tell on standard error
    #[arg(long, global = true, value_name = "LEVEL", env = "FLOW_LOG", default_value = "off")]
    pub log: tracing::level_filters::LevelFilter,
}

/// What is to be done.
#[derive(Subcommand)]
pub enum Command {
    /// Talk to the bot
    Chat {
        /// One JSON input a line in, one JSON outcome a line out
        #[arg(long)]
        json: bool,
        /// Leave what is due to `worker` processes
        #[arg(long)]
        no_worker: bool,
    },
    /// Do what is due, until it is interrupted: deliveries, reminders, expiries, archiving. One JSON line for each delivery
    Worker {
        /// For how long a conversation that is looked at is kept from other workers
        #[arg(long, value_name = "TIME", default_value = "60s", value_parser = humantime::parse_duration)]
        lease: Duration,
    },
    /// Draw the conversation
    Graph {
        /// In which language
        #[arg(long, value_enum, default_value_t = GraphFormat::Mermaid)]
        format: GraphFormat,
    },
    /// Show a session as it is stored, with what waits for it and its dead letters, and everything private masked
    Show {
        /// Mask nothing
        #[arg(long)]
        clear: bool,
    },
    /// Tell what was said in a session, with everything private masked
    Said,
    /// List the live sessions
    Sessions,
    /// Show how many conversations came how far
    Funnel,
    /// Show where conversations are given up
    Dropoff,
    /// Tell everything that is held of a session, as JSON
    Export,
    /// What a person does to a session, by name and with a reason
    #[command(flatten)]
    Operator(OperatorCommand),
    /// Forget archived conversations by the age of their last word
    Purge {
        /// How old
        #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration)]
        older_than: Duration,
    },
}

impl Command {
    /// Whether it goes on until it is told to end.
    pub fn goes_on(&self) -> bool {
        matches!(self, Self::Chat { .. } | Self::Worker { .. })
    }
}

/// Where conversations are kept.
#[derive(Clone, PartialEq, Eq)]
pub enum StoreChoice {
    Memory,
    Sqlite(PathBuf),
    /// Of which the URL may hold a password.
    Redis(String),
    /// Of which the URL may hold a password.
    Postgres(String),
}

/// Where conversations are kept for months.
#[derive(Clone, PartialEq, Eq)]
pub enum ArchiveChoice {
    None,
    Memory,
    Sqlite(PathBuf),
    /// Of which the URL may hold a password.
    Postgres(String),
}

impl ArchiveChoice {
    /// The archive that lies with a store, if that can be one.
    pub fn beside(store: &StoreChoice) -> Self {
        match store {
            StoreChoice::Memory => Self::Memory,
            StoreChoice::Sqlite(path) => Self::Sqlite(path.clone()),
            StoreChoice::Redis(_) => Self::None,
            StoreChoice::Postgres(url) => Self::Postgres(url.clone()),
        }
    }
}

impl FromStr for ArchiveChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.parse() {
            _ if text == "none" => Ok(Self::None),
            Ok(store @ (StoreChoice::Memory | StoreChoice::Sqlite(_) | StoreChoice::Postgres(_))) => {
                Ok(Self::beside(&store))
            }
            _ => Err("it is `sqlite:PATH`, `postgres://HOST/DATABASE`, `memory` or `none`".into()),
        }
    }
}

const REDIS: [&str; 7] =
    ["redis", "rediss", "unix", "redis+sentinel", "rediss+sentinel", "redis+cluster", "rediss+cluster"];

impl FromStr for StoreChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            Some(("sqlite", "")) => Err("a path is missing: `sqlite:PATH`".into()),
            Some(("sqlite", path)) => Ok(Self::Sqlite(path.into())),
            Some((scheme, _)) if REDIS.contains(&scheme) => Ok(Self::Redis(text.to_owned())),
            Some(("postgres" | "postgresql", _)) => Ok(Self::Postgres(text.to_owned())),
            None if text == "memory" => Ok(Self::Memory),
            _ => Err("it is `sqlite:PATH`, `redis://HOST:PORT`, `rediss://…`, `unix://PATH`, `postgres://HOST/DATABASE` or `memory`".into()),
        }
    }
}

/// What to do while the store is away.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum OutageChoice {
    /// Fail with the store's error.
    Fail,
    /// Answer safely, and keep nothing.
    Say,
    /// Go on in memory, and hand the conversation back.
    Memory,
}

impl FromStr for OutageChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "fail" => Ok(Self::Fail),
            "say" => Ok(Self::Say),
            "memory" => Ok(Self::Memory),
            _ => Err("it is `fail`, `say` or `memory`".into()),
        }
    }
}

/// What to do with a stored conversation that is damaged.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum DamageChoice {
    /// Leave it there, and fail.
    Refuse,
    /// Move it out of its visitor's way.
    Quarantine,
}

impl FromStr for DamageChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "refuse" => Ok(Self::Refuse),
            "quarantine" => Ok(Self::Quarantine),
            _ => Err("it is `refuse` or `quarantine`".into()),
        }
    }
}

/// How the conversation is drawn.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum GraphFormat {
    Mermaid,
    Dot,
    Json,
}

impl Arguments {
    /// What the command line says.
    ///
    /// Ends the process with a complaint if it cannot be understood. The complaint repeats nothing that may be the URL of a
    /// server: there may be a password in it.
    pub fn read() -> Self {
        Self::try_parse().unwrap_or_else(|mut error| {
            let text_of = |value: Option<&ContextValue>| match value {
                Some(ContextValue::String(text)) => text.clone(),
                _ => String::new(),
            };
            let argument = text_of(error.get(ContextKind::InvalidArg));
            // With what stands behind it: `--store <STORE>`.
            let is_place =
                argument.split([' ', '=']).next().is_some_and(|name| ["--store", "--archive"].contains(&name));
            for kind in [ContextKind::InvalidValue, ContextKind::InvalidArg, ContextKind::InvalidSubcommand] {
                let text = text_of(error.get(kind));
                let is_value_of_place = is_place && kind == ContextKind::InvalidValue;
                if is_value_of_place || text.contains("//") || text.contains('@') {
                    error.insert(kind, ContextValue::String("…".to_owned()));
                }
            }
            error.exit()
        })
    }

    /// How long a conversation may wait to be archived after a turn of this process.
    ///
    /// Fails for a worker that was told one: the record of a visitor's turn says when it is to be archived, so it counts
    /// for the process that the visitor speaks to. The turns of timers, which a worker takes, are archived at once, so that
    /// none waits longer than that process was told.
    pub fn archive_interval(&self) -> Result<Duration, &'static str> {
        match (&self.command, self.archive_interval) {
            (Some(Command::Worker { .. }), None) => Ok(Duration::ZERO),
            (Some(Command::Worker { .. }), Some(_)) => {
                Err("a worker archives what the chat's interval lets it: say `chat --archive-interval`")
            }
            (_, interval) => Ok(interval.unwrap_or(Duration::from_secs(60))),
        }
    }

    /// The store that was named, or else a file under the user's data directory.
    ///
    /// Fails if nothing tells where that is.
    pub fn store(&self) -> Result<StoreChoice, &'static str> {
        if let Some(store) = &self.store {
            return Ok(store.clone());
        }
        let named = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let data = named("XDG_DATA_HOME").or_else(|| Some(named("HOME")?.join(".local/share")));
        let data = data.ok_or("there is no home directory to keep conversations in: say `--store sqlite:PATH`")?;
        Ok(StoreChoice::Sqlite(data.join("flow/booking.db")))
    }

    /// The session that was named, or else the local user's own.
    pub fn session(&self) -> SessionId {
        self.session.unwrap_or_else(|| {
            let user = user();
            // A user of this terminal may open any session there is, so this id need not be hard to guess.
            let secret = Secret::new("the terminal of this machine").expect("it is long enough");
            SessionId::derived(&secret, "terminal", &user.unwrap_or_default())
        })
    }
}
