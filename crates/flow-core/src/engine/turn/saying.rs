//! What was said in a turn, as the log of what was said is to keep it: [`Saying`]. Writes nothing.

use serde_json::{Map, Value, json};

use super::{draft::Draft, measure::can_be_stored, request::TurnRequest};
use crate::{
    Flow, Input, Moment, Reply, Session, Speaker, Utterance,
    engine::{
        outcome::OutcomeKind,
        said::{Said, Shows},
    },
    privacy::{MASK, Redaction},
};

/// Listens to a turn, to tell in the end what was said in it.
pub(super) struct Saying<'s> {
    said: &'s Said,
    /// What was private before the turn, where that is masked.
    redaction: Option<Redaction>,
}

/// One thing that was said.
struct Spoken {
    by: Speaker,
    kind: &'static str,
    text: String,
    details: Value,
    /// Whether some of it is cut off already.
    is_cut: bool,
}

impl<'s> Saying<'s> {
    /// Listens to the turn of a session as it was `before`; none if what was said is not kept.
    pub(super) fn listen<F: Flow>(said: Option<&'s Said>, before: Option<&Session<F>>) -> Option<Self> {
        let said = said?;
        let redaction = (said.shows() == Shows::Masked).then(Redaction::default);
        let redaction = redaction.map(|redaction| before.into_iter().fold(redaction, and_what_is_private));
        Some(Self { said, redaction })
    }

    /// Adds to the draft what was said in its turn: what came in, as it was `heard`, and what is replied to it.
    pub(super) fn tell<F: Flow>(self, draft: &mut Draft<F>, request: &TurnRequest<'_, F>, heard: Option<&Input>) {
        let redaction = self.redaction.map(|redaction| and_what_is_private(redaction, &draft.session));
        let shape = |spoken: Spoken, is_understood: bool, moment: Moment, state: &str| {
            let utterance = Utterance::new(moment, spoken.by, state, spoken.kind).with_bytes(spoken.bytes());
            match self.said.shows() {
                Shows::Sizes => utterance,
                Shows::Everything => spoken.kept(utterance, self.said.longest_of_one()),
                Shows::Masked => {
                    let redaction = redaction.as_ref().filter(|_| is_understood);
                    spoken.masked(redaction).kept(utterance, self.said.longest_of_one())
                }
            }
        };
        let (now, stamp) = (draft.now, draft.session.stamp());
        let mut moments = (0..).map(|index| Moment::new(now, stamp, index));
        let mut utterances = Vec::new();
        if let Some(input) = heard {
            let first = draft.transitions.first();
            let standing = draft.session.standing();
            let before = first.map_or(&*standing, |step| step.from.as_deref().unwrap_or(&step.to));
            // What opens a conversation is no answer to anything, and what is in it nobody knows.
            let is_unanswered = matches!(draft.kind, OutcomeKind::Paused);
            let is_understood = draft.opened.is_none() && !draft.is_rejected && !is_unanswered;
            utterances.extend(moments.next().map(|moment| shape(Spoken::of(input), is_understood, moment, before)));
        }
        if !request.is_due() || draft.is_heard_later() {
            let kind = if request.is_due() { "announcement" } else { "reply" };
            let replies = draft.replies.iter().filter(|reply| !reply.is_silence());
            let state = &*draft.session.standing();
            let by = if request.is_said_by_a_person() { Speaker::Operator } else { Speaker::Bot };
            let said =
                replies.zip(moments).map(|(reply, moment)| shape(Spoken::reply(reply, kind, by), true, moment, state));
            utterances.extend(said);
        }
        draft.said_lost = draft.session.note_said(utterances);
    }
}

/// What the session holds that is private is struck out, too.
fn and_what_is_private<F: Flow>(redaction: Redaction, session: &Session<F>) -> Redaction {
    let redaction = session.redact(redaction);
    // What kind of thing was offered, private or not, the record does not tell.
    session.offered().unwrap_or_default().iter().fold(redaction, Redaction::and_all_of)
}

