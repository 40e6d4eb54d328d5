//! What must not be shown: [`Private`], the [`masked`] view of any value, and [`Redaction`] of texts bound for a log.

mod folded;
mod private;
mod redaction;
mod sight;

pub use private::Private;
pub use redaction::Redaction;
pub use sight::masked;

pub(crate) use sight::serialize_private;

/// What stands for something private.
pub(crate) const MASK: &str = "***";

#[cfg(all(test, feature = "phone"))]
mod tests {
    use serde::Serialize;

    use super::*;
    use crate::{
        Reask, Speak,
        answers::{Answer, Email, Name, Phone},
    };

    #[derive(Debug, Serialize)]
    struct Guest {
        name: Name,
        email: Option<Email>,
        phones: Vec<Phone>,
        diagnosis: Private<Vec<String>>,
    }

    #[test]
    fn a_canary_in_any_private_type_is_shown_by_nothing_that_shows() -> Result<(), Reask> {
        let said = ["Canaria Canarinho", "canary.bird@example.com", "+49 30 1234567", "canary pox"];
        let diagnosis = Private::new(vec![said[3].to_owned()]);
        let (name, email, phones) = (Name::parse(said[0])?, Some(Email::parse(said[1])?), vec![Phone::parse(said[2])?]);
        let guest = Guest { name, email, phones, diagnosis };
        let stored = serde_json::to_string(&guest).expect("JSON");
        let error = format!("duplicate key {said:?} {} {stored}", said.join("/").to_uppercase());
        let cleaned = Redaction::default().of(&guest).clean(&error);
        let masked = masked(&guest).expect("a view");
        for shown in [format!("{guest:?} {guest:#?}"), masked.to_string(), cleaned] {
            for canary in ["canari", "canary", "bird", "pox", "123", "30 1"] {
                assert!(!shown.to_lowercase().contains(canary), "{canary} in {shown}");
            }
        }
        assert!(stored.contains("+49301234567") && guest.name.speak() == said[0]);
        Ok(())
    }
}
