//! What becomes of a reply that Slack is sent.

mod support;

use flow_core::{Download, Fetch as _, Media, MediaKind, Reply, engine::Found};
use flow_http::platform::{Platform as _, rendered};
use flow_slack::{NoFile, Slack};
use serde_json::json;
use support::{SIGNING_SECRET, TOKEN, WebApi};
use tokio::net::TcpListener;

async fn send(slack: &Slack, place: &str) -> String {
    let message = rendered(slack, &Reply::new("Hello & goodbye!")).pop().expect("a message");
    match slack.send(place, &message, "a key").await {
        Ok(()) => "Sent".to_owned(),
        Err(fate) => format!("{fate:?}"),
    }
}

#[tokio::test]
async fn a_reply_goes_where_it_belongs_with_its_key_and_unfolds_no_links() {
    let api = WebApi::open().await;
    let slack = api.slack().workspace("T1", "xoxb-other");
    for place in ["U2147483697", "C1/1515449522.000016", "T1:C1/1515449522.000016", "T2:U1"] {
        assert_eq!(send(&slack, place).await, "Sent");
    }
    let sent = api.called("chat.postMessage", 4).await;
    let blocks =
        json!([{"type": "section", "text": {"type": "mrkdwn", "text": "Hello &amp; goodbye!", "verbatim": true}}]);
    let metadata = json!({"event_type": "flow_reply", "event_payload": {"key": "a key"}});
    let direct = json!({
        "channel": "U2147483697", "text": "Hello &amp; goodbye!", "blocks": blocks, "metadata": metadata,
        "unfurl_links": false, "unfurl_media": false,
    });
    assert_eq!((&sent[0].arguments, &*sent[0].token), (&direct, TOKEN));
    assert_eq!(
        (&sent[1].arguments["channel"], &sent[1].arguments["thread_ts"]),
        (&json!("C1"), &json!("1515449522.000016"))
    );
    assert_eq!((&sent[2].arguments["channel"], &*sent[2].token), (&json!("C1"), "xoxb-other"));
    assert_eq!((&sent[3].arguments["channel"], &*sent[3].token), (&json!("U1"), TOKEN));
}

#[tokio::test]
async fn each_refusal_has_its_fate() {
    let api = WebApi::open().await;
    let slack = api.slack();
    for (codes, fate) in [
        ("ratelimited rate_limited", "Again { after: 0ns, scope: Chat }"),
        (
            "not_authed invalid_auth account_inactive token_revoked token_expired missing_scope org_login_required team_added_to_org",
            "Again { after: 60s, scope: Channel }",
        ),
        (
            "channel_not_found user_not_found is_archived not_in_channel no_permission access_denied restricted_action msg_too_long msg_blocks_too_long invalid_blocks no_text",
            "Never",
        ),
        ("messages_tab_disabled", "Again { after: 60s, scope: Chat }"),
        ("fatal_error internal_error", "InDoubt"),
        ("service_unavailable request_timeout message_limit_exceeded something_new Canary!", "Failed"),
    ] {
        for code in codes.split(' ') {
            api.refuses(code);
            assert_eq!(send(&slack, "U1").await, fate, "{code}");
        }
    }
    api.answers(429, Some("34"), &json!({"ok": false, "error": "ratelimited"}));
    assert_eq!(send(&slack, "U1").await, "Again { after: 34s, scope: Chat }");
    api.answers(429, None, &json!({}));
    assert_eq!(send(&slack, "U1").await, "Again { after: 0ns, scope: Chat }");
    for status in [500, 502, 503, 504] {
        api.answers(status, None, &json!({"ok": true}));
        assert_eq!(send(&slack, "U1").await, "InDoubt", "{status}");
    }
    api.answers(200, None, &json!("a page of a proxy"));
    assert_eq!(send(&slack, "U1").await, "Failed");
    assert_eq!(send(&slack, "U1").await, "Sent");
}

#[tokio::test]
async fn nobody_there_is_no_doubt_and_a_connection_that_ends_is() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let base = format!("http://{}/api", listener.local_addr().expect("an address"));
    let slack = Slack::new(TOKEN, SIGNING_SECRET).api(&base);
    let (fate, ()) = tokio::join!(send(&slack, "U1"), async {
        drop(listener.accept().await.expect("a connection"));
    });
    assert_eq!(fate, "InDoubt");
    drop(listener);
    assert_eq!(send(&slack, "U1").await, "Failed");
    assert_eq!(slack.find_out("C1/1.2", "a key").await, Found::Unknown);
}

