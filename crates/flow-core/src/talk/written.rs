//! An [`Input`] as JSON, as an inbox keeps it: whole where it is stored, masked where it would be shown.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use super::{Button, Command, Contact, Input, Media, Place, Signal};
use crate::privacy::{MASK, serialize_private};

/// What serde writes of an [`Input`].
#[derive(Serialize, Deserialize)]
#[serde(remote = "Input", rename_all = "snake_case")]
enum Written {
    Text(String),
    Button(Button),
    Signal(Signal),
    Media(Media),
    Place(Place),
    Contact(Contact),
    Command(Command),
}

struct Whole<'t>(&'t Input);

impl Serialize for Whole<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Written::serialize(self.0, serializer)
    }
}

impl Serialize for Input {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize_private(&Whole(self), || MASK.to_owned(), serializer)
    }
}

impl<'de> Deserialize<'de> for Input {
    /// Fails with an error that does not repeat what is stored, as those of serde do.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Written::deserialize(deserializer).map_err(|_| D::Error::custom("not an input that this release can read"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::{MediaKind, Message, privacy::masked};

    fn every_kind() -> Vec<Input> {
        let photo = Media::new(MediaKind::Image, "canary-reference").with_media_type("image/jpeg").with_size(7);
        let place = Place::new(52.520_8, -13.1).expect("a place").with_name("canary").with_address("canary street");
        vec![
            Input::text("canary"),
            Input::Button(Button::new("canary").with_label("canary label")),
            Input::signal_by_name("Paid", json!({"canary": [1, null, "x"]})),
            photo.with_file_name("canary.jpg").with_caption("canary caption").into(),
            Media::new(MediaKind::Voice, "canary").into(),
            place.into(),
            Contact::new("canary").with_phone("+canary").with_phone("2").with_email("canary@example.com").into(),
            Contact::new("canary").into(),
            Command::new("start").with_arguments("canary").into(),
        ]
    }

    #[test]
    fn a_message_of_each_kind_reads_back_as_it_was() {
        for input in every_kind() {
            for message in [Message::from(input.clone()), input.clone().with_id("m1").with_language("pt")] {
                let written = serde_json::to_string(&message).expect("JSON");
                let read: Message = serde_json::from_str(&written).expect("a message");
                assert!(read == message, "{written}");
            }
        }
    }

    #[test]
    fn a_message_is_written_as_documented() {
        let message = Input::from(Media::new(MediaKind::Image, "r").with_caption("c")).with_id("m1");
        let written = serde_json::to_value(&message).expect("JSON");
        let media = json!({"kind": "image", "reference": "r", "caption": "c"});
        assert_eq!(written, json!({"input": {"media": media}, "id": "m1"}));
        assert_eq!(serde_json::to_value(Message::from("hi")).expect("JSON"), json!({"input": {"text": "hi"}}));
        let command = Input::from(Command::new("start").with_arguments("x"));
        assert_eq!(serde_json::to_value(command).expect("JSON"), json!({"command": "/start x"}));
    }

    #[test]
    fn nothing_of_an_input_is_shown() {
        for input in every_kind() {
            let shown = format!("{input:?} {input:#?} {}", masked(&Message::from(input.clone())).expect("a view"));
            assert!(!shown.contains("canary") && !shown.contains("52"), "{shown}");
        }
    }

    #[test]
    fn what_is_no_input_is_refused_without_an_echo() {
        for other in [
            json!({"canary": 4711}),
            json!({"text": 4711}),
            json!({"media": {"kind": "canary", "reference": "x"}}),
            json!({"place": {"latitude": 4711, "longitude": 0}}),
            json!({"contact": {"name": 4711}}),
            json!("canary"),
        ] {
            let error = serde_json::from_value::<Input>(other).expect_err("no input").to_string();
            assert!(!error.contains("4711") && !error.contains("canary"), "{error}");
        }
    }

    proptest! {
        #[test]
        fn any_words_in_any_kind_read_back(words in r"\PC{0,40}", latitude in -90.0..=90.0, longitude in -180.0..=180.0) {
            let place = Place::new(latitude, longitude).expect("a place").with_name(words.as_str());
            let media = Media::new(MediaKind::Document, words.as_str()).with_caption(words.as_str());
            let inputs: [Input; 4] =
                [place.into(), media.into(), Contact::new(&words).with_phone(&words).into(), Command::new(&words).into()];
            for input in inputs {
                let written = serde_json::to_vec(&input).expect("JSON");
                prop_assert!(serde_json::from_slice::<Input>(&written).expect("an input") == input);
            }
        }
    }
}
