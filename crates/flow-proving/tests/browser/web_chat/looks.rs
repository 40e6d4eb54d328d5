//! The chat can be read and used by everybody, on every page.

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

/// What is told from what is behind it by its ground alone, which forced colours do not paint.
const WITHOUT_EDGE: &str = r"
    [...document.querySelector('flow-chat').shadowRoot.querySelectorAll('.bubble, .launcher, .send, .typing, .panel, .card, .latest, textarea, .buttons > button')]
        .filter((one) => one.checkVisibility() && !one.parentElement?.matches('.list'))
        .filter((one) => getComputedStyle(one).borderTopStyle === 'none' || parseFloat(getComputedStyle(one).borderTopWidth) < 1)
        .map((one) => one.className)
";

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
    assert_eq!(page.hard_to_see(CHAT).await, [""; 0]);
}

#[tokio::test]
async fn everything_can_be_read_light_and_dark_and_with_any_accent() {
    let (server, browser) = (ChatServer::start().await, Browser::start().await);
    let page = browser.blank().await;
    let wide = Looks { theme: Theme::Light, size: (1000, 760), still: true, ..Looks::default() };
    page.set_looks(wide).await;
    let body = |class: &str| {
        format!(
            "<h1>The salon</h1><p>Words of the page.</p><flow-chat class='{class}' src='/chat' \
        heading='Salon Linde' greeting='Welcome! How can we help?' starters='Book a visit|Prices'></flow-chat>"
        )
    };
    page.go_to(&server.page_with(&body(""))).await;
    open_chat(&page).await;
    page.keep_picture("welcome").await;
    is_readable(&page).await;
    talk(&page, &server).await;
    for theme in [Theme::Light, Theme::Dark] {
        page.set_looks(Looks { theme, ..wide }).await;
        for accent in ["", "yellow", "gray", "black"] {
            page.evaluate(&format!("document.querySelector('flow-chat').className = '{accent}'")).await;
            is_readable(&page).await;
            page.keep_picture(&format!("{theme:?}-{accent}").to_lowercase()).await;
        }
    }
    page.evaluate("document.querySelector('flow-chat').className = ''").await;
    for theme in [Theme::Light, Theme::Dark] {
        page.set_looks(Looks { theme, forced_colours: true, ..wide }).await;
        is_readable(&page).await;
        assert_eq!(page.evaluate(WITHOUT_EDGE).await, json!([]), "a ground that is not painted needs an edge");
        page.keep_picture(&format!("{theme:?}-forced").to_lowercase()).await;
    }
    page.set_offline(true).await;
    say(&page, "Tuesday is fine").await;
    page.wait_for(&format!("!{CHAT}.querySelector('.notice').hidden"), SOON).await;
    for theme in [Theme::Light, Theme::Dark] {
        page.set_looks(Looks { theme, ..wide }).await;
        is_readable(&page).await;
        page.keep_picture(&format!("{theme:?}-offline").to_lowercase()).await;
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
    let phone = Looks { theme: Theme::Light, size: (390, 780), still: true, ..Looks::default() };
    page.set_looks(phone).await;
    page.go_to(&server.page_with("<h1>The salon</h1><flow-chat src='/chat'></flow-chat>")).await;
    page.wait_for(&format!("{CHAT}?.querySelector('.launcher') != null"), SOON).await;
    page.keep_picture("phone-closed").await;
    talk(&page, &server).await;
    let place = format!(
        "(({{ x, y, width, height }}) => [x, y, width, height])({CHAT}.querySelector('.panel').getBoundingClientRect())"
    );
    assert_eq!(page.evaluate(&place).await, json!([0, 0, 390, 780]));
    page.keep_picture("phone").await;
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
    page.keep_picture("page-phone").await;
    page.set_looks(Looks { theme: Theme::Dark, size: (1200, 800), still: true, ..Looks::default() }).await;
    page.keep_picture("page").await;
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
    assert_eq!(page.hard_to_hit(CHAT).await, [""; 0], "a finger meets every control");
    assert_clean(&page);
}

#[tokio::test]
async fn where_the_keyboard_is_can_be_seen() {
    let (server, browser) = (ChatServer::start().await, Browser::start().await);
    let page = browser.blank().await;
    page.set_looks(Looks::default()).await;
    page.go_to(
        &server.page_with("<a href='/page'>A page</a><flow-chat src='/chat' starters='Book|Prices'></flow-chat>"),
    )
    .await;
    talk(&page, &server).await;
    server.say(json!({ "text": "Ask Ana.", "link": "https://salon.example/", "attachment":
        { "kind": "contact", "name": "Ana", "phones": ["+49 30 1234567"], "emails": ["ana@salon.example"] } }));
    page.wait_for(&format!("{CHAT}.querySelectorAll('.card').length === 4"), SOON).await;
    for theme in [Theme::Light, Theme::Dark] {
        for forced_colours in [false, true] {
            page.set_looks(Looks { theme, forced_colours, ..Looks::default() }).await;
            let (unseen, met) = page.hard_to_follow().await;
            assert_eq!(unseen, [""; 0], "{theme:?}");
            for name in [
                "a  A page",
                "button close",
                "div log",
                "+49 30 1234567",
                "ana@salon.example",
                "Open link",
                "Friday",
                "textarea",
                "button send",
            ] {
                assert!(met.iter().any(|one| one.contains(name)), "{name} in {met:#?}");
            }
            assert_eq!(page.hard_to_hit(CHAT).await, [""; 0]);
            is_readable(&page).await;
        }
    }
    page.evaluate(&format!("{CHAT}.querySelector('.close').click()")).await;
    let (unseen, met) = page.hard_to_follow().await;
    assert_eq!((unseen.as_slice(), met.len()), (&[] as &[String], 2), "the link and the launcher: {met:?}");
    assert_clean(&page);
}

#[tokio::test]
async fn nothing_moves_for_a_visitor_who_wants_that() {
    let (server, browser) = (ChatServer::start().await, Browser::start().await);
    let page = browser.blank().await;
    let moving = format!("[...{CHAT}.querySelectorAll('*')].flatMap((element) => element.getAnimations()).length");
    page.set_looks(Looks { theme: Theme::Light, size: (800, 700), still: false, ..Looks::default() }).await;
    page.go_to(&server.page_with("<flow-chat src='/chat'></flow-chat>")).await;
    open_chat(&page).await;
    say(&page, "Hello").await;
    wait_for_log(&page, &["> Hello", "You said: Hello"]).await;
    server.type_something();
    page.wait_for(&format!("{moving} > 0"), SOON).await;
    page.set_looks(Looks { theme: Theme::Light, size: (800, 700), still: true, ..Looks::default() }).await;
    assert_eq!(page.evaluate(&moving).await, Value::from(0));
    assert_clean(&page);
}

#[tokio::test]
async fn the_last_words_stay_in_sight_when_the_window_shrinks() {
    let (server, browser) = (ChatServer::start().await, Browser::start().await);
    let page = browser.blank().await;
    let phone = Looks { size: (390, 780), ..Looks::default() };
    page.set_looks(phone).await;
    page.go_to(&server.chat()).await;
    talk(&page, &server).await;
    server.say_all((0..10).map(|number| json!({ "text": format!("number {number}") })).collect());
    let is_at_end = format!(
        "(({{ scrollHeight, scrollTop, clientHeight }}) => scrollHeight > clientHeight \
         && scrollHeight - scrollTop - clientHeight < 2)({CHAT}.querySelector('.log'))"
    );
    page.wait_for(&is_at_end, SOON).await;
    // A keyboard comes up, the phone is turned, and everything back.
    for size in [(390, 420), (780, 390), (390, 780)] {
        page.set_looks(Looks { size, ..phone }).await;
        page.wait_for(&is_at_end, SOON).await;
        assert_eq!(page.evaluate(&format!("{CHAT}.querySelector('.latest').hidden")).await, true, "{size:?}");
    }
    // A visitor who reads further up stays there. Nobody can do that in the moment in which the window changes.
    page.evaluate("new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))").await;
    page.evaluate(&format!("{CHAT}.querySelector('.log').scrollTop = 0")).await;
    page.wait_for(&format!("!{CHAT}.querySelector('.latest').hidden"), SOON).await;
    page.set_looks(Looks { size: (390, 420), ..phone }).await;
    page.wait_for(&format!("{CHAT}.querySelector('.log').clientHeight < 400"), SOON).await;
    assert_eq!(page.evaluate(&format!("{CHAT}.querySelector('.log').scrollTop")).await, 0);
    assert_clean(&page);
}

#[tokio::test]
async fn a_page_that_is_written_from_right_to_left_has_a_chat_that_is() {
    let (server, browser) = (ChatServer::start().await, Browser::start().await);
    let page = browser.blank().await;
    page.set_looks(Looks::default()).await;
    page.go_to(&server.page_with("<flow-chat src='/chat' lang='ar'></flow-chat>")).await;
    page.evaluate("document.documentElement.dir = 'rtl'").await;
    talk(&page, &server).await;
    server.say(json!({ "text": "متى تود أن تأتي؟" }));
    page.wait_for(&format!("{CHAT}.querySelector('.entries').lastChild.textContent.includes('متى')"), SOON).await;
    let middle = |selector: &str| {
        format!(
            "(({{ left, right }}) => (left + right) / 2)({CHAT}.querySelector('{selector}').getBoundingClientRect())"
        )
    };
    let order = format!("[{}, {}, {}]", middle(".mine .bubble"), middle(".log"), middle(".reply .bubble"));
    let order = page.evaluate(&order).await;
    assert!(order[0].as_f64() < order[1].as_f64() && order[1].as_f64() < order[2].as_f64(), "{order}");
    let arrow = format!("getComputedStyle({CHAT}.querySelector('.send svg')).transform");
    assert_eq!(page.evaluate(&arrow).await, "matrix(-1, 0, 0, 1, 0, 0)", "it points to where the words go");
    assert_eq!(page.evaluate("document.documentElement.scrollWidth > innerWidth").await, false);
    is_readable(&page).await;
    page.keep_picture("right-to-left").await;
    assert_clean(&page);
}
