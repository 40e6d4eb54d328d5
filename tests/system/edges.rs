//! Signals and reminders at the edges: early, late, many at once, unreadable, and while the store is away.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use flow_core::{
    Archive, EngineBuilder, EngineError, Expiry, Flow, Halt, Input, Key, Limits, Outage, Reask, RemindExt, Result,
    Resume, Step, StepExt, StoreError, Turn,
};
use futures_util::future::join_all;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    log::{listen, logged},
    shelf::Shelf,
    stage::{Stage, ok},
};

const HOUR: Duration = Duration::from_secs(3600);

/// A stay at a hotel, whose kitchen and bank report.
#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(effects(Bill(u32)))]
enum Stay {
    #[state(start, ask = "Your name?", to(Room))]
    Lobby,
    #[state(say = "Your room.", remind("1h", Towels), signals(Ordered(u32) = "room.ordered", Paid), to(Room, Left))]
    Room { guest: String },
    #[state(end, say = "Farewell.")]
    Left,
}

use stay::*;

#[derive(Clone, Default)]
struct Hotel {
    towels: Arc<AtomicUsize>,
    bills: Arc<Mutex<Vec<(Key, u32)>>>,
    /// How the next reminders end.
    trouble: Arc<Mutex<Vec<&'static str>>>,
}

impl StayHandler for Hotel {
    async fn lobby(&self, state: Lobby, guest: String, turn: Turn<'_, Lobby>) -> Step<Lobby> {
        let now = turn.text() == "now";
        let room = state.room(guest);
        if now {
            return turn.to(room.remind_in(Duration::ZERO, RoomReminder::Towels));
        }
        match turn.text() {
            "soon" => turn.to(room.remind_in(HOUR / 2, RoomReminder::Towels)),
            "late" => turn.to(room.remind_in(2 * HOUR, RoomReminder::Towels)),
            "never" => turn.to(room.remind_in(Duration::MAX, RoomReminder::Towels)),
            _ => turn.to(room),
        }
    }

    async fn room(&self, state: Room, mut turn: Turn<'_, Room>) -> Step<Room> {
        match turn.text() {
            "move" => {
                // Of the state that is left.
                turn.forget_reminder(RoomReminder::Towels);
                return turn.to(state);
            }
            "late" => turn.remind_in(2 * HOUR, RoomReminder::Towels),
            "no" => turn.forget_reminder(RoomReminder::Towels),
            "reask" => {
                turn.forget_reminder(RoomReminder::Towels);
                Err(Reask::because("Pardon?"))?;
            }
            _ => {}
        }
        turn.stay("Very well.")
    }

    async fn room_on_ordered(&self, _: Room, price: u32, turn: Turn<'_, Room>) -> Step<Room> {
        if price > 1_000_000 {
            return Err(Halt::failed(format!("no dish for {price}")));
        }
        turn.stay("On its way.").effect(StayEffect::Bill(price))
    }

    async fn room_on_paid(&self, _: Room, turn: Turn<'_, Room>) -> Step<Room> {
        turn.to(Left)
    }

    async fn room_on_towels(&self, _: Room, turn: Turn<'_, Room>) -> Step<Room> {
        let trouble = self.trouble.lock().expect("a lock").pop();
        match trouble {
            Some("panic") => panic!("no towels"),
            Some("fail") => Err(Halt::failed("no towels")),
            Some("reask") => Err(Reask::because("Which towels?"))?,
            _ => {
                self.towels.fetch_add(1, Ordering::SeqCst);
                turn.stay("Fresh towels.")
            }
        }
    }

    async fn deliver_bill(&self, bill: u32, key: Key) -> Result<()> {
        self.bills.lock().expect("a lock").push((key, bill));
        Ok(())
    }
}

fn ordered(price: u32) -> Input {
    Input::signal(&StaySignal::Ordered(price)).expect("JSON")
}

fn hotel(hotel: &Hotel) -> EngineBuilder<Stay> {
    Stay::engine(hotel.clone()).on_announcement(|_| ok())
}

#[tokio::test]
async fn a_signal_that_comes_a_hundred_times_at_once_over_two_engines_is_taken_once() {
    let host = Hotel::default();
    let stage = Stage::with(hotel(&host));
    stage.says_all(&["hi", "Ana"]).await;
    let patient = || stage.second(hotel(&host).limits(Limits::default().turns_in_line(100)));
    let engines = [patient(), patient()];
    let told = (0..100).map(|number: usize| engines[number % 2].handle(stage.id, ordered(7).with_id("order-1")));
    let outcomes: Vec<_> = join_all(told).await.into_iter().map(|outcome| outcome.expect("it is taken")).collect();
    assert_eq!(outcomes.iter().filter(|outcome| !outcome.is_repeat()).count(), 1);
    assert!(outcomes.iter().all(|outcome| outcome.version == 3 && outcome.texts() == ["On its way."]));
    stage.works().await;
    assert_eq!(host.bills.lock().expect("a lock").len(), 1);
}

