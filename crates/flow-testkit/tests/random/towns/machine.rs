//! A process of the bot, with a clock of its own: [`Machine`].

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use flow_core::{Archival, Deadlines, Engine, Expiry, Key, Limits, Reply, Retries, engine::Inbox};
use flow_testkit::FaultyStore;
use tokio::task::JoinHandle;

use super::{
    bank::Bank,
    clock::TownClock,
    defects::Defect,
    door::Door,
    errand::{Errand, Said, Walker},
    mail::Mail,
    plan::{GREATEST_SKEW, Plan, Trouble},
    postman::Postman,
    sight::CHANNEL,
    truth::Truth,
};
use crate::{conversation::Dice, unsure_archive::UnsureArchive};

/// How long a turn may take.
pub(crate) const TURN: Duration = Duration::from_secs(3);

/// For how long a worker keeps a session from others.
const LEASE: Duration = Duration::from_secs(1);

pub(crate) struct Machine {
    pub(crate) engine: Engine<Errand>,
    pub(crate) door: Arc<Door>,
    pub(crate) clock: TownClock,
    worker: Mutex<Option<JoinHandle<()>>>,
}

/// What all machines of a town share.
pub(crate) struct Premises {
    pub(crate) plan: Plan,
    pub(crate) defect: Option<Defect>,
    pub(crate) dice: Arc<Dice>,
    pub(crate) truth: Arc<Truth>,
    /// The truth, as the machines get to see it.
    pub(crate) unsure: Arc<FaultyStore>,
    pub(crate) archive: Option<Arc<UnsureArchive>>,
    pub(crate) mail: Arc<Mail>,
    pub(crate) bank: Arc<Bank>,
}

impl Machine {
    /// A machine that begins to work.
    pub(crate) fn begin(premises: &Premises, clock: TownClock) -> Self {
        let door = Arc::new(Door::new(Arc::clone(&premises.unsure), &premises.truth, &clock));
        let engine = engine(premises, &door, &clock);
        let worker = premises.plan.workers.then(|| {
            let worker = engine.worker().pause(Duration::from_millis(200)).lease(LEASE).at_once(4);
            worker.for_each_destination(2).start()
        });
        Self { engine, door, clock, worker: Mutex::new(worker) }
    }

    /// Looks for what is due, once.
    pub(crate) async fn look(&self) -> Result<(), String> {
        let looked = self.engine.worker().lease(LEASE).look().await;
        looked.map(drop).map_err(|error| error.to_string())
    }

    /// It does nothing any more.
    pub(crate) fn kill(&self) {
        self.door.kill();
        if let Some(worker) = self.worker.lock().expect("a lock").take() {
            worker.abort();
        }
    }
}

fn engine(premises: &Premises, door: &Arc<Door>, clock: &TownClock) -> Engine<Errand> {
    let Premises { plan, dice, mail, bank, .. } = premises;
    let walker = Walker {
        dice: Arc::clone(dice),
        mail: Arc::clone(mail),
        door: Arc::clone(door),
        bank: Arc::clone(bank),
        asks_again: premises.defect == Some(Defect::AsksForWhatIsKept),
        moods: plan.has(Trouble::Moods),
    };
    let limits = Limits::default().rounds(100).remembered_messages(3).history(1_000).turns_in_line(4).turns_at_once(2);
    // The store's clock is turned by years.
    let limits = limits.known_for(Duration::from_secs(u32::MAX.into()));
    let limits = if premises.defect == Some(Defect::ForgetsMessages) { limits.known_ids(0) } else { limits };
    let trusts_any_clock = premises.defect == Some(Defect::TrustsAnyClock);
    let greatest_skew = if trusts_any_clock { Duration::from_secs(u32::MAX.into()) } else { GREATEST_SKEW };
    let mut expiry = Expiry::default().grace(Duration::from_secs(1)).greatest_skew(greatest_skew);
    if let Some(idle) = plan.idle {
        expiry = expiry.idle(idle);
    }
    let deadlines = Deadlines::default().turn(TURN).store(Duration::from_millis(500));
    let deadlines = deadlines.handler(plan.handler).hook(Duration::from_secs(1));
    let deliver = |to: &'static str| {
        let (mail, door) = (Arc::clone(mail), Arc::clone(door));
        move |key, what| delivery(Arc::clone(&mail), Arc::clone(&door), to, key, what)
    };
    let (checkpoints, expiries, announcements) =
        (deliver("checkpoints"), deliver("expiries"), deliver("announcements"));
    let said = |said: &Said| said.words.join(", ");
    let builder = Errand::engine(walker)
        .limits(limits.undelivered(plan.undelivered))
        .expiry(expiry)
        .deadlines(deadlines)
        .resume(plan.resume)
        .outage(plan.outage.clone())
        .backlog(plan.backlog)
        .retries(Retries::default().tries(plan.tries).longest_pause(Duration::from_secs(10)))
        .archival(Archival::default().interval(Duration::from_millis(400)).insist(plan.insists))
        .clock(clock.clone())
        .on_checkpoint(move |checkpoint| checkpoints(checkpoint.key, said(&checkpoint.shared)))
        .on_expired(move |expired| expiries(expired.key, said(&expired.shared)))
        .on_announcement(move |told| {
            announcements(told.key, told.replies.first().map(Reply::text).unwrap_or_default().to_owned())
        });
    let channel = Postman {
        mail: Arc::clone(mail),
        door: Arc::clone(door),
        is_careless: premises.defect == Some(Defect::SendsNothing),
    };
    let builder = builder
        .inbox(Inbox::default().patience(plan.patience).letters(plan.letters).tries(plan.letter_tries))
        .channel(CHANNEL, channel);
    let builder = match &premises.archive {
        Some(archive) => builder.archive(Arc::clone(archive)),
        None => builder,
    };
    builder.store(Arc::clone(door))
}

async fn delivery(mail: Arc<Mail>, door: Arc<Door>, to: &'static str, key: Key, what: String) -> Result<(), String> {
    mail.deliver(&door, to, key, what).await
}
