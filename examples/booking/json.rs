//! The chat for scripts: one JSON input a line, one JSON outcome a line.

use std::{error::Error, io::stdin};

use flow_core::{Engine, Flow, Input, Key, Message, Outcome, Reply, SessionId, Signal, Transition};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{flow::Booking, screen};

/// A line of input: exactly one of `text`, `button` and `signal`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    text: Option<String>,
    button: Option<String>,
    signal: Option<String>,
    /// What comes with a signal.
    #[serde(default)]
    payload: Value,
    /// The id under which the channel delivers it.
    id: Option<String>,
    language: Option<String>,
    /// Another session than the one of the command line.
    session: Option<SessionId>,
}

/// Answers every line until the end of the input. A line that cannot be taken is answered by `{"error": …}`.
pub async fn chat(engine: &Engine<Booking>, id: SessionId) -> Result<(), Box<dyn Error>> {
    for line in stdin().lines() {
        let answer = match read(&line?) {
            Ok((session, message)) => match engine.handle(session.unwrap_or(id), message).await {
                Ok(outcome) => outcome.into(),
                Err(error) => Answer::Error { error: screen::chain(&error) },
            },
            Err(error) => Answer::Error { error },
        };
        screen::line(&serde_json::to_string(&answer)?)?;
    }
    Ok(())
}

fn read(line: &str) -> Result<(Option<SessionId>, Message), String> {
    let line: Line = serde_json::from_str(line).map_err(|error| {
        // Its text may quote what was said; the place will do.
        format!("no input at column {}: one of text, button, signal; id, language, session, payload", error.column())
    })?;
    let input = match (line.text, line.button, line.signal) {
        (Some(text), None, None) => Input::text(text),
        (None, Some(button), None) => Input::button(button),
        (None, None, Some(name)) => Input::Signal(Signal { name, payload: line.payload }),
        _ => return Err("exactly one of text, button and signal is needed".into()),
    };
    let mut message = Message::from(input);
    if let Some(id) = line.id {
        message = message.id(id);
    }
    if let Some(language) = line.language {
        message = message.language(language);
    }
    Ok((line.session, message))
}

/// A line of output.
#[derive(Serialize)]
#[serde(untagged)]
enum Answer {
    Outcome {
        session: SessionId,
        state: Option<&'static str>,
        version: u64,
        replies: Vec<Reply>,
        transitions: Vec<Transition>,
        checkpoints: Vec<Key>,
        repeat: bool,
        degraded: bool,
        failed: bool,
    },
    Error {
        error: String,
    },
}

impl From<Outcome<Booking>> for Answer {
    fn from(outcome: Outcome<Booking>) -> Self {
        Self::Outcome {
            session: outcome.session,
            state: outcome.state.as_ref().map(Flow::name),
            version: outcome.version,
            repeat: outcome.is_repeat(),
            degraded: outcome.is_degraded(),
            failed: outcome.is_failed(),
            replies: outcome.replies,
            transitions: outcome.transitions,
            checkpoints: outcome.checkpoints,
        }
    }
}
