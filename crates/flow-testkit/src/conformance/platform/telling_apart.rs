//! Messages and visitors are told apart, and known again.

use std::collections::{HashMap, HashSet};

use flow_http::platform::Arrived;

use super::{Counterpart, broken, kept, stage::Stage};

/// A platform delivers again what was not answered in time, and the bot knows it by that.
pub async fn a_message_has_the_same_id_however_often_it_is_delivered<C: Counterpart>(counterpart: C) {
    let stage = Stage::with(counterpart);
    for (name, delivery) in stage.known() {
        let what = format!("a request was delivered twice: {name}");
        let (first, again) = (stage.brings(&delivery, &what), stage.brings(&delivery, &what));
        kept(&what, "a message has one id, however often it is delivered", &ids(&again), &ids(&first));
    }
}

/// Or the second "yes" is taken for the first one, delivered again.
pub async fn each_message_has_an_id_of_its_own<C: Counterpart>(counterpart: C) {
    let stage = Stage::with(counterpart);
    let mut seen = HashMap::new();
    for message in 1..=50 {
        let came = stage.said(1, message, "yes");
        let what = format!("a visitor wrote \"yes\" as message {message}");
        let Some(id) = came.message().id().map(str::to_owned) else {
            broken(&what, "a message has an id", "Some(…)", &None::<String>)
        };
        if let Some(earlier) = seen.insert(id.clone(), message) {
            broken(&what, "each message has an id of its own", &format!("another id than message {earlier}"), &id);
        }
    }
}

/// Whatever is said, and whatever is pressed.
pub async fn one_visitor_has_one_session<C: Counterpart>(counterpart: C) {
    let stage = Stage::with(counterpart);
    let first = stage.line.session_of(&stage.said(1, 1, "hello"));
    for (message, text) in (2..).zip(["hello", "book", "👋", "a longer text, with a line\nand another"]) {
        let what = format!("a visitor wrote \"hello\", and then {text:?}");
        kept(&what, ONE, &stage.line.session_of(&stage.said(1, message, text)), &first);
    }
    if let Some(press) = stage.counterpart.presses(1, 10, "~Fb3kQ9xAAbCdEf") {
        let what = "a visitor wrote \"hello\", and then pressed a button";
        kept(what, ONE, &stage.line.session_of(&stage.brings_one(&press, what)), &first);
    }
}

/// Nobody reads what another has said.
pub async fn two_visitors_never_share_a_session<C: Counterpart>(counterpart: C) {
    let stage = Stage::with(counterpart);
    let sessions: HashSet<_> =
        (1..=100).map(|visitor| stage.line.session_of(&stage.said(visitor, 1, "hello"))).collect();
    kept("a hundred visitors wrote", "two visitors never share a session", &sessions.len(), &100);
}

/// And nobody else is.
pub async fn a_visitor_is_answered_where_they_wrote<C: Counterpart>(counterpart: C) {
    let stage = Stage::with(counterpart);
    for visitor in 1..=20 {
        let (came, expected) = (stage.said(visitor, visitor, "hello"), stage.counterpart.place(visitor));
        let what = format!("visitor {visitor} wrote");
        kept(&what, "a message has the place where its visitor is answered", &came.place(), &expected.as_str());
        if let Some(press) = stage.counterpart.presses(visitor, 100 + visitor, "book") {
            let what = format!("visitor {visitor} pressed a button");
            let came = stage.brings_one(&press, &what);
            kept(&what, "a press has the place where its visitor is answered", &came.place(), &expected.as_str());
        }
    }
}

fn ids(messages: &[Arrived]) -> Vec<Option<&str>> {
    messages.iter().map(|arrived| arrived.message().id()).collect()
}

const ONE: &str = "one visitor has one session, whatever is said";
