//! The page of one's own with which the guide's chapter ends, taken out of the guide as a stranger would.

use std::{collections::HashMap, fs, sync::Arc};

use flow_proving::{Browser, Looks, Theme};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

use super::{
    server::ChatServer,
    visitor::{CHAT, SOON, assert_clean, button, say, wait_for_log},
};

/// The host that the guide gives the bot.
const BOT: &str = "https://chat.salon.example";

/// The files of the page, by their names.
fn files() -> HashMap<String, String> {
    let guide = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/guide.md")).expect("the guide");
    let (_, told) = guide.split_once("### A page of your own").expect("the section");
    let (told, _) = told.split_once("\n## ").expect("the next chapter");
    let ends: Vec<_> = told.match_indices("`:\n\n```").collect();
    let named = ends.into_iter().filter_map(|(at, end)| {
        let (_, name) = told[..at].rsplit_once('`')?;
        let (_, code) = told[at + end.len()..].split_once('\n')?;
        Some((name.to_owned(), code.split_once("```")?.0.to_owned()))
    });
    named.collect()
}

/// Serves the files at an origin of its own, and gives that.
async fn serve(files: HashMap<String, String>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    // Another host than the bot's.
    let origin = format!("http://localhost:{}", listener.local_addr().expect("an address").port());
    let files = Arc::new(files);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let files = Arc::clone(&files);
            tokio::spawn(async move {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") && stream.read_buf(&mut head).await.is_ok_and(|count| count > 0) {}
                let head = String::from_utf8_lossy(&head);
                let path = head.split(' ').nth(1).unwrap_or_default().trim_start_matches('/');
                let (name, kind) = match path {
                    "" => ("index.html", "text/html"),
                    "salon.css" => ("salon.css", "text/css"),
                    path => (path, "text/javascript"),
                };
                let (status, content) = files.get(name).map_or(("404 Not Found", ""), |content| ("200 OK", content));
                let answer = format!(
                    "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{content}",
                    content.len()
                );
                let _ = stream.write_all(answer.as_bytes()).await;
            });
        }
    });
    origin
}

#[tokio::test]
async fn the_guides_page_chats_from_an_origin_and_with_a_policy_of_its_own() {
    let (server, browser) = (ChatServer::start().await, Browser::start().await);
    let mut files = files();
    assert_eq!(files.len(), 3, "{:?}", files.keys());
    for content in files.values_mut() {
        *content = content.replace(BOT, &server.origin());
    }
    let origin = serve(files).await;
    server.allow(&origin);
    let page = browser.blank().await;
    let looks = Looks { size: (1000, 640), scale: 1, ..Looks::default() };
    page.set_looks(looks).await;
    page.go_to(&origin).await;
    page.wait_for("!document.querySelector('#book').hidden", SOON).await;
    assert_eq!(page.evaluate("document.querySelector('flow-chat').open").await, false);
    assert_eq!(server.issued(), 0, "a page that is only looked at costs the server nothing");

    // Its button opens the chat, and says something in it.
    page.click("document.querySelector('#book')").await;
    wait_for_log(&page, &["> Book a visit", "Gladly! What shall we do for you?"]).await;
    assert_eq!(page.evaluate("document.querySelector('flow-chat').open").await, true);
    assert_eq!(
        page.evaluate("document.querySelector('#book').disabled").await,
        true,
        "its script hears that it opened"
    );
    page.wait_for(&format!("{} !== undefined", button("Colour")), SOON).await;
    page.keep_picture("own-page").await;

    // It looks as the page wants, and can be read so.
    let accent = format!("getComputedStyle({CHAT}.querySelector('.send')).backgroundColor");
    assert_eq!(page.evaluate(&accent).await, "rgb(138, 59, 18)");
    for theme in [Theme::Light, Theme::Dark] {
        page.set_looks(Looks { theme, ..looks }).await;
        assert_eq!(page.hard_to_see(CHAT).await, [""; 0], "{theme:?}");
    }

    // The language is changed in the middle of it.
    let set = "(() => { const language = document.querySelector('#language'); language.value = 'de'; \
               language.dispatchEvent(new Event('change')); return true; })()";
    page.evaluate(set).await;
    assert_eq!(page.evaluate(&format!("{CHAT}.querySelector('textarea').placeholder")).await, "Ihre Nachricht");
    say(&page, "Farbe").await;
    page.wait_for(&format!("{CHAT}.querySelector('.entries').textContent.includes('You said: Farbe')"), SOON).await;
    assert_eq!(server.languages(), ["en", "de"].map(|language| Some(language.to_owned())));
    let greeting = format!("{CHAT}.querySelector('.first .bubble').textContent");
    assert_eq!(page.evaluate(&greeting).await, "Willkommen! Was dürfen wir für Sie tun?");

    // What comes while it is closed is told by the page.
    page.click(&format!("{CHAT}.querySelector('.close')")).await;
    server.say(json!({ "text": "There" }));
    page.wait_for("document.querySelector('#news').textContent === 'New: 1'", SOON).await;
    assert_eq!(
        page.evaluate("[document.querySelector('flow-chat').unread, document.title]").await,
        json!([1, "(1) Salon Lumen"])
    );
    page.reload().await;
    page.wait_for("document.querySelector('#news').textContent === 'New: 1'", SOON).await;
    assert_clean(&page);
}

#[tokio::test]
async fn the_guides_page_is_a_page_where_the_bot_is_away() {
    let (server, browser) = (ChatServer::start().await, Browser::start().await);
    let mut files = files();
    for content in files.values_mut() {
        *content = content.replace(BOT, &server.origin());
    }
    let origin = serve(files).await;
    server.set_away(true);
    let page = browser.open(&origin).await;
    assert_eq!(page.evaluate("document.querySelector('#book').hidden").await, true);
    assert_eq!(page.evaluate("document.querySelector('flow-chat').getBoundingClientRect().width").await, 0);
    assert_clean(&page);
}
