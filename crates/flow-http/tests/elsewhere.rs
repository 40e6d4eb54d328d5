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