#[tokio::test]
async fn an_early_signal_leaves_no_trace_and_is_taken_when_its_time_has_come() {
    let (host, shelf) = (Hotel::default(), Arc::<Shelf>::default());
    let stage = Stage::with(hotel(&host).archive(Arc::clone(&shelf)).expiry(Expiry::default().idle(24 * HOUR)));
    stage.says("hi").await;
    let before = stage.store.last_written();
    stage.passes(20);
    for engine in [&stage.engine, &stage.second(hotel(&host).archive(Arc::clone(&shelf)))] {
        let outcome =
            engine.handle(stage.id, ordered(7).with_id("order-1").with_language("pt")).await.expect("it is told");
        assert!(outcome.is_unheard() && outcome.replies.is_empty() && outcome.transitions.is_empty());
        let stats = engine.stats();
        assert_eq!((outcome.version, stats.unheard, stats.taken), (1, 1, stats.opened));
    }
    let session = stage.engine.peek(stage.id).await.expect("readable").expect("there");
    assert_eq!((stage.store.writes(), session.stamp()), (1, before.record.stamp()), "nothing is stored");
    assert_eq!(session.expires_at(), Some(session.created_at() + 24 * HOUR), "and the expiry is where it was");
    stage.says("Ana").await;
    let outcome = stage.says(ordered(7).with_id("order-1")).await;
    assert!(!outcome.is_repeat() && !outcome.is_unheard());
    assert!(stage.says(ordered(7).with_id("order-1")).await.is_repeat());
}

#[tokio::test]
async fn a_signal_opens_no_session_and_wakes_none_that_is_over() {
    let shelf = Arc::<Shelf>::default();
    let stage = Stage::with(
        hotel(&Hotel::default())
            .archive(Arc::clone(&shelf))
            .expiry(Expiry::default().idle(24 * HOUR))
            .resume(Resume::Within(48 * HOUR)),
    );
    let is_told_off = |told: Result<_, EngineError>| matches!(told, Err(EngineError::NoSession));
    assert!(is_told_off(stage.engine.handle(stage.id, ordered(7)).await), "absent");
    stage.says_all(&["hi", "Ana"]).await;
    stage.passes(30);
    // It has expired, and may still be taken up: by what its state takes alone.
    let writes = stage.store.writes();
    let outcome = stage.says(Input::signal_by_name("Paid", json!({"not": "null"}))).await;
    assert_eq!(outcome.state, Some(Stay::Left), "what carries nothing has no payload to be read");
    assert!(stage.store.writes() > writes && outcome.resumed.is_some());
    let writes = stage.store.writes();
    assert!(is_told_off(stage.engine.handle(stage.id, ordered(7)).await), "over");
    assert_eq!(stage.store.writes(), writes);

    // Only the archive has it, and what comes is early.
    let stage = Stage::with(hotel(&Hotel::default()).archive(Arc::clone(&shelf)).resume(Resume::Within(48 * HOUR)));
    stage.says("hi").await;
    stage.passes(1);
    stage.works().await;
    assert!(shelf.latest(stage.id).await.expect("a shelf").archived.is_some());
    assert!(stage.store.behind().remove(stage.id).await.expect("a store"));
    let writes = stage.store.writes();
    assert!(stage.says(ordered(7)).await.is_unheard());
    assert_eq!((stage.state().await, stage.store.writes()), (None, writes), "it is not brought back for that");
    assert!(stage.says("Ana").await.resumed.is_some());
}

#[tokio::test]
async fn what_no_flow_can_read_is_an_error_and_tells_nothing() {
    listen();
    let stage = Stage::with(hotel(&Hotel::default()));
    stage.says_all(&["hi", "Ana"]).await;
    let writes = stage.store.writes();
    for (name, payload) in
        [("Ordered", json!(7)), ("room.ordered\n", json!(7)), ("\u{1}\u{0}", json!(null)), ("", json!(1))]
    {
        let told = stage.engine.handle(stage.id, Input::signal_by_name(name, payload)).await;
        assert!(matches!(told, Err(EngineError::NoSuchSignal)), "{name:?}");
    }
    for payload in
        [json!("canaria"), json!(-1), json!(null), json!({"canaria": 1}), json!(1.5), json!(4_294_967_296_u64)]
    {
        let told = stage.engine.handle(stage.id, Input::signal_by_name("room.ordered", payload)).await;
        assert!(matches!(told, Err(EngineError::UnreadableSignal)));
        assert!(!format!("{told:?}").contains("canaria"));
    }
    assert!(stage.says(ordered(4_711_013)).await.is_failed());
    assert_eq!(stage.store.writes(), writes);
    let log = logged();
    assert!(log.contains("no dish for ***") && !log.contains("canaria") && !log.contains("4711013"), "{log}");
}

