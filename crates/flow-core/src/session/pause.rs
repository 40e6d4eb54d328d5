//! That a person has taken over from the bot: [`Pause`].

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{By, Session};
use crate::{Flow, Reply};

/// A pause of the bot: since when it is silent, and by whom and why.
///
/// ```
/// # use flow_core::{Engine, EngineError, Flow, SessionId};
/// # async fn example<F: Flow>(engine: &Engine<F>, id: SessionId) -> Result<(), EngineError> {
/// if let Some(pause) = engine.peek(id).await?.as_ref().and_then(|session| session.pause()) {
///     println!("{} has taken over at {}", pause.by().name(), pause.since());
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    since: DateTime<Utc>,
    by: By,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<DateTime<Utc>>,
    /// What turns of signals had to say meanwhile: it is said when the pause ends.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    withheld: Vec<Reply>,
    /// Whether a state was entered meanwhile, whose question is asked when the pause ends.
    #[serde(rename = "owesQuestion", default, skip_serializing_if = "std::ops::Not::not")]
    owes_question: bool,
    /// When the turn that ends it is to be tried again, if it failed.
    #[serde(rename = "againAt", default, skip_serializing_if = "Option::is_none")]
    again_at: Option<DateTime<Utc>>,
    /// How often that turn failed.
    #[serde(default, skip_serializing_if = "is_zero")]
    tries: u32,
}

impl Pause {
    /// Since when.
    pub fn since(&self) -> DateTime<Utc> {
        self.since
    }

    /// By whom, and why. A handler that asked for a person is `bot`.
    pub fn by(&self) -> &By {
        &self.by
    }

    /// When the bot goes on by itself; none if an operator ends the pause.
    pub fn until(&self) -> Option<DateTime<Utc>> {
        self.until
    }

    /// Whether the bot is silent at `now`.
    pub fn is_on(&self, now: DateTime<Utc>) -> bool {
        self.until.is_none_or(|until| now < until)
    }

    /// What was to be said meanwhile, and whether the state's question is to be asked after it.
    pub(crate) fn into_owed(self) -> (Vec<Reply>, bool) {
        (self.withheld, self.owes_question)
    }
}

/// Without what is to be said.
impl fmt::Debug for Pause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut pause = f.debug_struct("Pause");
        pause.field("since", &self.since).field("by", &self.by).field("until", &self.until).finish_non_exhaustive()
    }
}

impl<F: Flow> Session<F> {
    /// The pause of the bot; none if it takes its turns. One whose end has come ends with the next turn, or by a worker.
    pub fn pause(&self) -> Option<&Pause> {
        self.parts.pause.as_ref()
    }

    /// Whether the bot is silent.
    pub(crate) fn is_paused(&self, now: DateTime<Utc>) -> bool {
        self.pause().is_some_and(|pause| pause.is_on(now))
    }

    /// Has the bot be silent. What an earlier pause owes the visitor, this one owes.
    pub(crate) fn be_paused(&mut self, by: By, since: DateTime<Utc>, until: Option<DateTime<Utc>>) {
        let (withheld, owes_question) = self.parts.pause.take().map(Pause::into_owed).unwrap_or_default();
        self.parts.pause = Some(Pause { since, by, until, withheld, owes_question, again_at: None, tries: 0 });
    }

    /// Has this said when the pause ends.
    pub(crate) fn withhold(&mut self, replies: impl IntoIterator<Item = Reply>) {
        if let Some(pause) = &mut self.parts.pause {
            pause.withheld.extend(replies);
        }
    }

    /// Has the question of the state asked when the pause ends, if there is one: the state was entered meanwhile.
    pub(super) fn owe_question(&mut self) {
        if let Some(pause) = &mut self.parts.pause {
            pause.owes_question = true;
        }
    }

    /// Has the bot take its turns again, and gives the pause that this ends.
    pub(crate) fn end_pause(&mut self) -> Option<Pause> {
        self.parts.pause.take()
    }

    /// When a worker ends the pause; none if there is none, or an operator ends it.
    pub(super) fn pause_ends_at(&self) -> Option<DateTime<Utc>> {
        let pause = self.parts.pause.as_ref()?;
        // A session that expires first, expires in its pause.
        let until = pause.until.filter(|until| self.parts.expires_at.is_none_or(|expires_at| *until <= expires_at))?;
        Some(pause.again_at.unwrap_or(until))
    }

    /// Notes that the turn that ends the pause failed once more. `again_at` says, by the number of its failures, when it is tried
    /// again. Tells whether there is a pause.
    pub(crate) fn put_pause_end_off(&mut self, again_at: impl FnOnce(u32) -> DateTime<Utc>) -> bool {
        let Some(pause) = &mut self.parts.pause else { return false };
        pause.tries += 1;
        pause.again_at = Some(again_at(pause.tries));
        true
    }
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_zero(tries: &u32) -> bool {
    *tries == 0
}
