//! What a browser keeps, where it has no room for it, and a clock that is wrong.

use std::time::Duration;

use flow_proving::{Browser, Page};
use serde_json::json;
use tokio::time::sleep;

use super::{
    server::{ChatServer, Plan},
    visitor::{CHAT, SOON, assert_clean, log, open_chat, say, set_timing, wait_for_log},
};

/// Leaves no room for another character.
const FILL: &str = "(() => { for (let size = 2 ** 22; size >= 1; size /= 2) { try { for (let turn = 0; ; turn += 1) \
                    localStorage.setItem(`full ${size} ${turn}`, 'x'.repeat(size)); } catch {} } return true; })()";

/// The clock of the page from now on: by so many milliseconds ahead of the true one.
async fn set_clock(page: &Page, ahead: &str) {
    let set = format!(
        "(() => {{ const now = (window.trueNow ??= Date.now); Date.now = () => now.call(Date) + ({ahead}); return true; }})()"
    );
    page.evaluate(&set).await;
}

const YEARS: &str = "10 * 365 * 86_400_000";

#[tokio::test]
async fn a_browser_that_keeps_nothing_still_talks() {
    let (server, browser) = (ChatServer::start().await, Browser::start().await);
    let page = browser.blank().await;
    page.run_first(
        "for (const name of ['localStorage', 'sessionStorage']) \
         Object.defineProperty(window, name, { get() { throw new DOMException('', 'SecurityError'); } });",
    )
    .await;
    page.go_to(&server.chat()).await;
    open_chat(&page).await;
    server.plan(&[Plan::Fail(503, None)]);
    for text in ["one", "two"] {
        say(&page, text).await;
    }
    assert_eq!(server.wait_for_taken(2).await, ["one", "two"]);
    wait_for_log(&page, &["> one", "You said: one", "> two", "You said: two"]).await;
    assert_clean(&page);
}

#[tokio::test]
async fn a_browser_without_room_loses_no_message() {
    let (server, browser) = (ChatServer::start().await, Browser::start().await);
    let page = browser.open(&server.chat()).await;
    open_chat(&page).await;
    page.evaluate(FILL).await;
    for text in ["one", "two"] {
        say(&page, text).await;
    }
    assert_eq!(server.wait_for_taken(2).await, ["one", "two"]);
    page.wait_for(&format!("{CHAT}.querySelectorAll('.reply').length === 2"), SOON).await;
    assert_eq!(server.posts().len(), 2);
    assert_clean(&page);
}

#[tokio::test]
async fn what_was_not_sent_has_room_before_what_was_said() {
    let (server, browser) = (ChatServer::start().await, Browser::start().await);
    let page = browser.open(&server.chat()).await;
    open_chat(&page).await;
    say(&page, "Hello").await;
    wait_for_log(&page, &["> Hello", "You said: Hello"]).await;
    for number in 0..20 {
        server.say(json!({ "text": format!("{number} {}", "word ".repeat(50)) }));
    }
    page.wait_for(&format!("{CHAT}.querySelectorAll('.reply').length === 21"), SOON).await;
    page.set_offline(true).await;
    page.evaluate(FILL).await;
    for text in ["one", "two"] {
        say(&page, text).await;
    }
    page.wait_for(&format!("{CHAT}.querySelectorAll('.waiting').length === 2"), SOON).await;
    page.close().await;
    let page = browser.open(&server.chat()).await;
    assert_eq!(server.wait_for_taken(3).await, ["Hello", "one", "two"]);
    page.wait_for(&format!("{CHAT}.querySelector('.entries').textContent.includes('You said: two')"), SOON).await;
    assert_eq!(server.issued(), 1, "it is the same conversation");
    assert_clean(&page);
}

#[tokio::test]
async fn a_browser_that_fails_at_every_write_still_talks() {
    let (server, browser) = (ChatServer::start().await, Browser::start().await);
    let page = browser.blank().await;
    page.run_first("Storage.prototype.setItem = () => { throw new DOMException('', 'QuotaExceededError'); };").await;
    page.go_to(&server.chat()).await;
    open_chat(&page).await;
    say(&page, "one").await;
    wait_for_log(&page, &["> one", "You said: one"]).await;
    say(&page, "two").await;
    wait_for_log(&page, &["> one", "You said: one", "> two", "You said: two"]).await;
    server.say(json!({ "text": "There" }));
    wait_for_log(&page, &["> one", "You said: one", "> two", "You said: two", "There"]).await;
    assert_clean(&page);
}

#[tokio::test]
async fn what_another_hand_has_written_there_breaks_nothing() {
    let (server, browser) = (ChatServer::start().await, Browser::start().await);
    let page = browser.open(&server.chat()).await;
    open_chat(&page).await;
    say(&page, "Hello").await;
    wait_for_log(&page, &["> Hello", "You said: Hello"]).await;
    let spoilt = ["null", "5", "[", "{}", "{\"entries\":5}", "{\"entries\":[null,5,{}]}", "\u{0}"];
    for spoilt in spoilt {
        let spoil = format!(
            "for (const key of Object.keys(localStorage)) if (/log|lease|read/.test(key)) localStorage[key] = {}; \
            localStorage['flow-chat:' + new URL('/chat', location).href + ':out:x'] = {0}; true",
            json!(spoilt)
        );
        page.evaluate(&spoil).await;
        page.reload().await;
        open_chat(&page).await;
        let text = format!("after {spoilt:?}").replace('"', "");
        say(&page, &text).await;
        let answered =
            format!("{CHAT}.querySelector('.entries').textContent.includes({})", json!(format!("You said: {text}")));
        page.wait_for(&answered, SOON).await;
    }
    assert_clean(&page);
}

