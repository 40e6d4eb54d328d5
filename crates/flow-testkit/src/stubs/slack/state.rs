//! What Slack knows of an app: its [`State`].

use std::collections::{HashMap, VecDeque};

use bytes::Bytes;
use chrono::Utc;
use serde_json::Value;

use super::super::limits::Limit;

/// Everything but what stands in the channels.
#[derive(Default)]
pub(super) struct State {
    pub(super) app: Option<App>,
    pub(super) channels: HashMap<String, Standing>,
    pub(super) files: VecDeque<File>,
    pub(super) responses: HashMap<String, Response>,
    pub(super) per_channel: Option<Limit>,
    pub(super) pending: usize,
    next: u64,
    last_time: i64,
}

/// Where an app listens, and how it knows Slack.
#[derive(Clone)]
pub(super) struct App {
    pub(super) signing_secret: String,
    pub(super) events: String,
    pub(super) interactivity: String,
    pub(super) commands: String,
}

/// How the bot stands with a channel.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    Member,
    Removed,
    Archived,
}

/// A file in the workspace.
#[derive(Clone)]
pub(super) struct File {
    pub(super) path: String,
    pub(super) media_type: String,
    pub(super) bytes: Bytes,
}

/// A `response_url`: it is good for five messages.
pub(super) struct Response {
    pub(super) channel: String,
    pub(super) message: Option<String>,
    pub(super) uses: u32,
}

const FILES: usize = 1_000;

impl State {
    pub(super) fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    /// A time that no other message has: seconds and a number of six digits.
    pub(super) fn ts(&mut self) -> String {
        let now = Utc::now().timestamp_micros();
        self.last_time = now.max(self.last_time + 1);
        format!("{}.{:06}", self.last_time / 1_000_000, self.last_time % 1_000_000)
    }

    pub(super) fn keep_file(&mut self, name: &str, media_type: &str, bytes: Bytes) -> File {
        let path = format!("/files-pri/{}-F{:09}/{name}", super::TEAM, self.number());
        let file = File { path, media_type: media_type.to_owned(), bytes };
        self.files.push_back(file.clone());
        if self.files.len() > FILES {
            self.files.pop_front();
        }
        file
    }

    /// A path under which an app may answer an interaction.
    pub(super) fn response_path(&mut self, channel: &str, message: Option<&str>) -> String {
        let path = format!("/actions/{}/{}", super::TEAM, self.number());
        if self.responses.len() > 10_000 {
            self.responses.clear();
        }
        let response = Response { channel: channel.to_owned(), message: message.map(str::to_owned), uses: 5 };
        self.responses.insert(path.clone(), response);
        path
    }
}

/// The key that a bot gave with its message, in `metadata.event_payload.key`.
pub(super) fn key_of(arguments: &Value) -> Option<String> {
    arguments["metadata"]["event_payload"]["key"].as_str().map(str::to_owned)
}
