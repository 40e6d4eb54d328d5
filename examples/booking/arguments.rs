//! The words of the command line: [`Arguments`].

use std::time::Duration;

use clap::{
    Parser, Subcommand, ValueEnum,
    error::{ContextKind, ContextValue},
};
use flow_chat::{Secret, SessionId};
use tracing::level_filters::LevelFilter;

use crate::operating::{OperatorCommand, user};

/// How the program ends before its time.
const ENDING: &str = "SIGTERM and Ctrl-C end every command in order: what is begun is brought to its end, and what is to be \
    stored or archived is, for ten seconds at most. `chat`, `serve` and `worker` then exit with 0; a command that was cut short \
    exits with 143 (SIGTERM) or 130 (Ctrl-C). A second signal ends it at once. `serve` says what it has left, and takes as long as \
    `server.unready` and `server.patience` say.\n\n\
    What is not given here may be set as a variable, such as FLOW_STORE or FLOW_LOG, or in the file that FLOW_SETTINGS names: \
    deploy/flow.toml shows all of it.";

/// Books a visit to Salon Lumen.
#[derive(Parser)]
#[command(version, after_help = ENDING)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Option<Command>,

    /// Where conversations are kept: `sqlite:PATH`, `redis://HOST:PORT` (also `rediss://`, `unix://`,
    /// `redis+sentinel://`, `redis+cluster://`), `postgres://HOST/DATABASE`, or `memory`, which
    /// forgets them with the process; a file under the user's data directory unless given
    #[arg(long, global = true, value_name = "STORE")]
    pub store: Option<String>,

    /// Where conversations are kept for months: `sqlite:PATH`, `postgres://HOST/DATABASE`, `memory`, `same` or `none`;
    /// with the store unless given, if that is a file or Postgres
    #[arg(long, global = true, value_name = "ARCHIVE")]
    pub archive: Option<String>,

    /// A host that servers may be spoken to on in the clear, besides this machine
    #[arg(long, global = true, value_name = "HOST")]
    pub plaintext_host: Option<String>,

    /// Whose conversation it is, a UUID; the local user's unless given
    #[arg(long, global = true, value_name = "UUID")]
    pub session: Option<SessionId>,

    /// After how much silence a conversation expires; 24h unless given
    #[arg(long, global = true, value_name = "TIME", value_parser = humantime::parse_duration)]
    pub idle: Option<Duration>,

    /// How long after its last word a conversation still goes on where it was, though it had expired; 30d unless given
    #[arg(long, global = true, value_name = "TIME", value_parser = humantime::parse_duration)]
    pub resume: Option<Duration>,

    /// How long a conversation may wait to be archived after a message, so that many are archived at once; told to
    /// `chat`, and 60s unless given
    #[arg(long, global = true, value_name = "TIME", value_parser = humantime::parse_duration)]
    pub archive_interval: Option<Duration>,

    /// What to do while the store is away; `fail` unless given
    #[arg(long, global = true, value_name = "fail|say|memory")]
    pub outage: Option<String>,

    /// What to do with a stored conversation that is damaged: lock its visitor out, or keep what is left of it for 30 days and
    /// begin anew; `refuse` unless given
    #[arg(long, global = true, value_name = "refuse|quarantine")]
    pub damage: Option<String>,

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

    /// How much to tell on standard error; nothing unless given
    #[arg(long, global = true, value_name = "LEVEL")]
    pub log: Option<LevelFilter>,
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
        /// For how long a conversation that is looked at is kept from other workers; 60s unless given
        #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration)]
        lease: Option<Duration>,
    },
    /// Serve the salon on the web, with a chat, until it is interrupted
    Serve {
        /// Where to listen; 127.0.0.1:8080 unless given
        #[arg(long, value_name = "ADDRESS")]
        listen: Option<String>,
        /// Play this platform on this machine, with a page to write to the bot: no account is needed
        #[arg(long, value_enum, value_name = "PLATFORM")]
        stub: Option<Platform>,
    },
    /// Ask the bot that is served on this machine whether it is ready; exits with 1 if it is not
    Health {
        /// Only whether it lives
        #[arg(long)]
        live: bool,
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
        matches!(self, Self::Chat { .. } | Self::Serve { .. } | Self::Worker { .. })
    }
}

/// What can be played on this machine.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Platform {
    Telegram,
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

    /// How long a conversation may wait to be archived after a turn of this process; none if nothing is said about it.
    ///
    /// Fails for a worker that was told one: the record of a visitor's turn says when it is to be archived, so it counts
    /// for the process that the visitor speaks to. The turns of timers, which a worker takes, are archived at once, so that
    /// none waits longer than that process was told.
    pub fn archive_interval(&self) -> Result<Option<Duration>, &'static str> {
        match (&self.command, self.archive_interval) {
            (Some(Command::Worker { .. }), None) => Ok(Some(Duration::ZERO)),
            (Some(Command::Worker { .. }), Some(_)) => {
                Err("a worker archives what the chat's interval lets it: say `chat --archive-interval`")
            }
            (_, interval) => Ok(interval),
        }
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
