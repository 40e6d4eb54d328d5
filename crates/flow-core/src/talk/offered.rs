//! What a state has offered, as its record holds it: [`Offered`].

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The items of an offer, in their order.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Offered(Vec<Value>);

impl Offered {
    pub(crate) fn new(items: Vec<Value>) -> Self {
        Self(items)
    }

    pub(crate) fn items(&self) -> &[Value] {
        &self.0
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Their number alone: whether they are private, only their type knew.
impl fmt::Debug for Offered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Offered({})", self.0.len())
    }
}
