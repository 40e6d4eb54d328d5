//! What was said and done, line by line: [`Transcript`].

use std::{fmt, time::Duration};

use flow_core::{Flow, Input, Opened, Outcome, OutcomeKind, Reply};

/// The lines of a conversation, made for snapshots: no id and no time of it differs from run to run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Transcript {
    lines: Vec<String>,
}

impl Transcript {
    pub(crate) fn said(&mut self, input: &Input) {
        self.lines.push(match input {
            Input::Text(text) => format!("> {text}"),
            Input::Button(button) => format!("> [{}]", button.payload),
            Input::Signal(signal) => format!("> (signal {})", signal.name),
            other => format!("> ({other:?})"),
        });
    }

    /// Something that happened beside the talk.
    pub(crate) fn happened(&mut self, what: impl fmt::Display) {
        self.lines.push(format!("({what})"));
    }

    /// Something that came of what was said.
    pub(crate) fn noted(&mut self, what: impl fmt::Display) {
        self.lines.push(format!("    {what}"));
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

    pub(crate) fn answered<F: Flow>(&mut self, outcome: &Outcome<F>) {
        match &outcome.kind {
            OutcomeKind::Repeat => self.noted("(a repeat)"),
            OutcomeKind::Unheard => self.noted("(the state takes no such signal)"),
            OutcomeKind::Failed(failure) => self.noted(format!("({failure})")),
            OutcomeKind::Degraded(error) => self.noted(format!("(degraded: {error})")),
            _ if outcome.opened == Some(Opened::AfterExpiry) => self.noted("(the session had expired)"),
            _ => {}
        }
        for transition in &outcome.transitions {
            self.noted(transition);
        }
    }

    pub(crate) fn replied(&mut self, replies: &[Reply]) {
        for reply in replies {
            let labels: Vec<_> = reply.choices().iter().map(|choice| choice.label.as_str()).collect();
            let offered = if labels.is_empty() { String::new() } else { format!(" [{}]", labels.join(" | ")) };
            let link = reply.link().map(|link| format!(" <{link}>")).unwrap_or_default();
            self.lines.push(format!("bot: {}{offered}{link}", reply.text()));
        }
    }
}

impl fmt::Display for Transcript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.lines.join("\n"))
    }
}
