//! What was said and done, line by line: [`Transcript`].

use std::{fmt, time::Duration};

use flow_core::{Attachment, Flow, Input, Opened, Outcome, OutcomeKind, Reply, Speak};

/// The lines of a conversation, made for snapshots: no id and no time of it differs from run to run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Transcript {
    lines: Vec<String>,
}

impl Transcript {
    /// What this visitor said. Without a name there is one visitor in the chat.
    pub(crate) fn said(&mut self, name: &str, input: &Input) {
        let said = match input {
            Input::Text(text) => text.clone(),
            Input::Button(button) => format!("[{}]", button.payload),
            Input::Signal(signal) => format!("(signal {})", signal.name),
            Input::Media(media) => {
                let caption = media.caption().map(|caption| format!(" {caption}")).unwrap_or_default();
                format!("({}){caption}", media.kind().as_str())
            }
            Input::Place(place) => format!("(place) {}", place.speak()),
            Input::Contact(contact) => format!("(contact) {}", contact.speak()),
            Input::Command(command) => command.said().to_owned(),
            other => format!("({other:?})"),
        };
        self.lines.push(format!("{name}> {said}"));
    }

    /// Something that happened beside the talk.
    pub(crate) fn happened(&mut self, what: impl fmt::Display) {
        self.lines.push(format!("({what})"));
    }

    /// The last message of this visitor came once more.
    pub(crate) fn repeated(&mut self, name: &str) {
        self.happened(if name.is_empty() {
            "the message comes again".to_owned()
        } else {
            format!("{name}'s message comes again")
        });
    }

    /// Something that came of what this visitor said.
    pub(crate) fn noted(&mut self, name: &str, what: impl fmt::Display) {
        self.lines.push(if name.is_empty() { format!("    {what}") } else { format!("    {name}: {what}") });
    }

    pub(crate) fn passed(&mut self, time: Duration) {
        let seconds = time.as_secs();
        let units = [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")];
        let parts = units.iter().scan(seconds, |left, (unit, name)| {
            let count = *left / unit;
            *left %= unit;
            Some((count > 0).then(|| format!("{count} {name}")))
        });
        let parts: Vec<_> = parts.flatten().collect();
        self.happened(format!("{} pass", if parts.is_empty() { "0 s".to_owned() } else { parts.join(" ") }));
    }

    pub(crate) fn answered<F: Flow>(&mut self, name: &str, outcome: &Outcome<F>) {
        match &outcome.kind {
            OutcomeKind::Repeat => self.noted(name, "(a repeat)"),
            OutcomeKind::Unheard => self.noted(name, "(the state takes no such signal)"),
            OutcomeKind::Failed(failure) => self.noted(name, format!("({failure})")),
            OutcomeKind::Degraded(error) => self.noted(name, format!("(degraded: {error})")),
            _ if outcome.opened == Some(Opened::AfterExpiry) => self.noted(name, "(the session had expired)"),
            _ => {}
        }
        for transition in &outcome.transitions {
            self.noted(name, transition);
        }
    }

    pub(crate) fn replied(&mut self, name: &str, replies: &[Reply]) {
        let bot = if name.is_empty() { "bot".to_owned() } else { format!("bot to {name}") };
        for reply in replies {
            let labels: Vec<_> = reply.choices().iter().map(|choice| choice.label.as_str()).collect();
            let offered = if labels.is_empty() { String::new() } else { format!(" [{}]", labels.join(" | ")) };
            let link = reply.link().map(|link| format!(" <{link}>")).unwrap_or_default();
            let said = match (reply.attachment(), reply.text()) {
                (Some(attachment), "") => format!("({})", attached(attachment)),
                (Some(attachment), text) => format!("({}) {text}", attached(attachment)),
                (None, text) => text.to_owned(),
            };
            self.lines.push(format!("{bot}: {said}{offered}{link}"));
        }
    }
}

/// What is sent with a text. Of an address the host: what stands behind it may be a secret, or differ from run to run.
fn attached(attachment: &Attachment) -> String {
    let kind = attachment.kind();
    match attachment {
        Attachment::Image(file) | Attachment::File(file) => match file.name() {
            Some(name) => format!("{kind} {name} {}", file.masked()),
            None => format!("{kind} {}", file.masked()),
        },
        Attachment::Place(place) => format!("{kind} {}", place.speak()),
        Attachment::Contact(contact) => format!("{kind} {}", contact.speak()),
        Attachment::Template(template) => {
            format!("{kind} {} {}: {}", template.name(), template.language(), template.parameters().join(", "))
        }
        _ => kind.to_owned(),
    }
}

impl fmt::Display for Transcript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.lines.join("\n"))
    }
}
