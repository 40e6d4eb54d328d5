//! A kitchen whose bot a person can take over from, with everything that may happen meanwhile.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use flow_core::{Ask, EngineBuilder, Flow, Halt, Key, Reask, Reply, Session, Step, StepExt, Turn, privacy::Private};
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;

use crate::stage::{Stage, by, ok};

pub(crate) const HOUR: Duration = Duration::from_secs(3600);

#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "paused_order", effects(CallSomebody))]
pub(crate) enum Order {
    #[state(start, ask = "What shall it be?", handled, to(Pay, Gone))]
    Menu,
    #[state(
        handled,
        signals(Paid(u64), Noted),
        tries(2, Gone),
        remind("1h", Waiting),
        to(Done, Gone),
        after("3d", Gone)
    )]
    Pay { dish: Private<String> },
    #[state(handled, to(Gone))]
    Done,
    #[state(end, say = "Good bye.")]
    Gone,
}

pub(crate) use order::*;

#[derive(Clone, Default)]
pub(crate) struct Cook {
    /// How often any method ran.
    pub(crate) runs: Arc<AtomicUsize>,
    /// How often a question fails to be asked.
    pub(crate) failures: Arc<AtomicUsize>,
    pub(crate) said: Arc<Mutex<Vec<String>>>,
    pub(crate) calls: Arc<AtomicUsize>,
    /// A permit for each turn at the menu, if they are held.
    pub(crate) held: Option<Arc<Semaphore>>,
}

impl Cook {
    fn runs(&self) {
        self.runs.fetch_add(1, Ordering::SeqCst);
    }

    pub(crate) fn count(&self) -> usize {
        self.runs.load(Ordering::SeqCst)
    }

    /// What was announced since the last time.
    pub(crate) fn announced(&self) -> Vec<String> {
        std::mem::take(&mut *self.said.lock().expect("a lock"))
    }

    pub(crate) fn engine(&self) -> EngineBuilder<Order> {
        let said = Arc::clone(&self.said);
        Order::engine(self.clone()).on_announcement(move |announcement| {
            let texts = announcement.replies.iter().map(|reply| reply.text().to_owned());
            said.lock().expect("a lock").extend(texts);
            ok()
        })
    }
}

impl OrderHandler for Cook {
    async fn menu(&self, state: Menu, turn: Turn<'_, Menu>) -> Step<Menu> {
        self.runs();
        if let Some(held) = &self.held {
            held.acquire().await.expect("it is open").forget();
        }
        match turn.text() {
            "person" => turn.hand_over("a wish of the visitor's").say("One moment.").effect(OrderEffect::CallSomebody),
            "bye" => turn.to(Gone),
            "fail" => Err(Halt::failed("the stove is cold")),
            dish => turn.to(state.pay(Private::new(dish.to_owned()))),
        }
    }

    async fn ask_pay(&self, state: &Pay, _: Ask<'_, Pay>) -> flow_core::Result<Reply> {
        Ok(format!("Pay for {}, please.", state.dish.reveal()).into())
    }

    async fn pay(&self, _: Pay, turn: Turn<'_, Pay>) -> Step<Pay> {
        self.runs();
        Err(Reask::because(format!("{}?", turn.text())).into())
    }

    async fn pay_on_paid(&self, _: Pay, receipt: u64, turn: Turn<'_, Pay>) -> Step<Pay> {
        self.runs();
        turn.to(Done).say(format!("Receipt {receipt}."))
    }

    async fn pay_on_noted(&self, _: Pay, turn: Turn<'_, Pay>) -> Step<Pay> {
        self.runs();
        turn.stay("Noted.")
    }

    async fn pay_on_waiting(&self, _: Pay, turn: Turn<'_, Pay>) -> Step<Pay> {
        self.runs();
        turn.stay("Are you there?")
    }

    async fn ask_done(&self, _: &Done, _: Ask<'_, Done>) -> flow_core::Result<Reply> {
        let left = self.failures.load(Ordering::SeqCst);
        if left > 0 {
            self.failures.store(left - 1, Ordering::SeqCst);
            return Err(Halt::failed("the pen is empty"));
        }
        Ok("Anything else?".into())
    }

    async fn done(&self, _: Done, turn: Turn<'_, Done>) -> Step<Done> {
        self.runs();
        let said = format!("\"{}\" it is.", turn.text());
        turn.to(Gone).say(said)
    }

    async fn deliver_call_somebody(&self, _: Key) -> flow_core::Result<()> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

/// What the bank reports.
pub(crate) fn paid(receipt: u64) -> OrderSignal {
    OrderSignal::Paid(receipt)
}

pub(crate) fn table(cook: &Cook) -> Stage<Order> {
    Stage::with(cook.engine())
}

impl Stage<Order> {
    pub(crate) async fn session(&self) -> Session<Order> {
        self.engine.peek(self.id).await.expect("it is read").expect("a live session")
    }

    pub(crate) async fn causes(&self) -> Vec<String> {
        self.session().await.history().iter().map(|step| step.by.to_string()).collect()
    }

    pub(crate) async fn pauses(&self) {
        self.engine.operator(by()).pause(self.id).await.expect("a turn");
    }
}

/// A session that waits to be paid, with the bot paused.
pub(crate) async fn paused_at_pay(cook: &Cook) -> Stage<Order> {
    let stage = table(cook);
    stage.says_all(&["hi", "soup"]).await;
    stage.pauses().await;
    stage
}
