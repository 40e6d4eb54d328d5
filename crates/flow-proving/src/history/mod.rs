//! What many processes did to sessions, and whether one serial history explains it: [`History`].

mod check;
mod doubts;
mod turns;
mod violation;

use std::collections::BTreeMap;

use flow_core::SessionId;

pub use violation::Violation;

/// What was said to sessions, by whomever, what was answered, and what was stored in the end.
///
/// It proves or refutes that each session has one serial history: its turns are totally ordered by their versions, in
/// agreement with real time; each acknowledged message has one turn, and one of which nothing is known has at most one;
/// each turn began where the one before had ended; and what is stored is what the last turn left.
///
/// It is told everything in the order in which it happened, from the opening of each session on: a sending before it is
/// made, an answer after it was heard. A sending of which nothing else is told may have been taken or not.
///
/// Versions may have gaps: an engine also writes for itself. Sessions neither expire nor are removed meanwhile.
///
/// ```
/// use flow_core::SessionId;
/// use flow_proving::{History, history::{Acknowledgement, Stored}};
///
/// let (mut history, id) = (History::default(), SessionId::random());
/// history.sends(id, "wamid.1");
/// let opened = Acknowledgement { version: 1, from: None, state: "WELCOME".into(), is_repeat: false };
/// history.hears(id, "wamid.1", opened);
/// history.ends(id, Stored { version: 1, state: "BOOK_NAME".into(), remembered: vec![("wamid.1".into(), 1)] });
/// let violations = history.check().expect_err("nobody left that state");
/// assert_eq!(violations[0].1.to_string(), "the last turn ended in WELCOME, and BOOK_NAME is stored");
/// ```
#[derive(Debug, Default)]
pub struct History {
    sessions: BTreeMap<SessionId, Conversation>,
    now: Moment,
}

/// Counts what was told: whatever was told later happened later.
type Moment = u64;

/// What is known of one session.
#[derive(Debug, Default)]
struct Conversation {
    messages: BTreeMap<String, Said>,
    stored: Option<Stored>,
}

impl Conversation {
    /// The version from which on the record tells all turns.
    fn told_from(&self) -> u64 {
        let remembered = self.stored.iter().flat_map(|stored| &stored.remembered);
        remembered.map(|(_, version)| *version).min().unwrap_or(u64::MAX)
    }
}

/// A message, however often it was sent.
#[derive(Debug, Default)]
struct Said {
    /// But for sendings that had failed before.
    first_sent: Moment,
    first_heard: Option<Moment>,
    sent: usize,
    failed: usize,
    acknowledgements: Vec<Acknowledgement>,
}

impl Said {
    /// Whether one of its sendings may have been taken.
    fn may_be_taken(&self) -> bool {
        self.sent > self.failed
    }
}

/// What a process answered to a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acknowledgement {
    /// The version of the record that holds the message's turn.
    pub version: u64,
    /// Where the turn's first step began; none if the turn took no step, or opened the session.
    pub from: Option<String>,
    /// The state after the turn.
    pub state: String,
    /// Whether the process said that the message had been handled before.
    pub is_repeat: bool,
}

/// What is stored of a session in the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The version of the record.
    pub version: u64,
    /// The state.
    pub state: String,
    /// The latest messages that had a turn, as far as the record remembers them, with the versions of their turns. From
    /// the earliest of them on none is left out.
    pub remembered: Vec<(String, u64)>,
}

impl History {
    /// A message is sent now, perhaps again.
    pub fn sends(&mut self, session: SessionId, message: impl Into<String>) {
        let now = self.passes();
        let said = self.sessions.entry(session).or_default().messages.entry(message.into()).or_default();
        if !said.may_be_taken() {
            said.first_sent = now;
        }
        said.sent += 1;
    }

    /// One of its sendings is answered now.
    ///
    /// Panics if it was never sent.
    pub fn hears(&mut self, session: SessionId, message: &str, acknowledgement: Acknowledgement) {
        let now = self.passes();
        let said = self.said(session, message);
        said.first_heard.get_or_insert(now);
        said.acknowledgements.push(acknowledgement);
    }

    /// One of its sendings is known to have changed nothing, and never to do so.
    ///
    /// Panics if it was never sent.
    pub fn fails(&mut self, session: SessionId, message: &str) {
        self.said(session, message).failed += 1;
    }

    /// What is stored in the end.
    pub fn ends(&mut self, session: SessionId, stored: Stored) {
        self.sessions.entry(session).or_default().stored = Some(stored);
    }

    /// How many messages were sent and neither answered nor known to have failed, be it once.
    pub fn doubtful(&self) -> usize {
        let messages = self.sessions.values().flat_map(|conversation| conversation.messages.values());
        messages.filter(|said| said.sent > said.failed + said.acknowledgements.len()).count()
    }

    /// Whether one serial history explains all of it.
    ///
    /// Fails with everything that it does not explain.
    pub fn check(&self) -> Result<(), Vec<(SessionId, Violation)>> {
        let violations = self.sessions.iter().flat_map(|(session, conversation)| {
            let violations = check::violations(conversation);
            violations.into_iter().map(|violation| (*session, violation))
        });
        let violations: Vec<_> = violations.collect();
        if violations.is_empty() { Ok(()) } else { Err(violations) }
    }

    fn passes(&mut self) -> Moment {
        self.now += 1;
        self.now
    }

    fn said(&mut self, session: SessionId, message: &str) -> &mut Said {
        let conversation = self.sessions.get_mut(&session).expect("the session was spoken to");
        conversation.messages.get_mut(message).expect("the message was sent")
    }
}
