//! An order of another shape than the booking: a loop, an optional branch, a tuple variant, and an order that all
//! states share.

use std::fmt;

use flow_chat::{Result, prelude::*, privacy::Private};
use serde::{Deserialize, Serialize};

/// A pizza, built topping by topping.
#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "pizza", shared = Order, anywhere("forget it" => Forgotten, "start over" => Welcome, back))]
pub enum Pizza {
    /// Offers the sizes, so the question is asked by the handler.
    #[state(start, to(Toppings))]
    Welcome,

    /// Comes back to itself until the visitor has enough.
    #[state(to(Toppings, Handover))]
    Toppings,

    #[state(ask = "Shall we bring it?", choices("Bring it", "I'll come"), to(Street, Confirm))]
    Handover,

    /// Only for an order that is to be delivered.
    #[state(ask = "Where to?", handled, to(Confirm), without("start over"))]
    Street,

    #[state(ask = "{0}. Is that right?", to(Ordered, Toppings))]
    Confirm(Destination),

    #[state(end, checkpoint, say = "It is in the oven. {0}!")]
    Ordered(Destination),

    #[state(end, say = "Arrivederci!")]
    Forgotten,
}

pub use pizza::*;

/// What the states of an order share.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Order {
    pub size: Option<Size>,
    pub toppings: Vec<Topping>,
}

#[derive(Answer, Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Size {
    Small,
    #[answer("Large", "big", "xl")]
    Large,
}

#[derive(Answer, Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Topping {
    Olives,
    #[answer("Mushrooms", "funghi")]
    Mushrooms,
    Pineapple,
}

/// Where the pizza goes. A street is private.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Destination {
    Counter,
    Street(Private<String>),
}

impl Speak for Destination {
    fn speak(&self) -> String {
        match self {
            Self::Counter => "To be picked up at the counter".into(),
            Self::Street(street) => format!("To be brought to {}", street.speak()),
        }
    }
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let toppings: Vec<_> = self.toppings.iter().map(|topping| topping.speak().to_lowercase()).collect();
        let size = self.size.map_or("A pizza".into(), |size| format!("A {} pizza", size.speak().to_lowercase()));
        match toppings[..] {
            [] => write!(f, "{size} with nothing on it."),
            _ => write!(f, "{size} with {}.", toppings.join(" and ")),
        }
    }
}

/// The pizzeria's handler.
pub struct Pizzeria;

impl PizzaHandler for Pizzeria {
    async fn ask_welcome(&self, _: &Welcome) -> Result<Reply> {
        Ok(Reply::new("Ciao! Which size?").with_choices(Size::choices()))
    }

    async fn ask_toppings(&self, _: &Toppings) -> Result<Reply> {
        Ok(Reply::new("A topping? Say \"enough\" when it is.").with_choices(Topping::choices()))
    }

    async fn welcome(&self, _: Welcome, mut turn: Turn<'_, Welcome>) -> Step<Welcome> {
        turn.shared_mut().size = Some(turn.answer()?);
        turn.shared_mut().toppings.clear();
        turn.to(Toppings)
    }

    async fn toppings(&self, _: Toppings, mut turn: Turn<'_, Toppings>) -> Step<Toppings> {
        if turn.text().trim().eq_ignore_ascii_case("enough") {
            let order = turn.shared().to_string();
            return turn.to(Handover).say(order);
        }
        let topping = turn.answer()?;
        if turn.shared().toppings.contains(&topping) {
            return turn.stay("There are plenty of those on it already.");
        }
        turn.shared_mut().toppings.push(topping);
        turn.to(Toppings)
    }

    async fn handover(&self, _: Handover, turn: Turn<'_, Handover>) -> Step<Handover> {
        match turn.choice()? {
            "Bring it" => turn.to(Street),
            _ => turn.to(Confirm(Destination::Counter)),
        }
    }

    async fn street(&self, state: Street, turn: Turn<'_, Street>) -> Step<Street> {
        let street = turn.answer()?;
        turn.to(state.confirm(Destination::Street(street)))
    }

    async fn confirm(&self, state: Confirm, turn: Turn<'_, Confirm>) -> Step<Confirm> {
        if turn.answer()? { turn.to(state.ordered()) } else { turn.to(Toppings) }
    }
}
