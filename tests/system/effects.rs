//! Effects: each has a method of the handler's, which gets what it carries and a key that stays.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};
use std::{collections::BTreeMap, time::Duration};

use flow_core::{Flow, Halt, Key, Reask, Result, Retries, Step, Turn, Wire};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::stage::{Stage, by};

#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(effects(SendMail(Mail) = "mail", Count(Option<u64>), Ring))]
enum Shop {
    #[state(start, ask = "What?", to(Bought))]
    Begin,
    #[state(end, say = "Thank you.")]
    Bought { what: String },
}

use shop::*;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Mail {
    to: String,
    prices: BTreeMap<String, f64>,
    note: Option<Box<Mail>>,
}

fn mail() -> Mail {
    let note = Mail { to: "böse \"Zungen\" \\ \u{1F99C}".into(), prices: BTreeMap::new(), note: None };
    Mail { to: "ana@example.com".into(), prices: BTreeMap::from([("Tea".into(), 2.5)]), note: Some(Box::new(note)) }
}

/// Writes down what it delivers, and fails so often.
#[derive(Clone, Default)]
struct Seller {
    delivered: Arc<Mutex<Vec<(String, Key)>>>,
    fails: Arc<AtomicUsize>,
    /// What fails; a mail unless it says otherwise.
    failing: Option<&'static str>,
    /// With a rejected answer, as by a stray `?`.
    by_asking: bool,
}

impl Seller {
    fn deliver(&self, what: &str, key: Key) -> Result<()> {
        self.delivered.lock().expect("a lock").push((what.to_owned(), key));
        let fails = what.starts_with(self.failing.unwrap_or("mail"));
        let left = if fails { self.fails.load(Ordering::SeqCst) } else { 0 };
        self.fails.fetch_sub(left.min(1), Ordering::SeqCst);
        match left {
            0 => Ok(()),
            _ if self.by_asking => Err(Reask::because("Which one?").into()),
            _ => Err(Halt::failed("the post office is closed")),
        }
    }

    fn delivered(&self) -> Vec<(String, u64, u32)> {
        let delivered = self.delivered.lock().expect("a lock");
        delivered.iter().map(|(what, key)| (what.clone(), key.stamp.version, key.index)).collect()
    }
}

impl ShopHandler for Seller {
    async fn begin(&self, state: Begin, what: String, turn: Turn<'_, Begin>) -> Step<Begin> {
        let step = turn.to(state.bought(what)).effect(ShopEffect::SendMail(mail()));
        step.effect(ShopEffect::Count(Some(u64::MAX))).effect(ShopEffect::Count(None)).effect(ShopEffect::Ring)
    }

    async fn deliver_send_mail(&self, given: Mail, key: Key) -> Result<()> {
        assert_eq!(given, mail());
        self.deliver("mail", key)
    }

    async fn deliver_count(&self, count: Option<u64>, key: Key) -> Result<()> {
        self.deliver(&format!("{count:?}"), key)
    }

    async fn deliver_ring(&self, key: Key) -> Result<()> {
        self.deliver("ring", key)
    }
}

async fn bought(seller: &Seller) -> Stage<Shop> {
    let stage = Stage::with(Shop::engine(seller.clone()).retries(Retries::default().tries(3)));
    stage.says_all(&["hi", "Tea"]).await;
    stage
}

fn listed(all: &[(&str, u32)]) -> Vec<(String, u64, u32)> {
    all.iter().map(|(what, index)| ((*what).to_owned(), 2, *index)).collect()
}

const ALL: [(&str, u32); 4] = [("mail", 0), ("Some(18446744073709551615)", 1), ("None", 2), ("ring", 3)];

#[tokio::test]
async fn what_effects_carry_arrives_as_it_was_given_in_order_under_a_key_each() {
    let seller = Seller::default();
    let stage = bought(&seller).await;
    assert_eq!(seller.delivered(), [], "a turn does not wait");
    stage.works().await;
    assert_eq!((seller.delivered(), stage.pending().await), (listed(&ALL), 0));
}

