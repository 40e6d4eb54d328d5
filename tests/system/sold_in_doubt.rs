//! A time of the salon between the talk that wants it and the calendar that has it: processes that are killed there, talks that are gone,
//! and another time behind the link. None is sold twice, and none is held for good by nobody.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use flow_core::{Engine, SessionId, Store};
use flow_memory::MemoryStore;
use flow_sqlite::SqliteStore;
use flow_testkit::ManualClock;
use serde_json::{Value, json};

use crate::{
    calendar::Calendar,
    flow::{Booking, BookingSignal},
    programs::Bot,
    salon::Salon,
    stage::{SLOTS, TO_REVIEW, by},
};

/// The salon in one process, in a time that passes when it is told to.
struct Open {
    store: Arc<dyn Store>,
    engine: Engine<Booking>,
    clock: ManualClock,
}

fn open() -> Open {
    let clock = ManualClock::default();
    let store: Arc<dyn Store> = Arc::new(MemoryStore::builder().clock(clock.clone()).build());
    let salon = Salon::new(Calendar::kept_in(SLOTS, Arc::clone(&store)));
    let builder = salon.tell_calendar(salon.clone().engine()).clock(clock.clone());
    Open { engine: builder.store(Arc::clone(&store)), store, clock }
}

impl Open {
    async fn says(&self, visitor: SessionId, said: &[&str]) -> Vec<String> {
        let mut texts = Vec::new();
        for said in said {
            let outcome = self.engine.handle(visitor, *said).await.expect("a turn");
            texts = outcome.texts().into_iter().map(str::to_owned).collect();
        }
        texts
    }

    async fn works(&self) {
        self.engine.worker().look().await.expect("the store tells what is due");
    }

    fn passes(&self, minutes: u64) {
        self.clock.advance(Duration::from_secs(60 * minutes));
    }

    /// What somebody is offered who comes now.
    async fn offered(&self) -> Vec<&'static str> {
        let visitor = SessionId::random();
        let texts = self.says(visitor, &TO_REVIEW[..6]).await;
        assert_eq!(texts.len(), 1);
        let prompt = self.engine.prompt(visitor).await.expect("it is asked").expect("a question");
        let labels: Vec<_> = prompt.buttons().iter().map(|button| button.label().to_owned()).collect();
        SLOTS.into_iter().filter(|slot| labels.iter().any(|label| label == slot)).collect()
    }

    /// The time of the talk behind the link, if it is there.
    async fn theirs(&self, visitor: SessionId) -> Option<String> {
        theirs(&self.engine, visitor).await
    }
}

async fn theirs(engine: &Engine<Booking>, visitor: SessionId) -> Option<String> {
    match engine.peek(visitor).await.expect("it is read")?.state() {
        Booking::BookSendLink { slot, .. } | Booking::BookConfirmed { slot, .. } => Some(slot.to_string()),
        _ => None,
    }
}

/// Takes the first time for a visitor in a turn that is never stored, as where its process is killed.
async fn takes_and_is_killed(open: &Open, visitor: SessionId) {
    open.says(visitor, &TO_REVIEW).await;
    let calendar = Calendar::kept_in(SLOTS, Arc::clone(&open.store));
    let at = open.engine.peek(visitor).await.expect("it is read").expect("a session").updated_at();
    let is_taken = calendar.take(&SLOTS[0].into(), visitor, at.timestamp_millis()).await;
    assert!(is_taken.expect("an answer"));
}

#[tokio::test]
async fn what_a_turn_has_taken_that_was_never_stored_is_free_again_when_its_visitor_stays_away() {
    let (open, ana) = (open(), SessionId::random());
    takes_and_is_killed(&open, ana).await;
    open.passes(14);
    assert_eq!(open.offered().await, ["Tue 14:30"], "its turn may still be stored");
    open.passes(2);
    assert_eq!(open.offered().await, SLOTS);
    // Whoever is faster has it.
    let ben = SessionId::random();
    open.says(ben, &TO_REVIEW).await;
    assert!(open.says(ana, &["Yes"]).await[0].starts_with("A link"));
    assert!(open.says(ben, &["Yes"]).await[0].contains("has just gone"));
}

#[tokio::test]
async fn what_a_talk_holds_stays_held_and_so_does_what_it_has_still_to_tell() {
    let (open, ana) = (open(), SessionId::random());
    open.says(ana, &TO_REVIEW).await;
    open.says(ana, &["Yes"]).await;
    open.passes(60);
    assert_eq!(open.offered().await, ["Tue 14:30"]);
    // Confirmed, and begun anew, before any worker has told the calendar.
    open.engine.signal(ana, BookingSignal::Booked).await.expect("it is told");
    open.says(ana, &["hi"]).await;
    open.passes(60);
    assert_eq!(open.offered().await, ["Tue 14:30"]);
    open.works().await;
    open.passes(60);
    assert_eq!(open.offered().await, ["Tue 14:30"], "it is sold");
}

#[tokio::test]
async fn what_a_talk_has_held_that_was_erased_or_begun_anew_is_free_again() {
    let open = open();
    let (ana, ben) = (SessionId::random(), SessionId::random());
    for visitor in [ana, ben] {
        open.says(visitor, &TO_REVIEW[..6]).await;
        open.says(visitor, &["1", "Yes"]).await;
    }
    assert_eq!(
        (open.theirs(ana).await.as_deref(), open.theirs(ben).await.as_deref()),
        (Some(SLOTS[0]), Some(SLOTS[1]))
    );
    open.works().await;
    open.engine.operator(by()).erase(ana).await.expect("it is erased");
    open.says(ben, &["restart"]).await;
    assert_eq!(open.offered().await, [""; 0]);
    open.passes(16);
    assert_eq!(open.offered().await, SLOTS);
}

