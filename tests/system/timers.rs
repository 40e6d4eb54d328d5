//! Timers: they run out once, are gone with their state, and their turns are no word of the visitor's.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use flow_core::{Clock, Expiry, Flow, Halt, Limits, Retries, Step, Turn};
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;

use crate::{
    flow::BookingSignal,
    meddler::Meddling,
    stage::{Stage, TO_REVIEW, chat, ok, salon},
};

const HOUR: Duration = Duration::from_secs(3600);
const YEAR: Duration = Duration::from_secs(365 * 24 * 3600);

/// A watch that can be set, put off and switched off.
#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "long_watch")]
enum Watch {
    #[state(start, silent, remind(Seven), remind(NewYear), remind(ForEver), to(Idle, Gone), after("30d", Gone))]
    Idle,
    #[state(end, say = "Good night.")]
    Gone,
}

use watch::*;

#[derive(Clone, Default)]
struct Bedside {
    rings: Arc<AtomicUsize>,
    breaks: Arc<AtomicUsize>,
}

impl Bedside {
    fn ring(&self, turn: Turn<'_, Idle>, what: &str) -> Step<Idle> {
        let left = self.breaks.load(Ordering::SeqCst);
        if left > 0 {
            self.breaks.store(left - 1, Ordering::SeqCst);
            return Err(Halt::failed("the spring is broken"));
        }
        self.rings.fetch_add(1, Ordering::SeqCst);
        turn.stay(format!("Ring! It is {what}."))
    }
}

impl WatchHandler for Bedside {
    async fn idle(&self, state: Idle, mut turn: Turn<'_, Idle>) -> Step<Idle> {
        match turn.text() {
            "off" => turn.forget_reminder(IdleReminder::Seven),
            "again" => return turn.to(state.idle()),
            "year" => turn.remind_in(YEAR, IdleReminder::NewYear),
            "for ever" => turn.remind_in(Duration::MAX, IdleReminder::ForEver),
            _ => turn.remind_in(HOUR, IdleReminder::Seven),
        }
        turn.stay("")
    }

    async fn idle_on_seven(&self, _: Idle, turn: Turn<'_, Idle>) -> Step<Idle> {
        self.ring(turn, "seven")
    }

    async fn idle_on_new_year(&self, _: Idle, turn: Turn<'_, Idle>) -> Step<Idle> {
        self.ring(turn, "new year")
    }

    async fn idle_on_for_ever(&self, _: Idle, turn: Turn<'_, Idle>) -> Step<Idle> {
        self.ring(turn, "for ever")
    }
}

/// A watch over a store, and what it has said of its own accord.
fn watch(bedside: &Bedside) -> Stage<Watch> {
    Stage::with(Watch::engine(bedside.clone()).on_announcement(|_| ok()))
}

#[tokio::test]
async fn a_reminder_is_a_turn_of_its_own_and_what_it_says_is_announced() {
    let mut chat = chat();
    chat.says(TO_REVIEW).await.says(["Yes"]).await.waits(HOUR).await;
    chat.waits(2 * HOUR).await.signals(BookingSignal::Booked).await.waits(24 * HOUR).await;
    insta::assert_snapshot!(chat.transcript());
}

#[tokio::test]
async fn a_state_is_left_after_its_time_whatever_was_said_there() {
    let mut chat = chat();
    chat.says(TO_REVIEW).await.says(["Yes"]).await.waits(23 * HOUR).await.says(["hello?"]).await.waits(HOUR).await;
    insta::assert_snapshot!(chat.transcript());
}

