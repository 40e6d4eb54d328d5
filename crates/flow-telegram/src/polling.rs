//! Telegram is asked for updates, where no webhook can reach the bot: [`Polling`].

use std::{fmt, future::Future, pin::pin, time::Duration};

use flow_core::{Engine, Flow};
use flow_http::platform::Line;
use serde_json::{Value, json};
use tokio::{select, time::sleep};

use crate::{
    Telegram, TelegramError,
    bot_api::Failure,
    queue::{Queue, Taken},
    refusal::Meaning,
    update::KINDS,
};

/// How long Telegram keeps a request open in which it has nothing to tell. It takes up to 50 seconds.
const LONG_POLL: Duration = Duration::from_secs(30);

/// How much longer than that an answer may take.
const GRACE: Duration = Duration::from_secs(10);

/// The most updates of one answer (`getUpdates`: 1-100).
const MOST: usize = 100;

/// The largest answer: a hundred long messages that answer long messages, with each letter written as `\uXXXX`.
const LARGEST: usize = 32 << 20;

/// The longest pause after a failure, in first pauses.
const LONGEST_PAUSE: u32 = 32;

/// The longest rest that Telegram may name. What is far beyond it is a mistake, and nothing would be heard until the process ends.
const LONGEST_REST: Duration = Duration::from_secs(3600);

/// How long the last word to Telegram may take, when polling ends.
const FAREWELL: Duration = Duration::from_secs(5);

/// Asks Telegram for updates (long polling), for a bot that no webhook can reach: on a laptop, behind a firewall.
///
/// ```no_run
/// # use flow_core::{Engine, Flow};
/// # use flow_http::platform::Line;
/// use flow_telegram::{Polling, Telegram};
///
/// # async fn example<F: Flow>(line: Line<Telegram>, engine: Engine<F>, ctrl_c: impl Future<Output = ()>) {
/// Polling::new(&line, &engine).until(ctrl_c).await;
/// # }
/// ```
///
/// Telegram keeps a message for a day, and a press for some minutes, until it is told that it has arrived. It is told so once the update,
/// and every one before it, is stored: a process that is killed, or a store that is away, loses nothing, and what is delivered twice is handled once. Messages of
/// one conversation are taken in order, and conversations beside each other.
///
/// One of all programs can poll a bot. Of the processes that share a store one does, by a [lease](Engine::lease); another takes over within
/// 15 seconds if that one is killed, and at once if it ends in order. A program elsewhere that polls the same bot is in the way: each of
/// the two is told so by Telegram, and the log has it.
pub struct Polling<F: Flow> {
    line: Line<Telegram>,
    engine: Engine<F>,
    pause: Duration,
    patience: Duration,
    replaces_webhook: bool,
}

impl<F: Flow> Polling<F> {
    /// Polls for this line, and gives what arrives to this engine.
    pub fn new(line: &Line<Telegram>, engine: &Engine<F>) -> Self {
        Self {
            line: line.clone(),
            engine: engine.clone(),
            pause: Duration::from_secs(1),
            patience: Duration::from_secs(600),
            replaces_webhook: false,
        }
    }

    /// Pauses so long after a failure, and twice as long after each that follows, up to half a minute or so. A second unless it is set.
    #[must_use]
    pub fn pause(self, pause: Duration) -> Self {
        Self { pause, ..self }
    }

    /// So long an update that cannot be taken holds up those behind it, while others can be: one of a session whose inbox is full, or
    /// whose record cannot be read. Then it is given up, which is logged as an error. Ten minutes unless it is set. While nothing can be
    /// taken, because the store is away, all of them wait.
    #[must_use]
    pub fn patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Takes the bot's webhook away when it begins, if there is one. Unless it is said, a webhook stays, nothing can be polled beside it,
    /// and the log says so: it may be that of the bot in production.
    #[must_use]
    pub fn replaces_webhook(self) -> Self {
        Self { replaces_webhook: true, ..self }
    }

