//! A bot whose servers are killed again and again, started again, replaced by others whose clocks differ, and moved from one to
//! another, while its visitors go on: what was accepted is neither lost nor handled twice, and every reply is sent, in order.

use std::{
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use flow_proving::{Cluster, PostgresServer, RedisServer, Sentinels};

use crate::mailroom::{Bot, Visitors};

/// How many times a server is killed; `FLOW_DEATHS=100` for many.
fn deaths(usual: usize) -> usize {
    std::env::var("FLOW_DEATHS").ok().and_then(|deaths| deaths.parse().ok()).unwrap_or(usual)
}

/// How long a server is left alone, so that there is something to lose.
const PEACE: Duration = Duration::from_millis(150);

/// Has visitors talk with a bot while something is done to its servers; once that is over, all is brought to its end.
fn goes_on_while(store: &str, what: impl FnOnce() + Send) -> String {
    let (folder, began) = (tempfile::tempdir().expect("a folder"), Instant::now());
    let told = survives(store, folder.path(), what);
    let told = format!("{told}, in {:?}", began.elapsed());
    println!("{told}");
    told
}

fn survives(store: &str, folder: &Path, what: impl FnOnce() + Send) -> String {
    let (mut bot, mut visitors, is_over) = (Bot::start(store, folder, 0, 0), Visitors::new(), AtomicBool::new(false));
    thread::scope(|scope| {
        scope.spawn(|| {
            // Whatever becomes of it, the visitors come to an end.
            let _over = Over(&is_over);
            what();
        });
        visitors.talk(&mut bot, |_| !is_over.load(Ordering::SeqCst));
    });
    visitors.were_all_heard_and_answered(bot, folder)
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
    goes_on_while(&server.url(), || {
        for _ in 0..deaths(12) {
            thread::sleep(PEACE);
            server.kill();
            server.start_again();
        }
    });
}

#[test]
fn postgres_is_killed_again_and_again_and_nothing_that_was_accepted_is_lost() {
    let mut server = PostgresServer::start();
    goes_on_while(&server.url("postgres"), || {
        for _ in 0..deaths(12) {
            thread::sleep(PEACE);
            server.kill();
            server.start_again();
        }
    });
}

/// A failover, in which the server that was killed comes back as a replica of the other.
fn fails_over(sentinels: &mut Sentinels, from: usize) {
    let to = 1 - from;
    sentinels.servers[from].kill();
    waits_until(|| sentinels.servers[to].ask(&["ROLE"]).starts_with("master"));
    sentinels.servers[from].start_again();
    // The sentinels would tell it so as well, some seconds later.
    let port = sentinels.servers[to].port().to_string();
    sentinels.servers[from].ask(&["REPLICAOF", "127.0.0.1", &port]);
    waits_until(|| sentinels.servers[from].ask(&["INFO", "replication"]).contains("master_link_status:up"));
}

fn waits_until(holds: impl Fn() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < Duration::from_secs(60), "the servers do not come to it");
        thread::sleep(Duration::from_millis(20));
    }
}

/// Its master is killed again and again, and each time the clock that counts jumps by so much, or back.
fn survives_failovers(minutes: i64) {
    let mut sentinels = Sentinels::with_a_replica_ahead_by(minutes * 60, "secret", "watchword");
    let url = sentinels.url().replace("://", "://:secret@");
    goes_on_while(&format!("{url}?sentinel_password=watchword"), || {
        for death in 0..deaths(3) {
            thread::sleep(PEACE * 3);
            fails_over(&mut sentinels, death % 2);
        }
        // What a clock that is behind has made late comes when it is set right.
        for server in &sentinels.servers {
            server.set_ahead_by(10 * 60);
        }
    });
}

#[test]
fn sentinels_replace_a_master_by_one_that_is_ten_minutes_ahead_and_back() {
    survives_failovers(10);
}

#[test]
fn sentinels_replace_a_master_by_one_that_is_ten_minutes_behind_and_back() {
    survives_failovers(-10);
}

#[test]
fn a_cluster_moves_its_slots_and_loses_a_master_while_its_clocks_are_apart() {
    let mut cluster = Cluster::ahead_by([0, 600, -600, 600, -600, 0]);
    goes_on_while(&cluster.url(), || {
        cluster.move_slots(0, 1, 1_500);
        cluster.move_slots(1, 2, 1_500);
        for master in (0..3).cycle().take(deaths(2)) {
            thread::sleep(PEACE * 3);
            let is_master = |node: &RedisServer| node.ask(&["ROLE"]).starts_with("master");
            // Where it is a replica by now, another is in its place already.
            if is_master(&cluster.nodes[master]) {
                cluster.nodes[master].kill();
                waits_until(|| (0..6).filter(|node| *node != master && is_master(&cluster.nodes[*node])).count() == 3);
                cluster.nodes[master].start_again();
            }
            waits_until(|| cluster.nodes[master].ask(&["INFO", "replication"]).contains("master_link_status:up"));
        }
        for node in &cluster.nodes {
            node.set_ahead_by(600);
        }
    });
}
