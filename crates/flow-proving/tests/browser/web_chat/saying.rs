//! What is said is shown, both ways.

use flow_proving::Browser;
use serde_json::json;

use super::{
    server::ChatServer,
    visitor::{CHAT, SOON, assert_clean, button, log, open_chat, say, wait_for_log},
};

#[tokio::test]
async fn what_the_visitor_says_is_answered() {
    let (server, browser) = (ChatServer::start().await, Browser::start().await);
    let page = browser.open(&server.chat()).await;
    open_chat(&page).await;
    assert_eq!(server.issued(), 0, "a page that is only looked at costs the server nothing");
    say(&page, "Hello").await;
    wait_for_log(&page, &["> Hello", "You said: Hello"]).await;
    say(&page, "How much is it?").await;
    wait_for_log(&page, &["> Hello", "You said: Hello", "> How much is it?", "You said: How much is it?"]).await;
    assert_eq!(server.taken(), ["Hello", "How much is it?"]);
    assert_eq!(server.seen(), [None, Some("1".to_owned())], "the server is told what this browser has");
    assert_eq!(server.issued(), 1);
    assert_clean(&page);
}

#[tokio::test]
async fn a_question_takes_one_answer() {
    let (server, browser) = (ChatServer::start().await, Browser::start().await);
    let page = browser.open(&server.chat()).await;
    open_chat(&page).await;
    say(&page, "choose").await;
    page.wait_for(&format!("{} !== undefined", button("Cut")), SOON).await;
    page.click(&button("Colour")).await;
    wait_for_log(&page, &["> choose", "Which one?", "> Colour", "You said: ~colour"]).await;
    assert_eq!(server.taken(), ["choose", "~colour"]);
    assert_eq!(page.evaluate(&format!("{}.disabled", button("Cut"))).await, true);
    let chosen =
        page.evaluate(&format!("[...{CHAT}.querySelectorAll('.pressed')].map((each) => each.textContent)")).await;
    assert_eq!(chosen, json!(["Colour"]));
    page.click(&button("Cut")).await;
    say(&page, "Thanks").await;
    assert_eq!(server.wait_for_taken(3).await, ["choose", "~colour", "Thanks"]);
    assert_clean(&page);
}

