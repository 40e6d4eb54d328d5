//! What a visitor is told of a message is true.

use crate::towns::{
    evidence::Evidence,
    operator::Deed as Ordered,
    sight::{Sight, Thing},
    truth::{Deed, What},
    visitor::{Fate, Message},
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
        if written.is_none() && may_be_gone(evidence, message) {
            continue;
        }
        match (message.fate, written) {
            (Fate::Waits, None) => return Err(format!("{} was accepted, and never handled", message.word)),
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

/// Whether a message that was accepted may never have had its turn: it was removed with its session, or dismissed as a dead letter.
fn may_be_gone(evidence: &Evidence, message: &Message) -> bool {
    let was_posted = |deed: &Deed| matches!(&deed.what, What::Posted(word) if *word == message.word);
    let of_it = || evidence.deeds.iter().filter(|deed| deed.id == message.id);
    let is_dead = |sight: &Sight| sight.set_aside.iter().any(|thing| thing.came_in() && thing.what == message.word);
    let is_dismissed = || evidence.orders.iter().any(|order| order.id == message.id && order.deed == Ordered::Dismiss);
    let is_removed = of_it().skip_while(|deed| !was_posted(deed)).any(|deed| matches!(deed.what, What::Removed));
    message.fate == Fate::Waits && (is_removed || is_dismissed() && of_it().filter_map(Deed::sight).any(is_dead))
}

/// What a visitor sends once the message before it is accepted is handled after that one: heard, or left to a person, or answered
/// with the apology. A record that is forgotten knows none of that, and what is delivered again then is handled once more.
pub(crate) fn what_is_accepted_keeps_its_order(evidence: &Evidence) -> Result<(), String> {
    // What is lost is handled again, and what is set aside is handled late.
    let is_out_of_line = |message: &Message| {
        let is_it = |thing: &Thing| thing.came_in() && thing.what == message.word;
        let is_late = |deed: &Deed| match &deed.what {
            What::LostTail(_) | What::Removed => true,
            What::Wrote(sight) => sight.set_aside.iter().any(is_it),
            _ => false,
        };
        !message.keeps_its_place || evidence.deeds.iter().any(|deed| deed.id == message.id && is_late(deed))
    };
    let handled = |message: &Message| {
        let mut of_it = evidence.deeds.iter().enumerate().filter(|(_, deed)| deed.id == message.id);
        let place = |sight: &Sight| sight.words.iter().position(|word| *word == message.word);
        of_it.find_map(|(number, deed)| {
            let sight = deed.sight()?;
            let place = place(sight);
            (place.is_some() || sight.remembers(&message.word)).then_some((number, place))
        })
    };
    let in_line = evidence.messages.iter().filter(|message| !is_out_of_line(message));
    let in_line: Vec<_> = in_line.filter_map(|message| Some((message, handled(message)?))).collect();
    for (first, handled_first) in &in_line {
        let is_later = |next: &Message| first.accepted.is_some_and(|accepted| accepted < next.first_sent);
        for (next, handled_next) in in_line.iter().filter(|(next, _)| next.id == first.id && is_later(next)) {
            if handled_next < handled_first {
                return Err(format!("{} was accepted before {}, and handled after it", first.word, next.word));
            }
        }
    }
    Ok(())
}
