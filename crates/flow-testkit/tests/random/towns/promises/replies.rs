//! A reply goes to the address of the message that it answers.

use std::collections::{HashMap, HashSet};

use flow_core::SessionId;

use crate::towns::{
    evidence::Evidence,
    sight::{Sight, Thing},
    truth::What,
};

/// The replies that a record promises anew go to the place of a message that it remembers anew; where it remembers none, to one
/// that was heard before.
pub(crate) fn each_goes_to_the_place_of_its_message(evidence: &Evidence) -> Result<(), String> {
    let (mut last, mut promised) = (HashMap::<SessionId, &Sight>::new(), HashSet::<&str>::new());
    for deed in &evidence.deeds {
        let sight = match &deed.what {
            What::Wrote(sight) => sight,
            // What is lost with it may be handled again.
            What::LostTail(sight) => {
                last.insert(deed.id, sight);
                continue;
            }
            What::Removed | What::Forgotten => {
                last.remove(&deed.id);
                continue;
            }
            What::Posted(_) | What::Broke(_) => continue,
        };
        let before = last.insert(deed.id, sight);
        let knew = |place: &str| before.is_some_and(|before| before.remembers(place));
        let remembers_none_anew = before.is_some_and(|before| before.remembered() == sight.remembered());
        // More than one turn was handed back together, and not each of a message.
        let is_many_turns = before.is_some_and(|before| sight.version > before.version + 1);
        let is_right =
            |place: &str| if knew(place) { remembers_none_anew || is_many_turns } else { sight.remembers(place) };
        for (thing, place) in replies(sight).filter(|(thing, _)| promised.insert(&thing.key)) {
            if !is_right(place) {
                return Err(format!("{thing:?} was promised to another address than that of its message"));
            }
        }
    }
    Ok(())
}

fn replies(sight: &Sight) -> impl Iterator<Item = (&Thing, &str)> {
    sight.pending.iter().filter_map(|thing| Some((thing, thing.place()?)))
}
