//! What visitors do, as Telegram tells the bot of it.

use std::{sync::Arc, time::Instant};

use serde_json::{Value, json};

use super::{
    super::{
        chats::{Attached, Button, Chats, Message},
        visitor::{Act, FileKind, Messenger, Person},
    },
    desk::Desk,
    state::Standing,
    updates::{MESSAGE_KEPT, PRESS_KEPT, Update},
    wire,
};

impl Messenger for Desk {
    fn chats(&self) -> &Chats {
        &self.stage.chats
    }

    fn act(self: Arc<Self>, person: &Person, act: Act) -> Result<(), String> {
        let scene = Scene::of(&self, person)?;
        match act {
            Act::Blocks => scene.stands(Standing::Blocked),
            Act::Unblocks => scene.stands(Standing::Open),
            _ => scene.may_act()?,
        }
        match act {
            Act::Says { text, in_reply_to } => scene.says(&text, in_reply_to.as_deref()),
            Act::Starts { payload } if payload.is_empty() => scene.says("/start", None),
            Act::Starts { payload } => scene.says(&format!("/start {payload}"), None),
            Act::Presses { message, button } => return scene.presses(&message, &button),
            Act::SendsFile { kind, name, media_type, bytes, caption } => {
                let (field, folder) = match kind {
                    FileKind::Photo => ("photo", "photos"),
                    FileKind::Document => ("document", "documents"),
                    FileKind::Voice => ("voice", "voice"),
                };
                let size = bytes.len();
                let file = self.state().keep_file(folder, &name, bytes);
                let mut fields = json!({ field: file_wire(kind, &file.id, size, &name, &media_type) });
                if !caption.is_empty() {
                    fields["caption"] = caption.clone().into();
                }
                scene.sends(&caption, Some(Attached::File(field.to_owned(), file.id)), &fields);
            }
            Act::SharesPlace { latitude, longitude } => {
                let fields = json!({ "location": { "latitude": latitude, "longitude": longitude } });
                scene.sends("", Some(Attached::Place(latitude, longitude, None)), &fields);
            }
            Act::SharesContact { name, phone, is_own } => {
                let mut contact = json!({ "phone_number": phone, "first_name": name });
                // Of somebody who is not on Telegram there is none.
                if is_own {
                    contact["user_id"] = scene.user.into();
                }
                scene.sends("", Some(Attached::Contact(name, phone)), &json!({ "contact": contact }));
            }
            Act::Edits { text } => return scene.edits(&text),
            Act::Blocks | Act::Unblocks => {}
        }
        Ok(())
    }
}

/// Somebody in a chat with the bot.
struct Scene<'a> {
    desk: &'a Arc<Desk>,
    chat: i64,
    user: i64,
    name: &'a str,
}

impl<'a> Scene<'a> {
    fn of(desk: &'a Arc<Desk>, person: &'a Person) -> Result<Self, String> {
        let number = |text: &str| text.parse().map_err(|_| format!("Telegram's ids are numbers, and {text:?} is none"));
        let (chat, user) = (number(&person.chat)?, number(&person.user)?);
        desk.state().sees(chat, user, &person.name);
        Ok(Self { desk, chat, user, name: &person.name })
    }

    fn may_act(&self) -> Result<(), String> {
        let mut state = self.desk.state();
        let standing = state.chats.entry(self.chat).or_insert(Standing::Unknown);
        match standing {
            Standing::Unknown => *standing = Standing::Open,
            Standing::Open => {}
            Standing::Blocked => return Err("the bot is blocked here, and has to be unblocked first".to_owned()),
            Standing::Deactivated => return Err("this account is deactivated".to_owned()),
            Standing::MigratedTo(to) => return Err(format!("this group is the supergroup {to} now")),
        }
        Ok(())
    }

    fn says(&self, text: &str, in_reply_to: Option<&str>) {
        let answered = in_reply_to
            .and_then(|id| self.desk.stage.chats.newest(&self.chat.to_string(), |message| message.id() == id));
        let is_reply_to_bot = answered.as_ref().is_some_and(Message::is_of_bot);
        let mut fields = json!({ "text": text });
        if let Some(entities) = wire::entities(text) {
            fields["entities"] = entities;
        }
        if let Some(answered) = answered {
            fields["reply_to_message"] = answered.wire;
        }
        let is_heard = self.chat > 0 || is_reply_to_bot || text.starts_with('/') || !self.desk.state().privacy;
        self.shows(text, None, &fields, is_heard);
    }

    fn sends(&self, text: &str, attached: Option<Attached>, fields: &Value) {
        let is_heard = self.chat > 0 || !self.desk.state().privacy;
        self.shows(text, attached, fields, is_heard);
    }

    /// Puts a message into the chat, and tells the bot of it if that hears it.
    fn shows(&self, text: &str, attached: Option<Attached>, fields: &Value, is_heard: bool) {
        let id = self.desk.state().message_id();
        let mut sent = wire::message(id, &wire::user(self.user, self.name), &wire::chat(self.chat, self.name));
        sent.as_object_mut().expect("an object").extend(fields.as_object().expect("an object").clone());
        let mut message = Message::new(id.to_string(), false, text);
        message.attached = attached;
        message.wire = sent.clone();
        self.desk.stage.chats.show(&self.chat.to_string(), message);
        if is_heard {
            self.happens("message", &sent, self.chat.to_string(), true);
        } else {
            self.desk.stage.change();
        }
    }

