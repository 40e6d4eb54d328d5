//! Each alert fires for its fault, provoked in a real bot, with what belongs to it, and for nothing else.

use std::time::Duration;

use flow_core::{
    Fate, Limits, Outage, SessionId,
    engine::{Inbox, Shelf},
};
use tokio::{task::yield_now, time::sleep};

use super::{
    bot::{Bot, from_loft},
    watch::Watch,
};

/// What an alert of the flow is told apart by.
const KIOSK: &[(&str, &str)] = &[("flow", "kiosk")];

/// What one is told apart by that is not of a flow.
const JOB: &[(&str, &str)] = &[("job", "flow")];

/// What an alert of replies is told apart by.
const REPLIES: &[(&str, &str)] = &[("flow", "kiosk"), ("kind", "reply")];

#[tokio::test]
async fn a_process_that_has_ended() {
    let mut bot = Bot::start().await;
    let mut watch = Watch::begin(&mut bot).await;
    bot.ends().await;
    watch.fault(&mut bot, async |_| {}).await;
    let labels: &[_] = &[("job", "flow"), ("instance", "kiosk:8080")];
    let mut again = Bot::start().await;
    watch.after(&mut again).await;
    watch.fires(&[("FlowDown", labels)]);
}

#[tokio::test]
async fn a_store_that_is_away() {
    let mut bot = Bot::start().await;
    let mut watch = Watch::begin(&mut bot).await;
    bot.store.is_away(true);
    watch.fault(&mut bot, async |_| {}).await;
    bot.store_comes_back().await;
    watch.after(&mut bot).await;
    watch.fires(&[("FlowStoreAway", KIOSK), ("FlowTurnsUnsaved", KIOSK), ("FlowServerFails", JOB)]);
}

