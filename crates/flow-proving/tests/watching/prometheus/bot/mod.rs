//! A kiosk on the web and by carrier pigeon, each part of which can be made to fail: [`Bot`].

mod archive;
mod kiosk;
mod store;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use flow_core::{
    Address, Archival, Damage, Deadlines, Engine, EngineBuilder, Fate, Input, Message, Outcome, Retries, Secret,
    SessionId,
    engine::{Inbox, Shelf},
};
use flow_http::{Access, Ended, Limits, Metrics, Site, Tokens};
use flow_testkit::{ManualClock, RecordingChannel};
use serde_json::{Value, json};
use tokio::{
    net::TcpListener,
    sync::oneshot,
    task::{JoinHandle, yield_now},
    time::sleep,
};

use super::scrape::{ask, get};
use archive::Attic;
pub(crate) use kiosk::{Clerk, Kiosk};
use store::Fickle;

/// What a request says that may know how the bot is.
pub(crate) const KEY: &str = "the key of who gathers";

/// What a bot tells that has met all sorts of things.
pub(crate) async fn tells_of_all_sorts() -> String {
    let mut bot = Bot::start().await;
    let id = SessionId::random();
    bot.pigeon_is(|| Fate::never("the loft is closed"), 1);
    for _ in 0..3 {
        bot.visitor_says(id, "hello").await;
        bot.a_minute().await;
    }
    for text in ["wait", "and then?"] {
        bot.engine.accept(id, from_loft(text)).await.expect("accepted");
    }
    bot.clerk.bell.add_permits(1);
    while bot.engine.stats().inboxes > 0 {
        yield_now().await;
    }
    bot.store.is_away(true);
    bot.visitor_says(id, "hello").await;
    bot.store_comes_back().await;
    bot.archive.hangs(true);
    bot.a_minute().await;
    bot.a_minute().await;
    bot.archive.hangs(false);
    bot.a_minute().await;
    bot.worker_goes().await;
    bot.tells().await.expect("it is served")
}

/// What comes by the pigeon.
pub(crate) fn from_loft(text: &str) -> Message {
    Input::text(text).with_address(Address::new("pigeon", "loft 7"))
}

/// A bot that is served on a port, with a worker, over a store and an archive in memory.
pub(crate) struct Bot {
    /// The store's clock.
    pub(crate) clock: ManualClock,
    /// That of the machine.
    pub(crate) own_clock: ManualClock,
    pub(crate) store: Arc<Fickle>,
    pub(crate) archive: Arc<Attic>,
    pub(crate) pigeon: RecordingChannel,
    pub(crate) clerk: Clerk,
    pub(crate) engine: Engine<Kiosk>,
    pub(crate) address: SocketAddr,
    /// Ends the site.
    end: Option<oneshot::Sender<()>>,
    served: Option<JoinHandle<Ended>>,
    worker: Option<JoinHandle<()>>,
    /// Of a visitor of the web chat.
    token: String,
}

impl Bot {
    pub(crate) async fn start() -> Self {
        Self::with(|builder| builder).await
    }

