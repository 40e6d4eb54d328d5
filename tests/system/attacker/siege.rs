//! All of it at once: every attack goes at one deployment, and other visitors finish what they came for.

use std::{iter, time::Duration};

use chrono::TimeDelta;
use flow_core::{Deadlines, Engine, Expiry, Input, Limits, SessionId, engine::Backlog, store::Claim};
use futures_util::future::join_all;
use serde_json::json;
use tokio::{
    join,
    task::{JoinHandle, spawn_blocking},
    time::{Instant, sleep, timeout},
};

use super::{
    crowding::{floods, hangs, writes_to_nowhere},
    forging::spellings,
    ground::{FLOW, Ground, PATIENCE},
    outside::{NOWHERE, Outside, until},
    overdue::{DEADLINE, Far, hurries},
    shop::Shop,
    tampering::{WAYS, is_told},
    visitor::Visitor,
};
use crate::programs::Bot;

/// How many come who have done nothing.
const OTHERS: usize = 20;

/// How many turns a machine takes at once.
const PLACES: usize = 200;

/// How many of them were harmed.
#[derive(Debug, Default, PartialEq)]
struct Harm {
    /// They were refused, or never answered.
    turned_away: usize,
    /// They heard what was not meant for them, or were greeted as strangers.
    misheard: usize,
    not_rung_once: usize,
    not_mailed_once: usize,
    not_shipped_once: usize,
    /// They were told to have expired, though the idle time is five minutes.
    lapsed: usize,
}

/// Machines over one store: one whose clock is right, one ten minutes ahead, one ten minutes behind.
struct Deployment {
    ground: Ground,
    outside: Outside,
    machines: [Engine<Shop>; 3],
}

impl Deployment {
    fn over(ground: Ground) -> Self {
        let outside = Outside::default();
        let machines = [0, 10, -10].map(|minutes| {
            let expiry = Expiry::default().idle(Duration::from_secs(300));
            let shop = outside.shop_that_tells_expiries().expiry(expiry).backlog(Backlog::SetAside);
            let shop = shop.limits(Limits::default().turns_at_once(PLACES).undelivered(10));
            ground.engine_at(shop, TimeDelta::minutes(minutes))
        });
        Self { ground, outside, machines }
    }

    /// The machine that a visitor with this number comes to with this message.
    fn machine(&self, number: usize) -> &Engine<Shop> {
        &self.machines[number % self.machines.len()]
    }
}

/// Somebody comes, buys, hears the bell, and leaves; tells what went wrong.
async fn shops(deployment: &Deployment, number: usize, visitor: &Visitor) -> Harm {
    let (mut harm, name) = (Harm::default(), &visitor.name);
    let turns = [
        ("hi".to_owned(), "Who is it?".to_owned()),
        (name.clone(), format!("Good day, {name}. What may it be?")),
        (format!("mail the tea of {name}"), format!("{name}: mail the tea of {name}")),
        // Nobody takes this one, and what is shipped does not wait for it.
        (format!("mail {NOWHERE}"), format!("{name}: mail {NOWHERE}")),
        (format!("ship the cake of {name}"), format!("{name}: ship the cake of {name}")),
        ("ring 300".to_owned(), format!("{name}: ring 300")),
    ];
    for (turn, (said, expected)) in turns.into_iter().enumerate() {
        let machine = deployment.machine(number + turn);
        match timeout(PATIENCE, visitor.tries(machine, &said)).await {
            Ok(Ok(outcome)) => harm.misheard += usize::from(outcome.texts() != [expected]),
            _ => harm.turned_away += 1,
        }
    }
    until(|| !deployment.outside.rung(visitor.id).is_empty()).await;
    let farewell = timeout(PATIENCE, visitor.tries(deployment.machine(number), "bye")).await;
    let is_heard = farewell.is_ok_and(|said| said.is_ok_and(|said| said.texts() == [format!("Good bye, {name}.")]));
    harm.misheard += usize::from(!is_heard);
    harm
}

/// A visitor whose session is forgotten after each order.
async fn begins_again(deployment: &Deployment) {
    let (engine, visitor) = (deployment.machine(0), Visitor::named("Again"));
    for order in 0..3 {
        visitor.enters(engine).await;
        visitor.says(engine, format!("mail order {order}")).await;
        until(|| deployment.outside.sent_at(&format!("order {order}")).is_some()).await;
        engine.remove(visitor.id).await.expect("it is removed");
    }
}

/// A visitor whose message ids are spelt as those of the bell.
async fn forges(deployment: &Deployment) -> Visitor {
    let visitor = Visitor::entered("Forger", deployment.machine(1)).await;
    visitor.says(deployment.machine(2), "ring 1000").await;
    for (number, id) in spellings().enumerate() {
        drop(visitor.tries(deployment.machine(number), Input::text("hello").with_id(id)).await);
    }
    visitor
}

/// A hand in the bytes of a record, in eight ways.
async fn tampers(deployment: &Deployment) {
    if deployment.ground.has_bytes() {
        let mut ways = Vec::new();
        for (way, tampering) in WAYS {
            ways.push((
                way,
                is_told(&deployment.ground, [deployment.machine(0), deployment.machine(1)], tampering).await,
            ));
        }
        assert_eq!(ways, WAYS.map(|(way, _)| (way, "damage")), "{}", deployment.ground.name);
    }
}

