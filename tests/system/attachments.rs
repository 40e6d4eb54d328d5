//! Replies with something more than words: pictures, files, places, cards and templates, and what cannot be sent.

use flow_core::{Contact, FileToSend, Flow, OutcomeKind, Place, Reply, Step, StepExt, Template, Turn};
use flow_testkit::Chat;
use serde::{Deserialize, Serialize};

use crate::log::{listen, logged};

#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Shipment {
    #[state(start, ask = "Hello", to(Sent))]
    Begin,
    #[state(end)]
    Sent,
}

use shipment::*;

struct Host;

impl ShipmentHandler for Host {
    async fn begin(&self, state: Begin, turn: Turn<'_, Begin>) -> Step<Begin> {
        if turn.text() == "bad" {
            return turn.stay(Reply::new("Look.").with_image("/srv/canary.png"));
        }
        let depot = Place::new(52.520_8, 13.409_4).expect("a place").with_name("Depot");
        let template = Template::new("parcel", "en").with_parameters(["Ana", "12"]);
        let terms = FileToSend::at("https://t.example/bot1:canary/f").with_name("terms.pdf");
        turn.to(state.sent())
            .say(Reply::new("Look.").with_image("https://t.example/bot1:canary/p.png").with_choices(["Nice"]))
            .say(Reply::new("Terms").with_file(terms))
            .say(Reply::silence().with_place(depot))
            .say(Reply::silence().with_contact(Contact::new("Ana Silva").with_phone("+49 30 1234567")))
            .say(Reply::new("Ana: 12").with_template(template))
    }
}

#[tokio::test]
async fn an_address_that_no_platform_could_fetch_fails_the_turn_and_is_not_repeated() {
    listen();
    let mut chat = Chat::new(|| Shipment::engine(Host));
    chat.says(["hi", "bad"]).await;
    assert!(matches!(&chat.outcome().as_ref().expect("taken").kind, OutcomeKind::Failed(_)));
    assert!(logged().contains("a file to send has an address that does not begin with http"), "{}", logged());
    assert!(!logged().contains("canary"));
    assert_eq!(chat.state().await, Some("BEGIN"));
}

#[tokio::test]
async fn replies_carry_what_is_sent_with_them() {
    let mut chat = Chat::new(|| Shipment::engine(Host));
    chat.says(["hi", "go"]).await;
    let sent = chat.outcome().as_ref().expect("taken").replies.clone();
    chat.restarts_process().comes_again().await;
    let again = chat.outcome().as_ref().expect("taken");
    assert!(again.replies == sent && sent.len() == 5, "a repeat gets the same, out of the record");
    let transcript = chat.transcript();
    let lines = transcript.lines().filter(|line| line.starts_with("bot: (")).take(5).collect::<Vec<_>>();
    assert_eq!(
        lines,
        [
            "bot: (image https://t.example/***) Look. [Nice]",
            "bot: (file terms.pdf https://t.example/***) Terms",
            "bot: (place Depot)",
            "bot: (contact Ana Silva)",
            "bot: (template parcel en: Ana, 12) Ana: 12",
        ]
    );
}
