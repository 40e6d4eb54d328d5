//! A purchase by a button: teloxide's `crates/teloxide/examples/purchase.rs`.

use flow_chat::{answers::Name, prelude::*};
use serde::{Deserialize, Serialize};

/// Who buys what. Every answer has its one place, so there is nothing to handle.
#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "purchase", anywhere("cancel" => Cancelled, help))]
pub enum Purchase {
    #[state(start, ask = "Let us begin! What is your full name?", to(Product))]
    FullName,

    #[state(ask = "What would you like to buy?", choices(Apple, Banana, Orange, Potato), to(Bought))]
    Product { full_name: Name },

    #[state(end, say = "{product}: it is yours, {full_name}!")]
    Bought { full_name: Name, product: ProductChoice },

    #[state(end, say = "Nothing was bought.")]
    Cancelled,
}

pub use purchase::*;

/// Sells.
pub struct Grocer;

impl PurchaseHandler for Grocer {}
