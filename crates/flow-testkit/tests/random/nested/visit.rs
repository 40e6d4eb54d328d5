//! One visit in the house, compared with the model turn by turn: [`Visit`].

use std::{sync::Arc, time::Duration};

use flow_core::{Clock as _, Deadlines, Engine, Input, Limits, Message, Outcome, SessionId, Store};
use flow_memory::MemoryStore;
use flow_testkit::{Faults, FaultyStore};
use serde_json::Value;
use tokio::time::sleep;

use super::{
    Met, SAID,
    house::{Host, House},
    model::{By, Flaw, Model},
};
use crate::conversation::{Dice, Virtual};

pub(super) struct Visit {
    clock: Virtual,
    store: Arc<FaultyStore>,
    /// The store without its faults.
    behind: Arc<MemoryStore>,
    engines: [Engine<House>; 2],
    id: SessionId,
    dice: Dice,
    has_faults: bool,
    has_worker: bool,
    model: Model,
    /// The last message, and what it was told.
    last: Option<(Message, Vec<String>)>,
    pub(super) story: Vec<String>,
    pub(super) met: Met,
}

impl Visit {
    pub(super) fn begin(seed: u64, flaw: Option<Flaw>) -> Self {
        let (clock, has_faults) = (Virtual::begin(), seed.is_multiple_of(3));
        let faults = if has_faults { Faults::each(4) } else { Faults::default() };
        let behind = Arc::new(MemoryStore::builder().clock(clock).build());
        let store = Arc::new(FaultyStore::new(Arc::clone(&behind), faults, seed));
        let engines = [0, 1].map(|_| process(&store, clock));
        let id = "00000000-0000-4000-8000-000000000017".parse().expect("a session id");
        let (dice, model) = (Dice::of(seed), Model::with(flaw));
        let has_worker = !has_faults && seed.is_multiple_of(2);

        Self {
            clock,
            store,
            behind,
            engines,
            id,
            dice,
            has_faults,
            has_worker,
            model,
            last: None,
            story: Vec::new(),
            met: Met::new(),
        }
    }

    pub(super) async fn goes_on(&mut self, number: usize) -> Result<(), String> {
        if self.dice.below(8) == 0 {
            self.engines[usize::from(self.dice.below(2) == 0)] = process(&self.store, self.clock);
            self.meets("another process");
        }
        if self.dice.below(6) == 0 {
            self.waits().await?;
        }
        match self.dice.below(10) {
            0 => self.repeats().await?,
            1 => self.says_two_at_once(number).await?,
            _ => self.says(number).await?,
        }
        self.is_as_predicted(&self.model.clone()).await?;
        if self.dice.below(3) == 0 {
            self.asks_again().await?;
        }
        Ok(())
    }

    pub(super) async fn says(&mut self, number: usize) -> Result<(), String> {
        let said = self.word();
        let message = Input::text(said).with_id(format!("message {number}"));
        self.model.hears(said, self.seconds());
        let outcome = self.sent(&message).await?;
        self.tells(&format!("\"{said}\" was told {:?}", outcome.texts()));
        compare("what is said last", &outcome.texts().last().copied(), &Some(&*self.model.question))?;
        // What was heard, and lost on its way back, is told again without its steps.
        if !outcome.is_repeat() {
            compare("the steps", &steps(&outcome), &predicted(&self.model))?;
        }
        for (_, by) in self.model.steps.clone() {
            self.meets(named(by));
        }
        if self.model.places().len() >= 4 {
            self.meets("four deep");
        }
        self.last = Some((message, outcome.texts().into_iter().map(str::to_owned).collect()));
        Ok(())
    }

    /// The last message comes again: the same is said, and nothing happens.
    async fn repeats(&mut self) -> Result<(), String> {
        let Some((message, texts)) = self.last.clone() else { return Ok(()) };
        self.tells("(once more)");
        self.meets("repeat");
        let outcome = self.sent(&message).await?;
        compare("whether it is a repeat", &outcome.is_repeat(), &true)?;
        compare("what is said again", &outcome.texts(), &texts.iter().map(String::as_str).collect())
    }

    /// Two messages by two processes: one is heard after the other, whichever comes first.
    async fn says_two_at_once(&mut self, number: usize) -> Result<(), String> {
        if self.has_faults {
            return Ok(());
        }
        let said = [self.word(), self.word()];
        let messages = [0, 1].map(|place| Input::text(said[place]).with_id(format!("message {number}/{place}")));
        self.tells(&format!("\"{}\" and \"{}\" at once", said[0], said[1]));
        self.meets("two at once");
        let [one, other] = &self.engines;
        let outcomes =
            tokio::join!(one.handle(self.id, messages[0].clone()), other.handle(self.id, messages[1].clone()));
        let (Ok(one), Ok(other)) = outcomes else { return Err(format!("{outcomes:?}")) };
        let (outcomes, now) = ([one, other], self.seconds());
        let is_told = |model: &Model, outcome: &Outcome<House>| {
            outcome.texts().last() == Some(&&*model.question) && steps(outcome) == predicted(model)
        };
        for order in [[0, 1], [1, 0]] {
            let mut model = self.model.clone();
            let is_so = order.into_iter().all(|place: usize| {
                model.hears(said[place], now);
                is_told(&model, &outcomes[place])
            });
            if is_so && self.is_as_predicted(&model).await.is_ok() {
                (self.model, self.last) = (model, None);
                return Ok(());
            }
        }
        let told = outcomes.map(|outcome| (steps(&outcome), outcome.texts().last().map(ToString::to_string)));
        Err(format!("in neither order these are the turns: {told:?}"))
    }

