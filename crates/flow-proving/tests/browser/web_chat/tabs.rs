//! Several tabs are one conversation, and one of them speaks.

use std::collections::BTreeSet;

use flow_proving::Browser;
use serde_json::json;

use super::{
    server::{ChatServer, Plan},
    visitor::{CHAT, SOON, assert_clean, open_chat, say, wait_for_log},
};

async fn two_tabs_are_one_conversation(before: &str) {
    let (server, browser) = (ChatServer::start().await, Browser::start().await);
    let (first, second) = (browser.blank().await, browser.blank().await);
    for page in [&first, &second] {
        page.run_first(before).await;
        page.go_to(&server.chat()).await;
        open_chat(page).await;
    }
    say(&first, "one").await;
    wait_for_log(&second, &["> one", "You said: one"]).await;
    say(&second, "two").await;
    let both = ["> one", "You said: one", "> two", "You said: two"];
    wait_for_log(&first, &both).await;
    wait_for_log(&second, &both).await;
    server.plan(&[Plan::Fail(503, None)]);
    say(&first, "three").await;
    say(&second, "four").await;
    assert_eq!(server.wait_for_taken(4).await, ["one", "two", "three", "four"]);
    assert_eq!(server.posts().len(), 5, "each once, and once again after the 503");
    assert_eq!((server.issued(), server.open_streams()), (1, 1), "one conversation, one stream");
    first.close().await;
    say(&second, "five").await;
    assert_eq!(server.wait_for_taken(5).await[4], "five", "the other tab speaks now");
    second.wait_for(&format!("{CHAT}.querySelectorAll('.reply').length === 5"), SOON).await;
    server.say(json!({ "text": "There" }));
    second.wait_for(&format!("{CHAT}.querySelector('.entries').lastChild.textContent.includes('There')"), SOON).await;
    assert_clean(&second);
}

#[tokio::test]
async fn two_tabs_show_the_same_and_send_once() {
    two_tabs_are_one_conversation("").await;
}

#[tokio::test]
async fn so_they_do_without_web_locks() {
    two_tabs_are_one_conversation("Object.defineProperty(Navigator.prototype, 'locks', { value: undefined });").await;
}

#[tokio::test]
async fn a_tab_that_is_hidden_leaves_the_lead_to_one_that_is_looked_at() {
    let (server, browser) = (ChatServer::start().await, Browser::start().await);
    let first = browser.open(&server.chat()).await;
    open_chat(&first).await;
    say(&first, "one").await;
    wait_for_log(&first, &["> one", "You said: one"]).await;
    first.set_hidden(true).await;
    let second = browser.open(&server.chat()).await;
    server.wait_until("the second tab has a stream of its own", |server| server.resumed_after().len() == 2).await;
    server.wait_until("the first tab has none", |server| server.open_streams() == 1).await;
    say(&second, "two").await;
    wait_for_log(&first, &["> one", "You said: one", "> two", "You said: two"]).await;
    assert_eq!(server.posts().len(), 2);
    assert_clean(&first);
    assert_clean(&second);
}

#[tokio::test]
async fn a_tab_that_gives_no_sign_loses_the_lead() {
    let (server, browser) = (ChatServer::start().await, Browser::start().await);
    let first = browser.open(&server.chat()).await;
    open_chat(&first).await;
    say(&first, "one").await;
    wait_for_log(&first, &["> one", "You said: one"]).await;
    // Its reply may be there before its answer, without which it would be sent again.
    first.wait_for(&format!("{CHAT}.querySelectorAll('.waiting').length === 0"), SOON).await;
    // As a phone does with a tab behind another one: it runs no more, and still has the lock.
    first.suspend().await;
    let second = browser.open(&server.chat()).await;
    say(&second, "two").await;
    wait_for_log(&second, &["> one", "You said: one", "> two", "You said: two"]).await;
    assert_eq!(server.posts().len(), 2);
    first.resume().await;
    wait_for_log(&first, &["> one", "You said: one", "> two", "You said: two"]).await;
    server.wait_until("one stream is left", |server| server.open_streams() == 1).await;
    say(&first, "three").await;
    assert_eq!(server.wait_for_taken(3).await, ["one", "two", "three"]);
    // While the lead changes hands both tabs may send it, under its one id.
    let ids: BTreeSet<_> = server.posts().into_iter().map(|(id, _)| id).collect();
    assert_eq!(ids.len(), 3);
    assert_clean(&second);
}

