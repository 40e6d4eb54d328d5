//! The page that plays Telegram, in a real browser, with a bot that polls the stub as it would poll Telegram.

mod bot;

use std::time::Duration;

use flow_proving::{Browser, Looks, Page, Theme};
use flow_testkit::stubs::TelegramStub;
use serde_json::json;

use self::bot::start_bot;

/// Longer than anything takes, also beside other tests.
const SOON: Duration = Duration::from_secs(20);

/// What stands in the chat, each with whether it is the visitor's own.
const LOG: &str = "[...document.querySelectorAll('#log article')].map((one) => \
                   (one.matches('.own') ? '> ' : '') + [...one.querySelectorAll('p:not(.small)')].map((text) => text.textContent).join(' '))";

fn button(label: &str) -> String {
    format!("[...document.querySelectorAll('button')].findLast((one) => one.textContent === '{label}')")
}

async fn say(page: &Page, text: &str) {
    page.click("document.getElementById('text')").await;
    page.type_text(text).await;
    page.press_key("Enter").await;
}

async fn wait_for_log(page: &Page, wanted: &[&str]) {
    page.wait_for(&format!("JSON.stringify({LOG}) === {}", json!(json!(wanted).to_string())), SOON).await;
}

/// A page with the first visitor's chat open, and the bot behind it.
async fn open() -> (TelegramStub, Browser, Page) {
    let telegram = TelegramStub::start().await;
    start_bot(&telegram);
    let browser = Browser::start().await;
    let page = browser.open(&telegram.page()).await;
    page.wait_for("document.querySelector('#chats button[aria-current=true]') !== null", SOON).await;
    page.wait_for("document.getElementById('bot').textContent.includes('polls')", SOON).await;
    (telegram, browser, page)
}

fn assert_clean(page: &Page) {
    assert_eq!((page.console_messages(), page.violations()), (Vec::new(), Vec::new()));
}

#[tokio::test]
async fn a_conversation_is_held_with_words_buttons_and_what_is_sent_besides() {
    let (_telegram, _browser, page) = open().await;
    say(&page, "book").await;
    wait_for_log(&page, &["> book", "For how many?"]).await;
    page.click(&button("Two")).await;
    wait_for_log(&page, &["> book", "For how many?", "For two."]).await;
    page.evaluate("document.querySelector('details.more').open = true").await;
    page.click("document.getElementById('place')").await;
    page.click("document.getElementById('own-contact')").await;
    let all =
        ["> book", "For how many?", "For two.", "> 📍 52.52, 13.405", "A place.", "> 👤 Ada, +491701234567", "A card."];
    wait_for_log(&page, &all).await;

    // What goes to and fro is there as it is, and so is why something was refused.
    say(&page, "long").await;
    let refused = "document.querySelector('#calls .bad')?.textContent === '400: Bad Request: message is too long'";
    page.wait_for(refused, SOON).await;
    let raw = "document.querySelector('#deliveries pre').textContent.includes('\"text\": \"long\"')";
    page.wait_for(raw, SOON).await;
    assert_clean(&page);
}

#[tokio::test]
async fn faults_are_made_and_seen_and_are_over() {
    let (telegram, _browser, page) = open().await;
    page.click(&button("Too many, 30 s")).await;
    page.wait_for("document.getElementById('wrong').textContent.startsWith('too many requests')", SOON).await;
    say(&page, "book").await;
    page.wait_for("document.querySelector('#calls .bad')?.textContent.startsWith('429: Too Many Requests')", SOON)
        .await;
    page.click(&button("All well")).await;
    page.wait_for("document.getElementById('wrong').textContent === ''", SOON).await;
    page.click(&button("Lose next answer")).await;
    say(&page, "book").await;
    // Taken and not heard of, it is sent again by a bot that knows no better.
    wait_for_log(&page, &["> book", "> book", "For how many?", "For how many?"]).await;
    page.wait_for("document.getElementById('calls').textContent.includes('the answer was lost')", SOON).await;

    page.click("document.getElementById('limits')").await;
    page.wait_for("document.getElementById('limits').checked", SOON).await;
    page.click(&button("Away, 30 s")).await;
    page.wait_for("document.getElementById('wrong').textContent.startsWith('away')", SOON).await;
    telegram.faults().clear();
    assert_clean(&page);
}

#[tokio::test]
async fn groups_are_written_to_by_several_and_a_reload_keeps_all() {
    let (telegram, _browser, page) = open().await;
    page.click(&button("Group")).await;
    page.wait_for("document.querySelectorAll('#writer option').length === 2", SOON).await;
    say(&page, "just talking").await;
    wait_for_log(&page, &["> just talking"]).await;
    say(&page, "/book").await;
    wait_for_log(&page, &["> just talking", "> /book", "For how many?"]).await;
    page.reload().await;
    wait_for_log(&page, &["> just talking", "> /book", "For how many?"]).await;
    assert_eq!(page.evaluate("document.querySelectorAll('#chats button').length").await, 2);
    page.evaluate("document.querySelector('details.more').open = true").await;
    page.click("document.getElementById('block')").await;
    page.wait_for("document.getElementById('block').textContent === 'Unblock the bot'", SOON).await;
    say(&page, "/book").await;
    page.wait_for("document.getElementById('told').textContent.includes('blocked')", SOON).await;
    assert!(telegram.pending() < 2);
    // The refusal stands in the console of a browser as a request that failed, which is none of the page's words.
    assert_eq!(page.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn the_page_can_be_read_and_used_by_everybody_light_and_dark() {
    let (_telegram, _browser, page) = open().await;
    say(&page, "book").await;
    wait_for_log(&page, &["> book", "For how many?"]).await;
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })").await;
    for theme in [Theme::Light, Theme::Dark] {
        page.set_looks(Looks { theme, ..Looks::default() }).await;
        page.keep_picture(&format!("telegram-page-{theme:?}")).await;
        assert_eq!(page.hard_to_see("document").await, [""; 0], "{theme:?}");
        assert_eq!(page.hard_to_hit("document").await, [""; 0], "{theme:?}");
    }
    let tree = page.accessibility_tree().await;
    let named = |role: &str, name: &str| tree.iter().any(|node| node.role == role && node.name == name);
    for (role, name) in [
        ("navigation", "Chats"),
        ("main", "Chat"),
        ("log", "Messages"),
        ("complementary", "What goes to and fro"),
        ("textbox", "Message"),
        ("button", "Send"),
        ("button", "Two"),
    ] {
        assert!(named(role, name), "{role} {name}");
    }
    let nameless: Vec<_> = tree
        .iter()
        .filter(|node| matches!(&*node.role, "button" | "textbox" | "checkbox") && node.name.is_empty())
        .collect();
    assert!(nameless.is_empty(), "{nameless:?}");
    assert_clean(&page);
}
