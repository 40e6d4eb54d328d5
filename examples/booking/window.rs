//! The visitor's terminal, as a channel has it: [`Window`]. It shows replies with their buttons numbered, and can be out of reach as a
//! telephone is.

use std::{
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use flow_chat::{Address, Fate, Input, Outgoing, Reply, SessionId, engine::Scope};
use tokio::{sync::watch, time::timeout};

use crate::{printer::Printer, screen};

/// The name of the channel that sends to windows.
pub const CHANNEL: &str = "terminal";

/// How long the prompt waits for a reply that is on its way.
const PATIENCE: Duration = Duration::from_millis(500);

/// How long a reply waits that is to be shown by another process.
const ELSEWHERE: Duration = Duration::from_secs(2);

/// Where the replies to one visitor are shown. Clones are of one window.
#[derive(Clone)]
pub struct Window {
    visitor: SessionId,
    pane: Arc<Mutex<Pane>>,
    dealt_with: watch::Sender<DealtWith>,
}

#[derive(Default)]
struct Pane {
    way: Way,
    trouble: Trouble,
    /// The tokens of the buttons of each question that was shown.
    questions: Vec<Vec<String>>,
    /// The version by which something was last said, and which of the questions belongs to it.
    present: (u64, Option<usize>),
}

/// How the window shows what it is given.
#[derive(Default)]
enum Way {
    /// Not at all: the program does not talk.
    #[default]
    Closed,
    /// A line each.
    Lines,
    /// Above the line that is being typed.
    Screen(Printer),
}

/// Why the platform does not take a reply. A real one has such days; here the visitor asks for them.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub enum Trouble {
    #[default]
    None,
    /// "403: blocked by the visitor".
    Blocked,
    /// "429: retry after", once.
    Busy(Duration),
}

/// How many replies of which version were shown, or refused.
type DealtWith = (u64, usize);

impl Window {
    /// The window of this visitor, which is closed.
    pub fn of(visitor: SessionId) -> Self {
        Self { visitor, pane: Arc::default(), dealt_with: watch::Sender::default() }
    }

    /// Where it is reached.
    pub fn address(&self) -> Address {
        Address::new(CHANNEL, self.visitor.to_string())
    }

    /// Shows a line for each reply from now on.
    pub fn open_for_lines(&self) {
        self.pane().way = Way::Lines;
    }

    /// Shows replies above the line that is being typed from now on.
    pub fn open(&self, printer: Printer) {
        self.pane().way = Way::Screen(printer);
    }

    /// Has the platform take replies, or not.
    pub fn trouble(&self, trouble: Trouble) {
        self.pane().trouble = trouble;
    }

    /// Whether it is this visitor's.
    pub fn is_of(&self, visitor: SessionId) -> bool {
        self.visitor == visitor
    }

    /// A line as an input: the number of a button is its press. `2` is a button of the question asked last, `1.2` of the first.
    pub fn read(&self, line: &str) -> Input {
        let pane = self.pane();
        let (question, button) = match line.trim().split_once('.') {
            Some((question, button)) => (place(question), button),
            None => (pane.present.1, line.trim()),
        };
        let token = question.and_then(|question| pane.questions.get(question)?.get(place(button)?));
        token.map_or_else(|| Input::text(line), Input::button)
    }

    /// Shows a reply on its way, unless the platform has a bad day.
    pub async fn send(&self, outgoing: &Outgoing) -> Result<(), Fate> {
        let version = outgoing.key.stamp.version;
        let (text, printer, refused) = {
            let mut pane = self.pane();
            let printer = match &pane.way {
                Way::Screen(printer) if outgoing.address == self.address() => printer.clone(),
                Way::Lines if outgoing.address == self.address() => {
                    return Ok(screen::reply_on_a_line(&outgoing.reply)?);
                }
                _ => return Err(Fate::again_after(ELSEWHERE, Scope::Chat)),
            };
            match pane.refusal() {
                Some((said, fate)) => (format!("(not sent: {said})"), printer, Some(fate)),
                None => (pane.number(version, &outgoing.reply), printer, None),
            }
        };
        printer.print(text).await?;
        self.has_dealt_with(version);
        refused.map_or(Ok(()), Err)
    }

    /// Shows what is in an outcome alone: nothing is stored of it, and no channel sends it.
    pub fn show(&self, version: u64, replies: &[Reply]) -> io::Result<()> {
        for reply in replies {
            let text = self.pane().number(version, reply);
            screen::line(&text)?;
        }
        Ok(())
    }

    /// Shows that an answer is coming.
    pub async fn type_on(&self, address: &Address) {
        let printer = match &self.pane().way {
            Way::Screen(printer) if *address == self.address() => printer.clone(),
            _ => return,
        };
        // It is no loss if it is not seen.
        let _ = printer.print("(the bot is typing)".to_owned()).await;
    }

    /// Waits until so many replies of this version were shown or refused, if that is soon: then the prompt stands below them.
    pub async fn waits_for(&self, version: u64, replies: usize) {
        let mut dealt_with = self.dealt_with.subscribe();
        let enough = |&(last, count): &DealtWith| last > version || (last == version && count >= replies);
        let _ = timeout(PATIENCE, dealt_with.wait_for(enough)).await;
    }

    fn has_dealt_with(&self, version: u64) {
        self.dealt_with.send_modify(|(last, count)| {
            *count = if *last == version { *count + 1 } else { 1 };
            *last = version;
        });
    }

    fn pane(&self) -> MutexGuard<'_, Pane> {
        self.pane.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pane {
    /// Why the platform does not take a reply now, and what is to become of it.
    fn refusal(&mut self) -> Option<(String, Fate)> {
        match self.trouble {
            Trouble::None => None,
            Trouble::Blocked => Some(("you have blocked the bot".to_owned(), Fate::never("blocked by the visitor"))),
            Trouble::Busy(time) => {
                self.trouble = Trouble::None;
                let said = format!("the platform says to wait for {}", humantime::format_duration(time));
                Some((said, Fate::again_after(time, Scope::Chat)))
            }
        }
    }

    /// The reply as text, its buttons with the numbers by which they are pressed.
    fn number(&mut self, version: u64, reply: &Reply) -> String {
        if self.present.0 != version {
            self.present = (version, None);
        }
        let buttons = reply.buttons();
        if !buttons.is_empty() {
            self.present.1 = Some(self.questions.len());
            self.questions.push(buttons.iter().map(|button| button.token().to_owned()).collect());
        }
        let mut lines: Vec<_> = reply.text().lines().map(|line| format!("bot: {line}")).collect();
        let numbered = (1..).zip(&buttons);
        let question = self.questions.len();
        lines.extend(numbered.map(|(number, button)| format!("bot:   {question}.{number}) {}", button.label())));
        lines.extend(reply.link().map(|link| format!("bot: {link}")));
        lines.join("\n")
    }
}

/// The place of what has this number.
fn place(number: &str) -> Option<usize> {
    number.parse::<usize>().ok()?.checked_sub(1)
}
