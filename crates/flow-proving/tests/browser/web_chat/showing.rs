//! What goes with a reply is shown, in the visitor's language, and leads nowhere that it should not.

use flow_proving::{Browser, Page};
use serde_json::{Value, json};

use super::{
    server::ChatServer,
    visitor::{CHAT, SOON, assert_clean, open_chat, say, wait_for_log},
};

/// A page with a chat in which something was said, so that the bot may say the rest.
async fn begun(body: &str) -> (ChatServer, Browser, Page) {
    let (server, browser) = (ChatServer::start().await, Browser::start().await);
    let page = browser.open(&server.page_with(body)).await;
    open_chat(&page).await;
    say(&page, "Hello").await;
    wait_for_log(&page, &["> Hello", "You said: Hello"]).await;
    (server, browser, page)
}

/// Waits until so many replies are shown.
async fn replies(page: &Page, count: usize) {
    page.wait_for(&format!("{CHAT}.querySelectorAll('.reply').length === {count}"), SOON).await;
}

/// Every link in the replies: where it leads, what a screen reader calls it, whom it tells where it came from, where it opens.
async fn links(page: &Page) -> Value {
    let links = format!(
        "[...{CHAT}.querySelectorAll('.reply a')].map((a) => [a.getAttribute('href'), \
         a.textContent.trim().replace(/\\s+/g, ' '), a.rel, a.target])"
    );
    page.evaluate(&links).await
}

const RELATION: &str = "noopener noreferrer";

#[tokio::test]
async fn a_link_is_shown_with_the_place_that_it_leads_to() {
    let (server, _browser, page) = begun("<flow-chat src='/chat' lang='de'></flow-chat>").await;
    server.say(json!({ "text": "Pay here.", "link": "https://pay.example/visit/7?key=abc" }));
    server.say(json!({ "link": "mailto:ana@salon.example?bcc=all@salon.example" }));
    server.say(json!({ "text": "Or call.", "link": "tel:+49301234567" }));
    replies(&page, 4).await;
    let wanted = json!([
        ["https://pay.example/visit/7?key=abc", "pay.example Link öffnen", RELATION, "_blank"],
        ["mailto:ana@salon.example", "ana@salon.example Link öffnen", RELATION, ""],
        ["tel:+49301234567", "+49301234567 Link öffnen", RELATION, ""],
    ]);
    assert_eq!(links(&page).await, wanted);
    page.reload().await;
    replies(&page, 4).await;
    assert_eq!(links(&page).await, wanted, "it is kept with its reply");
    assert_clean(&page);
}

#[tokio::test]
async fn a_link_that_would_run_or_lie_leads_nowhere() {
    let (server, _browser, page) = begun("<flow-chat src='/chat'></flow-chat>").await;
    let bad = [
        "javascript:alert(1)",
        " javascript:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "data:image/svg+xml,<svg onload=alert(1)>",
        "blob:https://salon.example/1",
        "file:///etc/passwd",
        "intent://scan/#Intent;scheme=zxing;end",
        // What stands before the @ is a name, and the host is the other one.
        "https://bank.example@salon.invalid/",
        "https://",
    ];
    for link in bad {
        server.say(json!({ "text": "a", "link": link, "attachment": { "kind": "file", "url": link, "name": "b" } }));
        server.say(json!({ "attachment": { "kind": "image", "url": link, "name": "c" } }));
    }
    for odd in [json!(5), json!(null), json!({}), json!(["https://salon.example"])] {
        server.say(json!({ "text": "a", "link": odd, "attachment": { "kind": "file", "url": odd, "name": odd } }));
        server.say(json!({ "attachment": { "kind": odd, "url": odd } }));
        server.say(json!({ "attachment": { "kind": "place", "latitude": "5", "longitude": odd, "label": odd } }));
        let contact = json!({ "kind": "contact", "name": odd, "phones": odd, "emails": [odd] });
        server.say(json!({ "attachment": contact }));
    }
    for kind in ["constructor", "__proto__", "toString", "send"] {
        server.say(json!({ "attachment": { "kind": kind, "url": "x:y", "name": "d" } }));
    }
    server.say(json!({ "text": "the end" }));
    page.wait_for(&format!("{CHAT}.querySelector('.entries').lastChild.textContent.includes('the end')"), SOON).await;
    assert_eq!(links(&page).await, json!([]));
    assert_eq!(page.evaluate(&format!("{CHAT}.querySelectorAll('.reply img').length")).await, 0);
    let told = page.evaluate(&format!("{CHAT}.querySelector('.entries').textContent")).await;
    for odd in ["function", "[object", "NaN", "undefined", "null"] {
        assert!(!told.as_str().expect("text").contains(odd), "{odd} in {told}");
    }
    assert_clean(&page);
}

