//! WhatsApp keeps what every platform promises, against Meta's Cloud API as its documentation has it.

use std::{
    collections::BTreeSet,
    future,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use flow_core::Input;
use flow_http::{
    axum::{
        self, Json, Router,
        extract::State,
        http::{HeaderMap, Method, StatusCode},
        response::{IntoResponse as _, Response},
    },
    client::Client,
    platform::{Arrived, Became, Receipt},
};
use flow_testkit::{
    conformance::platform::{Counterpart, Delivery, Sample, Shown, Signature, Signer, Taken, Trouble},
    platform_conformance,
};
use flow_whatsapp::{WhatsApp, WhatsAppMessage};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::net::TcpListener;

platform_conformance!(Graph::open);

const NUMBER: &str = "106540352242922";
const TOKEN: &str = "EAAJB-canary-token";
const PRESENT: &str = "0123456789abcdef0123456789abcdef";
const PREVIOUS: &str = "fedcba9876543210fedcba9876543210";
const WORD: &str = "a-word-of-mine";

/// The Cloud API, on this machine.
struct Graph {
    address: String,
    client: Client,
    desk: Arc<Desk>,
}

/// What was sent, and what happens to the next message.
#[derive(Default)]
struct Desk {
    taken: Mutex<Vec<Taken>>,
    trouble: Mutex<Option<Trouble>>,
}

impl Graph {
    async fn open() -> Self {
        let desk = Arc::<Desk>::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let routes = Router::new().fallback(call).with_state(Arc::clone(&desk));
        tokio::spawn(async { axum::serve(listener, routes).await });
        Self { address, client: Client::new().patience(Duration::from_millis(500)), desk }
    }
}

/// "Error codes": a status, and an error with a code.
fn refused(status: u16, code: u32, message: &str) -> Response {
    let error = json!({"error": {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "A"}});
    (StatusCode::from_u16(status).expect("a status"), Json(error)).into_response()
}

async fn call(State(desk): State<Arc<Desk>>, headers: HeaderMap, Json(message): Json<Value>) -> Response {
    if headers["authorization"] != format!("Bearer {TOKEN}") {
        return refused(401, 190, "Invalid OAuth access token");
    }
    if message["status"] == "read" {
        return Json(json!({"success": true})).into_response();
    }
    let trouble = desk.trouble.lock().expect("a lock").take();
    match trouble {
        Some(Trouble::Busy(_)) => return refused(400, 131_056, "(#131056) Pair rate limit hit"),
        Some(Trouble::Blocked) => return refused(400, 131_026, "(#131026) Message undeliverable"),
        Some(Trouble::Broken) => return refused(500, 131_000, "(#131000) Something went wrong"),
        Some(Trouble::Denied) => return refused(401, 190, "Error validating access token: Session has expired"),
        _ => {}
    }
    match shown(&message) {
        Err(why) => return refused(400, 131_009, &format!("(#131009) Parameter value is not valid: {why}")),
        Ok(shown) => {
            let (to, key) = (message["to"].as_str(), message["biz_opaque_callback_data"].as_str());
            let taken = Taken::at(to.unwrap_or_default(), shown).under(key.unwrap_or_default());
            desk.taken.lock().expect("a lock").push(taken);
        }
    }
    if trouble == Some(Trouble::AnswerLost) {
        future::pending::<()>().await;
    }
    Json(json!({"messaging_product": "whatsapp", "contacts": [], "messages": [{"id": "wamid.1"}]})).into_response()
}

/// What is seen of a message; or why Meta does not take it.
fn shown(message: &Value) -> Result<Shown, String> {
    let kind = message["type"].as_str().ok_or("no type")?;
    let what = &message[kind];
    match kind {
        // "Text messages": 4,096 characters.
        "text" => Ok(Shown::text(text(&what["body"], 4096)?)),
        // "Image messages", "Document messages": a caption of 1,024 characters.
        "image" | "document" => {
            let attachment = if kind == "image" { "image" } else { "file" };
            let caption = if what["caption"].is_null() { String::new() } else { text(&what["caption"], 1024)? };
            is_file(what).map(|()| Shown::text(caption).with_attachment(attachment))
        }
        "location" if what["latitude"].is_number() && what["longitude"].is_number() => {
            Ok(Shown::default().with_attachment("place"))
        }
        "contacts" if what[0]["name"]["formatted_name"].is_string() && what[0]["name"]["first_name"].is_string() => {
            Ok(Shown::default().with_attachment("contact"))
        }
        "template" if what["name"].is_string() && what["language"]["code"].is_string() => {
            Ok(Shown::default().with_attachment("template"))
        }
        "interactive" => interactive(what),
        other => Err(format!("no {other} as it should be")),
    }
}

fn interactive(what: &Value) -> Result<Shown, String> {
    let (rows, most, label, id, field) = match what["type"].as_str() {
        // "Interactive reply buttons messages": 3 buttons, titles of 20 characters that are unique, ids of 256, a body of 1,024.
        Some("button") => (what["action"]["buttons"].as_array(), 3, 20, 256, "reply"),
        // "Interactive list messages": 10 rows, titles of 24 characters, ids of 200, a body of 4,096, a button of 20.
        Some("list") => {
            text(&what["action"]["button"], 20)?;
            (what["action"]["sections"][0]["rows"].as_array(), 10, 24, 200, "")
        }
        _ => return Err("no such interactive message".to_owned()),
    };
    let rows = rows.filter(|rows| (1..=most).contains(&rows.len())).ok_or("too many to pick from, or none")?;
    let mut shown = Shown::text(text(&what["body"]["text"], if most == 3 { 1024 } else { 4096 })?);
    let mut titles = BTreeSet::new();
    for row in rows {
        let row = if field.is_empty() { row } else { &row[field] };
        let (title, token) = (text(&row["title"], label)?, text(&row["id"], id)?);
        if most == 3 && !titles.insert(title.clone()) {
            return Err("two buttons have one title".to_owned());
        }
        shown = shown.with_button(title, token);
    }
    let header = &what["header"];
    match header["type"].as_str() {
        None => Ok(shown),
        Some("image") => is_file(&header["image"]).map(|()| shown.with_attachment("image")),
        Some("document") => is_file(&header["document"]).map(|()| shown.with_attachment("file")),
        Some(other) => Err(format!("a header is no {other}")),
    }
}

fn is_file(file: &Value) -> Result<(), String> {
    let is_named = file["link"].is_string() != file["id"].is_string();
    if is_named { Ok(()) } else { Err("a file has a link or an id".to_owned()) }
}

fn text(text: &Value, longest: usize) -> Result<String, String> {
    let text = text.as_str().filter(|text| !text.is_empty()).ok_or("a text is missing")?;
    let length = text.chars().count();
    if length > longest {
        Err(format!("a text has {length} characters, and not {longest}"))
    } else {
        Ok(text.to_owned())
    }
}

/// A webhook with this in the one value of its one change.
fn notified(fields: &Value) -> Delivery {
    let metadata = json!({"display_phone_number": "15550783881", "phone_number_id": NUMBER});
    let mut value = json!({"messaging_product": "whatsapp", "metadata": metadata});
    value.as_object_mut().expect("fields").extend(fields.as_object().expect("fields").clone());
    let change = json!({"value": value, "field": "messages"});
    let entry = json!({"id": "102290129340398", "changes": [change]});
    Delivery::json(&json!({"object": "whatsapp_business_account", "entry": [entry]}))
}

fn number(visitor: u32) -> String {
    format!("1650555{visitor:04}")
}

fn delivered(visitor: u32, message: u32, what: &Value) -> Delivery {
    let mut whole = json!({"from": number(visitor), "id": format!("wamid.{message}"), "timestamp": "1749416383"});
    whole.as_object_mut().expect("fields").extend(what.as_object().expect("fields").clone());
    let contact = json!({"profile": {"name": "Sheena Nelson"}, "wa_id": number(visitor)});
    notified(&json!({"contacts": [contact], "messages": [whole]}))
}

#[async_trait]
impl Counterpart for Graph {
    type Platform = WhatsApp;

    fn platform(&self) -> WhatsApp {
        let whatsapp = WhatsApp::new(NUMBER, TOKEN).and_then(|whatsapp| whatsapp.app_secret(PRESENT));
        let whatsapp = whatsapp.and_then(|whatsapp| whatsapp.previous_app_secret(PREVIOUS));
        let whatsapp = whatsapp.and_then(|whatsapp| whatsapp.verify_token(WORD)).expect("well set up");
        whatsapp.api(&self.address).client(self.client.clone())
    }

    fn secrets(&self) -> Vec<String> {
        [TOKEN, PRESENT, PREVIOUS, WORD].map(str::to_owned).to_vec()
    }

    /// "Validate payloads": the body, and no time.
    fn signature(&self) -> Signature {
        Signature::of_body()
    }

    fn sign(&self, delivery: &mut Delivery, signer: Signer, _: DateTime<Utc>) {
        if delivery.method() == Method::GET {
            return;
        }
        let secret = match signer {
            Signer::Present => PRESENT,
            Signer::Previous => PREVIOUS,
            _ => "ffffffffffffffffffffffffffffffff",
        };
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("a key");
        mac.update(delivery.body());
        let tag = mac.finalize().into_bytes();
        let digits = tag.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        let tag: String = digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect();
        delivery.set_header("x-hub-signature-256", &format!("sha256={tag}"));
    }

    fn place(&self, visitor: u32) -> String {
        number(visitor)
    }

    fn says(&self, visitor: u32, message: u32, text: &str) -> Delivery {
        delivered(visitor, message, &json!({"type": "text", "text": {"body": text}}))
    }

    fn presses(&self, visitor: u32, message: u32, token: &str) -> Option<Delivery> {
        let reply = json!({"id": token, "title": "Nails"});
        let pressed = json!({"type": "button_reply", "button_reply": reply});
        Some(delivered(visitor, message, &json!({"type": "interactive", "interactive": pressed})))
    }

    /// Of several entries, as Meta batches them.
    fn together(&self, deliveries: &[Delivery]) -> Option<Delivery> {
        let wholes = deliveries.iter().map(|delivery| serde_json::from_slice::<Value>(delivery.body()).expect("JSON"));
        let entries: Vec<_> = wholes.map(|whole| whole["entry"][0].clone()).collect();
        Some(Delivery::json(&json!({"object": "whatsapp_business_account", "entry": entries})))
    }

    fn samples(&self) -> Vec<Sample> {
        let status = json!({
            "id": "wamid.9", "status": "delivered", "timestamp": "1750030073", "recipient_id": number(1),
            "biz_opaque_callback_data": "the key",
        });
        let reaction = json!({"type": "reaction", "reaction": {"message_id": "wamid.1", "emoji": "🙂"}});
        let unsupported =
            json!({"type": "unsupported", "errors": [{"code": 131_051, "title": "Message type unknown"}]});
        let tomorrow = json!({"type": "hologram", "hologram": {"id": "1"}});
        let handshake =
            |word| Delivery::get(&format!("hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token={word}"));
        let picked = Input::Button(flow_core::Button::new("priority_express").with_label("Priority Mail Express"));
        let row =
            json!({"id": "priority_express", "title": "Priority Mail Express", "description": "Next Day to 2 Days"});
        let row = json!({"type": "interactive", "interactive": {"type": "list_reply", "list_reply": row}});
        vec![
            Sample::of("a row was picked", delivered(1, 7, &row))
                .brings([Arrived::new(number(1), picked.with_id("wamid.7"))]),
            Sample::of("a message was delivered", notified(&json!({"statuses": [status]}))).tells([Receipt::new(
                number(1),
                "the key",
                Became::Delivered,
            )]),
            Sample::of("a reaction", delivered(1, 2, &reaction)).brings_nothing(),
            Sample::of("what WhatsApp itself cannot read", delivered(1, 3, &unsupported)).brings_nothing(),
            Sample::of("a kind that will be", delivered(1, 4, &tomorrow)).brings_nothing(),
            Sample::of("whether the webhook is ours", handshake(WORD)).is_answered("1158201444"),
            Sample::of("whether the webhook is theirs", handshake("another")).is_forged(),
            Sample::of("no webhook", Delivery::post("[]")).is_unreadable(),
        ]
    }

    /// An error of the rate says nothing of a time.
    fn says_how_long(&self) -> bool {
        false
    }

    fn shown(&self, wire: &WhatsAppMessage) -> Result<Shown, String> {
        shown(&serde_json::to_value(wire).expect("JSON"))
    }

    async fn meets(&self, trouble: Trouble) {
        *self.desk.trouble.lock().expect("a lock") = Some(trouble);
    }

    async fn taken(&self) -> Vec<Taken> {
        self.desk.taken.lock().expect("a lock").clone()
    }
}
