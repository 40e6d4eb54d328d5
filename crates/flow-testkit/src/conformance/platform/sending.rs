//! What is sent arrives once, and what becomes of it when all is not well is what the platform said.

use std::time::Duration;

use flow_core::{
    Address, Channel as _, Fate, Key, Outgoing, Reply, SessionId, Stamp,
    engine::{Doubt, Found},
};
use flow_http::platform::{Platform, rendered};

use super::{Counterpart, Taken, Trouble, broken, kept, stage::Stage};

/// By its key a platform knows what it is sent twice, and can tell later what became of it.
pub async fn a_message_is_sent_where_it_belongs_under_its_key<C: Counterpart>(counterpart: C) {
    let stage = Stage::with(counterpart);
    let sent = [(1, "the first", key()), (2, "the second", key()), (1, "the third", key())];
    for (visitor, text, key) in &sent {
        stage.sends_well(*visitor, text, key).await;
    }
    let (what, taken) = ("three messages were sent to two places", stage.counterpart.taken().await);
    kept(what, "a message is sent once", &taken.len(), &3);
    for (taken, (visitor, text, key)) in taken.iter().zip(&sent) {
        kept(what, "a message is sent to its place", &taken.place, &stage.counterpart.place(*visitor));
        kept(what, "messages are sent in their order", &taken.shown.text.as_str(), text);
        // None where the platform has nowhere to put one.
        if let Some(under) = &taken.key {
            kept(what, "a message is sent under its key", under, &stage.counterpart.key_of(key));
        }
    }
}

/// A reply of several messages: each of them.
pub async fn a_message_is_sent_once<C: Counterpart>(counterpart: C) {
    let stage = Stage::with(counterpart);
    let text = (1..=1200).map(|number| format!("Line {number}.")).collect::<Vec<_>>().join("\n");
    let reply = Reply::new(text).with_choices(["Yes", "No"]);
    let address = Address::new(stage.line.name(), stage.counterpart.place(1));
    let outgoing = Outgoing::new(Key::new(SessionId::random(), Stamp::first(), 0), address, reply, stage.now);
    let expected = stage.shows(&outgoing.reply);
    let what = format!("a reply that is {} messages was sent", expected.len());
    if let Err(fate) = stage.line.send(&outgoing).await {
        broken(&what, "what the platform takes is sent", "Ok(())", &fate);
    }
    let taken = stage.counterpart.taken().await;
    let shown: Vec<_> = taken.iter().map(|taken| taken.shown.clone()).collect();
    kept(&what, "each message of a reply is sent once, in order, as it was rendered", &shown, &expected);
    let mut keys: Vec<_> = taken.into_iter().filter_map(|taken| taken.key).collect();
    let count = keys.len();
    keys.sort();
    keys.dedup();
    kept(&what, "each message of a reply has a key of its own", &keys.len(), &count);
}

/// And no shorter, or the platform gives less and less.
pub async fn a_limit_is_waited_for_as_long_as_the_platform_says<C: Counterpart>(counterpart: C) {
    let stage = Stage::with(counterpart);
    for seconds in [1, 34, 3_600] {
        let trouble = Trouble::Busy(Duration::from_secs(seconds));
        let fate = stage.meets(trouble).await;
        let waits = fate.strip_prefix("Again { after: ").and_then(|rest| rest.split_once("s,")?.0.parse::<f64>().ok());
        // A little more does no harm.
        if !stage.counterpart.says_how_long() {
            kept(&what(trouble), "what was too much is sent again", &fate.split(' ').next(), &Some("Again"));
        } else if !waits.is_some_and(|waits| waits >= f64_of(seconds) && waits <= f64_of(seconds) * 1.5 + 5.0) {
            let expected = format!("Again {{ after: {seconds}s, .. }}, or a little more");
            broken(&what(trouble), "what was too much is sent again when the platform says so", &expected, &fate);
        }
    }
    stage.goes_on(1).await;
}

/// Or each of their replies is tried for days.
pub async fn a_visitor_who_blocked_the_bot_is_not_tried_again<C: Counterpart>(counterpart: C) {
    let stage = Stage::with(counterpart);
    let fate = stage.meets(Trouble::Blocked).await;
    kept(
        &what(Trouble::Blocked),
        "what can never be sent is given up, and the later ones go on",
        &fate.as_str(),
        &"Never",
    );
    stage.goes_on(1).await;
}

