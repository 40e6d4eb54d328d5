//! A conversation from end to end: delivered by the platform, held by an engine, answered by the platform.

use std::time::Duration;

use flow_core::{Engine, Flow};
use flow_http::{
    Site,
    axum::{
        Router,
        body::{Body, to_bytes},
        http::{Request, StatusCode},
    },
};
use flow_memory::MemoryStore;
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep};
use tower::ServiceExt as _;

use super::{Counterpart, Delivery, Sample, Taken, broken, kept, sample::Comes, stage::Stage};

/// A platform that gets no answer in time asks again, and so does one that loses it.
pub async fn a_visitor_is_answered_once_however_often_they_are_heard<C: Counterpart>(counterpart: C) {
    let salon = Salon::open(counterpart);
    let hello = salon.stage.counterpart.says(1, 1, "hello");
    for _ in 0..3 {
        salon.takes(&hello, "\"hello\" was delivered").await;
    }
    let what = "\"hello\" was delivered three times, and then another message";
    salon.hears(1, 1, what).await;
    salon.says(1, 2, "2").await;
    let taken = salon.hears(1, 2, what).await;
    kept(what, ONCE, &taken.len(), &2);
    is_the_question(&taken[0], what);
    kept(what, "a visitor is answered what the bot says", &taken[1].shown.text.as_str(), &"Your name?");
    salon.says(1, 3, "Ana").await;
    let taken = salon.hears(1, 3, "a visitor said their name").await;
    kept("a visitor said their name", ONCE, &taken.len(), &3);
    kept("a visitor said their name", "the bot knows what was picked", &taken[2].shown.text.as_str(), &"Nails, Ana.");
}

/// Whatever a platform can show, each of its visitors can answer by any of them.
pub async fn a_press_a_number_and_a_label_pick_the_same<C: Counterpart>(counterpart: C) {
    let salon = Salon::open(counterpart);
    for (visitor, answer) in [(1, Some("2")), (2, Some("Nails")), (3, Some("nails")), (4, None)] {
        salon.says(visitor, 1, "hello").await;
        let what = format!("visitor {visitor} was asked, and answered by {}", answer.unwrap_or("pressing"));
        let question = salon.hears(visitor, 1, &what).await;
        let token = question[0].shown.buttons.iter().find(|(label, _)| label == "Nails").map(|(_, token)| token);
        match (answer, token) {
            (Some(answer), _) => salon.says(visitor, 2, answer).await,
            (None, Some(token)) => salon.presses(visitor, 2, token).await,
            // There is nothing to press.
            (None, None) => continue,
        }
        salon.hears(visitor, 2, &what).await;
        salon.says(visitor, 3, "Ana").await;
        let heard = salon.hears(visitor, 3, &what).await;
        kept(&what, ONCE, &heard.len(), &3);
        let said = heard.last().map(|heard| heard.shown.text.as_str());
        kept(&what, "a press, a number and a label pick the same", &said, &Some("Nails, Ana."));
    }
}

/// Messages once they are stored, and what is for the webhook alone in the words that the platform asks for.
pub async fn each_kind_of_request_is_answered_as_it_should_be<C: Counterpart>(counterpart: C) {
    let salon = Salon::open(counterpart);
    for Sample { name, delivery, comes, answer, .. } in salon.stage.counterpart.samples() {
        let expected = match comes {
            Comes::Messages(_) => StatusCode::OK,
            Comes::Unreadable => StatusCode::BAD_REQUEST,
            Comes::Forged => StatusCode::UNAUTHORIZED,
        };
        let what = format!("a request was delivered: {name}");
        let (status, words) = salon.asks(&delivery).await;
        kept(
            &what,
            "what arrived is answered with 200, what is broken with 400, what is forged with 401",
            &status,
            &expected,
        );
        if let Some(answer) = answer {
            kept(&what, "a platform is answered in the words that it asks for", &words, &answer);
        }
    }
}