#[tokio::test]
async fn a_timer_runs_out_once_however_many_workers_see_it() {
    let bedside = Bedside::default();
    let stage = watch(&bedside);
    stage.says_all(&["hi", "set"]).await;
    let workers: Vec<_> =
        (0..8).map(|_| stage.second(Watch::engine(bedside.clone()).on_announcement(|_| ok()))).collect();
    stage.clock.advance(HOUR);
    // Who sees it first is held up until others have seen it too.
    let permits = Arc::new(Semaphore::new(0));
    stage.store.next_load(Meddling::Wait(Arc::clone(&permits)));
    let who_saw_it = || workers.iter().filter(|engine| engine.stats().woken > 0).count();
    // A lease of no time keeps no other worker away.
    let looks = workers.iter().map(|engine| engine.worker().lease(Duration::ZERO).at_once(1));
    let looks = futures_util::future::join_all(looks.map(|worker| async move {
        let _ = tokio::time::timeout(Duration::from_secs(2), worker.run()).await;
    }));
    let release = async {
        while who_saw_it() < 2 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        permits.add_permits(1);
    };
    let (_, several) = tokio::join!(looks, tokio::time::timeout(Duration::from_secs(2), release));
    several.expect("several saw it");
    let stats: Vec<_> = workers.iter().map(flow_core::Engine::stats).collect();
    assert_eq!(stats.iter().map(|stats| stats.delivered).sum::<u64>(), 1, "one said it");
    let session = stage.engine.peek(stage.id).await.expect("readable").expect("there");
    assert_eq!(stats.iter().map(|stats| stats.taken).sum::<u64>(), 1, "one took it, now at {:?}", session.stamp());
}

#[tokio::test]
async fn a_timer_costs_one_load_and_one_commit_besides_the_looks() {
    let stage = watch(&Bedside::default());
    stage.says_all(&["hi", "set"]).await;
    stage.clock.advance(HOUR);
    let (calls, looks) = (stage.store.calls(), 2);
    stage.works().await;
    let announced = 2;
    assert_eq!(stage.store.calls() - calls, looks + 2 + announced, "the claim and the end of the announcement besides");
}

#[tokio::test]
async fn leaving_the_state_forgets_its_timers_and_entering_it_again_sets_them_anew() {
    let bedside = Bedside::default();
    let stage = watch(&bedside);
    stage.says_all(&["hi", "set"]).await;
    stage.passes(1);
    stage.says("again").await;
    stage.works().await;
    assert_eq!(bedside.rings.load(Ordering::SeqCst), 0);
    let session = stage.engine.peek(stage.id).await.expect("readable").expect("there");
    assert_eq!(session.wake_at(), Some(stage.clock.now() + 30 * 24 * HOUR));
}

#[tokio::test]
async fn a_reminder_can_be_put_off_and_switched_off() {
    let bedside = Bedside::default();
    let stage = watch(&bedside);
    stage.says_all(&["hi", "set"]).await;
    stage.clock.advance(HOUR / 2);
    stage.says("set").await;
    stage.clock.advance(HOUR / 2);
    stage.works().await;
    assert_eq!(bedside.rings.load(Ordering::SeqCst), 0, "it was put off");
    stage.says("off").await;
    stage.passes(1);
    stage.works().await;
    assert_eq!(bedside.rings.load(Ordering::SeqCst), 0, "it was switched off");
}

#[tokio::test]
async fn a_year_ahead_works_and_for_ever_is_never() {
    let bedside = Bedside::default();
    let stage = watch(&bedside);
    stage.says_all(&["hi", "for ever", "year"]).await;
    // The state itself would be left after a month.
    for _ in 0..12 {
        stage.passes(29 * 24);
        stage.says("again").await;
        stage.says_all(&["for ever", "year"]).await;
        stage.works().await;
    }
    assert_eq!(bedside.rings.load(Ordering::SeqCst), 0);
    let session = stage.engine.peek(stage.id).await.expect("readable").expect("there");
    assert_eq!(session.wake_at(), Some(stage.clock.now() + 30 * 24 * HOUR));
    let yearly = Stage::with(Waiting::engine(Nobody));
    yearly.says("hi").await;
    yearly.clock.advance(YEAR);
    yearly.works().await;
    assert_eq!(yearly.state().await, Some("LEFT"));
}

/// A state that is left after a year, and nothing else.
#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Waiting {
    #[state(start, silent, to(Left), after("365d", Left))]
    Patient,
    #[state(end)]
    Left,
}

struct Nobody;

impl WaitingHandler for Nobody {
    async fn patient(&self, _: waiting::Patient, turn: Turn<'_, waiting::Patient>) -> Step<waiting::Patient> {
        turn.to(waiting::Left)
    }
}