    /// One whose engine is built with more.
    pub(crate) async fn with(more: impl FnOnce(EngineBuilder<Kiosk>) -> EngineBuilder<Kiosk>) -> Self {
        let (clock, own_clock) = (ManualClock::new(), ManualClock::new());
        let store = Arc::new(Fickle::at(clock.clone()));
        let (archive, pigeon, clerk) = (Arc::<Attic>::default(), RecordingChannel::new(), Clerk::default());
        let (metrics, at_once) = (Metrics::new(), Duration::from_millis(20));
        let builder = Kiosk::engine(clerk.clone())
            .clock(own_clock.clone())
            .deadlines(Deadlines::default().store(Duration::from_millis(600)).archive(Duration::from_millis(50)))
            .inbox(Inbox::default().patience(at_once))
            .archival(Archival::default().interval(Duration::from_secs(60)))
            .damage(Damage::Quarantine { keep: Duration::from_secs(3600) })
            .retries(Retries::default().tries(1_000))
            .channel("pigeon", pigeon.clone())
            .collected("web", Shelf::default().replies(1_000))
            .observer(metrics.clone())
            .archive(Arc::clone(&archive));
        let engine = more(builder).store(Arc::clone(&store));
        let access = Access::by_token(Tokens::signed_with(Secret::new("sixteen bytes and more").expect("long enough")));
        let many = Limits::default().burst(100_000);
        let site = Site::new(engine.clone()).limits(many).chat("/chat", "web", access).expect("collected");
        let key = format!("Bearer {KEY}");
        let site = site.metrics(metrics).tells(move |request| {
            request.headers.get("authorization").is_some_and(|given| given.as_bytes() == key.as_bytes())
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (end, ended) = oneshot::channel();
        let served = tokio::spawn(async move {
            let end = async {
                let _ = ended.await;
            };
            site.serve_at(listener, end, Duration::from_secs(1)).await
        });
        let mut bot = Self {
            clock,
            own_clock,
            store,
            archive,
            pigeon,
            clerk,
            engine,
            address,
            end: Some(end),
            served: Some(served),
            worker: None,
            token: String::new(),
        };
        bot.worker_comes();
        let opened = ask(address, "POST", "/chat/sessions", None, "{}").await.expect("it is served");
        let opened: Value = serde_json::from_str(&opened.body).expect("JSON");
        opened["token"].as_str().expect("a token").clone_into(&mut bot.token);
        bot
    }

    /// What it tells who gathers; none if it does not answer.
    pub(crate) async fn tells(&self) -> Option<String> {
        let answer = get(self.address, "/metrics", KEY).await.filter(|answer| answer.status == 200)?;
        Some(answer.body)
    }

    /// A minute passes, in which visitors come, one says something in the web chat, and the worker does what is due.
    pub(crate) async fn a_minute(&self) {
        for clock in [&self.clock, &self.own_clock] {
            clock.advance(Duration::from_secs(60));
        }
        let visitor = || self.visitor_says(SessionId::random(), "hello");
        tokio::join!(visitor(), visitor(), visitor(), self.says_on_the_web("hello"));
        sleep(Duration::from_millis(20)).await;
    }

    /// A visitor of the pigeon says this, whatever becomes of it.
    pub(crate) async fn visitor_says(&self, id: SessionId, text: &str) -> Option<Outcome<Kiosk>> {
        self.engine.handle(id, from_loft(text)).await.ok()
    }

    /// The visitor of the web chat says this, whatever becomes of it.
    pub(crate) async fn says_on_the_web(&self, text: &str) {
        self.sends(&json!({"id": SessionId::random(), "text": text})).await;
    }

    /// The visitor of the web chat has fetched all that was said, and says so.
    pub(crate) async fn fetches(&self) {
        let replies = get(self.address, "/chat/replies", &self.token).await.expect("it is served");
        let replies: Value = serde_json::from_str(&replies.body).expect("JSON");
        let seen = &replies["replies"].as_array().and_then(|replies| replies.last()).expect("replies")["id"];
        self.sends(&json!({"id": SessionId::random(), "text": "thanks", "seen": seen})).await;
    }

    async fn sends(&self, message: &Value) {
        // Where it is not taken, that is told.
        let _ = ask(self.address, "POST", "/chat/messages", Some(&self.token), &message.to_string()).await;
    }

    /// Nothing is sent by the pigeon: each of the next tries fails so.
    pub(crate) fn pigeon_is(&self, fate: impl Fn() -> Fate, tries: usize) {
        for _ in 0..tries {
            self.pigeon.answers(Err(fate()));
        }
    }

    pub(crate) fn worker_comes(&mut self) {
        self.worker = Some(self.engine.worker().pause(Duration::from_millis(5)).start());
    }

    /// The only worker is gone, long enough that its heartbeat is over.
    pub(crate) async fn worker_goes(&mut self) {
        if let Some(worker) = self.worker.take() {
            worker.abort();
            let _ = worker.await;
        }
        self.clock.advance(Duration::from_secs(120));
        self.own_clock.advance(Duration::from_secs(120));
    }

    /// The store is back, and this process has found out: it does not ask at once.
    pub(crate) async fn store_comes_back(&self) {
        self.store.is_away(false);
        while self.visitor_says(SessionId::random(), "hello").await.is_none_or(|outcome| !outcome.is_stored())
            || self.engine.worker().look().await.is_err()
        {
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// The process no longer serves.
    pub(crate) async fn ends(&mut self) {
        drop(self.end.take());
        if let Some(served) = self.served.take() {
            served.await.expect("it ends");
        }
    }
}
