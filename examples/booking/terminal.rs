//! The chat at a terminal: lines are edited, choices numbered, and words behind a `/` look behind the scenes.

use std::{error::Error, io::ErrorKind};

use flow_chat::{Engine, EngineError, Flow, Input, Message, Outcome, Session, SessionId};
use rustyline::{DefaultEditor, error::ReadlineError};

use crate::{flow::Booking, pipe::Offer, screen};

const HELP: &str = "/state /history /graph /signal NAME /help /quit; everything else is said to the bot";

/// Talks until `/quit`, or the end of the input.
pub async fn chat(engine: &Engine<Booking>, id: SessionId) -> Result<(), Box<dyn Error>> {
    let mut editor = DefaultEditor::new()?;
    screen::line(&format!("Say hello. ({HELP})"))?;
    let mut offer = Offer::default();
    loop {
        let line = match editor.readline("you: ") {
            Ok(line) => line,
            Err(ReadlineError::Eof | ReadlineError::Interrupted) => return Ok(()),
            // What was typed before it is lost; what comes after it is another line.
            Err(ReadlineError::Io(error)) if error.kind() == ErrorKind::InvalidData => {
                screen::complain(&*Box::<dyn Error>::from("that line is no UTF-8 text; please write it again"));
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        editor.add_history_entry(&line)?;
        match Word::of(&line) {
            Word::Nothing => {}
            Word::Quit => return Ok(()),
            Word::State => screen::line(&state(engine, id).await?)?,
            Word::History => screen::line(&history(engine, id).await?)?,
            Word::Graph => screen::line(&Booking::GRAPH.to_mermaid())?,
            Word::Help => screen::line(HELP)?,
            Word::Signal(name) => {
                offer = hear(engine.handle(id, Input::signal_by_name(name, ())).await)?.unwrap_or(offer);
            }
            Word::Said => {
                let message: Message = offer.read(&line).into();
                offer = hear(engine.handle(id, message).await)?.unwrap_or(offer);
            }
        }
    }
}

/// Shows what came of a turn, and gives what it offers; none if it failed.
fn hear(outcome: Result<Outcome<Booking>, EngineError>) -> Result<Option<Offer>, Box<dyn Error>> {
    match outcome {
        Ok(outcome) => {
            screen::note(&outcome);
            outcome.replies.iter().try_for_each(screen::reply)?;
            Ok(Some(Offer::of(&outcome.replies)))
        }
        Err(error) => {
            screen::complain(&error);
            Ok(None)
        }
    }
}

/// What a line asks for.
enum Word<'l> {
    Nothing,
    Said,
    State,
    History,
    Graph,
    Help,
    Quit,
    Signal(&'l str),
}

impl<'l> Word<'l> {
    fn of(line: &'l str) -> Self {
        match line.trim() {
            "" => Self::Nothing,
            "/state" => Self::State,
            "/history" => Self::History,
            "/graph" => Self::Graph,
            "/quit" | "/exit" => Self::Quit,
            line => match line.strip_prefix("/signal ") {
                Some(name) => Self::Signal(name.trim()),
                // A slip of the finger is not said to the bot.
                None if line.starts_with('/') => Self::Help,
                None => Self::Said,
            },
        }
    }
}

async fn state(engine: &Engine<Booking>, id: SessionId) -> Result<String, Box<dyn Error>> {
    match engine.peek(id).await? {
        Some(session) => Ok(format!("{:#}", session.masked()?)),
        None => Ok("(there is no session yet)".into()),
    }
}

async fn history(engine: &Engine<Booking>, id: SessionId) -> Result<String, Box<dyn Error>> {
    let session = engine.peek(id).await?;
    let steps = session.iter().flat_map(Session::history).map(|step| format!("{}  {step}", step.at.format("%H:%M:%S")));
    Ok(steps.collect::<Vec<_>>().join("\n"))
}