    fn presses(&self, message: &Message, button: &Button) -> Result<(), String> {
        let Some(data) = button.token() else { return self.presses_below(button) };
        let id = {
            let mut state = self.desk.state();
            let id = state.next_callback.to_string();
            state.next_callback += 1;
            state.callbacks.push_back((id.clone(), Instant::now()));
            if state.callbacks.len() > 10_000 {
                state.callbacks.pop_front();
            }
            id
        };
        let shown = if self.desk.state().hides_pressed {
            json!({ "chat": wire::chat(self.chat, self.name), "message_id": message.wire["message_id"], "date": 0 })
        } else {
            let now = self.desk.stage.chats.newest(&self.chat.to_string(), |other| other.id() == message.id());
            now.map_or_else(|| message.wire.clone(), |now| now.wire)
        };
        let press = json!({
            "id": id, "from": wire::user(self.user, self.name), "message": shown, "chat_instance": "-3141592653589793238",
            "data": data,
        });
        self.happens("callback_query", &press, format!("presses of {}", self.user), true);
        Ok(())
    }

    /// The keyboard below a chat writes what stands on it, or shares what it asks for.
    fn presses_below(&self, button: &Button) -> Result<(), String> {
        if let Some(link) = button.link() {
            return Err(format!("{:?} is a link to {link}, of which the bot hears nothing", button.label));
        }
        if button.wire.is_null() {
            return Err(format!("the bot hears nothing of {:?} here", button.label));
        }
        if button.wire["request_contact"] == true || button.wire["request_location"] == true {
            return Err("what this button asks for is shared with `shares_own_contact` or `shares_location`".to_owned());
        }
        self.says(&button.label, None);
        Ok(())
    }

    fn edits(&self, text: &str) -> Result<(), String> {
        let chat = self.chat.to_string();
        let is_own = |message: &Message| {
            !message.is_of_bot && message.wire["from"]["id"] == self.user && !message.text.is_empty()
        };
        let last =
            self.desk.stage.chats.newest(&chat, is_own).ok_or("nothing was written here that could be edited")?;
        let edited = self.desk.stage.chats.change(&chat, last.id(), |message| {
            let field = if message.wire.get("caption").is_some() { "caption" } else { "text" };
            message.wire[field] = text.into();
            message.wire["edit_date"] = chrono::Utc::now().timestamp().into();
            text.clone_into(&mut message.text);
            message.is_edited = true;
            message.wire.clone()
        });
        self.happens("edited_message", &edited.ok_or("it is there no more")?, chat, false);
        Ok(())
    }

    /// The bot's own membership has changed.
    fn stands(&self, standing: Standing) {
        self.desk.state().chats.insert(self.chat, standing);
        let status = |is_member: bool| match (is_member, self.chat > 0) {
            (true, _) => "member",
            (false, true) => "kicked",
            (false, false) => "left",
        };
        let is_member = standing == Standing::Open;
        let bot = json!({ "id": self.desk.bot, "is_bot": true, "first_name": "Stub", "username": "stub_bot" });
        let mut new = json!({ "user": bot, "status": status(is_member) });
        if !is_member && self.chat > 0 {
            new["until_date"] = 0.into();
        }
        let changed = json!({
            "chat": wire::chat(self.chat, self.name), "from": wire::user(self.user, self.name),
            "date": chrono::Utc::now().timestamp(),
            "old_chat_member": { "user": bot, "status": status(!is_member) }, "new_chat_member": new,
        });
        self.happens("my_chat_member", &changed, format!("members of {}", self.chat), false);
    }

    fn happens(&self, kind: &str, what: &Value, lane: String, wants_reply: bool) {
        let chat = self.chat.to_string();
        let kept = self.desk.stage.scaled(if kind == "callback_query" { PRESS_KEPT } else { MESSAGE_KEPT });
        let trip = wants_reply.then(|| self.desk.stage.trips.begin(&chat));
        self.desk.happens(Update {
            id: 0,
            kind: kind.to_owned(),
            wire: json!({ "update_id": 0, kind: what }),
            chat,
            lane,
            expires: Instant::now() + kept,
            trip,
        });
    }
}

fn file_wire(kind: FileKind, id: &str, size: usize, name: &str, media_type: &str) -> Value {
    let unique = format!("AQAD{}", id.rsplit('I').next().unwrap_or_default());
    let file = json!({ "file_id": id, "file_unique_id": unique, "file_size": size });
    let mut largest = file.clone();
    match kind {
        // The smaller one first, as Telegram has them.
        FileKind::Photo => {
            let mut smaller = file;
            (smaller["file_unique_id"], smaller["file_size"]) = (format!("{unique}s").into(), (size / 4).into());
            (smaller["width"], smaller["height"]) = (90.into(), 67.into());
            (largest["width"], largest["height"]) = (1280.into(), 960.into());
            json!([smaller, largest])
        }
        FileKind::Document => {
            (largest["file_name"], largest["mime_type"]) = (name.into(), media_type.into());
            largest
        }
        FileKind::Voice => {
            (largest["duration"], largest["mime_type"]) = (3.into(), media_type.into());
            largest
        }
    }
}
