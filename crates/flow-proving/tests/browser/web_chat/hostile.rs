//! Words that would break out of their place, and more of them than anybody reads.

use flow_proving::{Browser, Page};
use serde_json::{Value, json};

use super::{
    server::ChatServer,
    visitor::{CHAT, SOON, assert_clean, open_chat, say, wait_for_log},
};

/// Stacks of marks, a hundred above each letter.
fn stacked() -> String {
    "e".chars().chain(std::iter::repeat_n('\u{0301}', 100)).collect::<String>().repeat(8)
}

async fn begun() -> (ChatServer, Browser, Page) {
    let (server, browser) = (ChatServer::start().await, Browser::start().await);
    let page = browser.open(&server.chat()).await;
    open_chat(&page).await;
    say(&page, "Hello").await;
    wait_for_log(&page, &["> Hello", "You said: Hello"]).await;
    (server, browser, page)
}

async fn hears(page: &Page, text: &str) {
    let is_last = format!("{CHAT}.querySelector('.entries').lastChild.textContent.includes({})", json!(text));
    page.wait_for(&is_last, SOON).await;
}

/// How an element looks once it no longer moves: what has just come may still be on its way to its place.
async fn settled(page: &Page, element: &str) -> Vec<u8> {
    let mut looked = page.picture_of(element).await;
    loop {
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        let looks = page.picture_of(element).await;
        if looks == looked {
            return looks;
        }
        looked = looks;
    }
}

/// Waits until an element looks so: what has just come may still be on its way to its place.
async fn looks_like(page: &Page, element: &str, picture: &[u8]) {
    let began = tokio::time::Instant::now();
    while page.picture_of(element).await != picture {
        assert!(began.elapsed() < std::time::Duration::from_secs(5), "{element} looks otherwise");
    }
}

#[tokio::test]
async fn stacked_marks_are_not_painted_over_what_stands_beside_them() {
    let (server, _browser, page) = begun().await;
    let first = format!("{CHAT}.querySelector('.reply .bubble')");
    page.wait_for(&format!("{CHAT}.querySelectorAll('.waiting').length === 0"), SOON).await;
    let before = settled(&page, &first).await;
    let marks = stacked();
    let buttons = json!([{ "label": marks, "press": "1" }]);
    let file = json!({ "kind": "file", "name": marks });
    server.say(json!({ "text": marks, "buttons": buttons, "attachment": file }));
    hears(&page, &marks).await;
    looks_like(&page, &first, &before).await;
    let below = "There";
    server.say(json!({ "text": below }));
    hears(&page, below).await;
    let last = format!("{CHAT}.querySelector('.entries').lastChild");
    let with_marks = settled(&page, &format!("{last}.querySelector('.bubble')")).await;
    page.evaluate(&format!("{CHAT}.querySelectorAll('.reply')[1].style.visibility = 'hidden'")).await;
    looks_like(&page, &format!("{last}.querySelector('.bubble')"), &with_marks).await;
}

#[tokio::test]
async fn an_override_of_the_direction_turns_round_nothing_but_its_own_words() {
    let (server, _browser, page) = begun().await;
    // Shown as `Prices exe.pdf` if the override were heeded.
    let name = "Prices \u{202E}fdp.exe";
    server.say(json!({ "text": "a", "attachment": { "kind": "file", "url": "https://salon.example/a", "name": name },
        "buttons": [{ "label": "\u{2067}\u{202E}Yes", "press": "1" }] }));
    server
        .say(json!({ "text": "\u{202E}see https://salon.example/\u{202E}gpj.exe and \u{2066}\u{2067}\u{2068} so on" }));
    hears(&page, "so on").await;
    let shown =
        format!("[...{CHAT}.querySelectorAll('.card b, .buttons button, .bubble a')].map((one) => one.textContent)");
    let shown: Value = page.evaluate(&shown).await;
    assert_eq!(shown, json!(["Prices fdp.exe", "Yes", "https://salon.example/"]));
    // What it overrides does not reach into an address that stands behind it.
    let link = format!("getComputedStyle({CHAT}.querySelector('.bubble a'))");
    assert_eq!(page.evaluate(&format!("[{link}.direction, {link}.unicodeBidi]")).await, json!(["ltr", "isolate"]));
    assert_clean(&page);
}

