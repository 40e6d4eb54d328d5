//! A whole bot on Slack: it is written to directly and in a channel, its buttons are pressed, and it is given commands.

mod support;

use std::time::Duration;

use chrono::Utc;
use flow_core::{Flow, Secret, Step, Turn};
use flow_http::{
    Site,
    axum::{self, http::HeaderName},
    client::{Call, Client},
    platform::Line,
};
use flow_memory::MemoryStore;
use flow_slack::Slack;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use support::{Called, SIGNING_SECRET, WebApi, fixture, form, signed};
use tokio::net::TcpListener;

#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "slack_salon")]
enum Visit {
    #[state(start, ask = "Hair or nails?", choices(Hair, Nails), to(Named))]
    Welcome,
    #[state(ask = "Your name?", to(Booked))]
    Named,
    #[state(end, say = "See you, {name}.")]
    Booked { name: String },
}

use visit::*;

struct Desk;

impl VisitHandler for Desk {
    async fn welcome(&self, _: Welcome, _: WelcomeChoice, turn: Turn<'_, Welcome>) -> Step<Welcome> {
        turn.to(Named)
    }
}

/// A bot that is served, beside a Slack.
struct Bot {
    api: WebApi,
    url: String,
    client: Client,
}

impl Bot {
    async fn open() -> Self {
        let api = WebApi::open().await;
        let slack = api.slack();
        Self::speaking(api, slack).await
    }

    async fn speaking(api: WebApi, slack: Slack) -> Self {
        let line = Line::new("slack", slack, Secret::new("a secret of at least sixteen bytes").expect("a secret"));
        let engine = Visit::engine(Desk).channel(line.name(), line.clone()).store(MemoryStore::new());
        engine.worker().start();
        let site = Site::new(engine).webhook("/hooks/slack", &line).expect("a channel");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/hooks/slack", listener.local_addr().expect("an address"));
        let routes = site.routes();
        tokio::spawn(async move { axum::serve(listener, routes).await.expect("served") });
        Self { api, url, client: Client::new() }
    }

    /// Slack delivers this. Tells what it is answered.
    async fn gets(&self, body: &str) -> (u16, String) {
        let at = Utc::now().timestamp();
        let kind = if body.starts_with('{') { "application/json" } else { "application/x-www-form-urlencoded" };
        let call = Call::post(&self.url)
            .body(kind, body.to_owned())
            .header(HeaderName::from_static("x-slack-request-timestamp"), &at.to_string())
            .header(HeaderName::from_static("x-slack-signature"), &signed(SIGNING_SECRET, at, body));
        let answer = self.client.call(call).await.expect("an answer");
        (answer.status().as_u16(), String::from_utf8_lossy(answer.body()).into_owned())
    }

    /// What is sent, once there is so much.
    async fn says(&self, count: usize) -> Vec<Called> {
        self.api.called("chat.postMessage", count).await
    }
}

/// The body of this fixture, with other values.
fn changed(name: &str, change: impl FnOnce(&mut Value)) -> String {
    let mut body: Value = serde_json::from_str(&fixture(name)).expect("JSON");
    change(&mut body);
    body.to_string()
}

fn text(called: &Called) -> &str {
    called.arguments["text"].as_str().expect("a text")
}

#[tokio::test]
async fn a_visit_is_booked_in_direct_messages_and_what_was_pressed_is_pressed_no_more() {
    let bot = Bot::open().await;
    assert_eq!(bot.gets(&fixture("message_im")).await, (200, String::new()));
    let asked = bot.says(1).await.remove(0);
    assert_eq!((text(&asked), &asked.arguments["channel"]), ("Hair or nails?", &json!("U2147483697")));
    let button = &asked.arguments["blocks"][1]["elements"][1];
    let press = changed("block_actions_button", |press| {
        press["actions"][0]["value"] = button["value"].clone();
        press["actions"][0]["text"]["text"] = "Nails".into();
        press["message"]["blocks"] = asked.arguments["blocks"].clone();
    });
    assert_eq!(bot.gets(&form(&press)).await, (200, String::new()));
    assert_eq!(text(&bot.says(2).await[1]), "Your name?");
    let taken_away = bot.api.called("chat.update", 1).await.remove(0).arguments;
    let kept = json!([
        asked.arguments["blocks"][0],
        {"type": "context", "elements": [{"type": "plain_text", "text": "✓ Nails"}]},
    ]);
    assert_eq!(
        (&taken_away["channel"], &taken_away["ts"], &taken_away["blocks"]),
        (&json!("D024BE91L"), &json!("1548261231.000200"), &kept)
    );
    let name = changed("message_im", |message| {
        message["event"]["text"] = "Ana &amp; Ben".into();
        message["event"]["ts"] = "1355517600.000001".into();
    });
    bot.gets(&name).await;
    assert_eq!(text(&bot.says(3).await[2]), "See you, Ana &amp; Ben.");
    // Each is kept under a key of its own.
    let keys: std::collections::BTreeSet<_> =
        bot.says(3).await.iter().map(|sent| sent.arguments["metadata"]["event_payload"]["key"].to_string()).collect();
    assert_eq!(keys.len(), 3);
}

