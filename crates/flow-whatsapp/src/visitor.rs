//! By what a visitor is known: a place, as the engine calls it.

use serde_json::{Map, Value};

/// Which of the two that WhatsApp tells of a visitor is the place, if it tells both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum KnownBy {
    /// The id that the visitor has for this business ("Business-scoped user IDs"). The number may be told today and not tomorrow.
    #[default]
    UserId,
    Number,
}

impl KnownBy {
    pub(crate) fn place(self, user_id: Option<String>, number: Option<String>) -> Option<String> {
        let [user_id, number] = [user_id, number].map(|place| place.filter(|place| !place.is_empty()));
        match self {
            Self::UserId => user_id.or(number),
            Self::Number => number.or(user_id),
        }
    }
}

/// Writes into a message where it goes.
///
/// An id in the field of numbers is answered with 200, and the message reaches nobody: Meta takes its digits for a number.
pub(crate) fn address(message: &mut Map<String, Value>, place: &str) {
    let field = if is_user_id(place) { "recipient" } else { "to" };
    message.insert("recipient_type".to_owned(), "individual".into());
    message.insert(field.to_owned(), place.into());
}

/// `US.13491208655302741918`: two letters of a country, a dot, letters and digits. That of several businesses has `ENT.` between.
fn is_user_id(place: &str) -> bool {
    let Some((country, id)) = place.split_once('.') else { return false };
    country.len() == 2 && country.bytes().all(|letter| letter.is_ascii_uppercase()) && !id.is_empty()
}