#[tokio::test]
async fn clock_jumps_forward_due_once_back_late_never_twice() {
    let bedside = Bedside::default();
    let stage = watch(&bedside);
    stage.says_all(&["hi", "set"]).await;
    let set_at = stage.clock.now();
    stage.passes(2);
    stage.works().await;
    assert_eq!(bedside.rings.load(Ordering::SeqCst), 1, "due once");
    // Back before it was set, and past its time once more.
    stage.clock.set(set_at - HOUR);
    stage.works().await;
    stage.passes(3);
    stage.works().await;
    assert_eq!(bedside.rings.load(Ordering::SeqCst), 1, "never twice");
    let now = stage.clock.now();
    stage.says("set").await;
    stage.clock.set(now - 2 * HOUR);
    stage.works().await;
    assert_eq!(bedside.rings.load(Ordering::SeqCst), 1, "late");
    stage.passes(3);
    stage.works().await;
    assert_eq!(bedside.rings.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_timer_whose_turn_fails_is_tried_again_later() {
    let bedside = Bedside::default();
    let stage = watch(&bedside);
    stage.says_all(&["hi", "set"]).await;
    bedside.breaks.store(2, Ordering::SeqCst);
    stage.passes(1);
    for (seconds, rings) in [(0, 0), (1, 0), (1, 0), (1, 1), (60, 1)] {
        stage.clock.advance(Duration::from_secs(seconds));
        stage.works().await;
        assert_eq!(bedside.rings.load(Ordering::SeqCst), rings);
    }
    assert_eq!(stage.engine.stats().failed, 2);
}

#[tokio::test]
async fn a_timer_whose_turn_is_refused_is_tried_again_later_too() {
    let bedside = Bedside::default();
    let full = Limits::default().undelivered(0);
    let stage = Stage::with(Watch::engine(bedside.clone()).on_announcement(|_| ok()).limits(full));
    stage.says_all(&["hi", "set"]).await;
    stage.passes(1);
    stage.works().await;
    let session = stage.engine.peek(stage.id).await.expect("readable").expect("there");
    assert_eq!((session.pending(), bedside.rings.load(Ordering::SeqCst)), (0, 1), "what it said had no room");
    assert_eq!(session.wake_at(), Some(stage.clock.now() + Duration::from_secs(1)));
}

#[tokio::test]
async fn a_timer_is_no_sign_of_life() {
    let stage = Stage::with(salon().expiry(Expiry::default().idle(2 * HOUR)));
    stage.says_all(&TO_REVIEW).await;
    stage.says("Yes").await;
    stage.passes(1);
    stage.works().await;
    assert_eq!(stage.engine.stats().delivered, 2, "the reminder has no hook here, and its turn was taken");
    stage.passes(1);
    assert_eq!(stage.state().await, None);
}

#[tokio::test]
async fn what_would_run_out_after_the_session_keeps_nothing_alive() {
    let bedside = Bedside::default();
    let stage =
        Stage::with(Watch::engine(bedside.clone()).on_announcement(|_| ok()).expiry(Expiry::default().idle(HOUR / 2)));
    stage.says_all(&["hi", "set"]).await;
    let written = stage.store.last_written();
    assert_eq!((written.wake_at, written.time_to_live), (None, Some(HOUR / 2 + HOUR)));
}

#[tokio::test]
async fn a_timer_that_ran_out_in_time_is_tried_again_though_the_session_expires_meanwhile() {
    let bedside = Bedside::default();
    let watch = || {
        Watch::engine(bedside.clone())
            .on_announcement(|_| ok())
            .on_expired(|_| ok())
            .retries(Retries::default().tries(3))
    };
    for (breaks, rings) in [(1, 1), (100, 0)] {
        let stage = Stage::with(watch().expiry(Expiry::default().idle(HOUR)));
        stage.says_all(&["hi", "set"]).await;
        bedside.rings.store(0, Ordering::SeqCst);
        bedside.breaks.store(breaks, Ordering::SeqCst);
        stage.clock.advance(HOUR);
        for _ in 0..6 {
            stage.works().await;
            stage.clock.advance(Duration::from_secs(5));
        }
        assert_eq!(bedside.rings.load(Ordering::SeqCst), rings);
        assert_eq!(stage.engine.stats().lapsed, 1, "it is told after that, whatever came of it");
    }
}
