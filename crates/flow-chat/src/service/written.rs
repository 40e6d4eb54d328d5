//! A value as it was written: [`Written`].

/// A value as it was written, before it is known what it should be. Variables and arguments are text, whatever they hold.
///
/// It has no `Debug`: it may be a secret.
#[derive(Clone, PartialEq)]
pub(super) enum Written {
    Text(String),
    Number(i64),
    Switch(bool),
    List(Vec<String>),
}

impl Written {
    /// The value as a text; none if it is a list.
    ///
    /// A number and a switch are what they would be in a variable, so that each setting is read in one way.
    pub(super) fn text(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.clone()),
            Self::Number(number) => Some(number.to_string()),
            Self::Switch(switch) => Some(switch.to_string()),
            Self::List(_) => None,
        }
    }

    /// The value as a list: what stands between commas, if it is a text.
    pub(super) fn list(&self) -> Vec<String> {
        match self {
            Self::List(list) => list.clone(),
            other => {
                let text = other.text().unwrap_or_default();
                text.split(',').map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
            }
        }
    }

    /// Whether nothing is written.
    pub(super) fn is_empty(&self) -> bool {
        matches!(self, Self::Text(text) if text.is_empty())
    }
}