/// A worker takes everything that is due, and is heard of no more.
async fn claims_and_dies(deployment: &Deployment) {
    sleep(Duration::from_millis(400)).await;
    let claim = Claim::new(FLOW, Duration::from_secs(1), 1_000);
    deployment.ground.store.due(claim).await.expect("a claim");
}

/// A visitor of a machine that is far from the store; tells how long a turn took there.
async fn is_far(deployment: &Deployment) -> Duration {
    let visitor = Visitor::entered("Far", deployment.machine(0)).await;
    let far = Far { store: deployment.ground.store.clone(), by: DEADLINE * 2 / 5 };
    let far = deployment.outside.shop().deadlines(Deadlines::default().store(DEADLINE).turn(DEADLINE)).store(far);
    let began = Instant::now();
    tokio::select! {
        _ = timeout(10 * DEADLINE, visitor.tries(&far, "mail from afar")) => began.elapsed(),
        () = hurries(deployment.machine(0), &visitor) => unreachable!("it has no end"),
    }
}

/// The bot, in a process that is killed in the middle of each talk; what it did not tell to be stored is delivered again.
async fn is_killed(store: Option<String>) {
    let Some(store) = store else { return };
    let talk = move || {
        let ids: Vec<_> = (0..5).map(|_| SessionId::random().to_string()).collect();
        let line = |id: &String, said: &str| json!({"session": id, "text": said, "id": said});
        let mut waiting = ids.clone();
        while !waiting.is_empty() {
            let mut bot = Bot::on(&store);
            let mut says = |said| bot.tell_all(&waiting.iter().map(|id| line(id, said)).collect::<Vec<_>>());
            says("hi");
            let answers = says("Book");
            bot.kill();
            let mut answers = answers.iter();
            waiting.retain(|_| answers.next().is_none_or(|answer| answer["durability"] != "stored"));
        }
        let mut bot = Bot::on(&store);
        for id in ids {
            let answer = iter::repeat_with(|| bot.tell(&line(&id, "Book"))).find(|answer| answer["error"].is_null());
            let answer = answer.expect("the store is there, if late");
            assert_eq!((&answer["state"], &answer["repeat"]), (&json!("BOOK_NAME"), &json!(true)), "{answer}");
        }
    };
    spawn_blocking(talk).await.expect("nothing that was told to be stored is lost");
}

async fn besiege(ground: Ground) {
    let (name, store) = (ground.name, ground.argument());
    let deployment = Deployment::over(ground);
    let outside = &deployment.outside;
    let workers = [0, 1].map(|number| deployment.machine(number).worker().lease(Duration::from_secs(1)).start());
    let flood = floods(deployment.machine(0), 2 * PLACES).await;
    let others = Visitor::several(OTHERS);
    let attacks = async {
        join!(
            hangs(deployment.machine(1), 40),
            writes_to_nowhere(deployment.machine(2), 30),
            begins_again(&deployment),
            forges(&deployment),
            tampers(&deployment),
            claims_and_dies(&deployment),
            is_far(&deployment),
            is_killed(store),
        )
    };
    let visits = join_all(others.iter().enumerate().map(|(number, visitor)| shops(&deployment, number, visitor)));
    let (attacks, visits) = join!(attacks, visits);
    let is_sent = |what: String| outside.sent_at(&what).is_some();
    let is_served = |name: &String| is_sent(format!("the tea of {name}")) && is_sent(format!("the cake of {name}"));
    until(|| others.iter().all(|visitor| is_served(&visitor.name))).await;
    let mut harm = Harm::default();
    let (mailed, shipped, expired) = (outside.mailed(), outside.shipped(), outside.expired());
    for (visitor, visit) in others.iter().zip(visits) {
        let is_once = |sent: &[String], what: &str| {
            sent.iter().filter(|sent| **sent == format!("the {what} of {}", visitor.name)).count() == 1
        };
        harm.turned_away += visit.turned_away;
        harm.misheard += visit.misheard;
        harm.not_rung_once += usize::from(outside.rung(visitor.id).len() != 1);
        harm.not_mailed_once += usize::from(!is_once(&mailed, "tea"));
        harm.not_shipped_once += usize::from(!is_once(&shipped, "cake"));
        harm.lapsed += usize::from(expired.contains(&visitor.id));
    }
    assert_eq!(harm, Harm::default(), "{name}: of {OTHERS} other visitors");
    let ((), refused, (), forger, (), (), longest, ()) = attacks;
    assert_eq!((refused, outside.dropped()), (0, Vec::new()), "{name}: letters to nowhere, and dropped orders");
    assert!((0..3).all(|order| mailed.contains(&format!("order {order}"))), "{name}: {mailed:?}");
    assert!(until(|| outside.rung(forger.id).len() == 1).await, "{name}: the forger's bell");
    assert!(longest < 2 * DEADLINE, "{name}: {longest:?} under a deadline of {DEADLINE:?}");
    drop(flood);
    workers.iter().for_each(JoinHandle::abort);
}

#[tokio::test]
async fn all_attacks_at_once_and_the_other_visitors_finish_what_they_came_for() {
    Ground::on_each(besiege).await;
}
