//! What time does.

use crate::{
    errors::Errors,
    flow::{check::time::seconds, model::Model},
};

/// A state is left by its shortest time, so that no other time of it comes.
pub(super) fn timers(model: &Model, errors: &mut Errors) {
    for state in &model.states {
        let times = state.after.iter().filter_map(|(time, _)| Some((time, seconds(&time.value()).ok()?)));
        let times: Vec<_> = times.collect();
        let Some((shortest, _)) = times.iter().min_by_key(|(_, seconds)| *seconds) else { continue };
        for (time, _) in times.iter().filter(|(time, _)| !std::ptr::eq(*time, *shortest)) {
            let (name, first) = (&state.ident, shortest.value());
            errors.at(time, format!("`{name}` is left after `{first}`, before this time comes: remove one of them"));
        }
    }
}
