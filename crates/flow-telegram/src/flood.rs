//! How far a "too many requests" reaches: [`Floods`].

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use flow_core::engine::Scope;

/// Of how many chats it is remembered.
const REMEMBERED: usize = 64;

/// The chats of which Telegram has said "too many". It does not say which of its limits was met: one of the chat, or that of the bot.
#[derive(Debug, Default)]
pub(crate) struct Floods(Mutex<VecDeque<(i64, Instant)>>);

impl Floods {
    /// What has to wait, now that Telegram has said so of this chat: the chat; and everything, if another one is waiting already.
    pub(crate) fn scope(&self, chat: i64, wait: Duration, now: Instant) -> Scope {
        let mut waiting = self.waiting();
        waiting.retain(|(of, until)| *of != chat && *until > now);
        let is_another_waiting = !waiting.is_empty();
        // A time beyond the end of the clock is long after the process has ended.
        waiting.extend(now.checked_add(wait).map(|until| (chat, until)));
        if waiting.len() > REMEMBERED {
            waiting.pop_front();
        }
        if is_another_waiting { Scope::Channel } else { Scope::Chat }
    }

    fn waiting(&self) -> MutexGuard<'_, VecDeque<(i64, Instant)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_chat_waits_alone_and_a_second_one_stands_for_all() {
        let (floods, now) = (Floods::default(), Instant::now());
        let wait = Duration::from_secs(30);
        assert_eq!(floods.scope(1, wait, now), Scope::Chat);
        assert_eq!(floods.scope(1, wait, now + wait / 2), Scope::Chat);
        assert_eq!(floods.scope(2, wait, now + wait), Scope::Channel);
        assert_eq!(floods.scope(3, wait, now + wait * 3), Scope::Chat);
        assert_eq!(floods.scope(4, Duration::MAX, now + wait * 6), Scope::Chat);
    }
}
