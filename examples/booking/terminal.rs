//! The chat at a terminal: lines are edited, choices numbered, and words behind a `/` look behind the scenes.

use std::{
    error::Error,
    io::ErrorKind,
    process::{Command, Stdio},
    thread,
};

use flow_chat::{Engine, EngineError, Flow, Input, Message, Outcome, Session, SessionId};
use rustyline::{DefaultEditor, error::ReadlineError};
use tokio::sync::mpsc;

use crate::{ending::Ending, flow::Booking, pipe::Offer, screen};

const HELP: &str = "/state /history /graph /signal NAME /help /quit; everything else is said to the bot";

/// Talks until `/quit`, the end of the input, or the end of the program.
pub async fn chat(engine: &Engine<Booking>, id: SessionId, mut ending: Ending) -> Result<(), Box<dyn Error>> {
    let terminal = Terminal::as_it_is();
    screen::line(&format!("Say hello. ({HELP})"))?;
    let mut prompter = Prompter::start()?;
    let mut offer = Offer::default();
    loop {
        let line = tokio::select! {
            biased;
            _ = ending.told() => {
                // The thread that waits for a key has it in another mode, and cannot be told to stop.
                terminal.restore();
                return Ok(screen::line("")?);
            }
            line = prompter.line() => line,
        };
        let line = match line {
            Ok(line) => line,
            Err(ReadlineError::Eof | ReadlineError::Interrupted) => return Ok(()),
            // What was typed before it is lost; what comes after it is another line.
            Err(ReadlineError::Io(error)) if error.kind() == ErrorKind::InvalidData => {
                screen::complain(&*Box::<dyn Error>::from("that line is no UTF-8 text; please write it again"));
                continue;
            }
            Err(error) => return Err(error.into()),
        };
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

/// Edits lines on a thread of its own, one each time that it is asked.
struct Prompter {
    ask: mpsc::Sender<()>,
    lines: mpsc::Receiver<Result<String, ReadlineError>>,
}

impl Prompter {
    fn start() -> Result<Self, ReadlineError> {
        let mut editor = DefaultEditor::new()?;
        let ((ask, mut asked), (told, lines)) = (mpsc::channel(1), mpsc::channel(1));
        thread::spawn(move || {
            while asked.blocking_recv().is_some() {
                let line = editor.readline("you: ");
                let kept = line.as_ref().map_or(Ok(true), |line| editor.add_history_entry(line));
                if told.blocking_send(kept.and(line)).is_err() {
                    return;
                }
            }
        });
        Ok(Self { ask, lines })
    }

    /// The next line.
    async fn line(&mut self) -> Result<String, ReadlineError> {
        // A thread that is gone gives no more lines.
        let _ = self.ask.send(()).await;
        self.lines.recv().await.unwrap_or(Err(ReadlineError::Eof))
    }
}

/// The modes of the terminal, in the words of `stty`; none where there is no such program.
struct Terminal(Option<String>);

impl Terminal {
    fn as_it_is() -> Self {
        let told = Command::new("stty").arg("-g").stdin(Stdio::inherit()).output();
        let told = told.ok().filter(|told| told.status.success());
        Self(told.map(|told| String::from_utf8_lossy(&told.stdout).trim().to_owned()))
    }

    fn restore(&self) {
        if let Some(modes) = &self.0 {
            // Where it fails there is no terminal any more.
            let _ = Command::new("stty").arg(modes).stdin(Stdio::inherit()).stderr(Stdio::null()).status();
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
