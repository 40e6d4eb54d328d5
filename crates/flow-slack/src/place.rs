//! Where somebody is answered: a [`Place`].

/// Where a visitor is answered: in the direct messages of a user, or in a thread of a channel; of which workspace, if it is one that
/// was added.
///
/// It is written `U2147483697` or `C061EG9T2/1515449438.000011`, with `T0PJ1H9QE:` before it in a workspace that was added.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) workspace: Option<String>,
    /// A user's, for direct messages: Slack takes it as a channel.
    pub(crate) channel: String,
    /// The `ts` of the message that the thread is about.
    pub(crate) thread: Option<String>,
}

impl Place {
    pub(crate) fn read(text: &str) -> Self {
        let (workspace, rest) = match text.split_once(':') {
            Some((workspace, rest)) => (Some(workspace.to_owned()), rest),
            None => (None, text),
        };
        let (channel, thread) = match rest.split_once('/') {
            Some((channel, thread)) => (channel, Some(thread.to_owned())),
            None => (rest, None),
        };
        Self { workspace, channel: channel.to_owned(), thread }
    }

    pub(crate) fn written(&self) -> String {
        let workspace = self.workspace.iter().map(|workspace| format!("{workspace}:"));
        let thread = self.thread.iter().map(|thread| format!("/{thread}"));
        workspace.chain([self.channel.clone()]).chain(thread).collect()
    }

    /// Whether it is the direct messages of a user.
    pub(crate) fn is_direct(&self) -> bool {
        self.channel.starts_with(['U', 'W'])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_reads_back_as_it_was_written() {
        for text in
            ["U2147483697", "C061EG9T2/1515449438.000011", "T0PJ1H9QE:C061EG9T2/1515449438.000011", "T0PJ1H9QE:W1"]
        {
            assert_eq!(Place::read(text).written(), text);
        }
        assert!(Place::read("T0PJ1H9QE:W1").is_direct() && !Place::read("C1/2").is_direct());
    }
}
