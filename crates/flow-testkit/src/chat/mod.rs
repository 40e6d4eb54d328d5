//! A scripted conversation: [`Chat`].

mod hearing;
mod in_step;
mod process;
mod time;
mod visitor;

use std::{fmt, sync::Arc};

use flow_core::{Engine, EngineBuilder, EngineError, Flow, Input, Outcome, Session, SessionId, Store};
use flow_memory::MemoryStore;
use serde_json::Value;

use self::{
    process::{Notes, engine},
    visitor::Visitor,
};
use crate::{ManualClock, transcript::Transcript};

/// A conversation with a flow, over a store and a clock of its own, written down as it goes.
///
/// It takes the function that begins the flow's engine, because a process that restarts builds its engine anew. Every
/// message has an id (`m1`, `m2`, …), as a channel would give it.
///
/// ```
/// use std::time::Duration;
///
/// use flow_core::{Expiry, Flow};
/// use flow_testkit::Chat;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Flow, Clone, Debug, Serialize, Deserialize)]
/// enum Hello {
///     #[state(start, ask = "Your name?", to(Bye))]
///     Begin,
///     #[state(end, say = "Bye, {name}.")]
///     Bye { name: String },
/// }
///
/// struct Host;
/// impl HelloHandler for Host {}
///
/// #[tokio::main(flavor = "current_thread")]
/// async fn main() {
///     let mut chat = Chat::new(|| Hello::engine(Host).expiry(Expiry::default().idle(Duration::from_secs(3600))));
///     chat.says(["hi", " "]).await;
///     chat.restarts_process();
///     chat.waits(Duration::from_secs(60)).await;
///     chat.says(["Ana"]).await;
///     chat.comes_again().await;
///     assert_eq!(
///         chat.transcript(),
///         "> hi
///     · -> BEGIN (opened)
/// bot: Your name?
/// >  \n\
/// bot: Please write a few words.
/// bot: Your name?
/// (the process restarts)
/// (1 min pass)
/// > Ana
///     BEGIN -> BYE (message)
/// bot: Bye, Ana.
/// (the message comes again)
///     (a repeat)
/// bot: Bye, Ana."
///     );
/// }
/// ```
pub struct Chat<F: Flow> {
    begin: Box<dyn Fn() -> EngineBuilder<F> + Send>,
    processes: [Engine<F>; 2],
    process: usize,
    store: Arc<dyn Store>,
    clock: ManualClock,
    visitors: Vec<Visitor<F>>,
    speaking: usize,
    messages: usize,
    has_worker: bool,
    notes: Notes,
    transcript: Transcript,
}

/// Whose chat it is, and how much was said.
impl<F: Flow> fmt::Debug for Chat<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut chat = f.debug_struct("Chat");
        chat.field("flow", &F::GRAPH.name).field("session", &self.id()).field("messages", &self.messages);
        chat.finish_non_exhaustive()
    }
}

impl<F: Flow> Chat<F> {
    /// A chat over a memory store.
    pub fn new(begin: impl Fn() -> EngineBuilder<F> + Send + 'static) -> Self {
        let clock = ManualClock::new();
        let store = MemoryStore::builder().clock(clock.clone()).build();
        Self::over(store, clock, begin)
    }

    /// A chat over this store, which tells the time by `clock` if it can.
    pub fn over(
        store: impl Store + 'static,
        clock: ManualClock,
        begin: impl Fn() -> EngineBuilder<F> + Send + 'static,
    ) -> Self {
        let store: Arc<dyn Store> = Arc::new(store);
        let notes = Notes::default();
        let process = || engine(begin(), &store, &clock, &notes);
        Self {
            processes: [process(), process()],
            begin: Box::new(begin),
            process: 0,
            store,
            clock,
            visitors: vec![Visitor::new(1, "")],
            speaking: 0,
            messages: 0,
            has_worker: true,
            notes,
            transcript: Transcript::default(),
        }
    }

    /// The same chat as another session, where two chats share something outside.
    #[must_use]
    pub fn with_id(mut self, id: SessionId) -> Self {
        self.visitors[self.speaking].id = id;
        self
    }

    /// From now on the visitor of this name speaks, in a session of their own, over the same store and clock. The transcript names who
    /// speaks, and to whom the bot does.
    ///
    /// ```
    /// # use flow_core::Flow;
    /// # use flow_testkit::Chat;
    /// # use serde::{Deserialize, Serialize};
    /// # #[derive(Flow, Clone, Debug, Serialize, Deserialize)]
    /// # enum Hello {
    /// #     #[state(start, ask = "Your name?", to(Bye))]
    /// #     Begin,
    /// #     #[state(end, say = "Bye, {name}.")]
    /// #     Bye { name: String },
    /// # }
    /// # struct Host;
    /// # impl HelloHandler for Host {}
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let mut chat = Chat::new(|| Hello::engine(Host));
    /// chat.visitor("ana").says(["hi"]).await;
    /// chat.visitor("ben").says(["hello", "Ben"]).await;
    /// chat.visitor("ana").says(["Ana"]).await;
    /// assert_eq!(
    ///     chat.transcript(),
    ///     "ana> hi
    ///     ana: · -> BEGIN (opened)
    /// bot to ana: Your name?
    /// ben> hello
    ///     ben: · -> BEGIN (opened)
    /// bot to ben: Your name?
    /// ben> Ben
    ///     ben: BEGIN -> BYE (message)
    /// bot to ben: Bye, Ben.
    /// ana> Ana
    ///     ana: BEGIN -> BYE (message)
    /// bot to ana: Bye, Ana."
    /// );
    /// # }
    /// ```
    pub fn visitor(&mut self, name: &str) -> &mut Self {
        self.speaking = self.place_of(name);
        self
    }

