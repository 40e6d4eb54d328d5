//! A bot whose servers are killed again and again, started again, replaced by others whose clocks differ, and moved from one to
//! another, while its visitors go on: what was accepted is neither lost nor handled twice, and every reply is sent, in order.

use std::{
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    thread,
    time::{Duration, Instant},
};

use flow_proving::{Cluster, PostgresServer, RedisServer, Sentinels};

use crate::mailroom::{Bot, Visitors};

/// How many times a server is killed; `FLOW_DEATHS=100` for many.
fn deaths(usual: usize) -> usize {
    std::env::var("FLOW_DEATHS").ok().and_then(|deaths| deaths.parse().ok()).unwrap_or(usual)
}

/// So many messages are accepted before something is done to a server again, so that there is something to lose.
const PEACE: u64 = 25;

/// Has visitors talk with a bot while something is done to its servers; once that is over, all is brought to its end.
fn goes_on_while(store: &str, what: impl FnOnce(&Talk) + Send) {
    let (folder, began) = (tempfile::tempdir().expect("a folder"), Instant::now());
    let (mut bot, mut visitors) = (Bot::start(store, folder.path(), 0, 0), Visitors::new());
    let (talk, is_over) = (Talk::default(), AtomicBool::new(false));
    thread::scope(|scope| {
        let doing = scope.spawn(|| {
            // Whatever becomes of it, the visitors come to an end.
            let _over = Over(&is_over);
            what(&talk);
        });
        visitors.talk(&mut bot, |accepted| {
            talk.accepted.fetch_add(u64::from(accepted > 0), Ordering::SeqCst);
            !is_over.load(Ordering::SeqCst)
        });
        // Its own words, rather than those of what comes of it.
        doing.join().expect("something is done to the servers");
    });
    let told = visitors.were_all_heard_and_answered(bot, folder.path());
    println!("{told}, in {:?}", began.elapsed());
}

/// How the talk goes on.
#[derive(Default)]
struct Talk {
    accepted: AtomicU64,
}

impl Talk {
    /// Waits until some more messages were accepted.
    fn goes_on(&self) {
        let before = self.accepted.load(Ordering::SeqCst);
        waits_until("messages are accepted", || self.accepted.load(Ordering::SeqCst) >= before + PEACE);
    }
}

/// Says that it is over when it is dropped.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

#[test]
fn redis_is_killed_again_and_again_and_nothing_that_was_accepted_is_lost() {
    let mut server = RedisServer::with(&["--appendonly", "yes", "--appendfsync", "always"]);
    goes_on_while(&server.url(), |talk| {
        for _ in 0..deaths(12) {
            talk.goes_on();
            server.kill();
            server.start_again();
        }
    });
}

#[test]
fn postgres_is_killed_again_and_again_and_nothing_that_was_accepted_is_lost() {
    let mut server = PostgresServer::start();
    goes_on_while(&server.url("postgres"), |talk| {
        // It takes its time to recover, and its clients theirs to come back.
        for _ in 0..deaths(3) {
            talk.goes_on();
            server.kill();
            server.start_again();
        }
    });
}

fn waits_until(what: &str, holds: impl Fn() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < Duration::from_secs(60), "it does not come to it that {what}");
        thread::sleep(Duration::from_millis(20));
    }
}

fn is_master(server: &RedisServer) -> bool {
    server.ask(&["ROLE"]).starts_with("master")
}

fn follows(server: &RedisServer) -> bool {
    server.ask(&["INFO", "replication"]).contains("master_link_status:up")
}

/// Its master is killed, and its replica, whose clock is ahead by so many minutes, takes its place; the master comes back as the
/// replica of that.
fn survives_a_failover(minutes: i64) {
    let mut sentinels = Sentinels::with_a_replica_ahead_by(minutes * 60, "secret", "watchword");
    waits_until("the replica has what the master has", || follows(&sentinels.servers[1]));
    let url = sentinels.url().replace("://", "://:secret@");
    goes_on_while(&format!("{url}?sentinel_password=watchword"), |talk| {
        talk.goes_on();
        sentinels.servers[0].kill();
        waits_until("the replica takes its place", || is_master(&sentinels.servers[1]));
        sentinels.servers[0].start_again();
        // The sentinels would tell it so as well, some seconds later.
        let port = sentinels.servers[1].port().to_string();
        sentinels.servers[0].ask(&["REPLICAOF", "127.0.0.1", &port]);
        waits_until("the old master follows", || follows(&sentinels.servers[0]));
        talk.goes_on();
        // What a clock that is behind has made late comes when it is set right. Either may be the master by now: on a busy machine the
        // sentinels take one that is slow for one that is gone.
        for server in &sentinels.servers {
            server.set_ahead_by(minutes.max(0) * 60);
        }
    });
}

#[test]
fn sentinels_replace_a_master_by_one_whose_clock_is_ten_minutes_ahead() {
    survives_a_failover(10);
}

#[test]
fn sentinels_replace_a_master_by_one_whose_clock_is_ten_minutes_behind() {
    survives_a_failover(-10);
}

/// Slots are moved from master to master, and masters are killed, whose replicas take their places; at last something is done.
fn is_moved_and_killed(cluster: &mut Cluster, at_last: impl Fn(&Cluster) + Sync) {
    goes_on_while(&cluster.url(), |talk| {
        cluster.move_slots(2, 0, 1_500);
        cluster.move_slots(0, 1, 1_500);
        for master in (0..3).take(deaths(1)) {
            talk.goes_on();
            cluster.nodes[master].kill();
            let masters = || (0..6).filter(|node| *node != master && is_master(&cluster.nodes[*node])).count();
            waits_until("a replica takes its place", || masters() == 3);
            cluster.nodes[master].start_again();
            waits_until("the old master follows", || follows(&cluster.nodes[master]));
        }
        talk.goes_on();
        at_last(cluster);
    });
}

#[test]
fn a_cluster_moves_its_slots_and_loses_a_master() {
    is_moved_and_killed(&mut Cluster::start(), |_| {});
}

/// What is due by one clock of the cluster is not by another, and yet nothing waits for that one.
#[test]
fn a_cluster_whose_clocks_are_twenty_minutes_apart_moves_its_slots_and_loses_a_master() {
    const MINUTES: i64 = 60;
    // Each slot comes to a clock that is further ahead: by one that is behind everything is late, as it must be.
    let mut cluster = Cluster::ahead_by([0, 10, -10, 20, 20, 20].map(|minutes| minutes * MINUTES));
    // A machine so busy that one of those from before is made a master once more would have all of it wait for that clock.
    is_moved_and_killed(&mut cluster, |cluster| cluster.nodes.iter().for_each(|node| node.set_ahead_by(20 * MINUTES)));
}
