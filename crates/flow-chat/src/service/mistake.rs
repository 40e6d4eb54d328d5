//! What is wrong with settings: [`Mistakes`], each a [`Mistake`].

use std::{error::Error, fmt};

use super::Origin;

/// Everything that is wrong with the settings, told at once: one line a mistake.
///
/// No line repeats a value, because it may be a secret that was written in the wrong place.
///
/// ```
/// use flow_chat::service::Settings;
///
/// let mistakes = Settings::from_pairs([("store", "memory:"), ("expiry.idel", "24h")]).unwrap_err();
/// assert_eq!(
///     mistakes.to_string(),
///     "a mistake in the settings\n- `expiry.idel` (the program): there is no such setting; it may be `expiry.idle`",
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistakes(Vec<Mistake>);

impl Mistakes {
    /// All that is wrong, in the order of the sources.
    pub(super) fn of(mut mistakes: Vec<Mistake>) -> Self {
        mistakes.sort_by(|one, other| one.origin.cmp(&other.origin));
        Self(mistakes)
    }

    /// Each of them.
    pub fn mistakes(&self) -> &[Mistake] {
        &self.0
    }
}

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.len() {
            1 => f.write_str("a mistake in the settings")?,
            mistakes => write!(f, "{mistakes} mistakes in the settings")?,
        }
        self.0.iter().try_for_each(|mistake| write!(f, "\n- {mistake}"))
    }
}

impl Error for Mistakes {}

/// One thing that is wrong with the settings. Its text is one line for an operator.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mistake {
    key: Option<String>,
    origin: Origin,
    fault: Fault,
}

/// What is wrong, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    text: String,
    feature: Option<&'static str>,
}

impl Mistake {
    /// A mistake about a setting.
    pub(super) fn about(key: &str, origin: Origin, fault: Fault) -> Self {
        Self { key: Some(key.to_owned()), origin, fault }
    }

    /// A mistake about a source as a whole, or about a place in it.
    pub(super) fn at(origin: Origin, fault: Fault) -> Self {
        Self { key: None, origin, fault }
    }

    /// Which setting it is about, by the name that was written; none if a file cannot be read, or a line of it.
    pub fn key(&self) -> Option<&str> {
        self.key.as_deref()
    }

    /// Where the value was written.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The feature of flow-chat that this program was built without and the value needs.
    ///
    /// For a program that can tell how it is built with it.
    pub fn missing_feature(&self) -> Option<&'static str> {
        self.fault.feature
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.key, &self.origin) {
            (Some(key), Origin::Nowhere) => write!(f, "`{key}`: ")?,
            (Some(key), Origin::Variable(name)) if key == name => write!(f, "`{key}`: ")?,
            (Some(key), origin) => write!(f, "`{key}` ({origin}): ")?,
            (None, origin) => write!(f, "{origin}: ")?,
        }
        self.fault.fmt(f)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Fault {
    /// What is wrong, and what would be right.
    pub(super) fn new(wrong: impl fmt::Display, right: impl fmt::Display) -> Self {
        Self { text: format!("{wrong}; {right}"), feature: None }
    }

    /// What is wrong, where that says already what would be right.
    pub(super) fn plain(wrong: impl fmt::Display) -> Self {
        Self { text: wrong.to_string(), feature: None }
    }

    /// The program was built without what the value needs.
    pub(super) fn not_built(what: &str, feature: &'static str) -> Self {
        let text = format!("this program was built without {what}; build it with the feature `{feature}` of flow-chat");
        Self { text, feature: Some(feature) }
    }
}
