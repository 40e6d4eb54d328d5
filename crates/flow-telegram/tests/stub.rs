//! The whole bot on a Telegram of this machine, which has its limits, its refusals and its faults.

mod support;

use std::{future::pending, sync::Arc, time::Duration};

use flow_core::{Download, Fetch as _, Input, Media, MediaKind, engine::Doubt};
use flow_http::{
    Site,
    client::{Call, Client},
    platform::{Arrived, Pace},
};
use flow_telegram::{Polling, Telegram};
use flow_testkit::stubs::TelegramStub;
use support::{Salon, Visit, until};
use tokio::net::TcpListener;

/// The bot of a stub, for which it waits no longer than a moment.
fn bot(stub: &TelegramStub) -> Telegram {
    let client = Client::new().patience(Duration::from_millis(500));
    Telegram::new(stub.token()).expect("a token").client(client).api(stub.address())
}

fn salon(stub: &TelegramStub) -> Salon {
    Salon::with(bot(stub), Arc::default())
}

/// Polls until the test is over.
fn polls(salon: &Salon) {
    let polling = Polling::<Visit>::new(&salon.line, &salon.engine).pause(Duration::from_millis(10));
    tokio::spawn(polling.until(pending()));
}

/// Serves a webhook until the test is over, and registers it.
async fn serves(salon: &Salon) {
    let site = Site::new(salon.engine.clone()).webhook("/hooks/telegram", &salon.line).expect("a channel");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/hooks/telegram", listener.local_addr().expect("an address"));
    tokio::spawn(site.serve_at(listener, pending(), Duration::ZERO));
    salon.line.platform().register(url).await.expect("registered");
}

#[tokio::test]
async fn a_booking_is_made_by_webhook_and_by_polling() {
    for by_webhook in [true, false] {
        let stub = TelegramStub::start().await;
        let salon = salon(&stub);
        if by_webhook {
            serves(&salon).await;
        } else {
            polls(&salon);
        }
        let ada = stub.visitor(42).called("Ada");
        ada.starts("lisbon");
        assert_eq!(ada.hears().await.labels(), ["Hair", "Nails"]);
        ada.presses("Nails");
        ada.waits_for(2).await;
        ada.says("Ada");
        ada.waits_for(3).await;
        assert_eq!(ada.texts(), ["Hair or nails?", "Your name?", "See you, Ada."]);
        until("the buttons are gone", || ada.heard()[0].labels().is_empty()).await;
        let acknowledged = |stub: &TelegramStub| {
            stub.calls().iter().any(|call| call.method().eq_ignore_ascii_case("answerCallbackQuery"))
        };
        until("acknowledged", || acknowledged(&stub)).await;
        let refused: Vec<_> = stub.calls().iter().filter_map(|call| call.refused().map(str::to_owned)).collect();
        assert_eq!(refused, [""; 0]);
    }
}

#[tokio::test]
async fn what_is_delivered_twice_or_out_of_order_is_answered_once() {
    let stub = TelegramStub::start().await;
    let salon = salon(&stub);
    serves(&salon).await;
    let ada = stub.visitor(42);
    stub.faults().doubles(3);
    ada.says("hello");
    ada.waits_for(1).await;
    ada.says("nails");
    ada.waits_for(2).await;
    ada.says("Ada");
    ada.waits_for(3).await;
    stub.settles().await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(ada.texts(), ["Hair or nails?", "Your name?", "See you, Ada."]);
}

#[tokio::test]
async fn while_telegram_is_away_or_says_too_many_replies_wait_and_come_in_order() {
    let stub = TelegramStub::start().await;
    let salon = salon(&stub);
    polls(&salon);
    let ada = stub.visitor(42);
    stub.faults().answers_429_for(Duration::from_millis(1_500));
    ada.says("hello");
    ada.says("nails");
    ada.waits_for(2).await;
    stub.faults().is_away_for(Duration::from_millis(300));
    ada.says("Ada");
    ada.waits_for(3).await;
    assert_eq!(ada.texts(), ["Hair or nails?", "Your name?", "See you, Ada."]);
}

