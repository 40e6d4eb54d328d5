//! What is said in a session, as it is said: [`Collector`].

use std::{collections::VecDeque, time::Duration};

use tokio::time::timeout;

use super::hub::Waiting;
use crate::{
    Bookmark, Flow, SessionId,
    engine::{Engine, EngineError},
    session::{Collected, Collection},
};

/// How often a store is asked that cannot tell of changes.
const ASKED_EACH: Duration = Duration::from_secs(2);

/// Hears what is said in a session, from a bookmark on: at first all that waits, then each reply as it is stored, by this process or
/// another. Made by [`Engine::collector`].
///
/// While nobody talks it asks the store nothing, if that can tell of changes ([`Store::changes`](crate::Store::changes)); one that
/// cannot is asked every two seconds. What the record says is true, whatever was told: a telling that is lost costs time, and no reply.
///
/// ```
/// # use flow_core::{Engine, EngineError, Flow, SessionId, engine::Heard};
/// # async fn example<F: Flow>(engine: &Engine<F>, id: SessionId) -> Result<(), EngineError> {
/// let mut collector = engine.collector(id, None);
/// loop {
///     match collector.next().await? {
///         Heard::Reply(said) => println!("{} {}", said.bookmark, said.reply.text()),
///         Heard::Typing => println!("…"),
///         _ => {}
///     }
/// }
/// # }
/// ```
#[derive(Debug)]
pub struct Collector<F: Flow> {
    engine: Engine<F>,
    id: SessionId,
    waiting: Waiting,
    has: Option<Bookmark>,
    next: VecDeque<Heard>,
    /// Whether the store is to be asked before anything else is done.
    looks: bool,
    is_ready: bool,
    /// Whether it was shown that an answer is coming, which has not come.
    types: bool,
    /// The changes and the showings that were heard of.
    heard_of: (u64, u64),
}

/// What a [`Collector`] hears.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Heard {
    /// Something was said.
    Reply(Collected),
    /// So many replies came before the next one that no longer wait.
    Missed(u64),
    /// All that waited when the collector began was heard. Told once.
    Ready,
    /// An answer is coming. It may be told again every few seconds until it is there.
    Typing,
}

impl<F: Flow> Engine<F> {
    /// Hears what is said in a session after this bookmark, or all that waits in it. It is for a session whose visitor's address is
    /// [collected from](crate::EngineBuilder::collected).
    ///
    /// The session need not be there yet.
    pub fn collector(&self, id: SessionId, after: Option<Bookmark>) -> Collector<F> {
        let hub = &self.rooms.hub;
        let mut waiting = hub.wait_for(id);
        let heard_of = waiting.news.borrow_and_update().count();
        Collector {
            engine: self.clone(),
            id,
            waiting,
            has: after,
            next: VecDeque::new(),
            looks: true,
            is_ready: false,
            types: false,
            heard_of,
        }
    }
}

impl<F: Flow> Collector<F> {
    /// Waits for the next thing to hear. A wait that is given up loses nothing.
    ///
    /// Fails if the record must be asked and cannot be. The next call asks again.
    pub async fn next(&mut self) -> Result<Heard, EngineError> {
        loop {
            if let Some(heard) = self.next.pop_front() {
                if let Heard::Reply(said) = &heard {
                    self.has = Some(said.bookmark);
                }
                return Ok(heard);
            }
            if self.looks {
                let collection = self.look().await?;
                self.looks = false;
                if collection.missed > 0 {
                    self.next.push_back(Heard::Missed(collection.missed));
                }
                self.says(collection.replies);
                if !self.is_ready {
                    self.is_ready = true;
                    self.next.push_back(Heard::Ready);
                }
                continue;
            }
            if std::mem::take(&mut self.types) {
                return Ok(Heard::Typing);
            }
            self.wait().await;
        }
    }

    async fn look(&self) -> Result<Collection, EngineError> {
        let rooms = &self.engine.rooms;
        rooms.keeper.listen_for_changes();
        // Never closed.
        let _place = rooms.hub.looks.acquire().await.ok();
        self.engine.collect(self.id, self.has).await
    }

    /// Waits until there may be something to hear.
    async fn wait(&mut self) {
        let changed = self.waiting.news.changed();
        if self.engine.rooms.keeper.tells_changes() {
            let _ = changed.await;
        } else if timeout(ASKED_EACH, changed).await.is_err() {
            self.looks = true;
            return;
        }
        let news = self.waiting.news.borrow_and_update().clone();
        let (told, typed) = std::mem::replace(&mut self.heard_of, news.count());
        self.types |= news.typing != typed;
        if news.changes != told {
            match news.said.filter(|said| said.follows(self.has)) {
                Some(said) => self.says(said.replies.iter().cloned()),
                None => self.looks = true,
            }
        }
    }

    fn says(&mut self, said: impl IntoIterator<Item = Collected>) {
        let before = self.next.len();
        self.next.extend(said.into_iter().map(Heard::Reply));
        if self.next.len() > before {
            // Here is the answer that was coming.
            self.types = false;
        }
    }
}
