//! Block Kit: what a message shows, and whether it may.

use serde_json::{Value, json};

use super::{
    super::chats::{Attached, Button},
    escaping,
    refusal::Refusal,
};

/// The reference of Block Kit, block by block and element by element.
const MOST_BLOCKS: usize = 50;
const MOST_ELEMENTS: usize = 25;
const MOST_CONTEXT: usize = 10;
const MOST_FIELDS: usize = 10;
const LONGEST_SECTION: usize = 3000;
const LONGEST_FIELD: usize = 2000;
const LONGEST_HEADER: usize = 150;
const LONGEST_MARKDOWN: usize = 12_000;
const LONGEST_BUTTON: usize = 75;
const LONGEST_VALUE: usize = 2000;
const LONGEST_URL: usize = 3000;
const LONGEST_ALT: usize = 2000;
const LONGEST_ID: usize = 255;
const MOST_OPTIONS: usize = 100;
const LONGEST_OPTION: usize = 75;
const LONGEST_OPTION_VALUE: usize = 150;
const LONGEST_PLACEHOLDER: usize = 150;

/// What blocks show.
#[derive(Default)]
pub(super) struct Shown {
    pub(super) text: Vec<String>,
    pub(super) buttons: Vec<Button>,
    pub(super) attached: Option<Attached>,
    mistakes: Vec<String>,
}

/// Reads blocks. All that is wrong is told at once, each with its place.
pub(super) fn read(blocks: &Value) -> Result<Shown, Refusal> {
    let Some(all) = blocks.as_array() else { return Err(Refusal::of("invalid_blocks_format")) };
    let mut shown = Shown::default();
    shown.count("/blocks", all.len(), 0, MOST_BLOCKS);
    for (place, block) in all.iter().enumerate() {
        shown.block(block, &format!("/blocks/{place}"), place);
    }
    if shown.mistakes.is_empty() { Ok(shown) } else { Err(Refusal::blocks(shown.mistakes)) }
}

impl Shown {
    fn block(&mut self, block: &Value, at: &str, place: usize) {
        if block.get("block_id").is_some() {
            self.words(&block["block_id"], &format!("{at}/block_id"), 1, LONGEST_ID);
        }
        let id = block["block_id"].as_str().map_or_else(|| format!("b{place}"), str::to_owned);
        match block["type"].as_str().unwrap_or_default() {
            "section" => self.section(block, at, &id),
            "header" => self.text(&block["text"], &format!("{at}/text"), LONGEST_HEADER),
            "markdown" => {
                self.words(&block["text"], &format!("{at}/text"), 1, LONGEST_MARKDOWN);
                self.text.extend(block["text"].as_str().map(str::to_owned));
            }
            "actions" => {
                let elements = list(&block["elements"]);
                self.count(&format!("{at}/elements"), elements.len(), 1, MOST_ELEMENTS);
                for (place, element) in elements.iter().enumerate() {
                    self.element(element, &format!("{at}/elements/{place}"), &id);
                }
            }
            "context" => {
                let elements = list(&block["elements"]);
                self.count(&format!("{at}/elements"), elements.len(), 1, MOST_CONTEXT);
                for (place, element) in elements.iter().enumerate() {
                    if element["type"] != "image" {
                        self.text(element, &format!("{at}/elements/{place}"), LONGEST_SECTION);
                    }
                }
            }
            "image" => {
                self.words(&block["image_url"], &format!("{at}/image_url"), 1, LONGEST_URL);
                self.words(&block["alt_text"], &format!("{at}/alt_text"), 1, LONGEST_ALT);
                let url = block["image_url"].as_str().unwrap_or_default();
                self.attached = Some(Attached::File("image".to_owned(), url.to_owned()));
            }
            "divider" => {}
            _ => self.wrong("unsupported type", &format!("{at}/type")),
        }
    }

    fn section(&mut self, block: &Value, at: &str, id: &str) {
        let fields = list(&block["fields"]);
        if block.get("text").is_some() || fields.is_empty() {
            self.text(&block["text"], &format!("{at}/text"), LONGEST_SECTION);
        }
        self.count(&format!("{at}/fields"), fields.len(), 0, MOST_FIELDS);
        for (place, field) in fields.iter().enumerate() {
            self.text(field, &format!("{at}/fields/{place}"), LONGEST_FIELD);
        }
        if let Some(accessory) = block.get("accessory") {
            self.element(accessory, &format!("{at}/accessory"), id);
        }
    }

