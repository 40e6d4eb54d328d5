//! A visitor talks with a bot over HTTP, as a browser and as an app do.

mod support;

use std::time::Duration;

use axum::http::{Method, StatusCode};
use flow_core::{Secret, SessionId, Store};
use flow_http::{Access, Limits, Refused, Site};
use serde_json::json;
use support::{Salon, Visitor, reply_texts};

#[tokio::test]
async fn a_visitor_opens_a_conversation_talks_and_collects_what_is_said() {
    let salon = Salon::new();
    let ana = salon.visitor().await;
    assert_eq!(ana.says("1", "hello").await, (StatusCode::OK, json!({"outcome": "handled"})));
    let (status, told) = ana.gets("/chat/replies").await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(reply_texts(&told), ["Hair or nails?"]);
    let button = &told["replies"][0]["buttons"][1];
    assert_eq!(button["label"], "Nails");
    let press = json!({"id": "2", "press": button["press"], "seen": told["replies"][0]["id"]});
    assert_eq!(ana.posts("/chat/messages", &press).await.0, StatusCode::OK);
    assert_eq!(reply_texts(&ana.gets("/chat/replies").await.1), ["Your name?"]);
    // Once more, as a client does that had no answer.
    assert_eq!(ana.posts("/chat/messages", &press).await.0, StatusCode::OK);
    assert_eq!(reply_texts(&ana.gets("/chat/replies").await.1), ["Your name?"]);
    ana.says("3", "Ana").await;
    let (_, session) = ana.gets("/chat/session").await;
    assert_eq!((&session["state"], &session["ended"]), (&json!("BOOKED"), &json!(true)));
    assert!(!session.to_string().contains("Ana"));
}

