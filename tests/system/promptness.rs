//! Deliveries come as soon as what decided them is stored, in order for each destination, and run no handler again.

use std::{collections::HashSet, sync::Arc, time::Duration};

use flow_core::{Archival, Engine, Limits, Retries, SessionId, Worker};
use flow_memory::MemoryArchive;
use tokio::{
    task::{JoinHandle, yield_now},
    time::{Instant, sleep, timeout},
};

use crate::courier::{Courier, Depot, Dice, Sending, Yard};

fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// Takes the turn, and tells when it was stored.
async fn says(engine: &Engine<Courier>, id: SessionId, what: &str) -> Instant {
    engine.handle(id, what).await.expect("a turn");
    Instant::now()
}

/// A worker that has begun to take deliveries from the turns of its process.
async fn at_work(worker: Worker<Courier>) -> JoinHandle<()> {
    let task = worker.start();
    yield_now().await;
    task
}

/// How long after its turn an effect is delivered in the same process, if the handler thinks for so long.
async fn lateness_after(thinks: Duration) -> Duration {
    let (yard, depot) = (Yard::new(), Depot::new(thinks, Sending::Takes(Duration::ZERO)));
    let engine = yard.engine(depot.engine());
    let _worker = at_work(engine.worker()).await;
    says(&engine, yard.id, "hi").await;
    let stored = says(&engine, yard.id, "mail a").await;
    depot.has_sent("a").await.began.saturating_duration_since(stored)
}

#[tokio::test(start_paused = true)]
async fn an_effect_is_delivered_at_once_however_long_its_handler_took() {
    for thinks in [millis(0), millis(3_900), millis(4_100), millis(5_000), millis(10_000), millis(29_000)] {
        let late = lateness_after(thinks).await;
        assert!(late < millis(50), "a handler of {thinks:?}: {late:?} late");
    }
}

#[tokio::test(start_paused = true)]
async fn what_comes_while_a_delivery_is_under_way_is_delivered_next_without_a_look() {
    for sending in [millis(150), millis(300), millis(1_000)] {
        let (yard, depot) = (Yard::new(), Depot::new(Duration::ZERO, Sending::Takes(sending)));
        let engine = yard.engine(depot.engine());
        let worker = at_work(engine.worker()).await;
        says(&engine, yard.id, "hi").await;
        let mut stored = Vec::new();
        for number in 0..10 {
            stored.push(says(&engine, yard.id, &format!("mail {number}")).await);
            sleep(millis(100)).await;
        }
        depot.has_sent("9").await;
        let sent = depot.sent();
        let order: Vec<_> = sent.iter().map(|sent| sent.what.clone()).collect();
        assert_eq!(order, (0..10).map(|number| number.to_string()).collect::<Vec<_>>());
        let mut free_at = stored[0];
        let idle = sent.iter().zip(&stored).map(|(sent, stored)| {
            let idle = sent.began.saturating_duration_since(free_at.max(*stored));
            free_at = sent.ended;
            idle
        });
        let idle: Vec<_> = idle.collect();
        assert!(idle.iter().all(|idle| *idle < millis(20)), "sending takes {sending:?}: nothing was done for {idle:?}");
        worker.abort();
    }
}

#[tokio::test(start_paused = true)]
async fn a_deliverer_that_goes_on_and_on_lets_other_sessions_have_their_turn() {
    let (yard, depot) = (Yard::new(), Depot::new(Duration::ZERO, Sending::Takes(millis(100))));
    let engine = yard.engine(depot.engine());
    let _worker = at_work(engine.worker().at_once(1)).await;
    let other = SessionId::random();
    says(&engine, yard.id, "hi").await;
    says(&engine, other, "hi").await;
    let (talker, id) = (engine.clone(), yard.id);
    let talking = tokio::spawn(async move {
        loop {
            says(&talker, id, "mail again").await;
            sleep(millis(100)).await;
        }
    });
    sleep(millis(1_000)).await;
    let stored = says(&engine, other, "mail other").await;
    let sent = timeout(millis(30_000), depot.has_sent("other")).await.expect("it has its turn");
    assert!(sent.began - stored < millis(2_500), "{:?} late", sent.began - stored);
    talking.abort();
}