#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "platform_conformance")]
enum Visit {
    #[state(start, ask = "What shall it be?", choices = Service, to(Named))]
    Welcome,
    #[state(ask = "Your name?", to(Booked))]
    Named { service: Service },
    #[state(end, say = "{service}, {name}.")]
    Booked { service: Service, name: String },
}

#[derive(flow_core::Answer, Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Service {
    Hair,
    Nails,
    Both,
}

struct Desk;

impl VisitHandler for Desk {}

/// A bot on the platform that is tested.
struct Salon<C: Counterpart> {
    stage: Stage<C>,
    routes: Router,
    _engine: Engine<Visit>,
}

impl<C: Counterpart> Salon<C> {
    fn open(counterpart: C) -> Self {
        let stage = Stage::with(counterpart);
        let builder = Visit::engine(Desk).channel(stage.line.name(), stage.line.clone());
        let engine = builder.store(MemoryStore::new());
        engine.worker().start();
        let site = Site::new(engine.clone()).webhook("/hook", &stage.line).expect("a channel");
        Self { stage, routes: site.routes(), _engine: engine }
    }

    /// What a request is answered, once it is signed.
    async fn asks(&self, delivery: &Delivery) -> (StatusCode, String) {
        let delivery = self.stage.signed(delivery);
        let request = Request::from_parts(delivery.head(), Body::from(delivery.body().to_vec()));
        let answer = self.routes.clone().oneshot(request).await.expect("routes that answer");
        let status = answer.status();
        let body = to_bytes(answer.into_body(), usize::MAX).await.expect("a body that is there");
        (status, String::from_utf8_lossy(&body).into_owned())
    }

    async fn takes(&self, delivery: &Delivery, what: &str) {
        let (status, _) = self.asks(delivery).await;
        kept(what, "what arrived is answered with 200 once it is stored", &status, &StatusCode::OK);
    }

    async fn says(&self, visitor: u32, message: u32, text: &str) {
        let delivery = self.stage.counterpart.says(visitor, visitor * 100 + message, text);
        self.takes(&delivery, &format!("{text:?} was delivered")).await;
    }

    async fn presses(&self, visitor: u32, message: u32, token: &str) {
        let Some(delivery) = self.stage.counterpart.presses(visitor, visitor * 100 + message, token) else {
            let promise = "a counterpart that is shown buttons delivers what is pressed";
            broken("a button was shown, and pressed", promise, "Some(…)", &None::<()>);
        };
        self.takes(&delivery, "a press was delivered").await;
    }

    /// What this visitor has been sent, once it is so many messages.
    async fn hears(&self, visitor: u32, count: usize, what: &str) -> Vec<Taken> {
        let (place, began) = (self.stage.counterpart.place(visitor), Instant::now());
        loop {
            let taken = self.stage.counterpart.taken().await;
            let taken: Vec<_> = taken.into_iter().filter(|taken| taken.place == place).collect();
            if taken.len() >= count {
                return taken;
            }
            if began.elapsed() > PATIENCE {
                broken(what, "a visitor is answered, where they wrote", &format!("{count} messages"), &taken);
            }
            sleep(Duration::from_millis(2)).await;
        }
    }
}

/// The question, with what there is to choose from, be it pressed or read.
fn is_the_question(taken: &Taken, what: &str) {
    let offered = taken.shown.buttons.iter().map(|(label, _)| label.as_str()).chain([taken.shown.text.as_str()]);
    let all = offered.collect::<Vec<_>>().join("\n");
    if !["What shall it be?", "Hair", "Nails", "Both"].iter().all(|words| all.contains(words)) {
        broken(what, "a visitor is asked what the bot asks", "\"What shall it be?\", with three choices", taken);
    }
}

const ONCE: &str = "each message is answered once, however often it is delivered";

/// So long a bot in this process may take for an answer.
const PATIENCE: Duration = Duration::from_secs(5);
