//! One transcript that passes on all channels: the same is said and pressed, and the same comes of it.

use std::{future::pending, time::Duration};

use flow_core::{Address, Engine, Flow as _, SessionId};
use flow_http::platform::{Line, Platform};
use flow_memory::MemoryStore;
use flow_slack::Slack;
use flow_telegram::{Polling, Telegram};
use flow_testkit::stubs::{GraphStub, SlackStub, TelegramStub};
use flow_webhook::Webhook;
use flow_whatsapp::WhatsApp;

use super::phones::{Page, Phone, Program, WHSEC, opened, salon, secret};
use crate::flow::Booking;

/// What is done next.
enum Does {
    Says(&'static str),
    /// Of the message that was heard as this one.
    Presses(usize, &'static str),
}

use Does::{Presses, Says};

/// What comes of it: the state, and what is heard.
type Comes = (&'static str, &'static [&'static str]);

const WELCOME: &str = "Welcome to Salon Lumen! Shall we book a visit?";
const SLOT: &str = "Which of these suits you?";
const MONDAY: &str = "Mon 10:00, for Ana Silva. Shall I send the link?";

/// A text, a button, a pick by number and one by its label, back, a button of a question that is over, a double tap, and the end.
const TRANSCRIPT: [(Does, Comes); 13] = [
    (Says("hi"), ("WELCOME", &[WELCOME])),
    (Presses(0, "Book"), ("BOOK_NAME", &["What is your name?"])),
    (Says("Ana Silva"), ("BOOK_EMAIL", &["Thanks, Ana Silva. Which e-mail should the confirmation go to?"])),
    (Says("ana@example.com"), ("BOOK_PHONE", &["And a phone number?"])),
    (Says("+1 234 567 890"), ("BOOK_COMPANY", &["Do you come from a company? Its name, or skip."])),
    (Says("skip"), ("BOOK_SLOT", &[SLOT])),
    (Says("2"), ("BOOK_REVIEW", &["Tue 14:30, for Ana Silva. Shall I send the link?"])),
    (Says("back"), ("BOOK_SLOT", &[SLOT])),
    (Says("mon 10:00"), ("BOOK_REVIEW", &[MONDAY])),
    (Presses(0, "Not today"), ("BOOK_REVIEW", &["That question is over.", MONDAY])),
    (Presses(10, "Yes"), ("BOOK_SEND_LINK", &["A link is on its way to ana@example.com."])),
    (
        Says("is it there?"),
        ("BOOK_SEND_LINK", &["The link is in your mailbox; I'll confirm as soon as you have picked it up."]),
    ),
    (Says("cancel"), ("CANCELLED", &["Nothing was booked. Write any time."])),
];

/// What can be pressed where something can.
const LABELS: [(&str, &[&str]); 3] =
    [(WELCOME, &["Book", "Not today"]), (SLOT, &["Mon 10:00", "Tue 14:30"]), (MONDAY, &["Yes", "Change e-mail"])];

async fn passes(engine: &Engine<Booking>, id: SessionId, phone: &dyn Phone) {
    let mut count = 0;
    for (number, (does, (state, texts))) in TRANSCRIPT.iter().enumerate() {
        match does {
            Says(text) => phone.says(text).await,
            Presses(message, label) => phone.presses(*message, label).await,
        }
        let heard = phone.hears(count + texts.len()).await;
        let new: Vec<_> = heard[count..].iter().map(|seen| seen.text.as_str()).collect();
        assert_eq!(new, *texts, "act {number}");
        for seen in &heard[count..] {
            let labels = LABELS.iter().find(|(text, _)| *text == seen.text).map_or(&[][..], |(_, labels)| labels);
            if !labels.is_empty() {
                assert_eq!(seen.labels, labels, "act {number}");
            }
        }
        let session = engine.peek(id).await.expect("a store").expect("a session");
        assert_eq!(session.state().name(), *state, "act {number}");
        count = heard.len();
    }
}

/// Of whoever is reached there.
fn session<P: Platform>(line: &Line<P>, place: &str) -> SessionId {
    SessionId::reached_at(&secret(), &Address::new(line.name(), place))
}

fn telegram(stub: &TelegramStub) -> Line<Telegram> {
    Line::new("telegram", Telegram::new(stub.token()).expect("a token").api(stub.address()), secret())
}

#[tokio::test]
async fn on_telegram_by_a_webhook() {
    let stub = TelegramStub::start().await;
    let line = telegram(&stub);
    let (engine, url) = opened(&line).await;
    line.platform().register(url).await.expect("registered");
    passes(&engine, session(&line, "42"), &stub.visitor(42)).await;
}

#[tokio::test]
async fn on_telegram_by_polling() {
    let stub = TelegramStub::start().await;
    let line = telegram(&stub);
    let engine = salon().channel(line.name(), line.clone()).store(MemoryStore::new());
    engine.worker().start();
    tokio::spawn(Polling::new(&line, &engine).pause(Duration::from_millis(10)).until(pending()));
    passes(&engine, session(&line, "42"), &stub.visitor(42)).await;
}

#[tokio::test]
async fn on_whatsapp() {
    let stub = GraphStub::start().await;
    let whatsapp =
        WhatsApp::new(stub.number_id(), stub.token()).and_then(|whatsapp| whatsapp.app_secret("an app's secret"));
    let whatsapp = whatsapp.and_then(|whatsapp| whatsapp.verify_token("a word")).expect("well set up");
    let line = Line::new("whatsapp", whatsapp.api(stub.address()), secret());
    let (engine, url) = opened(&line).await;
    stub.webhook(&url, "an app's secret", "a word").await.expect("the handshake");
    passes(&engine, session(&line, "16505551234"), &stub.visitor("16505551234")).await;
}

#[tokio::test]
async fn on_slack() {
    let stub = SlackStub::start().await;
    let slack = Slack::new(stub.token(), "a signing secret").api(stub.address());
    let line = Line::new("slack", slack, secret());
    let (engine, url) = opened(&line).await;
    stub.webhook(&url, "a signing secret").await.expect("the handshake");
    passes(&engine, session(&line, "U2147483697"), &stub.visitor("U2147483697")).await;
}

#[tokio::test]
async fn on_a_webhook() {
    let program = Program::start().await;
    let webhook = Webhook::new(&program.address, WHSEC.parse().expect("a secret")).expect("an address");
    let line = Line::new("program", webhook, secret());
    let (engine, url) = opened(&line).await;
    program.delivers_to(url);
    passes(&engine, session(&line, "ana"), &program).await;
}

#[tokio::test]
async fn on_the_web() {
    let (engine, id, page) = Page::open();
    passes(&engine, id, &page).await;
}