#[tokio::test]
async fn a_clock_that_is_put_right_changes_no_order_and_no_patience() {
    let (server, browser) = (ChatServer::start().await, Browser::start().await);
    let page = browser.open(&server.chat()).await;
    set_timing(&page, "{ typing: 500 }").await;
    set_clock(&page, YEARS).await;
    open_chat(&page).await;
    say(&page, "one").await;
    wait_for_log(&page, &["> one", "You said: one"]).await;
    page.set_offline(true).await;
    say(&page, "two").await;
    set_clock(&page, &format!("-3 * {YEARS}")).await;
    say(&page, "three").await;
    set_clock(&page, "-Date.UTC(2100, 0)").await;
    say(&page, "four").await;
    page.set_offline(false).await;
    assert_eq!(server.wait_for_taken(4).await, ["one", "two", "three", "four"]);
    let is_answered = format!("{CHAT}.querySelector('.entries').textContent.includes('You said: four')");
    page.wait_for(&is_answered, SOON).await;
    set_clock(&page, YEARS).await;
    server.type_something();
    let is_hidden = format!("{CHAT}.querySelector('.typing').hidden");
    page.wait_for(&format!("!{is_hidden}"), SOON).await;
    set_clock(&page, "0").await;
    page.wait_for(&is_hidden, SOON).await;
    assert_clean(&page);
}

#[tokio::test]
async fn where_streams_are_held_back_a_clock_that_is_put_right_is_no_reason_to_ask_for_years() {
    let (server, browser) = (ChatServer::start().await, Browser::start().await);
    server.hold_streams_back();
    let page = browser.open(&server.chat()).await;
    set_timing(&page, "{ silence: 300, ask: 100, asking: 1_000 }").await;
    set_clock(&page, YEARS).await;
    open_chat(&page).await;
    say(&page, "Hello").await;
    wait_for_log(&page, &["> Hello", "You said: Hello"]).await;
    set_clock(&page, "0").await;
    server.wait_until("a stream is tried again", |server| server.resumed_after().len() >= 2).await;
    assert_clean(&page);
}

#[tokio::test]
async fn a_tab_that_slept_for_a_day_begins_its_stream_anew_and_tells_the_day() {
    let (server, browser) = (ChatServer::start().await, Browser::start().await);
    let page = browser.open(&server.chat()).await;
    open_chat(&page).await;
    say(&page, "Hello").await;
    server.say(json!({ "text": "now", "at": page.evaluate("new Date().toISOString()").await }));
    page.wait_for(&format!("{CHAT}.querySelectorAll('.reply').length === 2"), SOON).await;
    let times = format!("[...{CHAT}.querySelectorAll('.entry')].map((one) => one.lastChild.textContent)");
    let before = page.evaluate(&times).await;
    page.set_hidden(true).await;
    // The connection is gone, and nothing has told the browser so.
    server.lose_streams();
    server.say(json!({ "text": "Overnight" }));
    sleep(Duration::from_millis(300)).await;
    assert_eq!(log(&page).await.len(), 3);
    page.evaluate(
        "window.Date = class extends Date { constructor(...given) { given.length ? super(...given) : super(Date.now()); } \
         static now() { return super.now() + 86_400_000; } }; true",
    )
    .await;
    page.set_hidden(false).await;
    page.wait_for(&format!("{CHAT}.querySelectorAll('.reply').length === 3"), Duration::from_secs(15)).await;
    let after = page.evaluate(&times).await;
    assert_ne!(before[0], after[0], "what was said yesterday does not look like today's");
    assert_ne!(before[2], after[2], "nor does what was replied");
    assert_clean(&page);
}

#[tokio::test]
async fn what_only_one_window_has_is_said_by_that_window() {
    let (server, browser) = (ChatServer::start().await, Browser::start().await);
    let first = browser.open(&server.chat()).await;
    open_chat(&first).await;
    say(&first, "one").await;
    wait_for_log(&first, &["> one", "You said: one"]).await;
    // A second window beside the first, for which there is no room.
    let second = browser.open(&server.chat()).await;
    open_chat(&second).await;
    let full = "Storage.prototype.setItem = () => { throw new DOMException('', 'QuotaExceededError'); }; true";
    second.evaluate(full).await;
    say(&second, "two").await;
    assert_eq!(server.wait_for_taken(2).await, ["one", "two"]);
    // It leaves the lead to the one that can write, which both show from then on.
    let two = ["> one", "You said: one", "You said: two"];
    wait_for_log(&first, &two).await;
    say(&first, "three").await;
    assert_eq!(server.wait_for_taken(3).await, ["one", "two", "three"]);
    let three = [&two[..], &["> three", "You said: three"]].concat();
    wait_for_log(&first, &three).await;
    wait_for_log(&second, &three).await;
    assert_eq!(server.issued(), 1, "it is the same conversation");
    assert_clean(&first);
    assert_clean(&second);
}
