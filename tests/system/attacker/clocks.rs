//! Promise 2, clocks: machines ten minutes ahead and behind let no session lapse, ring no bell early, and keep none from others
//! beyond a lease.

use std::time::Duration;

use chrono::TimeDelta;
use flow_core::{Expiry, store::Claim};
use tokio::time::{Instant, sleep, sleep_until};

use super::{
    ground::{FLOW, Ground},
    outside::{Outside, works},
    visitor::Visitor,
};

const VISITORS: usize = 20;
const NAP: Duration = Duration::from_millis(1_500);
const LEASE: Duration = Duration::from_secs(1);

/// How many of the visitors were harmed.
#[derive(Debug, Default, PartialEq)]
struct Harm {
    /// Their session was told to have expired, though its idle time is five minutes.
    lapsed: usize,
    /// They were greeted as strangers.
    forgotten: usize,
    rung_early: usize,
    /// The bell rang not at all, though a second lease had passed, or twice.
    not_rung_once: usize,
}

async fn attack(ground: Ground) {
    let outside = Outside::default();
    let [right, ahead, behind] = [0, 10, -10].map(|minutes| {
        let expiry = Expiry::default().idle(Duration::from_secs(300));
        ground.engine_at(outside.shop_that_tells_expiries().expiry(expiry), TimeDelta::minutes(minutes))
    });
    let (visitors, mut harm) = (Visitor::several(VISITORS), Harm::default());
    for visitor in &visitors {
        visitor.enters(&right).await;
    }
    for wrong in [&ahead, &behind] {
        works(wrong).await;
    }
    for (visitor, engine) in visitors.iter().zip([&behind, &right, &ahead].into_iter().cycle()) {
        harm.forgotten += usize::from(visitor.says(engine, "hello?").await.opened.is_some());
    }
    let mut set = Vec::new();
    for (visitor, engine) in visitors.iter().zip([&ahead, &behind, &right].into_iter().cycle()) {
        if visitor.says(engine, format!("ring {}", NAP.as_millis())).await.opened.is_none() {
            set.push((visitor, Instant::now()));
        }
    }
    works(&ahead).await;
    let nap_is_over = Instant::now() + NAP + Duration::from_millis(50);
    sleep_until(nap_is_over).await;
    // A worker of the machine that is ahead claims all of them, and is heard of no more.
    let claimed = ground.store.due(Claim::new(FLOW, LEASE, 100)).await.expect("a claim").ids.len();
    sleep(LEASE + Duration::from_millis(50)).await;
    works(&right).await;
    for (visitor, set) in &set {
        let rung = outside.rung(visitor.id);
        harm.rung_early += usize::from(rung.iter().any(|rung| *rung < *set + NAP - Duration::from_millis(50)));
        harm.not_rung_once += usize::from(rung.len() != 1);
    }
    harm.lapsed = visitors.iter().filter(|visitor| outside.expired().contains(&visitor.id)).count();
    assert_eq!((harm, set.len(), claimed), (Harm::default(), VISITORS, VISITORS), "{}", ground.name);
}

#[tokio::test]
async fn twenty_live_sessions_outlive_machines_ten_minutes_ahead_and_behind() {
    Ground::on_each(attack).await;
}