#[tokio::test]
async fn another_time_behind_the_link_is_taken_as_the_first_was() {
    let open = open();
    let (ana, ben) = (SessionId::random(), SessionId::random());
    for visitor in [ana, ben] {
        open.says(visitor, &TO_REVIEW[..6]).await;
    }
    open.says(ana, &["Mon 10:00", "Yes"]).await;
    open.passes(1);
    open.says(ana, &["change time", "Tue 14:30"]).await;
    assert_eq!(open.theirs(ana).await.as_deref(), Some("Tue 14:30"));
    assert!(open.says(ben, &["Tue 14:30", "Yes"]).await[0].contains("has just gone"), "it is Ana's");
    // What she had before is given back when she has confirmed the other.
    open.engine.signal(ana, BookingSignal::Booked).await.expect("it is told");
    open.works().await;
    assert_eq!(open.offered().await, ["Mon 10:00"]);
}

#[tokio::test]
async fn another_time_behind_the_link_that_has_gone_to_somebody_faster_leaves_the_first() {
    let open = open();
    let (ana, ben) = (SessionId::random(), SessionId::random());
    open.says(ana, &TO_REVIEW).await;
    open.says(ana, &["Yes", "change time"]).await;
    open.says(ben, &TO_REVIEW[..6]).await;
    open.says(ben, &["Tue 14:30", "Yes"]).await;
    let texts = open.says(ana, &["Tue 14:30"]).await;
    assert!(texts[0].contains("has just gone"), "{texts:?}");
    assert_eq!(open.theirs(ana).await.as_deref(), Some("Mon 10:00"));
    assert_eq!(open.theirs(ben).await.as_deref(), Some("Tue 14:30"));
}

const ROUNDS: usize = 24;

/// Tells a bot what a visitor says, and gives the last answer.
fn talk(bot: &mut Bot, visitor: SessionId, said: &[&str]) -> Value {
    let lines: Vec<_> = said.iter().map(|said| json!({ "text": said, "session": visitor })).collect();
    bot.tell_all(&lines).pop().expect("an answer")
}

#[test]
fn two_programs_of_which_one_is_killed_as_it_sells_sell_each_time_once_and_keep_none() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("salon.db");
    let slots: Vec<_> = (0..ROUNDS / 2).map(|hour| format!("Mon {hour}:00")).collect();
    let store = format!("sqlite:{}", file.display());
    let arguments = ["--store", &store, "--slots", &slots.join(",")];
    let mut steady = Bot::with(&arguments);
    let (mut visitors, mut answered) = (Vec::new(), 0);
    for round in 0..ROUNDS {
        // Both want the same one, which the round before may have taken.
        let (ana, ben) = (SessionId::random(), SessionId::random());
        visitors.extend([ana, ben]);
        let mut killed = Bot::with(&arguments);
        for (bot, visitor) in [(&mut killed, ana), (&mut steady, ben)] {
            talk(bot, visitor, &TO_REVIEW[..6]);
            talk(bot, visitor, &["1"]);
        }
        let yes = json!({ "text": "Yes", "session": ana });
        let moment = Duration::from_micros(700 * round as u64);
        answered += usize::from(killed.tell_and_kill(&yes, Some(moment)).is_some());
        drop(killed);
        if round % 2 == 0 {
            talk(&mut steady, ben, &["Yes"]);
        }
        if round % 3 == 0 {
            // She has heard nothing, and says it once more, elsewhere.
            talk(&mut steady, ana, &["Yes"]);
        }
    }
    assert!(steady.end());
    assert!((1..ROUNDS).contains(&answered), "{answered} of {ROUNDS} answers came before the kill");
    tokio::runtime::Runtime::new().expect("a runtime").block_on(async {
        let store: Arc<dyn Store> = Arc::new(SqliteStore::open(&file).expect("a store"));
        let calendar = Calendar::kept_in(slots.iter().map(String::as_str), Arc::clone(&store));
        let salon = Salon::new(calendar.clone());
        let engine = salon.tell_calendar(salon.clone().engine()).store(Arc::clone(&store));
        let mut sold = BTreeMap::new();
        for visitor in &visitors {
            if let Some(slot) = theirs(&engine, *visitor).await {
                assert_eq!(sold.insert(slot.clone(), *visitor), None, "{slot} was sold twice");
            }
        }
        assert!(sold.len() > 4, "{sold:?}");
        let taken = calendar.free_for(SessionId::random()).await.expect("the calendar answers");
        println!("{answered} of {ROUNDS} were answered, {} sold, {} free at first", sold.len(), taken.len());
        let later = chrono::Utc::now().timestamp_millis() + 16 * 60 * 1000;
        calendar.free_what_was_left(later).await.expect("the calendar answers");
        let free = calendar.free_for(SessionId::random()).await.expect("the calendar answers");
        let free: Vec<_> = free.iter().map(ToString::to_string).collect();
        let unsold: Vec<_> = slots.iter().filter(|slot| !sold.contains_key(*slot)).cloned().collect();
        assert_eq!(free, unsold, "what no talk holds is free, and what one holds is not");
    });
}
