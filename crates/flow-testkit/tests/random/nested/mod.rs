//! Conversations that nest, correct, digress and go back, beside a model that says after each turn where they stand, what is known there,
//! what is asked, and which steps led there: [`play`].
//!
//! Time passes with and without a worker, other processes go on, messages come twice or two at a time, the store fails, and now and then
//! the present question is asked again.

mod house;
mod model;
mod visit;

use std::collections::BTreeMap;

use self::visit::Visit;

pub(crate) use self::model::Flaw;

/// How many messages a conversation has.
const TURNS: usize = 60;

/// What is said: where it is understood, and where it is not.
const SAID: [&str; 36] = [
    "Ana",
    "Ben",
    "Rome",
    "Main St",
    "1",
    "2",
    "3",
    "4",
    "many",
    "many",
    "Trip",
    "Trip",
    "Mail",
    "List",
    "List",
    "Yes",
    "No",
    "done",
    "apple",
    "pear",
    "back",
    "back",
    "back",
    "cancel",
    "nowhere",
    "/out",
    "/ask",
    "/ask",
    "change name",
    "Change place",
    "change place",
    "change party",
    "change address",
    "we are 5",
    "we are many",
    "7",
];

/// How often a conversation met what it is for.
pub(crate) type Met = BTreeMap<&'static str, u64>;

/// All that is to be met.
pub(crate) const WHAT: [&str; 16] = [
    "back",
    "shortcut",
    "after",
    "tries",
    "run",
    "done",
    "correction",
    "aside",
    "reopened",
    "repeat",
    "two at once",
    "another process",
    "prompt",
    "worker",
    "a call that failed",
    "four deep",
];

/// Plays the seed, and compares each turn with the model, which may have a flaw.
///
/// Fails with the conversation up to the first difference.
pub(crate) async fn play(seed: u64, flaw: Option<Flaw>) -> Result<Met, String> {
    let mut visit = Visit::begin(seed, flaw);
    for number in 0..TURNS {
        let turned = if number == 0 { visit.says(number).await } else { visit.goes_on(number).await };
        if let Err(difference) = turned {
            return Err(format!("{difference}\n{}", visit.story.join("\n")));
        }
    }
    Ok(visit.met)
}
