//! Wherever it is put, however often, and however it is told.

use flow_proving::Browser;
use serde_json::json;

use super::{
    server::ChatServer,
    visitor::{CHAT, SOON, assert_clean, open_chat, say, wait_for_log},
};

/// What each chat of a page shows of what was said.
const LOGS: &str = "[...document.querySelectorAll('flow-chat')].map((chat) => \
                    [...chat.shadowRoot.querySelectorAll('.entries .bubble')].map((one) => one.textContent))";

#[tokio::test]
async fn two_chats_on_one_page_are_one_conversation_if_they_speak_to_one_bot() {
    let (server, browser) = (ChatServer::start().await, Browser::start().await);
    let page = browser
        .open(&server.page_with("<flow-chat src='/chat'></flow-chat><flow-chat src='/chat/' id=second></flow-chat>"))
        .await;
    page.wait_for("window.second?.shadowRoot?.querySelector('textarea') != null", SOON).await;
    page.evaluate("document.querySelector('flow-chat').say('one')").await;
    page.wait_for(&format!("{LOGS}.every((log) => log.length === 2)"), SOON).await;
    page.evaluate("second.say('two')").await;
    let said = json!(["one", "You said: one", "two", "You said: two"]);
    page.wait_for(&format!("JSON.stringify({LOGS}) === {}", json!(json!([said, said]).to_string())), SOON).await;
    assert_eq!((server.issued(), server.open_streams()), (1, 1));
    // The first is taken away, and the second goes on.
    page.evaluate("document.querySelector('flow-chat').remove()").await;
    page.evaluate("second.say('three')").await;
    assert_eq!(server.wait_for_taken(3).await, ["one", "two", "three"]);
    page.wait_for(&format!("{LOGS}[0].length === 6"), SOON).await;
    assert_clean(&page);
}

#[tokio::test]
async fn chats_of_two_bots_on_one_page_know_nothing_of_each_other() {
    let (server, browser) = (ChatServer::start().await, Browser::start().await);
    let page = browser
        .open(&server.page_with("<flow-chat src='/chat'></flow-chat><flow-chat src='/away' id=second></flow-chat>"))
        .await;
    page.wait_for("window.second?.shadowRoot?.querySelector('textarea') != null", SOON).await;
    page.evaluate("second.say('lost')").await;
    page.evaluate("document.querySelector('flow-chat').say('one')").await;
    let logs = json!([["one", "You said: one"], ["lost"]]);
    page.wait_for(&format!("JSON.stringify({LOGS}) === {}", json!(logs.to_string())), SOON).await;
    page.evaluate("second.forget()").await;
    page.wait_for(&format!("{LOGS}[1].length === 0"), SOON).await;
    page.reload().await;
    page.wait_for(&format!("{LOGS}[0]?.length === 2"), SOON).await;
    assert_clean(&page);
}

#[tokio::test]
async fn an_element_that_is_taken_away_and_put_back_goes_on() {
    let (server, browser) = (ChatServer::start().await, Browser::start().await);
    let page = browser.open(&server.page_with("<div id=place></div><flow-chat src='/chat'></flow-chat>")).await;
    open_chat(&page).await;
    say(&page, "one").await;
    wait_for_log(&page, &["> one", "You said: one"]).await;
    page.type_text("half a sen").await;
    for _ in 0..20 {
        page.evaluate("place.append(document.querySelector('flow-chat'))").await;
    }
    assert_eq!(page.evaluate(&format!("{CHAT}.querySelector('textarea').value")).await, "half a sen");
    page.evaluate("window.chat = document.querySelector('flow-chat'); chat.remove()").await;
    server.wait_until("what is not on the page has no stream", |server| server.open_streams() == 0).await;
    server.say(json!({ "text": "There" }));
    page.evaluate("place.append(chat)").await;
    wait_for_log(&page, &["> one", "You said: one", "There"]).await;
    server.wait_until("one stream", |server| server.open_streams() == 1).await;
    page.evaluate("chat.say('two')").await;
    assert_eq!(server.wait_for_taken(2).await, ["one", "two"]);
    assert_clean(&page);
}

#[tokio::test]
async fn what_a_page_says_before_the_chat_is_there_is_heard() {
    let (server, browser) = (ChatServer::start().await, Browser::start().await);
    let page = browser.blank().await;
    // A page's own script often runs before the module has come, and speaks to an element that is none yet.
    page.run_first(
        "document.addEventListener('readystatechange', () => { const chat = document.querySelector('flow-chat'); \
         if (document.readyState === 'interactive') chat.texts = { input: 'Uw bericht' }; });",
    )
    .await;
    page.go_to(&server.page_with("<flow-chat src='/chat'></flow-chat>")).await;
    let words = format!("{CHAT}?.querySelector('textarea')?.placeholder");
    page.wait_for(&format!("{words} != null"), SOON).await;
    assert_eq!(page.evaluate(&words).await, "Uw bericht");
    page.evaluate("document.querySelector('flow-chat').texts = { input: 'Je bericht' }").await;
    assert_eq!(page.evaluate(&words).await, "Je bericht");
    // One that is made by a script says what it was told once it stands on the page.
    page.evaluate(
        "(() => { document.querySelector('flow-chat').remove(); const chat = document.createElement('flow-chat'); \
         chat.setAttribute('src', '/chat'); chat.say('one'); chat.show(); document.body.append(chat); chat.say('two'); })()",
    )
    .await;
    assert_eq!(server.wait_for_taken(2).await, ["one", "two"]);
    assert_eq!(page.evaluate(&format!("{CHAT}.querySelector('.panel').hidden")).await, false);
    assert_clean(&page);
}