/// Its people are at it.
pub async fn a_platform_that_fails_is_tried_again<C: Counterpart>(counterpart: C) {
    let stage = Stage::with(counterpart);
    let fate = stage.meets(Trouble::Broken).await;
    is_not_lost(Trouble::Broken, &fate);
    stage.goes_on(1).await;
}

/// An operator puts it right.
pub async fn a_key_that_is_not_taken_loses_no_reply<C: Counterpart>(counterpart: C) {
    let stage = Stage::with(counterpart);
    let fate = stage.meets(Trouble::Denied).await;
    is_not_lost(Trouble::Denied, &fate);
    stage.goes_on(1).await;
}

/// Neither "sent" nor "not sent" is known to be true.
pub async fn an_answer_that_was_lost_leaves_a_doubt<C: Counterpart>(counterpart: C) {
    let stage = Stage::with(counterpart);
    let (trouble, key) = (Trouble::AnswerLost, key());
    stage.counterpart.meets(trouble).await;
    let fate = fate(stage.sends(1, "hello", &key).await);
    kept(&what(trouble), "what may have been sent is in doubt", &fate.as_str(), &"InDoubt");
    kept(
        &what(trouble),
        "a counterpart has taken what it loses the answer to",
        &stage.counterpart.taken().await.len(),
        &1,
    );
    let found = stage.platform().find_out(&stage.counterpart.place(1), &key).await;
    if found == Found::NotSent {
        broken(&what(trouble), "what was taken is not said to be unsent", "Sent, or Unknown", &found);
    }
    stage.goes_on(2).await;
}

/// A platform that knows its key says that it has it already: that is no failure, and no reply is given up for it.
pub async fn what_is_sent_again_is_sent<C: Counterpart>(counterpart: C) {
    let stage = Stage::with(counterpart);
    if stage.platform().in_doubt() != Doubt::SendAgain {
        return;
    }
    let key = key();
    stage.counterpart.meets(Trouble::AnswerLost).await;
    // In doubt, as is asked elsewhere.
    let _ = stage.sends(1, "hello", &key).await;
    let fate = fate(stage.sends(1, "hello", &key).await);
    let what = "a message whose answer was lost was sent again, under the same key";
    kept(what, "what the platform has is sent, also if it says that it had it before", &fate.as_str(), &"sent");
}

impl<C: Counterpart> Stage<C> {
    pub(super) async fn sends(&self, visitor: u32, text: &str, key: &str) -> Result<(), Fate> {
        let wires = rendered(self.platform(), &Reply::new(text));
        let place = self.counterpart.place(visitor);
        for wire in &wires {
            self.platform().send(&place, wire, key).await?;
        }
        Ok(())
    }

    async fn sends_well(&self, visitor: u32, text: &str, key: &str) {
        if let Err(fate) = self.sends(visitor, text, key).await {
            broken(&format!("{text:?} was sent"), "what the platform takes is sent", "Ok(())", &fate);
        }
    }

    /// What becomes of a message that meets this.
    async fn meets(&self, trouble: Trouble) -> String {
        self.counterpart.meets(trouble).await;
        fate(self.sends(1, "hello", &key()).await)
    }

    /// The next message arrives, as the last of so many.
    async fn goes_on(&self, count: usize) {
        self.sends_well(1, "and on", &key()).await;
        let taken = self.counterpart.taken().await;
        let last = taken.last().map(|Taken { shown, .. }| &*shown.text);
        let what = "a message met trouble, and another was sent after it";
        kept(what, "trouble is that of one message, and the next one is sent", &last, &Some("and on"));
        kept(what, "a message is sent once, and what was refused is not taken", &taken.len(), &count);
    }
}

/// Sent again, whether by the engine's own pauses, after a time, or once the doubt is settled.
fn is_not_lost(trouble: Trouble, fate: &str) {
    let is_again = ["Again", "Failed", "InDoubt"].iter().any(|again| fate.starts_with(again));
    if !is_again {
        broken(&what(trouble), "what may well be sent later is not given up", "Again, Failed or InDoubt", &fate);
    }
}

/// In a word or two: that is all that a fate shows of itself.
pub(super) fn fate(sent: Result<(), Fate>) -> String {
    sent.map_or_else(|fate| format!("{fate:?}"), |()| "sent".to_owned())
}

pub(super) fn key() -> String {
    Key::new(SessionId::random(), Stamp::first(), 0).to_string()
}

fn what(trouble: Trouble) -> String {
    format!("a message was sent, and met {trouble:?}")
}

fn f64_of(seconds: u64) -> f64 {
    Duration::from_secs(seconds).as_secs_f64()
}
