//! What a bot calls, and in which words it is refused.

use flow_http::client::{Call, Client};
use flow_testkit::stubs::{Attached, TelegramStub};
use serde_json::{Value, json};

use super::{call, done, one_button, open, refused};

#[tokio::test]
async fn a_message_is_shown_and_given_back_as_telegram_does() {
    let (telegram, ada) = open().await;
    let keyboard = json!({ "inline_keyboard": [[{ "text": "Two", "callback_data": "t:2" }, { "text": "More", "url": "https://example.com" }]] });
    let sent =
        done(&telegram, "sendMessage", json!({ "chat_id": 42, "text": "How many?", "reply_markup": keyboard })).await;
    assert_eq!(sent["chat"], json!({ "id": 42, "first_name": "Ada", "type": "private" }));
    assert_eq!((&sent["text"], &sent["from"]["is_bot"]), (&json!("How many?"), &json!(true)));
    assert_eq!(sent["reply_markup"], keyboard);

    let heard = ada.hears().await;
    assert_eq!((heard.text(), heard.labels()), ("How many?", vec!["Two", "More"]));
    let buttons: Vec<_> = heard.buttons().map(|button| (button.token(), button.link())).collect();
    assert_eq!(buttons, [(Some("t:2"), None), (None, Some("https://example.com"))]);
    assert_eq!(heard.id(), sent["message_id"].to_string());
}

#[tokio::test]
async fn a_call_is_read_as_json_form_query_and_parts() {
    let (telegram, ada) = open().await;
    let address = format!("{}/bot{}", telegram.address(), telegram.token());
    let client = Client::new();
    let form = Call::post(format!("{address}/sendMessage"))
        .body("application/x-www-form-urlencoded", "chat_id=42&text=a+b%21");
    let query = Call::get(format!("{address}/SENDMESSAGE?chat_id=42&text=in%20the%20query"));
    let parts = "--q\r\nContent-Disposition: form-data; name=\"chat_id\"\r\n\r\n42\r\n--q\r\nContent-Disposition: form-data; \
                 name=\"document\"; filename=\"a.txt\"\r\nContent-Type: text/plain\r\n\r\nall of it\r\n--q--\r\n";
    let parts = Call::post(format!("{address}/sendDocument")).body("multipart/form-data; boundary=q", parts);
    for call in [form, query, parts] {
        let answer = client.call(call).await.expect("an answer");
        assert_eq!(answer.status(), 200, "{:?}", answer.body());
    }
    let heard = ada.waits_for(3).await;
    assert_eq!(ada.texts(), ["a b!", "in the query", ""]);
    let Some(Attached::File(kind, id)) = heard[2].attached() else { panic!("a file") };
    assert_eq!(kind, "document");
    let file = done(&telegram, "getFile", json!({ "file_id": id })).await;
    let path = file["file_path"].as_str().expect("a path");
    let download = Call::get(format!("{}/file/bot{}/{path}", telegram.address(), telegram.token()));
    assert_eq!(&**client.call(download).await.expect("an answer").body(), b"all of it");
}

#[tokio::test]
async fn what_telegram_refuses_is_refused_in_its_words() {
    let (telegram, _) = open().await;
    let with = |text: &str, button: Value| json!({ "chat_id": 42, "text": text, "reply_markup": one_button(button) });
    let cases = [
        ("sendMessage", json!({ "chat_id": 42 }), "message text is empty"),
        ("sendMessage", json!({ "chat_id": 42, "text": "  \n" }), "message text is empty"),
        ("sendMessage", json!({ "chat_id": 42, "text": "x".repeat(4097) }), "message is too long"),
        ("sendMessage", json!({ "text": "x" }), "chat_id is empty"),
        ("sendMessage", json!({ "chat_id": 7, "text": "x" }), "chat not found"),
        ("sendMessage", json!({ "chat_id": "nobody", "text": "x" }), "chat not found"),
        ("sendMessage", json!({ "chat_id": 42, "text": "x", "parse_mode": "INVALID" }), "unsupported parse_mode"),
        ("sendMessage", with("x", json!({ "text": "a", "callback_data": "x".repeat(65) })), "BUTTON_DATA_INVALID"),
        (
            "sendMessage",
            with("x", json!({ "text": "a" })),
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ),
        (
            "sendMessage",
            with("x", json!({ "text": "a", "url": "not-a-url" })),
            "inline keyboard button URL 'not-a-url' is invalid: Wrong HTTP URL",
        ),
        (
            "sendMessage",
            with("x", json!({ "text": "a", "url": "ftp://example.com" })),
            "inline keyboard button URL 'ftp://example.com' is invalid: Unsupported URL protocol",
        ),
        (
            "sendMessage",
            json!({ "chat_id": 42, "text": "x", "reply_parameters": { "message_id": 999 } }),
            "message to be replied not found",
        ),
        ("sendPhoto", json!({ "chat_id": 42 }), "there is no photo in the request"),
        ("sendPhoto", json!({ "chat_id": 42, "photo": "unknown" }), "wrong file identifier/HTTP URL specified"),
        (
            "sendPhoto",
            json!({ "chat_id": 42, "photo": "https://example.com/a.png", "caption": "x".repeat(1025) }),
            "message caption is too long",
        ),
        ("sendLocation", json!({ "chat_id": 42, "longitude": 1 }), "latitude is empty"),
        ("sendChatAction", json!({ "chat_id": 42, "action": "sleeping" }), "wrong parameter action in request"),
        ("getFile", json!({ "file_id": "unknown" }), "invalid file_id"),
        ("editMessageText", json!({ "chat_id": 42, "message_id": 999, "text": "x" }), "message to edit not found"),
        (
            "answerCallbackQuery",
            json!({ "callback_query_id": "1" }),
            "query is too old and response timeout expired or query ID is invalid",
        ),
    ];
    for (method, arguments, why) in cases {
        assert_eq!(refused(&telegram, method, arguments).await, (400, format!("Bad Request: {why}")), "{method}");
    }
    let calls = telegram.calls();
    assert_eq!(calls[0].refused(), Some("Bad Request: message text is empty"));
    assert_eq!(telegram.visitor(42).heard().len(), 0, "nothing of it is shown");
}