#[tokio::test]
async fn a_store_that_is_away_while_conversations_go_on_in_memory() {
    let mut bot = Bot::with(|builder| builder.outage(Outage::Memory { sessions: 1_000 })).await;
    let mut watch = Watch::begin(&mut bot).await;
    bot.store.is_away(true);
    watch.fault(&mut bot, async |_| {}).await;
    bot.store_comes_back().await;
    watch.after(&mut bot).await;
    // What is to be accepted is not taken in memory.
    watch.fires(&[("FlowStoreAway", KIOSK), ("FlowTurnsUnsaved", KIOSK), ("FlowServerFails", JOB)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_slow() {
    // What is accepted is waited for: it is no letter that grows old while minutes pass in no time.
    let patient = Inbox::default().patience(Duration::from_secs(10));
    let mut bot = Bot::with(|builder| builder.inbox(patient)).await;
    let mut watch = Watch::begin(&mut bot).await;
    bot.store.takes(Duration::from_millis(270));
    watch.fault(&mut bot, async |_| {}).await;
    bot.store.takes(Duration::ZERO);
    watch.after(&mut bot).await;
    watch.fires(&[("FlowStoreSlow", KIOSK)]);
}

#[tokio::test]
async fn handlers_that_fail() {
    let mut bot = Bot::start().await;
    let mut watch = Watch::begin(&mut bot).await;
    let id = SessionId::random();
    bot.visitor_says(id, "hello").await;
    watch.fault(&mut bot, async |bot| drop(bot.visitor_says(id, "fail").await)).await;
    watch.after(&mut bot).await;
    watch.fires(&[("FlowTurnsFail", KIOSK)]);
}

#[tokio::test]
async fn turns_that_stand_behind_too_many() {
    let mut bot = Bot::with(|builder| builder.limits(Limits::default().turns_in_line(1))).await;
    let mut watch = Watch::begin(&mut bot).await;
    let id = SessionId::random();
    bot.visitor_says(id, "hello").await;
    let crowd = async |bot: &mut Bot| {
        let (first, others) = (bot.visitor_says(id, "wait"), async {
            let says = || bot.visitor_says(id, "hello");
            let waiting = async {
                yield_now().await;
                tokio::join!(says(), says(), says(), says())
            };
            let freed = async {
                sleep(Duration::from_millis(10)).await;
                bot.clerk.bell.add_permits(1);
            };
            tokio::join!(waiting, freed)
        });
        tokio::join!(first, others);
    };
    watch.fault(&mut bot, crowd).await;
    watch.after(&mut bot).await;
    watch.fires(&[("FlowBusy", KIOSK)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handler_that_holds_up_a_thread() {
    let mut bot = Bot::start().await;
    let mut watch = Watch::begin(&mut bot).await;
    let id = SessionId::random();
    bot.visitor_says(id, "hello").await;
    let mut minute = 0;
    let blocks = async |bot: &mut Bot| {
        minute += 1;
        if minute == 20 {
            bot.visitor_says(id, "block").await;
        }
    };
    watch.fault(&mut bot, blocks).await;
    watch.after(&mut bot).await;
    watch.fires(&[("FlowStalled", JOB)]);
}

#[tokio::test]
async fn records_that_are_large() {
    let mut bot = Bot::start().await;
    let mut watch = Watch::begin(&mut bot).await;
    let notes = async |bot: &mut Bot| {
        let id = SessionId::random();
        bot.visitor_says(id, "hello").await;
        bot.visitor_says(id, "note").await;
    };
    watch.fault(&mut bot, notes).await;
    watch.after(&mut bot).await;
    watch.fires(&[("FlowRecordsLarge", KIOSK)]);
}

#[tokio::test]
async fn accepted_messages_that_grow_old() {
    let mut bot = Bot::start().await;
    let mut watch = Watch::begin(&mut bot).await;
    let mut id = SessionId::random();
    let accepts = async |bot: &mut Bot| {
        // What was accepted in the minute before waits behind one that takes its time.
        bot.clerk.bell.add_permits(bot.engine.stats().inboxes);
        while bot.engine.stats().inboxes > 0 {
            yield_now().await;
        }
        id = SessionId::random();
        for text in ["hello", "wait", "and then?"] {
            bot.engine.accept(id, from_loft(text)).await.expect("accepted");
        }
        // What was answered at once is sent at once.
        sleep(Duration::from_millis(20)).await;
        bot.clock.advance(Duration::from_secs(60));
        bot.own_clock.advance(Duration::from_secs(60));
    };
    watch.fault(&mut bot, accepts).await;
    bot.clerk.bell.add_permits(1);
    watch.after(&mut bot).await;
    // What a handler says that has taken so long is as late.
    watch.fires(&[("FlowInboxLate", KIOSK), ("FlowDeliveriesLate", REPLIES)]);
}

#[tokio::test]
async fn a_platform_that_is_down() {
    let mut bot = Bot::start().await;
    let mut watch = Watch::begin(&mut bot).await;
    let fails = async |bot: &mut Bot| bot.pigeon_is(|| std::io::Error::other("no wind").into(), 20);
    watch.fault(&mut bot, fails).await;
    while bot.pigeon.texts().len() < 75 {
        bot.a_minute().await;
    }
    watch.after(&mut bot).await;
    watch.fires(&[("FlowDeliveriesFail", REPLIES)]);
}

#[tokio::test]
async fn what_is_set_aside() {
    let mut bot = Bot::start().await;
    let mut watch = Watch::begin(&mut bot).await;
    let mut minute = 0;
    let never = async |bot: &mut Bot| {
        minute += 1;
        if minute == 20 {
            bot.pigeon_is(|| Fate::never("the loft is closed"), 1);
        }
    };
    watch.fault(&mut bot, never).await;
    watch.after(&mut bot).await;
    watch.fires(&[("FlowSetAside", JOB)]);
}

#[tokio::test]
async fn replies_that_nobody_fetches() {
    let mut bot = Bot::with(|builder| builder.collected("web", Shelf::default().replies(60))).await;
    let mut watch = Watch::begin(&mut bot).await;
    let mut minute = 0;
    let talks = async |bot: &mut Bot| {
        minute += 1;
        if minute == 20 {
            for _ in 0..60 {
                bot.says_on_the_web("hello").await;
            }
        }
    };
    watch.fault(&mut bot, talks).await;
    bot.fetches().await;
    watch.after(&mut bot).await;
    watch.fires(&[("FlowLost", JOB)]);
}

#[tokio::test]
async fn a_session_that_is_damaged() {
    let mut bot = Bot::start().await;
    let mut watch = Watch::begin(&mut bot).await;
    let mut minute = 0;
    let damages = async |bot: &mut Bot| {
        minute += 1;
        if minute == 20 {
            let (id, other) = (SessionId::random(), SessionId::random());
            for id in [id, other] {
                bot.visitor_says(id, "hello").await;
            }
            bot.store.damage(id, other).await;
            bot.visitor_says(id, "hello").await;
        }
    };
    watch.fault(&mut bot, damages).await;
    watch.after(&mut bot).await;
    watch.fires(&[("FlowDamage", JOB)]);
}

#[tokio::test]
async fn a_worker_that_is_missing() {
    let mut bot = Bot::start().await;
    let mut watch = Watch::begin(&mut bot).await;
    bot.worker_goes().await;
    watch.fault(&mut bot, async |_| {}).await;
    bot.worker_comes();
    // What has waited is done late, and that is told as well.
    while bot.engine.stats().archive.lag > Duration::from_secs(100) || bot.pigeon.sent().len() < 70 {
        bot.a_minute().await;
    }
    watch.after(&mut bot).await;
    watch.fires(&[("FlowNoWorker", KIOSK)]);
}

#[tokio::test]
async fn deliveries_that_begin_late() {
    let mut bot = Bot::start().await;
    let mut watch = Watch::begin(&mut bot).await;
    let late = async |bot: &mut Bot| {
        // A worker that is often away.
        bot.worker_goes().await;
        bot.visitor_says(SessionId::random(), "hello").await;
        bot.clock.advance(Duration::from_secs(120));
        bot.own_clock.advance(Duration::from_secs(120));
        bot.worker_comes();
    };
    watch.fault(&mut bot, late).await;
    watch.after(&mut bot).await;
    watch.fires(&[("FlowDeliveriesLate", REPLIES)]);
}

#[tokio::test]
async fn an_archive_that_hangs() {
    let mut bot = Bot::start().await;
    let mut watch = Watch::begin(&mut bot).await;
    bot.archive.hangs(true);
    watch.fault(&mut bot, async |_| {}).await;
    bot.archive.hangs(false);
    while bot.engine.stats().archive.lag > Duration::from_secs(100) {
        bot.a_minute().await;
    }
    watch.after(&mut bot).await;
    watch.fires(&[("FlowArchiveFails", KIOSK), ("FlowArchiveLate", KIOSK)]);
}

#[tokio::test]
async fn an_archive_that_refuses_a_session() {
    let mut bot = Bot::start().await;
    let mut watch = Watch::begin(&mut bot).await;
    let mut minute = 0;
    let refuses = async |bot: &mut Bot| {
        minute += 1;
        bot.archive.refuses(minute == 20);
    };
    watch.fault(&mut bot, refuses).await;
    watch.after(&mut bot).await;
    watch.fires(&[("FlowArchiveRefuses", JOB)]);
}

#[tokio::test]
async fn clocks_that_are_apart() {
    let mut bot = Bot::start().await;
    let mut watch = Watch::begin(&mut bot).await;
    bot.clock.advance(Duration::from_secs(30));
    watch.fault(&mut bot, async |_| {}).await;
    bot.own_clock.advance(Duration::from_secs(30));
    watch.after(&mut bot).await;
    watch.fires(&[("FlowClockSkew", KIOSK)]);
}

#[tokio::test]
async fn a_flood_that_meets_a_limit() {
    let mut bot = Bot::start().await;
    let mut watch = Watch::begin(&mut bot).await;
    let large = "x".repeat(40_000);
    let flood = async |bot: &mut Bot| {
        for _ in 0..30 {
            bot.says_on_the_web(&large).await;
        }
    };
    watch.fault(&mut bot, flood).await;
    watch.after(&mut bot).await;
    watch.fires(&[("FlowLimitsMet", &[("job", "flow"), ("limit", "body")])]);
}
