//! Visitors talk at a fixed rate, and things go wrong meanwhile.

use std::{
    collections::HashMap,
    process,
    sync::Arc,
    time::{Duration, Instant},
};

use fastrand::Rng;
use flow_testkit::stubs::Trip;
use tokio::{
    task::JoinSet,
    time::{sleep, sleep_until},
};

use crate::{
    Talk,
    account::Account,
    figures::Times,
    place::Place,
    processor::of_process,
    program::Program,
    stub::Stub,
    visitor::{Plan, Said, Visitor},
};

/// So many begin and end their conversations at once.
const AT_ONCE: usize = 64;

/// How long everything is left alone before it begins.
const REST: Duration = Duration::from_secs(1);

/// Has visitors talk, tells how it went, and ends the program if anything went wrong with a bot of ours.
pub async fn talk(talk: &Talk) {
    let (place, stub) = (Place::of(&talk.store), Stub::start(talk.platform).await);
    let mut program = Program::start(talk, &place.url, stub.variables());
    stub.is_told_of(&program).await;
    let visitors: Vec<_> = (0..talk.visitors).map(|number| Visitor::new(stub.visitor(number))).collect();
    let mut ears = JoinSet::new();
    for visitor in &visitors {
        ears.spawn(visitor.clone().listens());
    }
    at_once(&visitors, |visitor| async move { visitor.greets().await }).await;
    let begins = Instant::now() + REST;
    sleep_until(begins.into()).await;
    let (spent, own) = (program.spent(), of_process(process::id()));
    let said = course(talk, &visitors, begins, &mut program, &stub).await;
    let end = Instant::now();
    let (spent, own) = (program.spent().saturating_sub(spent), of_process(process::id()).saturating_sub(own));
    at_once(&visitors, |visitor| async move { visitor.asks_for_account().await }).await;
    // Without what was said before and after the talk.
    let trips: Vec<_> = stub.trips().into_iter().filter(|trip| (begins..end).contains(&trip.said())).collect();
    drop(program);
    ears.shutdown().await;
    tell(talk, &place, &said, &trips);
    println!(
        "  processors: bot {:.1} s, platform and visitors {:.1} s, of {:.1} s",
        spent.as_secs_f64(),
        own.as_secs_f64(),
        (end - begins).as_secs_f64()
    );
    let account = account(talk, &said, &trips);
    println!("  {account}");
    if talk.program.is_none() && !account.is_right() {
        println!("  WRONG: {:?}", account.strange.iter().take(10).collect::<Vec<_>>());
        process::exit(1);
    }
}

/// Has all of them talk while things happen, until everything is answered, as far as it comes.
async fn course(
    talk: &Talk,
    visitors: &[Visitor],
    begins: Instant,
    program: &mut Program,
    stub: &Stub,
) -> Vec<(Visitor, Said)> {
    let (mut random, moments) = (Rng::with_seed(talk.seed), moments(talk));
    let mut talks = JoinSet::new();
    for visitor in visitors {
        // Each begins at a moment of its own, so that messages come as they come, and not in step.
        let begins = begins + each(talk).mul_f64(random.f64());
        let (visitor, plan) = (visitor.clone(), Plan { begins, moments: Arc::clone(&moments) });
        talks.spawn(async move { (visitor.clone(), visitor.talks(plan).await) });
    }
    for (moment, what) in events(talk, &mut random) {
        sleep_until((begins + moment).into()).await;
        match what {
            Event::Kill => program.is_killed(),
            Event::Restart => program.is_restarted().await,
            Event::Fault => talk.fault.expect("there is one").begins(stub.faults(), talk.much),
        }
    }
    let said = talks.join_all().await;
    wait_for(&said, Duration::from_secs(talk.patience)).await;
    said
}

/// What became of everything that was said.
fn account(talk: &Talk, said: &[(Visitor, Said)], trips: &[Trip]) -> Account {
    let mut ways = HashMap::<_, Vec<_>>::new();
    // By polling nothing is delivered, and a bot has what it has asked for.
    for trip in trips.iter().filter(|_| !talk.polling) {
        ways.entry(trip.chat()).or_default().push(trip);
    }
    let mut account = Account::default();
    for (visitor, said) in said {
        let trips = ways.get(visitor.chat()).map_or(&[][..], Vec::as_slice);
        account.add(said, &visitor.ear.heard(), trips);
    }
    account
}

