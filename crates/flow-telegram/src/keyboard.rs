//! Buttons as Telegram shows them: rows under a message.

use flow_core::ReplyButton;
use serde_json::{Value, json};

/// How many buttons a message may have. Telegram's documentation does not say; clients of it found 100.
pub(crate) const MOST: usize = 100;

/// How long a label may be. Telegram takes longer ones, and shows the beginning of them on a phone: what is longer stands in the text.
pub(crate) const LONGEST_LABEL: usize = 40;

/// `callback_data`: 1-64 bytes (`InlineKeyboardButton`).
pub(crate) const LARGEST_DATA: usize = 64;

/// Labels of so many letters together stand in one row.
const ROW: usize = 24;

/// No more than this stand in a row, so that each can be read and hit.
const IN_A_ROW: usize = 3;

/// `InlineKeyboardMarkup`: these buttons, and a link below them; none if there is neither.
pub(crate) fn keyboard(buttons: &[ReplyButton<'_>], link: Option<&str>) -> Option<Value> {
    let mut rows = rows(buttons);
    rows.extend(link.map(|link| vec![json!({ "text": host(link), "url": link })]));
    (!rows.is_empty()).then(|| json!({ "inline_keyboard": rows }))
}

fn rows(buttons: &[ReplyButton<'_>]) -> Vec<Vec<Value>> {
    let (mut rows, mut letters) = (Vec::<Vec<Value>>::new(), 0);
    for button in buttons {
        let label = button.label().chars().count();
        let wire = json!({ "text": button.label(), "callback_data": button.token() });
        match rows.last_mut() {
            Some(row) if row.len() < IN_A_ROW && letters + label <= ROW => {
                row.push(wire);
                letters += label;
            }
            _ => {
                rows.push(vec![wire]);
                letters = label;
            }
        }
    }
    rows
}

/// What stands on a link: the host that it leads to, in every language.
fn host(link: &str) -> &str {
    let rest = link.split_once("://").map_or(link, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    if host.is_empty() { link } else { host }
}

/// Whether Telegram makes a button of this address.
pub(crate) fn is_link(address: &str) -> bool {
    ["https://", "http://", "tg://"].iter().any(|scheme| address.starts_with(scheme))
}

#[cfg(test)]
mod tests {
    use flow_core::Reply;

    use super::*;

    fn labels(choices: &[&str]) -> Vec<Vec<String>> {
        let reply = Reply::new("?").with_choices(choices.iter().copied());
        let label = |button: &Value| button["text"].as_str().expect("a label").to_owned();
        rows(&reply.buttons()).iter().map(|row| row.iter().map(label).collect()).collect()
    }

    #[test]
    fn short_labels_share_a_row_and_long_ones_have_their_own() {
        assert_eq!(labels(&["Yes", "No"]), [["Yes", "No"]]);
        assert_eq!(labels(&["1", "2", "3", "4"]), [vec!["1", "2", "3"], vec!["4"]]);
        let long = ["A cut and a wash", "Nails", "Everything that we do"];
        assert_eq!(labels(&long), [vec!["A cut and a wash", "Nails"], vec!["Everything that we do"]]);
    }

    #[test]
    fn a_link_is_called_by_its_host() {
        for (link, called) in [
            ("https://pay.example/7?a=b", "pay.example"),
            ("https://ana:secret@pay.example", "pay.example"),
            ("http://pay.example:8080#a", "pay.example:8080"),
            ("tg://resolve?domain=salon_bot", "resolve"),
        ] {
            assert_eq!(host(link), called);
        }
        assert_eq!(keyboard(&[], None), None);
    }
}
