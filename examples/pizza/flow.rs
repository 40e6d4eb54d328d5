//! An order of another shape than the booking: a loop, an optional branch, a tuple variant, and an order that all
//! states share.

use std::fmt;

use flow_chat::{Result, prelude::*, privacy::Private};
use serde::{Deserialize, Serialize};

/// A pizza, built topping by topping.
#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "pizza", shared = Order, anywhere("forget it" => Forgotten, "start over" => Welcome, back))]
pub enum Pizza {
    #[state(start, ask = "Ciao! Which size?", choices = Size, to(Toppings))]
    Welcome,

    /// Comes back to itself until the visitor has enough. What is on the pizza already is said by the handler.
    #[state(choices = Wish, to(Toppings, Handover))]
    Toppings,

    #[state(ask = "Shall we bring it?", choices(BringIt, IllCome("I'll come")), to(Street, Confirm))]
    Handover,

    /// Only for an order that is to be delivered.
    #[state(ask = "Where to?", answer = Private<String>, to(Confirm), without("start over"))]
    Street,

    #[state(ask = "{0}. Is that right?", answer = bool, to(Ordered, Toppings))]
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
    pub toppings: Vec<Wish>,
}

#[derive(Answer, Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Size {
    Small,
    #[answer("Large", "big", "xl")]
    Large,
}

/// A topping, or enough of them.
#[derive(Answer, Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Wish {
    Olives,
    #[answer("Mushrooms", "funghi")]
    Mushrooms,
    Pineapple,
    Enough,
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
    async fn welcome(&self, _: Welcome, size: Size, mut turn: Turn<'_, Welcome>) -> Step<Welcome> {
        turn.shared_mut().size = Some(size);
        turn.shared_mut().toppings.clear();
        turn.to(Toppings)
    }

    async fn ask_toppings(&self, _: &Toppings, ask: Ask<'_, Toppings>) -> Result<Reply> {
        Ok(match ask.shared().toppings.len() {
            0 => "A topping? Say \"enough\" when it is.".into(),
            _ => "Another topping, or enough?".into(),
        })
    }

    async fn toppings(&self, _: Toppings, wish: Wish, mut turn: Turn<'_, Toppings>) -> Step<Toppings> {
        match wish {
            Wish::Enough => {
                let order = turn.shared().to_string();
                turn.to(Handover).say(order)
            }
            topping if turn.shared().toppings.contains(&topping) => {
                turn.stay("There are plenty of those on it already.")
            }
            topping => {
                turn.shared_mut().toppings.push(topping);
                turn.to(Toppings)
            }
        }
    }

    async fn handover(&self, _: Handover, choice: HandoverChoice, turn: Turn<'_, Handover>) -> Step<Handover> {
        match choice {
            HandoverChoice::BringIt => turn.to(Street),
            HandoverChoice::IllCome => turn.to(Confirm(Destination::Counter)),
        }
    }

    async fn street(&self, state: Street, street: Private<String>, turn: Turn<'_, Street>) -> Step<Street> {
        turn.to(state.confirm(Destination::Street(street)))
    }

    async fn confirm(&self, state: Confirm, is_right: bool, turn: Turn<'_, Confirm>) -> Step<Confirm> {
        if is_right { turn.to(state.ordered()) } else { turn.to(Toppings) }
    }
}
