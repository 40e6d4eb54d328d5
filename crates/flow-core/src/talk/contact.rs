//! Somebody's card from an address book: [`Contact`].

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Speak, privacy::Private};

/// A card from an address book, that the visitor shared or that is to be shown: a name, phone numbers, e-mail addresses.
///
/// ```
/// use flow_core::{Contact, answers::{Answer, Email}};
///
/// let card = Contact::new("Ana Silva").with_phone("+49 30 1234567").with_email("ana@example.com");
/// assert_eq!(card.phones(), ["+49 30 1234567"]);
/// // A card that is shared answers the question for what stands on it.
/// assert_eq!(Email::read(&card.into()).map(|email| email.as_str().to_owned()), Ok("ana@example.com".to_owned()));
/// ```
///
/// It is private by type: stored and spoken as it is, and masked in `Debug`, in logs and in every masked view.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Contact(Private<Parts>);

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Parts {
    name: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    phones: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    emails: Vec<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    is_own: bool,
}

impl Contact {
    /// The card of this name.
    pub fn new(name: impl Into<String>) -> Self {
        Self(Private::new(Parts { name: name.into(), phones: Vec::new(), emails: Vec::new(), is_own: false }))
    }

    /// With this phone number too: with `+` and its country's code where the channel knows them, since a number without is
    /// no answer to the question for one.
    #[must_use]
    pub fn with_phone(self, phone: impl Into<String>) -> Self {
        self.with(|parts| parts.phones.push(phone.into()))
    }

    /// With this e-mail address too.
    #[must_use]
    pub fn with_email(self, email: impl Into<String>) -> Self {
        self.with(|parts| parts.emails.push(email.into()))
    }

    /// As the card of the very visitor who shares it, because the channel vouches for that: of an account there, no other can share
    /// it so.
    ///
    /// ```
    /// use flow_core::Contact;
    ///
    /// let card = Contact::new("Ana Silva").with_phone("+49 30 1234567");
    /// assert!(card.clone().with_own().is_own() && !card.is_own());
    /// ```
    #[must_use]
    pub fn with_own(self) -> Self {
        self.with(|parts| parts.is_own = true)
    }

    /// Whether it is the card of the visitor who shared it, as the channel vouches. Where it does not know, and for the card of
    /// somebody else, it is not: a number on it may be anybody's.
    pub fn is_own(&self) -> bool {
        self.0.reveal().is_own
    }

    /// The name on it.
    pub fn name(&self) -> &str {
        &self.0.reveal().name
    }

    /// The phone numbers on it, as they are written there.
    pub fn phones(&self) -> &[String] {
        &self.0.reveal().phones
    }

    /// The e-mail addresses on it, as they are written there.
    pub fn emails(&self) -> &[String] {
        &self.0.reveal().emails
    }

    /// How many bytes stand on it.
    pub(crate) fn len(&self) -> usize {
        self.name().len() + self.phones().iter().chain(self.emails()).map(String::len).sum::<usize>()
    }

    fn with(self, change: impl FnOnce(&mut Parts)) -> Self {
        let mut parts = self.0.into_inner();
        change(&mut parts);
        Self(Private::new(parts))
    }
}

/// Its name.
impl Speak for Contact {
    fn speak(&self) -> String {
        self.name().to_owned()
    }
}

/// How much stands on it.
impl fmt::Debug for Contact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Contact({} phones, {} emails)", self.phones().len(), self.emails().len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_of_which_nobody_knows_whose_it_is_is_written_as_it_always_was() {
        let card = Contact::new("Ana").with_phone("+49 30 1");
        let written = serde_json::to_string(&card).expect("JSON");
        assert_eq!(written, r#"{"name":"Ana","phones":["+49 30 1"]}"#);
        let own = serde_json::to_string(&card.clone().with_own()).expect("JSON");
        for (written, is_own) in [(written, false), (own, true)] {
            let read: Contact = serde_json::from_str(&written).expect("a card");
            assert_eq!((read.is_own(), read.phones()), (is_own, card.phones()));
        }
    }
}
