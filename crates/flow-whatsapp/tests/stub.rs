//! A bot on the stub of the Cloud API, which was written from Meta's documentation alone: two readings of it check each other.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use flow_core::{Answer, Flow, MediaKind, Place, Reply, Secret, Step, Template, Turn};
use flow_http::{Site, platform::Line};
use flow_memory::MemoryStore;
use flow_testkit::stubs::{Attached, GraphStub, Visitor};
use flow_whatsapp::WhatsApp;
use serde::{Deserialize, Serialize};

#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "whatsapp_stub")]
enum Visit {
    #[state(start, ask = "Hair or nails?", choices = Service, to(Hour))]
    Welcome,
    #[state(ask = "When?", to(Hour, Booked), signals(Unreachable(String)))]
    Hour { service: Service },
    #[state(end, say = "See you at {hour}.")]
    Booked { service: Service, hour: String },
}

use visit::*;

#[derive(Answer, Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Service {
    Hair,
    Nails,
}

/// Shows what it is asked for, and notes what it hears of replies that failed, and the files that it got.
#[derive(Clone, Default)]
struct Desk(Arc<Mutex<Vec<String>>>);

impl Desk {
    fn notes(&self, what: impl Into<String>) {
        self.0.lock().expect("a lock").push(what.into());
    }

