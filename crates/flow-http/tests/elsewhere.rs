//! A chat in a page of another origin: of one that is named it works, and of any other it does not.

mod support;

use flow_http::Origins;
use serde_json::json;
use support::{Answered, Asked, Salon, Served};

const SHOP: &str = "https://shop.example";

async fn served() -> (Salon, Served) {
    let salon = Salon::new();
    let origins = Origins::new([SHOP, "https://www.shop.example"]).expect("origins");
    let served = Served::with(&salon.site.clone().origins(origins)).await;
    (salon, served)
}

/// What a browser asks before a page of this origin may.
fn preflight(path: &'static str, origin: &str) -> Asked<'static> {
    let asked = Asked::by("OPTIONS", path).with("origin", origin).with("sec-fetch-site", "cross-site");
    let asked = asked.with("access-control-request-method", "POST");
    asked.with("access-control-request-headers", "authorization,content-type")
}

fn from<'r>(asked: Asked<'r>, origin: &str) -> Asked<'r> {
    asked.with("origin", origin).with("sec-fetch-site", "cross-site")
}

/// The headers of an answer that tell a browser what a page may have of it.
fn allowed(answered: &Answered) -> (Option<&str>, Option<&str>) {
    assert_eq!(answered.header("access-control-allow-credentials"), None, "no cookies");
    (answered.header("access-control-allow-origin"), answered.header("vary"))
}

#[tokio::test]
async fn a_page_of_a_named_origin_may_ask_all_that_the_chat_asks() {
    let (salon, served) = served().await;
    for path in ["/chat/sessions", "/chat/messages", "/chat/replies", "/chat/session"] {
        let answered = served.asks(&preflight(path, SHOP)).await;
        assert_eq!((answered.status, allowed(&answered)), (204, (Some(SHOP), Some("origin"))), "{path}");
        assert_eq!(answered.header("access-control-allow-methods"), Some("get, post"));
        let headers = answered.header("access-control-allow-headers").expect("headers");
        assert_eq!(headers, "authorization, content-type, last-event-id");
        assert_eq!(answered.header("access-control-max-age"), Some("7200"));
    }
    let token = salon.token();
    let opens = || Asked::post("/chat/sessions", &json!({}));
    let says = || Asked::post("/chat/messages", &json!({"id": "1", "text": "hello"})).by_token(&token);
    for (asked, status) in [
        (Asked::get("/chat/flow-chat.js"), 200),
        (opens(), 201),
        (says(), 200),
        (Asked::get("/chat/replies").by_token(&token), 200),
        (Asked::get("/chat/session").by_token(&token), 200),
        // A page is to know why not, too, and when to come again.
        (Asked::get("/chat/session"), 401),
        (Asked::post("/chat/session", &json!({})), 405),
    ] {
        let answered = served.asks(&from(asked, SHOP)).await;
        assert_eq!((answered.status, allowed(&answered)), (status, (Some(SHOP), Some("origin"))));
        assert_eq!(answered.header("access-control-expose-headers"), Some("retry-after"));
    }
}

#[tokio::test]
async fn a_page_of_any_other_origin_is_told_nothing_and_says_nothing() {
    let (salon, served) = served().await;
    let token = salon.token();
    let says = || Asked::post("/chat/messages", &json!({"id": "1", "text": "hello"})).by_token(&token);
    for origin in ["https://shop.example.evil.example", "http://shop.example", "https://shop.example:8443", "null", "*"]
    {
        let answered = served.asks(&preflight("/chat/messages", origin)).await;
        assert_eq!((answered.status, allowed(&answered)), (403, (None, Some("origin"))), "{origin}");
        let answered = served.asks(&from(says(), origin)).await;
        assert_eq!((answered.status, allowed(&answered)), (403, (None, Some("origin"))), "{origin}");
        assert_eq!(answered.code(), "not_allowed");
        let answered = served.asks(&from(Asked::get("/chat/replies").by_token(&token), origin)).await;
        assert_eq!(allowed(&answered), (None, Some("origin")), "{origin}");
    }
    // Nothing was said.
    assert_eq!(served.asks(&Asked::get("/chat/session").by_token(&token)).await.status, 404);
}

#[tokio::test]
async fn where_no_origin_is_named_the_sites_own_pages_alone_speak_and_answers_are_as_before() {
    let salon = Salon::new();
    let served = Served::with(&salon.site).await;
    assert_eq!(served.asks(&preflight("/chat/messages", SHOP)).await.status, 405);
    let opens = || Asked::post("/chat/sessions", &json!({})).with("origin", "http://salon");
    for site in ["cross-site", "same-site"] {
        assert_eq!(served.asks(&opens().with("sec-fetch-site", site)).await.status, 403, "{site}");
    }
    for asked in [opens().with("sec-fetch-site", "same-origin"), opens()] {
        let answered = served.asks(&asked).await;
        assert_eq!((answered.status, allowed(&answered)), (201, (None, None)));
    }
}

