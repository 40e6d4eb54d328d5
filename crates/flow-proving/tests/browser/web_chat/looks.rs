//! The chat can be read and used by everybody, on every page.

use std::{fs, path::Path};

use flow_proving::{Browser, Looks, Page, Theme};
use serde_json::{Value, json};

use super::{
    server::ChatServer,
    visitor::{CHAT, SOON, assert_clean, button, open_chat, say, wait_for_log},
};

/// The style of the page that the chat stands on: what a page does to its own elements does nothing to the chat.
pub const HOST_CSS: &str = "
body { font: 18px serif; margin: 40px; max-width: 40em; background: light-dark(#fff, #222); color: light-dark(#222, #eee); color-scheme: light dark; }
button, p, h2 { color: red; text-transform: uppercase; }
.yellow { --flow-chat-accent: #ffd400; }
.gray { --flow-chat-accent: #777; }
.black { --flow-chat-accent: #000; }
";

/// Each text that is seen with too little contrast to what is behind it, and by how much.
const PALE: &str = r"
(() => {
    const root = document.querySelector('flow-chat').shadowRoot;
    const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
    const rgba = (color) => {
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = color;
        canvas.fillRect(0, 0, 1, 1);
        return [...canvas.getImageData(0, 0, 1, 1).data];
    };
    const luminance = (color) => {
        const [red, green, blue] = rgba(color).map((part) => part / 255)
            .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const behind = (element) => {
        for (let each = element; each; each = each.parentElement) {
            const color = getComputedStyle(each).backgroundColor;
            if (rgba(color)[3] === 255) return color;
        }
        return 'white';
    };
    const contrast = (one, other) => {
        const [high, low] = [luminance(one), luminance(other)].sort((a, b) => b - a);
        return (high + 0.05) / (low + 0.05);
    };
    const found = [];
    let looked = 0;
    for (const element of root.querySelectorAll('*')) {
        const says = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim()) || element.matches('svg, textarea');
        if (!says || !element.checkVisibility() || element.matches('style, .unseen')) continue;
        looked += 1;
        const ratio = contrast(getComputedStyle(element).color, behind(element));
        if (ratio < 4.5) found.push([element.tagName, element.className, element.textContent, ratio]);
    }
    const input = root.querySelector('textarea');
    const placeholder = contrast(getComputedStyle(input, '::placeholder').color, behind(input));
    if (placeholder < 4.5) found.push(['placeholder', placeholder]);
    const edge = contrast(getComputedStyle(input).borderTopColor, behind(input.parentElement));
    if (edge < 3) found.push(['the edge of the input', edge]);
    return { looked, found };
})()";

/// A conversation with one of everything in it.
async fn talk(page: &Page, server: &ChatServer) {
    open_chat(page).await;
    say(page, "I would like to book a visit").await;
    server.wait_for_taken(1).await;
    server.say(json!({ "text": "With pleasure! What shall we do for you?", "buttons": [
        { "label": "Cut and blow-dry", "press": "1" }, { "label": "Colour", "press": "2" },
    ] }));
    page.wait_for(&format!("{} !== undefined", button("Colour")), SOON).await;
    page.click(&button("Colour")).await;
    server.wait_for_taken(2).await;
    server.say(json!({ "text": "Our prices: https://example.com/prices", "attachment":
        { "kind": "file", "url": "https://example.com/prices.pdf", "name": "Prices 2026.pdf" } }));
    server.say(json!({ "attachment": { "kind": "place", "latitude": 52.52, "longitude": 13.405, "label": "Salon, Lindenstraße 7" } }));
    server.say(json!({ "text": "When would you like to come?", "buttons": [
        { "label": "Tuesday 10:00", "press": "a" }, { "label": "Tuesday 14:30", "press": "b" },
        { "label": "Wednesday 9:15", "press": "c" }, { "label": "Friday 16:00", "press": "d" },
    ] }));
    server.type_something();
    page.wait_for(
        &format!("{} !== undefined && !{CHAT}.querySelector('.typing').hidden", button("Friday 16:00")),
        SOON,
    )
    .await;
}

async fn is_readable(page: &Page) {
    let seen = page.evaluate(PALE).await;
    assert_eq!(seen["found"], json!([]));
    assert!(seen["looked"].as_u64() > Some(5), "it looked at nothing: {seen}");
}

/// Puts a picture where `FLOW_PICTURES` says, for people to look at.
async fn picture(page: &Page, name: &str) {
    let bytes = page.screenshot().await;
    assert!(bytes.starts_with(b"\x89PNG"), "a picture");
    if let Ok(folder) = std::env::var("FLOW_PICTURES") {
        fs::write(Path::new(&folder).join(format!("{name}.png")), bytes).expect("a folder for pictures");
    }
}

#[tokio::test]
async fn everything_can_be_read_light_and_dark_and_with_any_accent() {
    let (server, browser) = (ChatServer::start().await, Browser::start().await);
    let page = browser.blank().await;
    let wide = Looks { theme: Theme::Light, size: (1000, 760), still: true };
    page.set_looks(wide).await;
    let body = |class: &str| {
        format!(
            "<h1>The salon</h1><p>Words of the page.</p><flow-chat class='{class}' src='/chat' \
        heading='Salon Linde' greeting='Welcome! How can we help?' starters='Book a visit|Prices'></flow-chat>"
        )
    };
    page.go_to(&server.page_with(&body(""))).await;
    open_chat(&page).await;
    picture(&page, "welcome").await;
    is_readable(&page).await;
    talk(&page, &server).await;
    for theme in [Theme::Light, Theme::Dark] {
        page.set_looks(Looks { theme, ..wide }).await;
        for accent in ["", "yellow", "gray", "black"] {
            page.evaluate(&format!("document.querySelector('flow-chat').className = '{accent}'")).await;
            is_readable(&page).await;
            picture(&page, &format!("{theme:?}-{accent}").to_lowercase()).await;
        }
    }
    page.evaluate("document.querySelector('flow-chat').className = ''").await;
    page.set_offline(true).await;
    say(&page, "Tuesday is fine").await;
    page.wait_for(&format!("!{CHAT}.querySelector('.notice').hidden"), SOON).await;
    for theme in [Theme::Light, Theme::Dark] {
        page.set_looks(Looks { theme, ..wide }).await;
        is_readable(&page).await;
        picture(&page, &format!("{theme:?}-offline").to_lowercase()).await;
    }
    // The page decides against what the visitor prefers.
    page.evaluate("document.querySelector('flow-chat').setAttribute('theme', 'light')").await;
    assert_eq!(
        page.evaluate(&format!("getComputedStyle({CHAT}.querySelector('.panel')).backgroundColor")).await,
        "rgb(255, 255, 255)"
    );
    is_readable(&page).await;
    assert_clean(&page);
}

#[tokio::test]
async fn it_fills_a_phone_and_the_page_of_its_own() {
    let (server, browser) = (ChatServer::start().await, Browser::start().await);
    let page = browser.blank().await;
    let phone = Looks { theme: Theme::Light, size: (390, 780), still: true };
    page.set_looks(phone).await;
    page.go_to(&server.page_with("<h1>The salon</h1><flow-chat src='/chat'></flow-chat>")).await;
    page.wait_for(&format!("{CHAT}?.querySelector('.launcher') != null"), SOON).await;
    picture(&page, "phone-closed").await;
    talk(&page, &server).await;
    let place = format!(
        "(({{ x, y, width, height }}) => [x, y, width, height])({CHAT}.querySelector('.panel').getBoundingClientRect())"
    );
    assert_eq!(page.evaluate(&place).await, json!([0, 0, 390, 780]));
    picture(&page, "phone").await;
    let long = "Donaudampfschifffahrtsgesellschaft".repeat(6);
    let button = json!({ "label": long, "press": "x" });
    server.say(json!({ "text": long, "buttons": [button], "attachment": { "kind": "file", "name": long } }));
    server.say(json!({ "text": "four", "buttons": [button, button, button, button] }));
    page.wait_for(&format!("{CHAT}.querySelector('.entries').lastChild.textContent.includes('four')"), SOON).await;
    let overflows = format!(
        "document.documentElement.scrollWidth > innerWidth || \
         [...{CHAT}.querySelectorAll('.log, .panel, .bubble, .card, .buttons')].some((each) => each.scrollWidth > each.clientWidth)"
    );
    assert_eq!(page.evaluate(&overflows).await, false);
    page.go_to(&server.chat()).await;
    page.wait_for(&format!("{CHAT}?.querySelectorAll('.entry').length > 4"), SOON).await;
    assert_eq!(page.evaluate(&place).await, json!([0, 0, 390, 780]));
    picture(&page, "page-phone").await;
    page.set_looks(Looks { theme: Theme::Dark, size: (1200, 800), still: true }).await;
    picture(&page, "page").await;
    is_readable(&page).await;
    assert_eq!(page.evaluate(&overflows).await, false);
    assert_clean(&page);
}

#[tokio::test]
async fn a_screen_reader_is_told_what_everything_is() {
    let (server, browser) = (ChatServer::start().await, Browser::start().await);
    let page = browser.open(&server.page_with("<flow-chat src='/chat' heading='Salon Linde'></flow-chat>")).await;
    page.wait_for(&format!("{CHAT}?.querySelector('.launcher') != null"), SOON).await;
    let named = async |role: &str| {
        let tree = page.accessibility_tree().await;
        let of_role = tree.into_iter().filter(|node| node.role == role && !node.disabled);
        of_role.map(|node| node.name).collect::<Vec<_>>()
    };
    assert_eq!(named("button").await, ["Open chat"]);
    assert_eq!(named("log").await, [""; 0], "what is closed is not there");
    talk(&page, &server).await;
    assert_eq!(named("dialog").await, ["Salon Linde"]);
    assert_eq!(named("log").await, ["Messages"]);
    assert_eq!(named("textbox").await, ["Your message"]);
    let buttons = ["Close chat", "Tuesday 10:00", "Tuesday 14:30", "Wednesday 9:15", "Friday 16:00", "Send"];
    assert_eq!(named("button").await, buttons);
    let links = ["https://example.com/prices", "Prices 2026.pdf File", "Salon, Lindenstraße 7 Open map"];
    assert_eq!(named("link").await, links);
    let texts = page.accessibility_tree().await;
    assert!(
        texts.iter().any(|node| node.role == "StaticText" && node.name.starts_with("You")),
        "who says what is told: {texts:?}"
    );
    let sizes = format!(
        "[...{CHAT}.querySelectorAll('button, textarea')].filter((control) => control.checkVisibility()) \
                         .map((control) => control.getBoundingClientRect()).filter(({{ width, height }}) => width < 24 || height < 24).length"
    );
    assert_eq!(page.evaluate(&sizes).await, 0, "a finger meets every control");
    assert_clean(&page);
}

#[tokio::test]
async fn nothing_moves_for_a_visitor_who_wants_that() {
    let (server, browser) = (ChatServer::start().await, Browser::start().await);
    let page = browser.blank().await;
    let moving = format!("[...{CHAT}.querySelectorAll('*')].flatMap((element) => element.getAnimations()).length");
    page.set_looks(Looks { theme: Theme::Light, size: (800, 700), still: false }).await;
    page.go_to(&server.page_with("<flow-chat src='/chat'></flow-chat>")).await;
    open_chat(&page).await;
    say(&page, "Hello").await;
    wait_for_log(&page, &["> Hello", "You said: Hello"]).await;
    server.type_something();
    page.wait_for(&format!("{moving} > 0"), SOON).await;
    page.set_looks(Looks { theme: Theme::Light, size: (800, 700), still: true }).await;
    assert_eq!(page.evaluate(&moving).await, Value::from(0));
    assert_clean(&page);
}
