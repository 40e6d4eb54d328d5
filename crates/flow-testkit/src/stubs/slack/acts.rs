//! What visitors do, as Slack tells the bot of it.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{
    super::{
        chats::{Attached, Button, Chats, Message},
        visitor::{Act, Messenger, Person},
    },
    desk::{COMMAND, Desk, INTERACTION},
    escaping,
    state::Standing,
};

impl Messenger for Desk {
    fn chats(&self) -> &Chats {
        &self.stage.chats
    }

    fn act(self: Arc<Self>, person: &Person, act: Act) -> Result<(), String> {
        let member = Member { desk: &self, person };
        match act {
            Act::Says { text, in_reply_to } => member.says(&text, in_reply_to.as_deref()),
            Act::Starts { payload } if payload.is_empty() => member.opens(),
            Act::Starts { payload } => member.says(&payload, None),
            Act::Presses { message, button } => return member.presses(&message, &button),
            Act::SendsFile { name, media_type, bytes, caption, .. } => {
                let file = self.state().keep_file(&name, &media_type, bytes);
                let url = format!("{}{}", self.address(), file.path);
                let id = file.path.rsplit('/').nth(1).and_then(|part| part.rsplit('-').next()).unwrap_or_default();
                let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
                let wire = json!({
                    "id": id, "name": name, "title": name, "mimetype": media_type, "filetype": ending, "size": file.bytes.len(),
                    "user": person.user, "url_private": url, "url_private_download": url, "mode": "hosted",
                });
                let attached = Attached::File("file".to_owned(), url);
                member.sends(
                    &caption,
                    &json!({ "subtype": "file_share", "files": [wire], "upload": false }),
                    Some(attached),
                );
            }
            Act::SharesPlace { .. } | Act::SharesContact { .. } => {
                return Err("Slack has no places and no cards that a person could share".to_owned());
            }
            Act::Edits { text } => return member.edits(&text),
            Act::Blocks => {
                self.state().channels.insert(person.chat.clone(), Standing::Removed);
            }
            Act::Unblocks => {
                self.state().channels.insert(person.chat.clone(), Standing::Member);
            }
        }
        Ok(())
    }
}

struct Member<'a> {
    desk: &'a Arc<Desk>,
    person: &'a Person,
}

