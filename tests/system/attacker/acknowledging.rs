//! Promise 3, a false acknowledgement: what a platform was told to be safe outlives a process that is killed.

use std::collections::BTreeSet;

use flow_core::SessionId;
use flow_proving::RedisServer;
use serde_json::{Value, json};

use crate::programs::Bot;

const VISITORS: usize = 40;

/// A platform acknowledges nothing that is told to be only in memory, or not to be there at all.
fn is_safe(answer: &Value) -> bool {
    ["inMemory", "degraded", "failed"].iter().all(|doubt| answer[doubt] == false)
}

/// The platform delivers what it has no acknowledgement for, and gives those whose message is safe now.
fn deliver<'v>(bot: &mut Bot, visitors: &[&'v String]) -> BTreeSet<&'v String> {
    let line = |id: &&String| json!({"session": id, "text": "Book", "id": format!("wamid.{id}")});
    let answers = bot.tell_all(&visitors.iter().map(line).collect::<Vec<_>>());
    visitors.iter().zip(answers).filter(|(_, answer)| is_safe(answer)).map(|(id, _)| *id).collect()
}

#[test]
fn a_repeat_that_is_only_in_memory_is_not_acknowledged_and_outlives_kill_9() {
    let mut server = RedisServer::with(&["--appendonly", "yes", "--appendfsync", "always"]);
    let store = server.url();
    let mut bot = Bot::with(&["--store", &store, "--outage", "memory"]);
    let visitors: Vec<_> = (0..VISITORS).map(|_| SessionId::random().to_string()).collect();
    bot.tell_all(&visitors.iter().map(|id| json!({"session": id, "text": "hi"})).collect::<Vec<_>>());
    server.kill();
    let mut waiting: Vec<_> = visitors.iter().collect();
    for _ in 0..3 {
        let safe = deliver(&mut bot, &waiting);
        waiting.retain(|id| !safe.contains(id));
    }
    bot.kill();
    server.start_again();
    let mut bot = Bot::on(&store);
    let safe = deliver(&mut bot, &waiting);
    assert_eq!(safe.len(), waiting.len(), "the store is back, and has taken all that was not acknowledged");
    let answers = bot.tell_all(&visitors.iter().map(|id| json!({"session": id, "text": "Ana"})).collect::<Vec<_>>());
    let lost = answers.iter().filter(|answer| answer["state"] != "BOOK_EMAIL").count();
    assert_eq!(lost, 0, "of {VISITORS} visitors so many were acknowledged a message that is lost");
}
