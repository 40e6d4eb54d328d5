//! A reply goes to the address of the message that it answers.

use std::collections::{HashMap, HashSet};

use flow_core::SessionId;

use crate::towns::{
    evidence::Evidence,
    sight::{Sight, Thing},
};

/// The replies that a record promises anew go to the place of a message that it remembers anew; where it remembers none, to one
/// that was heard before.
pub(crate) fn each_goes_to_the_place_of_its_message(evidence: &Evidence) -> Result<(), String> {
    let mut known = HashMap::<SessionId, (HashSet<&str>, HashSet<&str>)>::new();
    for deed in &evidence.deeds {
        let Some(sight) = deed.sight() else { continue };
        let (messages, keys) = known.entry(deed.id).or_default();
        let new: HashSet<_> = sight.seen.iter().map(String::as_str).filter(|id| !messages.contains(id)).collect();
        let is_right = |place: &str| if new.is_empty() { messages.contains(place) } else { new.contains(place) };
        for (thing, place) in replies(sight).filter(|(thing, _)| !keys.contains(&*thing.key)) {
            if !is_right(place) {
                return Err(format!("{thing:?} was promised to another address than that of {new:?}"));
            }
        }
        keys.extend(replies(sight).map(|(thing, _)| &*thing.key));
        messages.extend(new);
    }
    Ok(())
}

fn replies(sight: &Sight) -> impl Iterator<Item = (&Thing, &str)> {
    sight.pending.iter().filter_map(|thing| Some((thing, thing.place()?)))
}