#[tokio::test]
async fn an_effect_whose_method_fails_is_tried_again_under_the_same_key_and_what_follows_of_its_kind_waits() {
    for by_asking in [false, true] {
        let seller = Seller { by_asking, failing: Some("Some"), ..Seller::default() };
        let stage = bought(&seller).await;
        seller.fails.store(2, Ordering::SeqCst);
        for delivered in [3, 4, 6] {
            stage.works().await;
            assert_eq!(seller.delivered().len(), delivered);
            stage.clock.advance(Duration::from_secs(60));
        }
        let expected = [ALL[0], ALL[1], ALL[3], ALL[1], ALL[1], ALL[2]];
        assert_eq!((seller.delivered(), stage.pending().await), (listed(&expected), 0));
    }
}

#[tokio::test]
async fn an_effect_whose_method_fails_too_often_is_a_dead_letter_that_can_be_retried() {
    let seller = Seller::default();
    let stage = bought(&seller).await;
    seller.fails.store(3, Ordering::SeqCst);
    for _ in 0..4 {
        stage.works().await;
        stage.clock.advance(Duration::from_secs(60));
    }
    let session = stage.engine.peek(stage.id).await.expect("readable").expect("there");
    let [letter] = &session.set_aside()[..] else { panic!("one was set aside") };
    assert_eq!(
        (letter.kind.as_str(), letter.error.as_str(), letter.key.index),
        ("mail", "the post office is closed", 0)
    );
    assert_eq!(session.pending(), 0, "what follows was delivered");
    stage.engine.operator(by()).retry(stage.id).await.expect("an amendment");
    stage.works().await;
    assert_eq!(seller.delivered().last(), Some(&("mail".to_owned(), 2, 0)));
}

#[tokio::test]
async fn hooks_are_given_an_effect_before_the_handler_and_all_of_them_again_until_all_have_taken_it() {
    let (seller, refusals) = (Seller::default(), Arc::new(AtomicUsize::new(1)));
    let hook = |name: &'static str| {
        let (seller, refusals) = (seller.clone(), Arc::clone(&refusals));
        move |effect: flow_core::Effect<Shop>| {
            let what = format!("{name} {}", effect.effect.name());
            seller.delivered.lock().expect("a lock").push((what, effect.key));
            let refuses = name == "audit" && refusals.swap(0, Ordering::SeqCst) > 0;
            std::future::ready(if refuses { Err("the audit is closed") } else { Ok(()) })
        }
    };
    let stage = Stage::with(Shop::engine(seller.clone()).on_effect(hook("log")).on_effect(hook("audit")));
    stage.says_all(&["hi", "Tea"]).await;
    stage.works().await;
    let mails = || -> Vec<_> { seller.delivered().into_iter().filter(|(what, ..)| what.ends_with("mail")).collect() };
    assert_eq!(mails(), listed(&[("log mail", 0), ("audit mail", 0)]), "one hook has refused it");
    stage.clock.advance(Duration::from_secs(60));
    stage.works().await;
    assert_eq!(mails()[2..], listed(&[("log mail", 0), ("audit mail", 0), ("mail", 0)]));
    assert_eq!((seller.delivered().len(), stage.pending().await), (14, 0));
}

#[tokio::test]
async fn an_effect_is_stored_by_the_name_that_the_declaration_gives_it() {
    let stage = bought(&Seller::default()).await;
    let record = stage.store.last_written().record.readable();
    let pending = record["todo"]["pending"].as_array().expect("a list");
    let stored: Vec<_> = pending.iter().map(|pending| &pending["what"]["effect"]).collect();
    assert_eq!((&stored[0]["kind"], &stored[0]["payload"]["prices"]), (&json!("mail"), &json!({"Tea": 2.5})));
    assert_eq!(*stored[2], json!({"kind": "Count", "payload": null}));
    assert_eq!(*stored[3], json!({"kind": "Ring", "payload": null}));
}