    /// The visitor writes these, one after the other. The first of all opens the session.
    pub async fn says<'w>(&mut self, words: impl IntoIterator<Item = &'w str>) -> &mut Self {
        for text in words {
            self.sends(Input::text(text)).await;
        }
        self
    }

    /// Each visitor writes this, all before any of them is answered: `[("ana", "Yes"), ("ben", "Yes")]`.
    ///
    /// Their turns are under way at the same time, and have the same outcome in every run: each reads its session before any is
    /// written, and the first who is named is the first at every step. Who shall win a race is named first. Where a handler awaits
    /// something outside this process, or [the store](Self::over) does, their order is that of the answers from there.
    pub async fn says_at_once<'w>(&mut self, said: impl IntoIterator<Item = (&'w str, &'w str)>) -> &mut Self {
        let inputs: Vec<_> = said.into_iter().map(|(name, text)| (name, Input::text(text))).collect();
        self.sends_at_once(inputs).await
    }

    /// The visitor presses the button with this payload.
    pub async fn presses(&mut self, payload: &str) -> &mut Self {
        self.sends(Input::button(payload)).await
    }

    /// Something happens outside.
    ///
    /// Panics if what the signal carries cannot be written as JSON.
    pub async fn signals(&mut self, signal: F::Signal) -> &mut Self {
        self.sends(Input::signal(&signal).expect("a signal that can be written")).await
    }

    /// Something happens outside, and is told by a name, as over a wire.
    pub async fn signals_by_name(&mut self, name: &str, payload: impl Into<Value>) -> &mut Self {
        self.sends(Input::signal_by_name(name, payload)).await
    }

    /// Any input comes in, under the next id: a file, a place, a card or a command as it stands.
    ///
    /// ```
    /// # use flow_core::Flow;
    /// use flow_core::{Command, Contact, Media, MediaKind, Place};
    /// use flow_testkit::Chat;
    ///
    /// # async fn plays<F: Flow>(chat: &mut Chat<F>) -> Result<(), flow_core::answers::NotA> {
    /// chat.sends(Command::new("start").with_arguments("spring")).await;
    /// chat.sends(Media::new(MediaKind::Image, "photo-1").with_caption("The corner is broken.")).await;
    /// chat.sends(Place::new(52.5208, 13.4094)?).await;
    /// chat.sends(Contact::new("Ana Silva").with_phone("+49 30 1234567")).await;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn sends(&mut self, input: impl Into<Input>) -> &mut Self {
        let message = self.message(self.speaking, input.into());
        self.hear(vec![(self.speaking, message)]).await
    }

    /// Of each visitor this comes in, before any of them is answered, as in [`says_at_once`](Self::says_at_once).
    pub async fn sends_at_once<'w, I: Into<Input>>(
        &mut self,
        inputs: impl IntoIterator<Item = (&'w str, I)>,
    ) -> &mut Self {
        let mut messages = Vec::new();
        for (name, input) in inputs {
            let place = self.place_of(name);
            messages.push((place, self.message(place, input.into())));
        }
        self.hear(messages).await
    }

    /// The channel delivers the visitor's last message once more.
    ///
    /// Panics if there was none.
    pub async fn comes_again(&mut self) -> &mut Self {
        let visitor = &self.visitors[self.speaking];
        let message = visitor.last.clone().expect("a message was sent before");
        self.transcript.repeated(&visitor.name);
        self.hear(vec![(self.speaking, message)]).await
    }

    /// The process that speaks is gone, and a new one goes on in its place.
    pub fn restarts_process(&mut self) -> &mut Self {
        self.processes[self.process] = engine((self.begin)(), &self.store, &self.clock, &self.notes);
        self.transcript.happened("the process restarts");
        self
    }

    /// From now on the other of two processes on the same store speaks.
    pub fn switches_process(&mut self) -> &mut Self {
        self.process = 1 - self.process;
        self.transcript.happened(format!("process {} goes on", self.process + 1));
        self
    }

    /// What came of the visitor's last message.
    ///
    /// Panics if there was none.
    pub fn outcome(&self) -> &Result<Outcome<F>, EngineError> {
        self.visitors[self.speaking].outcome.as_ref().expect("a message was sent before")
    }

    /// The visitor's session as it is stored; none if there is no live one.
    ///
    /// Panics if it cannot be read.
    pub async fn session(&self) -> Option<Session<F>> {
        self.session_of(self.id()).await
    }

    /// The wire name of the state that is stored of the visitor; none if there is no live session.
    ///
    /// Panics if it cannot be read.
    pub async fn state(&self) -> Option<&'static str> {
        self.session().await.map(|session| session.state().name())
    }

    /// The engine of the process that speaks, for what a chat has no word for.
    pub fn engine(&self) -> &Engine<F> {
        &self.processes[self.process]
    }

    /// Whose conversation it is: the session of the visitor who speaks.
    pub fn id(&self) -> SessionId {
        self.visitors[self.speaking].id
    }

    /// The clock that the engine and the store go by.
    pub fn clock(&self) -> &ManualClock {
        &self.clock
    }

    /// What was said and done so far: what came in, each step, checkpoint and effect, what went out.
    pub fn transcript(&self) -> String {
        self.transcript.to_string()
    }
}
