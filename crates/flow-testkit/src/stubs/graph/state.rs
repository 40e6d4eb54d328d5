//! What WhatsApp knows of a number: its [`State`].

use std::{
    collections::{HashMap, VecDeque},
    time::{Duration, Instant},
};

use bytes::Bytes;

use super::super::limits::Limit;

/// Everything but what stands in the chats.
#[derive(Default)]
pub(super) struct State {
    pub(super) webhook: Option<Webhook>,
    pub(super) people: HashMap<String, Standing>,
    pub(super) templates: HashMap<(String, String), Template>,
    pub(super) media: VecDeque<File>,
    pub(super) limits: Option<Limits>,
    pub(super) next: u64,
    pub(super) pending: usize,
    pub(super) reads: bool,
    pub(super) refuses_at_once: bool,
}

/// The app's webhook.
#[derive(Clone)]
pub(super) struct Webhook {
    pub(super) url: String,
    pub(super) app_secret: String,
}

/// Somebody with WhatsApp.
#[derive(Clone, Default)]
pub(super) struct Standing {
    /// When they last wrote, unless that is too long ago. Free messages may be sent for 24 hours.
    pub(super) wrote: Option<Instant>,
    pub(super) has_blocked: bool,
}

/// A template that was submitted.
#[derive(Clone, Copy)]
pub(super) struct Template {
    pub(super) parameters: usize,
    pub(super) is_paused: bool,
}

/// A file on WhatsApp's servers.
#[derive(Clone)]
pub(super) struct File {
    pub(super) id: String,
    pub(super) media_type: String,
    pub(super) bytes: Bytes,
}

/// The documentation of throughput, 80 messages a second, and of the pair rate, 1 every 6 seconds with bursts of 45.
pub(super) struct Limits {
    pub(super) overall: Limit,
    pub(super) pair: Limit,
}

/// The customer service window.
pub(super) const WINDOW: Duration = Duration::from_secs(24 * 60 * 60);

/// How ids of messages begin.
const ID: &str = "wamid.HBgLMTY1MDM4Nzk0MzkVAgARGBI";

/// So many files are kept.
const FILES: usize = 1_000;

impl State {
    pub(super) fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    pub(super) fn message_id(&mut self) -> String {
        format!("{ID}{:016X}AA==", self.number())
    }

    /// Whether this is the id of a message that there was.
    pub(super) fn is_message(&self, id: &str) -> bool {
        let number = id.strip_prefix(ID).and_then(|rest| rest.strip_suffix("AA=="));
        number.and_then(|number| u64::from_str_radix(number, 16).ok()).is_some_and(|number| number <= self.next)
    }

    pub(super) fn keep_media(&mut self, media_type: &str, bytes: Bytes) -> File {
        let id = (1_037_543_291_543_000 + self.number()).to_string();
        let media = File { id, media_type: media_type.to_owned(), bytes };
        self.media.push_back(media.clone());
        if self.media.len() > FILES {
            self.media.pop_front();
        }
        media
    }

    pub(super) fn media(&self, id: &str) -> Option<File> {
        self.media.iter().rev().find(|media| media.id == id).cloned()
    }
}