/// After how long each does something again.
fn each(talk: &Talk) -> Duration {
    Duration::from_secs(1) * talk.visitors / talk.rate
}

/// When each does something, from its beginning on.
fn moments(talk: &Talk) -> Arc<[Duration]> {
    let (each, count) = (each(talk), talk.seconds * talk.rate / talk.visitors);
    // Of four, three at once and one later: what is pressed.
    let moment = |number: u32| match number % 4 {
        place @ 0..3 if talk.burst => each * (number - place),
        _ => each * number,
    };
    (0..count).map(moment).collect()
}

/// What happens meanwhile.
enum Event {
    Kill,
    Restart,
    Fault,
}

fn events(talk: &Talk, random: &mut Rng) -> Vec<(Duration, Event)> {
    let whole = Duration::from_secs(talk.seconds.into());
    let mut events = Vec::new();
    events.extend((0..talk.kills).map(|_| (whole.mul_f64(random.f64()), Event::Kill)));
    events.extend((0..talk.restarts).map(|_| (whole.mul_f64(random.f64()), Event::Restart)));
    events.extend(talk.fault.map(|_| (whole / 4, Event::Fault)));
    events.sort_by_key(|(moment, _)| *moment);
    events
}

/// Has every visitor do this, some of them at once.
async fn at_once<D: Future<Output = ()> + Send + 'static>(visitors: &[Visitor], does: impl Fn(Visitor) -> D) {
    for some in visitors.chunks(AT_ONCE) {
        some.iter().cloned().map(&does).collect::<JoinSet<_>>().join_all().await;
    }
}

/// Waits until everything is answered, as far as it comes.
async fn wait_for(said: &[(Visitor, Said)], patience: Duration) {
    let began = Instant::now();
    let is_whole = |(visitor, said): &(Visitor, Said)| visitor.ear.heard().at.len() >= said.len();
    while !said.iter().all(is_whole) && began.elapsed() < patience {
        sleep(Duration::from_millis(50)).await;
    }
}

fn tell(talk: &Talk, place: &Place, said: &[(Visitor, Said)], trips: &[Trip]) {
    let mut replies = Vec::new();
    for (visitor, said) in said {
        let heard = visitor.ear.heard();
        replies.extend(said.iter().filter_map(|(token, due)| Some(heard.at.get(token)?.duration_since(*due))));
    }
    let (replies, count) = (Times::of(replies), said.iter().map(|(_, said)| said.len()).sum::<usize>());
    let program = talk.program.as_deref().unwrap_or("ours");
    let way = if talk.polling { "by polling" } else { "by webhook" };
    let careful = if talk.careful { ", careful" } else { "" };
    let thinking = if talk.thinking > 0 { format!(", thinking for {} ms", talk.thinking) } else { String::new() };
    println!(
        "{program}{careful}{thinking} on {:?} {way}, {}: {} messages a second for {} s of {} visitors{}, killed {} times, restarted {} (seed {}){}:",
        talk.platform,
        place.name,
        talk.rate,
        talk.seconds,
        talk.visitors,
        if talk.burst { " in bursts of three" } else { "" },
        talk.kills,
        talk.restarts,
        talk.seed,
        talk.fault.map(|fault| format!(", {fault:?} {}", talk.much)).unwrap_or_default(),
    );
    println!(
        "  until its reply was in the chat: {replies}; {} of {count} after more than 1 s",
        replies.over_a_second()
    );
    if !talk.polling {
        let answers = Times::of(trips.iter().filter_map(Trip::answered_in));
        let accepted = trips.iter().filter(|trip| trip.taken().is_some()).count();
        let late = answers.over_a_second();
        println!(
            "  from its first delivery until it was acknowledged: {answers}; {late} after more than 1 s, {accepted} accepted"
        );
    }
}
