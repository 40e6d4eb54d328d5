//! What towns met, to show that they met what they are for: [`Met`].

use std::collections::{BTreeMap, BTreeSet};

use super::{
    errand::BELL,
    evidence::Evidence,
    sight::{CHANNEL, Step},
    truth::{Deed, What},
};

/// How often each thing happened.
pub(crate) type Met = BTreeMap<&'static str, usize>;

/// What must happen in some towns of many.
pub(crate) const MISHAPS: [&str; 42] = [
    "a full inbox",
    "a kill",
    "a late repeat",
    "a long line",
    "a machine is cut off",
    "a machine is shut down",
    "a machine's clock is turned",
    "a press",
    "a repeat",
    "an old button",
    "answers kept beyond a run",
    "asked again",
    "begun after an expiry",
    "bells",
    "bytes are changed",
    "damage",
    "dead letters",
    "forgotten",
    "in memory",
    "lapsed",
    "letters",
    "letters set aside",
    "letters taken over",
    "lost tails",
    "no archive",
    "no store",
    "not waited for",
    "orders",
    "paused",
    "removed",
    "replies by several tries",
    "replies of bells",
    "replies sent",
    "replies set aside",
    "taken",
    "taken up",
    "the handler failed",
    "the store's clock is turned",
    "too much undelivered",
    "unpaused",
    "untaken deliveries",
    "waits",
];

/// Counts what the evidence tells.
pub(crate) fn count(evidence: &Evidence, met: &mut Met) {
    let mut count = |what, times: usize| *met.entry(what).or_default() += times;
    let deeds = |is_such: fn(&What) -> bool| evidence.deeds.iter().filter(|deed| is_such(&deed.what)).count();
    count("forgotten", deeds(|what| matches!(what, What::Forgotten)));
    count("removed", deeds(|what| matches!(what, What::Removed)));
    count("lost tails", deeds(|what| matches!(what, What::LostTail(_))));
    let sights = || evidence.deeds.iter().filter_map(Deed::sight);
    count("lapsed", sights().filter(|sight| sight.has_lapsed).count());
    count("unpaused", sights().filter(|sight| sight.steps.last().is_some_and(Step::unpauses)).count());
    count("dead letters", sights().map(|sight| sight.set_aside.len()).sum());
    count("bells", sights().flat_map(|sight| &sight.words).filter(|word| word.starts_with(BELL)).count());
    count("untaken deliveries", evidence.sent.iter().filter(|sent| sent.taken.is_none()).count());
    count("letters", deeds(|what| matches!(what, What::Posted(_))));
    count("letters taken over", sights().filter(|sight| sight.is_taken_over).count());
    let dead = || sights().flat_map(|sight| &sight.set_aside);
    count("letters set aside", dead().filter(|thing| thing.came_in()).count());
    count("replies set aside", dead().filter(|thing| thing.place().is_some()).count());
    let replies = || evidence.sent.iter().filter(|sent| sent.to == CHANNEL);
    count("replies sent", replies().filter(|sent| sent.taken.is_some()).count());
    let keys: BTreeSet<_> = replies().map(|sent| &sent.key).collect();
    count("replies by several tries", replies().count() - keys.len());
    count("replies of bells", replies().filter(|sent| sent.what.contains(BELL)).count());
    // Something else was written while they were kept, and then their turn.
    let kept = |word: &String| sights().filter(|sight| sight.kept.iter().any(|(kept, _)| kept == word)).count() > 1;
    let charged: BTreeSet<_> = sights().flat_map(|sight| sight.charges.keys()).collect();
    count("answers kept beyond a run", charged.into_iter().filter(|word| kept(word)).count());
    let asked: BTreeSet<_> = evidence.charges.iter().map(|charge| &charge.key).collect();
    count("asked again", evidence.charges.len() - asked.len());
    count("orders", evidence.orders.iter().filter(|order| order.is_done).count());
}
