//! One conversation, as a seed has it: [`play`].

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use flow_core::{
    Archival, Archive, Clock, Deadlines, Engine, Input, Limits, Message, Reply, Session, SessionId, Store,
};
use flow_testkit::{FaultCounts, Faults, FaultyStore};
use tokio::{
    task::JoinHandle,
    time::{Instant, sleep, timeout},
};

use crate::{
    check::{check, check_archived},
    talk::{Talk, TalkEffect, Walker},
    unsure_archive::UnsureArchive,
};

/// How often a visitor sends a message before giving it up.
const TRIES: usize = 30;

/// What happened in a conversation, as far as its visitors and hooks can tell.
#[derive(Default)]
pub(crate) struct Log {
    /// Messages that were acknowledged; each is heard once.
    pub(crate) acknowledged: Mutex<Vec<String>>,
    /// Messages that were given up; each is heard once at the most.
    pub(crate) unknown: Mutex<Vec<String>>,
    /// What the hooks were given: the key, and what it stands for.
    pub(crate) delivered: Mutex<Vec<(String, String)>>,
}

/// What a seed came to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Played {
    words: Vec<String>,
    version: u64,
    pub(crate) counts: FaultCounts,
}

/// Plays the seed over the store that goes by the given clock, and checks every promise. The clocks of the engines are apart.
///
/// Fails with what was broken.
pub(crate) async fn play(
    seed: u64,
    store: impl FnOnce(Virtual) -> Arc<dyn Store>,
    faults: Faults,
) -> Result<Played, String> {
    let clock = Virtual::begin();
    let store = store(clock);
    let unsure = Arc::new(FaultyStore::new(store, faults, seed));
    let log = Arc::new(Log::default());
    let dice = Arc::new(Dice::of(seed));
    // Some conversations are archived, and in some workers run; in the others the test looks now and then.
    let archive = (seed % 4 >= 2).then(|| Arc::new(UnsureArchive::new(&dice)));
    let off = TimeDelta::minutes(i64::try_from(seed % 5).unwrap_or_default() * 10 - 20);
    let begin = |ahead| engine(&unsure, Virtual { ahead, ..clock }, archive.as_ref(), &log, &dice);
    let engines = [begin(TimeDelta::zero()), begin(off)];
    let workers = Arc::new(Workers::of(&engines, seed % 2 == 1));
    let id: SessionId = "00000000-0000-4000-8000-000000000001".parse().expect("a session id");
    let opening = Input::text("hello").with_id("the first");
    while !acknowledged(&engines, id, &opening, &dice).await {}
    let visitors = [0, 1].map(|visitor| {
        let (engines, workers) = (engines.clone(), Arc::clone(&workers));
        let (log, dice) = (Arc::clone(&log), Arc::clone(&dice));
        tokio::spawn(async move { visit(visitor, &engines, &workers, id, &log, &dice).await })
    });
    for visitor in visitors {
        visitor.await.map_err(|error| format!("a visitor's task ended: {error}"))?;
    }
    for engine in &engines {
        if !engine.shutdown(Duration::from_secs(3600)).await.is_complete() {
            return Err("a shutdown did not come to its end".into());
        }
    }
    // What is late arrives, and workers deliver what is left.
    unsure.heals().await.map_err(|error| error.to_string())?;
    let engines = [begin(TimeDelta::zero()), begin(off)];
    let mut session: Session<Talk> = stored(&engines[1], id).await?;
    for _ in 0..100 {
        sleep(Duration::from_secs(30)).await;
        let look = engines[0].worker().look().await;
        look.map_err(|error| format!("a look into a healed store failed: {error}"))?;
        session = stored(&engines[1], id).await?;
        if session.wake_at().is_none() {
            break;
        }
    }
    if let Some(wake_at) = session.wake_at() {
        return Err(format!("it does not come to rest, and wants to be looked at at {wake_at}"));
    }
    let mut history = session.history().to_vec();
    if let Some(archive) = &archive {
        let steps = archive.archive.history(id, 0, 10_000).await.map_err(|error| error.to_string())?;
        let checkpoints = archive.checkpoints(id).await.map_err(|error| error.to_string())?;
        check_archived(&session, &steps, &checkpoints)?;
        history = steps.into_iter().map(|step| step.transition).collect();
    }
    check(&session, &history, &log)?;
    let words = session.shared().words.clone();
    Ok(Played { words, version: session.stamp().version, counts: unsure.counts() })
}

async fn stored(engine: &Engine<Talk>, id: SessionId) -> Result<Session<Talk>, String> {
    let session = engine.peek(id).await.map_err(|error| format!("it cannot be read: {error}"))?;
    session.ok_or_else(|| "there is no session".into())
}

fn engine(
    store: &Arc<FaultyStore>,
    clock: Virtual,
    archive: Option<&Arc<UnsureArchive>>,
    log: &Arc<Log>,
    dice: &Arc<Dice>,
) -> Engine<Talk> {
    let (effects, checkpoints, announcements) = (Arc::clone(log), Arc::clone(log), Arc::clone(log));
    let (effect_dice, checkpoint_dice, announcement_dice) = (Arc::clone(dice), Arc::clone(dice), Arc::clone(dice));
    let engine = Talk::engine(Walker { log: Arc::clone(log), dice: Arc::clone(dice) })
        .limits(Limits::default().rounds(100).remembered_messages(200).history(if archive.is_some() {
            3
        } else {
            1_000
        }))
        .archival(Archival::default().interval(Duration::from_millis(400)))
        .deadlines(Deadlines::default().store(Duration::from_millis(500)))
        .clock(clock)
        .on_effect(move |effect| {
            let TalkEffect::Note(note) = &effect.effect;
            effects.deliver(effect.key.to_string(), format!("{note:?}"));
            effect_dice.delivers()
        })
        .on_checkpoint(move |checkpoint| {
            checkpoints.deliver(checkpoint.key.to_string(), format!("{:?}", checkpoint.state));
            checkpoint_dice.delivers()
        })
        .on_announcement(move |announcement| {
            let said: Vec<_> = announcement.replies.iter().map(Reply::text).collect();
            announcements.deliver(announcement.key.to_string(), said.join(" "));
            announcement_dice.delivers()
        });
    let engine = match archive {
        Some(archive) => engine.archive(Arc::clone(archive)),
        None => engine,
    };
    engine.store(Arc::clone(store))
}