    /// Polls until this ends, or the engine shuts down. Whatever goes wrong is logged, and tried again.
    pub async fn until(self, end: impl Future<Output = ()>) {
        let mut end = pin!(end);
        loop {
            let lease = select! {
                biased;
                () = &mut end => return,
                lease = self.engine.lease(self.title()) => lease,
            };
            // None is given any more: the engine shuts down.
            let Ok(lease) = lease else { return };
            tracing::info!(
                channel = self.line.name(),
                "this process asks Telegram for its updates, for all that share the store"
            );
            let mut queue = Queue::new(self.patience);
            select! {
                biased;
                () = &mut end => {
                    // Not needed, and kind to the next process: it would be told all of it again.
                    let _ = self.ask(&queue, 1, Duration::ZERO, FAREWELL).await;
                    lease.give_up().await;
                    return;
                }
                () = lease.lost() => {
                    tracing::info!(channel = self.line.name(), "this process does not ask Telegram any more, and another one may");
                }
                () = self.poll(&mut queue) => {}
            }
        }
    }

    /// By what the processes that share a store know that it is the same bot.
    fn title(&self) -> String {
        format!("poll telegram {}", self.line.platform().bot())
    }

    async fn poll(&self, queue: &mut Queue) {
        if self.replaces_webhook {
            self.told(self.line.platform().unregister().await);
        }
        let (mut failures, mut most) = (0, MOST);
        loop {
            if failures == 0 && self.line.platform().username.get().is_none() {
                self.told(self.line.platform().learn_name().await);
            }
            let went_well = match self.ask(queue, most, LONG_POLL, LONG_POLL + GRACE).await {
                Ok(updates) => {
                    most = MOST;
                    queue.take(&self.line, &self.engine, updates).await == Taken::All
                }
                Err(failure) => {
                    // Perhaps because of how much it is.
                    most = (most / 2).max(1);
                    self.tell(&failure);
                    if let Failure::Refused(refusal) = &failure {
                        sleep(refusal.retry_after().unwrap_or_default().min(LONGEST_REST)).await;
                    }
                    false
                }
            };
            failures = if went_well { 0 } else { failures + 1 };
            if failures > 0 {
                let pauses = 2_u32.saturating_pow(failures - 1).min(LONGEST_PAUSE);
                sleep(self.pause.saturating_mul(pauses)).await;
            }
        }
    }

    /// What is good to have, and can be done without.
    fn told(&self, done: Result<(), TelegramError>) {
        if let Err(error) = done {
            tracing::warn!(channel = self.line.name(), %error, "Telegram does not do what was asked before polling");
        }
    }

    async fn ask(
        &self,
        queue: &Queue,
        most: usize,
        long_poll: Duration,
        patience: Duration,
    ) -> Result<Vec<Value>, Failure> {
        let asked = json!({
            "offset": queue.offset(),
            "limit": most,
            "timeout": long_poll.as_secs(),
            "allowed_updates": KINDS,
        });
        self.line.platform().api.ask_patiently("getUpdates", &asked, patience, LARGEST).await
    }

    /// Tells an operator what is in the way, and what can be done.
    fn tell(&self, failure: &Failure) {
        let channel = self.line.name();
        let why = match failure {
            Failure::Refused(refusal)
                if refusal.code == 409 && refusal.description.to_lowercase().contains("webhook") =>
            {
                tracing::warn!(
                    channel,
                    "Telegram delivers to a webhook of this bot, so nothing can be polled: take the webhook away, or use it"
                );
                return;
            }
            Failure::Refused(refusal) if refusal.code == 409 => {
                tracing::warn!(
                    channel,
                    "another program polls this bot, and only one can: stop it, or give this one a bot of its own"
                );
                return;
            }
            Failure::Refused(refusal) if refusal.meaning() == Meaning::BadToken => {
                self.line.platform().tell_bad_token();
                return;
            }
            Failure::Refused(refusal) => format!("it says {}", refusal.code),
            Failure::NoAnswer(no_answer) => no_answer.to_string(),
            Failure::Unreadable => "its answer cannot be read".to_owned(),
        };
        tracing::warn!(channel, why, "Telegram cannot be asked for updates now, and is asked again");
    }
}

impl<F: Flow> fmt::Debug for Polling<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Polling").field("line", &self.line).finish_non_exhaustive()
    }
}