#[tokio::test]
async fn what_is_as_long_as_it_may_be_is_taken() {
    let (telegram, ada) = open().await;
    // Characters are counted, and not what UTF-16 makes of them.
    let longest = "😀".repeat(4096);
    let button = json!({ "text": "a", "callback_data": "x".repeat(64) });
    done(&telegram, "sendMessage", json!({ "chat_id": 42, "text": longest, "reply_markup": one_button(button) })).await;
    let photo = json!({ "chat_id": 42, "photo": "https://example.com/a.png", "caption": "x".repeat(1024) });
    done(&telegram, "sendPhoto", photo).await;
    assert_eq!(ada.waits_for(2).await[0].text(), longest);
}

#[tokio::test]
async fn whom_the_bot_may_not_write_to() {
    let (telegram, ada) = open().await;
    let eve = telegram.visitor(43);
    let to = |chat: i64| json!({ "chat_id": chat, "text": "x" });
    let answer = refused(&telegram, "sendMessage", to(43)).await;
    assert_eq!(answer, (403, "Forbidden: bot can't initiate conversation with a user".to_owned()));
    eve.says("Hello");
    done(&telegram, "sendMessage", to(43)).await;

    ada.blocks();
    let blocked = (403, "Forbidden: bot was blocked by the user".to_owned());
    assert_eq!(refused(&telegram, "sendMessage", to(42)).await, blocked);
    ada.unblocks();
    done(&telegram, "sendMessage", to(42)).await;
    telegram.deactivates(42);
    assert_eq!(refused(&telegram, "sendMessage", to(42)).await, (403, "Forbidden: user is deactivated".to_owned()));

    let group = telegram.member(-77, 43);
    let stranger = (403, "Forbidden: bot is not a member of the group chat".to_owned());
    assert_eq!(refused(&telegram, "sendMessage", to(-77)).await, stranger);
    group.says("/start");
    let supergroup = telegram.upgrades(-77);
    let answer: Value = call(&telegram, "sendMessage", to(-77)).await.json().expect("JSON");
    assert_eq!(answer["description"], "Bad Request: group chat was upgraded to a supergroup chat");
    assert_eq!(answer["parameters"]["migrate_to_chat_id"], supergroup);
    done(&telegram, "sendMessage", to(supergroup)).await;
    telegram.member(supergroup, 43).blocks();
    let kicked = (403, "Forbidden: bot was kicked from the supergroup chat".to_owned());
    assert_eq!(refused(&telegram, "sendMessage", to(supergroup)).await, kicked);
}

#[tokio::test]
async fn a_wrong_token_and_an_unknown_method() {
    let telegram = TelegramStub::start().await;
    let call = Call::post(format!("{}/bot1:wrong/getMe", telegram.address()));
    let answer = Client::new().call(call).await.expect("an answer");
    assert_eq!(
        (answer.status().as_u16(), answer.json::<Value>().expect("JSON")["description"].clone()),
        (401, json!("Unauthorized"))
    );
    let unknown = refused(&telegram, "sendPigeon", json!({})).await;
    assert_eq!(unknown, (404, "Not Found: method not found".to_owned()));
    assert_eq!(done(&telegram, "getMe", json!({})).await["username"], "stub_bot");
}

#[tokio::test]
async fn a_message_is_changed_and_taken_away() {
    let (telegram, ada) = open().await;
    let button = one_button(json!({ "text": "Yes", "callback_data": "y" }));
    let sent = done(&telegram, "sendMessage", json!({ "chat_id": 42, "text": "Sure?", "reply_markup": button })).await;
    let id = sent["message_id"].clone();
    let same = json!({ "chat_id": 42, "message_id": id, "text": "Sure?", "reply_markup": button });
    let (code, why) = refused(&telegram, "editMessageText", same).await;
    assert!(code == 400 && why.starts_with("Bad Request: message is not modified:"), "{why}");

    let edited = done(&telegram, "editMessageReplyMarkup", json!({ "chat_id": 42, "message_id": id })).await;
    assert!(edited.get("reply_markup").is_none() && edited["edit_date"].is_i64());
    let heard = ada.hears().await;
    assert!(heard.is_edited() && heard.labels().is_empty());
    // A phone that has not heard of it yet.
    ada.presses("Yes");

    assert_eq!(done(&telegram, "deleteMessage", json!({ "chat_id": 42, "message_id": id })).await, true);
    assert!(ada.heard().is_empty());
    let gone = refused(&telegram, "deleteMessage", json!({ "chat_id": 42, "message_id": id })).await;
    assert_eq!(gone.1, "Bad Request: message to delete not found");
}
