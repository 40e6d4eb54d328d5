//! What is written where: replies and choices on standard output, complaints on standard error.

use std::{
    borrow::Cow,
    error::Error,
    fmt::Display,
    io::{self, Write, stderr, stdout},
};

use flow_chat::{Outcome, OutcomeKind, Reply, engine::Durability};

use crate::flow::Booking;

/// A line on standard output, there before anything else happens.
///
/// Fails if it is read no longer.
pub fn line(text: &str) -> io::Result<()> {
    let mut stdout = stdout().lock();
    writeln!(stdout, "{}", visible(text.trim_end_matches('\n')))?;
    stdout.flush()
}

/// The text with its control characters as JSON escapes them: a terminal would obey them.
///
/// What is JSON remains the same JSON: there they stand in strings alone, and serde leaves those above 0x7E as they are.
pub fn visible(text: &str) -> Cow<'_, str> {
    let obeyed = |letter: char| letter.is_control() && !['\n', '\t'].contains(&letter);
    if !text.contains(obeyed) {
        return text.into();
    }
    let visible = |letter| if obeyed(letter) { format!("\\u{:04x}", u32::from(letter)) } else { letter.to_string() };
    text.chars().map(visible).collect()
}

/// A reply on one line that begins with `bot: `, its numbered choices behind it.
pub fn reply_on_a_line(reply: &Reply) -> io::Result<()> {
    let mut text = reply.text().to_owned();
    for (choice, number) in reply.choices().iter().zip(reply.numbers()) {
        let mark = number.map_or_else(|| "-".to_owned(), |number| format!("{number})"));
        text.extend([" ", &*mark, " ", &choice.label]);
    }
    text.extend(reply.link().into_iter().flat_map(|link| [" ", link]));
    let words: Vec<_> = text.split_whitespace().collect();
    line(&format!("bot: {}", words.join(" ")))
}

/// What is unusual about a turn, on standard error.
pub fn note(outcome: &Outcome<Booking>) {
    if let OutcomeKind::Degraded(error) = &outcome.kind {
        complain(error);
    }
    if let Durability::InMemory(error) = &outcome.durability {
        complain(error);
    }
    let kept = if outcome.is_in_memory() { "the store is away: the conversation is kept in memory" } else { "" };
    let lost = match outcome.lost_turns {
        0 => String::new(),
        turns => format!("{turns} of your messages were lost: the conversation had gone on elsewhere"),
    };
    let damaged = match &outcome.damage {
        None => String::new(),
        Some(damage) => format!("the stored conversation was damaged, and is kept apart ({damage})"),
    };
    let paused = if outcome.is_paused() { "a person has taken over, and will answer" } else { "" };
    for note in [kept, &lost, &damaged, paused].into_iter().filter(|note| !note.is_empty()) {
        let _ = writeln!(stderr(), "note: {note}");
    }
}

/// What a user should know, on standard error.
pub fn warn(warning: impl Display) {
    let _ = writeln!(stderr(), "warning: {}", visible(&warning.to_string()));
}

/// An error with its causes, on standard error.
pub fn complain(error: &dyn Error) {
    // Where standard error is closed there is no way to tell.
    let _ = writeln!(stderr(), "error: {}", visible(&chain(error)));
}

/// What an operator is told where nothing is done of what is due.
pub const UNATTENDED: &str = "no worker is at work: deliveries, reminders and expiries wait (`booking worker`)";

/// What a visitor is told whose replies another process sends.
pub const ELSEWHERE: &str = "what the bot says is sent by a `booking worker`, and seen there";

/// What is said of an end that leaves something, where no turn was taken in memory.
pub const STORED: &str = "all that was said is stored";

/// What is said of it where turns were taken in memory.
pub const LOST: &str = "what was said while the store was away is lost, as far as it could not be handed back to it";

/// An error and its causes in one line.
pub fn chain(error: &dyn Error) -> String {
    match error.source() {
        Some(cause) => format!("{error}: {}", chain(cause)),
        None => error.to_string(),
    }
}