#[tokio::test]
async fn a_token_that_was_invented_opens_nothing_and_no_id_of_the_client_does() {
    let salon = Salon::new();
    let ana = salon.visitor().await;
    ana.says("1", "hello").await;
    let id = salon.session_of(&ana);
    let forged = [String::new(), id.to_string(), "0".repeat(64), ana.token().to_uppercase()];
    for token in forged {
        let mallory = salon.with_token(&token);
        for path in ["/chat/replies", "/chat/session"] {
            let (status, told) = mallory.gets(path).await;
            assert_eq!((status, &told["error"]["code"]), (StatusCode::UNAUTHORIZED, &json!("unknown_token")));
        }
        assert_eq!(mallory.says("1", "hello").await.0, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn what_cannot_be_taken_is_refused_with_a_code_and_none_of_its_words() {
    let salon = Salon::new();
    let ana = salon.visitor().await;
    let refused = [
        (json!({"id": "1"}), StatusCode::BAD_REQUEST, "bad_request"),
        (json!({"id": "1", "text": ""}), StatusCode::BAD_REQUEST, "bad_request"),
        (json!({"id": "1", "text": "canary", "press": "canary"}), StatusCode::BAD_REQUEST, "bad_request"),
        (json!({"id": "", "text": "canary"}), StatusCode::BAD_REQUEST, "bad_request"),
        (json!({"id": "x".repeat(65), "text": "canary"}), StatusCode::BAD_REQUEST, "bad_request"),
        (json!({"id": "\u{1}1", "text": "canary"}), StatusCode::BAD_REQUEST, "bad_request"),
        (json!({"id": "1", "text": "canary", "admin": true}), StatusCode::BAD_REQUEST, "bad_request"),
        (json!({"id": "1", "text": "canary", "seen": "canary"}), StatusCode::BAD_REQUEST, "bad_request"),
        (json!("canary"), StatusCode::BAD_REQUEST, "bad_request"),
        (json!({"id": "1", "text": "canary".repeat(3_000)}), StatusCode::PAYLOAD_TOO_LARGE, "too_large"),
        (json!({"id": "1", "text": "canary".repeat(30_000)}), StatusCode::PAYLOAD_TOO_LARGE, "too_large"),
    ];
    for (message, status, code) in refused {
        let (was, told) = ana.posts("/chat/messages", &message).await;
        assert_eq!((was, &told["error"]["code"]), (status, &json!(code)), "{message:.80}");
        assert!(!told.to_string().contains("canary"));
    }
    let (status, told) = ana.gets("/chat/replies?after=canary").await;
    assert_eq!((status, &told["error"]["code"]), (StatusCode::BAD_REQUEST, &json!("bad_request")));
    assert_eq!(ana.gets("/chat/nothing").await.0, StatusCode::NOT_FOUND);
    assert_eq!(ana.asks(Method::DELETE, "/chat/messages", None).await.0, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(ana.gets("/chat/session").await.0, StatusCode::NOT_FOUND);
    assert_eq!(salon.store.load(salon.session_of(&ana), 0).await.expect("a store").record, None);
}

#[tokio::test]
async fn a_flood_is_slowed_down_and_others_are_not() {
    let salon = Salon::limited(Limits::default().burst(3).pause(Duration::from_secs(60)));
    let (flood, ana) = (salon.visitor().await, salon.visitor().await);
    let mut refused = 0;
    for message in 0..10 {
        let (status, told) = flood.says(&message.to_string(), "hello").await;
        refused += usize::from(status == StatusCode::TOO_MANY_REQUESTS && told["error"]["code"] == "too_many");
    }
    assert_eq!(refused, 7);
    assert_eq!(ana.says("1", "hello").await.0, StatusCode::OK);
}

#[tokio::test]
async fn while_the_store_is_away_a_message_is_refused_for_now_and_nothing_is_lost() {
    let salon = Salon::new();
    let ana = salon.visitor().await;
    ana.says("1", "hello").await;
    salon.store.mood.goes_away();
    let answer = ana.answer(Method::POST, "/chat/messages", Some(json!({"id": "2", "text": "hair"}))).await;
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.headers()["retry-after"], "1");
    assert_eq!(salon.health().await.0, StatusCode::SERVICE_UNAVAILABLE);
    salon.store.mood.comes_back();
    // A client sends it again until it is taken.
    while ana.says("2", "hair").await.0 != StatusCode::OK {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(reply_texts(&ana.gets("/chat/replies").await.1), ["Hair or nails?", "Your name?"]);
}

#[tokio::test]
async fn an_app_says_itself_who_speaks() {
    let salon = Salon::new();
    let secret = Secret::new("a secret of at least sixteen bytes").expect("long enough");
    let access = Access::by(move |request| {
        let user = request.headers.get("x-user").and_then(|user| user.to_str().ok()).ok_or(Refused::Unknown)?;
        if user == "banned" { Err(Refused::Forbidden) } else { Ok(SessionId::derived(&secret, "app", user)) }
    });
    let site = Site::new(salon.engine.clone()).chat("/app", "web", access).expect("collected");
    let ana = Visitor::of(site.routes()).with_header("x-user", "ana");
    assert_eq!(ana.posts("/app/messages", &json!({"id": "1", "text": "hello"})).await.0, StatusCode::OK);
    assert_eq!(reply_texts(&ana.gets("/app/replies").await.1), ["Hair or nails?"]);
    let ben = Visitor::of(site.routes()).with_header("x-user", "ben");
    assert_eq!(reply_texts(&ben.gets("/app/replies").await.1), Vec::<String>::new());
    let banned = Visitor::of(site.routes()).with_header("x-user", "banned");
    assert_eq!(banned.gets("/app/replies").await.0, StatusCode::FORBIDDEN);
    assert_eq!(Visitor::of(site.routes()).gets("/app/replies").await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_channel_that_is_not_collected_from_is_said_when_the_site_is_made() {
    let salon = Salon::new();
    let error = Site::new(salon.engine.clone()).chat("/chat", "fax", salon.access()).expect_err("no such channel");
    assert!(error.to_string().contains(r#".collected("fax", Shelf::default())"#), "{error}");
}

#[tokio::test]
async fn figures_are_told_to_who_may_know_and_hold_no_id_of_a_person() {
    let salon = Salon::new();
    let ana = salon.visitor().await;
    ana.says("1", "hello").await;
    ana.says("canary", "canary").await;
    let anybody = Visitor::of(salon.site.routes());
    assert_eq!(anybody.gets("/metrics").await.0, StatusCode::FORBIDDEN);
    assert_eq!(anybody.gets("/readyz").await.1, json!({"ready": false}));
    let _stream = ana.listens(None).await;
    salon.engine.extend(salon.session_of(&ana)).await.expect("there");
    let text = anybody.with_header("x-key", "").text("/metrics").await;
    for line in [
        r#"flow_turns_total{flow="web_salon",trigger="message",kind="taken"} 2"#,
        r#"flow_conversations_opened_total{flow="web_salon",how="first"} 1"#,
        r#"flow_call_seconds_count{flow="web_salon",call="commit",result="ok"} 3"#,
        r#"flow_events_total{event="reasked"} 1"#,
        r#"flow_events_total{event="renewed"} 1"#,
        r#"flow_events_total{event="handled_at_once"} 2"#,
        r#"flow_http_requests_total{route="/chat/messages",status="200"} 2"#,
        r#"flow_turns_saved_total{flow="web_salon",saved="stored"} 2"#,
        r#"flow_turns_saved_total{flow="web_salon",saved="unknown"} 0"#,
        r#"flow_channel_in_total{flow="web_salon",channel="web",kind="taken"} 2"#,
        r#"flow_channel_out_total{flow="web_salon",channel="web",fate="laid_out"} 3"#,
        r#"flow_record_bytes_count{flow="web_salon"} 3"#,
        r#"flow_attended{flow="web_salon"} 0"#,
        r#"flow_http_streams{flow="web_salon"} 1"#,
        r#"flow_turns_in_flight{flow="web_salon"} 0"#,
    ] {
        assert!(text.lines().any(|other| other == line), "{line}\n{text}");
    }
    assert!(!text.contains("canary") && !text.contains(&salon.session_of(&ana).to_string()));
    assert!(!text.contains(ana.token()));
}

#[tokio::test]
async fn a_browser_gets_the_page_and_the_module_with_a_strict_policy() {
    let salon = Salon::new();
    let anybody = Visitor::of(salon.site.routes());
    let slashless = anybody.answer(Method::GET, "/chat", None).await;
    assert_eq!(
        (slashless.status(), &slashless.headers()["location"]),
        (StatusCode::PERMANENT_REDIRECT, &"chat/".parse().expect("a header"))
    );
    for (path, kind) in
        [("/chat/", "text/html"), ("/chat/page.css", "text/css"), ("/chat/flow-chat.js", "text/javascript")]
    {
        let answer = anybody.answer(Method::GET, path, None).await;
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        assert!(answer.headers()["content-type"].to_str().expect("text").starts_with(kind), "{path}");
        let policy = answer.headers()["content-security-policy"].to_str().expect("text");
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
        let tag = answer.headers()["etag"].to_str().expect("text").to_owned();
        let again = anybody.with_header("if-none-match", &tag).answer(Method::GET, path, None).await;
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{path}");
    }
    let at_the_root = Site::new(salon.engine.clone()).chat("/", "web", salon.access()).expect("collected");
    assert_eq!(Visitor::of(at_the_root.routes()).answer(Method::GET, "/", None).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn readiness_names_each_part_and_says_why_nowhere_but_in_the_log() {
    let salon = Salon::new();
    let (status, told) = salon.health().await;
    assert_eq!(
        (status, &told),
        (StatusCode::SERVICE_UNAVAILABLE, &json!({"ready": false, "parts": {"store": "well", "worker": "away"}}))
    );
    let worker = salon.engine.worker().start();
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(
        salon.health().await,
        (StatusCode::OK, json!({"ready": true, "parts": {"store": "well", "worker": "well"}}))
    );
    salon.site.close();
    assert_eq!(salon.health().await.0, StatusCode::SERVICE_UNAVAILABLE);
    worker.abort();
}
