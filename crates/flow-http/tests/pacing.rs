//! What goes out keeps to the limits of its platform, and to what the platform says.

mod support;

use std::{sync::Arc, time::Duration};

use flow_core::{
    Channel as _, Deadlines, Engine, Fate, Retries,
    engine::{Found, Scope},
};
use flow_http::{
    Metrics,
    platform::{Pace, Rate},
};
use flow_memory::MemoryStore;
use flow_proving::Fickle;
use support::paced::{Clerk, Counter, Said, Ticking, address, line, outgoing};
use tokio::time::{Instant, sleep};

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

const CHAT: Pace = Pace::NONE.chat(Rate::per_second(1).burst(3));

fn waits(fate: Result<(), Fate>) -> Option<(u64, Scope)> {
    let (time, scope) = fate.expect_err("not now").wait()?;
    Some(((time + Duration::from_millis(500)).as_secs(), scope))
}

#[tokio::test(start_paused = true)]
async fn a_chat_that_is_sent_too_much_waits_and_no_other_does() {
    let counter = Counter::default();
    let (line, began) = (line("post", &counter).pace(CHAT), Instant::now());
    for _ in 0..3 {
        line.send(&outgoing("Ana", "hi")).await.expect("sent");
    }
    assert_eq!(waits(line.send(&outgoing("Ana", "hi")).await), Some((1, Scope::Chat)));
    assert_eq!(counter.said().len(), 3);
    line.send(&outgoing("Ben", "hi")).await.expect("sent");
    sleep(seconds(1)).await;
    line.send(&outgoing("Ana", "hi")).await.expect("sent");
    // What is almost there is waited for.
    sleep(Duration::from_millis(800)).await;
    line.send(&outgoing("Ana", "hi")).await.expect("sent");
    assert_eq!((counter.said()[5].at - began).as_millis(), 2000);
}