    /// Time passes. Where there is a worker, it looks then.
    async fn waits(&mut self) -> Result<(), String> {
        let minutes = [1, 20, 90][usize::try_from(self.dice.below(3)).unwrap_or_default()];
        sleep(Duration::from_secs(60 * minutes)).await;
        self.tells(&format!("({minutes} minutes later)"));
        if !self.has_worker {
            return self.is_asked().await;
        }
        let looked = self.engines[0].worker().look().await;
        looked.map_err(|error| format!("the worker failed: {error}"))?;
        self.model.is_looked_at(self.seconds());
        if !self.model.steps.is_empty() {
            self.meets("worker");
            self.meets("after");
        }
        self.is_as_predicted(&self.model.clone()).await
    }

    /// The present question is asked again, which changes nothing.
    async fn asks_again(&mut self) -> Result<(), String> {
        self.meets("prompt");
        self.is_asked().await?;
        self.is_as_predicted(&self.model).await
    }

    /// What is asked now is what the time has led to, whether or not a turn has seen to it.
    async fn is_asked(&self) -> Result<(), String> {
        let mut model = self.model.clone();
        model.is_looked_at(self.seconds());
        let engine = &self.engines[usize::from(self.dice.below(2) == 0)];
        let question = loop {
            match engine.prompt(self.id).await {
                Ok(question) => break question,
                Err(error) if !self.has_faults => return Err(format!("the present question: {error}")),
                Err(_) => sleep(Duration::from_secs(1)).await,
            }
        };
        let question = question.map(|question| question.text().to_owned());
        compare("the present question", &question, &(!model.is_over()).then(|| model.question.clone()))
    }

    /// What is stored is where the model stands, and what is known there.
    async fn is_as_predicted(&self, model: &Model) -> Result<(), String> {
        let loaded = self.behind.load(self.id, 0).await.map_err(|error| error.to_string())?;
        let record = loaded.record.ok_or("there is no record")?;
        let record = record.readable();
        let own = [&record].into_iter();
        let levels = own.chain(record["stack"].as_array().into_iter().flatten());
        let stored: Vec<(String, Value)> = levels
            .map(|level| (level["current"].as_str().unwrap_or_default().to_owned(), data(&level["data"])))
            .collect();
        let told: Vec<_> = model.places().into_iter().map(|(place, known)| (place.to_owned(), known)).collect();
        compare("where it stands, and what is known", &stored, &told)
    }

    /// Sends the message until it is acknowledged.
    async fn sent(&mut self, message: &Message) -> Result<Outcome<House>, String> {
        for _ in 0..100 {
            let engine = &self.engines[usize::from(self.dice.below(2) == 0)];
            match engine.handle(self.id, message.clone()).await {
                Ok(outcome) => return Ok(outcome),
                Err(error) if !self.has_faults => return Err(format!("it failed: {error}")),
                Err(_) => {
                    self.meets("a call that failed");
                    sleep(Duration::from_secs(1)).await;
                }
            }
        }
        Err("it was never acknowledged".to_owned())
    }

    fn word(&self) -> &'static str {
        SAID[usize::try_from(self.dice.below(SAID.len() as u64)).unwrap_or_default()]
    }

    fn seconds(&self) -> u64 {
        u64::try_from(self.clock.now().timestamp()).unwrap_or_default()
    }

    fn tells(&mut self, what: &str) {
        self.story.push(format!("{}: {what}", self.model.standing()));
    }

    fn meets(&mut self, what: &'static str) {
        *self.met.entry(what).or_default() += 1;
    }
}

fn process(store: &Arc<FaultyStore>, clock: Virtual) -> Engine<House> {
    House::engine(Host)
        .limits(Limits::default().rounds(100).remembered_messages(8))
        .deadlines(Deadlines::default().store(Duration::from_millis(500)))
        .clock(clock)
        .store(Arc::clone(store))
}

fn compare<T: PartialEq + std::fmt::Debug>(what: &str, is: &T, should_be: &T) -> Result<(), String> {
    if is == should_be { Ok(()) } else { Err(format!("{what}: {is:?}, and should be {should_be:?}")) }
}

/// A state without fields holds nothing, however that is written.
fn data(data: &Value) -> Value {
    if data.is_object() { data.clone() } else { Value::Object(serde_json::Map::new()) }
}

fn steps(outcome: &Outcome<House>) -> Vec<(String, String)> {
    outcome.transitions.iter().map(|step| (step.to.clone(), format!("{:?}", step.by))).collect()
}

fn predicted(model: &Model) -> Vec<(String, String)> {
    model.steps.iter().map(|(to, by)| (to.clone(), format!("{by:?}"))).collect()
}

fn named(by: By) -> &'static str {
    match by {
        By::Opened | By::Message => "message",
        By::Reopened => "reopened",
        By::Back => "back",
        By::Shortcut => "shortcut",
        By::After => "after",
        By::Tries => "tries",
        By::Run => "run",
        By::Done => "done",
        By::Correction => "correction",
        By::Aside => "aside",
    }
}
