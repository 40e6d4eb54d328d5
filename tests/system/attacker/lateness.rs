//! Promise 7, late and run for nothing: what a turn decides goes out as soon as it is stored, and no handler is asked twice.

use std::time::Duration;

use flow_core::Engine;
use tokio::{
    join,
    task::JoinHandle,
    time::{Instant, sleep},
};

use super::{
    ground::Ground,
    outside::{Mailing, Outside, until},
    shop::Shop,
    visitor::Visitor,
};

/// So long the mailer takes over a letter.
const MAILING: Duration = Duration::from_millis(150);

/// A letter, and when the turn that decided it was stored.
type Stored = (String, Instant);

/// The handler thinks for 4.1 seconds about each letter.
async fn thinks_long(engine: &Engine<Shop>) -> Vec<Stored> {
    let (visitor, mut stored) = (Visitor::entered("Ana", engine).await, Vec::new());
    for number in 0..3 {
        visitor.says(engine, format!("slow 4100 thought over {number}")).await;
        stored.push((format!("thought over {number}"), Instant::now()));
        sleep(Duration::from_secs(3)).await;
    }
    stored
}

/// A letter every 100 ms, which is faster than the mailer.
async fn writes_fast(engine: &Engine<Shop>) -> Vec<Stored> {
    let (visitor, mut stored) = (Visitor::entered("Ben", engine).await, Vec::new());
    for number in 0..20 {
        visitor.says(engine, format!("mail quick {number:02}")).await;
        stored.push((format!("quick {number:02}"), Instant::now()));
        sleep(Duration::from_millis(100)).await;
    }
    stored
}

/// Each second letter is thought over on another machine, while the first strikes off the one before.
async fn changes_machines(engines: [&Engine<Shop>; 2]) {
    let visitor = Visitor::entered("Eve", engines[0]).await;
    for number in 0..10 {
        visitor.says(engines[0], format!("mail here {number}")).await;
        visitor.says(engines[1], format!("slow 400 there {number}")).await;
        sleep(Duration::from_secs(2)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn letters_of_slow_turns_of_fast_ones_and_of_two_machines_go_out_at_once_and_nobody_is_asked_twice() {
    let (ground, outside) = (Ground::in_virtual_time(), Outside::default());
    outside.mailing(Mailing::Takes(MAILING));
    // The one that thinks knows from the start that its visitors come to the other too.
    let (delivers, thinks) = (ground.engine(outside.shop()), ground.engine(outside.shop().warm(0)));
    let worker = delivers.worker().start();
    sleep(Duration::from_secs(1)).await;
    let (long, fast, ()) =
        join!(thinks_long(&delivers), writes_fast(&delivers), changes_machines([&delivers, &thinks]));
    assert!(until(|| outside.mailed().len() == long.len() + fast.len() + 20).await, "all of it is mailed");
    let (mut late, mut free_at) = (Vec::new(), fast[0].1);
    for (letter, stored) in &fast {
        // Each waits for those before it, and for nothing else.
        let sent = outside.sent_at(letter).expect("it was sent");
        late.push((sent.saturating_duration_since(free_at.max(*stored) + MAILING), letter));
        free_at = sent;
    }
    for (letter, stored) in &long {
        let sent = outside.sent_at(letter).expect("it was sent");
        late.push((sent.saturating_duration_since(*stored + MAILING), letter));
    }
    let latest = late.iter().max().expect("some");
    let asked = outside.asked().into_iter().filter(|said| said.starts_with("slow 400 ")).count();
    assert!(latest.0 < Duration::from_secs(1) && asked == 10, "{late:?} late; asked {asked} times for 10 turns");
    let quick: Vec<_> = outside.mailed().into_iter().filter(|letter| letter.starts_with("quick")).collect();
    assert!(quick.is_sorted() && outside.dropped().is_empty(), "{quick:?}");
    worker.abort();
}

#[tokio::test(start_paused = true)]
async fn a_letter_that_is_decided_while_its_process_shuts_down_is_sent_by_another_process() {
    let (ground, outside) = (Ground::in_virtual_time(), Outside::default());
    let [leaves, stays] = [(), ()].map(|()| ground.engine(outside.shop()));
    let workers = [&leaves, &stays].map(|engine| engine.worker().start());
    sleep(Duration::from_secs(1)).await;
    let visitor = Visitor::entered("Ana", &leaves).await;
    let shuts_down = async {
        sleep(Duration::from_secs(1)).await;
        leaves.shutdown(Duration::from_secs(10)).await
    };
    let (_, shutdown) = join!(visitor.says(&leaves, "slow 4100 the last letter"), shuts_down);
    assert!(shutdown.is_complete());
    sleep(Duration::from_secs(2)).await;
    assert_eq!(outside.mailed(), ["the last letter"], "it waits for nobody's claim to end");
    workers.iter().for_each(JoinHandle::abort);
}
