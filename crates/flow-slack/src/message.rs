//! One message as Slack is sent it: a [`SlackMessage`].

use std::fmt;

use flow_core::{Attachment, FileToSend};
use flow_http::{
    axum::http::Uri,
    platform::{Counted, Offer, Part, Screen},
};
use serde::Serialize;
use serde_json::{Value, json};

use crate::markup;

/// The longest text of a section: "Section block", `text`.
const SECTION: usize = 3_000;

/// The longest text of one message. A section takes 3,000, and all blocks together take some 13,000 (`msg_blocks_too_long`): with each
/// letter escaped, this many are 12,500.
const TEXT: usize = 2_500;

/// The longest label of a button or of an option: "Button element" and "Option object", `text`.
const LABEL: usize = 75;

/// How many buttons stand under a message: as many as Slack shows without folding them. An actions block takes 25.
const BUTTONS: usize = 5;

/// What a button sends back: "Button element", `value`.
const BUTTON_VALUE: usize = 2_000;

/// How many options a list has: "Select menu of static options", `options`.
const OPTIONS: usize = 100;

/// What an option sends back: "Option object", `value`.
const OPTION_VALUE: usize = 150;

/// The longest address of a button or a picture: "Button element", `url`; "Image block", `image_url`.
const ADDRESS: usize = 3_000;

/// The longest text beside a picture for those who do not see it: "Image block", `alt_text`.
const ALTERNATIVE: usize = 2_000;

/// The beginning of the `action_id` of what can be chosen. A link has another, and so is told from it when it is pressed.
pub(crate) const CHOICE: &str = "choice";

/// What Slack shows.
pub(crate) const SCREEN: Screen = Screen::of_text(TEXT)
    .counted(Counted::Utf16)
    .buttons(BUTTONS, LABEL, BUTTON_VALUE)
    .list(OPTIONS, LABEL, OPTION_VALUE)
    .links()
    .images(TEXT)
    .files(TEXT);

/// One message as Slack is sent it: blocks, and the text of a notification.
///
/// `Debug` tells its shape and never its words.
#[derive(Clone, PartialEq, Serialize)]
pub struct SlackMessage {
    text: String,
    blocks: Vec<Value>,
}

impl SlackMessage {
    pub(crate) fn of(part: &Part<'_>, list_label: &str) -> Self {
        let mut blocks: Vec<_> =
            markup::escaped_pieces(part.text(), SECTION).iter().map(|text| section(text)).collect();
        blocks.extend(part.attachment().and_then(shown));
        if let Some(link) = part.link() {
            blocks.push(linked(link));
        }
        blocks.extend(offered(part.offer(), list_label));
        let named = part.attachment().and_then(|attachment| attachment.file()?.name());
        let text = if part.text().is_empty() { named.or(part.link()).unwrap_or("…") } else { part.text() };
        Self { text: markup::escaped(text), blocks }
    }

    /// The text of its notification.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its blocks, as Slack's Block Kit has them.
    pub fn blocks(&self) -> &[Value] {
        &self.blocks
    }
}

/// Words. Verbatim, so that Slack makes no links and mentions of what looks like some.
fn section(text: &str) -> Value {
    json!({ "type": "section", "text": { "type": "mrkdwn", "text": text, "verbatim": true } })
}

fn plain(text: &str) -> Value {
    json!({ "type": "plain_text", "text": text })
}

fn shown(attachment: &Attachment) -> Option<Value> {
    match attachment {
        Attachment::Image(file) if is_short(file) => Some(image(file)),
        Attachment::Image(file) | Attachment::File(file) => {
            let address = file.url().or_else(|| file.media().map(flow_core::Media::reference))?;
            let link = markup::link(address, file.name().unwrap_or("↓"));
            Some(section(if link.len() <= SECTION { &link } else { "↓" }))
        }
        _ => None,
    }
}

fn is_short(file: &FileToSend) -> bool {
    file.url().is_none_or(|url| url.len() <= ADDRESS)
}

/// A picture at its address, or one that somebody has sent to the bot.
fn image(file: &FileToSend) -> Value {
    let alternative: String =
        file.name().filter(|name| !name.is_empty()).unwrap_or("…").chars().take(ALTERNATIVE).collect();
    match file.media() {
        Some(media) => {
            json!({ "type": "image", "slack_file": { "url": media.reference() }, "alt_text": alternative })
        }
        None => json!({ "type": "image", "image_url": file.url(), "alt_text": alternative }),
    }
}

/// A button that leads to the web. What leads elsewhere stands there as words: a button takes no other address.
fn linked(link: &str) -> Value {
    let address: Option<Uri> = link.parse().ok().filter(|_| link.len() <= ADDRESS);
    let is_web = |address: &Uri| matches!(address.scheme_str(), Some("https" | "http"));
    let Some(host) = address.filter(is_web).and_then(|address| Some(address.host()?.to_owned())) else {
        let words: String = link.chars().take(TEXT).collect();
        return section(&markup::escaped(&words));
    };
    let host: String = host.chars().take(LABEL).collect();
    let button = json!({ "type": "button", "text": plain(&host), "url": link, "action_id": "link" });
    json!({ "type": "actions", "elements": [button] })
}

fn offered(offer: &Offer<'_>, list_label: &str) -> Option<Value> {
    let elements: Vec<_> = match offer {
        Offer::Buttons(buttons) => buttons
            .iter()
            .enumerate()
            .map(|(place, button)| {
                let (text, id) = (plain(button.label()), format!("{CHOICE}-{}", place + 1));
                json!({ "type": "button", "text": text, "value": button.token(), "action_id": id })
            })
            .collect(),
        Offer::List(rows) => {
            let options: Vec<_> =
                rows.iter().map(|row| json!({ "text": plain(row.label()), "value": row.token() })).collect();
            let placeholder = plain(list_label);
            vec![
                json!({ "type": "static_select", "placeholder": placeholder, "options": options, "action_id": CHOICE }),
            ]
        }
        _ => return None,
    };
    Some(json!({ "type": "actions", "elements": elements }))
}

impl fmt::Debug for SlackMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SlackMessage({} bytes, {} blocks)", self.text.len(), self.blocks.len())
    }
}
