//! The document that tells apps how to speak (`OpenAPI`) is true: every route, status, field and code that the server has stands in it, and
//! nothing else.

mod schema;
#[path = "../support/mod.rs"]
mod support;

use std::{cell::RefCell, collections::BTreeSet, fs, path::Path, time::Duration};

use flow_core::{SessionId, engine::Inbox};
use flow_http::{Access, Limits, Proxies, Refused, Site};
use schema::{fault, resolved};
use serde_json::{Value, json};
use support::{Answered, Asked, Salon, Served, answer};

/// The document, and what was seen of it.
struct Document {
    content: Value,
    seen: RefCell<Seen>,
}

#[derive(Default)]
struct Seen {
    /// Method, path and status.
    answers: BTreeSet<(String, String, String)>,
    codes: BTreeSet<String>,
    events: BTreeSet<String>,
}

impl Document {
    fn read() -> Self {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
        let content = serde_json::from_str(&fs::read_to_string(file).expect("the document")).expect("JSON");
        Self { content, seen: RefCell::default() }
    }

    /// Its operations: path, method, and what it tells of it.
    fn operations(&self) -> impl Iterator<Item = (&str, &str, &Value)> {
        let paths = self.content["paths"].as_object().expect("paths").iter();
        paths.flat_map(|(path, item)| {
            let item = item.as_object().expect("a path").iter();
            let operations = item.filter(|(method, _)| *method != "servers");
            operations.map(move |(method, operation)| (path.as_str(), method.as_str(), operation))
        })
    }

    /// Checks an answer against what is told of it.
    fn knows(&self, method: &str, path: &str, answered: &Answered) {
        let operation = &self.content["paths"][path][method];
        let status = answered.status.to_string();
        let told = match &operation["responses"][&status] {
            // What any path may answer.
            Value::Null if answered.status == 405 => &self.content["components"]["responses"]["MethodNotAllowed"],
            Value::Null if answered.status == 404 && operation.is_null() => {
                &self.content["components"]["responses"]["NotFound"]
            }
            told => resolved(&self.content, told),
        };
        assert!(!told.is_null(), "{method} {path}: nothing is told of {answered:?}");
        let comes_again = told["headers"].get("Retry-After").is_some();
        assert_eq!(answered.header("retry-after").is_some(), comes_again, "{method} {path}: {answered:?}");
        let kind = answered.header("content-type").and_then(|kind| kind.split(';').next());
        match (told.get("content"), kind) {
            (Some(content), Some(kind)) => {
                let schema = content.get(kind).unwrap_or_else(|| panic!("{method} {path}: nothing is told of {kind}"));
                if kind == "application/json" {
                    let body = answered.json();
                    assert_eq!(fault(&self.content, &schema["schema"], &body), None, "{method} {path} {status}");
                    let code = body["error"]["code"].as_str().map(str::to_owned);
                    self.seen.borrow_mut().codes.extend(code);
                }
            }
            (None, _) => assert_eq!(answered.body, "", "{method} {path} {status}"),
            (Some(_), None) => panic!("{method} {path}: there is no content in {answered:?}"),
        }
        self.seen.borrow_mut().answers.insert((method.to_owned(), path.to_owned(), status));
    }

    /// Whether a message is as the document says.
    fn is_message(&self, message: &Value) -> bool {
        fault(&self.content, &self.content["components"]["schemas"]["Message"], message).is_none()
    }

    /// Checks the events of a stream.
    fn knows_events(&self, stream: &str) {
        let told = &self.content["paths"]["/replies"]["get"]["responses"]["200"]["content"]["text/event-stream"];
        for event in stream.split("\n\n") {
            let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
            let (Some(kind), Some(data)) = (field("event"), field("data")) else { continue };
            let schema = told["x-events"].get(kind).unwrap_or_else(|| panic!("nothing is told of {kind}"));
            let data = serde_json::from_str(data).expect("JSON");
            assert_eq!(fault(&self.content, schema, &data), None, "{kind}");
            self.seen.borrow_mut().events.insert(kind.to_owned());
        }
    }

    /// Each code of a problem.
    fn codes(&self) -> BTreeSet<String> {
        let codes = &self.content["components"]["schemas"]["Problem"]["properties"]["error"]["properties"]["code"];
        codes["enum"].as_array().expect("codes").iter().map(|code| code.as_str().expect("a code").to_owned()).collect()
    }
}