/// A worker of each engine that runs beside the visitors, if any do. Now and then one is killed, and another begins.
struct Workers {
    engines: [Engine<Talk>; 2],
    running: Mutex<Vec<JoinHandle<()>>>,
}

impl Workers {
    fn of(engines: &[Engine<Talk>; 2], do_run: bool) -> Self {
        let running = engines.iter().filter(|_| do_run).map(Self::start).collect();
        Self { engines: engines.clone(), running: Mutex::new(running) }
    }

    fn start(engine: &Engine<Talk>) -> JoinHandle<()> {
        engine.worker().pause(Duration::from_millis(200)).lease(Duration::from_secs(1)).at_once(4).start()
    }

    fn do_run(&self) -> bool {
        !self.running.lock().expect("a lock").is_empty()
    }

    /// The worker of this engine is killed, wherever it is, and another begins.
    fn killed(&self, which: usize) {
        let mut running = self.running.lock().expect("a lock");
        running[which].abort();
        running[which] = Self::start(&self.engines[which]);
    }
}

/// The runtime's time, which a test turns.
#[derive(Clone, Copy)]
pub(crate) struct Virtual {
    began: Instant,
    /// By how much it is ahead of the time that passes here.
    ahead: TimeDelta,
}

impl Virtual {
    /// That time from now on.
    pub(crate) fn begin() -> Self {
        Self { began: Instant::now(), ahead: TimeDelta::zero() }
    }
}

impl Clock for Virtual {
    fn now(&self) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + self.began.elapsed() + self.ahead
    }
}

impl Log {
    pub(crate) fn deliver(&self, key: String, what: String) {
        self.delivered.lock().expect("a lock").push((key, what));
    }
}

/// Says some words, each until it is acknowledged, over either engine, and now and then over both at once.
async fn visit(visitor: usize, engines: &[Engine<Talk>; 2], workers: &Workers, id: SessionId, log: &Log, dice: &Dice) {
    for number in 0..6 {
        let word = match dice.below(8) {
            0 => "back".to_owned(),
            1 => "home".to_owned(),
            meaning => format!("{visitor}-{number}-{meaning}"),
        };
        let message = Input::text(word.clone()).with_id(format!("{visitor}/{number}"));
        // What counts anywhere is no answer, and heard by no state.
        let is_heard = word.contains('-');
        let acknowledged = acknowledged(engines, id, &message, dice).await;
        let list = if acknowledged { &log.acknowledged } else { &log.unknown };
        if is_heard {
            list.lock().expect("a lock").push(word);
        }
        sleep(Duration::from_millis(dice.below(50))).await;
        if workers.do_run() {
            if dice.below(4) == 0 {
                workers.killed(usize::from(dice.below(2) == 0));
            }
        } else if dice.below(2) == 0 {
            let look = engines[usize::from(dice.below(2) == 0)].worker().lease(Duration::from_secs(1)).look();
            // It may find its store away, or be killed in the middle.
            let _ = timeout(Duration::from_millis(dice.below(2_000)), look).await;
        }
    }
}

/// Sends the message until it is acknowledged, and tells whether it ever was.
async fn acknowledged(engines: &[Engine<Talk>; 2], id: SessionId, message: &Message, dice: &Dice) -> bool {
    for _ in 0..TRIES {
        let engine = &engines[usize::from(dice.below(2) == 0)];
        let sent = engine.handle(id, message.clone());
        // A caller stops waiting in the middle of a turn, wherever that is.
        let patience =
            if dice.below(3) == 0 { Duration::from_millis(dice.below(700)) } else { Duration::from_secs(60) };
        let acknowledged = match dice.below(5) {
            0 => {
                let other = &engines[usize::from(dice.below(2) == 0)];
                let (first, second) = tokio::join!(timeout(patience, sent), other.handle(id, message.clone()));
                matches!(first, Ok(Ok(_))) || second.is_ok()
            }
            _ => matches!(timeout(patience, sent).await, Ok(Ok(_))),
        };
        if acknowledged {
            return true;
        }
        sleep(Duration::from_millis(dice.below(300))).await;
    }
    false
}

/// Dice for the visitors and the hooks, other than the store's.
#[derive(Debug)]
pub(crate) struct Dice(AtomicU64);

impl Dice {
    pub(crate) fn of(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }

    pub(crate) fn below(&self, bound: u64) -> u64 {
        let state = self.0.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed);
        let mixed = (state ^ (state >> 31)).wrapping_mul(0xD6E8_FEB8_6659_FD93);
        ((mixed ^ (mixed >> 29)).wrapping_mul(0xD6E8_FEB8_6659_FD93) >> 33) % bound
    }

    /// Some time passes, or none.
    pub(crate) async fn pauses(&self) {
        if self.below(3) == 0 {
            sleep(Duration::from_millis(self.below(500))).await;
        }
    }

    /// A hook fails one time in five.
    pub(crate) fn delivers(&self) -> std::future::Ready<Result<(), String>> {
        std::future::ready(if self.below(5) == 0 { Err("the desk is closed".into()) } else { Ok(()) })
    }
}
