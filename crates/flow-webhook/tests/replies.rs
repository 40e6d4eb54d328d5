//! What is sent: what it looks like, and what becomes of it.

mod support;

use flow_core::{Choice, Contact, FileToSend, Media, MediaKind, Place, Reply, Template};
use flow_http::platform::{Platform as _, Screen, rendered};
use flow_webhook::{Format, Messages, Webhook};
use serde_json::{Value, json};
use support::{Chats, secret};

fn written<F: Format>(format: F, reply: &Reply) -> Vec<Value> {
    let webhook = Webhook::new("https://chat.example", secret()).expect("an address").format(format);
    rendered(&webhook, reply).iter().map(|said| Messages.write("ana", said)).collect()
}

#[test]
fn a_reply_is_written_as_the_guide_says() {
    let file = || FileToSend::at("https://salon.example/chair.png").with_name("chair.png");
    let place = Place::new(52.5, 13.4).expect("a place").with_name("Salon");
    let card = Contact::new("Kai").with_phone("+49301234567");
    let template = Template::new("parcel", "en").with_parameters(["Ana"]);
    let sent = |fields: Value| {
        let mut message = json!({"type": "message.send", "chat": "ana", "text": ""});
        message.as_object_mut().expect("an object").extend(fields.as_object().expect("an object").clone());
        vec![message]
    };
    let yes_no = Reply::new("Book?").with_choices([Choice::new("Yes", "y"), Choice::new("No", "n")]);
    for (reply, fields) in [
        (Reply::new("Hello!"), json!({"text": "Hello!"})),
        (yes_no, json!({"text": "Book?", "buttons": [{"label": "Yes", "token": "y"}, {"label": "No", "token": "n"}]})),
        (Reply::new("Pay.").with_link("https://pay.example"), json!({"text": "Pay.", "link": "https://pay.example"})),
        (
            Reply::new("Here.").with_image(file()),
            json!({"text": "Here.", "image": {"url": "https://salon.example/chair.png", "name": "chair.png"}}),
        ),
        (
            Reply::new("").with_file(FileToSend::from(Media::new(MediaKind::Document, "f7"))),
            json!({"file": {"reference": "f7"}}),
        ),
        (Reply::new("").with_place(place), json!({"location": {"latitude": 52.5, "longitude": 13.4, "name": "Salon"}})),
        (
            Reply::new("").with_contact(card),
            json!({"contact": {"name": "Kai", "phones": ["+49301234567"], "emails": []}}),
        ),
        (
            Reply::new("Your parcel, Ana.").with_template(template),
            json!({"template": {"name": "parcel", "language": "en", "parameters": ["Ana"]}}),
        ),
    ] {
        assert_eq!(written(Messages, &reply), sent(fields));
    }
}

#[test]
fn many_choices_are_a_list_and_a_narrow_screen_has_numbers() {
    struct Texts;

    impl Format for Texts {
        const SCREEN: Screen = Screen::of_text(160);
    }

    let reply = Reply::new("When?").with_choices((1..=11).map(|hour| format!("{hour} o'clock")));
    let list = &written(Messages, &reply)[0];
    assert_eq!((list["list"].as_array().map(Vec::len), &list["list"][10]["label"]), (Some(11), &json!("11 o'clock")));
    let numbered = written(Texts, &reply);
    assert!(
        numbered.len() > 1 || numbered[0]["text"].as_str().is_some_and(|text| text.contains("\n11. 11 o'clock")),
        "{numbered:?}"
    );
    assert!(numbered.iter().all(|message| message.get("buttons").is_none() && message.get("list").is_none()));
}

#[test]
fn a_message_of_the_longest_text_is_below_what_the_standard_recommends() {
    let messages = written(Messages, &Reply::new("é ".repeat(10_000)));
    assert!(messages.len() > 1 && messages.iter().all(|message| message.to_string().len() < 20_000));
}

/// What becomes of a reply.
async fn fate(webhook: &Webhook) -> String {
    let reply = Reply::new("Hello!");
    let said = rendered(webhook, &reply).pop().expect("a message");
    match webhook.send("ana", &said, "a key").await {
        Ok(()) => "Sent".to_owned(),
        Err(fate) => format!("{fate:?}"),
    }
}

#[tokio::test]
async fn each_answer_has_its_fate() {
    let chats = Chats::open().await;
    let webhook = Webhook::new(chats.url(), secret()).expect("an address");
    let rests = "Again { after: 60s, scope: Channel }";
    let waits = "Again { after: 7s, scope: Channel }";
    for (status, retry_after, expected) in [
        (200, None, "Sent"),
        (204, None, "Sent"),
        (299, Some("7"), "Sent"),
        (400, None, "Never"),
        (403, Some("7"), "Never"),
        (410, None, "Never"),
        (413, None, "Never"),
        (415, None, "Never"),
        (422, None, "Never"),
        (301, None, rests),
        (307, Some("7"), rests),
        (401, None, rests),
        (404, None, rests),
        (405, None, rests),
        (407, None, rests),
        (429, Some("7"), waits),
        (500, Some("7"), waits),
        (503, Some("7"), waits),
        (504, Some("7"), waits),
        (408, None, "Failed"),
        (409, None, "Failed"),
        (429, None, "Again { after: 0ns, scope: Channel }"),
        (429, Some("soon"), "Again { after: 0ns, scope: Channel }"),
        (429, Some("-1"), "Again { after: 0ns, scope: Channel }"),
        (500, None, "Failed"),
        (503, None, "Again { after: 0ns, scope: Channel }"),
        (502, None, "InDoubt"),
        (504, None, "InDoubt"),
    ] {
        chats.answers(status, retry_after);
        assert_eq!(fate(&webhook).await, expected, "{status} {retry_after:?}");
    }
}

#[tokio::test]
async fn nobody_there_is_no_doubt_and_a_connection_that_ends_is() {
    use tokio::net::TcpListener;

    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let webhook = Webhook::new(&url, secret()).expect("an address");
    let (fate_of_it, ()) = tokio::join!(fate(&webhook), async {
        drop(listener.accept().await.expect("a connection"));
    });
    assert_eq!(fate_of_it, "InDoubt");
    drop(listener);
    assert_eq!(fate(&webhook).await, "Failed");
    // What is said in the clear would be heard on the way.
    let elsewhere = Webhook::new("http://chat.example/replies", secret()).expect("an address");
    assert_eq!(fate(&elsewhere).await, "Failed");
}

#[test]
fn debug_tells_the_shape_of_what_is_said() {
    let reply = Reply::new("canary").with_choices(["canary"]).with_image("https://canary.example/canary");
    let webhook = Webhook::new("https://chat.example", secret()).expect("an address");
    let shown = format!("{:?} {:?}", rendered(&webhook, &reply), rendered(&webhook, &reply)[0].buttons());
    assert!(shown.contains("Said(6 bytes, 1 choices, image)") && !shown.contains("canary"), "{shown}");
}
