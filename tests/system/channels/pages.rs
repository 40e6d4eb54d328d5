//! What each reply of each example looks like on each channel: a page for each, as it is sent.

use std::{fmt::Write as _, time::Duration};

use flow_chat::Flow;
use flow_core::{Address, Secret, SessionId, engine::Shelf};
use flow_http::{
    Access, Site, Tokens,
    axum::{
        Router,
        body::{Body, to_bytes},
        http::{Request, StatusCode, header},
    },
    platform::{Platform, rendered},
};
use flow_memory::MemoryStore;
use flow_slack::Slack;
use flow_telegram::Telegram;
use flow_testkit::ManualClock;
use flow_webhook::Webhook;
use flow_whatsapp::WhatsApp;
use serde::Serialize;
use serde_json::Value;
use tower::ServiceExt as _;

use super::{
    hello::{Hello, Host},
    script::{
        Act::{self, Happens, Passes, Signals},
        Happening, Played, Script, play, says,
    },
};
use crate::{
    calendar::Calendar,
    flow::{Booking, Slot},
    pizza::{Pizza, Pizzeria},
    salon::Salon,
    stage::{SLOTS, TO_REVIEW, ok},
};

const HOUR: Duration = Duration::from_secs(3_600);

/// Answers of every kind, right and wrong; a slot that has gone; help, back, cancel and restart; the reminder, the link and its end.
fn booking() -> Script<Booking> {
    let calendar = Calendar::of(SLOTS);
    let faster = calendar.clone();
    let salon = Salon::new(calendar).engine().on_checkpoint(|_| ok()).on_effect(|_| ok());
    let gone: Happening = Box::new(move || {
        let faster = faster.clone();
        Box::pin(async move {
            let taken = faster.take(&Slot::from("Mon 10:00"), SessionId::random(), 0).await;
            assert!(taken.expect("the calendar answers"));
        })
    });
    let asked = ["hi", "perhaps", "help", "1", "12345", "Ana Silva", "not an email", "ana@example.com", "12"];
    let answered = ["+1 234 567 890", "Acme", "some day", "Mon 10:00", "back", "1"];
    let corrected =
        ["yes", "1", "Change e-mail", "ana.silva@example.com", "change company", "skip", "another time", "1", "1"];
    let mut acts: Vec<Act> = says(&asked);
    acts.extend(says(&answered));
    acts.push(Happens("somebody faster takes Mon 10:00", gone));
    acts.extend(says(&corrected));
    acts.extend(says(&["is it there?"]));
    acts.push(Passes(HOUR));
    acts.push(Signals("calendar.booked"));
    acts.extend(says(&["hello again", "Not today", "hi", "Book", "restart", "Book", "cancel"]));
    acts.extend(says(&TO_REVIEW));
    Script { builder: salon, acts }
}

fn pizza() -> Script<Pizza> {
    let builder = Pizza::engine(Pizzeria).on_checkpoint(|_| ok());
    let by_the_counter =
        ["ciao", "huge", "xl", "olives", "Olives", "3", "enough", "I'll come", "perhaps", "no", "4", "2", "yes"];
    let to_the_street = ["again", "Small", "Enough", "1", "Via Roma 1", "start over", "2", "back", "forget it"];
    let acts = says(&by_the_counter).into_iter().chain(says(&to_the_street)).collect();
    Script { builder, acts }
}

fn hello() -> Script<Hello> {
    Script { builder: Hello::engine(Host), acts: says(&["hi", "12345", "Ana Silva", "back", "Ana", "fine", "2"]) }
}

#[tokio::test]
async fn every_reply_of_the_booking_on_every_channel() {
    shows("booking", booking).await;
}

#[tokio::test]
async fn every_reply_of_the_pizza_on_every_channel() {
    shows("pizza", pizza).await;
}

#[tokio::test]
async fn every_reply_of_hello_on_every_channel() {
    shows("hello", hello).await;
}

async fn shows<F: Flow>(example: &str, script: fn() -> Script<F>) {
    let played = play(script()).await;
    let all = F::GRAPH.states.iter().map(|node| node.name).collect();
    assert_eq!(played.states, all, "every state is come through, or its question is on no page");
    let telegram = Telegram::new("123456:ABC-DEF1234ghIkl-zyx57W2v1u123ew11").expect("a token");
    let whatsapp = WhatsApp::new("106540352242922", "a token").expect("a number");
    let slack = Slack::new("xoxb-1", "a signing secret");
    let secret = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD".parse().expect("a secret");
    let webhook = Webhook::new("https://chat.example/replies", secret).expect("an address");
    for (channel, page) in [
        ("telegram", page(&on(&telegram, &played))),
        ("whatsapp", page(&on(&whatsapp, &played))),
        ("slack", page(&on(&slack, &played))),
        ("webhook", page(&on(&webhook, &played))),
        ("the_web", page(&on_the_web(script(), &played).await)),
    ] {
        insta::with_settings!({omit_expression => true, prepend_module_to_snapshot => false}, {
            insta::assert_snapshot!(format!("{example}_on_{channel}"), page);
        });
    }
}

