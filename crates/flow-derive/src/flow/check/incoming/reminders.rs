//! What rings in a state: [`Reminder`].

use proc_macro2::Ident;

use super::{stored_name, taken};
use crate::{
    errors::Errors,
    flow::{check::time::seconds, model::StateModel},
};

/// A reminder of a state: its variant, its part of the handler's method, and its name in records.
pub(in crate::flow) struct Reminder {
    pub(in crate::flow) ident: Ident,
    pub(in crate::flow) method: Ident,
    pub(in crate::flow) name: String,
    /// In how many seconds it rings by itself.
    pub(in crate::flow) after: Option<u64>,
}

/// The reminders of a state. Those of an end are a mistake as a whole.
pub(in crate::flow::check) fn reminders(state: &StateModel, errors: &mut Errors) -> Vec<Reminder> {
    let mut unheard = Errors::default();
    let errors = if state.end.is_some() { &mut unheard } else { errors };
    let mut reminders: Vec<Reminder> = Vec::new();
    for word in &state.reminders {
        let (ident, method) = (word.ident.clone(), word.method.clone());
        let name = stored_name(&ident, word.name.as_ref());
        if let Some(other) = reminders.iter().find(|other| other.name == name) {
            taken(&ident, &name, &other.ident, errors);
        }
        let after = word.after.as_ref().map(|time| {
            seconds(&time.value()).unwrap_or_else(|mistake| {
                errors.at(time, mistake);
                0
            })
        });
        reminders.push(Reminder { ident, method, name, after });
    }
    reminders
}
