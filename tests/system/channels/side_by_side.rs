//! Several lines in one process: each visitor of each has a conversation of their own.

use flow_http::{Site, platform::Line};
use flow_memory::MemoryStore;
use flow_telegram::Telegram;
use flow_testkit::stubs::{GraphStub, TelegramStub};
use flow_whatsapp::WhatsApp;

use super::phones::{Phone, salon, secret, served};

fn telegram(name: &str, stub: &TelegramStub) -> Line<Telegram> {
    Line::new(name, Telegram::new(stub.token()).expect("a token").api(stub.address()), secret())
}

fn texts(seen: &[super::phones::Seen]) -> Vec<&str> {
    seen.iter().map(|seen| seen.text.as_str()).collect()
}

#[tokio::test]
async fn a_visitor_of_two_bots_and_of_another_channel_has_three_conversations() {
    let (front, back, graph) = (TelegramStub::start().await, TelegramStub::start().await, GraphStub::start().await);
    let (front_line, back_line) = (telegram("front", &front), telegram("back", &back));
    let whatsapp =
        WhatsApp::new(graph.number_id(), graph.token()).and_then(|whatsapp| whatsapp.app_secret("an app's secret"));
    let whatsapp = whatsapp.and_then(|whatsapp| whatsapp.verify_token("a word")).expect("well set up");
    let whatsapp_line = Line::new("whatsapp", whatsapp.api(graph.address()), secret());
    let builder = salon().channel("front", front_line.clone()).channel("back", back_line.clone());
    let engine = builder.channel("whatsapp", whatsapp_line.clone()).store(MemoryStore::new());
    engine.worker().start();
    let site = Site::new(engine).webhook("/front", &front_line).expect("a channel");
    let site = site.webhook("/back", &back_line).expect("a channel");
    let url = served(site.webhook("/whatsapp", &whatsapp_line).expect("a channel")).await;
    front_line.platform().register(format!("{url}/front")).await.expect("registered");
    back_line.platform().register(format!("{url}/back")).await.expect("registered");
    graph.webhook(&format!("{url}/whatsapp"), "an app's secret", "a word").await.expect("the handshake");

    // One person, with one number everywhere.
    let phones: [&dyn Phone; 3] = [&front.visitor(42), &back.visitor(42), &graph.visitor("42")];
    for phone in phones {
        phone.says("hi").await;
        assert_eq!(texts(&phone.hears(1).await), ["Welcome to Salon Lumen! Shall we book a visit?"]);
    }
    phones[0].presses(0, "Book").await;
    assert_eq!(texts(&phones[0].hears(2).await)[1], "What is your name?");
    phones[1].presses(0, "Not today").await;
    assert_eq!(texts(&phones[1].hears(2).await)[1], "Nothing was booked. Write any time.");
    phones[2].says("1").await;
    assert_eq!(texts(&phones[2].hears(2).await)[1], "What is your name?");
    // And each goes on where it is.
    phones[0].says("Ana").await;
    assert_eq!(texts(&phones[0].hears(3).await)[2], "Thanks, Ana. Which e-mail should the confirmation go to?");
    phones[2].says("Bea").await;
    assert_eq!(texts(&phones[2].hears(3).await)[2], "Thanks, Bea. Which e-mail should the confirmation go to?");
    assert_eq!(phones[1].hears(2).await.len(), 2);
}
