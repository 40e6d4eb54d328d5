//! What time does.

use crate::{
    errors::Errors,
    flow::{check::time::seconds, model::Model},
};

/// A state is left by its shortest time, so that no other time of it comes, and nothing rings in it later.
pub(super) fn timers(model: &Model, errors: &mut Errors) {
    for state in &model.states {
        let times = state.after.iter().filter_map(|after| Some((after, seconds(&after.time.value()).ok()?)));
        let times: Vec<_> = times.collect();
        let Some((shortest, left_after)) = times.iter().min_by_key(|(_, seconds)| *seconds) else { continue };
        for (after, _) in times.iter().filter(|(after, _)| !std::ptr::eq(*after, *shortest)) {
            let (name, first) = (&state.ident, shortest.time.value());
            let given = if after.time.value() == first { "`after` is given already, and " } else { "" };
            errors.at(
                &after.item,
                format!("{given}`{name}` is left after `{first}`, before this time comes: remove this"),
            );
        }
        // What comes in at an end is told elsewhere, and so is a reminder that is declared twice.
        for (place, reminder) in state.reminders.iter().enumerate().filter(|_| state.end.is_none()) {
            let is_new = !state.reminders[..place].iter().any(|other| other.ident == reminder.ident);
            let time = reminder.after.as_ref().and_then(|time| seconds(&time.value()).ok());
            if is_new && time.is_some_and(|time| time > *left_after) {
                let (name, first, ident) = (&state.ident, shortest.time.value(), &reminder.ident);
                let stored = reminder.name.as_ref().map(|name| format!(" = {:?}", name.value())).unwrap_or_default();
                errors.at(
                    &reminder.item,
                    format!(
                        "`{name}` is left after `{first}`, before this time comes: write a shorter one, or let the handler \
                         set it: `remind({ident}{stored})`"
                    ),
                );
            }
        }
    }
}