/// A served site, whose answers are checked.
struct Checked<'d> {
    document: &'d Document,
    served: Served,
    token: String,
}

impl Checked<'_> {
    async fn asks(&self, asked: Asked<'_>) -> Answered {
        let (method, path) = (asked.method.to_ascii_lowercase(), asked.path.split('?').next().expect("a path"));
        let path = path.strip_prefix("/chat").unwrap_or(path).to_owned();
        let answered = self.served.asks(&asked).await;
        self.document.knows(&method, &path, &answered);
        answered
    }

    /// Says something that is a message, or is none, as the server and the document agree.
    async fn posts(&self, message: &Value) -> u16 {
        let answered = self.asks(Asked::post("/chat/messages", message).by_token(&self.token)).await;
        assert_eq!(self.document.is_message(message), answered.status != 400, "{message}: {answered:?}");
        answered.status
    }

    async fn says(&self, id: &str, text: &str) -> u16 {
        self.posts(&json!({"id": id, "text": text})).await
    }

    async fn gets(&self, path: &str) -> Answered {
        self.asks(Asked::get(path).by_token(&self.token)).await
    }

    /// What a stream tells for a while, behind this reply.
    async fn listens(&self, last: &str) {
        let listens = Asked::get("/chat/replies").with("accept", "text/event-stream").with("last-event-id", last);
        let listens = listens.by_token(&self.token);
        let told = answer(&mut self.served.connects().await, listens.written().as_bytes()).await;
        let answered = Answered::of(&told);
        self.document.knows("get", "/replies", &answered);
        // The pieces of a chunked answer have their lengths in between.
        let lines = answered.body.split("\r\n").filter(|line| usize::from_str_radix(line, 16).is_err());
        self.document.knows_events(&lines.collect::<String>());
    }
}

#[tokio::test]
async fn every_answer_field_and_code_stands_in_the_document_and_all_of_the_document_is_answered() {
    let document = Document::read();
    all_goes_well(&document).await;
    much_goes_wrong(&document).await;
    somebody_else_says_who_speaks(&document).await;

    let seen = document.seen.take();
    let told = document.operations().flat_map(|(path, method, operation)| {
        let statuses = operation["responses"].as_object().expect("responses").keys();
        statuses.map(|status| (method.to_owned(), path.to_owned(), status.clone()))
    });
    let unseen: Vec<_> = told.filter(|answer| !seen.answers.contains(answer)).collect();
    assert!(unseen.is_empty(), "the document tells of answers that no test has seen: {unseen:#?}");
    assert_eq!(seen.codes, document.codes());
    assert_eq!(seen.events.iter().collect::<Vec<_>>(), ["missed", "ready", "reply", "typing"]);
}

async fn all_goes_well(document: &Document) {
    let salon = Salon::limited(Limits::default().pause(Duration::ZERO));
    let served = Served::with(&salon.site).await;
    let checked = Checked { document, served, token: salon.token() };
    checked.asks(Asked::post("/chat/sessions", &json!({}))).await;
    for path in ["/chat/", "/chat/page.css", "/chat/flow-chat.js", "/chat/openapi.json", "/livez", "/readyz"] {
        let answered = checked.asks(Asked::get(path)).await;
        if let Some(tag) = answered.header("etag") {
            checked.asks(Asked::get(path).with("if-none-match", tag)).await;
        }
    }
    let told = checked.asks(Asked::get("/chat/openapi.json")).await;
    assert_eq!(told.json(), document.content);
    for path in ["/metrics", "/readyz"] {
        checked.asks(Asked::get(path).with("x-key", "")).await;
    }
    checked.gets("/chat/session").await;
    assert_eq!(checked.says("1", "hello").await, 200);
    let replies = checked.gets("/chat/replies").await.json();
    let first = &replies["replies"][0];
    let press = json!({"id": "2", "press": first["buttons"][0]["press"], "seen": first["id"]});
    assert_eq!(checked.posts(&press).await, 200);
    for (id, what) in [("4", "a link"), ("5", "an image"), ("6", "a file"), ("7", "a place"), ("8", "a contact")] {
        assert_eq!(checked.says(id, &format!("show {what}")).await, 200);
    }
    let shown = checked.gets("/chat/replies").await.json();
    let kinds: Vec<_> = shown["replies"]
        .as_array()
        .expect("replies")
        .iter()
        .filter_map(|one| one["attachment"]["kind"].as_str())
        .collect();
    assert_eq!(kinds, ["image", "file", "place", "contact"]);
    checked.gets("/chat/session").await;
    let first = first["id"].as_str().expect("an id");
    let says = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        // An answer is coming.
        assert_eq!(checked.says("9", "slow 2000").await, 202);
    };
    tokio::join!(checked.listens(first), says);
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    for id in 10..90 {
        checked.says(&id.to_string(), "show a link").await;
    }
    // And the first ones are gone.
    checked.listens(first).await;
    let worker = salon.engine.worker().start();
    while checked.asks(Asked::get("/readyz")).await.status != 200 {}
    worker.abort();
}

