//! A number of WhatsApp.

use super::{Set, Standing};
use crate::{Secret, http::platform::Line, whatsapp::WhatsApp};

pub(super) fn line(set: &Set<'_>, secret: &Secret) -> Result<Line<WhatsApp>, Standing> {
    let set_up = || {
        let number = WhatsApp::new(set.needed("number"), set.needed("token"))?
            .app_secret(set.needed("secret"))?
            .verify_token(set.needed("verify_token"))?;
        let number = match set.value("previous_secret") {
            Some(before) => number.previous_app_secret(before)?,
            None => number,
        };
        Ok(match set.value("api") {
            Some(api) => number.api(api),
            None => number,
        })
    };
    let number = set_up()
        .map_err(|error: crate::whatsapp::Misconfigured| Standing::down(set.name(), format!("not set up; {error}")))?;
    Ok(Line::new(set.name(), number, secret.clone()))
}

/// Has Meta deliver where the bot is reached, and says whose number it is.
pub(super) async fn standing(line: &Line<WhatsApp>, address: &str, is_reached: bool) -> Standing {
    let number = match line.platform().check().await {
        Ok(number) => number,
        Err(error) => return Standing::down(line.name(), format!("not up; {error}")),
    };
    let phone = &number.display_phone_number;
    if number.webhook_configuration.address() == Some(address) {
        return Standing::up(line.name(), format!("up, as {phone}; Meta delivers at {address}"));
    }
    if !is_reached {
        let text = format!("waiting, as {phone}; register {address} as its webhook, or set server.url");
        return Standing::down(line.name(), text);
    }
    match line.platform().register(address).await {
        Ok(()) => Standing::up(line.name(), format!("up, as {phone}; Meta delivers at {address}")),
        Err(error) => Standing::down(line.name(), format!("not registered at {address}; {error}")),
    }
}
