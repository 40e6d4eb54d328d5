//! What happens in a workspace, as the Events API delivers it.

use flow_core::{Input, Media, MediaKind};
use flow_http::platform::{Arrivals, Arrived, Hook, Unreadable};
use serde::Deserialize;
use serde_json::Value;

use crate::{Workspaces, markup, place::Place};

/// What is delivered, around what has happened.
#[derive(Deserialize)]
struct Delivery {
    #[serde(rename = "type")]
    kind: String,
    challenge: Option<String>,
    team_id: Option<String>,
    event: Option<Value>,
    #[serde(default)]
    authorizations: Vec<Authorization>,
}

/// For whom it is delivered: the bot.
#[derive(Deserialize)]
struct Authorization {
    user_id: Option<String>,
}

/// Somebody has written.
#[derive(Deserialize)]
struct Written {
    channel: String,
    channel_type: Option<String>,
    user: Option<String>,
    #[serde(default)]
    text: String,
    ts: String,
    thread_ts: Option<String>,
    #[serde(default)]
    files: Vec<File>,
}

#[derive(Deserialize)]
struct File {
    name: Option<String>,
    mimetype: Option<String>,
    size: Option<u64>,
    /// What was spoken into Slack is a `slack_audio`.
    subtype: Option<String>,
    url_private: Option<String>,
    url_private_download: Option<String>,
}

/// What of a channel is heard.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Heard {
    Mentions,
    Everything,
}

/// What stands in a delivery.
pub(crate) fn read(hook: &Hook<'_>, workspaces: &Workspaces, heard: Heard) -> Result<Arrivals, Unreadable> {
    let Delivery { kind, challenge, team_id, event, authorizations } = hook.json()?;
    match (&*kind, event) {
        ("url_verification", _) => {
            let challenge = challenge.ok_or_else(|| Unreadable::because("`challenge` is missing"))?;
            Ok(Arrivals::none().answered(challenge))
        }
        ("event_callback", Some(event)) => {
            let bot = authorizations.into_iter().find_map(|authorization| authorization.user_id);
            let Ok(workspace) = workspaces.named(team_id.as_deref()) else { return Ok(Arrivals::none()) };
            happened(event, workspace, bot.as_deref(), heard)
        }
        ("app_rate_limited", _) => {
            told_of_a_limit();
            Ok(Arrivals::none())
        }
        _ => Ok(Arrivals::none()),
    }
}

fn happened(event: Value, workspace: Option<String>, bot: Option<&str>, heard: Heard) -> Result<Arrivals, Unreadable> {
    let is_mention = match event["type"].as_str() {
        Some("app_mention") => true,
        Some("message") => false,
        Some("app_rate_limited") => {
            told_of_a_limit();
            return Ok(Arrivals::none());
        }
        _ => return Ok(Arrivals::none()),
    };
    // Of messages there are many kinds, and most are told by programs, or tell what became of another message.
    let is_said = matches!(event["subtype"].as_str(), None | Some("file_share" | "thread_broadcast"));
    if !is_said || !event["bot_id"].is_null() || event["hidden"] == true {
        return Ok(Arrivals::none());
    }
    let written: Written =
        serde_json::from_value(event).map_err(|_| Unreadable::because("`event` has another shape than a message"))?;
    let is_direct = written.channel_type.as_deref() == Some("im") || written.channel.starts_with('D');
    let is_heard = is_direct || is_mention || heard == Heard::Everything;
    let Some(user) = written.user.clone().filter(|user| is_heard && Some(&**user) != bot && user != "USLACKBOT") else {
        return Ok(Arrivals::none());
    };
    let place = written.place(workspace, &user, is_direct);
    Ok(Arrivals::of(written.messages(bot, is_mention).into_iter().map(|(id, input)| {
        let arrived = Arrived::new(place.written(), input.with_id(id));
        if is_direct { arrived } else { arrived.by(&*user) }
    })))
}

/// What was written meanwhile is not delivered later.
fn told_of_a_limit() {
    tracing::warn!("Slack delivers no events of this minute: there were more than it delivers to an app in an hour");
}

impl Written {
    /// Where it is answered.
    fn place(&self, workspace: Option<String>, user: &str, is_direct: bool) -> Place {
        if is_direct {
            return Place { workspace, channel: user.to_owned(), thread: None };
        }
        let thread = self.thread_ts.as_ref().unwrap_or(&self.ts).clone();
        Place { workspace, channel: self.channel.clone(), thread: Some(thread) }
    }

    /// What was said, each with an id. A message that mentions the bot is delivered twice, as a message and as a mention, with two
    /// ids of events: its own time is the same in both.
    fn messages(self, bot: Option<&str>, is_mention: bool) -> Vec<(String, Input)> {
        let text = if is_mention || bot.is_some() { markup::without_mention(&self.text, bot) } else { &self.text };
        let text = markup::read(text);
        let mut files: Vec<_> = self.files.into_iter().filter_map(File::media).collect();
        let Some(first) = files.first_mut() else { return vec![(self.ts, Input::Text(text))] };
        if !text.is_empty() {
            *first = first.clone().with_caption(text);
        }
        let id = |place| if place == 0 { self.ts.clone() } else { format!("{}/{place}", self.ts) };
        files.into_iter().enumerate().map(|(place, file)| (id(place), file.into())).collect()
    }
}

impl File {
    /// None where Slack tells no address: of what is too old for the workspace's plan, say.
    fn media(self) -> Option<Media> {
        let reference = self.url_private.or(self.url_private_download)?;
        let media_type = self.mimetype.unwrap_or_default();
        let kind = match (self.subtype.as_deref(), media_type.split('/').next()) {
            (Some("slack_audio"), _) => MediaKind::Voice,
            (_, Some("image")) => MediaKind::Image,
            (_, Some("video")) => MediaKind::Video,
            (_, Some("audio")) => MediaKind::Audio,
            _ => MediaKind::Document,
        };
        let mut media = Media::new(kind, reference);
        if !media_type.is_empty() {
            media = media.with_media_type(media_type);
        }
        if let Some(size) = self.size {
            media = media.with_size(size);
        }
        if let Some(name) = self.name {
            media = media.with_file_name(name);
        }
        Some(media)
    }
}
