//! Only Meta is heard.

mod support;

use flow_http::{
    axum::http::{Method, Request},
    platform::{Forged, Platform},
};
use flow_whatsapp::{Misconfigured, WhatsApp};
use support::{APP_SECRET, NUMBER, PREVIOUS_SECRET, TOKEN, VERIFY_TOKEN, fixture, signature, verified, whatsapp};

fn posted(signatures: &[&str], body: &str) -> Request<Vec<u8>> {
    let request = Request::builder().method(Method::POST).uri("/hooks/whatsapp");
    let request =
        signatures.iter().fold(request, |request, signature| request.header("X-Hub-Signature-256", *signature));
    request.body(body.as_bytes().to_vec()).expect("a request")
}

fn asked(query: &str) -> Request<Vec<u8>> {
    Request::get(format!("/hooks/whatsapp?{query}")).body(Vec::new()).expect("a request")
}

#[test]
fn what_is_signed_with_the_secret_of_today_or_of_yesterday_is_heard() {
    let body = fixture("text");
    for secret in [APP_SECRET, PREVIOUS_SECRET] {
        assert_eq!(verified(&whatsapp(), posted(&[&signature(secret, body.as_bytes())], &body)), Ok(()));
    }
}

#[test]
fn what_is_signed_otherwise_is_not() {
    let body = fixture("text");
    let right = signature(APP_SECRET, body.as_bytes());
    let digits = right.trim_start_matches("sha256=");
    let wrong = [
        signature("another secret", body.as_bytes()),
        signature("", body.as_bytes()),
        signature(APP_SECRET, body.replace("color", "Color").as_bytes()),
        digits.to_owned(),
        format!("sha1={digits}"),
        format!("sha256={}", &digits[..62]),
        format!("sha256={digits}00"),
        format!("sha256= {digits}"),
        "sha256=".to_owned(),
        String::new(),
    ];
    for wrong in wrong {
        assert_eq!(verified(&whatsapp(), posted(&[&wrong], &body)), Err(Forged::Wrong), "{wrong}");
    }
    assert_eq!(verified(&whatsapp(), posted(&[], &body)), Err(Forged::Unsigned));
    // What is no text is no signature.
    assert_eq!(verified(&whatsapp(), posted(&[&format!("sha256={}", "é".repeat(32))], &body)), Err(Forged::Unsigned));
    // Which of two would count?
    assert_eq!(verified(&whatsapp(), posted(&[&right, &right], &body)), Err(Forged::Unsigned));
    for method in [Method::PUT, Method::HEAD, Method::DELETE] {
        let request = Request::builder().method(method).uri("/?hub.mode=subscribe&hub.verify_token=x").body(Vec::new());
        assert_eq!(verified(&whatsapp(), request.expect("a request")), Err(Forged::Unsigned));
    }
}

#[test]
fn without_a_secret_nothing_is_heard() {
    let unset = WhatsApp::new(NUMBER, TOKEN).expect("well set up");
    for secret in ["", APP_SECRET] {
        assert_eq!(verified(&unset, posted(&[&signature(secret, b"{}")], "{}")), Err(Forged::Wrong));
    }
    assert_eq!(verified(&unset, asked("hub.mode=subscribe&hub.verify_token=&hub.challenge=1")), Err(Forged::Wrong));
}

#[tokio::test]
async fn meta_is_told_its_challenge_if_it_knows_the_verify_token() {
    let token = "a%20word%20%26%20a+w%C3%B6rd";
    let whatsapp = whatsapp();
    let request = asked(&format!("hub.mode=subscribe&hub.verify_token={token}&hub.challenge=1158201444"));
    let (parts, body) = request.into_parts();
    let hook = flow_http::platform::Hook::new(&parts, &body, chrono::Utc::now());
    assert_eq!(whatsapp.verify(&hook), Ok(()), "{VERIFY_TOKEN}");
    assert!(whatsapp.read(&hook).expect("readable").messages().is_empty());
    for query in [
        "hub.mode=subscribe&hub.verify_token=another&hub.challenge=1".to_owned(),
        "hub.mode=subscribe&hub.verify_token=&hub.challenge=1".to_owned(),
        format!("hub.mode=unsubscribe&hub.verify_token={token}&hub.challenge=1"),
        format!("hub.mode=subscribe&hub.verify_token={token}x&hub.challenge=1"),
        format!("hub.mode=subscribe&hub.verify_token={}&hub.challenge=1", &token[..20]),
    ] {
        assert_eq!(verified(&whatsapp, asked(&query)), Err(Forged::Wrong), "{query}");
    }
    for query in [
        "",
        "hub.mode=subscribe",
        "hub.challenge=1",
        "%ff=%00&&&",
        &format!("hub.mode=subscribe&hub.mode=subscribe&hub.verify_token={token}"),
    ] {
        assert_eq!(verified(&whatsapp, asked(query)), Err(Forged::Unsigned), "{query}");
    }
}

#[test]
fn what_cannot_be_right_is_told_before_the_first_message() {
    let new = |id: &str, token: &str| WhatsApp::new(id, token).err();
    for id in ["", "+1 555 078 3881", "106540352242922/../me", "١٢٣"] {
        assert_eq!(new(id, TOKEN), Some(Misconfigured::NumberId), "{id}");
    }
    assert_eq!(
        (new(NUMBER, ""), new(NUMBER, " \n"), new(NUMBER, "a\nb")),
        (Some(Misconfigured::Token), Some(Misconfigured::Token), Some(Misconfigured::Token))
    );
    // As a file of secrets ends.
    assert_eq!(new(NUMBER, "EAAJB\n"), None);
    assert_eq!(whatsapp().app_secret("").err(), Some(Misconfigured::AppSecret));
    assert_eq!(whatsapp().previous_app_secret("  ").err(), Some(Misconfigured::AppSecret));
    assert_eq!(whatsapp().verify_token("").err(), Some(Misconfigured::VerifyToken));
    assert_eq!(whatsapp().list_label("").err(), Some(Misconfigured::ListLabel));
    assert_eq!(whatsapp().list_label("x".repeat(21)).err(), Some(Misconfigured::ListLabel));
    assert!(whatsapp().list_label("Bitte wählen").is_ok());
}

#[test]
fn nothing_shows_a_secret() {
    let whatsapp = whatsapp();
    let shown = format!("{whatsapp:?} {:?}", whatsapp.media());
    for secret in [TOKEN, APP_SECRET, PREVIOUS_SECRET, VERIFY_TOKEN] {
        assert!(!shown.contains(secret), "{shown}");
    }
}