#[tokio::test]
async fn a_message_in_doubt_is_found_by_what_slack_keeps_with_it() {
    let api = WebApi::open().await;
    let slack = api.slack();
    let message =
        |key: &str| json!({"ts": "1.3", "metadata": {"event_type": "flow_reply", "event_payload": {"key": key}}});
    let others = [json!({"ts": "1.2", "text": "a key"}), message("another key")];
    let told = |mine: bool, has_more: bool| {
        let messages: Vec<_> = others.iter().cloned().chain(mine.then(|| message("a key"))).collect();
        json!({"ok": true, "messages": messages, "has_more": has_more})
    };
    for (told, found) in [
        (told(true, true), Found::Sent),
        (told(false, false), Found::NotSent),
        (told(false, true), Found::Unknown),
        (json!({"ok": false, "error": "missing_scope"}), Found::Unknown),
        (json!({"ok": true}), Found::Unknown),
    ] {
        api.answers(200, None, &told);
        assert_eq!(slack.find_out("C1/1515449522.000016", "a key").await, found, "{told}");
    }
    let looked = &api.called("conversations.replies", 5).await[0].arguments;
    assert_eq!(
        (&looked["channel"], &looked["ts"], &looked["include_all_metadata"]),
        (&json!("C1"), &json!("1515449522.000016"), &json!("true"))
    );
    // Direct messages have a channel of their own, which their user does not tell.
    api.answers(200, None, &json!({"ok": true, "channel": {"id": "D024BE91L"}}));
    api.answers(200, None, &told(true, false));
    assert_eq!(slack.find_out("U1", "a key").await, Found::Sent);
    assert_eq!(api.called("conversations.open", 1).await[0].arguments, json!({"users": "U1"}));
    assert_eq!(api.called("conversations.history", 1).await[0].arguments["channel"], "D024BE91L");
    api.refuses("missing_scope");
    assert_eq!(slack.find_out("U1", "a key").await, Found::Unknown);
}

#[tokio::test]
async fn a_file_is_fetched_from_slack_and_from_nobody_else() {
    let api = WebApi::open().await;
    let files = api.slack().files();
    let file = |reference: &str| Media::new(MediaKind::Image, reference).with_media_type("image/png");
    api.answers(200, None, &json!("bytes"));
    let mut download = Download::within(100);
    files.fetch(&file(&format!("{}/a.png", api.base())), &mut download).await.expect("fetched");
    assert_eq!((download.bytes(), &*api.calls()[0].token), (&b"\"bytes\""[..], TOKEN));
    // Its token is shown to nobody else.
    for elsewhere in
        ["https://evil.example/a.png", "https://slack.com.evil.example/a", "http://files.slack.com/a", "a.png", ""]
    {
        let error = files.fetch(&file(elsewhere), &mut Download::within(9)).await.expect_err("not fetched");
        assert_eq!(error.downcast_ref::<NoFile>(), Some(&NoFile::Elsewhere), "{elsewhere}");
    }
    // Larger than it may be, told beforehand or not.
    api.answers(200, None, &json!("more than nine bytes"));
    let url = format!("{}/b.png", api.base());
    files.fetch(&file(&url), &mut Download::within(9)).await.expect_err("too large");
    files.fetch(&file(&url).with_size(10), &mut Download::within(9)).await.expect_err("too large");
    // A file of a workspace that was added is asked for with its token.
    let added = api.slack().workspace("T061EG9R6", "xoxb-other").files();
    let of_added = format!("{}/files-pri?/T061EG9R6-F0RDC39U1/a.png", api.base());
    added.fetch(&file(&of_added), &mut Download::within(99)).await.expect("fetched");
    assert_eq!(api.calls().pop().expect("a call").token, "xoxb-other");
    api.answers(404, None, &json!("gone"));
    let error = files.fetch(&file(&url), &mut Download::within(9)).await.expect_err("gone");
    assert_eq!(error.to_string(), "Slack has answered with status 404 instead of the file");
    assert_eq!(api.calls().len(), 4);
}
