//! What stands in a request is what its visitors said, and nothing that stands there brings the bot down.

use flow_core::Message;
use flow_http::platform::{Arrived, Became, Receipt};
use serde_json::{Map, Value, json};

use super::{Counterpart, Delivery, Sample, broken, kept, random::texts, sample::Comes, stage::Stage};

/// As its documentation shows them.
pub async fn each_kind_of_request_brings_what_it_should<C: Counterpart>(counterpart: C) {
    let stage = Stage::with(counterpart);
    for Sample { name, delivery, comes, receipts, .. } in stage.counterpart.samples() {
        let (what, delivery) = (format!("a request was delivered: {name}"), stage.signed(&delivery));
        let verified = stage.verifies(&delivery, &what);
        let expected = match comes {
            Comes::Forged => {
                kept(&what, "what does not come from the platform is refused", &verified.is_err(), &true);
                continue;
            }
            Comes::Unreadable => {
                kept(&what, "what the platform signed is its own", &verified, &Ok(()));
                kept(&what, "what is broken is unreadable", &stage.reads(&delivery, &what).is_err(), &true);
                continue;
            }
            Comes::Messages(expected) => expected,
        };
        kept(&what, "what the platform signed is its own", &verified, &Ok(()));
        let came = stage.brings(&delivery, &what);
        kept(&what, "each message is read, and nothing else", &came.len(), &expected.len());
        for (came, expected) in came.iter().zip(&expected) {
            stage.is_the_same(came, expected, &what);
        }
        let told = stage.reads(&delivery, &what).map(|arrivals| arrivals.receipts().to_vec());
        let told: Vec<_> = told.iter().flatten().map(in_words).collect();
        let expected: Vec<_> = receipts.iter().map(in_words).collect();
        kept(&what, "what a platform tells of messages that it was sent is read", &told, &expected);
    }
}

/// A platform adds kinds without asking, and delivers again, for days, what it is told cannot be read.
pub async fn a_kind_that_nobody_knows_brings_nothing<C: Counterpart>(counterpart: C) {
    let stage = Stage::with(counterpart);
    let samples = stage.counterpart.samples();
    let brings_nothing = |sample: &Sample| matches!(&sample.comes, Comes::Messages(messages) if messages.is_empty());
    let is_of_no_use =
        |sample: &&Sample| brings_nothing(sample) && sample.receipts.is_empty() && sample.answer.is_none();
    if !samples.iter().any(|sample| is_of_no_use(&sample)) {
        let promise = "a counterpart has a sample of a kind that the bot has no use for";
        broken("the samples of a counterpart were looked through", promise, "at least 1", &0);
    }
    for sample in samples.iter().filter(is_of_no_use) {
        let what = format!("a request of no use was delivered: {}", sample.name);
        kept(&what, "what the bot has no use for is left out", &stage.brings(&sample.delivery, &what).len(), &0);
    }
}

/// In any object of a request.
pub async fn a_field_that_is_new_changes_nothing<C: Counterpart>(counterpart: C) {
    let stage = Stage::with(counterpart);
    for (name, delivery) in stage.known() {
        let Ok(body) = serde_json::from_slice::<Value>(delivery.body()) else { continue };
        let what = format!("a request was delivered with fields that are new: {name}");
        let before = stage.brings(&delivery, &what);
        let after = stage.brings(&delivery.with_body(with_new_fields(body).to_string()), &what);
        kept(&what, "what is new is overlooked", &after.len(), &before.len());
        for (after, before) in after.iter().zip(&before) {
            stage.is_the_same(after, before, &what);
        }
    }
}

/// Emoji, scripts from right to left, what looks like markup, and every space.
pub async fn every_text_comes_as_it_was_written<C: Counterpart>(counterpart: C) {
    let stage = Stage::with(counterpart);
    for (message, text) in (1..).zip(texts()) {
        let arrived = stage.said(1, message, &text);
        let came = arrived.message().input().said().map(str::to_owned);
        kept(&format!("a visitor wrote {text:?}"), "a text comes as it was written", &came, &Some(text));
    }
}

