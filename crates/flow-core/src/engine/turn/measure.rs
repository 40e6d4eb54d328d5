//! How large an input may be, asked before anything else, so that what is too large costs nothing; and how deep what is
//! stored may be nested.

use serde_json::Value;

use crate::{
    Input, Message,
    engine::{Inbox, Limits, error::EngineError},
    session::OWN_MARK,
};

/// How deep the payload of a signal may be nested.
const DEEPEST: usize = 32;

/// How deep a value in a record may be nested: an offer, a snapshot, what an effect carries.
///
/// JSON is read again to 128 levels, and the record puts up to eight around a value.
const DEEPEST_STORED: usize = 100;

/// How many bytes the names that come with a message may have: its id, its language, a signal's name.
const LONGEST_NAME: usize = 256;

/// How many bytes a place may have at a channel. Each reply that is promised carries it.
const LONGEST_PLACE: usize = 1024;

/// How many bytes a letter has around its input, at most: names and a place with each byte escaped, and the time.
const LARGEST_FRAME: usize = 6 * (6 * LONGEST_NAME + LONGEST_PLACE);

impl Limits {
    /// Fails if anything about the message is beyond its bound.
    pub(super) fn measure(&self, message: &Message) -> Result<(), EngineError> {
        let limit = self.input;
        within("message id", message.id().map_or(0, str::len), LONGEST_NAME)?;
        if message.id().is_some_and(|id| id.starts_with(OWN_MARK)) {
            return Err(EngineError::OwnId);
        }
        within("channel name", message.address().map_or(0, |address| address.channel().len()), LONGEST_NAME)?;
        within("address", message.address().map_or(0, |address| address.place().len()), LONGEST_PLACE)?;
        within("language", message.language().map_or(0, str::len), LONGEST_NAME)?;
        if let Input::Signal(signal) = message.input() {
            within("signal name", signal.name.len(), LONGEST_NAME)?;
            within("signal depth", depth(&signal.payload, DEEPEST), DEEPEST)?;
        }
        let what = match message.input() {
            Input::Text(_) => "text",
            Input::Button(_) => "button",
            Input::Media(_) => "media",
            Input::Place(_) => "place",
            Input::Contact(_) => "contact",
            Input::Command(_) => "command",
            Input::Signal(_) => "signal payload",
        };
        within(what, size_of(message.input()), limit)
    }
}

impl Inbox {
    /// Whether a message may be too large to wait, though nothing else does. Its letter is not written to find that out.
    pub(super) fn may_be_too_small_for(&self, message: &Message) -> bool {
        // A byte takes six where it is escaped.
        let most = size_of(message.input()).saturating_mul(6).saturating_add(LARGEST_FRAME);
        self.letters == 0 || most > self.bytes
    }
}

/// How many bytes an input has. The depth of a signal's payload is known to be small.
fn size_of(input: &Input) -> usize {
    match input {
        Input::Text(text) => text.len(),
        Input::Button(button) => button.payload.len() + button.label.as_ref().map_or(0, String::len),
        Input::Media(media) => media.len(),
        Input::Place(place) => place.len(),
        Input::Contact(contact) => contact.len(),
        Input::Command(command) => command.said().len(),
        Input::Signal(signal) => size(&signal.payload),
    }
}

fn within(what: &'static str, size: usize, limit: usize) -> Result<(), EngineError> {
    if size > limit { Err(EngineError::InputTooLarge { what, limit }) } else { Ok(()) }
}

/// Whether a record that holds the value, wherever in it, can be read again.
pub(in crate::engine) fn can_be_stored(value: &Value) -> bool {
    depth(value, DEEPEST_STORED) <= DEEPEST_STORED
}

/// How deep a value is nested, looking no deeper than needed to tell that it is beyond the limit.
fn depth(value: &Value, limit: usize) -> usize {
    let mut level: Vec<&Value> = vec![value];
    for depth in 0..=limit {
        level = level.iter().flat_map(|value| children(value)).collect();
        if level.is_empty() {
            return depth;
        }
    }
    limit + 1
}

/// About how many bytes a value takes. Its depth is known to be small.
fn size(value: &Value) -> usize {
    let own = match value {
        Value::String(text) => text.len(),
        Value::Object(map) => map.keys().map(String::len).sum(),
        _ => 1,
    };
    own + children(value).map(size).sum::<usize>()
}

fn children(value: &Value) -> impl Iterator<Item = &Value> {
    let (array, object) = match value {
        Value::Array(array) => (Some(array), None),
        Value::Object(map) => (None, Some(map.values())),
        _ => (None, None),
    };
    array.into_iter().flatten().chain(object.into_iter().flatten())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Address, Command, Contact, Media, MediaKind, Place};

    #[test]
    fn what_is_too_large_or_too_deep_is_refused_and_what_is_not_is_taken() {
        let limits = Limits::default().input(100);
        let deep = |levels: usize| (0..levels).fold(Value::Null, |value, _| Value::Array(vec![value]));
        let media = |reference: usize, caption: usize| {
            Media::new(MediaKind::Image, "x".repeat(reference)).with_caption("x".repeat(caption)).into()
        };
        let signal = |payload: Value| Message::from(Input::Signal(crate::Signal { name: "paid".into(), payload }));
        for (message, fits) in [
            ("x".repeat(100).as_str().into(), true),
            ("x".repeat(101).as_str().into(), false),
            (Input::button("x".repeat(101)).into(), false),
            (media(90, 10), true),
            (media(90, 11), false),
            (media(0, 101), false),
            (Place::new(1.0, 2.0).expect("a place").with_address("x".repeat(101)).into(), false),
            (Contact::new("x".repeat(50)).with_phone("1".repeat(25)).with_email("x".repeat(25)).into(), true),
            (Contact::new("x".repeat(50)).with_phone("1".repeat(25)).with_email("x".repeat(26)).into(), false),
            (Command::new("x".repeat(100)).into(), false),
            (Input::text("hi").with_id("x".repeat(257)), false),
            (Input::text("hi").with_id("\u{1}after 60/3"), false),
            (Input::text("hi").with_id("after 60/3"), true),
            (Input::text("hi").with_address(Address::new("x".repeat(257), "7")), false),
            (Input::text("hi").with_address(Address::new("web", "x".repeat(1025))), false),
            (Input::text("hi").with_address(Address::new("web", "x".repeat(1024))), true),
            (signal(deep(DEEPEST)), true),
            (signal(deep(DEEPEST + 1)), false),
            (signal("x".repeat(101).into()), false),
        ] {
            assert_eq!(limits.measure(&message).is_ok(), fits, "{message:?}");
        }
    }
}
