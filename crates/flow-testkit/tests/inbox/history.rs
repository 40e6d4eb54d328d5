//! One random history: [`history`], and what came of it.

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, BTreeSet},
    ops::AddAssign,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker},
    time::Duration,
};

use flow_core::{SessionId, Store};
use flow_testkit::ManualClock;

use crate::{
    actors::{Stage, taken_up},
    protocol::Protocol,
};

/// What was found: how many messages were accepted in all, and in how many histories a promise did not hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Findings {
    pub(crate) accepted: u64,
    /// The session was removed in the midst of it, and began anew.
    pub(crate) begun_anew: u64,
    /// A letter waits, and nobody looks after it.
    pub(crate) left: u64,
    /// A message was accepted, and is not in the record.
    pub(crate) lost: u64,
    /// A message is in the record twice.
    pub(crate) doubled: u64,
    /// A message was accepted before another one came, and handled after it.
    pub(crate) out_of_order: u64,
}

impl AddAssign for Findings {
    fn add_assign(&mut self, other: Self) {
        self.accepted += other.accepted;
        self.begun_anew += other.begun_anew;
        self.left += other.left;
        self.lost += other.lost;
        self.doubled += other.doubled;
        self.out_of_order += other.out_of_order;
    }
}

type Actor<'s> = Pin<Box<dyn Future<Output = ()> + 's>>;

/// How many messages of a channel there are at most; those beyond are of other kinds.
const FROM_CHANNEL: u128 = 12;

/// Plays one history: who is next, who dies and how much time passes says `seed`.
pub(crate) fn history(seed: u64, protocol: Protocol, store: impl FnOnce(ManualClock) -> Arc<dyn Store>) -> Findings {
    let clock = ManualClock::new();
    let mut random = fastrand::Rng::with_seed(seed);
    let stage = Stage {
        store: store(clock.clone()),
        id: SessionId::random(),
        protocol,
        accepted: RefCell::default(),
        step: Cell::new(0),
        random: RefCell::new(random.fork()),
    };
    let mut actors: Vec<Actor<'_>> = vec![Box::pin(stage.works()), Box::pin(stage.works())];
    let (mut begun, mut removed_at) = (BTreeMap::new(), None);
    for step in 1..random.u64(30..120) {
        stage.step.set(step);
        match random.u32(0..100) {
            0..20 if begun.len() < FROM_CHANNEL as usize => {
                let message = begun.len() as u128 + 1;
                begun.insert(message, step);
                actors.push(Box::pin(stage.accepts(message)));
            }
            // A message that is delivered again, while it is under way or later.
            20..25 if !begun.is_empty() => actors.push(Box::pin(stage.accepts(random.u128(1..=begun.len() as u128)))),
            25..30 => actors.push(Box::pin(stage.handles(FROM_CHANNEL + u128::from(step)))),
            30..40 => clock.advance(Duration::from_secs(random.u64(1..7))),
            40..44 if !actors.is_empty() => drop(actors.swap_remove(random.usize(..actors.len()))),
            44 if removed_at.is_none() => {
                ready(stage.store.remove(stage.id)).expect("an answer");
                removed_at = Some(step);
            }
            _ if !actors.is_empty() => {
                let next = random.usize(..actors.len());
                if is_over(&mut actors[next]) {
                    drop(actors.swap_remove(next));
                }
            }
            _ => {}
        }
    }
    // Everybody dies but a worker, which has all the time that it needs.
    drop(actors);
    let mut worker: Actor<'_> = Box::pin(stage.works());
    for _ in 0..400 {
        clock.advance(Duration::from_secs(1));
        is_over(&mut worker);
    }
    drop(worker);
    judge(&stage, &begun, removed_at)
}

fn judge(stage: &Stage, begun: &BTreeMap<u128, u64>, removed_at: Option<u64>) -> Findings {
    let loaded = ready(stage.store.load(stage.id, 1)).expect("an answer");
    let handled = taken_up(loaded.record.as_ref());
    let place = |message: &u128| handled.iter().position(|other| other == message);
    // What was under way when the session was removed may have been stored before or after it.
    let accepted: BTreeMap<_, _> = stage.accepted.borrow().clone();
    let stays = |message: &u128| {
        removed_at.is_none_or(|removed_at| begun.get(message).is_some_and(|begun| *begun > removed_at))
    };
    let lost = accepted.keys().any(|message| stays(message) && place(message).is_none());
    let is_before = |(one, at): (&u128, &u64), (other, begun): (&u128, &u64)| {
        at < begun && matches!((place(one), place(other)), (Some(one), Some(other)) if one > other)
    };
    let from_channel = |one: &(&u128, &u64)| *one.0 <= FROM_CHANNEL && stays(one.0);
    let out_of_order = accepted
        .iter()
        .filter(from_channel)
        .any(|one| begun.iter().filter(from_channel).any(|other| is_before(one, other)));
    Findings {
        accepted: accepted.len() as u64,
        begun_anew: removed_at.is_some().into(),
        left: (!loaded.letters.is_empty()).into(),
        lost: lost.into(),
        doubled: (BTreeSet::from_iter(&handled).len() < handled.len()).into(),
        out_of_order: out_of_order.into(),
    }
}

fn is_over(actor: &mut Actor<'_>) -> bool {
    actor.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready()
}

/// What a call gives to a store that answers at once.
fn ready<T>(call: impl Future<Output = T>) -> T {
    match std::pin::pin!(call).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => answer,
        Poll::Pending => panic!("the store waits for something"),
    }
}
