//! Telegram's stub.

mod calling;
mod failing;
mod loaded;
mod page;
mod polling;
mod webhook;

use flow_http::client::{Answer, Call, Client, NoAnswer};
use flow_testkit::stubs::TelegramStub;
use serde_json::{Value, json};

/// Calls a method.
pub async fn call(telegram: &TelegramStub, method: &str, arguments: Value) -> Answer {
    try_call(telegram, method, arguments).await.expect("an answer")
}

pub async fn try_call(telegram: &TelegramStub, method: &str, arguments: Value) -> Result<Answer, NoAnswer> {
    let address = format!("{}/bot{}/{method}", telegram.address(), telegram.token());
    Client::new().call(Call::post(address).json(&arguments)).await
}

/// Calls a method that is done, and gives its result.
pub async fn done(telegram: &TelegramStub, method: &str, arguments: Value) -> Value {
    let answer = call(telegram, method, arguments).await;
    let body: Value = answer.json().expect("JSON");
    assert_eq!((answer.status().as_u16(), &body["ok"]), (200, &json!(true)), "{body}");
    body["result"].clone()
}

/// Calls a method that is refused, and gives code and description.
pub async fn refused(telegram: &TelegramStub, method: &str, arguments: Value) -> (u64, String) {
    let answer = call(telegram, method, arguments).await;
    let body: Value = answer.json().expect("JSON");
    assert_eq!(body["ok"], false, "{body}");
    assert_eq!(body["error_code"], answer.status().as_u16(), "the code is the status");
    (body["error_code"].as_u64().expect("a code"), body["description"].as_str().expect("words").to_owned())
}

/// A stub with a visitor 42 who has written once.
pub async fn open() -> (TelegramStub, flow_testkit::stubs::Visitor) {
    let telegram = TelegramStub::start().await;
    let ada = telegram.visitor(42).called("Ada");
    ada.says("Hello");
    (telegram, ada)
}

/// A keyboard of one button.
pub fn one_button(button: impl Into<Value>) -> Value {
    let button = button.into();
    json!({ "inline_keyboard": [[button]] })
}