impl Spoken {
    fn of(input: &Input) -> Self {
        let more_than_words = |kind| {
            let details = serde_json::to_value(input).unwrap_or_default();
            let text = input.said().unwrap_or_default().to_owned();
            Self { by: Speaker::Visitor, kind, text, details, is_cut: false }
        };
        match input {
            Input::Media(_) => more_than_words("media"),
            Input::Place(_) => more_than_words("place"),
            Input::Contact(_) => more_than_words("contact"),
            Input::Command(command) => Self {
                by: Speaker::Visitor,
                kind: "command",
                text: command.said().to_owned(),
                details: Value::Null,
                is_cut: false,
            },
            Input::Text(text) => {
                Self { by: Speaker::Visitor, kind: "text", text: text.clone(), details: Value::Null, is_cut: false }
            }
            Input::Button(button) => {
                let details = button.label.as_ref().map_or(Value::Null, |label| json!({ "label": label }));
                Self { by: Speaker::Visitor, kind: "button", text: button.payload.clone(), details, is_cut: false }
            }
            Input::Signal(signal) => {
                let (text, details) = (signal.name.clone(), signal.payload.clone());
                Self { by: Speaker::Outside, kind: "signal", text, details, is_cut: false }
            }
        }
    }

    /// A reply as it is stored: its text, and whatever else it has as the details.
    fn reply(reply: &Reply, kind: &'static str, by: Speaker) -> Self {
        let mut details = match serde_json::to_value(reply) {
            Ok(Value::Object(fields)) => fields,
            _ => Map::new(),
        };
        details.remove("text");
        let details = if details.is_empty() { Value::Null } else { Value::Object(details) };
        Self { by, kind, text: reply.text().to_owned(), details, is_cut: false }
    }

    fn bytes(&self) -> u64 {
        (self.text.len() + written_size(&self.details)) as u64
    }

    /// With what is private struck out; everything, if it is not known what that is.
    fn masked(self, redaction: Option<&Redaction>) -> Self {
        if self.by == Speaker::Outside {
            // Its name is declared; what it carries is not told apart.
            return Self { details: Value::Null, ..self };
        }
        match redaction {
            Some(redaction) => {
                // A file's reference, a place and a card are private as they come.
                let is_private = ["media", "place", "contact"].contains(&self.kind);
                let details = if is_private { Value::Null } else { cleaned(redaction, &self.details) };
                let text = redaction.clean(&self.text);
                Self { is_cut: Redaction::cuts(&self.text), text, details, ..self }
            }
            None => Self { text: MASK.to_owned(), details: Value::Null, ..self },
        }
    }

    /// The utterance with as much of it as may be kept.
    fn kept(mut self, utterance: Utterance, longest: usize) -> Utterance {
        let (bytes, length) = (utterance.bytes, self.text.len());
        let end = (0..=longest.min(length)).rev().find(|end| self.text.is_char_boundary(*end)).unwrap_or_default();
        self.text.truncate(end);
        let has_room = written_size(&self.details) <= longest - self.text.len() && can_be_stored(&self.details);
        let is_cut = self.is_cut || self.text.len() < length || !has_room;
        let details = if has_room { self.details } else { Value::Null };
        utterance.with_text(self.text).with_details(details).with_bytes(bytes).with_cut(is_cut)
    }
}

/// The value with what is private struck out of each text in it, and without the numbers that are.
fn cleaned(redaction: &Redaction, value: &Value) -> Value {
    match value {
        Value::String(text) => redaction.clean(text).into(),
        Value::Number(number) => {
            let text = number.to_string();
            if redaction.clean(&text) == text { value.clone() } else { MASK.into() }
        }
        Value::Array(values) => values.iter().map(|value| cleaned(redaction, value)).collect(),
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), cleaned(redaction, value))).collect(),
        Value::Null | Value::Bool(_) => value.clone(),
    }
}

/// How many bytes the value has as JSON; none if it is null.
fn written_size(value: &Value) -> usize {
    if value.is_null() { 0 } else { value.to_string().len() }
}
