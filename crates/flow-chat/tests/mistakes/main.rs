//! One mistake is one error: flows that a newcomer writes wrongly, and what the compiler says of each.
//!
//! Every wrong flow must be refused by one error, at the token to change, and the text that its message proposes must
//! compile when it is pasted. Every right flow must be accepted without a warning. A case is a few lines in `cases`, and
//! [`Case`] says what they mean. The messages are kept as snapshots, to be reviewed when they change.
//!
//! `MISTAKES="some words" cargo test -p flow-chat --test mistakes` checks only the cases with these words in their subjects and
//! names, as in `edges: ` or `forgotten`.

#![allow(
    clippy::items_after_statements,
    clippy::type_complexity,
    clippy::maybe_infinite_iter,
    clippy::format_push_string,
    reason = "cases read from the top, and run for seconds"
)]

mod case;
mod cases;
mod check;
mod flows;
mod mend;
mod outcome;
mod place;
mod told;

use std::{env, sync::LazyLock};

use self::{case::Case, outcome::Outcome};

/// What became of every case, in one run for all of the tests.
static OUTCOMES: LazyLock<Vec<Outcome>> = LazyLock::new(|| outcome::outcomes(cases::all(only().as_deref())));

/// The words that the names of the cases must have, where not all are wanted.
fn only() -> Option<String> {
    env::var("MISTAKES").ok()
}

#[test]
fn each_mistake_is_one_error_at_its_token_and_what_it_proposes_compiles() {
    assert_as_expected(|case| case.error.is_some());
}

#[test]
fn right_flows_are_accepted_without_a_warning() {
    assert_as_expected(|case| case.error.is_none());
}

fn assert_as_expected(is_meant: impl Fn(&Case) -> bool) {
    let meant: Vec<_> = OUTCOMES.iter().filter(|outcome| is_meant(&outcome.case)).collect();
    let short: Vec<_> = meant.iter().filter_map(|outcome| outcome.shortcomings()).collect();
    assert!(short.is_empty(), "{} of {} cases are not as expected\n\n{}", short.len(), meant.len(), short.join("\n"));
}

#[test]
fn the_messages_are_those_that_were_reviewed() {
    if only().is_some() {
        return;
    }
    for subject in cases::SUBJECTS {
        let outcomes = OUTCOMES.iter().filter(|outcome| outcome.case.subject == subject.name);
        let pages: Vec<_> = outcomes.map(Outcome::page).collect();
        insta::assert_snapshot!(subject.name, pages.join("\n"));
    }
}
