//! Where a behaviour is played: a [`Stage`], with the platform on one side and its counterpart on the other.

use std::panic::{AssertUnwindSafe, catch_unwind};

use chrono::{DateTime, Utc};
use flow_core::Secret;
use flow_http::platform::{Arrivals, Arrived, Forged, Hook, Line, Pace, Platform as _, Unreadable};

use super::{Counterpart, Delivery, Signer, broken};

/// A platform on a line, and its counterpart.
pub(super) struct Stage<C: Counterpart> {
    pub(super) counterpart: C,
    pub(super) line: Line<C::Platform>,
    pub(super) now: DateTime<Utc>,
}

impl<C: Counterpart> Stage<C> {
    pub(super) fn with(counterpart: C) -> Self {
        // What is tested is what the platform says of its limits, and not how they are kept.
        let line = Line::new("conformance", counterpart.platform(), secret()).pace(Pace::NONE);
        Self { counterpart, line, now: Utc::now() }
    }

    pub(super) fn platform(&self) -> &C::Platform {
        self.line.platform()
    }

    /// The request, signed as it should be.
    pub(super) fn signed(&self, delivery: &Delivery) -> Delivery {
        self.signed_by(delivery, Signer::Present, self.now)
    }

    pub(super) fn signed_by(&self, delivery: &Delivery, signer: Signer, at: DateTime<Utc>) -> Delivery {
        let mut delivery = delivery.clone();
        self.counterpart.sign(&mut delivery, signer, at);
        delivery
    }

    /// Whether the platform takes a request for its own.
    ///
    /// Fails if it panics.
    pub(super) fn verifies(&self, delivery: &Delivery, what: &str) -> Result<(), Forged> {
        let head = delivery.head();
        let hook = Hook::new(&head, delivery.body(), self.now);
        let verified = catch_unwind(AssertUnwindSafe(|| self.platform().verify(&hook)));
        verified
            .unwrap_or_else(|_| broken(what, "`verify` answers whatever it is given", "Ok(()), or Err(…)", &"a panic"))
    }

    /// What the platform reads in a request.
    ///
    /// Fails if it panics.
    pub(super) fn reads(&self, delivery: &Delivery, what: &str) -> Result<Arrivals, Unreadable> {
        let head = delivery.head();
        let hook = Hook::new(&head, delivery.body(), self.now);
        let read = catch_unwind(AssertUnwindSafe(|| self.platform().read(&hook)));
        read.unwrap_or_else(|_| broken(what, "`read` answers whatever it is given", "Ok(…), or Err(…)", &"a panic"))
    }

    /// The messages that a request brings, once it is signed.
    ///
    /// Fails if it cannot be read.
    pub(super) fn brings(&self, delivery: &Delivery, what: &str) -> Vec<Arrived> {
        match self.reads(&self.signed(delivery), what) {
            Ok(arrivals) => arrivals.messages().to_vec(),
            Err(error) => broken(what, "what the platform's documentation shows can be read", "Ok(…)", &error),
        }
    }

    /// The one message that a request brings.
    ///
    /// Fails if it brings another number of them.
    pub(super) fn brings_one(&self, delivery: &Delivery, what: &str) -> Arrived {
        let mut messages = self.brings(delivery, what);
        match (messages.pop(), messages.is_empty()) {
            (Some(message), true) => message,
            (last, _) => {
                let count = messages.len() + usize::from(last.is_some());
                broken(what, "a message is read as one message", "1 message", &format!("{count} messages"))
            }
        }
    }

    /// What was said when this visitor wrote this.
    pub(super) fn said(&self, visitor: u32, message: u32, text: &str) -> Arrived {
        let what = format!("visitor {visitor} wrote {text:?} as message {message}");
        self.brings_one(&self.counterpart.says(visitor, message, text), &what)
    }
}

/// What session ids are derived under.
fn secret() -> Secret {
    Secret::new("a secret for the ids of a conformance suite").expect("long enough")
}
