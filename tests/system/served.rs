//! A served bot under load that is killed at random meanwhile: what was accepted is handled once, and each reply is heard, under one id.
//!
//! The program is `benches/load`, which looks at every message and fails if that is not so; here a few kills and a tenth of the rate.

use flow_proving::RedisServer;

use crate::programs::{BUILT, example};

/// How often the server is killed; `FLOW_KILLS=50` for many.
fn kills() -> String {
    std::env::var("FLOW_KILLS").unwrap_or_else(|_| "4".to_owned())
}

/// Has fifty visitors talk for ten seconds, and gives what the program says of it.
fn survives(store: &str) {
    let arguments = ["--rate", "50", "--visitors", "50", "--seconds", "10", "--served-alone"];
    let output =
        example("load").args(["talk", "--store", store, "--kills", &kills()]).args(arguments).output().expect(BUILT);
    let told = String::from_utf8_lossy(&output.stdout);
    println!("{told}");
    assert!(output.status.success(), "{output:?}");
    assert!(told.contains("0 lost, 0 doubled, 0 replies unheard, 0 other faults"), "{told}");
    // Each life but the first was begun by a kill, and every visitor came back to its stream.
    assert!(!told.contains(" 0 streams begun again"), "{told}");
}

#[test]
fn a_served_bot_on_a_file_that_is_killed_under_load_loses_nothing_and_answers_everything() {
    let folder = tempfile::tempdir().expect("a folder");
    survives(&format!("sqlite:{}", folder.path().join("bot.db").display()));
}

#[test]
fn a_served_bot_on_redis_that_is_killed_under_load_loses_nothing_and_answers_everything() {
    survives(&RedisServer::with(&["--appendonly", "yes", "--appendfsync", "always"]).url());
}