/// Browsers say from where a page asks only to what they trust, so not to `http://` in a network of one's own. What a page of
/// another origin may send without asking before is no JSON.
#[tokio::test]
async fn what_a_page_elsewhere_may_send_unasked_is_refused_though_its_browser_says_only_its_origin() {
    let (salon, served) = served().await;
    let token = salon.token();
    let says = |id: &str| Asked::post("/chat/messages", &json!({"id": id, "text": "hello"})).by_token(&token);
    let as_plain = |id: &str| says(id).instead("content-type: application/json", "content-type: text/plain");
    let of_no_kind = |id: &str| says(id).instead("content-type: application/json", "x-nothing: here");
    for origin in ["https://evil.example", "null"] {
        for asked in [as_plain("1"), of_no_kind("1")] {
            let answered = served.asks(&asked.with("origin", origin)).await;
            assert_eq!((answered.status, answered.code().as_str()), (403, "not_allowed"), "{origin}");
        }
    }
    assert_eq!(served.asks(&Asked::get("/chat/session").by_token(&token)).await.status, 404, "nothing was said");
    // What is no browser says no origin, and a page of ours says JSON.
    for asked in
        [as_plain("1"), of_no_kind("2"), says("3").with("origin", "http://salon"), as_plain("4").with("origin", SHOP)]
    {
        assert_eq!(served.asks(&asked).await.status, 200);
    }
}

/// In a real browser: what its rules let a page do, and not what we think of them.
mod web_chat {
    use std::time::Duration;

    use axum::{Router, http::header, response::IntoResponse as _, routing::get};
    use flow_http::Site;
    use flow_proving::Browser;
    use tokio::net::TcpListener;

    use super::*;

    const CHAT: &str = "document.querySelector('flow-chat').shadowRoot";
    const SOON: Duration = Duration::from_secs(30);

    /// A shop's page, whose policy lets it ask the chat's server and nobody else.
    fn shop(listener: TcpListener, chat: &str) {
        let policy = format!(
            "default-src 'none'; script-src {chat}; connect-src {chat}; img-src data:; require-trusted-types-for 'script'"
        );
        let page = format!(
            "<!doctype html><html lang=en><title>Shop</title><link rel=icon href=data:>\
             <script type=module src=\"{chat}/chat/flow-chat.js\"></script><flow-chat open></flow-chat>"
        );
        let answer =
            ([(header::CONTENT_TYPE, "text/html".to_owned()), (header::CONTENT_SECURITY_POLICY, policy)], page);
        let routes = Router::new().route("/", get(move || async move { answer.into_response() }));
        tokio::spawn(axum::serve(listener, routes).into_future());
    }

    async fn listens() -> (TcpListener, u16) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        (listener, port)
    }

    #[tokio::test]
    async fn the_chat_works_in_a_page_of_a_named_origin_and_is_not_even_loaded_in_another() {
        let salon = Salon::new();
        let ((ours, port), (theirs, other)) = (listens().await, listens().await);
        // Two names of this machine are two sites.
        let origins = Origins::new([format!("http://localhost:{port}")]).expect("an origin");
        let site: Site<_> = salon.site.clone().origins(origins);
        let served = Served::with(&site).await;
        let chat = format!("http://{}", served.address);
        shop(ours, &chat);
        shop(theirs, &chat);

        let browser = Browser::start().await;
        let page = browser.open(&format!("http://localhost:{port}/")).await;
        let input = format!("{CHAT}?.querySelector('textarea')");
        page.wait_for(&format!("{input} != null"), SOON).await;
        let hears = |text: &str| format!("{CHAT}.querySelector('.entries').textContent.includes('{text}')");
        for (says, heard) in [("hello", "Hair or nails?"), ("hair", "Your name?"), ("Ana", "See you, Ana.")] {
            page.click(&input).await;
            page.type_text(says).await;
            page.press_key("Enter").await;
            page.wait_for(&hears(heard), SOON).await;
        }
        assert_eq!(page.violations(), [""; 0]);

        // The site's own page is of its origin, and needs no name.
        let own = browser.open(&format!("{chat}/chat/")).await;
        own.wait_for(&format!("{input} != null"), SOON).await;
        own.click(&input).await;
        own.type_text("hello").await;
        own.press_key("Enter").await;
        own.wait_for(&hears("Hair or nails?"), SOON).await;
        assert_eq!(own.violations(), [""; 0]);

        let page = browser.open(&format!("http://localhost:{other}/")).await;
        page.wait_for("document.readyState === 'complete'", SOON).await;
        assert_eq!(page.evaluate("customElements.get('flow-chat') === undefined").await, json!(true));
    }
}
