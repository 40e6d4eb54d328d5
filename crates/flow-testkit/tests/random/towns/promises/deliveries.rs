//! What is delivered was promised, under one key, in order, and by one deliverer at a time.

use std::collections::{HashMap, HashSet};

use flow_core::SessionId;

use crate::towns::{
    evidence::Evidence,
    mail::Sent,
    plan::Trouble,
    sight::Thing,
    truth::{Deed, What},
};

/// A key stands for one thing, over everything that was ever stored or delivered.
pub(crate) fn one_key_is_one_thing(evidence: &Evidence) -> Result<(), String> {
    let mut things = HashMap::<&str, (&str, &str)>::new();
    let stored = promised(evidence).map(|(_, thing)| (&*thing.key, (&*thing.to, &*thing.what)));
    let sent = evidence.sent.iter().map(|sent| (&*sent.key, (&*sent.to, &*sent.what)));
    for (key, thing) in stored.chain(sent) {
        let first = *things.entry(key).or_insert(thing);
        if first != thing {
            return Err(format!("the key {key} stands for {first:?} and for {thing:?}"));
        }
    }
    Ok(())
}

/// A delivery begins after the write that promises it.
pub(crate) fn nothing_is_told_that_was_not_stored(evidence: &Evidence) -> Result<(), String> {
    let mut first = HashMap::<&str, usize>::new();
    for (number, thing) in promised(evidence) {
        first.entry(&thing.key).or_insert(number);
    }
    let is_early = |sent: &&Sent| first.get(&*sent.key).is_none_or(|number| *number >= sent.after);
    match evidence.sent.iter().find(is_early) {
        Some(sent) => Err(format!("{sent:?} was delivered before it was stored")),
        None => Ok(()),
    }
}

/// What goes to one destination is tried for the first time in the order in which it was decided, but for dead letters, and for
/// what a session left that was forgotten meanwhile.
pub(crate) fn each_destination_has_its_order(evidence: &Evidence) -> Result<(), String> {
    let mut order = HashMap::<&str, (usize, usize)>::new();
    for (place, (number, thing)) in promised(evidence).enumerate() {
        order.entry(&thing.key).or_insert((place, number));
    }
    let is_forgotten = |deed: &&Deed| matches!(deed.what, What::Removed | What::Forgotten);
    let life = |id, number: usize| {
        evidence.deeds[..number].iter().filter(is_forgotten).filter(|deed: &&Deed| deed.id == id).count()
    };
    let dead: HashSet<_> = evidence.deeds.iter().flat_map(set_aside).collect();
    let mut last = HashMap::<(SessionId, usize, &str), (usize, &Sent)>::new();
    let mut tried = HashSet::new();
    for sent in &evidence.sent {
        if dead.contains(&*sent.key) || !tried.insert(&*sent.key) {
            continue;
        }
        let (place, number) = order.get(&*sent.key).copied().unwrap_or_default();
        let before = last.insert((sent.id, life(sent.id, number), &sent.to), (place, sent));
        if let Some((before, earlier)) = before
            && before > place
        {
            return Err(format!("{sent:?} was delivered after {earlier:?}"));
        }
    }
    Ok(())
}

/// While a delivery is under way, nothing else of its session goes to the same destination, as long as the store keeps its time
/// and its records.
pub(crate) fn one_at_a_time(evidence: &Evidence) -> Result<(), String> {
    let plan = &evidence.plan;
    let is_kept = !plan.has(Trouble::StoreClock)
        && !plan.has(Trouble::LostTails)
        && !plan.has(Trouble::Forgetting)
        && plan.idle.is_none();
    match evidence.sent.iter().find(|sent| sent.is_beside_another && is_kept) {
        Some(sent) => Err(format!("{sent:?} was delivered beside another")),
        None => Ok(()),
    }
}

/// Everything that was promised, with the number of the deed.
fn promised(evidence: &Evidence) -> impl Iterator<Item = (usize, &Thing)> {
    let sights = evidence.deeds.iter().enumerate().filter_map(|(number, deed)| Some((number, deed.sight()?)));
    sights.flat_map(|(number, sight)| sight.pending.iter().map(move |thing| (number, thing)))
}

fn set_aside(deed: &Deed) -> impl Iterator<Item = &str> {
    deed.sight().into_iter().flat_map(|sight| &sight.set_aside).map(|thing| &*thing.key)
}