/// Or one of them overtakes another, and the bot has the answer before the question.
pub async fn what_comes_together_comes_in_order<C: Counterpart>(counterpart: C) {
    let stage = Stage::with(counterpart);
    let said = |index: u32| stage.counterpart.says(index % 3, index + 1, &format!("the {index}. of ten"));
    let deliveries: Vec<_> = (0..10).map(said).collect();
    let Some(together) = stage.counterpart.together(&deliveries) else { return };
    let what = "ten texts of three visitors were delivered in one request";
    let came = stage.brings(&together, what);
    kept(what, "each message of a request is read", &came.len(), &10);
    for (came, delivery) in came.iter().zip(&deliveries) {
        stage.is_the_same(came, &stage.brings_one(delivery, "one of them was delivered alone"), what);
    }
}

/// Signed all the same, by somebody who has the secret and a defect.
pub async fn what_is_no_request_is_unreadable<C: Counterpart>(counterpart: C) {
    let stage = Stage::with(counterpart);
    let cut = stage.counterpart.says(1, 1, "hello");
    for body in [&b""[..], b"hello", b"{", b"\xff\xfe", &cut.body()[..cut.body().len() / 2], b"[[[[[[[["] {
        let what = format!("a request was delivered whose body was {:?}", String::from_utf8_lossy(body));
        let delivery = stage.signed(&cut.clone().with_body(body));
        if let Ok(arrivals) = stage.reads(&delivery, &what) {
            broken(&what, "what is broken is unreadable, so that the platform's people see it", "Err(…)", &arrivals);
        }
    }
}

/// Other types, numbers without end, nesting without end, every key away, every byte another.
pub async fn whatever_stands_in_a_request_nothing_panics<C: Counterpart>(counterpart: C) {
    let stage = Stage::with(counterpart);
    for (name, delivery) in stage.known() {
        for body in strange_bodies(delivery.body()) {
            let what = format!("a request was delivered ({name}) with the body {}", shortened(&body));
            // Whether it can be read is the platform's to say.
            let _ = stage.reads(&stage.signed(&delivery.clone().with_body(body)), &what);
        }
    }
}

impl<C: Counterpart> Stage<C> {
    /// The requests of which something is known: those that can be read.
    pub(super) fn known(&self) -> Vec<(String, Delivery)> {
        let samples = self.counterpart.samples().into_iter();
        let readable = samples.filter(|sample| matches!(sample.comes, Comes::Messages(_)));
        let text = ("a text".to_owned(), self.counterpart.says(1, 1, "hello"));
        let press = self.counterpart.presses(1, 2, "~Fb3kQ9xAAbCdEf");
        let press = press.map(|delivery| ("a press".to_owned(), delivery));
        [text].into_iter().chain(press).chain(readable.map(|sample| (sample.name, sample.delivery))).collect()
    }

    /// Of the same visitor, at the same place, with the same words and id.
    pub(super) fn is_the_same(&self, came: &Arrived, expected: &Arrived, what: &str) {
        let place = (came.place(), expected.place());
        kept(what, "a message has the place where it is answered", &place.0, &place.1);
        let (session, other) = (self.line.session_of(came), self.line.session_of(expected));
        kept(what, "a message is of the one who wrote it, at the place where it was written", &session, &other);
        kept(what, "a message has the id under which it is delivered", &came.message().id(), &expected.message().id());
        kept(what, "a message is what was said", &words(came.message()), &words(expected.message()));
        // Whatever else there is: files, places, cards.
        kept(what, "a message is what was said, with all that goes with it", came.message(), expected.message());
    }
}

/// `Debug` shows little of it.
fn in_words(receipt: &Receipt) -> (String, String, Became) {
    (receipt.place().to_owned(), receipt.key().to_owned(), receipt.became().clone())
}

