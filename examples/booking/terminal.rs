//! The chat at a terminal: lines are edited, buttons numbered, and words behind a `/` look behind the scenes.
//!
//! What is said is accepted, and what is replied arrives by the channel, as with any platform: see [`Window`].

use std::{
    error::Error,
    io::ErrorKind,
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use flow_chat::{Engine, EngineError, Flow, Input, Outcome, Session, SessionId, engine::Accepted};
use rustyline::{DefaultEditor, error::ReadlineError};
use tokio::sync::mpsc;

use crate::{
    ending::Ending,
    flow::Booking,
    printer::Printer,
    screen,
    window::{Trouble, Window},
};

const HELP: &str = "/state /history /graph /signal NAME /help /quit; everything else is said to the bot";

const MORE_HELP: &str = "\
A number presses a button: 2 one of the last question, 1.2 one that is further up, as often as you like.
/state /history      what is stored of this conversation
/graph               the conversation, drawn
/signal NAME         something happens outside, such as calendar.booked
/block /unblock      as if you had blocked the bot: what it says is set aside (`booking show`, `booking retry`)
/busy TIME           as if the platform were: what the bot says next is sent after that time, such as 5s
/quit                everything else is said to the bot";

/// Talks until `/quit`, the end of the input, or the end of the program.
pub async fn chat(
    engine: &Engine<Booking>,
    id: SessionId,
    window: &Window,
    mut ending: Ending,
) -> Result<(), Box<dyn Error>> {
    let terminal = Terminal::as_it_is();
    begin(engine, id, window).await?;
    let mut prompter = Prompter::start(window)?;
    let mut visitor = Visitor { engine, id, window, chat: SessionId::random(), said: 0 };
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
            Word::Help => screen::line(MORE_HELP)?,
            Word::Trouble(trouble) => window.trouble(trouble),
            Word::Signal(name) => visitor.says(Input::signal_by_name(name, ())).await?,
            Word::Said => visitor.says(window.read(&line)).await?,
        }
    }
}

/// Says what the visitor was last asked, if a conversation is under way, and else how one begins.
async fn begin(engine: &Engine<Booking>, id: SessionId, window: &Window) -> Result<(), Box<dyn Error>> {
    let question = engine.prompt(id).await.unwrap_or_else(|error| {
        // A store that is away may be back when something is said.
        screen::complain(&error);
        None
    });
    let Some(question) = question else { return Ok(screen::line(&format!("Say hello. ({HELP})"))?) };
    screen::line(&format!("({HELP})"))?;
    Ok(window.show(0, &[question])?)
}

/// Who sits at the terminal.
struct Visitor<'v> {
    engine: &'v Engine<Booking>,
    id: SessionId,
    window: &'v Window,
    /// Names this chat, and with the number of what was said each message.
    chat: SessionId,
    said: u64,
}

impl Visitor<'_> {
    /// Has the bot accept what is said, and waits a moment for what it replies.
    async fn says(&mut self, input: Input) -> Result<(), Box<dyn Error>> {
        self.said += 1;
        let message = input.with_id(format!("{}/{}", self.chat, self.said));
        let accepted = self.engine.accept(self.id, message.clone().with_address(self.window.address())).await;
        match accepted.map(Accepted::outcome) {
            Ok(Some(outcome)) => self.hears(outcome).await?,
            Ok(None) => screen::line("(it waits for its turn, and is answered in its order)")?,
            // Nothing is accepted while the store is away; a turn may be taken all the same, as `--outage` says.
            Err(EngineError::Store(_)) => match self.engine.handle(self.id, message).await {
                Ok(outcome) => {
                    screen::note(&outcome);
                    self.window.show(outcome.version, &outcome.replies)?;
                }
                Err(error) => screen::complain(&error),
            },
            Err(error) => screen::complain(&error),
        }
        Ok(())
    }

    async fn hears(&self, outcome: Outcome<Booking>) -> Result<(), Box<dyn Error>> {
        screen::note(&outcome);
        if outcome.is_repeat() {
            // They were sent when it was said for the first time.
            return Ok(self.window.show(outcome.version, &outcome.replies)?);
        }
        if !outcome.replies.is_empty() {
            self.window.waits_for(outcome.version, outcome.replies.len()).await;
        }
        Ok(())
    }
}

/// Edits lines on a thread of its own, one each time that it is asked.
struct Prompter {
    ask: mpsc::Sender<()>,
    lines: mpsc::Receiver<Result<String, ReadlineError>>,
}

impl Prompter {
    /// Starts it, and has the window show replies above the line that is edited.
    fn start(window: &Window) -> Result<Self, ReadlineError> {
        let mut editor = DefaultEditor::new()?;
        window.open(Printer::start(editor.create_external_printer().ok()));
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
    Trouble(Trouble),
}

impl<'l> Word<'l> {
    fn of(line: &'l str) -> Self {
        match line.trim() {
            "" => Self::Nothing,
            "/state" => Self::State,
            "/history" => Self::History,
            "/graph" => Self::Graph,
            "/quit" | "/exit" => Self::Quit,
            "/block" => Self::Trouble(Trouble::Blocked),
            "/unblock" => Self::Trouble(Trouble::None),
            line => match line.split_once(' ') {
                Some(("/signal", name)) => Self::Signal(name.trim()),
                Some(("/busy", time)) => Self::busy(time.trim()).unwrap_or(Self::Help),
                // A slip of the finger is not said to the bot.
                _ if line.starts_with('/') => Self::Help,
                _ => Self::Said,
            },
        }
    }

    fn busy(time: &str) -> Option<Self> {
        let time: Duration = humantime::parse_duration(time).ok()?;
        Some(Self::Trouble(Trouble::Busy(time)))
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
