//! Promise 4, isolation: a flood, a pager that hangs and letters that nobody takes are felt by nobody else.

use std::{sync::Arc, time::Duration};

use flow_core::{Engine, EngineError, engine::Backlog};
use futures_util::future::join_all;
use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};

use super::{
    ground::Ground,
    outside::{NOWHERE, Outside},
    shop::Shop,
    visitor::Visitor,
};

/// For so long the handler thinks about a message of the flood.
pub(super) const SLOW: Duration = Duration::from_secs(10);

/// How often somebody was harmed who had done nothing.
#[derive(Debug, Default, PartialEq)]
struct Harm {
    turned_away: usize,
    /// The answer took more than 100 ms.
    answered_late: usize,
    /// The bell rang more than two seconds late.
    rung_late: usize,
    /// What was shipped, behind a letter that nobody takes, was shipped more than two seconds late.
    shipped_late: usize,
}

/// One visitor sends so many messages over which the handler is slow, and waits for no answer.
pub(super) async fn floods(engine: &Engine<Shop>, messages: usize) -> JoinSet<Result<(), EngineError>> {
    let attacker = Arc::new(Visitor::entered("Flood", engine).await);
    let mut flood = JoinSet::new();
    for _ in 0..messages {
        let (engine, attacker) = (engine.clone(), Arc::clone(&attacker));
        flood.spawn(async move { attacker.tries(&engine, format!("slow {}", SLOW.as_millis())).await.map(drop) });
    }
    sleep(Duration::from_millis(1)).await;
    flood
}

/// So many visitors have the pager called, which never answers.
pub(super) async fn hangs(engine: &Engine<Shop>, visitors: usize) {
    for visitor in Visitor::several(visitors) {
        visitor.enters(engine).await;
        visitor.says(engine, "page me").await;
    }
}

/// One visitor writes letters that nobody takes; gives how many of these turns were refused.
pub(super) async fn writes_to_nowhere(engine: &Engine<Shop>, letters: usize) -> usize {
    let (visitor, mut refused) = (Visitor::entered("Writer", engine).await, 0);
    for number in 0..letters {
        refused += usize::from(visitor.tries(engine, format!("mail {NOWHERE} {number}")).await.is_err());
    }
    refused
}

/// Somebody else comes, buys, hears the bell, and leaves.
async fn shops(engine: &Engine<Shop>, outside: &Outside, number: u64, visitor: Visitor) -> Harm {
    let (mut harm, cake) = (Harm::default(), format!("the cake of {}", visitor.name));
    let nap = Duration::from_millis(5_000 + 50 * number);
    let ring = format!("ring {}", nap.as_millis());
    for said in ["hi", &visitor.name, &ring, &format!("mail {NOWHERE}"), &format!("ship {cake}")] {
        let began = Instant::now();
        harm.turned_away += usize::from(visitor.tries(engine, said).await.is_err());
        harm.answered_late += usize::from(began.elapsed() > Duration::from_millis(100));
    }
    let bought = Instant::now();
    sleep(nap + Duration::from_secs(2)).await;
    let is_shipped = outside.sent_at(&cake).is_some_and(|at| at <= bought + Duration::from_secs(2));
    harm.shipped_late += usize::from(!is_shipped);
    harm.rung_late += usize::from(outside.rung(visitor.id).len() != 1);
    harm.turned_away += usize::from(visitor.tries(engine, "bye").await.is_err());
    harm
}

#[tokio::test(start_paused = true)]
async fn ten_thousand_messages_a_hung_pager_and_letters_to_nowhere_harm_no_other_visitor() {
    let (ground, outside) = (Ground::in_virtual_time(), Outside::default());
    let engine = ground.engine(outside.shop().backlog(Backlog::SetAside));
    let worker = engine.worker().start();
    hangs(&engine, 500).await;
    assert_eq!(writes_to_nowhere(&engine, 150).await, 0, "a mailer that is down fails no turn where that is declared");
    let flood = floods(&engine, 10_000).await;
    let others = (0..).zip(Visitor::several(50)).map(|(number, visitor)| shops(&engine, &outside, number, visitor));
    let harm = join_all(others).await.into_iter().fold(Harm::default(), |all, one| Harm {
        turned_away: all.turned_away + one.turned_away,
        answered_late: all.answered_late + one.answered_late,
        rung_late: all.rung_late + one.rung_late,
        shipped_late: all.shipped_late + one.shipped_late,
    });
    assert_eq!(harm, Harm::default(), "of 50 other visitors");
    drop(flood);
    worker.abort();
}

#[tokio::test(start_paused = true)]
async fn five_hundred_bells_of_the_same_minute_ring_in_it() {
    let (ground, outside) = (Ground::in_virtual_time(), Outside::default());
    let engine = ground.engine(outside.shop());
    let worker = engine.worker().start();
    let visitors = Visitor::several(500);
    for visitor in &visitors {
        visitor.enters(&engine).await;
        visitor.says(&engine, "ring 60000").await;
    }
    let due = Instant::now() + Duration::from_secs(60);
    sleep(Duration::from_secs(120)).await;
    let late = visitors.iter().map(|visitor| match outside.rung(visitor.id)[..] {
        [rung] => rung.saturating_duration_since(due),
        _ => Duration::MAX,
    });
    let latest = late.max().expect("some");
    assert!(latest < Duration::from_secs(3), "the last rang {latest:?} late");
    worker.abort();
}
