//! What an operator does by the command line, by name and with a reason.

use std::{env, error::Error, time::Duration};

use clap::Subcommand;
use flow_chat::{By, Engine, Flow, Outcome, SessionId};
use serde_json::Value;

use crate::{arguments::Arguments, flow::Booking, screen};

/// What a person may do to a session. `--by` and `--why` stand in its history.
#[derive(Subcommand)]
pub enum OperatorCommand {
    /// Move a session to any state
    Force {
        /// The state, as `graph` and `show` call it
        state: String,
        /// What is known there: a JSON object with its fields
        #[arg(value_name = "JSON", default_value = "null", value_parser = json)]
        fields: Value,
    },
    /// Have the bot be silent: a person takes over
    Pause {
        /// After how much time the bot goes on by itself; when it is told to, unless given
        #[arg(long = "for", value_name = "TIME", value_parser = humantime::parse_duration)]
        time: Option<Duration>,
    },
    /// Have the bot go on
    Resume {
        /// And ask its question again
        #[arg(long)]
        ask: bool,
    },
    /// Say something to the visitor, as a person
    Say {
        /// What is said
        text: String,
    },
    /// Deliver once more what was set aside of a session
    Retry,
    /// Give up what was set aside of a session
    Dismiss,
    /// Forget everything that is held of a session
    Erase,
}

/// Does it to the session, and says on the screen what was done.
pub async fn operate(
    engine: &Engine<Booking>,
    id: SessionId,
    arguments: &Arguments,
    command: &OperatorCommand,
) -> Result<(), Box<dyn Error>> {
    let operator = engine.operator(By::new(arguments.by(), &*arguments.why));
    let done = match command {
        OperatorCommand::Force { state, fields } => moved(&operator.force_to(id, state, fields).await?)?.to_owned(),
        OperatorCommand::Pause { time } => {
            let paused = match time {
                Some(time) => operator.pause_for(id, *time).await?,
                None => operator.pause(id).await?,
            };
            format!("paused at {}", moved(&paused)?)
        }
        OperatorCommand::Resume { ask } => {
            let resumed = if *ask { operator.resume_asking(id).await? } else { operator.resume(id).await? };
            format!("resumed at {}", moved(&resumed)?)
        }
        OperatorCommand::Say { text } => {
            moved(&operator.say(id, &**text).await?)?;
            "said".to_owned()
        }
        OperatorCommand::Retry => format!("{} to be delivered again", operator.retry(id).await?),
        OperatorCommand::Dismiss => format!("{} given up", operator.dismiss(id).await?),
        OperatorCommand::Erase => if operator.erase(id).await? { "erased" } else { "there was nothing" }.to_owned(),
    };
    Ok(screen::line(&done)?)
}

/// Where the session stands now.
fn moved(outcome: &Outcome<Booking>) -> Result<&'static str, &'static str> {
    if outcome.is_failed() {
        return Err("the bot could not ask its question, and nothing was changed: `--log warn` tells why");
    }
    Ok(outcome.state.as_ref().map_or("?", Flow::name))
}

fn json(text: &str) -> Result<Value, String> {
    // An error's text may quote what is given; the place will do.
    serde_json::from_str(text).map_err(|error| format!("it is no JSON from column {} on", error.column()))
}

impl Arguments {
    /// Who does it: as named, or else the local user.
    fn by(&self) -> String {
        let user = || user().filter(|user| !user.is_empty()).unwrap_or_else(|| "somebody".to_owned());
        self.by.clone().unwrap_or_else(user)
    }
}

/// The local user's name.
pub fn user() -> Option<String> {
    ["USER", "LOGNAME", "USERNAME"].into_iter().find_map(|name| env::var(name).ok())
}