async fn much_goes_wrong(document: &Document) {
    let minute = Duration::from_secs(60);
    let limits = Limits::default().openings(1).opening_pause(minute).streams_each(0).burst(100);
    let limits = limits.body_time(Duration::from_millis(200)).address_burst(50).address_pause(minute);
    let salon = Salon::built(limits, |builder| builder.inbox(Inbox::default().letters(1)));
    let served = Served::with(&salon.site.clone().proxies(Proxies::none())).await;
    let checked = Checked { document, served, token: salon.token() };
    for message in [
        json!({"id": "1"}),
        json!({"id": "1", "text": ""}),
        json!({"id": "1", "text": "canary", "press": "canary"}),
        json!({"id": "", "text": "canary"}),
        json!({"id": "x".repeat(65), "text": "canary"}),
        json!({"text": "canary"}),
        json!({"id": 1, "text": "canary"}),
        json!({"id": "1", "text": "canary", "admin": true}),
        json!("canary"),
    ] {
        assert_eq!(checked.posts(&message).await, 400);
    }
    assert_eq!(checked.says("1", &"x".repeat(20_000)).await, 413);
    let half = Asked::post("/chat/messages", &json!({"id": "1", "text": "hello"})).by_token(&checked.token).written();
    let told = answer(&mut checked.served.connects().await, half.trim_end_matches('}').as_bytes()).await;
    document.knows("post", "/messages", &Answered::of(&told));
    for path in ["/chat/replies?after=canary", "/chat/replies?after=1-00000000&after=2-00000000"] {
        assert_eq!(checked.gets(path).await.code(), "bad_request", "{path}");
    }
    for asked in [
        Asked::post("/chat/messages", &json!({"id": "1", "text": "hello"})),
        Asked::get("/chat/replies"),
        Asked::get("/chat/session"),
    ] {
        assert_eq!(checked.asks(asked).await.status, 401);
    }
    for (method, path, status) in
        [("DELETE", "/chat/messages", 405), ("PUT", "/livez", 405), ("GET", "/chat/nothing", 404)]
    {
        assert_eq!(checked.asks(Asked::by(method, path)).await.status, status);
    }
    let across = Asked::post("/chat/sessions", &json!({})).with("sec-fetch-site", "cross-site");
    assert_eq!(checked.asks(across).await.status, 403);
    checked.asks(Asked::get("/metrics")).await;
    for status in [201, 429] {
        assert_eq!(checked.asks(Asked::post("/chat/sessions", &json!({}))).await.status, status);
    }
    let listens = Asked::get("/chat/replies").with("accept", "text/event-stream").by_token(&checked.token);
    assert_eq!(checked.asks(listens).await.status, 429);
    for (id, text, status) in [("1", "hello", 200), ("2", "hair", 200), ("3", "slow 1500", 202), ("4", "hello", 429)] {
        assert_eq!(checked.says(id, text).await, status);
    }
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    salon.store.mood.breaks();
    assert_eq!(checked.says("5", "hello").await, 500);
    assert_eq!((checked.gets("/chat/replies").await.status, checked.gets("/chat/session").await.status), (500, 500));
    salon.store.mood.comes_back();
    salon.store.mood.goes_away();
    assert_eq!(checked.says("6", "hello").await, 503);
    assert_eq!((checked.gets("/chat/replies").await.status, checked.gets("/chat/session").await.status), (503, 503));
    checked.asks(Asked::get("/readyz").with("x-key", "")).await;
    salon.site.close();
    checked.asks(Asked::get("/readyz").with("x-key", "")).await;
    salon.store.mood.comes_back();
    while checked.gets("/chat/session").await.status != 429 {}
}

