//! What visitors do, as WhatsApp tells the bot of it.

use std::{sync::Arc, time::Instant};

use serde_json::{Value, json};

use super::{
    super::{
        chats::{Attached, Button, Chats, Message},
        signing::hash,
        visitor::{Act, FileKind, Messenger, Person},
    },
    desk::Desk,
};

impl Messenger for Desk {
    fn chats(&self) -> &Chats {
        &self.stage.chats
    }

    fn act(self: Arc<Self>, person: &Person, act: Act) -> Result<(), String> {
        let from = Sender { desk: &self, person };
        match act {
            Act::Says { text, in_reply_to } => {
                let context = in_reply_to.map(|id| json!({ "from": super::DISPLAY_NUMBER, "id": id }));
                from.sends("text", &json!({ "body": text }), &text, None, context);
            }
            Act::Starts { payload } => {
                // A link `wa.me/…?text=…` writes for the visitor, who sends it.
                let text = if payload.is_empty() { "Hello" } else { &payload };
                from.sends("text", &json!({ "body": text }), text, None, None);
            }
            Act::Presses { message, button } => return from.presses(&message, &button),
            Act::SendsFile { kind, name, media_type, bytes, caption } => {
                let kind = match kind {
                    FileKind::Photo => "image",
                    FileKind::Document => "document",
                    FileKind::Voice => "audio",
                };
                let media = self.state().keep_media(&media_type, bytes);
                let mut body = json!({ "mime_type": media_type, "sha256": hash(&media.bytes), "id": media.id });
                match kind {
                    "document" => body["filename"] = name.into(),
                    "audio" => body["voice"] = true.into(),
                    _ => {}
                }
                if !caption.is_empty() {
                    body["caption"] = caption.clone().into();
                }
                from.sends(kind, &body, &caption, Some(Attached::File(kind.to_owned(), media.id)), None);
            }
            Act::SharesPlace { latitude, longitude } => {
                let body = json!({ "latitude": latitude, "longitude": longitude });
                from.sends("location", &body, "", Some(Attached::Place(latitude, longitude, None)), None);
            }
            Act::SharesContact { name, phone, .. } => {
                let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
                let contact = json!({
                    "name": { "first_name": name, "formatted_name": name },
                    "phones": [{ "phone": phone, "wa_id": digits, "type": "CELL" }],
                });
                from.sends("contacts", &json!([contact]), "", Some(Attached::Contact(name, phone)), None);
            }
            Act::Edits { text } => return from.edits(&text),
            Act::Blocks => from.blocks(true),
            Act::Unblocks => from.blocks(false),
        }
        Ok(())
    }
}

struct Sender<'a> {
    desk: &'a Arc<Desk>,
    person: &'a Person,
}

impl Sender<'_> {
    /// Sends a message of this type.
    fn sends(&self, kind: &str, body: &Value, text: &str, attached: Option<Attached>, context: Option<Value>) {
        let mut fields = json!({ "type": kind, kind: body });
        if let Some(context) = context {
            fields["context"] = context;
        }
        self.delivers(fields, text, attached);
    }

    fn delivers(&self, mut message: Value, text: &str, attached: Option<Attached>) {
        let chat = &self.person.chat;
        let id = {
            let mut state = self.desk.state();
            let id = state.message_id();
            let person = state.people.entry(chat.clone()).or_default();
            person.wrote = Some(Instant::now());
            id
        };
        message["from"] = chat.clone().into();
        message["id"] = id.clone().into();
        message["timestamp"] = chrono::Utc::now().timestamp().to_string().into();
        let mut shown = Message::new(id, false, text);
        shown.attached = attached;
        shown.wire = message.clone();
        self.desk.stage.chats.show(chat, shown);
        let contacts = json!([{ "profile": { "name": self.person.name }, "wa_id": chat }]);
        let trip = self.desk.stage.trips.begin(chat);
        self.desk.deliver(chat, chat.clone(), json!({ "contacts": contacts, "messages": [message] }), Some(trip));
    }

    fn presses(&self, message: &Message, button: &Button) -> Result<(), String> {
        let Some(token) = button.token() else {
            return Err(format!("{:?} is a link, of which the bot hears nothing", button.label));
        };
        let mut reply = json!({ "id": token, "title": button.label });
        let kind = if button.is_row { "list_reply" } else { "button_reply" };
        if let Some(description) = button.wire.as_str() {
            reply["description"] = description.into();
        }
        let body = json!({ "type": kind, kind: reply });
        let context = json!({ "from": super::DISPLAY_NUMBER, "id": message.id() });
        self.sends("interactive", &body, &button.label, None, Some(context));
        Ok(())
    }

    /// An edit is a type that the Cloud API does not support, and comes as such.
    fn edits(&self, text: &str) -> Result<(), String> {
        let chat = &self.person.chat;
        let last = self.desk.stage.chats.newest(chat, |message| !message.is_of_bot && !message.text.is_empty());
        let last = last.ok_or("nothing was written here that could be edited")?;
        self.desk.stage.chats.change(chat, last.id(), |message| {
            text.clone_into(&mut message.text);
            message.is_edited = true;
        });
        let id = self.desk.state().message_id();
        let error = json!({
            "code": 131_051, "title": "Message type unknown", "message": "Message type unknown",
            "error_data": { "details": "Message type is currently not supported." },
        });
        let message = json!({
            "from": chat, "id": id, "timestamp": chrono::Utc::now().timestamp().to_string(), "errors": [error],
            "type": "unsupported", "unsupported": { "type": "edit" },
        });
        let contacts = json!([{ "profile": { "name": self.person.name }, "wa_id": chat }]);
        self.desk.deliver(chat, chat.clone(), json!({ "contacts": contacts, "messages": [message] }), None);
        Ok(())
    }

    fn blocks(&self, has_blocked: bool) {
        self.desk.state().people.entry(self.person.chat.clone()).or_default().has_blocked = has_blocked;
    }
}
