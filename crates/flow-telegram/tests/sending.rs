//! What the bot says, as Telegram is sent it, and what becomes of it where Telegram says no.

mod support;

use std::time::{Duration, Instant};

use flow_core::{Choice, Contact, Download, Fate, Fetch as _, FileToSend, Media, MediaKind, Place, Reply};
use flow_http::platform::{Platform as _, rendered};
use flow_telegram::{Telegram, TelegramError};
use serde_json::{Value, json};
use support::{Answer, Server, TOKEN, telegram};

fn image() -> Reply {
    Reply::new("Our salon").with_image("https://salon.example/chair.png")
}

/// A reply of each kind.
fn replies() -> Vec<Reply> {
    let place = || Place::new(52.5208, 13.4094).expect("a place");
    let card = || Contact::new("Ana Silva");
    let media = |kind| Media::new(kind, "AgACAgIAAx0CZ");
    let mut replies = vec![
        Reply::new("Hello <b>Ana</b>, *how* are you_?"),
        Reply::new("Hair or nails?").with_choices(["Hair", "Nails"]),
        Reply::new("Which day?").with_choices(["Monday", "Tuesday", "Wednesday", "Thursday"]),
        Reply::new("Which?").with_choices([Choice::menu("Cancel", "cancel"), Choice::new("A".repeat(41), "a")]),
        Reply::new("Pay here.").with_link("https://pay.example/7").with_choices(["Later"]),
        Reply::new("Pay here.").with_link("mailto:pay@salon.example"),
        image(),
        image().with_choices(["Nice"]),
        Reply::default().with_image("https://salon.example/chair.png"),
        Reply::new("Our terms").with_file(FileToSend::at("https://salon.example/t").with_name("terms.pdf")),
        Reply::default().with_place(place()),
        Reply::default().with_place(place().with_name("Salon")),
        Reply::default().with_place(place().with_address("Main Street 5")),
        Reply::new("Here we are.").with_place(place().with_name("Salon").with_address("Main Street 5")),
        Reply::default().with_contact(card().with_phone("+49 30 1")),
        Reply::default().with_contact(card().with_phone("+49 30 1").with_email("ana@example.com")),
        Reply::default().with_contact(card().with_email("ana@example.com")),
    ];
    let kinds = [MediaKind::Image, MediaKind::Video, MediaKind::Audio, MediaKind::Voice, MediaKind::Document];
    replies.extend(kinds.map(|kind| Reply::new("That one?").with_file(media(kind))));
    replies.push(Reply::new("That one?").with_image(media(MediaKind::Sticker)));
    replies.push(Reply::default().with_image(media(MediaKind::Sticker)));
    replies
}

#[test]
fn each_reply_is_a_method_of_telegrams() {
    let telegram = telegram("http://127.0.0.1:9");
    let said: Vec<_> = replies().iter().map(|reply| json!(rendered(&telegram, reply))).collect();
    insta::assert_json_snapshot!(said);
}

#[test]
fn a_method_shows_nothing_that_is_said() {
    let telegram = telegram("http://127.0.0.1:9");
    for reply in replies() {
        for method in rendered(&telegram, &reply) {
            assert_eq!(format!("{method:?}"), format!("Method({})", method.name()));
        }
    }
}

#[test]
fn a_long_text_is_several_messages_and_buttons_stand_under_the_last() {
    let telegram = telegram("http://127.0.0.1:9");
    let said = rendered(&telegram, &Reply::new("🙂 word ".repeat(1_100)).with_choices(["Yes"]));
    let lengths: Vec<_> =
        said.iter().map(|method| method.given()["text"].as_str().expect("a text").encode_utf16().count()).collect();
    assert!(lengths.len() == 3 && lengths.iter().all(|length| *length <= 4096), "{lengths:?}");
    assert!(said[0].given().get("reply_markup").is_none() && said[2].given().get("reply_markup").is_some());
}

/// Sends one reply of one message to this place.
async fn send(telegram: &Telegram, place: &str, reply: &Reply) -> Result<(), Fate> {
    let methods = rendered(telegram, reply);
    assert_eq!(methods.len(), 1);
    telegram.send(place, &methods[0], "key").await
}