#[tokio::test]
async fn a_lost_answer_is_a_second_message_or_none_as_it_was_declared() {
    for (doubt, heard) in [(Doubt::SendAgain, 2), (Doubt::SetAside, 1)] {
        let stub = TelegramStub::start().await;
        let salon = Salon::with(bot(&stub).in_doubt(doubt), Arc::default());
        polls(&salon);
        let ada = stub.visitor(42);
        stub.faults().loses_answers(1);
        ada.says("hello");
        ada.waits_for(heard).await;
        ada.says("nails");
        ada.waits_for(heard + 1).await;
        let questions = ada.texts().into_iter().filter(|text| text == "Hair or nails?").count();
        assert_eq!(questions, heard, "{doubt:?}");
    }
}

#[tokio::test]
async fn in_a_group_each_has_a_conversation_and_a_supergroup_is_followed() {
    let stub = TelegramStub::start().await;
    let salon = Salon::paced(bot(&stub), Arc::default(), Pace::NONE);
    stub.set_privacy_mode(false);
    polls(&salon);
    let (ada, ben) = (stub.member(-12, 42), stub.member(-12, 43));
    ada.says("hello");
    ada.waits_for(1).await;
    ada.says("nails");
    ada.waits_for(2).await;
    ben.says("hello");
    ben.waits_for(3).await;
    assert_eq!(ada.texts(), ["Hair or nails?", "Your name?", "Hair or nails?"]);
    // What a group is asked stays for the others to press.
    assert!(!stub.calls().iter().any(|call| call.method() == "editMessageReplyMarkup"));
    let supergroup = stub.upgrades(-12);
    let line = &salon.line;
    let at = |writer: &str| Arrived::new("-12", Input::text("hair").with_id(writer)).by("43");
    line.accept(&salon.engine, at("x")).await.expect("accepted");
    stub.member(supergroup, 43).waits_for(1).await;
}

#[tokio::test]
async fn a_visitor_who_has_blocked_the_bot_is_written_to_no_more() {
    let stub = TelegramStub::start().await;
    let salon = salon(&stub);
    polls(&salon);
    let ada = stub.visitor(42);
    ada.says("hello");
    ada.waits_for(1).await;
    ada.blocks();
    let line = &salon.line;
    line.accept(&salon.engine, Arrived::new("42", Input::text("nails"))).await.expect("accepted");
    let blocked = |stub: &TelegramStub| stub.calls().iter().filter(|call| call.status() == 403).count();
    until("refused", || blocked(&stub) == 1).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!((blocked(&stub), ada.texts().len()), (1, 1));
}

#[tokio::test]
async fn a_photo_is_fetched_by_what_came_in() {
    let stub = TelegramStub::start().await;
    let telegram = bot(&stub);
    stub.visitor(42).sends_photo(&b"a photo"[..], "The corner.");
    let asked = Call::get(format!("{}/bot{}/getUpdates", stub.address(), stub.token()));
    let answer = Client::new().call(asked).await.expect("an answer");
    let updates: serde_json::Value = answer.json().expect("JSON");
    let photo = updates["result"][0]["message"]["photo"].as_array().expect("sizes").last().expect("one").clone();
    let media = Media::new(MediaKind::Image, photo["file_id"].as_str().expect("an id"));
    let mut download = Download::within(100);
    telegram.fetch(&media, &mut download).await.expect("fetched");
    assert_eq!(download.bytes(), b"a photo");
}

#[tokio::test]
async fn within_telegrams_limits_nothing_is_ever_refused() {
    let stub = TelegramStub::start().await;
    stub.keeps_limits();
    let salon = salon(&stub);
    polls(&salon);
    let visitors: Vec<_> = (1..=40).map(|user| stub.visitor(user)).collect();
    for visitor in &visitors {
        visitor.says("hello");
    }
    for visitor in &visitors {
        visitor.waits_for(1).await;
    }
    let refused = stub.calls().iter().filter(|call| call.status() == 429).count();
    assert_eq!(refused, 0);
}