#[tokio::test]
async fn a_keyboard_is_enough() {
    let (server, browser) = (ChatServer::start().await, Browser::start().await);
    let page =
        browser.open(&server.page_with(r#"<a href="/page">A page</a><flow-chat src="/chat"></flow-chat>"#)).await;
    page.wait_for(&format!("{CHAT}?.querySelector('textarea') != null"), SOON).await;
    let focus = format!("{CHAT}.activeElement?.className || {CHAT}.activeElement?.tagName");
    page.press_key("Tab").await;
    page.press_key("Tab").await;
    assert_eq!(page.evaluate(&focus).await, "launcher");
    page.press_key("Enter").await;
    assert_eq!(page.evaluate(&focus).await, "TEXTAREA", "what is written next goes into the chat");
    page.type_text("choose").await;
    page.press_key("Enter").await;
    page.wait_for(&format!("{} !== undefined", button("Cut")), SOON).await;
    page.press_key("Shift+Tab").await;
    assert_eq!(page.evaluate(&format!("{CHAT}.activeElement.textContent")).await, "Colour");
    page.press_key(" ").await;
    assert_eq!(server.wait_for_taken(2).await, ["choose", "~colour"]);
    assert_eq!(page.evaluate(&focus).await, "TEXTAREA", "the button that was pressed is none any more");
    page.press_key("Escape").await;
    assert_eq!(page.evaluate(&focus).await, "launcher");
    assert_eq!(page.evaluate(&format!("{CHAT}.querySelector('.panel').hidden")).await, true);
    assert_clean(&page);
}

#[tokio::test]
async fn text_is_text_and_only_addresses_of_the_web_are_links() {
    let (server, browser) = (ChatServer::start().await, Browser::start().await);
    let page = browser.open(&server.chat()).await;
    open_chat(&page).await;
    say(&page, "Hello").await;
    wait_for_log(&page, &["> Hello", "You said: Hello"]).await;
    let text = "<img src=x onerror=alert(1)> see https://example.com/a?b=1. Not javascript:alert(1)";
    server.say(json!({ "text": text }));
    wait_for_log(&page, &["> Hello", "You said: Hello", text]).await;
    let links =
        format!("[...{CHAT}.querySelectorAll('.bubble a')].map((a) => [a.getAttribute('href'), a.rel, a.target])");
    let links = page.evaluate(&links).await;
    assert_eq!(links, json!([["https://example.com/a?b=1", "noopener noreferrer", "_blank"]]));
    assert_eq!(page.evaluate(&format!("{CHAT}.querySelectorAll('.entries img').length")).await, 0);
    assert_clean(&page);
}

#[tokio::test]
async fn what_cannot_be_shown_holds_nothing_up() {
    let (server, browser) = (ChatServer::start().await, Browser::start().await);
    let page = browser.open(&server.page_with(r#"<flow-chat src="/chat" lang="en_US"></flow-chat>"#)).await;
    open_chat(&page).await;
    say(&page, "Hello").await;
    wait_for_log(&page, &["> Hello", "You said: Hello"]).await;
    for odd in [json!({ "text": 5 }), json!({ "buttons": "x", "attachment": 7 }), json!({ "buttons": [null, {}] })] {
        server.say(odd);
    }
    server.say(json!({ "text": "There" }));
    page.wait_for(&format!("{CHAT}.querySelector('.entries').lastChild.textContent.includes('There')"), SOON).await;
    page.reload().await;
    page.wait_for(&format!("{CHAT}?.querySelectorAll('.reply').length === 5"), SOON).await;
    assert_clean(&page);
}

#[tokio::test]
async fn images_files_and_places_are_shown_and_what_would_run_is_not() {
    let (server, browser) = (ChatServer::start().await, Browser::start().await);
    let page = browser.open(&server.chat()).await;
    open_chat(&page).await;
    say(&page, "Hello").await;
    wait_for_log(&page, &["> Hello", "You said: Hello"]).await;
    let pixel = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7";
    server.say(json!({ "text": "a", "attachment": { "kind": "image", "url": pixel, "label": "Our salon" } }));
    server.say(json!({ "text": "b", "attachment": { "kind": "file", "url": "https://example.com/p.pdf", "name": "Prices.pdf" } }));
    server.say(
        json!({ "text": "c", "attachment": { "kind": "place", "latitude": 52.5, "longitude": 13.4, "label": "Here" } }),
    );
    server.say(json!({ "text": "d", "attachment": { "kind": "file", "url": "javascript:alert(1)", "name": "Bad" } }));
    wait_for_log(&page, &["> Hello", "You said: Hello", "a", "b", "c", "d"]).await;
    assert_eq!(page.evaluate(&format!("{CHAT}.querySelector('img').alt")).await, "Our salon");
    let cards = format!(
        "[...{CHAT}.querySelectorAll('.card')].map((c) => [c.querySelector('b').textContent, c.getAttribute('href')])"
    );
    let map = "https://www.openstreetmap.org/?mlat=52.5&mlon=13.4#map=17/52.5/13.4";
    let cards_wanted = json!([["Prices.pdf", "https://example.com/p.pdf"], ["Here", map], ["Bad", null]]);
    assert_eq!(page.evaluate(&cards).await, cards_wanted);
    assert_clean(&page);
}

#[tokio::test]
async fn typing_is_shown_until_the_reply_comes() {
    let (server, browser) = (ChatServer::start().await, Browser::start().await);
    let page = browser.open(&server.chat()).await;
    open_chat(&page).await;
    say(&page, "Hello").await;
    server.wait_for_taken(1).await;
    wait_for_log(&page, &["> Hello", "You said: Hello"]).await;
    let is_hidden = format!("{CHAT}.querySelector('.typing').hidden");
    assert_eq!(page.evaluate(&is_hidden).await, true);
    server.type_something();
    page.wait_for(&format!("!{is_hidden}"), SOON).await;
    server.say(json!({ "text": "There" }));
    page.wait_for(&is_hidden, SOON).await;
    server.type_something();
    page.wait_for(&format!("!{is_hidden}"), SOON).await;
    // An answer that never comes.
    page.wait_for(&is_hidden, SOON).await;
    assert_clean(&page);
}

#[tokio::test]
async fn the_log_is_there_again_after_a_reload_and_is_bounded() {
    let (server, browser) = (ChatServer::start().await, Browser::start().await);
    let page = browser.open(&server.page_with(r#"<flow-chat src="/chat"></flow-chat>"#)).await;
    open_chat(&page).await;
    say(&page, "Hello").await;
    wait_for_log(&page, &["> Hello", "You said: Hello"]).await;
    page.reload().await;
    wait_for_log(&page, &["> Hello", "You said: Hello"]).await;
    assert_eq!(page.evaluate(&format!("{CHAT}.querySelector('.panel').hidden")).await, false, "it was open");
    server
        .wait_until("a stream begins after the last reply", |server| {
            server.resumed_after().last() == Some(&Some("1".to_owned()))
        })
        .await;
    for number in 0..230 {
        server.say(json!({ "text": format!("number {number}") }));
    }
    page.wait_for(&format!("{CHAT}.querySelector('.entries').lastChild.textContent.includes('number 229')"), SOON)
        .await;
    let lines = log(&page).await;
    assert_eq!((lines.len(), lines[0].as_str()), (200, "number 30"));
    assert_clean(&page);
}

#[tokio::test]
async fn the_element_speaks_the_language_of_the_visitor_or_of_the_page() {
    let (server, browser) = (ChatServer::start().await, Browser::start().await);
    let words = format!("{CHAT}.querySelector('textarea').placeholder");
    let page = browser.blank().await;
    page.set_language("fr-FR").await;
    page.go_to(&server.page_with(r#"<flow-chat src="/chat"></flow-chat>"#)).await;
    assert_eq!(page.evaluate(&words).await, "Votre message");
    page.go_to(&server.page_with(r#"<flow-chat src="/chat" lang="de-AT"></flow-chat>"#)).await;
    assert_eq!(page.evaluate(&words).await, "Ihre Nachricht");
    open_chat(&page).await;
    say(&page, "Hallo").await;
    server.wait_for_taken(1).await;
    assert_eq!(server.languages(), [Some("de-AT".to_owned())]);
    page.go_to(&server.page_with(r#"<flow-chat src="/chat" lang="nl" texts='{"input":"Uw bericht"}'></flow-chat>"#))
        .await;
    assert_eq!(page.evaluate(&words).await, "Uw bericht");
    let send = format!("{CHAT}.querySelector('.send').getAttribute('aria-label')");
    assert_eq!(page.evaluate(&send).await, "Send", "what has no words of its own is English");
    page.evaluate("document.querySelector('flow-chat').texts = { send: 'Versturen' }").await;
    assert_eq!(page.evaluate(&send).await, "Versturen");
    assert_eq!(page.evaluate(&words).await, "Uw bericht");
    assert_clean(&page);
}

#[tokio::test]
async fn the_greeting_and_the_starters_cost_the_server_nothing_until_one_is_pressed() {
    let (server, browser) = (ChatServer::start().await, Browser::start().await);
    let body = r#"<flow-chat src="/chat" open greeting="Welcome!" starters="Book a visit | Prices"></flow-chat>"#;
    let page = browser.open(&server.page_with(body)).await;
    open_chat(&page).await;
    assert_eq!(page.evaluate(&format!("{CHAT}.querySelector('.first .bubble').textContent")).await, "Welcome!");
    assert_eq!(server.issued(), 0);
    page.click(&button("Prices")).await;
    wait_for_log(&page, &["> Prices", "You said: Prices"]).await;
    assert_eq!(page.evaluate(&format!("{}.hidden", button("Prices"))).await, true);
    page.evaluate("document.querySelector('flow-chat').say('Book a visit')").await;
    assert_eq!(server.wait_for_taken(2).await, ["Prices", "Book a visit"]);
    assert_clean(&page);
}

#[tokio::test]
async fn a_visitor_who_reads_further_up_stays_there() {
    let (server, browser) = (ChatServer::start().await, Browser::start().await);
    let page = browser.open(&server.chat()).await;
    open_chat(&page).await;
    say(&page, "Hello").await;
    wait_for_log(&page, &["> Hello", "You said: Hello"]).await;
    for number in 0..60 {
        server.say(json!({ "text": format!("number {number}") }));
    }
    let last_is = |text: &str| format!("{CHAT}.querySelector('.entries').lastChild.textContent.includes('{text}')");
    let from_end = format!(
        "(({{ scrollHeight, scrollTop, clientHeight }}) => scrollHeight - scrollTop - clientHeight)({CHAT}.querySelector('.log'))"
    );
    let is_at_end = format!("{from_end} < 2");
    page.wait_for(&format!("{} && {is_at_end}", last_is("number 59")), SOON).await;
    assert_eq!(page.evaluate(&format!("{CHAT}.querySelector('.latest').hidden")).await, true);
    page.evaluate(&format!("{CHAT}.querySelector('.log').scrollTop = 100")).await;
    page.wait_for(&format!("!{CHAT}.querySelector('.latest').hidden"), SOON).await;
    server.say(json!({ "text": "There" }));
    page.wait_for(&last_is("There"), SOON).await;
    assert_eq!(page.evaluate(&format!("{CHAT}.querySelector('.log').scrollTop")).await, 100);
    page.click(&format!("{CHAT}.querySelector('.latest')")).await;
    page.wait_for(&is_at_end, SOON).await;
    page.evaluate(&format!("{CHAT}.querySelector('.log').scrollTop = 100")).await;
    // What the visitor says is shown to the visitor.
    say(&page, "Thanks").await;
    page.wait_for(&format!("{} && {is_at_end}", last_is("You said: Thanks")), SOON).await;
    assert_clean(&page);
}