fn fate(sent: Result<(), Fate>) -> String {
    format!("{:?}", sent.expect_err("not sent"))
}

#[tokio::test]
async fn a_message_goes_to_its_chat_and_its_topic() {
    let server = Server::start().await;
    let telegram = telegram(server.address());
    send(&telegram, "42", &"Hello.".into()).await.expect("sent");
    send(&telegram, "-1001234/7", &"Hello.".into()).await.expect("sent");
    telegram.typing("-1001234/7").await;
    let said = [
        json!({"chat_id": 42, "text": "Hello."}),
        json!({"chat_id": -1_001_234, "message_thread_id": 7, "text": "Hello."}),
    ];
    assert_eq!(server.calls("sendMessage"), said);
    let typing = json!({"action": "typing", "chat_id": -1_001_234, "message_thread_id": 7});
    assert_eq!(server.calls("sendChatAction"), [typing]);
    assert_eq!(fate(send(&telegram, "Ana", &"Hello.".into()).await), "Never");
    send(&telegram.paid_broadcasts(), "42", &"Hello.".into()).await.expect("sent");
    let paid = json!({"allow_paid_broadcast": true, "chat_id": 42, "text": "Hello."});
    assert_eq!(server.calls("sendMessage").last(), Some(&paid));
}

#[tokio::test]
async fn what_telegram_says_decides_what_becomes_of_a_message() {
    let server = Server::start().await;
    let telegram = telegram(server.address());
    for (answer, expected) in [
        (Answer::refuses(403, "Forbidden: bot was blocked by the user"), "Never"),
        (Answer::refuses(403, "Forbidden: user is deactivated"), "Never"),
        (Answer::refuses(403, "Forbidden: bot was kicked from the group chat"), "Never"),
        (Answer::refuses(400, "Bad Request: chat not found"), "Never"),
        (Answer::refuses(400, "Bad Request: canary"), "Never"),
        (Answer::refuses(401, "Unauthorized"), "Again { after: 60s, scope: Channel }"),
        (Answer::refuses(404, "Not Found"), "Again { after: 60s, scope: Channel }"),
        (Answer::refuses(500, "Internal Server Error: restart"), "Failed"),
        (Answer::refuses(500, "Internal Server Error: canary"), "InDoubt"),
        (Answer::Page(502), "InDoubt"),
        (Answer::Page(200), "InDoubt"),
        (Answer::Says(200, json!({"ok": true})), "InDoubt"),
        (Answer::Lost, "InDoubt"),
    ] {
        server.next("sendMessage", answer);
        assert_eq!(fate(send(&telegram, "42", &"Hello.".into()).await), expected);
    }
    assert_eq!(server.calls("sendMessage").len(), 13, "nothing is sent twice by itself");
    let nobody = support::telegram("http://127.0.0.1:9");
    assert_eq!(fate(send(&nobody, "42", &"Hello.".into()).await), "Failed");
}

/// A firewall, a proxy that wants a name, a page to sign in to a network: none of them speaks for Telegram.
#[tokio::test]
async fn what_something_else_says_in_telegrams_place_is_no_last_word() {
    let server = Server::start().await;
    let telegram = telegram(server.address());
    for status in [302, 307, 400, 403, 407, 408, 413, 451, 499] {
        server.next("sendMessage", Answer::Page(status));
        assert_eq!(fate(send(&telegram, "42", &"Hello.".into()).await), "Failed", "{status}");
    }
    server.next("sendMessage", Answer::Page(429));
    assert!(fate(send(&telegram, "42", &"Hello.".into()).await).starts_with("Again"));
}

#[tokio::test]
async fn too_many_is_the_chats_and_with_a_second_chat_it_is_the_bots() {
    let server = Server::start().await;
    let telegram = telegram(server.address());
    let too_many = |seconds| {
        let parameters = json!({ "retry_after": seconds });
        Answer::refuses_with(429, &format!("Too Many Requests: retry after {seconds}"), &parameters)
    };
    for (place, seconds, expected) in [
        ("1", 34, "Again { after: 34s, scope: Chat }"),
        ("1", 10_072, "Again { after: 10072s, scope: Chat }"),
        ("2", 5, "Again { after: 5s, scope: Channel }"),
    ] {
        server.next("sendMessage", too_many(seconds));
        assert_eq!(fate(send(&telegram, place, &"Hello.".into()).await), expected);
    }
}

