//! What a visitor is told of a message is true.

use crate::towns::{
    evidence::Evidence,
    sight::Sight,
    truth::{Deed, What},
    visitor::Fate,
};

/// What was told to be stored was in the store by then, and what was told not to be stored never was.
///
/// That it stays there, and is there once, follows from the records.
pub(crate) fn what_was_told_of_a_word_is_true(evidence: &Evidence) -> Result<(), String> {
    for message in &evidence.messages {
        let has_it = |deed: &Deed| {
            // A conversation that has ended since then is remembered by its messages' ids.
            let has = |sight: &Sight| sight.words.contains(&message.word) || sight.remembers(&message.word);
            deed.id == message.id && matches!(&deed.what, What::Wrote(sight) if has(sight))
        };
        let written = evidence.deeds.iter().position(has_it);
        match (message.fate, written) {
            (Fate::Stored, None) => return Err(format!("{} was told to be stored, and never was", message.word)),
            (Fate::Stored, Some(place)) if place >= message.ended => {
                return Err(format!("{} was told to be stored before it was", message.word));
            }
            (Fate::Nothing, Some(place)) => {
                return Err(format!("{} was told not to be stored, and was, as {place}", message.word));
            }
            _ => {}
        }
    }
    Ok(())
}
