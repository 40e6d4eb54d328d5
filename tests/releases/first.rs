//! The release that began the conversations with which another goes on.

pub mod bell;
pub mod home;

use std::time::Duration;

use flow_core::{Flow, Key, Result, Step, Turn};
use serde::{Deserialize, Serialize};

/// A talk about how the visitor is.
#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "mood", effects(Ring, Note(String)))]
pub enum Mood {
    /// Nothing is known yet.
    #[state(start, ask = "How are you?", choices(Well, Soso("So-so"), Bad), to(Asked))]
    Begin,
    /// It is known how the visitor is, and asked what to do.
    #[state(ask = "{how}? Shall I call?", choices(Yes, No), remind(Waiting), to(Called))]
    Asked {
        /// How the visitor is.
        how: BeginChoice,
    },
    /// Over.
    #[state(end, say = "Done.")]
    Called {
        /// How the visitor was.
        how: BeginChoice,
    },
}

pub use mood::*;

/// Rings, and writes a note.
#[derive(Debug)]
pub struct Host;

impl MoodHandler for Host {
    async fn begin(&self, state: Begin, how: BeginChoice, turn: Turn<'_, Begin>) -> Step<Begin> {
        let asked = state.asked(how).remind_in(Duration::from_secs(3600), AskedReminder::Waiting);
        turn.to(asked).effect(MoodEffect::Ring).effect(MoodEffect::Note("a canary".into()))
    }

    async fn asked(&self, state: Asked, _: AskedChoice, turn: Turn<'_, Asked>) -> Step<Asked> {
        turn.to(state.called())
    }

    async fn asked_on_waiting(&self, _: Asked, turn: Turn<'_, Asked>) -> Step<Asked> {
        turn.stay("Are you there?")
    }

    async fn deliver_ring(&self, _: Key) -> Result<()> {
        Ok(())
    }

    async fn deliver_note(&self, _: String, _: Key) -> Result<()> {
        Ok(())
    }
}