    fn element(&mut self, element: &Value, at: &str, block: &str) {
        let is_select = element["type"] == "static_select";
        match element["type"].as_str().unwrap_or_default() {
            "button" => self.button(element, at, block),
            "static_select" => self.select(element, at, block),
            "image" => {
                self.words(&element["image_url"], &format!("{at}/image_url"), 1, LONGEST_URL);
                self.words(&element["alt_text"], &format!("{at}/alt_text"), 1, LONGEST_ALT);
            }
            _ => self.wrong("unsupported type", &format!("{at}/type")),
        }
        if element.get("action_id").is_some() || is_select {
            self.words(&element["action_id"], &format!("{at}/action_id"), 1, LONGEST_ID);
        }
    }

    fn button(&mut self, button: &Value, at: &str, block: &str) {
        let label = self.plain(&button["text"], &format!("{at}/text"), LONGEST_BUTTON);
        if button.get("value").is_some() {
            self.words(&button["value"], &format!("{at}/value"), 1, LONGEST_VALUE);
        }
        if let Some(url) = button.get("url") {
            self.words(url, &format!("{at}/url"), 1, LONGEST_URL);
            self.buttons.push(Button::link_to(&label, url.as_str().unwrap_or_default()));
            return;
        }
        let action = json!({
            "type": "button", "action_id": button["action_id"], "block_id": block, "text": button["text"], "value": button["value"],
        });
        let token = button["value"].as_str().or(button["action_id"].as_str()).unwrap_or_default();
        self.buttons.push(Button::pressed(&label, token).with_wire(action));
    }

    fn select(&mut self, select: &Value, at: &str, block: &str) {
        if select.get("placeholder").is_some() {
            self.plain(&select["placeholder"], &format!("{at}/placeholder"), LONGEST_PLACEHOLDER);
        }
        let options = list(&select["options"]);
        let groups = list(&select["option_groups"]).iter().flat_map(|group| list(&group["options"]));
        let all: Vec<&Value> = options.iter().chain(groups).collect();
        self.count(&format!("{at}/options"), all.len(), 1, MOST_OPTIONS);
        for (place, option) in all.into_iter().enumerate() {
            let at = format!("{at}/options/{place}");
            let label = self.plain(&option["text"], &format!("{at}/text"), LONGEST_OPTION);
            self.words(&option["value"], &format!("{at}/value"), 1, LONGEST_OPTION_VALUE);
            let action = json!({
                "type": "static_select", "action_id": select["action_id"], "block_id": block, "selected_option": option,
                "placeholder": select["placeholder"],
            });
            let token = option["value"].as_str().unwrap_or_default();
            self.buttons.push(Button::row(&label, token).with_wire(action));
        }
    }

    /// A text object, which is shown.
    fn text(&mut self, text: &Value, at: &str, longest: usize) {
        if !matches!(text["type"].as_str(), Some("plain_text" | "mrkdwn")) {
            return self.wrong("must be a valid text object", at);
        }
        self.words(&text["text"], &format!("{at}/text"), 1, longest);
        self.text.extend(text["text"].as_str().map(escaping::undone));
    }

    /// A text object that is a label, and plain.
    fn plain(&mut self, text: &Value, at: &str, longest: usize) -> String {
        if text["type"] != "plain_text" {
            self.wrong("must be a plain_text object", at);
        }
        self.words(&text["text"], &format!("{at}/text"), 1, longest);
        text["text"].as_str().map(escaping::undone).unwrap_or_default()
    }

    fn words(&mut self, text: &Value, at: &str, least: usize, most: usize) {
        let Some(text) = text.as_str() else { return self.wrong("missing required field", at) };
        let length = text.chars().count();
        if length < least {
            self.wrong(&format!("must be more than {} characters", least.saturating_sub(1)), at);
        } else if length > most {
            self.wrong(&format!("must be less than {} characters", most + 1), at);
        }
    }

    fn count(&mut self, at: &str, count: usize, least: usize, most: usize) {
        if count < least {
            self.wrong("no items", at);
        } else if count > most {
            self.wrong(&format!("no more than {most} items allowed"), at);
        }
    }

    fn wrong(&mut self, what: &str, at: &str) {
        self.mistakes.push(format!("{what} [json-pointer:{at}]"));
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}
