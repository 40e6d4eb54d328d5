//! Machines, sessions and what happens between them, as a seed has it: [`Town`].

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use chrono::TimeDelta;
use flow_core::{Clock, EngineError, Reply, SessionId, Store};
use flow_memory::MemoryStore;
use flow_testkit::{Faults, FaultyStore};
use tokio::time::{Instant, sleep};

use super::{
    bank::Bank,
    clock::TownClock,
    defects::{Defect, broken_above, broken_below, tamper},
    evidence::{Evidence, judge},
    machine::{Machine, Premises},
    mail::Mail,
    met::{Met, count},
    mishap::befall,
    operator::{Order, by},
    plan::{Plan, Trouble},
    promises::archives::{self, Kept},
    sight::{Sight, is_place},
    truth::Truth,
    visitor::{FLOODED, Fate, Message, Told, flood, visit},
};
use crate::{conversation::Dice, unsure_archive::UnsureArchive};

pub(crate) struct Town {
    pub(crate) premises: Premises,
    machines: Mutex<Vec<Arc<Machine>>>,
    messages: Mutex<Vec<Message>>,
    buttons: Mutex<BTreeMap<usize, Vec<String>>>,
    orders: Mutex<Vec<Order>>,
    broken: Mutex<Vec<String>>,
    met: Mutex<Met>,
    story: Mutex<Vec<String>>,
    began: Instant,
    events: AtomicUsize,
}

/// Plays the seed in a town, and holds it against every promise.
///
/// Fails with what was broken, and the story of the town.
pub(crate) async fn play(seed: u64, defect: Option<Defect>) -> Result<Met, String> {
    let dice = Arc::new(Dice::of(seed));
    let plan = Plan::of(&dice);
    let town = Arc::new(Town::new(plan, &dice, seed, defect));
    match town.lives().await {
        Ok(met) => Ok(met),
        Err(broken) => Err(format!("{broken}\n{}", town.story())),
    }
}

impl Town {
    fn new(plan: Plan, dice: &Arc<Dice>, seed: u64, defect: Option<Defect>) -> Self {
        let clock = TownClock::new(0);
        let store: Arc<dyn Store> = Arc::new(MemoryStore::builder().clock(clock.clone()).build());
        let truth = Arc::new(Truth::over(broken_below(defect, store), clock));
        let sound: Arc<dyn Store> = Arc::clone(&truth) as _;
        let unsure = Arc::new(FaultyStore::new(broken_above(defect, sound), Faults::each(plan.faults), seed));
        let archive = plan.archive.then(|| Arc::new(UnsureArchive::new(dice)));
        let mail = Arc::new(Mail::new(dice, &truth, plan.has(Trouble::Moods)));
        let bank = Arc::new(Bank::new(dice));
        let premises = Premises { plan, defect, dice: Arc::clone(dice), truth, unsure, archive, mail, bank };
        let machines = (0..premises.plan.machines).map(|_| Arc::new(Machine::begin(&premises, clock_of(&premises))));
        let machines = Mutex::new(machines.collect());
        let (messages, buttons, orders, broken, met) = Default::default();
        let lines = Mutex::default();
        Self {
            premises,
            machines,
            messages,
            buttons,
            orders,
            broken,
            met,
            story: lines,
            began: Instant::now(),
            events: AtomicUsize::new(0),
        }
    }

    async fn lives(self: &Arc<Self>) -> Result<Met, String> {
        let mut tasks = tokio::task::JoinSet::new();
        for session in 0..self.premises.plan.sessions {
            for visitor in 0..2 {
                let town = Arc::clone(self);
                tasks.spawn(async move { visit(&town, session, visitor).await });
            }
        }
        if self.premises.plan.has(Trouble::Flood) {
            let town = Arc::clone(self);
            tasks.spawn(async move { flood(&town, FLOODED).await });
        }
        let town = Arc::clone(self);
        tasks.spawn(async move { befall(&town).await });
        while let Some(ended) = tasks.join_next().await {
            ended.map_err(|error| format!("a task of the town broke off: {error}"))?;
        }
        self.comes_to_rest().await?;
        let mut evidence = self.evidence();
        tamper(self.premises.defect, &mut evidence);
        judge(&evidence)?;
        self.judge_rest(&evidence).await?;
        let mut met = self.met.lock().expect("a lock").clone();
        count(&evidence, &mut met);
        Ok(met)
    }