/// Of each act what is sent.
type Shown = Vec<(String, Vec<Value>)>;

fn on<P: Platform<Wire: Serialize>>(platform: &P, played: &Played) -> Shown {
    let wires = |reply| {
        rendered(platform, reply).iter().map(|wire| serde_json::to_value(wire).expect("JSON")).collect::<Vec<_>>()
    };
    played.replies.iter().map(|(act, replies)| (act.clone(), replies.iter().flat_map(wires).collect())).collect()
}

/// The same, as the web chat is told it.
async fn on_the_web<F: Flow>(script: Script<F>, played: &Played) -> Shown {
    let tokens = Tokens::signed_with(Secret::new("a secret of at least sixteen bytes").expect("long enough"));
    let (id, token) = tokens.issue();
    let clock = ManualClock::new();
    let builder = script.builder.clock(clock.clone()).collected("web", Shelf::default());
    let engine = builder.store(MemoryStore::builder().clock(clock.clone()).build());
    let site = Site::new(engine.clone()).chat("/chat", "web", Access::by_token(tokens)).expect("collected");
    let (routes, address) = (site.routes(), Address::new("web", id.to_string()));
    let (mut shown, mut last) = (Vec::new(), String::new());
    for (number, (act, (words, replies))) in script.acts.iter().zip(&played.replies).enumerate() {
        act.happen(&engine, &clock, id, number, &address).await;
        let mut told = collected(&routes, &token, &last).await;
        assert_eq!(told.len(), replies.len(), "{words}: the web chat is told as much as any channel");
        for reply in &mut told {
            let fields = reply.as_object_mut().expect("a reply");
            fields.remove("at");
            fields.remove("id").expect("an id").as_str().expect("a text").clone_into(&mut last);
        }
        shown.push((words.clone(), told));
    }
    shown
}

/// What a page is told after the reply that it has.
async fn collected(routes: &Router, token: &str, after: &str) -> Vec<Value> {
    let request =
        Request::get(format!("/chat/replies?after={after}")).header(header::AUTHORIZATION, format!("Bearer {token}"));
    let answer = routes.clone().oneshot(request.body(Body::empty()).expect("a request")).await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::OK);
    let body = to_bytes(answer.into_body(), usize::MAX).await.expect("a body");
    let told: Value = serde_json::from_slice(&body).expect("JSON");
    serde_json::from_value(told["replies"].clone()).expect("replies")
}

/// As it is read by people: a line a field, and every token the same.
fn page(shown: &Shown) -> String {
    let mut page = String::new();
    for (act, messages) in shown {
        let _ = writeln!(page, "{act}");
        for message in messages {
            let _ = writeln!(
                page,
                "{}",
                lines(message).iter().map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n")
            );
            page.push('\n');
        }
    }
    page
}

fn lines(value: &Value) -> Vec<String> {
    let nested = |lines: Vec<String>| lines.into_iter().map(|line| format!("  {line}"));
    match value {
        Value::Object(fields) => fields
            .iter()
            .flat_map(|(name, value)| match value {
                Value::Object(_) | Value::Array(_) => {
                    [format!("{name}:")].into_iter().chain(nested(lines(value))).collect()
                }
                Value::String(text) if text.contains('\n') => {
                    [format!("{name}: |")].into_iter().chain(text.lines().map(|line| format!("  {line}"))).collect()
                }
                _ => vec![format!("{name}: {}", lines(value).concat())],
            })
            .collect(),
        Value::Array(values) => values
            .iter()
            .flat_map(|value| {
                let mut item: Vec<_> = nested(lines(value)).collect();
                if let Some(first) = item.first_mut() {
                    first.replace_range(..2, "- ");
                }
                item
            })
            .collect(),
        Value::String(text) if text.starts_with('~') && text.len() == 15 => vec!["~…".to_owned()],
        Value::String(text) => vec![text.clone()],
        other => vec![other.to_string()],
    }
}
