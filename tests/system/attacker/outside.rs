//! What the world outside of a deployment has seen: [`Outside`], by which the attacks are judged.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use flow_core::{Engine, EngineBuilder, Halt, Key, Result, SessionId};
use tokio::time::{Instant, sleep};

use super::shop::{Clerk, Shop};

/// A mailer, a shipper, and visitors who hear a bell. Clones are one.
#[derive(Clone, Default)]
pub(crate) struct Outside(Arc<Mutex<Seen>>);

#[derive(Default)]
struct Seen {
    /// How a letter goes.
    mailing: Mailing,
    /// What was asked of the shop's handler, each time that it was.
    asked: Vec<String>,
    mailed: Taken,
    shipped: Taken,
    /// Whose bell rang, and when.
    rung: Vec<(SessionId, Instant)>,
    /// Whose session was told to have expired.
    expired: Vec<SessionId>,
}

/// How a letter goes.
#[derive(Clone, Copy, Default)]
pub(crate) enum Mailing {
    #[default]
    AtOnce,
    Takes(Duration),
}

/// Where nobody takes a letter: one whose words begin so never arrives.
pub(crate) const NOWHERE: &str = "nowhere";

/// What a receiver has taken, which takes each key once and drops what comes under a key that it knows.
#[derive(Default)]
struct Taken {
    by_key: BTreeMap<String, String>,
    order: Vec<(String, Instant)>,
    /// What was dropped though it was another thing.
    dropped: Vec<String>,
}

impl Taken {
    fn take(&mut self, what: String, key: Key) {
        match self.by_key.get(&key.to_string()) {
            Some(known) if *known == what => {}
            Some(_) => self.dropped.push(what),
            None => {
                self.by_key.insert(key.to_string(), what.clone());
                self.order.push((what, Instant::now()));
            }
        }
    }

    fn things(&self) -> Vec<String> {
        self.order.iter().map(|(what, _)| what.clone()).collect()
    }
}

impl Outside {
    /// The shop whose deliveries come here.
    pub(crate) fn shop(&self) -> EngineBuilder<Shop> {
        let outside = self.clone();
        Shop::engine(Clerk(self.clone())).on_announcement(move |announcement| {
            outside.seen().rung.push((announcement.key.session, Instant::now()));
            std::future::ready(Ok::<_, String>(()))
        })
    }

    /// The shop, which also tells of every session that expires.
    pub(crate) fn shop_that_tells_expiries(&self) -> EngineBuilder<Shop> {
        let outside = self.clone();
        self.shop().on_expired(move |checkpoint| {
            outside.seen().expired.push(checkpoint.key.session);
            std::future::ready(Ok::<_, String>(()))
        })
    }

    pub(crate) fn mailing(&self, mailing: Mailing) {
        self.seen().mailing = mailing;
    }

    pub(crate) fn asks(&self, said: &str) {
        self.seen().asked.push(said.to_owned());
    }

    pub(crate) async fn mail(&self, what: String, key: Key) -> Result<()> {
        let mailing = self.seen().mailing;
        if what.starts_with(NOWHERE) {
            return Err(Halt::failed("nobody is there"));
        }
        if let Mailing::Takes(time) = mailing {
            sleep(time).await;
        }
        self.seen().mailed.take(what, key);
        Ok(())
    }

    pub(crate) fn ship(&self, what: String, key: Key) {
        self.seen().shipped.take(what, key);
    }

    /// What the handler was asked, each time.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.seen().asked.clone()
    }

    /// What was mailed, in this order.
    pub(crate) fn mailed(&self) -> Vec<String> {
        self.seen().mailed.things()
    }

    /// What was shipped, in this order.
    pub(crate) fn shipped(&self) -> Vec<String> {
        self.seen().shipped.things()
    }

    /// When it was mailed or shipped.
    pub(crate) fn sent_at(&self, what: &str) -> Option<Instant> {
        let seen = self.seen();
        let mut sent = seen.mailed.order.iter().chain(&seen.shipped.order);
        sent.find(|(sent, _)| sent == what).map(|(_, at)| *at)
    }

    /// What a receiver dropped because it took it for another thing that it had.
    pub(crate) fn dropped(&self) -> Vec<String> {
        let seen = self.seen();
        seen.mailed.dropped.iter().chain(&seen.shipped.dropped).cloned().collect()
    }

    /// When the bell of a session rang, each time.
    pub(crate) fn rung(&self, id: SessionId) -> Vec<Instant> {
        let seen = self.seen();
        seen.rung.iter().filter(|(whose, _)| *whose == id).map(|(_, at)| *at).collect()
    }

    /// Whose sessions were told to have expired.
    pub(crate) fn expired(&self) -> Vec<SessionId> {
        self.seen().expired.clone()
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().expect("a lock")
    }
}

/// Waits until it is so, for as long as a busy machine may take.
pub(crate) async fn until(mut is_so: impl FnMut() -> bool) -> bool {
    let began = Instant::now();
    while !is_so() {
        if began.elapsed() > Duration::from_secs(20) {
            return false;
        }
        sleep(Duration::from_millis(10)).await;
    }
    true
}

/// A worker looks a few times: a server that counts milliseconds may not have what is due in this one.
pub(crate) async fn works(engine: &Engine<Shop>) {
    for _ in 0..3 {
        engine.worker().look().await.expect("the store tells what is due");
        sleep(Duration::from_millis(5)).await;
    }
}
