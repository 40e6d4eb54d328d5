//! A state by its wire name and JSON, for who does not have the flow's types: a command line, a console.

use std::fmt;

use serde_json::{Error, Value};
use thiserror::Error as ThisError;

use super::{error::EngineError, turn::can_be_stored};
use crate::Flow;

/// The state of this name, or alias, with what it holds.
///
/// Fails if there is none, if it holds something else, or if it could not be stored so.
pub(super) fn state_by_name<F: Flow>(name: &str, data: &Value) -> Result<F, EngineError> {
    let index = F::GRAPH.find(name).ok_or(EngineError::NoSuchState)?;
    let state = F::GRAPH.states[index].name;
    let unreadable = |fault| EngineError::UnreadableState { state, fault };
    let unwritable = |_| EngineError::Unwritable { state };
    if !can_be_stored(data) {
        return Err(EngineError::Unwritable { state });
    }
    // A state without fields would be read from anything, and one with fields from a list of their values.
    if !data.is_object() && !data.is_null() {
        return Err(unreadable(StateFault::NoFields));
    }
    // By lines, so that a fault has a place.
    let given = serde_json::to_string_pretty(data).map_err(unwritable)?;
    let read = (F::KEEPING.read_text)(index, &given).map_err(|error| unreadable(StateFault::of(&error, &given)))?;
    let written = (F::KEEPING.value)(&read).map_err(unwritable)?;
    if let Some(stray) = stray(data, &written) {
        return Err(unreadable(StateFault::Stray(stray.to_owned())));
    }
    (F::KEEPING.read_value)(index, &written).map_err(unwritable)
}

/// A field that was given and that the state does not have: a slip of the pen, which serde would let pass.
fn stray<'g>(given: &'g Value, written: &Value) -> Option<&'g str> {
    let fields = given.as_object()?.iter().filter(|(_, value)| !value.is_null());
    fields.map(|(field, _)| &**field).find(|field| written.get(field).is_none())
}

/// What is wrong with what is given for a state. It names fields, and no value.
#[derive(Clone, PartialEq, Eq, ThisError)]
#[non_exhaustive]
pub enum StateFault {
    /// A field is missing.
    #[error("the field `{0}` is missing")]
    Missing(String),
    /// A field holds what it cannot hold.
    #[error("the field `{0}` cannot hold what is given")]
    Other(String),
    /// A field that the state does not have.
    #[error("there is no field `{0}`")]
    Stray(String),
    /// A field is missing, or the last that is given holds what it cannot hold: of a private field no more is told.
    #[error("a field is missing, or the last that is given cannot hold it")]
    MissingOrOther,
    /// It is not an object with the state's fields.
    #[error("it is not a JSON object with the state's fields")]
    NoFields,
}

impl StateFault {
    fn of(error: &Error, given: &str) -> Self {
        // The texts of other errors quote values.
        let text = error.to_string();
        let missing = text.strip_prefix("missing field `").and_then(|text| text.split_once('`'));
        if let Some((field, _)) = missing {
            return Self::Missing(field.to_owned());
        }
        // What is missed is missed at the closing bracket, and a fault of the last field may be told there.
        if given.starts_with('{') && error.line() == given.lines().count() {
            return Self::MissingOrOther;
        }
        // The fields of the object itself are indented by two.
        let fields = given.lines().take(error.line()).filter_map(|line| line.strip_prefix("  \"")?.split_once("\": "));
        fields.last().map_or(Self::NoFields, |(field, _)| Self::Other(field.to_owned()))
    }
}

impl fmt::Debug for StateFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StateFault({self})")
    }
}
