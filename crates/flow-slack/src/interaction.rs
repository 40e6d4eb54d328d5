//! What a visitor does besides writing: presses a button, or gives a command.

use flow_core::{Button, Command, Input};
use flow_http::platform::{Arrivals, Arrived, Hook, Unreadable};
use serde::Deserialize;
use serde_json::Value;

use crate::{Workspaces, markup, message::CHOICE, place::Place};

/// A payload of "Interactivity": what is known of all of them.
#[derive(Deserialize)]
struct Kind {
    #[serde(rename = "type")]
    kind: String,
}

/// Something of a message was used: `block_actions`.
#[derive(Deserialize)]
struct Pressed {
    user: Named,
    team: Option<Named>,
    channel: Option<Named>,
    container: Option<Container>,
    message: Option<Value>,
    actions: Vec<Action>,
    trigger_id: String,
}

#[derive(Deserialize)]
struct Named {
    id: String,
}

#[derive(Deserialize)]
struct Container {
    thread_ts: Option<String>,
}

#[derive(Deserialize)]
struct Action {
    #[serde(rename = "action_id")]
    id: String,
    value: Option<String>,
    text: Option<Words>,
    selected_option: Option<Choice>,
}

#[derive(Deserialize)]
struct Choice {
    value: String,
    text: Option<Words>,
}

#[derive(Deserialize)]
struct Words {
    text: String,
}

/// A message whose buttons have been used, and what was chosen.
pub(crate) struct Used {
    pub(crate) workspace: Option<String>,
    pub(crate) channel: String,
    pub(crate) message: Value,
    pub(crate) chosen: Option<String>,
}

/// What stands in a form: a press, a command, or nothing that the bot has a use for. With it, the message whose buttons were used up.
pub(crate) fn read(hook: &Hook<'_>, workspaces: &Workspaces) -> Result<(Arrivals, Option<Used>), Unreadable> {
    let field = |name: &str| {
        let mut fields = form_urlencoded::parse(hook.body());
        fields.find(|(field, _)| field == name).map(|(_, value)| value.into_owned())
    };
    if let Some(payload) = field("payload") {
        let kind: Kind = parsed(&payload)?;
        return if kind.kind == "block_actions" {
            Ok(pressed(parsed(&payload)?, workspaces))
        } else {
            Ok((Arrivals::none(), None))
        };
    }
    let Some(command) = field("command") else {
        // Slack asks now and then whether the address still encrypts.
        let is_check = field("ssl_check").is_some();
        return if is_check { Ok((Arrivals::none(), None)) } else { Err(missing("payload` or `command")) };
    };
    let user = field("user_id").ok_or_else(|| missing("user_id"))?;
    let id = field("trigger_id").ok_or_else(|| missing("trigger_id"))?;
    let Ok(workspace) = workspaces.named(field("team_id").as_deref()) else { return Ok((Arrivals::none(), None)) };
    let place = Place { workspace, channel: user, thread: None };
    let arguments = markup::read(&field("text").unwrap_or_default());
    let input = Input::from(Command::new(command).with_arguments(arguments));
    Ok((Arrivals::of([Arrived::new(place.written(), input.with_id(id))]), None))
}

fn parsed<'p, T: Deserialize<'p>>(payload: &'p str) -> Result<T, Unreadable> {
    serde_json::from_str(payload).map_err(|_| Unreadable::because("`payload` is not what Interactivity sends"))
}

fn missing(field: &str) -> Unreadable {
    Unreadable::because(format!("`{field}` is missing"))
}

fn pressed(pressed: Pressed, workspaces: &Workspaces) -> (Arrivals, Option<Used>) {
    let action = pressed.actions.into_iter().find(|action| action.id.starts_with(CHOICE));
    let chosen = action.and_then(|action| match (action.selected_option, action.value) {
        (Some(option), _) => Some((option.value, option.text)),
        (None, Some(token)) => Some((token, action.text)),
        _ => None,
    });
    // A link is told of, too, and so is what is pressed on the app's own page, where nothing is said.
    let (Some((token, label)), Some(channel)) = (chosen, pressed.channel) else { return (Arrivals::none(), None) };
    let label = label.map(|label| label.text);
    let message = pressed.message.unwrap_or_default();
    let Ok(workspace) = workspaces.named(pressed.team.map(|team| team.id).as_deref()) else {
        return (Arrivals::none(), None);
    };
    let is_direct = channel.id.starts_with('D');
    let place = if is_direct {
        Place { workspace: workspace.clone(), channel: pressed.user.id.clone(), thread: None }
    } else {
        let thread = pressed.container.and_then(|container| container.thread_ts);
        let thread =
            thread.or_else(|| ["thread_ts", "ts"].iter().find_map(|name| Some(message[name].as_str()?.to_owned())));
        Place { workspace: workspace.clone(), channel: channel.id.clone(), thread }
    };
    let button = label.iter().fold(Button::new(token), Button::with_label);
    let arrived = Arrived::new(place.written(), Input::Button(button).with_id(pressed.trigger_id));
    let arrived = if is_direct { arrived } else { arrived.by(pressed.user.id) };
    // In a channel another may press what was offered to somebody else, who still has to answer.
    let used =
        (is_direct && message.is_object()).then_some(Used { workspace, channel: channel.id, message, chosen: label });
    (Arrivals::of([arrived]), used)
}