    /// All is well again: what is due is done, until nothing is left.
    async fn comes_to_rest(&self) -> Result<(), String> {
        let Premises { truth, mail, unsure, .. } = &self.premises;
        mail.calms();
        unsure.heals().await.map_err(|error| error.to_string())?;
        for session in 0..self.premises.plan.sessions {
            truth.mend(id_of(session));
        }
        let machines: Vec<_> = self.machines.lock().expect("a lock").drain(..).collect();
        for machine in machines {
            if !machine.engine.shutdown(Duration::from_secs(3_600)).await.is_complete() {
                return Err("a shutdown did not come to its end".into());
            }
            machine.kill();
        }
        // A store's clock that was turned back stands still; now all clocks agree.
        let now = truth.load(SessionId::random(), 0).await.map_err(|error| error.to_string())?.now;
        truth.clock.set(now);
        let machine = Machine::begin(&self.premises, truth.clock.clone());
        let mut restless = String::new();
        for _ in 0..200 {
            sleep(Duration::from_secs(30)).await;
            machine.look().await?;
            let (mut waits, mut has_letters) = (None, false);
            for session in 0..self.premises.plan.sessions {
                let id = id_of(session);
                let last = truth.last(id).await;
                // With an archive this is a write, whether there is something to retry or not.
                if let Some(last) = last
                    && !Sight::of(id, &last.record)?.set_aside.is_empty()
                {
                    match machine.engine.operator(by()).retry(id).await {
                        // As many were accepted as there was room for; the others are by a later call.
                        Ok(_) | Err(EngineError::InboxFull { .. }) => {}
                        Err(error) => return Err(format!("dead letters are not retried: {error}")),
                    }
                }
                let waiting = truth.waiting(id).await;
                if !waiting.is_empty() {
                    restless = format!("letters wait in {id}: {waiting:?}");
                    has_letters = true;
                }
                waits = waits.or(truth.last(id).await.filter(|last| last.wake_at.is_some()));
            }
            let Some(last) = waits else {
                if has_letters {
                    continue;
                }
                machine.kill();
                return Ok(());
            };
            restless = format!("{} waits for {:?}: {}", last.id, last.wake_at, last.record.readable());
        }
        Err(format!("it does not come to rest at {}: {restless}", truth.clock.now()))
    }

    /// What is kept of each session when all is over is whole, and has nothing that was erased.
    async fn judge_rest(&self, evidence: &Evidence) -> Result<(), String> {
        for session in 0..self.premises.plan.sessions {
            let id = id_of(session);
            let stored = self.premises.truth.last(id).await.map(|last| last.record).filter(|record| !is_place(record));
            let mut archived = match &self.premises.archive {
                Some(archive) => Some(Kept::of(&archive.archive, id).await?),
                None => None,
            };
            if let (Some(Defect::LosesSteps), Some(kept)) = (self.premises.defect, &mut archived) {
                kept.lose_a_step();
            }
            archives::what_is_archived_is_whole(evidence, id, stored.as_ref(), archived.as_ref())?;
            archives::what_was_erased_is_nowhere(evidence, id, stored.as_ref(), archived.as_ref())?;
        }
        Ok(())
    }

    fn evidence(&self) -> Evidence {
        Evidence {
            plan: self.premises.plan.clone(),
            deeds: self.premises.truth.deeds(),
            sent: self.premises.mail.sent(),
            charges: self.premises.bank.charges(),
            messages: self.messages.lock().expect("a lock").clone(),
            orders: self.orders.lock().expect("a lock").clone(),
            broken: self.broken.lock().expect("a lock").clone(),
        }
    }

    pub(crate) fn any_id(&self) -> SessionId {
        let sessions = self.premises.plan.sessions as u64;
        id_of(usize::try_from(self.premises.dice.below(sessions)).expect("a small number"))
    }

    pub(crate) fn any_machine(&self) -> Arc<Machine> {
        let machines = self.machines.lock().expect("a lock");
        let place = usize::try_from(self.premises.dice.below(machines.len() as u64)).expect("a small number");
        Arc::clone(&machines[place])
    }

    /// Begins a machine in the place of another, whose clock it has, and gives that other one.
    pub(crate) fn replace_any(&self) -> Arc<Machine> {
        let mut machines = self.machines.lock().expect("a lock");
        let place = usize::try_from(self.premises.dice.below(machines.len() as u64)).expect("a small number");
        let machine = Machine::begin(&self.premises, machines[place].clock.clone());
        std::mem::replace(&mut machines[place], Arc::new(machine))
    }

