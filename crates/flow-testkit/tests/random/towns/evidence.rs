//! Everything that was seen in a town, and what is asked of it: [`Evidence`], [`judge`].

use super::{
    bank::Charge,
    mail::Sent,
    operator::Order,
    plan::Plan,
    promises::{charges, deliveries, records, replies, words},
    truth::Deed,
    visitor::Message,
};

/// What was done to records, what was delivered, said and ordered, each in its order.
pub(crate) struct Evidence {
    pub(crate) plan: Plan,
    pub(crate) deeds: Vec<Deed>,
    pub(crate) sent: Vec<Sent>,
    pub(crate) charges: Vec<Charge>,
    pub(crate) messages: Vec<Message>,
    pub(crate) orders: Vec<Order>,
    /// What was seen to be broken when it happened.
    pub(crate) broken: Vec<String>,
}

/// Fails with every promise that was broken.
pub(crate) fn judge(evidence: &Evidence) -> Result<(), String> {
    let judged = [
        records::each_follows_from_the_one_before(evidence),
        words::what_was_told_of_a_word_is_true(evidence),
        words::what_is_accepted_keeps_its_order(evidence),
        replies::each_goes_to_the_place_of_its_message(evidence),
        charges::one_word_has_one_key(evidence),
        charges::no_turn_goes_by_what_was_never_answered(evidence),
        deliveries::one_key_is_one_thing(evidence),
        deliveries::nothing_is_told_that_was_not_stored(evidence),
        deliveries::each_destination_has_its_order(evidence),
        deliveries::one_at_a_time(evidence),
    ];
    let broken = evidence.broken.iter().cloned().chain(judged.into_iter().filter_map(Result::err));
    let broken: Vec<_> = broken.collect();
    if broken.is_empty() { Ok(()) } else { Err(broken.join("; ")) }
}
