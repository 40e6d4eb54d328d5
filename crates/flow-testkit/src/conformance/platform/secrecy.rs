//! What a visitor says, where they are reached, and what the bot is known by, is seen by nobody who reads a log.

use std::{fmt::Write as _, time::Duration};

use super::{
    Counterpart, Delivery, Signer, Trouble, broken,
    hearing::heard,
    reading::{shortened, strange_bodies},
    sending::key,
    stage::Stage,
};

/// What no log and no `Debug` may hold.
const CANARY: &str = "a-canary-that-sings";

/// While it is verified, read, rendered and sent, well and not.
pub async fn what_is_said_stands_in_no_debug_and_no_log<C: Counterpart>(counterpart: C) {
    let stage = Stage::with(counterpart);
    let (mut shown, place) = (String::new(), stage.counterpart.place(1));
    let logged = heard(async { shown = stage.goes_through_all().await }).await;
    for seen in [("`Debug`", &shown), ("what was logged", &logged)] {
        for private in [CANARY, &place] {
            is_not_in(private, seen.1, seen.0, "a canary was said and sent, well and not");
        }
    }
}

/// It is a visitor's, and an error is logged.
pub async fn what_cannot_be_read_is_not_quoted<C: Counterpart>(counterpart: C) {
    let stage = Stage::with(counterpart);
    let place = stage.counterpart.place(1);
    let delivery = stage.counterpart.says(1, 1, CANARY);
    let mut refused = Vec::new();
    let logged = heard(async {
        for body in strange_bodies(delivery.body()) {
            let what = format!("a request was delivered with the body {}", shortened(&body));
            if let Err(error) = stage.reads(&stage.signed(&delivery.clone().with_body(body)), &what) {
                refused.push((what, format!("{error} {error:?}")));
            }
        }
    })
    .await;
    for (what, error) in &refused {
        for private in [CANARY, &place] {
            is_not_in(private, error, "the error", what);
        }
    }
    is_not_in(CANARY, &logged, "what was logged", "requests with something wrong in them were delivered");
}

/// Not even while they are refused.
pub async fn secrets_stand_in_no_debug_and_no_log<C: Counterpart>(counterpart: C) {
    let stage = Stage::with(counterpart);
    let mut shown = String::new();
    let logged = heard(async { shown = stage.goes_through_all().await }).await;
    let _ = write!(shown, "{0:?} {0:#?} {1:?}", stage.platform(), stage.line);
    let secrets = stage.counterpart.secrets();
    if secrets.is_empty() {
        broken("a counterpart was asked for its secrets", "a platform has a secret at least", "at least 1", &0);
    }
    for secret in secrets {
        for seen in [("`Debug`", &shown), ("what was logged", &logged)] {
            is_not_in(&secret, seen.1, seen.0, "requests were taken and refused, and messages sent, well and not");
        }
    }
}

impl<C: Counterpart> Stage<C> {
    /// Says a canary, presses one, and sends one, well and into every trouble. Gives all that shows itself meanwhile.
    async fn goes_through_all(&self) -> String {
        let mut shown = String::new();
        let press = self.counterpart.presses(1, 2, CANARY);
        for delivery in [Some(self.counterpart.says(1, 1, CANARY)), press].into_iter().flatten() {
            self.is_taken(&delivery, &mut shown);
        }
        let troubles = [
            Trouble::Busy(Duration::from_secs(1)),
            Trouble::Blocked,
            Trouble::Broken,
            Trouble::Denied,
            Trouble::AnswerLost,
        ];
        for trouble in [None].into_iter().chain(troubles.map(Some)) {
            if let Some(trouble) = trouble {
                self.counterpart.meets(trouble).await;
            }
            let sent = self.sends(1, CANARY, &key()).await;
            let _ = writeln!(shown, "{sent:?}");
        }
        shown
    }

    fn is_taken(&self, delivery: &Delivery, shown: &mut String) {
        for signer in [Signer::Present, Signer::Previous, Signer::Another] {
            let delivery = self.signed_by(delivery, signer, self.now);
            let _ = writeln!(shown, "{:?}", self.verifies(&delivery, "a canary was delivered"));
        }
        let read = self.reads(&self.signed(delivery), "a canary was delivered");
        // Message by message: what the request is answered is seen by the platform alone.
        let messages = read.map(|arrivals| arrivals.messages().to_vec());
        let _ = writeln!(shown, "{messages:?}");
    }
}

fn is_not_in(private: &str, seen: &str, whose: &str, what: &str) {
    if let Some(line) = seen.lines().find(|line| line.contains(private)) {
        let promise = "nothing of a visitor and no secret stands in `Debug`, an error or a log";
        broken(what, promise, &format!("no {private:?} in {whose}"), &line);
    }
}