    /// Remembers what the sender of a message was told.
    pub(crate) fn hears(&self, session: usize, word: &str, fate: Fate) {
        self.tells(&format!("{word}: {fate:?}"));
        let (id, ended, event) = (id_of(session), self.premises.truth.count(), self.next_event());
        let mut messages = self.messages.lock().expect("a lock");
        let message = messages.iter_mut().find(|message| message.id == id && message.word == word);
        let message = message.expect("what is answered was sent");
        message.fate = message.fate.max(fate);
        message.ended = ended;
        if fate >= Fate::Waits {
            message.accepted.get_or_insert(event);
        }
    }

    /// Remembers that a message is sent, to be accepted in the order of its visitor or otherwise.
    pub(crate) fn sends(&self, session: usize, word: &str, keeps_its_place: bool) {
        let (id, ended, event) = (id_of(session), self.premises.truth.count(), self.next_event());
        let mut messages = self.messages.lock().expect("a lock");
        match messages.iter_mut().find(|message| message.id == id && message.word == word) {
            Some(message) => message.keeps_its_place &= keeps_its_place,
            None => messages.push(Message {
                id,
                word: word.to_owned(),
                fate: Fate::Nothing,
                ended,
                first_sent: event,
                accepted: None,
                keeps_its_place,
            }),
        }
    }

    fn next_event(&self) -> usize {
        self.events.fetch_add(1, Ordering::Relaxed)
    }

    /// Remembers the buttons that a session was shown.
    pub(crate) fn sees(&self, session: usize, told: &Told) {
        let Ok(outcome) = told else { return };
        let sends_payloads = self.premises.defect == Some(Defect::SendsPayloads);
        let payloads = outcome.replies.iter().flat_map(Reply::choices).map(|choice| choice.payload.clone());
        let tokens = outcome.replies.iter().flat_map(Reply::buttons).map(|button| button.token().to_owned());
        let shown: Vec<_> = if sends_payloads { payloads.collect() } else { tokens.collect() };
        self.buttons.lock().expect("a lock").entry(session).or_default().extend(shown);
    }

    /// One of the buttons that the session was shown, if there is one.
    pub(crate) fn any_button(&self, session: usize) -> Option<String> {
        let buttons = self.buttons.lock().expect("a lock");
        let shown = buttons.get(&session).filter(|shown| !shown.is_empty())?;
        let place = usize::try_from(self.premises.dice.below(shown.len() as u64)).expect("a small number");
        Some(shown[place].clone())
    }

    /// Remembers an operator's order, and gives its place.
    pub(crate) fn orders(&self, order: Order) -> usize {
        let mut orders = self.orders.lock().expect("a lock");
        orders.push(order);
        orders.len() - 1
    }

    pub(crate) fn is_done(&self, order: usize) {
        self.orders.lock().expect("a lock")[order].is_done = true;
    }

    /// A promise was broken.
    pub(crate) fn breaks(&self, broken: String) {
        self.broken.lock().expect("a lock").push(broken);
    }

    /// Counts something that happened.
    pub(crate) fn meets(&self, what: &'static str) {
        *self.met.lock().expect("a lock").entry(what).or_default() += 1;
    }

    /// A line of the story.
    pub(crate) fn tells(&self, line: &str) {
        let at = self.began.elapsed();
        let done = self.premises.truth.count();
        self.story.lock().expect("a lock").push(format!("{at:>10.3?} {done:>4} {line}"));
    }

    fn story(&self) -> String {
        let story = self.story.lock().expect("a lock");
        format!("{:?}\n{}", self.premises.plan, story.join("\n"))
    }
}

/// The id of the session with this number.
pub(crate) fn id_of(session: usize) -> SessionId {
    format!("00000000-0000-4000-8000-00000000000{session}").parse().expect("a session id")
}

/// The clock of a machine: right, or not.
fn clock_of(premises: &Premises) -> TownClock {
    let dice = &premises.dice;
    if !premises.plan.has(Trouble::Clocks) {
        return TownClock::new(0);
    }
    let clock = TownClock::new(i64::try_from(dice.below(3)).expect("a small number") - 1);
    clock.turn(TimeDelta::seconds(i64::try_from(dice.below(5)).expect("a small number") * 25 - 50));
    clock
}
