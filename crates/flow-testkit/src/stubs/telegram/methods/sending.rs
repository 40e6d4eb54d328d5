//! `send…`: a message goes into a chat.

use serde_json::{Value, json};

use super::{
    super::{
        super::chats::Message,
        arguments::Arguments,
        desk::Desk,
        refusal::Refusal,
        state::{Limits, Standing},
        wire,
    },
    content, keyboard,
};

/// Checks in the order of the Bot API's server, and shows the message.
pub(super) fn send(desk: &Desk, kind: &str, arguments: &Arguments) -> Result<Value, Refusal> {
    let content = content::read(desk, kind, arguments)?;
    let keyboard = keyboard::read(arguments)?;
    let chat = arguments.chat()?;
    may_write(desk, chat)?;
    let answered = answered(desk, chat, arguments)?;
    keyboard::check(&keyboard)?;
    within_limits(desk, chat)?;

    let (id, visitor) = {
        let mut state = desk.state();
        (state.message_id(), state.name_of(chat))
    };
    let name = chat.to_string();
    let bot = json!({ "id": desk.bot, "is_bot": true, "first_name": "Stub", "username": "stub_bot" });
    let mut sent = wire::message(id, &bot, &wire::chat(chat, &visitor));
    sent.as_object_mut().expect("an object").extend(content.fields);
    if let Some(markup) = &keyboard.wire {
        sent["reply_markup"] = markup.clone();
    }
    if let Some(answered) = answered {
        sent["reply_to_message"] = answered;
    }
    let mut message = Message::new(id.to_string(), true, content.text);
    message.buttons = keyboard.buttons;
    message.attached = content.attached;
    message.wire = sent.clone();
    message.call = arguments.wire();
    desk.stage.chats.show(&name, message);
    desk.stage.trips.is_replied(&name);
    Ok(sent)
}

/// Whether the bot may write there.
pub(super) fn may_write(desk: &Desk, chat: i64) -> Result<(), Refusal> {
    match desk.state().chats.get(&chat) {
        None => Err(Refusal::bad("chat not found")),
        Some(Standing::Unknown) if chat > 0 => Err(Refusal::forbidden("bot can't initiate conversation with a user")),
        Some(Standing::Unknown) if wire::is_supergroup(chat) => {
            Err(Refusal::forbidden("bot is not a member of the supergroup chat"))
        }
        Some(Standing::Unknown) => Err(Refusal::forbidden("bot is not a member of the group chat")),
        Some(Standing::Open) => Ok(()),
        Some(Standing::Blocked) if chat > 0 => Err(Refusal::forbidden("bot was blocked by the user")),
        Some(Standing::Blocked) if wire::is_supergroup(chat) => {
            Err(Refusal::forbidden("bot was kicked from the supergroup chat"))
        }
        Some(Standing::Blocked) => Err(Refusal::forbidden("bot was kicked from the group chat")),
        Some(Standing::Deactivated) => Err(Refusal::forbidden("user is deactivated")),
        Some(Standing::MigratedTo(supergroup)) => Err(Refusal::migrated(*supergroup)),
    }
}

/// The message that this one is a reply to.
fn answered(desk: &Desk, chat: i64, arguments: &Arguments) -> Result<Option<Value>, Refusal> {
    let Ok(Some(parameters)) = arguments.json("reply_parameters") else { return Ok(None) };
    let Some(id) = parameters["message_id"].as_i64() else {
        return Err(Refusal::bad("can't find field \"message_id\""));
    };
    let found = desk.stage.chats.newest(&chat.to_string(), |message| message.id() == id.to_string());
    match found {
        Some(message) => Ok(Some(message.wire)),
        None if parameters["allow_sending_without_reply"] == true => Ok(None),
        None => Err(Refusal::bad("message to be replied not found")),
    }
}

fn within_limits(desk: &Desk, chat: i64) -> Result<(), Refusal> {
    let mut state = desk.state();
    let Some(Limits { overall, chat: private, group }) = &mut state.limits else { return Ok(()) };
    let name = chat.to_string();
    let of_chat = if chat > 0 { private } else { group };
    let wait = overall.wait("").max(of_chat.wait(&name));
    if let Some(wait) = wait {
        return Err(Refusal::too_many(wait));
    }
    overall.take("");
    of_chat.take(&name);
    Ok(())
}
