//! A scripted conversation: [`Chat`].

use std::{
    fmt,
    mem::take,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use flow_core::{
    Clock, Engine, EngineBuilder, EngineError, Flow, Input, Key, Message, Outcome, Reply, Session, SessionId, Store,
    Transition, Wire,
};
use flow_memory::MemoryStore;
use serde_json::Value;

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
    speaking: usize,
    store: Arc<dyn Store>,
    clock: ManualClock,
    id: SessionId,
    messages: usize,
    last: Option<Message>,
    outcome: Option<Result<Outcome<F>, EngineError>>,
    delivered: Delivered,
    transcript: Transcript,
}

/// Whose chat it is, and how much was said.
impl<F: Flow> fmt::Debug for Chat<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut chat = f.debug_struct("Chat");
        chat.field("flow", &F::GRAPH.name).field("session", &self.id).field("messages", &self.messages);
        chat.finish_non_exhaustive()
    }
}

/// What observers and hooks were given since it was last looked at.
type Delivered = Arc<Mutex<Vec<Note>>>;

/// Something that an engine told.
enum Note {
    Stepped(Transition),
    Delivered(String),
    Announced(Vec<Reply>),
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
        let delivered = Delivered::default();
        let process = || engine(begin(), &store, &clock, &delivered);
        Self {
            processes: [process(), process()],
            begin: Box::new(begin),
            speaking: 0,
            store,
            clock,
            id: "00000000-0000-4000-8000-000000000001".parse().expect("a session id"),
            messages: 0,
            last: None,
            outcome: None,
            delivered,
            transcript: Transcript::default(),
        }
    }

    /// The same chat as another session, where two chats share something outside.
    #[must_use]
    pub fn with_id(mut self, id: SessionId) -> Self {
        self.id = id;
        self
    }

    /// The visitor writes these, one after the other. The first of all opens the session.
    pub async fn says<'w>(&mut self, words: impl IntoIterator<Item = &'w str>) -> &mut Self {
        for text in words {
            self.sends(Input::text(text)).await;
        }
        self
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
        let input = input.into();
        self.messages += 1;
        self.transcript.said(&input);
        let message = input.with_id(format!("m{}", self.messages));
        self.last = Some(message.clone());
        self.hears(message).await
    }

    /// The channel delivers the last message once more.
    ///
    /// Panics if there was none.
    pub async fn comes_again(&mut self) -> &mut Self {
        let message = self.last.clone().expect("a message was sent before");
        self.transcript.happened("the message comes again");
        self.hears(message).await
    }

    async fn hears(&mut self, message: Message) -> &mut Self {
        let outcome = self.processes[self.speaking].handle(self.id, message).await;
        if let Ok(outcome) = &outcome {
            self.transcript.answered(outcome);
        }
        // Its steps are in the outcome.
        lock(&self.delivered).clear();
        self.works().await;
        match &outcome {
            Ok(outcome) => self.transcript.replied(&outcome.replies),
            Err(error) => self.transcript.noted(format!("(refused: {error})")),
        }
        self.outcome = Some(outcome);
        self
    }

    /// Time passes. What falls due meanwhile is done when it is due.
    ///
    /// Panics if the session cannot be read.
    pub async fn waits(&mut self, time: Duration) -> &mut Self {
        self.transcript.passed(time);
        let end = self.clock.now() + time;
        for _ in 0..MOST_WAKINGS {
            let due_at = self.session().await.and_then(|session| session.wake_at());
            let Some(due_at) = due_at.filter(|due_at| *due_at <= end) else { break };
            self.clock.set(due_at.max(self.clock.now()));
            self.works().await;
        }
        self.clock.set(end);
        self.works().await;
        self
    }

    /// What is due is done, by a worker of the process that speaks.
    ///
    /// Panics if the store cannot tell what is due.
    async fn works(&mut self) {
        self.processes[self.speaking].worker().look().await.expect("the store tells what is due");
        for note in take(&mut *lock(&self.delivered)) {
            match note {
                Note::Stepped(transition) => self.transcript.noted(transition),
                Note::Delivered(delivered) => self.transcript.noted(delivered),
                Note::Announced(replies) => self.transcript.replied(&replies),
            }
        }
    }

    /// The process that speaks is gone, and a new one goes on in its place.
    pub fn restarts_process(&mut self) -> &mut Self {
        self.processes[self.speaking] = engine((self.begin)(), &self.store, &self.clock, &self.delivered);
        self.transcript.happened("the process restarts");
        self
    }

    /// From now on the other of two processes on the same store speaks.
    pub fn switches_process(&mut self) -> &mut Self {
        self.speaking = 1 - self.speaking;
        self.transcript.happened(format!("process {} goes on", self.speaking + 1));
        self
    }

    /// What came of the last message.
    ///
    /// Panics if there was none.
    pub fn outcome(&self) -> &Result<Outcome<F>, EngineError> {
        self.outcome.as_ref().expect("a message was sent before")
    }

    /// The session as it is stored; none if there is no live one.
    ///
    /// Panics if it cannot be read.
    pub async fn session(&self) -> Option<Session<F>> {
        self.processes[self.speaking].peek(self.id).await.expect("the session can be read")
    }

    /// The wire name of the stored state; none if there is no live session.
    ///
    /// Panics if it cannot be read.
    pub async fn state(&self) -> Option<&'static str> {
        self.session().await.map(|session| session.state().name())
    }

    /// The engine of the process that speaks, for what a chat has no word for.
    pub fn engine(&self) -> &Engine<F> {
        &self.processes[self.speaking]
    }

    /// Whose conversation it is.
    pub fn id(&self) -> SessionId {
        self.id
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

/// A session that always has something more due would wait for ever.
const MOST_WAKINGS: usize = 10_000;

/// The engine of one process; beside the user's own hooks it writes down what is delivered.
fn engine<F: Flow>(
    builder: EngineBuilder<F>,
    store: &Arc<dyn Store>,
    clock: &ManualClock,
    delivered: &Delivered,
) -> Engine<F> {
    let [steps, checkpoints, expiries, effects, announcements] = [(); 5].map(|()| Arc::clone(delivered));
    let taken = |list: &Delivered, note: Note| {
        lock(list).push(note);
        std::future::ready(Ok::<(), String>(()))
    };
    let told = move |list: &Delivered, what: &str, key: Key| {
        taken(list, Note::Delivered(format!("{what} {}/{}", key.stamp.version, key.index)))
    };
    builder
        .on_transition(move |_, step| lock(&steps).push(Note::Stepped(step.clone())))
        .on_checkpoint(move |checkpoint| {
            told(&checkpoints, &format!("checkpoint {}", checkpoint.state.name()), checkpoint.key)
        })
        .on_expired(move |expired| told(&expiries, &format!("expiry {}", expired.state.name()), expired.key))
        .on_effect(move |effect| told(&effects, &format!("effect {}", effect.effect.name()), effect.key))
        .on_announcement(move |announcement| taken(&announcements, Note::Announced(announcement.replies)))
        .clock(clock.clone())
        .store(Arc::clone(store))
}

fn lock(delivered: &Delivered) -> MutexGuard<'_, Vec<Note>> {
    // A panic under this lock cannot leave half a line, so a poisoned lock is used all the same.
    delivered.lock().unwrap_or_else(PoisonError::into_inner)
}
