//! What is accepted is handled: random histories of those who post, those who handle and those who look after what is left, each
//! of whom may die at any step.
//!
//! The actors are the protocol of an inbox as an engine has it, over any store, without an engine. So the rules of the store and
//! those of the protocol are tried together, each of them also left out: then the same histories have to find what is lost.

mod actors;
mod history;
mod protocol;
mod without;

use flow_memory::MemoryStore;

use history::{Findings, history};
use protocol::Protocol;
use without::Without;

/// How many histories are tried each time the tests run.
const HISTORIES: u64 = 1_000;

/// Set to try more of them, once: `FLOW_HISTORIES=40000`.
fn histories() -> u64 {
    std::env::var("FLOW_HISTORIES").map_or(HISTORIES, |count| count.parse().expect("a number of histories"))
}

fn find(protocol: Protocol, without: Option<Without>) -> Findings {
    let mut findings = Findings::default();
    for seed in 0..histories() {
        findings += history(seed, protocol, |clock| {
            let store = MemoryStore::builder().clock(clock).build();
            without::store(store, without)
        });
    }
    findings
}

#[test]
fn nothing_that_was_accepted_is_lost_doubled_or_left() {
    let findings = find(Protocol::Whole, None);
    assert_eq!(
        findings,
        Findings { accepted: findings.accepted, begun_anew: findings.begun_anew, ..Findings::default() }
    );
    assert!(findings.accepted > histories() && findings.begun_anew > histories() / 20, "{findings:?}");
}

#[test]
fn where_a_commit_forgets_who_looks_after_the_letters_they_are_left() {
    let findings = find(Protocol::Whole, Some(Without::LookingAfterWhatIsLeft));
    assert!(findings.left > 0, "{findings:?}");
}

#[test]
fn where_the_first_letter_claims_nothing_it_may_be_left() {
    let findings = find(Protocol::Whole, Some(Without::TheLeaseOfThePoster));
    assert!(findings.left > 0, "{findings:?}");
}

#[test]
fn where_letters_are_taken_by_their_number_one_is_lost() {
    let findings = find(Protocol::Whole, Some(Without::TakingByName));
    assert!(findings.lost > 0, "{findings:?}");
}

#[test]
fn where_a_waiting_letter_is_not_known_again_nothing_is_doubled_because_the_record_knows() {
    let findings = find(Protocol::Whole, Some(Without::KnowingWhatWaits));
    assert_eq!((findings.doubled, findings.lost, findings.left), (0, 0, 0), "{findings:?}");
}

#[test]
fn a_turn_that_was_posted_behind_others_may_go_on_because_letters_are_taken_by_name() {
    let findings = find(Protocol::GoesOnBehindOthers, None);
    assert_eq!((findings.lost, findings.doubled, findings.left, findings.out_of_order), (0, 0, 0, 0), "{findings:?}");
    let findings = find(Protocol::GoesOnBehindOthers, Some(Without::TakingByName));
    assert!(findings.lost > 0, "{findings:?}");
}

#[test]
fn where_a_message_does_not_stand_behind_those_that_wait_messages_change_their_order() {
    let findings = find(Protocol::PassesThoseWhoWait, None);
    assert!(findings.out_of_order > 0, "{findings:?}");
}

#[test]
fn where_the_record_does_not_remember_a_message_it_is_handled_twice() {
    let findings = find(Protocol::RemembersNothing, None);
    assert!(findings.doubled > 0, "{findings:?}");
}
