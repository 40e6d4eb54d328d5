//! Random walks through flows in flows: whatever is said, the history is one chain of places, a turn is one write, what is asked again
//! without a turn is what was asked, and another process goes on from there.

use std::time::Duration;

use flow_core::{Input, Message, Outcome, Reply};

use crate::{
    nesting::{Host, Parlour, parlour},
    stage::Stage,
};

const SAID: [&str; 30] = [
    "hi",
    "Book",
    "Job",
    "Ana",
    "ana@example.com",
    "1 Main St",
    "Lisbon",
    "1",
    "2",
    "3",
    "Yes",
    "Not now",
    "back",
    "back",
    "cancel",
    "no address",
    "/book",
    "/jobs",
    "/hours",
    "/complain",
    "change name",
    "Change e-mail",
    "change address",
    "Another time",
    "actually mail to eve@example.com",
    "",
    "nonsense",
    "Mon 10:00",
    "Tue 14:30",
    "sure",
];

/// Numbers that are the same for the same seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, count: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or_default() % count
    }
}

async fn standing(stage: &Stage<Parlour>) -> Option<String> {
    stage.engine.peek(stage.id).await.expect("it is read").map(|session| session.standing())
}

/// That the steps are one chain, from where it stood to where it stands.
fn is_chain(outcome: &Outcome<Parlour>, before: Option<&str>, story: &[String]) {
    let mut place = before.map(str::to_owned);
    for step in &outcome.transitions {
        if let (Some(place), Some(from)) = (&place, &step.from) {
            assert_eq!(place, from, "{step} does not go on from there: {story:#?}");
        }
        place = Some(step.to.clone());
    }
    assert_eq!(place.as_deref(), outcome.standing(), "{story:#?}");
}

async fn walk(seed: u64) {
    let (mut dice, mut stage, mut story) = (Dice(seed), parlour(), Vec::new());
    let mut buttons: Vec<String> = Vec::new();
    for number in 0..60 {
        if dice.below(12) == 0 {
            // Another process goes on.
            stage = stage.released(Parlour::engine(Host::default()));
        }
        if dice.below(10) == 0 {
            stage.clock.advance(Duration::from_secs(1_300));
            if dice.below(2) == 0 {
                stage.works().await;
                story.push("(a worker looks)".to_owned());
            }
        }
        let before = standing(&stage).await;
        let said = if !buttons.is_empty() && dice.below(4) == 0 {
            Input::button(&buttons[dice.below(buttons.len())])
        } else {
            Input::text(SAID[dice.below(SAID.len())])
        };
        let message = Message::from(said.clone()).with_id(format!("{seed}-{number}"));
        story.push(format!("{seed}: {before:?} > {}", said.said().unwrap_or_default()));
        let calls = stage.store.calls();
        let outcome = stage.engine.handle(stage.id, message.clone()).await.expect("a turn");
        assert!(!outcome.is_failed(), "{:?} {story:#?}", outcome.failure());
        assert!(stage.store.calls() - calls <= 2, "a load and a commit: {story:#?}");
        if !outcome.is_repeat() {
            is_chain(&outcome, before.as_deref(), &story);
        }
        assert_eq!(standing(&stage).await.as_deref(), outcome.standing(), "{story:#?}");
        let again = stage.engine.handle(stage.id, message).await.expect("a repeat");
        assert!(again.is_repeat() && again.replies == outcome.replies, "{story:#?}");
        buttons.extend(outcome.replies.iter().flat_map(Reply::buttons).map(|button| button.token().to_owned()));
        let surplus = buttons.len().saturating_sub(8);
        buttons.drain(..surplus);
        let prompt = stage.engine.prompt(stage.id).await.expect("it is asked");
        let is_over = matches!(outcome.state, Some(Parlour::Bye | Parlour::Noted | Parlour::Hours));
        match prompt {
            Some(prompt) => {
                let said = outcome.texts().last().map(ToString::to_string);
                let is_told = !outcome.is_repeat() && !outcome.replies.is_empty();
                // What a handler says as it stays, and what the hook answers, is no question.
                let stays = ["Shorter, please.", "The link is in your mailbox."];
                if is_told && !stays.contains(&said.as_deref().unwrap_or_default()) {
                    assert_eq!(Some(prompt.text()), said.as_deref(), "{story:#?}");
                }
            }
            None => assert!(is_over, "{story:#?}"),
        }
    }
}

#[tokio::test]
async fn whatever_is_said_it_stays_one_chain_with_one_write_a_turn() {
    for seed in 0..120 {
        walk(seed).await;
    }
}
