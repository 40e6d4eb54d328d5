//! What [`Name`](super::Name), [`Email`](super::Email) and [`Phone`](super::Phone) have in common: a text that was
//! checked, and is masked wherever it could be shown.

use thiserror::Error;

/// A text is not what it should be. It is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("not {0}")]
pub struct NotA(pub(crate) &'static str);

/// A private text: `check` makes the stored form out of what was said, `stored` accepts what a record holds, which an
/// earlier release may have written, and `mask` makes what may be shown. `shared` are those of a card from an address book, if
/// one answers the question.
macro_rules! private_text {
    ($(#[doc = $doc:literal])+ $name:ident, $noun:literal, $hint:literal, $check:path, $stored:path, $mask:path $(, $shared:path)?) => {
        $(#[doc = $doc])+
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The text itself, for code that has a reason to see it.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// What may be shown of it.
            pub fn masked(&self) -> String {
                $mask(&self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = super::NotA;

            fn from_str(text: &str) -> Result<Self, super::NotA> {
                $check(text).map(Self).ok_or(super::NotA($noun))
            }
        }

        impl TryFrom<String> for $name {
            type Error = super::NotA;

            fn try_from(text: String) -> Result<Self, super::NotA> {
                text.parse()
            }
        }

        impl super::Answer for $name {
            fn parse(said: &str) -> Result<Self, crate::Reask> {
                said.parse().map_err(|_| crate::Reask::because($hint))
            }

            $(fn read(input: &crate::Input) -> Result<Self, crate::Reask> {
                match input {
                    crate::Input::Contact(contact) => super::shared::the_one_of($shared(contact)),
                    input => super::reading::in_words(input),
                }
            })?
        }

        impl crate::Speak for $name {
            fn speak(&self) -> String {
                self.0.clone()
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.masked())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            /// Fails with an error that does not repeat what is stored, as those of serde do.
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <String as serde::Deserialize>::deserialize(deserializer).ok();
                let private = text.and_then(|text| $stored(&text)).map(Self);
                private.ok_or_else(|| serde::de::Error::custom(super::NotA($noun)))
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                crate::privacy::serialize_private(&self.0, || self.masked(), serializer)
            }
        }
    };
}

pub(super) use private_text;