#[tokio::test]
async fn a_card_can_be_called_and_written_to() {
    let (server, _browser, page) = begun("<flow-chat src='/chat'></flow-chat>").await;
    server.say(json!({ "text": "Ask Ana.", "attachment": { "kind": "contact", "name": "Ana Silva",
        "phones": ["+49 (30) 123-4567", "ask at the desk"],
        "emails": ["ana+visits@salon.example", "a@b.example?bcc=all@salon.example", "none"] } }));
    replies(&page, 2).await;
    let wanted = json!([
        ["tel:+49301234567", "+49 (30) 123-4567", RELATION, ""],
        ["mailto:ana%2Bvisits@salon.example", "ana+visits@salon.example", RELATION, ""],
        // It is one address, however odd, and adds nobody to the letter.
        ["mailto:a@b.example%3Fbcc%3Dall%40salon.example", "a@b.example?bcc=all@salon.example", RELATION, ""],
    ]);
    assert_eq!(links(&page).await, wanted);
    let card = format!("{CHAT}.querySelector('.card').textContent");
    let card = page.evaluate(&card).await;
    for part in ["Ana Silva", "ask at the desk", "none"] {
        assert!(card.as_str().expect("text").contains(part), "{part} in {card}");
    }
    let tree = page.accessibility_tree().await;
    assert!(tree.iter().any(|node| node.role == "group" && node.name == "Contact: Ana Silva"), "{tree:?}");
    assert_clean(&page);
}

#[tokio::test]
async fn an_image_that_cannot_be_loaded_is_a_link_to_it() {
    let (server, _browser, page) = begun("<flow-chat src='/chat'></flow-chat>").await;
    let url = page.evaluate("new URL('/away.png', location).href").await;
    server.say(json!({ "text": "a", "attachment": { "kind": "image", "url": url, "name": "Our salon" } }));
    page.wait_for(&format!("{CHAT}.querySelector('.reply .card') !== null"), SOON).await;
    assert_eq!(links(&page).await, json!([[url, "Our salon Image", RELATION, "_blank"]]));
    assert_eq!(page.evaluate(&format!("{CHAT}.querySelectorAll('.reply img').length")).await, 0);
    assert_clean(&page);
}

#[tokio::test]
async fn a_message_says_the_language_of_the_page_on_which_it_was_written() {
    let (server, browser) = (ChatServer::start().await, Browser::start().await);
    let german = browser.open(&server.page_with("<flow-chat src='/chat' lang='de_AT'></flow-chat>")).await;
    open_chat(&german).await;
    say(&german, "one").await;
    wait_for_log(&german, &["> one", "You said: one"]).await;
    // The other tab speaks to the server, and in whose language it was said is told all the same.
    let filipino = browser.open(&server.page_with("<flow-chat src='/chat' lang='fil'></flow-chat>")).await;
    german.set_hidden(true).await;
    filipino.set_hidden(true).await;
    filipino.evaluate("document.querySelector('flow-chat').say('two')").await;
    server.wait_for_taken(2).await;
    let visitor = browser.blank().await;
    visitor.set_language("fr-CH").await;
    visitor.go_to(&server.page_with("<flow-chat src='/chat'></flow-chat>")).await;
    open_chat(&visitor).await;
    say(&visitor, "three").await;
    server.wait_for_taken(3).await;
    assert_eq!(server.languages(), ["de-AT", "fil", "fr-CH"].map(|language| Some(language.to_owned())));
    assert_clean(&german);
}
