//! A bot on WhatsApp: what Meta delivers is handled, and what the bot says reaches Meta.

mod support;

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use flow_core::{Answer, Flow, Secret, Step, Template, Turn};
use flow_http::{
    Site,
    client::{Call, Client},
    platform::Line,
};
use flow_memory::MemoryStore;
use flow_whatsapp::WhatsApp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use support::{
    APP_SECRET, NUMBER, VERIFY_TOKEN,
    graph::{self, Graph},
    signature,
};

#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "whatsapp_salon")]
enum Visit {
    #[state(start, ask = "Hair or nails?", choices = Service, to(Named))]
    Welcome,
    #[state(ask = "Your name?", to(Named, Booked), signals(Unreachable(String)))]
    Named { service: Service },
    #[state(end, say = "See you, {name}.")]
    Booked { service: Service, name: String },
}

use visit::*;

#[derive(Answer, Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Service {
    Hair,
    Nails,
}

/// Counts how often it hears that something can never be sent.
#[derive(Clone, Default)]
struct Desk(Arc<AtomicUsize>);

impl VisitHandler for Desk {
    async fn named_on_unreachable(&self, _: Named, _: String, turn: Turn<'_, Named>) -> Step<Named> {
        self.0.fetch_add(1, Ordering::SeqCst);
        turn.stay(flow_core::Reply::silence())
    }

    async fn named(&self, state: Named, turn: Turn<'_, Named>) -> Step<Named> {
        let name = turn.text().to_owned();
        match &*name {
            "slow" => tokio::time::sleep(Duration::from_millis(300)).await,
            "template" => {
                let template = Template::new("parcel_is_here", "en_US").with_parameters(["Ana"]);
                return turn.stay(flow_core::Reply::new("Ana, your parcel is here.").with_template(template));
            }
            _ => {}
        }
        turn.to(state.booked(name))
    }
}

struct Bot {
    graph: Graph,
    desk: Desk,
    address: String,
    client: Client,
}

