//! The server's side of the protocol: [`ChatServer`].

mod http;
mod state;
mod stream;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use serde_json::{Value, json};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    time::{Instant, sleep},
};

use self::{
    http::{Line, Request, answer},
    state::State,
};

/// A chat whose bot says again what it hears, on a port of its own until the end of the test.
pub struct ChatServer {
    port: u16,
    inner: Arc<Inner>,
}

struct Inner {
    state: Mutex<State>,
    /// Counts what streams have to look at.
    changed: watch::Sender<u64>,
}

/// What becomes of the next message, instead of being taken and answered.
#[derive(Clone, Copy)]
pub enum Plan {
    /// An error with this status; the second is a `Retry-After` in seconds.
    Fail(u16, Option<u64>),
    /// An error with this status and code.
    Refuse(u16, &'static str),
    /// It is taken, and the connection cut before the answer.
    TakeAndCut,
    /// It is answered with a page, as by a hotel's network that wants to be paid.
    Page(u16),
}

const ASSETS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../flow-http/assets");

/// What the page may do: nothing but what the chat is made for.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data: https:; \
                      base-uri 'none'; frame-ancestors 'none'; form-action 'none'; require-trusted-types-for 'script'";

impl ChatServer {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let page = r#"<flow-chat src="/chat"></flow-chat>"#.to_owned();
        let inner = Inner { state: Mutex::new(State { page, ..State::default() }), changed: watch::Sender::new(0) };
        let server = Self { port, inner: Arc::new(inner) };
        let inner = Arc::clone(&server.inner);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                if !inner.state().is_away {
                    tokio::spawn(Arc::clone(&inner).serve(stream));
                }
            }
        });
        server
    }

    /// The page that shows the chat alone.
    pub fn chat(&self) -> String {
        format!("http://127.0.0.1:{}/chat/", self.port)
    }

    /// Lets pages of this origin speak to it too.
    pub fn allow(&self, origin: &str) {
        self.inner.state().allowed = Some(origin.to_owned());
    }

    pub fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// A page that has this in its body.
    pub fn page_with(&self, body: &str) -> String {
        body.clone_into(&mut self.inner.state().page);
        format!("http://127.0.0.1:{}/page", self.port)
    }

    /// The bot says something of its own accord.
    pub fn say(&self, reply: Value) {
        self.inner.change(|state| state.say(reply));
    }

    /// The bot says all of this in one moment.
    pub fn say_all(&self, replies: Vec<Value>) {
        self.inner.change(|state| replies.into_iter().for_each(|reply| state.say(reply)));
    }

    /// The bot begins to make an answer.
    pub fn type_something(&self) {
        self.inner.change(|state| state.typing += 1);
    }

    /// Replies that waited for too long.
    pub fn miss(&self, count: u64) {
        self.inner.change(|state| state.missed = count);
    }

    /// What is to become of the next messages.
    pub fn plan(&self, plans: &[Plan]) {
        self.inner.change(|state| state.planned.extend(plans));
    }

    /// Ends every stream.
    pub fn cut_streams(&self) {
        self.inner.change(|state| state.cuts += 1);
    }

    /// The streams that are open bring nothing more, and do not end.
    pub fn lose_streams(&self) {
        self.inner.change(|state| state.losses += 1);
    }

    /// From now on a proxy keeps streams until they end.
    pub fn hold_streams_back(&self) {
        self.inner.change(|state| state.holds_streams_back = true);
    }

    /// The server is not there, or there again.
    pub fn set_away(&self, is_away: bool) {
        self.inner.change(|state| {
            state.is_away = is_away;
            state.cuts += u64::from(is_away);
        });
    }

    pub fn is_away(&self) -> bool {
        self.inner.state().is_away
    }

    /// Something between answers messages that have these words with a page of its own and 403.
    pub fn refuse_words(&self, words: &'static str) {
        self.inner.change(|state| state.refused_words = Some(words));
    }

    /// Something between answers everything with a page of its own and this status, until that is 0.
    pub fn refuse_all(&self, status: u16) {
        self.inner.change(|state| state.refuses_all = status);
    }

    /// No token is known any more.
    pub fn forget_tokens(&self) {
        self.inner.change(|state| {
            state.valid.clear();
            state.replies.clear();
            state.cuts += 1;
        });
    }

    /// What was taken, each once, in order.
    pub fn taken(&self) -> Vec<String> {
        self.inner.state().taken.clone()
    }

    /// The ids of all messages that came, in order, and when.
    pub fn posts(&self) -> Vec<(String, Instant)> {
        self.inner.state().posts.clone()
    }

    pub fn seen(&self) -> Vec<Option<String>> {
        self.inner.state().seen.clone()
    }

    pub fn issued(&self) -> usize {
        self.inner.state().issued
    }

    /// What each message said of its language.
    pub fn languages(&self) -> Vec<Option<String>> {
        self.inner.state().languages.clone()
    }

    pub fn open_streams(&self) -> usize {
        self.inner.state().open_streams
    }

    /// After which reply each stream was asked for.
    pub fn resumed_after(&self) -> Vec<Option<String>> {
        self.inner.state().resumed_after.clone()
    }

    /// How often replies were asked for without a stream.
    pub fn asked(&self) -> usize {
        self.inner.state().asked
    }

    /// Waits until so many messages were taken.
    pub async fn wait_for_taken(&self, count: usize) -> Vec<String> {
        self.wait_until("messages are taken", |server| server.taken().len() >= count).await;
        self.taken()
    }

    pub async fn wait_until(&self, what: &str, is_so: impl Fn(&Self) -> bool) {
        let began = Instant::now();
        while !is_so(self) {
            assert!(began.elapsed() < Duration::from_secs(20), "never: {what}; taken {:?}", self.taken());
            sleep(Duration::from_millis(10)).await;
        }
    }
}

