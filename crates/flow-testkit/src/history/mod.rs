//! What many processes did to sessions, and whether one serial history explains it: [`History`].

mod check;
mod violation;

use std::{collections::BTreeMap, time::Instant};

use flow_core::SessionId;

pub use violation::Violation;

/// What was said to sessions, by whomever, what was answered, and what was stored in the end.
///
/// It proves or refutes that each session has one serial history: its turns are totally ordered by their versions, in
/// agreement with real time; each acknowledged message has one turn, and one of which nothing is known has at most one;
/// each turn began where the one before had ended; and what is stored is what the last turn left.
///
/// Versions may have gaps: an engine also writes for itself.
#[derive(Debug, Default)]
pub struct History {
    sessions: BTreeMap<SessionId, Conversation>,
}

/// What is known of one session.
#[derive(Debug, Default)]
struct Conversation {
    messages: BTreeMap<String, Said>,
    stored: Option<Stored>,
}

/// A message, however often it was sent.
#[derive(Debug)]
struct Said {
    first_sent: Instant,
    first_heard: Option<Instant>,
    /// Whether one of its sendings may have been taken although nothing was heard of it.
    is_in_doubt: bool,
    acknowledgements: Vec<Acknowledgement>,
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
    /// The messages that the record remembers, with the versions of their turns.
    pub remembered: Vec<(String, u64)>,
}

impl History {
    /// A message is sent now, perhaps again.
    pub fn sends(&mut self, session: SessionId, message: impl Into<String>) {
        let said =
            Said { first_sent: Instant::now(), first_heard: None, is_in_doubt: false, acknowledgements: Vec::new() };
        self.sessions.entry(session).or_default().messages.entry(message.into()).or_insert(said);
    }

    /// An answer to it was heard now.
    ///
    /// Panics if it was never sent.
    pub fn hears(&mut self, session: SessionId, message: &str, acknowledgement: Acknowledgement) {
        let said = self.said(session, message);
        said.first_heard.get_or_insert_with(Instant::now);
        said.acknowledgements.push(acknowledgement);
    }

    /// What became of it is not known: whoever took it died, or the store's answer was lost.
    ///
    /// Panics if it was never sent.
    pub fn doubts(&mut self, session: SessionId, message: &str) {
        self.said(session, message).is_in_doubt = true;
    }

    /// What is stored in the end.
    pub fn ends(&mut self, session: SessionId, stored: Stored) {
        self.sessions.entry(session).or_default().stored = Some(stored);
    }

    /// How many messages were in doubt at some time.
    pub fn doubtful(&self) -> usize {
        let messages = self.sessions.values().flat_map(|conversation| conversation.messages.values());
        messages.filter(|said| said.is_in_doubt).count()
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

    fn said(&mut self, session: SessionId, message: &str) -> &mut Said {
        let conversation = self.sessions.get_mut(&session).expect("the session was spoken to");
        conversation.messages.get_mut(message).expect("the message was sent")
    }
}
