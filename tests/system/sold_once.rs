//! The salon's calendar lies in the store of the talks: a time is sold once, whichever process sells it and whenever it was started.

use std::sync::Arc;

use flow_core::{Engine, SessionId, Store};
use flow_sqlite::SqliteStore;
use serde_json::json;

use crate::{
    calendar::Calendar,
    flow::{Booking, BookingSignal},
    programs::Bot,
    salon::Salon,
    stage::{SLOTS, TO_REVIEW},
};

const THREE: [&str; 3] = ["Mon 10:00", "Tue 14:30", "Wed 9:00"];

/// A process of the salon over this store, as the booking bot makes it.
fn process(store: &Arc<dyn Store>, slots: &[&str]) -> Engine<Booking> {
    let salon = Salon::new(Calendar::kept_in(slots.iter().copied(), Arc::clone(store)));
    salon.tell_calendar(salon.clone().engine()).store(Arc::clone(store))
}

async fn says(engine: &Engine<Booking>, visitor: SessionId, said: &str) -> Option<Booking> {
    engine.handle(visitor, said).await.expect("a turn").state
}

/// The time that the visitor's talk says is theirs.
async fn sold_to(engine: &Engine<Booking>, visitor: SessionId) -> Option<String> {
    match engine.peek(visitor).await.expect("it is read")?.state() {
        Booking::BookSendLink { slot, .. } | Booking::BookConfirmed { slot, .. } => Some(slot.to_string()),
        _ => None,
    }
}

