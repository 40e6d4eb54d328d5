//! The words of the command line: [`Arguments`].

use std::{env, path::PathBuf, str::FromStr, time::Duration};

use clap::{Parser, Subcommand, ValueEnum};
use flow_core::{Secret, SessionId};

/// Books a visit to Salon Lumen.
#[derive(Parser)]
#[command(version)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Option<Command>,

    /// Where conversations are kept: `sqlite:PATH`, `redis://HOST:PORT` (also `rediss://`, `unix://`,
    /// `redis+sentinel://`, `redis+cluster://`), or `memory`, which
    /// forgets them with the process; a file under the user's data directory unless given
    #[arg(long, global = true, env = "FLOW_STORE", hide_env_values = true, value_name = "STORE")]
    pub store: Option<StoreChoice>,

    /// A host that `redis://` may speak to in the clear, besides this machine
    #[arg(long, global = true, env = "FLOW_PLAINTEXT_HOST", value_name = "HOST")]
    pub plaintext_host: Option<String>,

    /// Whose conversation it is, a UUID; the local user's unless given
    #[arg(long, global = true, value_name = "UUID")]
    pub session: Option<SessionId>,

    /// After how much silence a conversation expires
    #[arg(long, global = true, value_name = "TIME", default_value = "30m", value_parser = humantime::parse_duration)]
    pub idle: Duration,

    /// What to do while the store is away
    #[arg(long, global = true, value_name = "fail|say|memory", default_value = "fail")]
    pub outage: OutageChoice,

    /// The times in the salon's calendar, with commas between
    #[arg(
        long,
        global = true,
        value_name = "SLOTS",
        value_delimiter = ',',
        default_value = "Mon 10:00,Mon 14:30,Tue 10:00,Wed 16:00"
    )]
    pub slots: Vec<String>,

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
    },
    /// Draw the conversation
    Graph {
        /// In which language
        #[arg(long, value_enum, default_value_t = GraphFormat::Mermaid)]
        format: GraphFormat,
    },
    /// Show a session as it is stored, with everything private masked
    Show {
        /// Mask nothing
        #[arg(long)]
        clear: bool,
    },
    /// List the sessions
    Sessions,
}

/// Where conversations are kept.
#[derive(Clone, PartialEq, Eq)]
pub enum StoreChoice {
    Memory,
    Sqlite(PathBuf),
    /// Of which the URL may hold a password.
    Redis(String),
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
            None if text == "memory" => Ok(Self::Memory),
            _ => Err("it is `sqlite:PATH`, `redis://HOST:PORT`, `rediss://…`, `unix://PATH` or `memory`".into()),
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

/// How the conversation is drawn.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum GraphFormat {
    Mermaid,
    Dot,
    Json,
}

impl Arguments {
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
            let user = ["USER", "LOGNAME", "USERNAME"].into_iter().find_map(|name| env::var(name).ok());
            // Whoever sits at this terminal may open any session there is: the id has nobody to be kept from.
            let secret = Secret::new("the terminal of this machine").expect("it is long enough");
            SessionId::derived(&secret, "terminal", &user.unwrap_or_default())
        })
    }
}
