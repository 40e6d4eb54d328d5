//! The chat for scripts: one JSON input a line, one JSON outcome a line.

use std::{error::Error, io};

use flow_chat::{Address, Engine, Input, Key, Message, Outcome, Reply, SessionId, Transition, engine::Accepted};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::{
    sync::mpsc,
    task::{LocalSet, spawn_local},
};

use crate::{flow::Booking, input::Lines, screen, window::CHANNEL};

/// A line of input: exactly one of `text`, `button` and `signal`, or the wish to hear the present question.
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
    /// Whether it is answered as soon as it is stored, and the replies are lines of their own.
    #[serde(default)]
    accept: bool,
    /// Whether the present question is asked for. Nothing is said then, and nothing changes.
    #[serde(default)]
    prompt: bool,
}

impl Line {
    fn input(&self) -> Result<Input, String> {
        match (&self.text, &self.button, &self.signal) {
            (Some(text), None, None) => Ok(Input::text(text)),
            (None, Some(button), None) => Ok(Input::button(button)),
            (None, None, Some(name)) => Ok(Input::signal_by_name(name, self.payload.clone())),
            _ => Err("exactly one of text, button and signal is needed".into()),
        }
    }
}

/// How many lines are worked on at once: fewer than may wait in line in one session, which all of them may be for.
const MOST_AT_ONCE: usize = 24;

/// Answers every line until the last, in its order. A line that cannot be taken is answered by
/// `{"error": …}`.
pub async fn chat(engine: &Engine<Booking>, id: SessionId, mut lines: Lines) -> Result<(), Box<dyn Error>> {
    let (begun, mut answers) = mpsc::channel(MOST_AT_ONCE);
    let engine = engine.clone();
    // On one thread, where what is spawned first begins first: the lines to one session are taken in their order.
    LocalSet::new()
        .run_until(async {
            spawn_local(async move {
                while let Some(line) = lines.next().await {
                    if begun.send(spawn_local(answer(engine.clone(), id, line))).await.is_err() {
                        break;
                    }
                }
            });
            while let Some(answer) = answers.recv().await {
                screen::line(&serde_json::to_string(&answer.await??)?)?;
            }
            Ok(())
        })
        .await
}

async fn answer(engine: Engine<Booking>, id: SessionId, line: io::Result<Vec<u8>>) -> io::Result<Answer> {
    let line = match read(&line?) {
        Ok(line) => line,
        Err(error) => return Ok(Answer::Error { error }),
    };
    let id = line.session.unwrap_or(id);
    let Some(message) = line.message else {
        return Ok(match engine.prompt(id).await {
            Ok(prompt) => Answer::Prompt { session: id, prompt },
            Err(error) => Answer::Error { error: screen::chain(&error) },
        });
    };
    let answered = if line.is_to_accept {
        let message = message.with_address(Address::new(CHANNEL, id.to_string()));
        engine.accept(id, message).await.map(Accepted::outcome)
    } else {
        engine.handle(id, message).await.map(Some)
    };
    Ok(match answered {
        Ok(Some(outcome)) => outcome.into(),
        Ok(None) => Answer::Waiting { session: id, waiting: true },
        Err(error) => Answer::Error { error: screen::chain(&error) },
    })
}

/// What a line comes to.
struct Told {
    session: Option<SessionId>,
    /// None if it asks for the present question.
    message: Option<Message>,
    is_to_accept: bool,
}

fn read(line: &[u8]) -> Result<Told, String> {
    let line = str::from_utf8(line).map_err(|error| format!("no UTF-8 from byte {} on", error.valid_up_to()))?;
    let line: Line = serde_json::from_str(line).map_err(|error| {
        // Its text may quote what was said; the place will do.
        format!(
            "no input from column {} on: a line is a JSON object with one of `text`, `button` and `signal`, and at will \
             `id`, `language`, `session`, `payload` and `accept`; or with `prompt`, and at will `session`",
            error.column()
        )
    })?;
    if line.prompt {
        let says_more = line.text.is_some() || line.button.is_some() || line.signal.is_some() || line.accept;
        return if says_more || line.id.is_some() {
            Err("the present question is asked for alone, or with a session".into())
        } else {
            Ok(Told { session: line.session, message: None, is_to_accept: false })
        };
    }
    let mut message = Message::from(line.input()?);
    if let Some(id) = line.id {
        message = message.with_id(id);
    }
    if let Some(language) = line.language {
        message = message.with_language(language);
    }
    Ok(Told { session: line.session, message: Some(message), is_to_accept: line.accept })
}

/// A line of output.
#[derive(Serialize)]
#[serde(untagged, rename_all_fields = "camelCase")]
enum Answer {
    Outcome {
        session: SessionId,
        state: Option<String>,
        version: u64,
        replies: Vec<Reply>,
        transitions: Vec<Transition>,
        checkpoints: Vec<Key>,
        /// Whether a conversation began, and whether one was taken up that had expired or been lost.
        opened: bool,
        resumed: bool,
        repeat: bool,
        unheard: bool,
        /// Whether it was left to a person, because the bot is paused.
        paused: bool,
        degraded: bool,
        /// `stored`, `in_memory`, `nothing` or `unknown`: a script that must not lose a line repeats it until it is `stored`.
        durability: &'static str,
        in_memory: bool,
        lost_turns: u32,
        /// What was wrong with the stored conversation, if it was damaged and was put in quarantine.
        damage: Option<String>,
        failed: bool,
    },
    /// It was accepted, and has its turn later.
    Waiting {
        session: SessionId,
        waiting: bool,
    },
    /// The present question; null if nothing is asked.
    Prompt {
        session: SessionId,
        prompt: Option<Reply>,
    },
    Error {
        error: String,
    },
}

impl From<Outcome<Booking>> for Answer {
    fn from(outcome: Outcome<Booking>) -> Self {
        Self::Outcome {
            session: outcome.session,
            state: outcome.standing().map(str::to_owned),
            version: outcome.version,
            opened: outcome.opened.is_some(),
            resumed: outcome.resumed.is_some(),
            repeat: outcome.is_repeat(),
            unheard: outcome.is_unheard(),
            paused: outcome.is_paused(),
            degraded: outcome.is_degraded(),
            durability: outcome.durability.as_str(),
            in_memory: outcome.is_in_memory(),
            lost_turns: outcome.lost_turns,
            damage: outcome.damage.as_ref().map(ToString::to_string),
            failed: outcome.is_failed(),
            replies: outcome.replies,
            transitions: outcome.transitions,
            checkpoints: outcome.checkpoints,
        }
    }
}
