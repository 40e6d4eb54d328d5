//! The chat for a pipe: one line in, one message; each reply on a line that begins with `bot: `.

use std::error::Error;

use flow_chat::{Engine, Input, Reply, SessionId};

use crate::{flow::Booking, input::Lines, screen};

/// Talks until the end of the lines. A conversation that is under way goes on with its present question.
pub async fn chat(engine: &Engine<Booking>, id: SessionId, mut lines: Lines) -> Result<(), Box<dyn Error>> {
    // A store that is away says so to the first line.
    let question: Vec<_> = engine.prompt(id).await.ok().flatten().into_iter().collect();
    question.iter().try_for_each(screen::reply_on_a_line)?;
    let mut offer = Offer::of(&question);
    while let Some(line) = lines.next().await {
        let line = line?;
        // Bytes that are no text are shown as such, and the bot asks again.
        let outcome = engine.handle(id, offer.read(String::from_utf8_lossy(&line).trim_end_matches('\r'))).await?;
        screen::note(&outcome);
        outcome.replies.iter().try_for_each(screen::reply_on_a_line)?;
        offer = Offer::of(&outcome.replies);
    }
    Ok(())
}

/// The choices that were last shown, and so what a number means.
pub struct Offer(Vec<String>);

impl Offer {
    /// What these replies offer.
    pub fn of(replies: &[Reply]) -> Self {
        let last = replies.iter().rev().find(|reply| !reply.choices().is_empty());
        let choices = last.into_iter().flat_map(|reply| reply.choices().iter().zip(reply.numbers()));
        Self(choices.filter(|(_, number)| number.is_some()).map(|(choice, _)| choice.payload.clone()).collect())
    }

    /// A line as an input: a number that was shown is the button behind it.
    pub fn read(&self, line: &str) -> Input {
        let place = line.trim().parse::<usize>().ok().and_then(|number| number.checked_sub(1));
        match place.and_then(|place| self.0.get(place)) {
            Some(payload) => Input::button(payload),
            None => Input::text(line),
        }
    }
}
