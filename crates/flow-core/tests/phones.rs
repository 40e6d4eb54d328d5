//! Phone numbers beside those of the `phonenumber` crate, which knows the numbering plans of the world.

#![cfg(feature = "phone")]

use flow_core::answers::Phone;
use phonenumber::{
    Mode,
    metadata::{DATABASE, Descriptor, Metadata},
};

/// A plus and seven digits: fewer are service numbers, which cannot be called from abroad.
const SHORTEST: usize = 8;

/// The number as we store it.
fn ours(said: &str) -> Option<String> {
    said.parse().ok().map(|phone: Phone| phone.as_str().to_owned())
}

/// The number as the crate writes it.
fn theirs(said: &str) -> Option<String> {
    Some(phonenumber::parse(None, said).ok()?.format().mode(Mode::E164).to_string())
}

/// The examples of a plan: one for each kind of number.
fn examples(plan: &Metadata) -> impl Iterator<Item = &str> {
    let kinds = plan.descriptors();
    let general = [Some(kinds.general()), kinds.fixed_line(), kinds.mobile(), kinds.toll_free(), kinds.premium_rate()];
    let special = [kinds.shared_cost(), kinds.personal_number(), kinds.voip(), kinds.pager(), kinds.uan()];
    general.into_iter().chain(special).flatten().filter_map(Descriptor::example)
}

#[test]
fn every_countrys_code_is_known_and_no_other() {
    let known = |code: u16| DATABASE.by_code(&code).is_some();
    // Two digits that are no code begin the codes of three.
    let is_whole = |&code: &u16| known(code) || code >= 100 && !known(code / 10) && !known(code / 100);
    for code in (1..=999).filter(is_whole) {
        assert_eq!(ours(&format!("+{code} 234567890")).is_some(), known(code), "+{code}");
    }
}

#[test]
fn a_number_that_can_be_called_is_stored_as_it_is() {
    for plan in DATABASE.iter() {
        for example in examples(plan) {
            let number = format!("+{}{example}", plan.country_code());
            if number.len() >= SHORTEST {
                assert_eq!(ours(&number).as_ref(), Some(&number));
            }
        }
    }
}

#[test]
fn what_is_dialled_only_inside_a_country_is_left_out_where_the_crate_does_it() {
    let mut left_out = 0;
    for plan in DATABASE.iter() {
        // Belarus' own prefix is also how its numbers of free calls begin: which it is cannot be told without the plan.
        let prefixes = ["0", "00"].into_iter().chain(plan.national_prefix().filter(|_| plan.country_code() != 375));
        for (prefix, example) in prefixes.flat_map(|prefix| examples(plan).map(move |example| (prefix, example))) {
            let code = plan.country_code();
            let (number, said) = (format!("+{code}{example}"), format!("+{code} ({prefix}) {example}"));
            if number.len() >= SHORTEST && theirs(&said).as_ref() == Some(&number) {
                assert_eq!(ours(&said), Some(number), "{said}");
                left_out += 1;
            }
        }
    }
    assert!(left_out > 1_000, "{left_out} comparisons");
}
