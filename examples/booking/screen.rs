//! What is written where: replies and choices on standard output, complaints on standard error.

use std::{
    error::Error,
    io::{self, Write, stderr, stdout},
};

use flow_chat::{Outcome, OutcomeKind, Reply};

use crate::flow::Booking;

/// A line on standard output, there before anything else happens.
///
/// Fails if nobody reads it any more.
pub fn line(text: &str) -> io::Result<()> {
    let mut stdout = stdout().lock();
    writeln!(stdout, "{}", text.trim_end_matches('\n'))?;
    stdout.flush()
}

/// A reply on one line that begins with `bot: `, its numbered choices behind it.
pub fn reply_on_a_line(reply: &Reply) -> io::Result<()> {
    let mut text = reply.as_text().to_owned();
    for (number, choice) in (1_usize..).zip(reply.offered()) {
        text.extend([" ", &number.to_string(), ") ", &choice.label]);
    }
    text.extend(reply.linked().into_iter().flat_map(|link| [" ", link]));
    let words: Vec<_> = text.split_whitespace().collect();
    line(&format!("bot: {}", words.join(" ")))
}

/// A reply on lines that begin with `bot: `, its choices numbered below it.
pub fn reply(reply: &Reply) -> io::Result<()> {
    for text in reply.as_text().lines() {
        line(&format!("bot: {text}"))?;
    }
    for (number, choice) in (1..).zip(reply.offered()) {
        line(&format!("bot:   {number}) {}", choice.label))?;
    }
    reply.linked().map_or(Ok(()), |link| line(&format!("bot: {link}")))
}

/// What is unusual about a turn, on standard error.
pub fn note(outcome: &Outcome<Booking>) {
    if let OutcomeKind::InMemory(error) | OutcomeKind::Degraded(error) = &outcome.kind {
        complain(error);
    }
    let kept = if outcome.is_in_memory() { "the store is away: what you said is kept in memory" } else { "" };
    let lost = match outcome.lost_turns {
        0 => String::new(),
        turns => format!("{turns} of your messages were lost: the conversation had gone on elsewhere"),
    };
    [kept, &lost].into_iter().filter(|note| !note.is_empty()).for_each(remark);
}

/// What whoever runs the bot should know, on standard error.
pub fn remark(text: &str) {
    // Where standard error is closed there is nobody to tell.
    let _ = writeln!(stderr(), "note: {text}");
}

/// An error with its causes, on standard error.
pub fn complain(error: &dyn Error) {
    // Where standard error is closed there is nobody to tell.
    let _ = writeln!(stderr(), "error: {}", chain(error));
}

/// An error and its causes in one line.
pub fn chain(error: &dyn Error) -> String {
    match error.source() {
        Some(cause) => format!("{error}: {}", chain(cause)),
        None => error.to_string(),
    }
}
