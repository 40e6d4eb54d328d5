//! An address that is asked for twice, by one flow. Written from the requirement: see the README on originals.

use flow_chat::prelude::*;
use serde::{Deserialize, Serialize};

/// An order that is sent to one address, and billed to the same or another.
#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "order", anywhere("cancel" => Cancelled, back))]
pub enum Order {
    #[state(start, ask = "What would you like?", to(Shipping))]
    Item,

    #[state(run = Address, to(SameBill, Cancelled))]
    Shipping { item: String },

    #[state(ask = "Does the bill go to {shipping} too?", choices(Yes, No), to(Billing, Review))]
    SameBill { item: String, shipping: Postal },

    #[state(run = Address, to(Review, Cancelled))]
    Billing { item: String, shipping: Postal },

    #[state(
        ask = "{item} to {shipping}, the bill to {billing}?",
        choices(Yes),
        corrects(item, shipping("Send it elsewhere"), billing("Bill it elsewhere") = Billing),
        to(Ordered)
    )]
    Review { item: String, shipping: Postal, billing: Postal },

    #[state(end, checkpoint, say = "It is on its way.")]
    Ordered { item: String, shipping: Postal, billing: Postal },

    #[state(end, say = "Nothing was ordered.")]
    Cancelled,
}

/// An address, for whoever runs this.
#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "address", anywhere("no address" => Without, back))]
pub enum Address {
    #[state(start, ask = "Which street?", to(Town))]
    Street,

    #[state(ask = "In which town?", to(Given))]
    Town { street: String },

    #[state(end)]
    Given { street: String, town: String },

    #[state(end, say = "Without an address, then.")]
    Without,
}

pub use {address::*, order::*};

/// What is known of an address.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Postal {
    pub street: String,
    pub town: String,
}

impl Speak for Postal {
    fn speak(&self) -> String {
        format!("{}, {}", self.street, self.town)
    }
}

/// Sends and bills.
pub struct Shop;

impl OrderHandler for Shop {
    async fn shipping_done(&self, state: Shipping, end: AddressEnd, turn: Turn<'_, Shipping>) -> Step<Shipping> {
        match end {
            AddressEnd::Given(Given { street, town }) => turn.to(state.same_bill(Postal { street, town })),
            AddressEnd::Without(_) => turn.to(Cancelled),
        }
    }

    async fn same_bill(&self, state: SameBill, choice: SameBillChoice, turn: Turn<'_, SameBill>) -> Step<SameBill> {
        let billing = state.shipping.clone();
        match choice {
            SameBillChoice::Yes => turn.to(state.review(billing)),
            SameBillChoice::No => turn.to(state.billing()),
        }
    }

    async fn billing_done(&self, state: Billing, end: AddressEnd, turn: Turn<'_, Billing>) -> Step<Billing> {
        match end {
            AddressEnd::Given(Given { street, town }) => turn.to(state.review(Postal { street, town })),
            AddressEnd::Without(_) => turn.to(Cancelled),
        }
    }

    async fn review(&self, state: Review, _: ReviewChoice, turn: Turn<'_, Review>) -> Step<Review> {
        turn.to(state.ordered())
    }
}

impl AddressHandler for Shop {}
