//! Promise 8, a leak where no worker runs: that none does is told, and what waits for one does not stay for ever.

use std::time::Duration;

use flow_core::Expiry;
use tokio::time::{Instant, sleep};

use super::{
    ground::{Ground, PATIENCE},
    outside::{Outside, works},
    visitor::Visitor,
};

const VISITORS: usize = 20;

/// Visitors come, and fall silent; nobody is there to tell their expiry.
async fn attack(ground: Ground) {
    let outside = Outside::default();
    let expiry = Expiry::default().idle(Duration::from_millis(300)).grace(Duration::ZERO);
    let shop = || outside.shop_that_tells_expiries().expiry(expiry.clone().unattended(Duration::from_millis(500)));
    let engine = ground.engine(shop());
    let visitors = Visitor::several(VISITORS);
    for visitor in &visitors {
        visitor.says(&engine, "hi").await;
    }
    let (began, mut left) = (Instant::now(), VISITORS);
    while left > 0 && began.elapsed() < Duration::from_secs(5) {
        sleep(Duration::from_millis(100)).await;
        left = 0;
        for visitor in &visitors {
            left += usize::from(ground.has(visitor.id).await);
        }
    }
    assert_eq!(left, 0, "{}: of {VISITORS} sessions so many are still there", ground.name);
    // The next worker counts what was given up.
    let worker = ground.engine(shop());
    works(&worker).await;
    assert_eq!(worker.stats().forgotten, VISITORS as u64, "{}", ground.name);
}

#[tokio::test]
async fn records_whose_worker_never_comes_do_not_stay_for_ever_and_the_next_worker_counts_them() {
    Ground::on_each(attack).await;
}

#[tokio::test(start_paused = true)]
async fn that_no_worker_is_there_is_told_as_long_as_it_is_so() {
    let (ground, outside) = (Ground::in_virtual_time(), Outside::default());
    let shop = || outside.shop_that_tells_expiries().expiry(Expiry::default().idle(PATIENCE));
    let engine = ground.engine(shop());
    let visitor = Visitor::entered("Ana", &engine).await;
    for is_attended in [false, true, false] {
        let worker = is_attended.then(|| ground.engine(shop()).worker().start());
        sleep(2 * PATIENCE).await;
        visitor.says(&engine, "anybody there?").await;
        sleep(Duration::from_secs(1)).await;
        assert_eq!(engine.stats().unattended, !is_attended);
        if let Some(worker) = worker {
            worker.abort();
            sleep(2 * PATIENCE).await;
        }
    }
}