#[tokio::test]
async fn a_group_that_has_become_a_supergroup_is_followed_and_remembered() {
    let server = Server::start().await;
    let telegram = telegram(server.address());
    let moved = "Bad Request: group chat was upgraded to a supergroup chat";
    server.next("sendMessage", Answer::refuses_with(400, moved, &json!({ "migrate_to_chat_id": -1_001_234 })));
    for _ in 0..2 {
        send(&telegram, "-12", &"Hello.".into()).await.expect("sent");
    }
    let chats: Vec<_> = server.calls("sendMessage").iter().map(|asked| asked["chat_id"].as_i64()).collect();
    assert_eq!(chats, [Some(-12), Some(-1_001_234), Some(-1_001_234)]);
    // Two groups that are each other end somewhere.
    for to in [-2, -1, -2] {
        server.next("sendMessage", Answer::refuses_with(400, moved, &json!({ "migrate_to_chat_id": to })));
    }
    assert_eq!(fate(send(&telegram, "-1", &"Hello.".into()).await), "Never");
}

#[tokio::test]
async fn what_telegram_cannot_fetch_is_told_in_words() {
    let server = Server::start().await;
    let telegram = telegram(server.address());
    server.next("sendPhoto", Answer::refuses(400, "Bad Request: failed to get HTTP URL content"));
    send(&telegram, "42", &image().with_choices(["Nice"])).await.expect("sent");
    server.next("sendDocument", Answer::refuses(400, "Bad Request: wrong file identifier/HTTP URL specified"));
    send(&telegram, "42", &Reply::default().with_file("https://salon.example/a.txt")).await.expect("sent");
    // A link that no button takes: the choices stay.
    server.next("sendMessage", Answer::refuses(400, "Bad Request: BUTTON_URL_INVALID"));
    let link = Reply::new("Pay here.").with_link("https://localhost/7").with_choices(["Later"]);
    send(&telegram, "42", &link).await.expect("sent");
    let texts = [
        "Our salon\n\nhttps://salon.example/chair.png",
        "https://salon.example/a.txt",
        "Pay here.",
        "Pay here.\n\nhttps://localhost/7",
    ];
    assert_eq!(server.texts(), texts);
    let labels = |asked: &Value| {
        let rows = asked["reply_markup"]["inline_keyboard"].as_array().expect("rows").iter();
        rows.flat_map(|row| row.as_array().expect("a row")).map(|button| button["text"].to_string()).collect::<Vec<_>>()
    };
    let said = server.calls("sendMessage");
    assert_eq!(labels(&said[0]), ["\"Nice\""]);
    assert_eq!(labels(&said[3]), ["\"Later\""]);
    // A visitor's own photo has no address to tell.
    server.next("sendPhoto", Answer::refuses(400, "Bad Request: wrong file identifier/HTTP URL specified"));
    let gone = Reply::new("That one?").with_image(Media::new(MediaKind::Image, "AgAC"));
    assert_eq!(fate(send(&telegram, "42", &gone).await), "Never");
}

async fn fetched(telegram: &Telegram, reference: &str, limit: usize) -> Result<Vec<u8>, String> {
    let mut download = Download::within(limit);
    let media = Media::new(MediaKind::Image, reference);
    telegram.fetch(&media, &mut download).await.map_err(|error| error.to_string())?;
    Ok(download.bytes().to_vec())
}

