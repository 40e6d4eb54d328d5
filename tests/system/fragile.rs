//! Users' code that panics where no handler's method runs yet: as an answer is read, a prompt is said, a payload is written.

use std::{fmt, time::Duration};

use flow_core::{Ask, Flow, Input, Key, Offer, Reask, Result, Retries, Step, StepExt, Turn, answers::Answer};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::stage::Stage;

/// Glass breaks at the word.
#[derive(Clone, Debug, PartialEq)]
struct Glass(String);

impl Answer for Glass {
    fn parse(said: &str) -> std::result::Result<Self, Reask> {
        assert!(said != "break as it is read", "the glass breaks");
        Ok(Self(said.to_owned()))
    }
}

impl fmt::Display for Glass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        assert!(self.0 != "break as it is shown", "the glass breaks");
        f.write_str(&self.0)
    }
}

impl Serialize for Glass {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        assert!(self.0 != "break as it is written", "the glass breaks");
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Glass {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let glass = String::deserialize(deserializer)?;
        assert!(glass != "break as it is read again", "the glass breaks");
        Ok(Self(glass))
    }
}

#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(effects(Ship(Glass)))]
enum Shop {
    #[state(start, ask = "Which glass?", answer = Glass, signals(Chosen(Glass)), to(Shown, Picking))]
    Counter,
    #[state(offers = Glass, to(Shown))]
    Picking,
    #[state(say = "This is {glass}.", endless, to(Shown))]
    Shown { glass: Glass },
}

use shop::*;

struct Seller;

impl ShopHandler for Seller {
    async fn counter(&self, state: Counter, glass: Glass, turn: Turn<'_, Counter>) -> Step<Counter> {
        match glass.0.as_str() {
            "ship what breaks" => {
                turn.to(state.shown(glass)).effect(ShopEffect::Ship(Glass("break as it is written".into())))
            }
            "ship what breaks late" => {
                turn.to(state.shown(glass)).effect(ShopEffect::Ship(Glass("break as it is read again".into())))
            }
            "pick" => turn.to(Picking),
            _ => turn.to(state.shown(glass)),
        }
    }

    async fn counter_on_chosen(&self, state: Counter, glass: Glass, turn: Turn<'_, Counter>) -> Step<Counter> {
        turn.to(state.shown(glass))
    }

    async fn ask_picking(&self, _: &Picking, _: Ask<'_, Picking>) -> Result<Offer<Glass>> {
        Ok(Offer::new("Which?").items([Glass("break as it is shown".into())]))
    }

    async fn shown(&self, state: Shown, turn: Turn<'_, Shown>) -> Step<Shown> {
        turn.to(state)
    }

    async fn deliver_ship(&self, _: Glass, _: Key) -> Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn what_panics_outside_of_a_handlers_method_is_a_failure_as_it_is_inside() {
    let stage = Stage::with(Shop::engine(Seller));
    stage.says("hi").await;
    for said in ["break as it is read", "break as it is shown", "ship what breaks", "pick"] {
        let outcome = stage.says(said).await;
        assert!(outcome.is_failed(), "{said}");
        assert_eq!(stage.state().await, Some("COUNTER"), "{said}");
    }
    assert_eq!(stage.says("green").await.texts(), ["This is green."]);
}

#[tokio::test]
async fn a_signal_that_panics_as_it_is_read_is_a_failure() {
    let stage = Stage::with(Shop::engine(Seller));
    stage.says("hi").await;
    let outcome = stage.says(Input::signal_by_name("Chosen", "break as it is read again")).await;
    assert!(outcome.is_failed());
    assert_eq!(stage.state().await, Some("COUNTER"));
}

#[tokio::test]
async fn an_effect_that_panics_as_it_is_read_becomes_a_dead_letter() {
    let stage = Stage::with(Shop::engine(Seller).retries(Retries::default().tries(2)));
    stage.says_all(&["hi", "ship what breaks late"]).await;
    for _ in 0..3 {
        stage.works().await;
        stage.clock.advance(Duration::from_secs(3600));
    }
    let session = stage.engine.peek(stage.id).await.expect("readable").expect("there");
    assert_eq!((session.pending(), session.set_aside().len()), (0, 1));
}
