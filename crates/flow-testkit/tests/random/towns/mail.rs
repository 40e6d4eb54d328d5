//! Where deliveries come to: [`Mail`]. Now and then it hangs, fails or panics.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use flow_core::{Key, SessionId};
use tokio::time::sleep;

use super::{door::Door, postman::LONGEST_REST, truth::Truth};
use crate::conversation::Dice;

/// The mail of the town: what every machine handed over.
pub(crate) struct Mail {
    dice: Arc<Dice>,
    truth: Arc<Truth>,
    moods: bool,
    is_calm: AtomicBool,
    sent: Mutex<Vec<Sent>>,
    under_way: Mutex<HashMap<(SessionId, String), usize>>,
}

/// A try to deliver something.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) id: SessionId,
    pub(crate) key: String,
    pub(crate) to: String,
    pub(crate) what: String,
    /// How much had been done to the records when it began.
    pub(crate) after: usize,
    /// The same when it was taken; none if it was not.
    pub(crate) taken: Option<usize>,
    /// Whether another was under way to the same place, for the same session.
    pub(crate) is_beside_another: bool,
}

impl Mail {
    pub(crate) fn new(dice: &Arc<Dice>, truth: &Arc<Truth>, moods: bool) -> Self {
        let (dice, truth) = (Arc::clone(dice), Arc::clone(truth));
        let (is_calm, sent, under_way) = (AtomicBool::default(), Mutex::default(), Mutex::default());
        Self { dice, truth, moods, is_calm, sent, under_way }
    }

    /// Takes everything at once from now on, as does all that thinks.
    pub(crate) fn calms(&self) {
        self.is_calm.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_calm(&self) -> bool {
        self.is_calm.load(Ordering::Relaxed)
    }

    /// All tries, in the order of their beginning.
    pub(crate) fn sent(&self) -> Vec<Sent> {
        self.sent.lock().expect("a lock").clone()
    }

    /// Takes it, or not.
    pub(crate) async fn deliver(&self, door: &Door, to: &str, key: Key, what: String) -> Result<(), String> {
        let begun = self.begin(door, to, key, what).await;
        self.mood().await?;
        begun.is_taken(door).await;
        Ok(())
    }

    /// Notes that a try begins.
    pub(crate) async fn begin(&self, door: &Door, to: &str, key: Key, what: String) -> UnderWay<'_> {
        door.lives().await;
        let (id, to) = (key.session, to.to_owned());
        let beside = self.begins(id, &to);
        let place = (id, to.clone());
        let mut sent = self.sent.lock().expect("a lock");
        let (after, key) = (self.truth.count(), key.to_string());
        sent.push(Sent { id, key, to, what, after, taken: None, is_beside_another: beside > 0 });
        UnderWay { mail: self, place, number: sent.len() - 1 }
    }

    /// Whether anything was sent under this key.
    pub(crate) fn has_taken(&self, key: Key) -> bool {
        let key = key.to_string();
        self.sent.lock().expect("a lock").iter().any(|sent| sent.key == key && sent.taken.is_some())
    }

    /// Whether a platform does not know what it has sent.
    pub(crate) fn does_not_know(&self) -> bool {
        !self.is_calm() && self.dice.below(2) == 0
    }

    pub(crate) fn now_and_then(&self) -> bool {
        self.dice.below(4) == 0
    }

    /// What a channel makes of a reply.
    pub(crate) async fn mood_of_a_channel(&self) -> Mood {
        if self.is_calm() {
            return Mood::Takes;
        }
        let time = Duration::from_millis(self.dice.below(LONGEST_REST.as_secs() * 1_000));
        match self.dice.below(if self.moods { 24 } else { 16 }) {
            0..=1 => sleep(Duration::from_millis(self.dice.below(600))).await,
            2 | 16..=17 => return Mood::Fails,
            3 => return Mood::Waits { time, whole: self.dice.below(2) == 0 },
            4 => return Mood::Never,
            5 | 18..=19 => return Mood::InDoubt { sent: self.dice.below(2) == 0 },
            // Longer than it is waited for.
            20..=21 => sleep(Duration::from_secs(30)).await,
            22 => panic!("the line has broken down"),
            _ => {}
        }
        Mood::Takes
    }

    async fn mood(&self) -> Result<(), String> {
        if self.is_calm() {
            return Ok(());
        }
        match self.dice.below(if self.moods { 20 } else { 10 }) {
            0..=1 => sleep(Duration::from_millis(self.dice.below(600))).await,
            2 | 10..=12 => return Err("the desk is closed".into()),
            // Longer than it is waited for.
            13..=15 => sleep(Duration::from_secs(30)).await,
            16 => panic!("the desk has broken down"),
            _ => {}
        }
        Ok(())
    }

    /// Tells how many are under way there already.
    fn begins(&self, id: SessionId, to: &str) -> usize {
        let mut under_way = self.under_way.lock().expect("a lock");
        let count = under_way.entry((id, to.to_owned())).or_default();
        *count += 1;
        *count - 1
    }
}

/// A try that is under way, until it is dropped.
pub(crate) struct UnderWay<'m> {
    mail: &'m Mail,
    place: (SessionId, String),
    number: usize,
}

impl UnderWay<'_> {
    /// It is taken, unless its machine is dead by now.
    pub(crate) async fn is_taken(&self, door: &Door) {
        door.lives().await;
        let taken = Some(self.mail.truth.count());
        self.mail.sent.lock().expect("a lock")[self.number].taken = taken;
    }
}

/// What a channel makes of a reply.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Mood {
    Takes,
    Fails,
    Waits { time: Duration, whole: bool },
    Never,
    InDoubt { sent: bool },
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        let mut under_way = self.mail.under_way.lock().expect("a lock");
        if let Some(count) = under_way.get_mut(&self.place) {
            *count -= 1;
        }
    }
}