impl Bot {
    /// A bot with these numbers, each with a path of its own.
    async fn with(numbers: &[&str]) -> Self {
        let ((graph, api), desk) = (Graph::start().await, Desk::default());
        let secret = || Secret::new("a secret of at least sixteen bytes").expect("long enough");
        let lines = numbers.iter().map(|number| {
            let whatsapp = WhatsApp::new(*number, "EAAJB").and_then(|whatsapp| whatsapp.app_secret(APP_SECRET));
            let whatsapp = whatsapp.and_then(|whatsapp| whatsapp.verify_token(VERIFY_TOKEN)).expect("well set up");
            let client = Client::new().patience(Duration::from_millis(500));
            Line::new(format!("whatsapp_{number}"), whatsapp.api(&*api).client(client), secret())
        });
        let lines: Vec<_> = lines.collect();
        let builder =
            Visit::engine(desk.clone()).deadlines(flow_core::Deadlines::default().typing(Duration::from_millis(50)));
        let builder = lines.iter().fold(builder, |builder, line| builder.channel(line.name(), line.clone()));
        let builder = builder.tell_undeliverable(|_, reason| VisitSignal::Unreachable(reason.to_owned()));
        let engine = builder.store(MemoryStore::new());
        engine.worker().start();
        let site = lines.iter().fold(Site::new(engine.clone()), |site, line| {
            site.webhook(format!("/hooks/{}", line.name()), line).expect("a channel")
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let routes = site.routes();
        tokio::spawn(async move { flow_http::axum::serve(listener, routes).await });
        Self { graph, desk, address, client: Client::new() }
    }

    async fn new() -> Self {
        Self::with(&[NUMBER]).await
    }

    /// Meta delivers this of a number at a path.
    async fn delivers(&self, path: &str, number: &str, happened: Value) -> u16 {
        let mut value = json!({ "messaging_product": "whatsapp", "metadata": { "display_phone_number": "1", "phone_number_id": number } });
        value.as_object_mut().expect("an object").extend(happened.as_object().expect("an object").clone());
        let changes = json!([{ "field": "messages", "value": value }]);
        let body =
            json!({ "object": "whatsapp_business_account", "entry": [{ "id": "1", "changes": changes }] }).to_string();
        let signature = signature(APP_SECRET, body.as_bytes());
        let call = Call::post(format!("{}/hooks/whatsapp_{path}", self.address)).body("application/json", body);
        let call = call.header("x-hub-signature-256".parse().expect("a name"), &signature);
        self.client.call(call).await.unwrap_or_else(|error| panic!("{error}")).status().as_u16()
    }

    async fn hears(&self, id: &str, said: Value) -> u16 {
        let mut message = json!({ "id": id, "from": "16505551234", "timestamp": "1" });
        message.as_object_mut().expect("an object").extend(said.as_object().expect("an object").clone());
        self.delivers(NUMBER, NUMBER, json!({ "messages": [message] })).await
    }

    async fn hears_text(&self, id: &str, text: &str) -> u16 {
        self.hears(id, json!({ "type": "text", "text": { "body": text } })).await
    }

    /// The visitor presses this button of the message that was sent.
    async fn hears_press(&self, id: &str, message: &Value, place: usize) -> u16 {
        let pressed = &message["interactive"]["action"]["buttons"][place]["reply"];
        self.hears(
            id,
            json!({ "type": "interactive", "interactive": { "type": "button_reply", "button_reply": pressed } }),
        )
        .await
    }
}

/// What a message says.
fn text(message: &Value) -> &str {
    message["text"]["body"].as_str().or_else(|| message["interactive"]["body"]["text"].as_str()).expect("a text")
}

#[tokio::test]
async fn a_visit_is_booked_by_words_and_buttons_and_an_old_button_does_no_harm() {
    let bot = Bot::new().await;
    assert_eq!(bot.hears_text("1", "hello").await, 200);
    let question = bot.graph.has(1).await.remove(0);
    assert_eq!((text(&question), &question["to"]), ("Hair or nails?", &json!("16505551234")));
    assert_eq!(bot.hears_press("2", &question, 1).await, 200);
    assert_eq!(text(&bot.graph.has(2).await[1]), "Your name?");
    // Again by Meta, and again by the visitor.
    bot.hears_press("2", &question, 1).await;
    bot.hears_text("3", "Ana").await;
    let said = bot.graph.has(3).await;
    assert_eq!(text(&said[2]), "See you, Ana.");
    bot.hears_press("4", &question, 0).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    let keys: std::collections::BTreeSet<_> =
        bot.graph.messages().iter().map(|message| message["biz_opaque_callback_data"].to_string()).collect();
    assert_eq!(keys.len(), bot.graph.messages().len(), "each message has a key of its own");
    assert!(!bot.graph.messages().iter().any(|message| text(message) == "See you, Hair."));
}

#[tokio::test]
async fn a_template_goes_alone_and_what_is_not_taken_outside_the_window_lets_the_rest_pass() {
    let bot = Bot::new().await;
    bot.hears_text("1", "hello").await;
    bot.graph.has(1).await;
    bot.graph.answers(graph::Answer::error(400, 131_047));
    bot.hears_text("2", "hair").await;
    bot.graph.has(2).await;
    bot.hears_text("3", "template").await;
    let message = bot.graph.has(3).await.remove(2);
    assert_eq!((&message["type"], &message["template"]["name"]), (&json!("template"), &json!("parcel_is_here")));
}

/// Meta tells of some errors in its answer, of some in a status, and of some in both.
#[tokio::test]
async fn what_meta_refuses_twice_is_heard_once() {
    let bot = Bot::new().await;
    bot.hears_text("1", "hello").await;
    bot.graph.has(1).await;
    bot.graph.answers(graph::Answer::error(400, 131_047));
    bot.hears_text("2", "hair").await;
    let refused = bot.graph.has(2).await.remove(1);
    let error = json!([{ "code": 131_047, "title": "Re-engagement message" }]);
    let status = json!({ "id": "wamid.1", "status": "failed", "errors": error, "biz_opaque_callback_data": refused["biz_opaque_callback_data"] });
    let has_heard = async |times: usize| {
        while bot.desk.0.load(Ordering::SeqCst) < times {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), has_heard(1)).await.expect("heard of");
    for _ in 0..2 {
        assert_eq!(bot.delivers(NUMBER, NUMBER, json!({ "statuses": [status] })).await, 200);
    }
    tokio::time::timeout(Duration::from_millis(1_200), has_heard(2)).await.expect_err("heard of twice");
}

#[tokio::test]
async fn a_message_whose_answer_was_lost_is_not_sent_again_once_its_status_has_come() {
    let bot = Bot::new().await;
    bot.graph.answers(graph::Answer::lost());
    bot.hears_text("1", "hello").await;
    let question = bot.graph.has(1).await.remove(0);
    let status = json!({ "id": "wamid.1", "status": "sent", "recipient_id": "16505551234", "biz_opaque_callback_data": question["biz_opaque_callback_data"] });
    assert_eq!(bot.delivers(NUMBER, NUMBER, json!({ "statuses": [status] })).await, 200);
    bot.hears_press("2", &question, 0).await;
    let said = bot.graph.has(2).await;
    assert_eq!(said.iter().map(text).collect::<Vec<_>>(), ["Hair or nails?", "Your name?"]);
}

#[tokio::test]
async fn while_a_handler_works_the_visitor_sees_that_it_does() {
    let bot = Bot::new().await;
    bot.hears_text("1", "hello").await;
    bot.hears_text("2", "hair").await;
    bot.graph.has(2).await;
    bot.hears_text("3", "slow").await;
    let said = bot.graph.has(4).await;
    assert_eq!((&said[2]["typing_indicator"]["type"], &said[2]["message_id"]), (&json!("text"), &json!("3")));
    assert_eq!(text(&said[3]), "See you, slow.");
}

#[tokio::test]
async fn two_numbers_of_one_app_have_a_path_and_conversations_of_their_own() {
    let bot = Bot::with(&["111", "222"]).await;
    let hello = |id: &str| json!({ "messages": [{ "id": id, "from": "16505551234", "type": "text", "text": { "body": "hello" } }] });
    assert_eq!(bot.delivers("111", "111", hello("1")).await, 200);
    assert_eq!(bot.delivers("222", "222", hello("1")).await, 200);
    let said = bot.graph.has(2).await;
    assert_eq!(said.iter().map(text).collect::<Vec<_>>(), ["Hair or nails?"; 2]);
    let paths: std::collections::BTreeSet<_> = bot.graph.asked().into_iter().map(|asked| asked.path).collect();
    assert_eq!(paths.into_iter().collect::<Vec<_>>(), ["/v25.0/111/messages", "/v25.0/222/messages"]);
    // Delivered to the wrong path it is nothing, and the number's own conversation does not move.
    assert_eq!(bot.delivers("111", "222", hello("2")).await, 200);
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(bot.graph.messages().len(), 2);
}

#[tokio::test]
async fn meta_is_answered_when_it_asks_whether_the_webhook_is_ours() {
    let bot = Bot::new().await;
    let asks = async |token: &str| {
        let query = format!("hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token={token}");
        let answer = bot.client.call(Call::get(format!("{}/hooks/whatsapp_{NUMBER}?{query}", bot.address))).await;
        let answer = answer.unwrap_or_else(|error| panic!("{error}"));
        (answer.status().as_u16(), String::from_utf8(answer.body().to_vec()).expect("text"))
    };
    assert_eq!(asks("a%20word%20%26%20a%20w%C3%B6rd").await, (200, "1158201444".to_owned()));
    assert_eq!(asks("another").await.0, 401);
}