/// What can be shown of it to whoever reads that it differs.
fn words(message: &Message) -> (String, Option<&str>, Option<&str>) {
    (format!("{:?}", message.input()), message.input().said(), message.language())
}

fn with_new_fields(body: Value) -> Value {
    match body {
        Value::Object(fields) => {
            let fields = fields.into_iter().map(|(name, value)| (name, with_new_fields(value)));
            let new = ("a_field_of_tomorrow".to_owned(), json!({"kind": ["new", 1, null]}));
            Value::Object(fields.chain([new]).collect())
        }
        Value::Array(values) => Value::Array(values.into_iter().map(with_new_fields).collect()),
        other => other,
    }
}

/// A body with something wrong in it, in each place one after the other.
pub(super) fn strange_bodies(body: &[u8]) -> Vec<Vec<u8>> {
    let mut bodies: Vec<Vec<u8>> = (0..body.len()).map(|length| body[..length].to_vec()).collect();
    let mut random = fastrand::Rng::with_seed(7);
    bodies.extend((0..200).filter(|_| !body.is_empty()).map(|_| {
        let mut changed = body.to_vec();
        for _ in 0..random.usize(1..4) {
            changed[random.usize(..body.len())] = random.u8(..);
        }
        changed
    }));
    for strange in [&b"\xff\xfe\x00"[..], b"null", b"0", b"[]", b"{}", b"\"\"", b"1e999", b"[1e999]"] {
        bodies.push(strange.to_vec());
    }
    bodies.push(b"[".repeat(100_000));
    bodies.push(b"{\"a\":".repeat(100_000));
    if let Ok(body) = serde_json::from_slice::<Value>(body) {
        for place in 0..places(&body) {
            bodies.extend(strange_values().iter().map(|strange| changed(&body, place, strange)));
        }
    }
    bodies
}

/// As they are written: some are no numbers of this machine.
fn strange_values() -> Vec<String> {
    let deep = ["[".repeat(200), "]".repeat(200)].concat();
    let long = format!("\"{}\"", "🙂".repeat(5_000));
    let plain = [
        "null",
        "true",
        "\"\"",
        "-1",
        "1.5",
        "18446744073709551616",
        "1e400",
        "[]",
        "{}",
        "\"\\u0000\"",
        "\"\\ud800\"",
    ];
    plain.map(str::to_owned).into_iter().chain([deep, long]).collect()
}

/// How many values there are in it, itself included.
fn places(body: &Value) -> usize {
    let within: usize = match body {
        Value::Object(fields) => fields.values().map(places).sum(),
        Value::Array(values) => values.iter().map(places).sum(),
        _ => 0,
    };
    within + 1
}

/// The body with its value of this number replaced.
fn changed(body: &Value, place: usize, strange: &str) -> Vec<u8> {
    // A text that stands in no request, in the place of what serde_json could not hold.
    const MARK: &str = "a mark that stands in no request";
    let mut left = place;
    let marked = marked(body, &mut left, MARK).to_string();
    marked.replace(&format!("\"{MARK}\""), strange).into_bytes()
}

fn marked(body: &Value, left: &mut usize, mark: &str) -> Value {
    if *left == 0 {
        *left = usize::MAX;
        return json!(mark);
    }
    *left -= 1;
    match body {
        Value::Object(fields) => {
            let mut marked_fields = Map::new();
            for (name, value) in fields {
                marked_fields.insert(name.clone(), marked(value, left, mark));
            }
            Value::Object(marked_fields)
        }
        Value::Array(values) => values.iter().map(|value| marked(value, left, mark)).collect(),
        other => other.clone(),
    }
}

pub(super) fn shortened(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let shown: String = text.chars().take(400).collect();
    if shown.len() < text.len() { format!("{shown:?}… of {} bytes", body.len()) } else { format!("{shown:?}") }
}
