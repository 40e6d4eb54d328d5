//! Every setting of Flow: [`table`]. What is read, checked, told by `--help` and written in the operator's guide comes from it.

/// Hands a value to the setter of a group, such as `Expiry::idle`.
macro_rules! set {
    ($group:ident.$name:ident) => {
        |parts, value| parts.$group = take(&mut parts.$group).$name(value)
    };
}

/// Hands a count to the setter of a group that takes it as a number of things in memory.
macro_rules! count {
    ($group:ident.$name:ident) => {
        |parts, value| parts.$group = take(&mut parts.$group).$name(usize::try_from(value).unwrap_or(usize::MAX))
    };
}

/// Keeps a value in a field.
macro_rules! keep {
    ($($field:ident).+) => {
        |parts, value| parts.$($field).+ = value.into()
    };
}

/// Keeps a count in a field, as a number of things in memory.
macro_rules! keep_count {
    ($($field:ident).+) => {
        |parts, value| parts.$($field).+ = usize::try_from(value).unwrap_or(usize::MAX)
    };
}

/// Keeps what is never shown in a field.
macro_rules! hide {
    ($($field:ident).+) => {
        |parts, value| parts.$($field).+ = Some(Hidden::new(value))
    };
}

/// Keeps a text that is never shown, whatever it is, in a field.
macro_rules! hide_text {
    ($($field:ident).+) => {
        |parts, value| {
            parts.$($field).+ = Some(Hidden::new(value));
            Ok(())
        }
    };
}

mod bounds;
mod daily;
mod life;
mod places;
mod policies;
mod server;
mod traces;

use super::{key::Key, reading::Word};

/// Keeps nothing: so it is if it is not set.
const OFF: Word = ("off", |_| {});

/// Every setting of Flow, in the order in which a person reads them. A group stands together.
pub(super) fn table() -> impl Iterator<Item = &'static Key> + Clone {
    [places::PLACES, life::LIFE, policies::POLICIES, bounds::BOUNDS, daily::DAILY, server::SERVER, traces::TRACES]
        .into_iter()
        .flatten()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::service::{parts::Parts, reading::Takes, written::Written};

    #[test]
    fn what_the_table_tells_as_a_default_is_what_counts_unless_it_is_set() {
        let unset = format!("{:?}", Parts::default());
        for key in table() {
            let Some(default) = key.default() else { continue };
            let mut parts = Parts::default();
            let read = key.reading().read(key.name(), &Written::Text(default.to_owned()), &mut parts);
            assert!(read.is_ok(), "{}", key.name());
            assert_eq!(format!("{parts:?}"), unset, "{}", key.name());
        }
    }

    #[test]
    fn every_setting_sets_something_of_its_own() {
        let unset = format!("{:?}", Parts::default());
        let mut told = BTreeSet::new();
        let file = tempfile::NamedTempFile::new().expect("a file");
        for key in table() {
            let path = file.path().display().to_string();
            let text = match key.reading() {
                Takes::Time(_) | Takes::Deadline(_) | Takes::WordOrTime(..) => "17d",
                Takes::Count(..) => "17",
                Takes::Size(_) => "17 B",
                Takes::Switch(_) if key.default() == Some("true") => "false",
                Takes::Switch(_) => "true",
                // The first one is what counts unless it is set, or the second one is.
                Takes::Word(words) => words.last().expect("a word").0,
                Takes::Text(_) | Takes::List(_) => "strange",
                Takes::Hidden(..) if key.name() == "store" || key.name() == "archive" => "memory:",
                Takes::Hidden(..) => "a strange secret text",
                Takes::Checked(..) if key.name() == "daily.at" => "17:17",
                Takes::Checked(..) if key.name() == "server.listen" => "127.0.0.1:17",
                Takes::Checked(..) if key.name() == "server.proxies" => "17",
                Takes::Checked(..) if key.name() == "server.url" => "https://salon.example:17",
                Takes::Checked(..) if key.name() == "traces.collector" => "http://127.0.0.1:17",
                Takes::Checked(..) if key.name() == "traces.share" => "0.17",
                Takes::Checked(..) => "x-strange",
                Takes::File(_) => &path,
                Takes::Own(_) => unreachable!("Flow's own settings are typed"),
            };
            let mut parts = Parts::default();
            let read = key.reading().read(key.name(), &Written::Text(text.to_owned()), &mut parts);
            assert!(read.is_ok(), "{}", key.name());
            let set = format!("{parts:?}");
            assert_ne!(set, unset, "{}", key.name());
            assert!(told.insert(set), "{} sets what another sets", key.name());
        }
    }

    #[test]
    fn no_two_settings_have_one_variable() {
        let variables = table().flat_map(|key| {
            let variable = key.variable("FLOW");
            let file = key.is_secret().then(|| format!("{variable}_FILE"));
            [Some(variable), file].into_iter().flatten()
        });
        let variables: Vec<_> = variables.collect();
        assert_eq!(variables.iter().collect::<BTreeSet<_>>().len(), variables.len());
        assert!(!variables.contains(&"FLOW_SETTINGS".to_owned()), "which names the file");
    }
}
