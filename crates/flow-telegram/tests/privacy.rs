//! A conversation with everything that can go wrong in it is logged to the last detail, and nothing in the log is anybody's.

mod support;

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
    time::Duration,
};

use flow_core::{Input, Media, MediaKind, Reply};
use flow_http::platform::{Arrived, Pace, Platform as _, rendered};
use flow_telegram::Polling;
use serde_json::json;
use support::{Answer, SECRET, Salon, Server, telegram, until};

/// What was logged, by all threads, down to the finest.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("a lock").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    fn listen() -> Self {
        let log = Self::default();
        let sink = log.clone();
        let subscriber = tracing_subscriber::fmt().with_writer(move || sink.clone()).with_ansi(false);
        subscriber.with_max_level(tracing_subscriber::filter::LevelFilter::TRACE).init();
        log
    }

    fn told(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().expect("a lock")).into_owned()
    }
}

/// The chat of the visitor, whose number is in nothing else.
const CHAT: i64 = 7_391_846_205;

fn from_visitor(what: &serde_json::Value) -> serde_json::Value {
    let mut message = json!({
        "date": 0,
        "chat": { "id": CHAT, "type": "private", "first_name": "canary", "username": "canary" },
        "from": { "id": CHAT, "is_bot": false, "first_name": "canary", "username": "canary" },
    });
    message.as_object_mut().expect("an object").extend(what.as_object().expect("an object").clone());
    json!({ "message": message })
}

#[tokio::test]
async fn nothing_of_a_visitor_and_no_secret_is_in_the_log() {
    let log = Log::listen();
    let server = Server::start().await;
    let salon = Salon::paced(telegram(server.address()), Arc::default(), Pace::NONE);
    for answer in [
        Answer::refuses(401, "Unauthorized: canary"),
        Answer::refuses(409, "Conflict: terminated by other getUpdates request canary"),
        Answer::refuses(409, "Conflict: webhook canary"),
        Answer::refuses(400, "Bad Request: canary"),
        Answer::Page(502),
    ] {
        server.next("getUpdates", answer);
    }
    for answer in [
        Answer::refuses_with(429, "Too Many Requests: canary", &json!({ "retry_after": 0 })),
        Answer::refuses(400, "Bad Request: can't parse canary"),
    ] {
        server.next("sendMessage", answer);
    }
    server.happens(&from_visitor(&json!({ "text": "canary" })));
    server.happens(&from_visitor(&json!({ "text": "/canary canary" })));
    server.happens(&from_visitor(&json!({ "text": "canary ".repeat(500) })));
    server.happens(&from_visitor(
        &json!({ "photo": [{ "file_id": "canary", "width": 1, "height": 1 }], "caption": "canary" }),
    ));
    server.happens(&from_visitor(&json!({ "contact": { "phone_number": "canary", "first_name": "canary" } })));
    server.happens(&json!({ "message": { "message_id": "canary", "chat": "canary" } }));
    server.happens(&json!({ "canary": { "canary": "canary" } }));
    let polling = Polling::new(&salon.line, &salon.engine).pause(Duration::from_millis(5));
    let polls = tokio::spawn(polling.until(std::future::pending()));
    until("confirmed", || server.waiting() == 0).await;
    server.happens(&from_visitor(&json!({ "text": "nails" })));
    until("answered", || server.texts().iter().any(|text| text == "Your name?")).await;
    server.happens(&from_visitor(&json!({ "text": "canary canary" })));
    until("the end", || server.texts().iter().any(|text| text.starts_with("See you"))).await;
    goes_wrong(&server, &salon).await;
    polls.abort();
    let told = log.told();
    assert!(
        told.contains("Telegram cannot be asked for updates now") && told.contains("a turn was taken"),
        "it listens"
    );
    for line in told.lines() {
        for private in ["canary", SECRET, &CHAT.to_string(), "See you", "Your name"] {
            assert!(!line.contains(private), "{private}: {line}");
        }
    }
}

/// What is called besides, each time with an end that is not the right one.
async fn goes_wrong(server: &Server, salon: &Salon) {
    let telegram = salon.line.platform();
    let place = CHAT.to_string();
    for reply in [
        Reply::new("canary").with_image("https://salon.example/canary.png"),
        Reply::new("canary").with_file(Media::new(MediaKind::Document, "canary")),
        Reply::new("canary").with_link("https://canary.example").with_choices(["canary"]),
    ] {
        for method in rendered(telegram, &reply) {
            server.next(method.name(), Answer::refuses(400, "Bad Request: canary"));
            assert!(telegram.send(&place, &method, "key").await.is_err());
        }
    }
    server.next("setWebhook", Answer::refuses(400, "Bad Request: bad webhook"));
    assert!(telegram.register("https://bot.example.com/hooks").await.is_err());
    server.next("getFile", Answer::refuses(400, "Bad Request: canary"));
    let mut download = flow_core::Download::within(10);
    let media = Media::new(MediaKind::Image, "canary");
    assert!(flow_core::Fetch::fetch(telegram, &media, &mut download).await.is_err());
    telegram.typing(&place).await;
    salon.store.mood.goes_away();
    let arrived = Arrived::new(place, Input::text("canary").with_id("canary"));
    assert!(salon.line.accept(&salon.engine, arrived).await.is_err());
}