#[tokio::test(start_paused = true)]
async fn a_destination_that_is_down_or_hangs_holds_up_no_other_of_its_session() {
    for mailing in [Sending::Fails, Sending::Hangs] {
        let (yard, depot) = (Yard::new(), Depot::new(Duration::ZERO, mailing));
        let engine = yard.engine(depot.engine());
        let _worker = at_work(engine.worker()).await;
        says(&engine, yard.id, "hi").await;
        says(&engine, yard.id, "mail a").await;
        sleep(millis(5_000)).await;
        let stored = says(&engine, yard.id, "ship b").await;
        let shipped = timeout(Duration::from_secs(7_200), depot.has_sent("ship b")).await.expect("it is shipped");
        assert!(shipped.began - stored < millis(50), "{:?} late", shipped.began - stored);
        let both = says(&engine, yard.id, "both c").await;
        let shipped = timeout(Duration::from_secs(7_200), depot.has_sent("ship c")).await.expect("it is shipped");
        assert!(shipped.began - both < millis(50), "{:?} late, in one turn with a mail", shipped.began - both);
        let set = says(&engine, yard.id, "ring 3").await;
        let rung = timeout(Duration::from_secs(7_200), depot.has_sent("Ring!")).await.expect("it rings");
        let late = rung.began.saturating_duration_since(set + millis(3_000));
        assert!(late < millis(2_000), "the bell is {late:?} late");
        assert_eq!(yard.pending(&engine).await, 2, "both mails wait");
    }
}

#[tokio::test(start_paused = true)]
async fn what_another_process_strikes_off_runs_no_handler_again() {
    let yard = Yard::new();
    let quick = Depot::new(Duration::ZERO, Sending::Takes(millis(150)));
    let slow = Depot { thinks: millis(400), ..quick.clone() };
    // The one that thinks knows from the start that its visitors come to the other too.
    let (delivers, thinks) = (yard.engine(quick.engine()), yard.engine(slow.engine().warm(0)));
    let _worker = at_work(delivers.worker()).await;
    says(&delivers, yard.id, "hi").await;
    for number in 0..10 {
        says(&delivers, yard.id, &format!("mail a{number}")).await;
        says(&thinks, yard.id, &format!("mail b{number}")).await;
        sleep(millis(2_000)).await;
    }
    let asked = quick.asked.lock().expect("a lock").clone();
    let runs = asked.iter().filter(|said| said.starts_with("mail b")).count();
    assert_eq!(runs, 10, "{asked:?}");
    let keys: HashSet<_> = quick.sent().into_iter().map(|sent| sent.key).collect();
    assert_eq!(keys.len(), 20, "a key each");
    let order: Vec<_> = quick.sent().into_iter().map(|sent| sent.what).collect();
    let expected: Vec<_> = (0..10).flat_map(|number| [format!("a{number}"), format!("b{number}")]).collect();
    assert_eq!((order, yard.pending(&thinks).await), (expected, 0));
    assert!(thinks.stats().conflicts >= 10, "each met what was struck off");
}