impl Inner {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state());
        self.changed.send_modify(|count| *count += 1);
    }

    async fn serve(self: Arc<Self>, mut stream: TcpStream) {
        let Some(request) = Request::read(&mut stream).await else { return };
        let allowed = self.state().allowed.clone().filter(|origin| request.header("origin").as_ref() == Some(origin));
        let mut stream = Line { stream, allowed };
        let refused = self.state().refuses_all;
        match (request.method.as_str(), request.path.as_str()) {
            (_, path) if refused > 0 && !path.contains('.') && path != "/chat/" && path != "/page" => {
                answer(&mut stream, refused, "text/html", &[("Location", "/page")], b"<p>Pay here</p>").await;
            }
            ("OPTIONS", _) => stream.permit().await,
            ("POST", "/chat/sessions") => self.open(&request, &mut stream).await,
            ("POST", "/chat/messages") => self.message(&request, &mut stream).await,
            ("GET", path) if path.starts_with("/chat/replies") => self.replies(&request, &mut stream).await,
            ("GET", "/page") => {
                let script = r#"<script type="module" src="/chat/flow-chat.js"></script>"#;
                let page = format!(
                    "<!doctype html><html lang=en><meta charset=utf-8><title>Salon</title>\
                    <meta name=viewport content='width=device-width'><link rel=icon href='data:,'><link rel=stylesheet href='/page.css'>\
                    {script}{}",
                    self.state().page
                );
                let policy = ("Content-Security-Policy", POLICY);
                answer(&mut stream, 200, "text/html; charset=utf-8", &[policy], page.as_bytes()).await;
            }
            ("GET", "/page.css") => answer(&mut stream, 200, "text/css", &[], super::looks::HOST_CSS.as_bytes()).await,
            ("GET", path) => asset(path, &mut stream).await,
            _ => error(&mut stream, 404, "not_found", None).await,
        }
    }

    async fn open(&self, request: &Request, stream: &mut Line) {
        assert!(request.is_empty(), "a conversation is opened by saying nothing");
        let mut token = String::new();
        self.change(|state| {
            state.issued += 1;
            token = format!("token-{}", state.issued);
            state.valid.insert(token.clone());
        });
        json_answer(stream, 201, &json!({ "token": token })).await;
    }

    async fn message(&self, request: &Request, stream: &mut Line) {
        let body = request.json();
        let id = body["id"].as_str().expect("a message has an id").to_owned();
        assert!(id.len() <= 64, "{id}");
        let plan = {
            let mut state = self.state();
            state.posts.push((id.clone(), Instant::now()));
            state.seen.push(body["seen"].as_str().map(str::to_owned));
            state.languages.push(request.header("accept-language"));
            state.planned.pop_front()
        };
        let refused = self.state().refused_words;
        if refused.is_some_and(|words| body["text"].as_str().is_some_and(|text| text.contains(words))) {
            return answer(stream, 403, "text/html", &[], b"<p>An attack</p>").await;
        }
        match plan {
            Some(Plan::Fail(status, after)) => return error(stream, status, "unavailable", after).await,
            Some(Plan::Refuse(status, code)) => return error(stream, status, code, None).await,
            Some(Plan::Page(status)) => return answer(stream, status, "text/html", &[], b"<p>Pay here</p>").await,
            _ if !self.knows(request) => return error(stream, 401, "unknown_token", None).await,
            _ => {}
        }
        self.change(|state| state.take(&id, &body));
        if !matches!(plan, Some(Plan::TakeAndCut)) {
            json_answer(stream, 200, &json!({ "outcome": "handled" })).await;
        }
    }

    async fn replies(&self, request: &Request, stream: &mut Line) {
        if !self.knows(request) {
            return error(stream, 401, "unknown_token", None).await;
        }
        if request.header("accept").is_some_and(|accept| accept.contains("event-stream")) {
            self.state().resumed_after.push(request.header("last-event-id"));
            self.state().open_streams += 1;
            stream::serve(self, request, stream).await;
            self.state().open_streams -= 1;
            return;
        }
        let after = request.path.split_once("after=").map(|(_, id)| id.to_owned());
        let replies = {
            let mut state = self.state();
            state.asked += 1;
            state.after(after.as_deref())
        };
        json_answer(stream, 200, &json!({ "replies": replies, "missed": 0 })).await;
    }

    fn knows(&self, request: &Request) -> bool {
        let token = request.header("authorization");
        let token = token.as_deref().and_then(|token| token.strip_prefix("Bearer "));
        token.is_some_and(|token| self.state().valid.contains(token))
    }
}

async fn asset(path: &str, stream: &mut Line) {
    let (file, kind) = match path {
        "/chat/" => ("page.html", "text/html; charset=utf-8"),
        "/chat/page.css" => ("page.css", "text/css; charset=utf-8"),
        "/chat/flow-chat.js" => ("flow-chat.js", "text/javascript; charset=utf-8"),
        _ => return error(stream, 404, "not_found", None).await,
    };
    let bytes = std::fs::read(format!("{ASSETS}/{file}")).expect("an asset of the chat");
    answer(stream, 200, kind, &[("Content-Security-Policy", POLICY)], &bytes).await;
}

async fn json_answer(stream: &mut Line, status: u16, body: &Value) {
    answer(stream, status, "application/json", &[], body.to_string().as_bytes()).await;
}

async fn error(stream: &mut Line, status: u16, code: &str, after: Option<u64>) {
    let body = json!({ "error": { "code": code, "message": "it is a test" } }).to_string();
    let after = after.map(|after| after.to_string());
    let more: Vec<(&str, &str)> = after.iter().map(|after| ("Retry-After", after.as_str())).collect();
    answer(stream, status, "application/json", &more, body.as_bytes()).await;
}
