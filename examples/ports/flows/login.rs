//! A password with three tries, and a lock of ten minutes after them. Written from the requirement: see the README on originals.

use std::collections::HashMap;

use flow_chat::{Reask, prelude::*, privacy::Private};
use serde::{Deserialize, Serialize};

/// Going back, or beginning anew, gives nobody more tries; the lock ends by the clock, whether a worker is there or not.
#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "login", anywhere(back, "restart" => Who))]
pub enum Login {
    #[state(start, ask = "Who are you?", to(Word))]
    Who,

    #[state(ask = "Your password, {user}?", answer = Private<String>, tries(3, Locked), to(In))]
    Word { user: String },

    #[state(say = "Too many tries. Come again in ten minutes.", without(back, "restart"), after("10m", Unlocked))]
    Locked,

    /// Who comes late may have written a password again: here it is taken for nothing, least of all for a name.
    #[state(ask = "The lock is over. Shall we try again?", choices(Yes), without(back, "restart"), to(Who))]
    Unlocked,

    #[state(end, say = "Welcome, {user}!")]
    In { user: String },
}

pub use login::*;

/// Knows everybody's password.
#[derive(Clone)]
pub struct Porter(pub HashMap<&'static str, &'static str>);

impl LoginHandler for Porter {
    async fn word(&self, state: Word, word: Private<String>, turn: Turn<'_, Word>) -> Step<Word> {
        match self.0.get(&*state.user) {
            Some(password) if password == word.reveal() => turn.to(state.r#in()),
            _ => Err(Reask::because("That is not it.").into()),
        }
    }

    async fn locked(&self, _: Locked, turn: Turn<'_, Locked>) -> Step<Locked> {
        turn.stay("Still locked.")
    }

    async fn unlocked(&self, _: Unlocked, _: UnlockedChoice, turn: Turn<'_, Unlocked>) -> Step<Unlocked> {
        turn.to(Who)
    }
}
