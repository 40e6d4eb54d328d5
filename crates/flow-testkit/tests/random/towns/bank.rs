//! What the walkers of a town ask once: [`Bank`], whose every answer is another.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use flow_core::{OnceKey, Result, SessionId, State, Turn};
use tokio::time::sleep;

use super::errand::Errand;
use crate::conversation::Dice;

/// A bank that charges whenever it is asked, and writes it down.
pub(crate) struct Bank {
    dice: Arc<Dice>,
    charges: Mutex<Vec<Charge>>,
}

/// Something that was asked of the bank.
#[derive(Clone, Debug)]
pub(crate) struct Charge {
    pub(crate) id: SessionId,
    pub(crate) word: String,
    pub(crate) key: String,
    pub(crate) receipt: u64,
}

impl Bank {
    pub(crate) fn new(dice: &Arc<Dice>) -> Self {
        Self { dice: Arc::clone(dice), charges: Mutex::default() }
    }

    /// Charges for this word, once in its turn.
    pub(crate) async fn charge<S: State<Flow = Errand>>(&self, turn: &Turn<'_, S>, word: &str) -> Result<u64> {
        turn.once("charge", |key| self.asked(turn.session(), word, key)).await
    }

    async fn asked(&self, id: SessionId, word: &str, key: OnceKey) -> Result<u64> {
        let receipt = {
            let mut charges = self.charges.lock().expect("a lock");
            let receipt = charges.len() as u64;
            charges.push(Charge { id, word: word.to_owned(), key: key.to_string(), receipt });
            receipt
        };
        if self.dice.below(3) == 0 {
            sleep(Duration::from_millis(self.dice.below(300))).await;
        }
        Ok(receipt)
    }

    /// Charges once more what was charged for this receipt.
    pub(crate) fn charge_again(&self, receipt: u64) -> u64 {
        let mut charges = self.charges.lock().expect("a lock");
        let before = charges.iter().find(|charge| charge.receipt == receipt).expect("it was charged").clone();
        let receipt = charges.len() as u64;
        charges.push(Charge { receipt, ..before });
        receipt
    }

    /// Everything that was asked, in its order.
    pub(crate) fn charges(&self) -> Vec<Charge> {
        self.charges.lock().expect("a lock").clone()
    }
}