#[tokio::test]
async fn nothing_is_wider_than_its_place() {
    let (server, _browser, page) = begun().await;
    let long = "W".repeat(20_000);
    for text in
        [&long, &"\u{200B}".repeat(5_000), &"\u{00A0}".repeat(5_000), &"👩‍👩‍👧‍👧".repeat(2_000), &"\u{FDFD}".repeat(500)]
    {
        server.say(json!({ "text": text, "buttons": [{ "label": text, "press": "1" }],
            "link": format!("https://{}.example/", &long[..60]), "attachment": { "kind": "contact", "name": text,
            "phones": [text], "emails": [format!("{}@a.example", &long[..200])] } }));
    }
    server.say(json!({ "attachment": { "kind": "place", "latitude": 1e300, "longitude": -1e300, "label": long } }));
    server.say(json!({ "text": "The end" }));
    hears(&page, "The end").await;
    let wide = format!(
        "[...{CHAT}.querySelectorAll('.log, .log *')].filter((one) => one.checkVisibility() && !one.matches('.unseen, svg, svg *') \
         && (one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).display !== 'inline' \
         || one.getBoundingClientRect().right > innerWidth)).map((one) => [one.tagName, one.className, one.scrollWidth])"
    );
    assert_eq!(page.evaluate(&wide).await, json!([]));
    assert_eq!(page.evaluate("document.documentElement.scrollWidth > innerWidth").await, false);
    assert_clean(&page);
}

#[tokio::test]
async fn hundreds_of_buttons_leave_room_for_the_rest() {
    let (server, _browser, page) = begun().await;
    let buttons = (0..500).map(|number| json!({ "label": format!("Choice {number}"), "press": format!("~{number}") }));
    server.say(json!({ "text": "Which one?", "buttons": buttons.collect::<Vec<_>>() }));
    page.wait_for(&format!("{CHAT}.querySelectorAll('.buttons button').length === 500"), SOON).await;
    let question = format!("{CHAT}.querySelector('.entries').lastChild");
    let is_seen = format!(
        "(() => {{ const [log, bubble] = [{CHAT}.querySelector('.log'), {question}.querySelector('.bubble')] \
         .map((one) => one.getBoundingClientRect()); return bubble.top >= log.top && bubble.bottom <= log.bottom; }})()"
    );
    page.wait_for(&is_seen, SOON).await;
    let last = format!("{CHAT}.querySelectorAll('.buttons button')[499]");
    page.click(&last).await;
    assert_eq!(server.wait_for_taken(2).await, ["Hello", "~499"]);
    page.wait_for(&format!("{last}.matches('.pressed')"), SOON).await;
    assert_clean(&page);
}

#[tokio::test]
async fn ten_thousand_replies_at_once_hold_nothing_up() {
    let (server, _browser, page) = begun().await;
    let long = "With pleasure. ".repeat(10);
    let replies = (0..10_000).map(|number| json!({ "text": format!("{long}{number}") }));
    server.say_all(replies.collect());
    let began = tokio::time::Instant::now();
    hears(&page, "9999").await;
    let took = began.elapsed();
    assert!(took < std::time::Duration::from_secs(10), "it took {took:?}");
    assert_eq!(page.evaluate(&format!("{CHAT}.querySelectorAll('.entries > *').length")).await, 200);
    let kept = page.evaluate("Object.values(localStorage).join('').length").await;
    assert!(kept.as_u64() < Some(600_000), "{kept}");
    say(&page, "Thanks").await;
    assert_eq!(server.wait_for_taken(2).await, ["Hello", "Thanks"]);
    assert_eq!(server.seen()[1], Some("10001".to_owned()), "all of them were had");
    assert_clean(&page);
}

#[tokio::test]
async fn a_hundred_messages_that_wait_are_sent_in_order() {
    let (server, _browser, page) = begun().await;
    page.set_offline(true).await;
    let began = tokio::time::Instant::now();
    let put = "(() => { for (let number = 0; number < 100; number += 1) document.querySelector('flow-chat').say(`number ${number}`); \
               return true; })()";
    page.evaluate(put).await;
    let took = began.elapsed();
    assert!(took < std::time::Duration::from_secs(5), "the page stood still for {took:?}");
    page.set_offline(false).await;
    server.wait_until("all are taken", |server| server.taken().len() == 101).await;
    let wanted: Vec<_> = (0..100).map(|number| format!("number {number}")).collect();
    assert_eq!(server.taken()[1..], wanted);
    page.wait_for(&format!("{CHAT}.querySelectorAll('.waiting').length === 0"), SOON).await;
    assert_clean(&page);
}
