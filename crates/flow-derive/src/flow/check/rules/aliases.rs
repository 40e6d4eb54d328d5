//! The names under which older records have a state.

use std::collections::HashMap;

use crate::{
    errors::Errors,
    flow::model::{Model, StateModel},
    names::screaming,
};

/// An alias is a name that a record can have, and no other state has it.
pub(super) fn aliases(model: &Model, errors: &mut Errors) {
    let mut owners: HashMap<String, &StateModel> = HashMap::new();
    for state in &model.states {
        for alias in &state.aliases {
            let (text, stored) = (alias.value(), stored(&alias.value()));
            // A mistake that remains in the right form is told for that form.
            if let Some(mistake) = taken(model, state, &stored, owners.get(&stored).copied()) {
                errors.at(alias, mistake);
            } else if stored != text {
                errors.at(alias, format!("no record has a state as `{text}`: write `\"{stored}\"`"));
            }
            owners.entry(stored).or_insert(state);
        }
    }
}

/// Why the state cannot have this alias.
fn taken(model: &Model, state: &StateModel, alias: &str, owner: Option<&StateModel>) -> Option<String> {
    let namesake = model.states.iter().find(|other| other.name == alias);
    let mistake = match (namesake, owner) {
        _ if alias.is_empty() => {
            "an alias is the name that the state has in older records, as in `\"OLD_NAME\"`: write it, or remove this"
                .into()
        }
        (Some(other), _) if std::ptr::eq(other, state) => {
            format!("`{alias}` is the name of `{}` in records anyway: remove this", state.ident)
        }
        (Some(other), _) => format!("`{alias}` is the name of the state `{}` in records: remove this", other.ident),
        (None, Some(other)) if std::ptr::eq(other, state) => format!("`{alias}` is given already: remove this"),
        (None, Some(other)) => {
            format!("`{alias}` is an alias of the state `{}` already: remove this", other.ident)
        }
        (None, None) => return None,
    };
    Some(mistake)
}

/// The name in the form that records have: `BOOK_NAME`, whether it is given so, or as `BookName` or `book-name`.
fn stored(alias: &str) -> String {
    let mut letters = alias.chars();
    let is_stored = letters.next().is_some_and(|first| first.is_alphabetic() || first == '_')
        && letters.all(|letter| letter.is_alphanumeric() || letter == '_')
        && alias.to_uppercase() == alias;
    if is_stored {
        return alias.to_owned();
    }
    let words = alias.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    let name = words.map(screaming).collect::<Vec<_>>().join("_");
    name.trim_start_matches(|letter: char| letter.is_numeric() || letter == '_').to_owned()
}

#[cfg(test)]
mod tests {
    use super::stored;

    #[test]
    fn an_alias_is_brought_into_the_form_that_records_have() {
        for (alias, expected) in [
            ("BOOK_NAME", "BOOK_NAME"),
            ("STEP2DONE", "STEP2DONE"),
            ("_OLD__NAME", "_OLD__NAME"),
            ("BookName", "BOOK_NAME"),
            ("book_name", "BOOK_NAME"),
            ("Book name ", "BOOK_NAME"),
            ("book-name", "BOOK_NAME"),
            ("Signup::BookName", "SIGNUP_BOOK_NAME"),
            ("2_STEPS", "STEPS"),
            ("", ""),
            (" ", ""),
            ("?!", ""),
        ] {
            assert_eq!(stored(alias), expected, "{alias}");
            assert_eq!(stored(expected), expected, "{alias}");
        }
    }
}
