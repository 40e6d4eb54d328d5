//! What Telegram knows of a bot: its [`State`].

use std::{
    collections::{HashMap, VecDeque},
    time::Instant,
};

use bytes::Bytes;

use super::{super::limits::Limit, updates::Updates};

/// Everything but what stands in the chats.
pub(super) struct State {
    pub(super) webhook: Option<Webhook>,
    pub(super) updates: Updates,
    pub(super) chats: HashMap<i64, Standing>,
    /// Who has been seen in a chat, by id and name.
    pub(super) people: HashMap<i64, Vec<(i64, String)>>,
    pub(super) next_message: i64,
    pub(super) next_callback: u64,
    /// Presses that can still be answered.
    pub(super) callbacks: VecDeque<(String, Instant)>,
    pub(super) files: VecDeque<File>,
    pub(super) next_file: u64,
    pub(super) limits: Option<Limits>,
    pub(super) last_error: Option<(i64, String)>,
    pub(super) hides_pressed: bool,
    pub(super) privacy: bool,
    pub(super) commands: serde_json::Value,
    /// Which long poll is the newest.
    pub(super) poll: u64,
    /// When somebody was last told that another polls.
    pub(super) last_conflict: Option<Instant>,
}

/// A webhook, as the bot has set it.
#[derive(Clone)]
pub(super) struct Webhook {
    pub(super) url: String,
    pub(super) secret: String,
    pub(super) connections: usize,
}

/// How the bot stands with a chat.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// It has not been written to.
    Unknown,
    Open,
    /// Blocked in a private chat, removed from a group.
    Blocked,
    Deactivated,
    MigratedTo(i64),
}

/// A file that is on Telegram's servers.
#[derive(Clone)]
pub(super) struct File {
    pub(super) id: String,
    pub(super) path: String,
    pub(super) bytes: Bytes,
}

/// The figures of Telegram's "My bot is hitting limits". It allows "short bursts" in a chat and does not say of how many: here of three.
pub(super) struct Limits {
    pub(super) overall: Limit,
    pub(super) chat: Limit,
    pub(super) group: Limit,
}

/// So many files are kept.
const FILES: usize = 1_000;

impl State {
    pub(super) fn new() -> Self {
        Self {
            webhook: None,
            updates: Updates::default(),
            chats: HashMap::new(),
            people: HashMap::new(),
            next_message: 1,
            next_callback: 4_382_000_000,
            callbacks: VecDeque::new(),
            files: VecDeque::new(),
            next_file: 1,
            limits: None,
            last_error: None,
            hides_pressed: false,
            privacy: true,
            commands: serde_json::json!([]),
            poll: 0,
            last_conflict: None,
        }
    }

    pub(super) fn message_id(&mut self) -> i64 {
        let id = self.next_message;
        self.next_message += 1;
        id
    }

    /// Notes that this person is in a chat, under the newest name.
    pub(super) fn sees(&mut self, chat: i64, user: i64, name: &str) {
        let people = self.people.entry(chat).or_default();
        match people.iter_mut().find(|(known, _)| *known == user) {
            Some((_, known)) if known == name => {}
            Some((_, known)) => name.clone_into(known),
            None => people.push((user, name.to_owned())),
        }
    }

    /// What the person of a private chat is called.
    pub(super) fn name_of(&self, chat: i64) -> String {
        self.people
            .get(&chat)
            .and_then(|people| people.first())
            .map_or_else(|| "Visitor".to_owned(), |(_, name)| name.clone())
    }

    /// Keeps a file, and gives what it is called.
    pub(super) fn keep_file(&mut self, folder: &str, name: &str, bytes: Bytes) -> File {
        let number = self.next_file;
        self.next_file += 1;
        let ending = name.rsplit_once('.').map_or("bin", |(_, ending)| ending);
        let file =
            File { id: format!("AgACAgIAAxkBAAI{number}"), path: format!("{folder}/file_{number}.{ending}"), bytes };
        self.files.push_back(file.clone());
        if self.files.len() > FILES {
            self.files.pop_front();
        }
        file
    }

    pub(super) fn file(&self, passes: impl Fn(&File) -> bool) -> Option<File> {
        self.files.iter().rev().find(|file| passes(file)).cloned()
    }
}
