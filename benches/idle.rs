//! What ten idle workers ask of a Redis: requests, bytes and processor time a second.

use std::{fs, sync::Arc, time::Duration};

use chrono::{TimeDelta, Utc};
use flow_core::{
    Flow, Record, SessionId, Stamp, Step, Store, Turn,
    store::{Commit, Expect},
};
use flow_redis::RedisStore;
use flow_servers::RedisServer;
use serde::{Deserialize, Serialize};
use tokio::time::sleep;

#[derive(Flow, Clone, Debug, Serialize, Deserialize)]
enum Quiet {
    #[state(start, silent, to(Over))]
    Begin,
    #[state(end)]
    Over,
}

struct Nobody;

impl quiet::QuietHandler for Nobody {
    async fn begin(&self, _: quiet::Begin, turn: Turn<'_, quiet::Begin>) -> Step<quiet::Begin> {
        turn.to(quiet::Over)
    }
}

const WORKERS: u32 = 10;
const SECONDS: u32 = 10;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let server = RedisServer::start();
    for waiting in [0, 100_000] {
        let store = Arc::new(RedisStore::connect(&server.url()).await?);
        for _ in 0..waiting {
            store.commit(sleeping()).await?;
        }
        let mut engines = Vec::new();
        for _ in 0..WORKERS {
            let engine = Quiet::engine(Nobody).store(RedisStore::connect(&server.url()).await?);
            engine.worker().start();
            engines.push(engine);
        }
        sleep(Duration::from_secs(3)).await;
        let before = Load::now(&server);
        sleep(Duration::from_secs(SECONDS.into())).await;
        println!("{WORKERS} idle workers, {waiting} sessions that wait: {}", Load::now(&server).since(&before));
        for engine in engines {
            engine.shutdown(Duration::from_secs(5)).await;
        }
    }
    Ok(())
}

/// A session that wants to be looked at tomorrow.
fn sleeping() -> Commit {
    let record = Record::compose(Stamp::first(), br#","flow":"quiet"}"#);
    let wake_at = Some(Utc::now() + TimeDelta::days(1));
    Commit { id: SessionId::random(), expect: Expect::Absent, record, time_to_live: None, wake_at }
}

/// What was used up to now.
struct Load {
    commands: f64,
    bytes: f64,
    server: f64,
    client: f64,
}

impl Load {
    fn now(server: &RedisServer) -> Self {
        let told = server.ask(&["INFO", "everything"]);
        let figure = |name: &str| -> f64 {
            let line = told.lines().find_map(|line| line.trim().strip_prefix(name)?.strip_prefix(':'));
            line.and_then(|figure| figure.parse().ok()).unwrap_or_default()
        };
        Self {
            commands: figure("total_commands_processed"),
            bytes: figure("total_net_input_bytes") + figure("total_net_output_bytes"),
            server: figure("used_cpu_user") + figure("used_cpu_sys"),
            client: own_seconds(),
        }
    }

    fn since(&self, before: &Self) -> String {
        let each = |now: f64, before: f64| (now - before) / f64::from(SECONDS);
        format!(
            "{:.0} commands, {:.1} kB, server {:.2} %, workers {:.2} % of a processor, each second",
            each(self.commands, before.commands),
            each(self.bytes, before.bytes) / 1e3,
            100.0 * each(self.server, before.server),
            100.0 * each(self.client, before.client),
        )
    }
}

/// The processor time of this process, in ticks of a hundredth of a second.
fn own_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let ticks = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2);
    ticks.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}