#[tokio::test(start_paused = true)]
async fn while_the_store_is_away_a_signal_is_refused_or_goes_on_in_memory_and_is_never_lost_in_silence() {
    let stage = Stage::with(hotel(&Hotel::default()).outage(Outage::Memory { sessions: 10 }));
    stage.says("hi").await;
    stage.store.is_away(true);
    let early = stage.says(ordered(7).with_id("order-1")).await;
    assert!(early.is_unheard());
    assert!(stage.says("Ana").await.is_in_memory());
    assert!(stage.says(ordered(7).with_id("order-1")).await.is_in_memory());
    stage.store.is_away(false);
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert!(stage.says(ordered(7).with_id("order-1")).await.is_repeat());
    stage.store.is_away(true);
    let saying = stage.second(hotel(&Hotel::default()).outage(Outage::Say("Later.".into())));
    let told = saying.handle(stage.id, ordered(7).with_id("order-2")).await;
    assert!(matches!(told, Err(EngineError::Store(StoreError::Unavailable(_)))), "{told:?}");
}

/// How many towels there were after each half hour of the first three.
async fn towels(said: &[&str]) -> Vec<usize> {
    let host = Hotel::default();
    let stage = Stage::with(hotel(&host));
    stage.says_all(said).await;
    let mut towels = Vec::new();
    for _ in 0..6 {
        stage.works().await;
        towels.push(host.towels.load(Ordering::SeqCst));
        stage.clock.advance(HOUR / 2);
    }
    towels
}

#[tokio::test]
async fn a_handlers_time_takes_the_place_of_the_declared_one_until_the_state_is_left() {
    for (said, expected) in [
        (&["hi", "Ana"][..], [0, 0, 1, 1, 1, 1]),
        (&["hi", "soon"], [0, 1, 1, 1, 1, 1]),
        (&["hi", "late"], [0, 0, 0, 0, 1, 1]),
        (&["hi", "now"], [1, 1, 1, 1, 1, 1]),
        (&["hi", "never"], [0, 0, 0, 0, 0, 0]),
        (&["hi", "Ana", "late"], [0, 0, 0, 0, 1, 1]),
        (&["hi", "Ana", "no"], [0, 0, 0, 0, 0, 0]),
        (&["hi", "Ana", "reask"], [0, 0, 1, 1, 1, 1]),
        // Entering it once more sets the declared one.
        (&["hi", "late", "move"], [0, 0, 1, 1, 1, 1]),
        (&["hi", "Ana", "no", "move"], [0, 0, 1, 1, 1, 1]),
        (&["hi", "never", "move"], [0, 0, 1, 1, 1, 1]),
    ] {
        assert_eq!(towels(said).await, expected, "{said:?}");
    }
}

#[tokio::test]
async fn a_reminder_that_fails_in_any_way_rings_later_and_once() {
    for way in ["panic", "fail", "reask"] {
        let host = Hotel::default();
        host.trouble.lock().expect("a lock").extend([way, way]);
        let stage = Stage::with(hotel(&host));
        stage.says_all(&["hi", "Ana"]).await;
        stage.passes(1);
        let others = [stage.second(hotel(&host)), stage.second(hotel(&host))];
        for _ in 0..8 {
            for engine in &others {
                engine.worker().lease(Duration::ZERO).look().await.expect("the store tells what is due");
            }
            stage.clock.advance(HOUR / 4);
        }
        assert_eq!(host.towels.load(Ordering::SeqCst), 1, "{way}");
        assert_eq!(stage.pending().await, 0, "{way}");
    }
}

/// The same stay in a later release, which has no towels left.
#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "stay", version = 2, effects(Bill(u32)))]
enum Later {
    #[state(start, ask = "Your name?", to(Room))]
    Lobby,
    #[state(say = "Your room.", remind("3h", Breakfast), to(Left))]
    Room { guest: String },
    #[state(end, say = "Farewell.")]
    Left,
}

struct Inn;

impl LaterHandler for Inn {
    async fn room(&self, _: later::Room, turn: Turn<'_, later::Room>) -> Step<later::Room> {
        turn.to(later::Left)
    }

    async fn room_on_breakfast(&self, _: later::Room, turn: Turn<'_, later::Room>) -> Step<later::Room> {
        turn.stay("Breakfast!")
    }

    async fn deliver_bill(&self, _: u32, _: Key) -> Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_reminder_that_a_later_release_does_not_have_is_forgotten_and_disturbs_nobody() {
    let stage = Stage::with(hotel(&Hotel::default()));
    stage.says_all(&["hi", "Ana"]).await;
    let expires_at = stage.engine.peek(stage.id).await.expect("readable").expect("there").expires_at();
    let later = Later::engine(Inn).clock(stage.clock.clone()).store(Arc::clone(&stage.store));
    stage.passes(1);
    for _ in 0..3 {
        later.worker().look().await.expect("the store tells what is due");
    }
    let session = later.peek(stage.id).await.expect("readable").expect("there");
    assert_eq!((session.wake_at(), session.pending()), (None, 0));
    assert_eq!(session.expires_at(), expires_at);
    assert_eq!((later.stats().failed, later.stats().taken), (0, 1));
}