#[tokio::test]
async fn a_file_is_fetched_when_it_is_asked_for_and_never_more_than_was_asked() {
    let server = Server::start().await;
    let telegram = telegram(server.address());
    server.keeps_file("photos/file_0.jpg", b"12345678");
    assert_eq!(fetched(&telegram, "photos/file_0.jpg", 8).await, Ok(b"12345678".to_vec()));
    let too_large = Err("the file has more than 7 bytes".to_owned());
    assert_eq!(fetched(&telegram, "photos/file_0.jpg", 7).await, too_large);
    // It says that it is small, and is not.
    let small = json!({"ok": true, "result": {"file_id": "x", "file_path": "photos/file_0.jpg", "file_size": 1}});
    server.next("getFile", Answer::Says(200, small));
    assert_eq!(fetched(&telegram, "x", 7).await, too_large);
    server.next("getFile", Answer::refuses(400, "Bad Request: file is too big"));
    assert_eq!(fetched(&telegram, "x", 7).await, too_large);
    for (answer, said) in [
        (Answer::refuses(400, "Bad Request: wrong file_id canary"), "Telegram does not give the file: it says 400"),
        (Answer::Says(200, json!({"ok": true, "result": {"file_path": "/var/lib/canary"}})), "Telegram names no path"),
        (Answer::Says(200, json!({"ok": true, "result": {"file_path": "photos/gone.jpg"}})), "it says 404"),
        (Answer::Lost, "Telegram has not given the file: there was no answer in time"),
    ] {
        server.next("getFile", answer);
        let error = fetched(&telegram, "x", 7).await.expect_err("no file");
        assert!(error.contains(said) && !error.contains("canary"), "{error}");
    }
}

#[tokio::test]
async fn the_webhook_is_set_with_the_secret_and_the_bot_says_how_it_stands() {
    let server = Server::start().await;
    let telegram = telegram(server.address());
    assert_eq!(
        telegram.check().await.expect("an answer").to_string(),
        "@salon_bot, which has no webhook and is to be polled; 0 updates wait"
    );
    let url = "https://bot.example.com/hooks/telegram";
    telegram.register(url).await.expect("set");
    let asked = json!({
        "url": url, "secret_token": support::SECRET, "allowed_updates": ["message", "callback_query"], "max_connections": 40,
    });
    assert_eq!(server.calls("setWebhook"), [asked]);
    let failed = json!({"ok": true, "result": {
        "url": url, "pending_update_count": 3, "last_error_date": 1_441_645_532, "last_error_message": "Connection refused",
    }});
    server.next("getWebhookInfo", Answer::Says(200, failed));
    let standing = telegram.check().await.expect("an answer");
    assert_eq!(
        standing.to_string(),
        "@salon_bot, whose webhook leads to https://bot.example.com/hooks/telegram; 3 updates wait; at \
         2015-09-07T17:05:32+00:00 Telegram could not deliver: Connection refused"
    );
    assert_eq!((standing.bot(), standing.webhook(), standing.waiting()), (123_456, Some(url), 3));
    telegram.unregister().await.expect("taken away");
    assert_eq!(telegram.check().await.expect("an answer").webhook(), None);
}

#[tokio::test]
async fn an_operator_hears_what_is_wrong_and_never_the_token() {
    let server = Server::start().await;
    let telegram = telegram(server.address());
    let bad_url = "Bad Request: bad webhook: An HTTPS URL must be provided for webhook";
    server.next("setWebhook", Answer::refuses(400, bad_url));
    let refused = telegram.register("http://bot.example.com").await.expect_err("refused");
    assert_eq!(refused.to_string(), format!("Telegram refuses `setWebhook`: {bad_url}"));
    let unknown = Telegram::new("654321:canary-DEF1234ghIkl").expect("a token").api(server.address());
    assert!(matches!(unknown.check().await, Err(TelegramError::BadToken)));
    server.next("getMe", Answer::Lost);
    let nobody = support::telegram("http://127.0.0.1:9");
    let elsewhere = support::telegram("http://not-this-machine.example");
    let errors = [
        telegram.check().await.expect_err("no answer"),
        nobody.check().await.expect_err("nobody"),
        elsewhere.check().await.expect_err("in the clear"),
    ];
    for error in errors {
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("canary") && !shown.contains(TOKEN), "{shown}");
    }
    assert!(
        !format!("{telegram:?} {:?}", telegram.clone().in_doubt(flow_core::engine::Doubt::SetAside)).contains("canary")
    );
}

#[tokio::test]
async fn nobody_waits_long_for_a_server_that_says_nothing() {
    let server = Server::start().await;
    server.next("sendMessage", Answer::Lost);
    let began = Instant::now();
    assert_eq!(fate(send(&telegram(server.address()), "42", &"Hello.".into()).await), "InDoubt");
    assert!(began.elapsed() < Duration::from_secs(5));
}