    async fn noted(&self) -> String {
        for _ in 0..1_000 {
            if let Some(noted) = self.0.lock().expect("a lock").pop() {
                return noted;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("nothing was noted");
    }
}

impl VisitHandler for Desk {
    async fn hour(&self, state: Hour, turn: Turn<'_, Hour>) -> Step<Hour> {
        if let Some(media) = turn.media() {
            let (kind, bytes) = (media.kind(), turn.fetch(media).await?);
            self.notes(format!("{kind:?} of {} bytes", bytes.len()));
            return turn.stay("Thanks for that.");
        }
        let hours = |count: usize| (8..8 + count).map(|hour| format!("At {hour}"));
        let reply = match turn.text() {
            "list" => Reply::new("Which hour?").with_choices(hours(7)),
            "numbers" => Reply::new("Which hour?").with_choices(hours(14)),
            "picture" => Reply::new("Our door.").with_image("https://salon.example/door.png"),
            "place" => Reply::new("Here.").with_place(Place::new(52.5, 13.4).expect("a place").with_name("Salon")),
            "long" => Reply::new("Word ".repeat(1_000)),
            "later" => {
                let template = Template::new("we_are_open", "en_US").with_parameters(["Ana"]);
                Reply::new("Ana, we are open.").with_template(template)
            }
            hour => return turn.to(state.booked(hour.to_owned())),
        };
        turn.stay(reply)
    }

    async fn hour_on_unreachable(&self, _: Hour, reason: String, turn: Turn<'_, Hour>) -> Step<Hour> {
        self.notes(reason);
        turn.stay(Reply::silence())
    }
}

/// A bot at the stub's number.
async fn bot() -> (GraphStub, Desk) {
    let (graph, desk) = (GraphStub::start().await, Desk::default());
    let whatsapp =
        WhatsApp::new(graph.number_id(), graph.token()).and_then(|whatsapp| whatsapp.app_secret("the app's secret"));
    let whatsapp = whatsapp
        .and_then(|whatsapp| whatsapp.verify_token("a word of ours"))
        .expect("well set up")
        .api(graph.address());
    let media = whatsapp.media();
    let line = Line::new("whatsapp", whatsapp, Secret::new("a secret of at least sixteen bytes").expect("long enough"));
    let engine = Visit::engine(desk.clone()).channel(line.name(), line.clone()).fetch_media(media);
    let engine =
        engine.tell_undeliverable(|_, reason| VisitSignal::Unreachable(reason.to_owned())).store(MemoryStore::new());
    engine.worker().start();
    let site = Site::new(engine).webhook("/hooks/whatsapp", &line).expect("a channel");
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("http://{}/hooks/whatsapp", listener.local_addr().expect("an address"));
    let routes = site.routes();
    tokio::spawn(async move { flow_http::axum::serve(listener, routes).await });
    graph.webhook(&address, "the app's secret", "a word of ours").await.expect("a handshake");
    (graph, desk)
}

/// A visitor who has chosen what to have done.
async fn asked_for_the_hour(graph: &GraphStub) -> Visitor {
    let ana = graph.visitor("491701234567").called("Ana");
    ana.says("Hello");
    assert_eq!(ana.hears().await.labels(), ["Hair", "Nails"]);
    ana.presses("Nails");
    assert_eq!(ana.hears().await.text(), "When?");
    ana
}

#[tokio::test]
async fn a_visit_is_booked_by_a_button_a_number_or_a_label_and_a_row() {
    for picked in ["a button", "2", "nails"] {
        let (graph, _) = bot().await;
        let ana = graph.visitor("491701234567");
        ana.says("Hello");
        let question = ana.hears().await;
        if picked == "a button" {
            ana.presses("Nails");
        } else {
            ana.says(picked);
        }
        assert_eq!(ana.hears().await.text(), "When?");
        ana.says("list");
        ana.hears().await;
        ana.presses("At 10");
        assert_eq!(ana.hears().await.text(), "See you at At 10.", "{picked}");
        // The first question is over.
        ana.presses_of(&question, "Hair");
        graph.settles().await;
        assert!(!ana.texts().iter().any(|text| text.contains("Hair.")), "{:?}", ana.texts());
    }
}

#[tokio::test]
async fn what_a_handler_offers_is_picked_by_its_row_its_number_or_its_label() {
    for (shown, picked) in [("list", "a row"), ("list", "3"), ("list", "at 10"), ("numbers", "3"), ("numbers", "At 10")]
    {
        let (graph, _) = bot().await;
        let ana = asked_for_the_hour(&graph).await;
        ana.says(shown);
        assert_eq!(ana.hears().await.labels().is_empty(), shown == "numbers");
        if picked == "a row" {
            ana.presses("At 10");
        } else {
            ana.says(picked);
        }
        assert_eq!(ana.hears().await.text(), "See you at At 10.", "{shown}, {picked}");
    }
}

#[tokio::test]
async fn what_goes_out_is_taken_as_what_it_is() {
    let (graph, _) = bot().await;
    let ana = asked_for_the_hour(&graph).await;
    ana.says("picture");
    let picture = ana.hears().await;
    assert!(
        matches!(picture.attached(), Some(Attached::File(kind, _)) if kind == "image") && picture.text() == "Our door."
    );
    ana.says("place");
    assert!(matches!(ana.hears().await.attached(), Some(Attached::Place(..))));
    assert_eq!(ana.hears().await.text(), "Here.");
    ana.says("long");
    let (first, second) = (ana.hears().await, ana.hears().await);
    assert_eq!(first.text().len() + second.text().len() + 1, "Word ".repeat(1_000).trim().len());
    assert_ne!(first.key(), second.key());
}

#[tokio::test]
async fn a_file_that_is_sent_is_got_when_the_handler_asks() {
    let (graph, desk) = bot().await;
    let ana = asked_for_the_hour(&graph).await;
    ana.sends_photo(vec![7; 70_000], "");
    assert_eq!(
        (ana.hears().await.text(), desk.noted().await),
        ("Thanks for that.", format!("{:?} of 70000 bytes", MediaKind::Image))
    );
    ana.sends_voice(vec![7; 100]);
    assert_eq!(
        (ana.hears().await.text(), desk.noted().await),
        ("Thanks for that.", format!("{:?} of 100 bytes", MediaKind::Voice))
    );
}

#[tokio::test]
async fn what_meta_delivers_twice_or_signs_wrongly_is_handled_once_or_not_at_all() {
    let (graph, _) = bot().await;
    let ana = asked_for_the_hour(&graph).await;
    graph.faults().doubles(1);
    ana.says("list");
    ana.hears().await;
    graph.settles().await;
    // It is delivered again, and then with the right signature.
    graph.faults().signs_wrongly(1);
    ana.presses("At 9");
    assert_eq!(ana.hears().await.text(), "See you at At 9.");
    graph.settles().await;
    assert_eq!(ana.heard().len(), 4, "{:?}", ana.texts());
}

#[tokio::test]
async fn a_message_whose_answer_is_lost_reaches_the_visitor_once() {
    let (graph, _) = bot().await;
    let ana = asked_for_the_hour(&graph).await;
    for _ in 0..3 {
        graph.faults().loses_answers(1);
        ana.says("list");
        ana.hears().await;
    }
    ana.says("place");
    ana.waits_for(7).await;
    graph.settles().await;
    assert_eq!(ana.texts(), ["Hair or nails?", "When?", "Which hour?", "Which hour?", "Which hour?", "", "Here."]);
}

#[tokio::test]
async fn while_meta_refuses_or_is_away_nothing_is_lost_and_nothing_overtakes() {
    let (graph, _) = bot().await;
    let ana = asked_for_the_hour(&graph).await.patience(Duration::from_secs(20));
    graph.faults().answers_429_for(Duration::from_millis(1_500));
    for said in ["list", "picture", "place"] {
        ana.says(said);
    }
    ana.waits_for(6).await;
    graph.faults().is_away_for(Duration::from_millis(800));
    ana.says("picture");
    ana.waits_for(7).await;
    assert_eq!(ana.texts(), ["Hair or nails?", "When?", "Which hour?", "Our door.", "", "Here.", "Our door."]);
}

#[tokio::test]
async fn after_24_hours_only_a_template_arrives_and_the_flow_hears_of_the_rest() {
    for at_once in [true, false] {
        let (graph, desk) = bot().await;
        graph.refuses_at_once(at_once);
        graph.approves_template("we_are_open", "en_US", 1);
        let ana = asked_for_the_hour(&graph).await;
        // The handler answers after the window has closed.
        graph.faults().answers_429_for(Duration::from_millis(300));
        ana.says("list");
        ana.says("later");
        tokio::time::sleep(Duration::from_millis(200)).await;
        graph.closes_window("491701234567");
        let heard = ana.hears().await;
        assert!(
            matches!(heard.attached(), Some(Attached::Template(name)) if name == "we_are_open"),
            "{:?}",
            ana.texts()
        );
        let reason = desk.noted().await;
        assert!(reason.starts_with("the visitor has not written for 24 hours"), "{reason}");
        assert!(!reason.contains("49170"), "{reason}");
    }
}

#[tokio::test]
async fn a_template_that_is_not_approved_is_told_as_that() {
    for (status, reason) in [
        ("missing", "there is no approved template"),
        ("paused", "the template is paused"),
        ("gaps", "the template has another number of gaps"),
    ] {
        let (graph, desk) = bot().await;
        match status {
            "paused" => {
                graph.approves_template("we_are_open", "en_US", 1);
                graph.pauses_template("we_are_open", "en_US");
            }
            "gaps" => graph.approves_template("we_are_open", "en_US", 2),
            _ => {}
        }
        let ana = asked_for_the_hour(&graph).await;
        ana.says("later");
        let told = desk.noted().await;
        assert!(told.starts_with(reason), "{told}");
        ana.says("picture");
        assert_eq!(ana.hears().await.text(), "Our door.");
    }
}
