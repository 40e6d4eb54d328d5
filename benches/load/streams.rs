//! Many open streams while nobody talks: what each takes, what they ask of the store, and what another process says then.

use std::{fs, time::Duration};

use flow_core::{Address, Input};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep, timeout},
};

use crate::{
    bot,
    place::Place,
    server::{Says, Server},
    visitor::Visitor,
};

/// So many are opened at once.
const AT_ONCE: usize = 200;

/// How long nobody talks.
const SILENCE: Duration = Duration::from_secs(20);

/// To how many of them something is said then.
const SPOKEN_TO: usize = 100;

/// Opens so many streams, each of a session of its own, and tells what they take.
pub async fn open(place: &Place, count: usize) {
    let server = Server::start(&place.url, Says::Nothing).await;
    let (bare, began) = (server.memory(), Instant::now());
    let visitors: Vec<_> =
        (0..count).map(|number| Visitor::new(server.address, u32::try_from(number).expect("not so many"))).collect();
    let mut streams = JoinSet::new();
    for some in visitors.chunks(AT_ONCE) {
        for visitor in some {
            streams.spawn(visitor.clone().listens());
        }
        while !some.iter().all(|visitor| visitor.ear.heard().is_ready) {
            assert!(
                began.elapsed() < Duration::from_secs(300),
                "{}",
                fs::read_to_string("/proc/self/limits").unwrap_or_default()
            );
            sleep(Duration::from_millis(5)).await;
        }
    }
    let opened = began.elapsed();
    // What was done for the opening has its end.
    sleep(Duration::from_secs(2)).await;
    let (laden, spent) = (server.memory(), server.spent());
    sleep(SILENCE).await;
    let spent = server.spent().saturating_sub(spent);
    println!("{}, {count} open streams, opened in {:.1} s:", place.name, opened.as_secs_f64());
    println!(
        "  memory: {bare} kB without them, {laden} kB with them: {} bytes each",
        (laden - bare) * 1_024 / count as u64
    );
    println!("  nobody talks for {} s: the server had a processor for {:.2} s", SILENCE.as_secs(), spent.as_secs_f64());
    speak(place, &visitors).await;
    let all = visitors.iter().map(|visitor| visitor.ear.heard().streams).sum::<usize>();
    println!("  {} streams were begun again", all - count);
}

/// Says something to some of them from this process, as another process of the bot would.
async fn speak(place: &Place, visitors: &[Visitor]) {
    let engine = bot::engine(place.store().await, None);
    let step = (visitors.len() / SPOKEN_TO).max(1);
    let mut times = Vec::new();
    for visitor in visitors.iter().step_by(step) {
        let message = |text| Input::text(text).with_address(Address::new(bot::CHANNEL, visitor.id.to_string()));
        engine.accept(visitor.id, message("hello")).await.expect("it is accepted");
        let began = Instant::now();
        engine.accept(visitor.id, message("1")).await.expect("it is accepted");
        let heard = timeout(Duration::from_secs(60), async {
            while !visitor.ear.heard().at.contains_key(&1) {
                sleep(Duration::from_millis(1)).await;
            }
        });
        heard.await.expect("it is heard");
        times.push(began.elapsed());
    }
    let strays = visitors.iter().filter(|visitor| !visitor.ear.heard().at.is_empty()).count() - times.len();
    println!(
        "  said by another process to {}: {}; {strays} heard what was not for them",
        times.len(),
        crate::figures::Times::of(times)
    );
}
