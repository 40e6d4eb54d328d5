//! What time does.

use crate::{
    errors::Errors,
    flow::{check::time::seconds, model::Model},
};

/// A state is left by its shortest time, so that no other time of it comes.
pub(super) fn timers(model: &Model, errors: &mut Errors) {
    for state in &model.states {
        let times = state.after.iter().filter_map(|after| Some((after, seconds(&after.time.value()).ok()?)));
        let times: Vec<_> = times.collect();
        let Some((shortest, _)) = times.iter().min_by_key(|(_, seconds)| *seconds) else { continue };
        for (after, _) in times.iter().filter(|(after, _)| !std::ptr::eq(*after, *shortest)) {
            let (name, first) = (&state.ident, shortest.time.value());
            let given = if after.time.value() == first { "`after` is given already, and " } else { "" };
            errors.at(
                &after.item,
                format!("{given}`{name}` is left after `{first}`, before this time comes: remove this"),
            );
        }
    }
}