async fn somebody_else_says_who_speaks(document: &Document) {
    let salon = Salon::new();
    let access = Access::by(|request| match request.headers.get("x-user") {
        Some(user) if user == "banned" => Err(Refused::Forbidden),
        Some(_) => Ok(SessionId::random()),
        None => Err(Refused::Unknown),
    });
    let site = Site::new(salon.engine.clone()).chat("/chat", "web", access).expect("collected");
    let checked = Checked { document, served: Served::with(&site).await, token: String::new() };
    for (user, status) in [("banned", 403), ("ana", 201)] {
        assert_eq!(checked.asks(Asked::post("/chat/sessions", &json!({})).with("x-user", user)).await.status, status);
    }
    assert_eq!(checked.asks(Asked::post("/chat/sessions", &json!({}))).await.status, 401);
    for asked in [
        Asked::post("/chat/messages", &json!({"id": "1", "text": "hello"})),
        Asked::get("/chat/replies"),
        Asked::get("/chat/session"),
    ] {
        assert_eq!(checked.asks(asked.with("x-user", "banned")).await.status, 403);
    }
}

#[tokio::test]
async fn every_route_stands_in_the_document_and_the_reverse() {
    let salon = Salon::new();
    let document = Document::read();
    let told: BTreeSet<_> = document.operations().map(|(path, method, _)| format!("{method} {path}")).collect();
    let written = format!("{:?}", salon.site.routes());
    let routes = routes(&written);
    let served: BTreeSet<_> = routes
        .iter()
        // What leads to the page.
        .filter(|(path, _)| *path != "/chat")
        .flat_map(|(path, methods)| {
            let path = path.strip_prefix("/chat").unwrap_or(path);
            methods.iter().map(move |method| format!("{method} {path}"))
        })
        .collect();
    assert!(served.len() >= 10, "{served:?}");
    assert_eq!(told, served);
}

/// The routes of a router: paths, and methods but for HEAD, which goes with GET. Only what it says for whoever looks for a mistake tells.
fn routes(router: &str) -> Vec<(&str, Vec<String>)> {
    let own = router.split("fallback_router").next().expect("routes");
    let (methods, paths) = own.split_once("paths: {").expect("paths");
    let paths = paths.split('}').next().expect("paths").split(", ");
    paths
        .map(|path| {
            let (id, path) = path.split_once(": ").expect("a path");
            let (_, of_route) = methods.split_once(&format!("{id}: MethodRouter(")).expect("a route");
            let (_, allowed) = of_route.split_once("allow_header: Bytes(b\"").expect("methods");
            let allowed = allowed.split('"').next().expect("methods").split(',');
            (path.trim_matches('"'), allowed.filter(|method| *method != "HEAD").map(str::to_ascii_lowercase).collect())
        })
        .collect()
}

#[test]
fn every_code_of_a_problem_stands_in_the_document_and_in_the_protocol_and_the_reverse() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let source = fs::read_to_string(here.join("src/problem.rs")).expect("the source");
    let given = source.split("(StatusCode::").skip(1).map(|problem| problem.split('"').nth(1).expect("a code"));
    // What a platform is told whose request is not signed: no app asks there.
    let given: BTreeSet<_> = given.filter(|code| *code != "forged").map(str::to_owned).collect();
    let document = Document::read();
    assert_eq!(given, document.codes());

    let protocol = fs::read_to_string(here.join("protocol.md")).expect("the protocol");
    let rows = protocol.lines().filter_map(|line| line.strip_prefix("| `")?.split_once(" |"));
    let codes = rows.filter(|(_, rest)| rest.trim_start().starts_with(['4', '5'])).map(|(codes, _)| codes);
    // `not_found`, `method_not_allowed`
    let told: BTreeSet<_> = codes.flat_map(|codes| codes.split('`').step_by(2)).map(str::to_owned).collect();
    assert_eq!(told.into_iter().filter(|code| !code.is_empty()).collect::<BTreeSet<_>>(), document.codes());
}
