//! Visitors talk at a fixed rate, and the server may be killed meanwhile.

use std::{collections::BTreeMap, process, time::Duration};

use fastrand::Rng;
use tokio::{
    task::JoinSet,
    time::{Instant, sleep, sleep_until},
};

use crate::{
    Talk,
    account::{self, Account},
    bare,
    figures::Times,
    place::Place,
    processor,
    server::{Says, Server},
    visitor::{Plan, Said, Visitor},
};

/// So many open their conversations at once.
const AT_ONCE: usize = 64;

/// How long everything is left alone before it begins.
const REST: Duration = Duration::from_secs(1);

/// Has visitors talk, tells how it went, and ends the program if anything went wrong.
pub async fn talk(place: &Place, talk: &Talk) {
    let plan = Schedule::of(talk);
    let mut server = Server::start(&place.url, if talk.log { Says::Warnings } else { Says::Nothing }).await;
    let visitors: Vec<_> = (0..talk.visitors).map(|number| Visitor::new(server.address, number)).collect();
    let mut streams = JoinSet::new();
    for visitor in &visitors {
        streams.spawn(visitor.clone().listens());
    }
    greet(&visitors).await;
    let (mut random, begins) = (Rng::with_seed(talk.seed), Instant::now() + REST);
    sleep_until(begins).await;
    let (spent, own) = (server.spent(), processor::of_process(process::id()));
    let mut talks = JoinSet::new();
    for visitor in &visitors {
        // Each begins at a moment of its own, so that messages come as they come, and not in step.
        let begins = begins + plan.each.mul_f64(random.f64());
        let (visitor, plan) = (visitor.clone(), Plan { begins, each: plan.each, count: plan.count });
        talks.spawn(async move { (visitor.clone(), visitor.talks(plan).await) });
    }
    for moment in plan.kills(talk.kills, &mut random) {
        sleep_until(begins + moment).await;
        server.is_killed();
    }
    let said = talks.join_all().await;
    account::wait_for(&visitors, plan.count).await;
    let took = begins.elapsed();
    let (spent, own) = (server.spent().saturating_sub(spent), processor::of_process(process::id()).saturating_sub(own));
    streams.shutdown().await;
    println!(
        "{}, {} messages a second for {} s of {} visitors, killed {} times (seed {}):",
        place.name, talk.rate, talk.seconds, talk.visitors, talk.kills, talk.seed
    );
    tell(&said);
    println!(
        "  processors: server {:.1} s, visitors {:.1} s, of {:.1} s",
        spent.as_secs_f64(),
        own.as_secs_f64(),
        took.as_secs_f64()
    );
    let account = Account::of(&visitors, plan.count, &place.store().await).await;
    drop(server);
    println!("  {account}");
    if !account.is_right() {
        println!("  WRONG: {:?}", account.wrong);
        process::exit(1);
    }
    if !talk.served_alone {
        let times = bare::ask(&place.store().await, talk, account.bytes).await;
        println!("  the bare store, a load and a commit of {} bytes: {times}", account.bytes);
    }
}

/// How much each visitor says.
pub struct Schedule {
    /// After how long each says something again.
    pub each: Duration,
    pub count: u32,
}

impl Schedule {
    pub fn of(talk: &Talk) -> Self {
        let each = Duration::from_secs(1) * talk.visitors / talk.rate;
        Self { each, count: talk.seconds * talk.rate / talk.visitors }
    }

    /// When the server is killed, from the beginning on.
    fn kills(&self, kills: usize, random: &mut Rng) -> Vec<Duration> {
        let whole = self.each * self.count;
        let mut kills: Vec<_> = (0..kills).map(|_| whole.mul_f64(random.f64())).collect();
        kills.sort_unstable();
        kills
    }
}

/// Has every visitor open its conversation, and wait until its stream is there.
async fn greet(visitors: &[Visitor]) {
    for some in visitors.chunks(AT_ONCE) {
        let mut greetings = JoinSet::new();
        for visitor in some {
            let visitor = visitor.clone();
            greetings.spawn(async move { visitor.greets().await });
        }
        greetings.join_all().await;
    }
    while !visitors.iter().all(|visitor| visitor.ear.heard().is_ready) {
        sleep(Duration::from_millis(20)).await;
    }
}

fn tell(said: &[(Visitor, Said)]) {
    let mut replies = Vec::new();
    for (visitor, said) in said {
        let heard = visitor.ear.heard();
        let heard =
            said.due.iter().zip(1..).filter_map(|(due, number)| Some(heard.at.get(&number)?.duration_since(*due)));
        replies.extend(heard);
    }
    let replies = Times::of(replies);
    let acknowledged = Times::of(said.iter().flat_map(|(_, said)| said.acknowledged.iter().copied()));
    let mut again = BTreeMap::<&str, usize>::new();
    for (why, count) in said.iter().flat_map(|(_, said)| &said.again) {
        *again.entry(why).or_default() += count;
    }
    let count: usize = said.iter().map(|(_, said)| said.due.len()).sum();
    let waiting: usize = said.iter().map(|(_, said)| said.waiting).sum();
    println!(
        "  until its reply was at the browser: {replies}; {} of {count} after more than 1 s",
        replies.over_a_second()
    );
    println!(
        "  until it was acknowledged:          {acknowledged}; {waiting} before they were handled, sent again: {again:?}"
    );
}
