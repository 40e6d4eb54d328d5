//! A platform that delivers by signed requests.

use super::{Set, Standing};
use crate::{Secret, http::platform::Line, webhook::Webhook};

pub(super) fn line(set: &Set<'_>, secret: &Secret) -> Result<Line<Webhook>, Standing> {
    let wrong = |error: &dyn std::error::Error| Standing::down(set.name(), format!("not set up; {error}"));
    let signing = |field| set.value(field).map(|value| value.parse().map_err(|error| wrong(&error))).transpose();
    let present = set.needed("secret").parse().map_err(|error| wrong(&error))?;
    let webhook = Webhook::new(set.needed("url"), present).map_err(|error| wrong(&error))?;
    let webhook = match signing("previous_secret")? {
        Some(before) => webhook.previous_secret(before),
        None => webhook,
    };
    Ok(Line::new(set.name(), webhook, secret.clone()))
}

pub(super) fn standing(line: &Line<Webhook>, address: &str) -> Standing {
    Standing::up(line.name(), format!("up; have its platform deliver at {address}"))
}
