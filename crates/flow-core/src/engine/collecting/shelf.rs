//! Channels that are collected from: which they are, and how much waits for their visitors. [`Shelf`].

use std::collections::BTreeSet;

use crate::{Flow, engine::EngineBuilder, session::ShelfBound};

/// How much of what is said waits for a visitor who comes for it. Beyond that the oldest goes.
///
/// ```
/// use flow_core::engine::Shelf;
///
/// let short = Shelf::default().replies(16).bytes(8 * 1024);
/// ```
#[derive(Clone, Debug)]
#[must_use = "the settings count once the builder has them"]
pub struct Shelf {
    replies: usize,
    bytes: usize,
    channels: BTreeSet<String>,
}

impl Default for Shelf {
    fn default() -> Self {
        Self { replies: 64, bytes: 64 * 1024, channels: BTreeSet::new() }
    }
}

impl Shelf {
    /// How many replies wait at most. 64 unless set; at least 1.
    pub fn replies(self, replies: usize) -> Self {
        Self { replies: replies.max(1), ..self }
    }

    /// How many bytes they may have in the record, together. 64 KiB unless set; the last reply stays, whatever it has.
    pub fn bytes(self, bytes: usize) -> Self {
        Self { bytes, ..self }
    }

    /// Whether the channel of this name is collected from.
    pub(in crate::engine) fn is_for(&self, channel: &str) -> bool {
        self.channels.contains(channel)
    }

    /// Whether any is.
    pub(in crate::engine) fn is_used(&self) -> bool {
        !self.channels.is_empty()
    }

    pub(in crate::engine) fn bound(&self) -> ShelfBound {
        ShelfBound { replies: self.replies, bytes: self.bytes }
    }
}

impl<F: Flow> EngineBuilder<F> {
    /// Has replies to the addresses of this name wait in the record until they are collected: for visitors who come for what was
    /// said, as a browser does, and are not sent anything.
    ///
    /// They are stored with their turn, in order, and nobody sends them. Whoever serves the visitor asks for them with
    /// [`Engine::collect`](crate::Engine::collect), or is told of them by an [`Engine::collector`](crate::Engine::collector), as
    /// often as there is need: a connection that broke is resumed where it was.
    ///
    /// ```
    /// use flow_core::{Address, Flow, Input, SessionId, engine::Shelf};
    /// # use flow_memory::MemoryStore;
    /// # use serde::{Deserialize, Serialize};
    ///
    /// # #[derive(Flow, Clone, Debug, Serialize, Deserialize)]
    /// # #[flow(name = "collected_example")]
    /// # enum Greeting {
    /// #     #[state(start, ask = "Who is there?", to(Greeted))]
    /// #     Hello,
    /// #     #[state(end, say = "Good day, {name}.")]
    /// #     Greeted { name: String },
    /// # }
    /// # struct Host;
    /// # impl GreetingHandler for Host {}
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), flow_core::EngineError> {
    /// let engine = Greeting::engine(Host).collected("web", Shelf::default()).store(MemoryStore::new());
    /// let (id, browser) = (SessionId::random(), Address::new("web", "a browser"));
    /// engine.accept(id, Input::text("hi").with_address(browser.clone())).await?;
    /// let asked = engine.collect(id, None).await?;
    /// assert_eq!(asked.replies[0].reply.text(), "Who is there?");
    ///
    /// let has = asked.replies[0].bookmark;
    /// engine.accept(id, Input::text("Ana").with_address(browser)).await?;
    /// assert_eq!(engine.collect(id, Some(has)).await?.replies[0].reply.text(), "Good day, Ana.");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Given for several names, the last shelf counts for all of them: a session has one.
    #[must_use]
    pub fn collected(mut self, name: impl Into<String>, mut holds: Shelf) -> Self {
        holds.channels = std::mem::take(&mut self.settings.shelf.channels);
        holds.channels.insert(name.into());
        self.settings.shelf = holds;
        self
    }
}