/// One process takes turns, and another delivers, rings and archives what they leave.
async fn interleaved(seed: u64) -> u64 {
    let (yard, dice) = (Yard::new(), Arc::new(Dice::of(seed)));
    let depot = Depot::new(millis(dice.below(60)), Sending::Varies(Arc::clone(&dice)));
    let quickly = Retries::default().pause(millis(20)).longest_pause(millis(100));
    let engine = || depot.engine().retries(quickly.clone()).limits(Limits::default().history(1));
    let archival = Archival::default().interval(millis(40));
    let (thinks, delivers) =
        (yard.engine(engine()), yard.engine(engine().archive(MemoryArchive::new()).archival(archival)));
    let worker = at_work(delivers.worker().pause(millis(15))).await;
    says(&thinks, yard.id, "hi").await;
    let mut said = Vec::new();
    for number in 0..20 {
        let what = ["mail", "ship", "both"][usize::try_from(dice.below(3)).expect("small")];
        said.push(if dice.below(8) == 0 { format!("ring {}", 1 + number % 2) } else { format!("{what} {number}") });
        says(&thinks, yard.id, &said[number]).await;
        sleep(millis(dice.below(80))).await;
    }
    let rests = async {
        while thinks.peek(yard.id).await.expect("readable").expect("there").wake_at().is_some() {
            sleep(millis(50)).await;
        }
    };
    timeout(Duration::from_secs(600), rests).await.unwrap_or_else(|_| panic!("seed {seed} comes to no rest"));
    worker.abort();
    let mut asked = depot.asked.lock().expect("a lock").clone();
    if said.iter().any(|said| said.starts_with("ring")) {
        // The bell's turn is one that came first.
        asked.dedup();
    }
    assert_eq!(asked, said, "seed {seed}: each handler once");
    let sent = depot.sent();
    let to = |is_wanted: fn(&str) -> bool| -> Vec<_> {
        sent.iter().map(|sent| sent.what.clone()).filter(|what| is_wanted(what)).collect()
    };
    let told = |name: &str, prefix: &str| -> Vec<_> {
        let words = said.iter().filter_map(|said| said.split_once(' '));
        words.filter(|(what, _)| [name, "both"].contains(what)).map(|(_, what)| format!("{prefix}{what}")).collect()
    };
    assert_eq!(to(|what| what.starts_with("ship")), told("ship", "ship "), "seed {seed}: shipped once, in order");
    assert_eq!(to(|what| what.parse::<u8>().is_ok()), told("mail", ""), "seed {seed}: mailed once, in order");
    let rung = to(|what| what == "Ring!").len();
    let wound = said.iter().filter(|said| said.starts_with("ring")).count();
    assert!(rung <= wound && (rung > 0 || wound == 0), "seed {seed}: wound {wound} times, rung {rung} times");
    thinks.stats().conflicts
}

#[tokio::test(start_paused = true)]
async fn whatever_comes_between_a_turn_and_its_commit_nothing_is_lost_doubled_reordered_or_asked_again() {
    let mut conflicts = 0;
    for seed in 0..40 {
        conflicts += interleaved(seed).await;
    }
    assert!(conflicts > 100, "{conflicts} conflicts");
}

#[tokio::test(start_paused = true)]
async fn hooks_that_hang_for_five_hundred_sessions_keep_no_other_session_waiting() {
    let (yard, depot) = (Yard::new(), Depot::new(Duration::ZERO, Sending::Hangs));
    let engine = yard.engine(depot.engine());
    let _worker = engine.worker().start();
    for _ in 0..500 {
        let id = SessionId::random();
        says(&engine, id, "hi").await;
        says(&engine, id, "mail a").await;
    }
    sleep(millis(15_000)).await;
    says(&engine, yard.id, "hi").await;
    for seconds in [5, 7, 20] {
        let set = says(&engine, yard.id, &format!("ring {seconds}")).await;
        let before = depot.sent().len();
        let rung = async {
            while depot.sent().len() == before {
                sleep(millis(5)).await;
            }
            Instant::now()
        };
        let rung = timeout(Duration::from_secs(600), rung).await.expect("it rings");
        let late = rung.saturating_duration_since(set + Duration::from_secs(seconds));
        assert!(late < millis(2_000), "{late:?} late");
    }
    let shipped = says(&engine, yard.id, "ship b").await;
    let late = depot.has_sent("ship b").await.began - shipped;
    assert!(late < millis(50), "another destination is {late:?} late");
}
