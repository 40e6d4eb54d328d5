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

use super::{door::Door, truth::Truth};
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
        door.lives().await;
        let (id, to) = (key.session, to.to_owned());
        let beside = self.begins(id, &to);
        let _under_way = UnderWay { mail: self, place: (id, to.clone()) };
        let number = {
            let mut sent = self.sent.lock().expect("a lock");
            let (after, key) = (self.truth.count(), key.to_string());
            sent.push(Sent { id, key, to, what, after, taken: None, is_beside_another: beside > 0 });
            sent.len() - 1
        };
        self.mood().await?;
        door.lives().await;
        self.sent.lock().expect("a lock")[number].taken = Some(self.truth.count());
        Ok(())
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
struct UnderWay<'m> {
    mail: &'m Mail,
    place: (SessionId, String),
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        let mut under_way = self.mail.under_way.lock().expect("a lock");
        if let Some(count) = under_way.get_mut(&self.place) {
            *count -= 1;
        }
    }
}
