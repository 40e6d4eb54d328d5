//! A bot of Slack.

use super::{Set, Standing};
use crate::{Secret, http::platform::Line, slack::Slack};

pub(super) fn line(set: &Set<'_>, secret: &Secret) -> Line<Slack> {
    let slack = Slack::new(set.needed("token"), set.needed("secret"));
    let slack = match set.value("previous_secret") {
        Some(before) => slack.previous_signing_secret(before),
        None => slack,
    };
    let slack = match set.value("api") {
        Some(api) => slack.api(api),
        None => slack,
    };
    Line::new(set.name(), slack, secret.clone())
}

/// Asks Slack who the bot is. Where it delivers it cannot be asked.
pub(super) async fn standing(line: &Line<Slack>, address: &str) -> Standing {
    match line.platform().check().await {
        Ok(bot) => Standing::up(
            line.name(),
            format!(
                "up, as @{} of {}; {address} is to be the request URL of its events, of interactivity and of commands",
                bot.user, bot.team
            ),
        ),
        Err(error) => Standing::down(line.name(), format!("not up; {error}")),
    }
}