#[tokio::test]
async fn unread_replies_are_counted_until_a_tab_shows_them() {
    let (server, browser) = (ChatServer::start().await, Browser::start().await);
    let body = r#"<flow-chat src="/chat" title-mark></flow-chat>"#;
    let url = server.page_with(body);
    let page = browser.open(&url).await;
    page.evaluate(
        "window.heard = []; for (const name of ['flow-chat-open', 'flow-chat-unread']) \
         addEventListener(name, ({ type, detail }) => heard.push([type, detail.open ?? detail.count])); true",
    )
    .await;
    open_chat(&page).await;
    say(&page, "one").await;
    wait_for_log(&page, &["> one", "You said: one"]).await;
    page.click(&format!("{CHAT}.querySelector('.close')")).await;
    let badge = format!("{CHAT}.querySelector('.badge').textContent");
    for count in ["1", "2"] {
        server.say(json!({ "text": "a" }));
        page.wait_for(&format!("{badge} === '{count}'"), SOON).await;
    }
    assert_eq!(page.evaluate("document.title").await, "(2) Salon");
    let launcher = page.evaluate(&format!("{CHAT}.querySelector('.launcher').ariaLabel")).await;
    assert_eq!(launcher, "Open chat, unread messages: 2");
    let other = browser.open(&url).await;
    other.wait_for(&format!("{badge} === '2'"), SOON).await;
    open_chat(&other).await;
    page.wait_for(&format!("{badge} === ''"), SOON).await;
    assert_eq!(page.evaluate("document.title").await, "Salon");
    let heard = json!([
        ["flow-chat-open", true],
        ["flow-chat-open", false],
        ["flow-chat-unread", 1],
        ["flow-chat-unread", 2],
        ["flow-chat-unread", 0],
    ]);
    assert_eq!(page.evaluate("heard").await, heard);
    // A tab behind another one shows nothing, also if its chat is open.
    other.set_hidden(true).await;
    server.say(json!({ "text": "c" }));
    other.wait_for("document.title === '(1) Salon'", SOON).await;
    other.set_hidden(false).await;
    other.wait_for("document.title === 'Salon'", SOON).await;
    assert_clean(&page);
    assert_clean(&other);
}

#[tokio::test]
async fn a_page_that_is_left_and_come_back_to_goes_on() {
    let (server, browser) = (ChatServer::start().await, Browser::start().await);
    let url = server.page_with(r#"<flow-chat src="/chat"></flow-chat>"#);
    let page = browser.open(&url).await;
    open_chat(&page).await;
    say(&page, "one").await;
    wait_for_log(&page, &["> one", "You said: one"]).await;
    page.evaluate("window.isAsItWas = true").await;
    page.go_to(&format!("{url}.css")).await;
    server.wait_until("a page that was left has no stream", |server| server.open_streams() == 0).await;
    server.say(json!({ "text": "There" }));
    page.evaluate("setTimeout(() => history.back())").await;
    // A browser keeps a page like this only if nothing of it goes on; otherwise it would load it anew.
    page.wait_for("window.isAsItWas === true", SOON).await;
    wait_for_log(&page, &["> one", "You said: one", "There"]).await;
    say(&page, "two").await;
    assert_eq!(server.wait_for_taken(2).await, ["one", "two"]);
    assert_clean(&page);
}

#[tokio::test]
async fn a_visitor_who_logs_out_leaves_nothing_in_any_tab() {
    let (server, browser) = (ChatServer::start().await, Browser::start().await);
    let (first, second) = (browser.open(&server.chat()).await, browser.open(&server.chat()).await);
    say(&first, "one").await;
    wait_for_log(&first, &["> one", "You said: one"]).await;
    wait_for_log(&second, &["> one", "You said: one"]).await;
    second.evaluate("document.querySelector('flow-chat').forget()").await;
    for page in [&first, &second] {
        wait_for_log(page, &[]).await;
        assert_eq!(page.evaluate("Object.keys(localStorage)").await, json!([]));
    }
    server.wait_until("nobody listens", |server| server.open_streams() == 0).await;
    server.forget_tokens();
    say(&first, "two").await;
    for page in [&first, &second] {
        wait_for_log(page, &["> two", "You said: two"]).await;
    }
    assert_eq!(server.issued(), 2, "whoever comes next is somebody else");
    assert_clean(&first);
    assert_clean(&second);
}
