//! One thing that was said, as the log of a conversation keeps it: [`Utterance`].

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Moment;

/// One thing that was said in a conversation: a line of its transcript.
///
/// What it shows of the words is as [`Said`](crate::engine::Said) declared it when they were said. `Debug` tells the kind and the
/// size, and never what was said.
///
/// ```
/// use chrono::Utc;
/// use flow_core::{Moment, Speaker, Stamp, Utterance};
///
/// let moment = Moment::new(Utc::now(), Stamp::first(), 0);
/// let said = Utterance::new(moment, Speaker::Visitor, "WELCOME", "text").with_text("Hello!");
/// assert_eq!((said.text.as_deref(), said.bytes), (Some("Hello!"), 6));
/// ```
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Utterance {
    /// When it was said, and its name.
    pub moment: Moment,
    /// Who said it.
    pub by: Speaker,
    /// The wire name of the state in which it was said; of a reply, the state that the turn led to.
    pub state: String,
    /// What kind of thing it is: `text`, `button`, `signal`, `reply`, `announcement`. Later releases know more.
    pub kind: String,
    /// The words: a text, a button's payload, a signal's name. None if they are not kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// What else there is to it, by its kind: a button's label, the choices of a reply, what a signal carries. Null if nothing.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub details: Value,
    /// How many bytes it had, with its details, before anything was cut or masked.
    pub bytes: u64,
    /// Whether some of it was cut off, because it was too long.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_cut: bool,
}

impl Utterance {
    /// Something of this kind, said in this state, of whose words nothing is kept.
    pub fn new(moment: Moment, by: Speaker, state: impl Into<String>, kind: impl Into<String>) -> Self {
        let (state, kind) = (state.into(), kind.into());
        Self { moment, by, state, kind, text: None, details: Value::Null, bytes: 0, is_cut: false }
    }

    /// The same with these words, which have so many bytes.
    #[must_use]
    pub fn with_text(self, text: impl Into<String>) -> Self {
        let text = text.into();
        Self { bytes: text.len() as u64, text: Some(text), ..self }
    }

    /// The same with these details.
    #[must_use]
    pub fn with_details(self, details: Value) -> Self {
        Self { details, ..self }
    }

    /// The same, of something that had so many bytes.
    #[must_use]
    pub fn with_bytes(self, bytes: u64) -> Self {
        Self { bytes, ..self }
    }

    /// The same, cut off or whole.
    #[must_use]
    pub fn with_cut(self, is_cut: bool) -> Self {
        Self { is_cut, ..self }
    }
}

impl fmt::Debug for Utterance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { moment, by, state, kind, bytes, .. } = self;
        let mut utterance = f.debug_struct("Utterance");
        utterance.field("moment", moment).field("by", by).field("state", state).field("kind", kind);
        utterance.field("bytes", bytes).finish_non_exhaustive()
    }
}

/// Who said something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Speaker {
    /// The visitor.
    Visitor,
    /// The bot, in answer or of its own accord.
    Bot,
    /// A person who works for the bot's owner.
    Operator,
    /// Something outside the conversation, by a signal.
    Outside,
}

impl Speaker {
    const ALL: [Self; 4] = [Self::Visitor, Self::Bot, Self::Operator, Self::Outside];

    /// The speaker in one word: `visitor`, `bot`, `operator`, `outside`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Visitor => "visitor",
            Self::Bot => "bot",
            Self::Operator => "operator",
            Self::Outside => "outside",
        }
    }

    /// The speaker of this word; none if there is no such speaker.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|speaker| speaker.as_str() == word)
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use uuid::Uuid;

    use super::*;
    use crate::Stamp;

    fn moment() -> Moment {
        let at = DateTime::from_timestamp(1_767_225_600, 1_999).expect("a time");
        Moment::new(at, Stamp { version: 3, write_id: Uuid::nil() }, 1)
    }

    #[test]
    fn it_reads_in_a_record_as_it_was_said() {
        let said = Utterance::new(moment(), Speaker::Visitor, "WELCOME", "text").with_text("hi");
        let written = serde_json::to_string(&said).expect("JSON");
        assert_eq!(
            written,
            r#"{"moment":["2026-01-01T00:00:00.000001Z",3,"00000000-0000-0000-0000-000000000000",1],"by":"visitor","state":"WELCOME","kind":"text","text":"hi","bytes":2}"#
        );
        assert_eq!(serde_json::from_str::<Utterance>(&written).expect("an utterance"), said);
    }

    #[test]
    fn every_speaker_is_known_by_its_word() {
        for speaker in Speaker::ALL {
            assert_eq!(Speaker::named(speaker.as_str()), Some(speaker));
            assert_eq!(serde_json::to_value(speaker).expect("JSON"), speaker.as_str());
        }
        assert_eq!(Speaker::named("nobody"), None);
    }

    #[test]
    fn debug_never_tells_what_was_said() {
        let said = Utterance::new(moment(), Speaker::Bot, "WELCOME", "reply").with_text("canary");
        let shown = format!("{:?}", said.with_details("canary".into()));
        assert!(!shown.contains("canary") && shown.contains("bytes: 6"), "{shown}");
    }
}