/// Goes for a time until one is theirs, or none is left; some think better of it, and give it back.
async fn goes_for_one(engine: Engine<Booking>, visitor: SessionId, number: usize) {
    for said in &TO_REVIEW[..6] {
        says(&engine, visitor, said).await;
    }
    for _ in 0..6 {
        let pick = ["1", "2", "3"][number % 3];
        says(&engine, visitor, pick).await;
        let state = says(&engine, visitor, "Yes").await;
        if let Some(Booking::BookSendLink { .. }) = state {
            if !number.is_multiple_of(4) {
                return;
            }
            says(&engine, visitor, "cancel").await;
            engine.worker().look().await.expect("the store tells what is due");
            for said in &TO_REVIEW[..6] {
                says(&engine, visitor, said).await;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_visitors_of_two_processes_each_time_is_sold_to_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("salon.db");
    let stores: Vec<Arc<dyn Store>> =
        (0..2).map(|_| Arc::new(SqliteStore::open(&file).expect("a store")) as Arc<dyn Store>).collect();
    let engines: Vec<_> = stores.iter().map(|store| process(store, &THREE)).collect();
    let visitors: Vec<_> = (0..12).map(|_| SessionId::random()).collect();
    let each = visitors
        .iter()
        .enumerate()
        .map(|(number, visitor)| tokio::spawn(goes_for_one(engines[number % 2].clone(), *visitor, number)));
    for going in each.collect::<Vec<_>>() {
        going.await.expect("it goes well");
    }
    for engine in &engines {
        engine.worker().look().await.expect("the store tells what is due");
    }
    let mut sold = Vec::new();
    for visitor in &visitors {
        sold.extend(sold_to(&engines[0], *visitor).await);
    }
    let count = sold.len();
    sold.sort();
    sold.dedup();
    assert_eq!(sold.len(), count, "a time was sold twice");
    assert!(count > 0, "somebody has come to one");
    // What no talk holds is free for somebody who comes now, in a process that was started just now.
    let calendar = Calendar::kept_in(THREE, Arc::clone(&stores[0]));
    let free = calendar.free_for(SessionId::random()).await.expect("the calendar answers");
    let free: Vec<_> = free.iter().map(ToString::to_string).collect();
    assert_eq!(
        THREE.iter().filter(|slot| !sold.contains(&(**slot).to_owned())).count(),
        free.len(),
        "{sold:?} {free:?}"
    );
}

#[tokio::test]
async fn what_is_confirmed_is_not_given_back_by_a_later_talk_of_the_same_visitor() {
    let store: Arc<dyn Store> = Arc::new(flow_memory::MemoryStore::new());
    let (engine, visitor) = (process(&store, &SLOTS), SessionId::random());
    for said in TO_REVIEW.iter().chain(&["Yes"]) {
        says(&engine, visitor, said).await;
    }
    engine.signal(visitor, BookingSignal::Booked).await.expect("it is told");
    engine.worker().look().await.expect("a store");
    for said in ["hi", "Book", "cancel"] {
        says(&engine, visitor, said).await;
    }
    engine.worker().look().await.expect("a store");
    let calendar = Calendar::kept_in(SLOTS, Arc::clone(&store));
    let free = calendar.free_for(SessionId::random()).await.expect("the calendar answers");
    assert_eq!(free.iter().map(ToString::to_string).collect::<Vec<_>>(), ["Tue 14:30"]);
}

#[tokio::test]
async fn that_a_time_is_given_back_may_be_told_late() {
    let calendar = Calendar::of(SLOTS);
    let (ana, slot) = (SessionId::random(), "Mon 10:00".into());
    assert!(calendar.take(&slot, ana, 100).await.expect("an answer"));
    calendar.give_back(ana, None, 200).await.expect("an answer");
    assert!(calendar.take(&slot, ana, 300).await.expect("an answer"));
    // The same once more, behind what came after it.
    calendar.give_back(ana, None, 200).await.expect("an answer");
    assert!(!calendar.take(&slot, SessionId::random(), 400).await.expect("an answer"), "it is still hers");
}

#[tokio::test]
async fn who_cancels_and_takes_it_again_before_that_is_told_has_it() {
    let store: Arc<dyn Store> = Arc::new(flow_memory::MemoryStore::new());
    let (engine, ana, ben) = (process(&store, &SLOTS), SessionId::random(), SessionId::random());
    for said in TO_REVIEW.iter().chain(&["Yes", "cancel"]) {
        says(&engine, ana, said).await;
    }
    tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    for said in TO_REVIEW.iter().chain(&["Yes"]) {
        says(&engine, ana, said).await;
    }
    engine.worker().look().await.expect("a store");
    for said in TO_REVIEW.iter().take(6).chain(&["1", "Yes"]) {
        says(&engine, ben, said).await;
    }
    assert_eq!(sold_to(&engine, ana).await.as_deref(), Some("Mon 10:00"));
    assert_eq!(sold_to(&engine, ben).await.as_deref(), Some("Tue 14:30"));
}

#[tokio::test]
async fn what_is_sold_meanwhile_has_gone_to_somebody_faster_and_stays_sold() {
    let store: Arc<dyn Store> = Arc::new(flow_memory::MemoryStore::new());
    let (engine, ana, ben) = (process(&store, &SLOTS), SessionId::random(), SessionId::random());
    for visitor in [ana, ben] {
        for said in TO_REVIEW {
            says(&engine, visitor, said).await;
        }
    }
    says(&engine, ana, "Yes").await;
    for _ in 0..2 {
        // That it is confirmed may be told twice.
        engine.signal(ana, BookingSignal::Booked).await.ok();
        engine.worker().look().await.expect("a store");
        Calendar::kept_in(SLOTS, Arc::clone(&store)).keep(&"Mon 10:00".into(), ana).await.expect("an answer");
    }
    let outcome = engine.handle(ben, "Yes").await.expect("a turn");
    assert!(outcome.texts()[0].contains("has just gone"), "{:?}", outcome.texts());
    assert_eq!(sold_to(&engine, ana).await.as_deref(), Some("Mon 10:00"));
}

#[test]
fn two_programs_sell_a_time_once_and_so_does_one_that_is_started_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = format!("sqlite:{}", folder.path().join("salon.db").display());
    let talk = |bot: &mut Bot, visitor: SessionId, said: &[&str]| {
        let lines: Vec<_> = said.iter().map(|said| json!({ "text": said, "session": visitor })).collect();
        bot.tell_all(&lines).pop().expect("an answer")
    };
    let (ana, ben, eve) = (SessionId::random(), SessionId::random(), SessionId::random());
    let (mut first, mut second) = (Bot::on(&store), Bot::on(&store));
    talk(&mut first, ana, &TO_REVIEW);
    talk(&mut second, ben, &TO_REVIEW);
    assert_eq!(talk(&mut first, ana, &["Yes"])["state"], "BOOK_SEND_LINK");
    let answer = talk(&mut second, ben, &["Yes"]);
    assert_eq!(answer["state"], "BOOK_REVIEW/BOOK_SLOT");
    assert!(answer["replies"][0]["text"].as_str().is_some_and(|text| text.contains("has just gone")), "{answer}");
    assert!(first.end() && second.end());
    let mut third = Bot::on(&store);
    let answer = talk(&mut third, eve, &TO_REVIEW[..6]);
    let offered = answer["replies"][0]["choices"].as_array().expect("choices").len();
    let others = third.tell(&json!({ "prompt": true, "session": eve }));
    assert_eq!(others["prompt"]["choices"].as_array().map(Vec::len), Some(offered), "the present question: {others}");
    assert!(!answer["replies"][0].to_string().contains("Mon 10:00"), "it is Ana's: {answer}");
    assert!(third.end());
}