#[tokio::test]
async fn a_mention_is_answered_once_and_in_its_thread_however_often_it_is_delivered() {
    let api = WebApi::open().await;
    let slack = api.slack().hears_everything();
    let bot = Bot::speaking(api, slack).await;
    // As a mention, as a message of the channel, and both again because the first answer was late.
    for _ in 0..2 {
        assert_eq!(bot.gets(&fixture("app_mention")).await.0, 200);
        assert_eq!(bot.gets(&fixture("message_channels_of_the_same_mention")).await.0, 200);
    }
    let asked = bot.says(1).await.remove(0);
    assert_eq!(
        (&asked.arguments["channel"], &asked.arguments["thread_ts"]),
        (&json!("C123ABC456"), &json!("1515449522.000016"))
    );
    // Another user presses there what was offered to the first: that is no answer, and a conversation of their own begins.
    let press = changed("block_actions_in_a_thread", |press| {
        press["actions"][0]["value"] = asked.arguments["blocks"][1]["elements"][0]["value"].clone();
    });
    bot.gets(&form(&press)).await;
    let others: Vec<_> = bot.says(3).await[1..].iter().map(|sent| text(sent).to_owned()).collect();
    assert_eq!(others, ["That question is over.", "Hair or nails?"]);
    let answer = changed("app_mention_in_a_thread", |mention| mention["event"]["text"] = "<@U0LAN0Z89> hair".into());
    bot.gets(&answer).await;
    assert_eq!(text(&bot.says(4).await[3]), "Your name?");
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(bot.says(4).await.len(), 4);
    assert!(bot.api.calls().iter().all(|call| call.method != "chat.update"));
}

#[tokio::test]
async fn a_command_is_answered_with_nothing_at_once_and_in_the_direct_messages_then() {
    let bot = Bot::open().await;
    assert_eq!(bot.gets(&fixture("slash_command")).await, (200, String::new()));
    assert_eq!(bot.says(1).await[0].arguments["channel"], "U2147483697");
    // The same conversation as what is written there.
    bot.gets(&changed("message_im", |message| message["event"]["text"] = "nails".into())).await;
    assert_eq!(text(&bot.says(2).await[1]), "Your name?");
}

#[tokio::test]
async fn what_slack_asks_of_the_address_is_answered_and_what_a_bot_says_is_not() {
    let bot = Bot::open().await;
    let challenge = "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P";
    assert_eq!(bot.gets(&fixture("url_verification")).await, (200, challenge.to_owned()));
    for name in
        ["message_own", "message_bot", "message_changed", "message_deleted", "reaction_added", "app_rate_limited"]
    {
        assert_eq!(bot.gets(&fixture(name)).await.0, 200, "{name}");
    }
    assert_eq!(bot.gets(&form(&fixture("view_submission"))).await.0, 200);
    assert_eq!(bot.gets(&form(&fixture("block_actions_link"))).await.0, 200);
    assert_eq!(bot.gets("{\"type\": 1}").await.0, 400);
    assert!(bot.api.calls().is_empty());
}

#[tokio::test]
async fn a_message_whose_answer_was_lost_is_found_and_not_sent_twice() {
    let bot = Bot::open().await;
    bot.api.answers(504, None, &json!({}));
    bot.gets(&fixture("message_im")).await;
    // It is in doubt: Slack is asked, and has it.
    bot.api.called("conversations.history", 1).await;
    bot.gets(&changed("message_im", |message| {
        message["event"]["text"] = "hair".into();
        message["event"]["ts"] = "1355517600.000001".into();
    }))
    .await;
    let said: Vec<_> = bot.says(2).await.iter().map(|sent| text(sent).to_owned()).collect();
    assert_eq!(said, ["Hair or nails?", "Your name?"]);
}