impl Member<'_> {
    fn says(&self, text: &str, in_reply_to: Option<&str>) {
        if text.starts_with('/') {
            return self.commands(text);
        }
        let mut fields = json!({});
        if let Some(thread) = in_reply_to {
            fields["thread_ts"] = thread.into();
        }
        self.sends(text, &fields, None);
    }

    /// Puts a message into the channel, and tells the app: of the message, and of being mentioned in it.
    fn sends(&self, text: &str, fields: &Value, attached: Option<Attached>) {
        let channel = &self.person.chat;
        let (ts, number) = {
            let mut state = self.desk.state();
            (state.ts(), state.number())
        };
        let mention = format!("<@{}>", super::BOT_USER);
        let written = escaping::done(text).replace(super::MENTION, &mention);
        let mut event = json!({
            "type": "message", "channel": channel, "user": self.person.user, "text": written, "ts": ts, "team": super::TEAM,
            "client_msg_id": format!("00000000-0000-4000-8000-{number:012}"), "event_ts": ts, "channel_type": super::kind_of(channel),
        });
        event.as_object_mut().expect("an object").extend(fields.as_object().expect("an object").clone());
        let mut message = Message::new(&*ts, false, text);
        message.attached = attached;
        message.wire = event.clone();
        self.desk.stage.chats.show(channel, message);
        let trip = self.desk.stage.trips.begin(channel);
        self.desk.happens(channel, &event, Some(trip));
        if written.contains(&mention) && super::kind_of(channel) == "channel" {
            event["type"] = "app_mention".into();
            event.as_object_mut().expect("an object").remove("channel_type");
            self.desk.happens(channel, &event, None);
        }
    }

    fn opens(&self) {
        let ts = self.desk.state().ts();
        let event = json!({
            "type": "app_home_opened", "user": self.person.user, "channel": self.person.chat, "tab": "messages", "event_ts": ts,
        });
        self.desk.happens(&self.person.chat, &event, None);
    }

    fn commands(&self, text: &str) {
        let (command, rest) = text.split_once(' ').unwrap_or((text, ""));
        let channel = &self.person.chat;
        let (response, number) = {
            let mut state = self.desk.state();
            (state.response_path(channel, None), state.number())
        };
        let response = format!("{}{response}", self.desk.address());
        let trigger = format!("{number}.{}", super::TEAM);
        let name = if channel.starts_with('D') { "directmessage" } else { "general" };
        let trip = self.desk.stage.trips.begin(channel);
        let fields = [
            ("token", "deprecated-verification-token"),
            ("team_id", super::TEAM),
            ("team_domain", "stub"),
            ("channel_id", channel),
            ("channel_name", name),
            ("user_id", &self.person.user),
            ("user_name", &self.person.name),
            ("command", command),
            ("text", rest),
            ("api_app_id", super::APP),
            ("is_enterprise_install", "false"),
            ("response_url", &response),
            ("trigger_id", &trigger),
        ];
        self.desk.asks(channel, COMMAND, &fields, trip);
    }

    fn presses(&self, message: &Message, button: &Button) -> Result<(), String> {
        if let Some(link) = button.link() {
            return Err(format!("{:?} is a link to {link}", button.label));
        }
        let channel = &self.person.chat;
        let (ts, number, response) = {
            let mut state = self.desk.state();
            (state.ts(), state.number(), state.response_path(channel, Some(message.id())))
        };
        let mut action = button.wire.clone();
        action["action_ts"] = ts.into();
        let shown = self.desk.stage.chats.newest(channel, |other| other.id() == message.id());
        let payload = json!({
            "type": "block_actions", "user": { "id": self.person.user, "username": self.person.name, "name": self.person.name, "team_id": super::TEAM },
            "api_app_id": super::APP, "token": "deprecated-verification-token",
            "container": { "type": "message", "message_ts": message.id(), "channel_id": channel, "is_ephemeral": false },
            "trigger_id": format!("{number}.{}", super::TEAM), "team": { "id": super::TEAM, "domain": "stub" }, "enterprise": null,
            "is_enterprise_install": false, "channel": { "id": channel, "name": if channel.starts_with('D') { "directmessage" } else { "general" } },
            "message": shown.map_or_else(|| message.wire.clone(), |shown| shown.wire), "state": { "values": {} },
            "response_url": format!("{}{response}", self.desk.address()), "actions": [action],
        });
        let trip = self.desk.stage.trips.begin(channel);
        self.desk.asks(channel, INTERACTION, &[("payload", &payload.to_string())], trip);
        Ok(())
    }

    fn edits(&self, text: &str) -> Result<(), String> {
        let channel = &self.person.chat;
        let is_own = |message: &Message| {
            !message.is_of_bot && message.wire["user"] == *self.person.user && !message.text.is_empty()
        };
        let last =
            self.desk.stage.chats.newest(channel, is_own).ok_or("nothing was written here that could be edited")?;
        let ts = self.desk.state().ts();
        let changed = self.desk.stage.chats.change(channel, last.id(), |message| {
            let before = message.wire.clone();
            message.wire["text"] = escaping::done(text).into();
            message.wire["edited"] = json!({ "user": self.person.user, "ts": ts });
            text.clone_into(&mut message.text);
            message.is_edited = true;
            (before, message.wire.clone())
        });
        let (before, after) = changed.ok_or("it is there no more")?;
        let event = json!({
            "type": "message", "subtype": "message_changed", "hidden": true, "channel": channel, "ts": ts, "event_ts": ts,
            "message": after, "previous_message": before, "channel_type": super::kind_of(channel),
        });
        self.desk.happens(channel, &event, None);
        Ok(())
    }
}