#[tokio::test(start_paused = true)]
async fn the_parts_of_a_reply_follow_each_other_and_wait_no_longer_than_a_delivery_may_take() {
    let counter = Counter::default();
    let line = line("post", &counter).pace(Pace::NONE.chat(Rate::per_second(1)));
    let long = |count| outgoing("Ana", &vec!["Twelve words make a part of it, I believe."; count].join("\n\n"));
    let began = Instant::now();
    line.send(&long(4)).await.expect("sent");
    assert_eq!((counter.said().len(), began.elapsed().as_secs()), (4, 3));
    sleep(seconds(10)).await;
    // More of them wait in the record, and those that were sent are not sent again.
    let (six, began) = (long(6), Instant::now());
    assert_eq!(waits(line.send(&six).await), Some((1, Scope::Chat)));
    assert_eq!((counter.said().len(), began.elapsed().as_secs()), (8, 3));
    sleep(seconds(1)).await;
    line.send(&six).await.expect("sent");
    let keys: Vec<_> = counter.said().into_iter().skip(4).map(|said| said.key).collect();
    let before = (1..6).map(|part| format!("{}/{part}", six.key));
    assert_eq!(keys, before.chain([six.key.to_string()]).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn a_reply_of_several_parts_begins_when_it_can_be_ended() {
    let counter = Counter::default();
    let line = line("post", &counter).pace(CHAT);
    for _ in 0..2 {
        line.send(&outgoing("Ana", "hi")).await.expect("sent");
    }
    let long = outgoing("Ana", &["Twelve words make a part of it, I believe."; 6].join("\n\n"));
    assert_eq!(waits(line.send(&long).await), Some((2, Scope::Chat)));
    assert_eq!(counter.said().len(), 2, "not even the one that might pass");
    sleep(seconds(2)).await;
    line.send(&long).await.expect("sent");
    assert_eq!(counter.said().len(), 8);
}

#[tokio::test(start_paused = true)]
async fn what_the_platform_says_of_all_stops_those_that_wait_already() {
    let counter = Counter::default();
    let line = line("post", &counter).pace(Pace::NONE.overall(Rate::per_second(2)));
    counter.refuses_until(Instant::now() + seconds(30), Scope::Channel, true);
    let (first, second) = (outgoing("Ana", "1"), outgoing("Ben", "2"));
    let (first, second) = tokio::join!(line.send(&first), line.send(&second));
    assert_eq!(waits(first), Some((30, Scope::Channel)));
    assert_eq!(waits(second), Some((30, Scope::Chat)));
    assert_eq!(counter.calls(), 1, "the second was not even sent");
}

#[tokio::test(start_paused = true)]
async fn a_platform_that_names_no_time_is_asked_less_and_less() {
    let counter = Counter::default();
    let line = line("post", &counter).pace(Pace::NONE.growth(4));
    let began = Instant::now();
    counter.refuses_until(began + seconds(60), Scope::Chat, false);
    while let Err(fate) = line.send(&outgoing("Ana", "hi")).await {
        sleep(fate.wait().expect("a wait").0).await;
    }
    assert_eq!((counter.calls(), began.elapsed().as_secs()), (5, 1 + 4 + 16 + 64));
    line.send(&outgoing("Ana", "hi")).await.expect("sent");
}

#[tokio::test(start_paused = true)]
async fn what_waits_is_told_by_its_limit_and_without_its_place() {
    let (counter, metrics) = (Counter::default(), Metrics::new());
    let line = line("post", &counter).pace(CHAT.overall(Rate::per_second(1)).group(Rate::per_minute(1)));
    line.count_waits(&metrics);
    let told = |series: &str| {
        let text = metrics.text();
        assert!(!text.contains("Ana") && !text.contains("canary"), "{text}");
        let line = text.lines().find_map(|line| line.strip_prefix(series)).expect("told");
        line.trim().parse::<u64>().expect("a number")
    };
    assert_eq!(told("flow_http_paced_total{channel=\"post\",limit=\"group\",waits=\"record\"}"), 0);
    line.send(&outgoing("#canary", "hi")).await.expect("sent");
    line.send(&outgoing("#canary", "hi")).await.expect_err("a minute");
    assert_eq!(told("flow_http_paced_total{channel=\"post\",limit=\"group\",waits=\"record\"}"), 1);
    let ana = outgoing("Ana", "hi");
    let (sent, waiting) = tokio::join!(line.send(&ana), async {
        sleep(Duration::from_millis(500)).await;
        told("flow_http_pace_waiting{channel=\"post\",limit=\"overall\"}")
    });
    sent.expect("sent");
    assert_eq!((waiting, told("flow_http_pace_waiting{channel=\"post\",limit=\"overall\"}")), (1, 0));
    assert_eq!(told("flow_http_paced_total{channel=\"post\",limit=\"overall\",waits=\"here\"}"), 1);
    counter.refuses_until(Instant::now() + seconds(5), Scope::Chat, true);
    sleep(seconds(2)).await;
    line.send(&outgoing("Ana", "hi")).await.expect_err("not now");
    assert_eq!(told("flow_http_paced_total{channel=\"post\",limit=\"retry_after\",waits=\"record\"}"), 1);
}

/// A bot on this platform, whose visitors have said that they want so many replies.
async fn asked(counter: &Counter, pace: Pace, visitors: usize, replies: usize) -> Engine<Said> {
    let line = line("post", counter).pace(pace);
    let clock = Ticking::new();
    let retries = Retries::default();
    let builder = Said::engine(Clerk).clock(clock).retries(retries).channel("post", line.clone());
    let engine = builder.store(MemoryStore::builder().clock(clock).build());
    line.share_pace(&engine);
    engine.worker().start();
    tokio::task::yield_now().await;
    for visitor in 0..visitors {
        address(&engine, "post", &format!("visitor {visitor}"), &replies.to_string()).await;
    }
    engine
}

/// That everyone was told everything once, and in order.
fn assert_all_arrived(counter: &Counter, visitors: usize, replies: usize) {
    let expected: Vec<_> = (1..=replies).map(|reply| reply.to_string()).collect();
    for visitor in 0..visitors {
        let place = format!("visitor {visitor}");
        let texts: Vec<_> =
            counter.said().into_iter().filter(|said| said.place == place).map(|said| said.text).collect();
        assert_eq!(texts, expected, "{place}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_platform_that_refuses_for_a_minute_gets_everything_once_and_in_order() {
    // By one place or all of them; with a time, or without.
    for (scope, is_named, most) in
        [(Scope::Chat, true, 20), (Scope::Channel, true, 8), (Scope::Chat, false, 140), (Scope::Channel, false, 56)]
    {
        let counter = Counter::default();
        let began = Instant::now();
        counter.refuses_until(began + seconds(60), scope, is_named);
        let _engine = asked(&counter, CHAT.overall(Rate::per_second(30)), 20, 5).await;
        sleep(seconds(60)).await;
        assert!((1..=most).contains(&counter.calls()), "{scope:?} {is_named}: {}", counter.calls());
        assert_eq!(counter.said().len(), 0);
        sleep(seconds(120)).await;
        assert_all_arrived(&counter, 20, 5);
    }
}

#[tokio::test(start_paused = true)]
async fn a_platform_that_is_away_for_ten_minutes_gets_everything_once_and_in_order() {
    let counter = Counter::default();
    counter.is_away_until(Instant::now() + seconds(600));
    let _engine = asked(&counter, CHAT.overall(Rate::per_second(30)), 20, 5).await;
    sleep(seconds(600)).await;
    // A second, two, four: ten tries at most for each of them.
    assert!((1..=200).contains(&counter.calls()), "{}", counter.calls());
    sleep(seconds(1200)).await;
    assert_all_arrived(&counter, 20, 5);
}

#[tokio::test(start_paused = true)]
async fn a_platform_that_takes_a_message_and_loses_the_answer_is_not_given_it_twice() {
    let counter = Counter::default();
    counter.loses_each(7);
    let _engine = asked(&counter, CHAT.overall(Rate::per_second(30)), 20, 5).await;
    sleep(seconds(120)).await;
    assert_all_arrived(&counter, 20, 5);
    assert_eq!(counter.calls(), 100, "each once");
    assert!(counter.found(Found::Sent) >= 100 / 7);
}

#[tokio::test(start_paused = true)]
async fn a_chat_with_thousands_of_replies_holds_up_nobody() {
    let counter = Counter::default();
    let engine = asked(&counter, CHAT, 0, 0).await;
    // A hall in which a thousand people have a conversation each.
    for writer in 0..1000 {
        let id = flow_core::SessionId::random();
        support::paced::says(&engine, id, "post", "hall", &format!("hello from {writer}")).await;
    }
    let began = Instant::now();
    for visitor in 0..50 {
        address(&engine, "post", &format!("visitor {visitor}"), "2").await;
    }
    sleep(seconds(10)).await;
    assert_all_arrived(&counter, 50, 2);
    let latest = counter.said().into_iter().filter(|said| said.place != "hall").map(|said| said.at).max();
    assert!(latest.expect("some") - began < seconds(3), "{:?}", latest.map(|at| at - began));
    // And the hall gets its own, one a second.
    sleep(seconds(1500)).await;
    let hall: Vec<_> = counter.said().into_iter().filter(|said| said.place == "hall").collect();
    assert_eq!(hall.len(), 1000);
    assert_eq!(Counter::most_in(seconds(1), &hall), 3);
    let mut writers: Vec<_> = hall.iter().map(|said| &said.text).collect();
    writers.sort();
    writers.dedup();
    assert_eq!(writers.len(), 1000, "each once");
}

#[tokio::test(start_paused = true)]
async fn two_processes_keep_to_the_limit_of_all_together() {
    let counter = Counter::default();
    let clock = Ticking::new();
    let store = Arc::new(MemoryStore::builder().clock(clock).build());
    let mut engines = Vec::new();
    for _ in 0..2 {
        let line = line("post", &counter).pace(Pace::NONE.overall(Rate::per_second(30)));
        let builder = Said::engine(Clerk).clock(clock).channel("post", line.clone());
        let engine = builder.store(Arc::clone(&store));
        line.share_pace(&engine);
        engine.worker().start();
        engines.push(engine);
    }
    tokio::task::yield_now().await;
    for visitor in 0..300 {
        address(&engines[visitor % 2], "post", &format!("visitor {visitor}"), "1").await;
    }
    sleep(seconds(30)).await;
    assert_all_arrived(&counter, 300, 1);
    let said = counter.said();
    assert!(Counter::most_in(seconds(1), &said) <= 31, "{}", Counter::most_in(seconds(1), &said));
    let took = said.last().expect("some").at - said[0].at;
    // Ten at best, and eleven to thirteen as it falls: what a process was given and did not use in time is nobody's.
    assert!(took < seconds(15), "what is there is used: {took:?}");
}

#[tokio::test(start_paused = true)]
async fn while_the_store_is_away_a_process_keeps_to_the_limit_alone() {
    let (counter, store) = (Counter::default(), Arc::<Fickle>::default());
    let line = line("post", &counter).pace(Pace::NONE.overall(Rate::per_second(30)));
    let engine = Said::engine(Clerk).channel("post", line.clone()).store(Arc::clone(&store));
    line.share_pace(&engine);
    line.send(&outgoing("Ana", "hi")).await.expect("sent");
    let asked = store.mood.asked();
    assert!(asked >= 2, "it was shared");
    for (number, is_stuck) in [(1, false), (2, true)] {
        // It gives no answer, or none at all.
        if is_stuck {
            store.mood.gets_stuck();
        } else {
            store.mood.goes_away();
        }
        sleep(seconds(60)).await;
        let began = Instant::now();
        for _ in 0..60 {
            line.send(&outgoing("Ana", "hi")).await.expect("sent");
        }
        assert!(began.elapsed() < seconds(4), "{:?}", began.elapsed());
        assert_eq!(counter.said().len(), 1 + 60 * number);
        store.mood.comes_back();
    }
    assert!(Counter::most_in(seconds(1), &counter.said()) <= 30);
    // And shares again once it is back.
    let asked = store.mood.asked();
    sleep(seconds(6)).await;
    line.send(&outgoing("Ana", "hi")).await.expect("sent");
    assert!(store.mood.asked() > asked);
    // Without an engine it goes on as well.
    drop(engine);
    sleep(seconds(6)).await;
    line.send(&outgoing("Ana", "hi")).await.expect("sent");
}

#[tokio::test(start_paused = true)]
async fn where_others_are_always_given_slots_first_a_process_waits_and_does_not_send_on_top_of_them() {
    let (counter, store) = (Counter::default(), Arc::<Fickle>::default());
    let line = line("post", &counter).pace(Pace::NONE.overall(Rate::per_second(30)));
    let engine = Said::engine(Clerk).channel("post", line.clone()).store(Arc::clone(&store));
    line.share_pace(&engine);
    store.mood.prefers_others();
    for _ in 0..10 {
        let (after, _) = waits(line.send(&outgoing("Ana", "hi")).await).expect("it is to wait");
        assert!((1..60).contains(&after) && counter.said().is_empty(), "{after}");
    }
    store.mood.comes_back();
    line.send(&outgoing("Ana", "hi")).await.expect("sent");
}

#[tokio::test(start_paused = true)]
async fn what_waits_is_done_with_it_long_before_a_delivery_of_this_engine_has_to_be() {
    let counter = Counter::default();
    let line = line("post", &counter).pace(Pace::NONE.chat(Rate::of(1, Duration::from_millis(300))));
    let deadlines = Deadlines::default().hook(Duration::from_millis(1500));
    let builder = Said::engine(Clerk).deadlines(deadlines).channel("post", line.clone());
    let _engine = {
        let engine = builder.store(MemoryStore::new());
        line.share_pace(&engine);
        engine
    };
    let (long, began) =
        (outgoing("Ana", &["Twelve words make a part of it, I believe."; 4].join("\n\n")), Instant::now());
    line.send(&long).await.expect_err("it is to wait in its record");
    assert!(began.elapsed() < Duration::from_millis(600), "{:?}", began.elapsed());
    assert_eq!(counter.said().len(), 2);
}

/// How long a channel of this rate takes for so many visitors, and one that is fast for a few beside it.
async fn taken_side_by_side(rate: u32, visitors: usize) -> (Duration, Duration) {
    let (slow, fast) = (Counter::default(), Counter::default());
    let clock = Ticking::new();
    let pace = Pace::NONE.overall(Rate::per_second(rate));
    let builder = Said::engine(Clerk).clock(clock).channel("slow", line("slow", &slow).pace(pace));
    let builder = builder.channel("fast", line("fast", &fast));
    let engine = builder.store(MemoryStore::builder().clock(clock).build());
    // All of it waits when the worker comes, and that of the slow one has waited for longer.
    for (channel, visitors) in [("slow", visitors), ("fast", 50)] {
        for visitor in 0..visitors {
            address(&engine, channel, &format!("visitor {visitor}"), "1").await;
        }
        sleep(seconds(1)).await;
    }
    let began = Instant::now();
    engine.worker().start();
    sleep(seconds(2)).await;
    // And what is said meanwhile is answered.
    for visitor in 50..60 {
        address(&engine, "fast", &format!("visitor {visitor}"), "1").await;
    }
    sleep(seconds(60)).await;
    assert_all_arrived(&fast, 60, 1);
    assert_all_arrived(&slow, visitors, 1);
    assert!(Counter::most_in(seconds(1), &slow.said()) <= rate as usize);
    let took = |counter: &Counter| counter.said().last().expect("some").at - began;
    (took(&slow), took(&fast))
}

#[tokio::test(start_paused = true)]
async fn a_channel_that_has_to_go_slowly_is_used_and_holds_up_no_other() {
    for (rate, visitors) in [(2, 40), (10, 300), (30, 900), (80, 1600), (200, 2000)] {
        let (slow, fast) = taken_side_by_side(rate, visitors).await;
        assert!(fast < seconds(5), "{rate} a second: {fast:?}");
        let ideal = f64::from(u32::try_from(visitors).expect("a few")) / f64::from(rate);
        assert!(slow.as_secs_f64() < 1.25 * ideal + 5.0, "{rate} a second: {slow:?} instead of {ideal}");
    }
}
