//! A bot that kills itself at each of the points between accepting a message and striking off its reply: nothing that was accepted
//! is lost or taken twice, and every reply is sent, in order, under its key, to its address.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    fs,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, Stdio},
    sync::mpsc::{self, Receiver},
    thread,
    time::{Duration, Instant},
};

use flow_core::SessionId;
use flow_proving::{PostgresServer, RedisServer};
use serde_json::{Value, json};

use crate::programs::example;

/// Where it may die.
const POINTS: [&str; 10] = [
    "before a post",
    "behind a post",
    "before a commit that takes letters",
    "behind a commit that takes letters",
    "before a commit",
    "behind a commit",
    "in a handler",
    "before a reply is sent",
    "behind a reply that is sent",
    "behind a look that found something",
];

/// How many deaths there are; `FLOW_DEATHS=100` for many.
fn deaths() -> usize {
    std::env::var("FLOW_DEATHS").ok().and_then(|deaths| deaths.parse().ok()).unwrap_or(12)
}

/// How many visitors talk at a time, each waiting until a message is accepted before the next.
const VISITORS: usize = 8;

/// A running bot.
struct Bot {
    child: Child,
    answers: Receiver<Value>,
}

impl Bot {
    fn start(store: &str, folder: &Path, seed: usize, one_in: u64) -> Self {
        let mut child = example("mailroom")
            .args([store, folder.to_str().expect("a path"), &seed.to_string(), &one_in.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("cargo builds it with the tests");
        let lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let (sender, answers) = mpsc::channel();
        thread::spawn(move || {
            // The last line of one that is killed may have been cut.
            for line in lines.map_while(Result::ok).filter_map(|line| serde_json::from_str(&line).ok()) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Self { child, answers }
    }

    /// Tells it a line, and whether it still listens.
    fn tell(&mut self, line: &Value) -> bool {
        let stdin = self.child.stdin.as_mut().expect("a pipe");
        writeln!(stdin, "{line}").and_then(|()| stdin.flush()).is_ok()
    }
}

impl Drop for Bot {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What each visitor has said so far.
struct Visitors {
    sessions: Vec<SessionId>,
    /// How many messages of each were accepted.
    accepted: HashMap<SessionId, u64>,
    waited: usize,
}

impl Visitors {
    fn new() -> Self {
        let sessions: Vec<_> = (0..VISITORS).map(|_| SessionId::random()).collect();
        let accepted = sessions.iter().map(|session| (*session, 0)).collect();
        Self { sessions, accepted, waited: 0 }
    }

    fn next_of(&self, session: SessionId) -> Value {
        let number = self.accepted[&session];
        json!({"session": session, "id": format!("message {number}"), "text": number.to_string()})
    }

    /// Goes on talking with a bot until it dies, or until each has had so many messages accepted.
    fn talk(&mut self, bot: &mut Bot, up_to: Option<u64>) {
        for session in self.sessions.clone() {
            if !bot.tell(&self.next_of(session)) {
                return;
            }
        }
        let is_done =
            |visitors: &Self| up_to.is_some_and(|most| visitors.accepted.values().all(|count| *count >= most));
        while !is_done(self) {
            let Ok(answer) = bot.answers.recv_timeout(Duration::from_secs(60)) else { return };
            let Some(session) = answer["session"].as_str().and_then(|id| id.parse::<SessionId>().ok()) else {
                continue;
            };
            let number = self.accepted[&session];
            if answer["accepted"] == format!("message {number}") {
                self.waited += usize::from(answer["waits"] == true);
                *self.accepted.get_mut(&session).expect("a visitor") += 1;
            } else {
                // A store that is asked too much at once; the visitor says it again.
                thread::sleep(Duration::from_millis(5));
            }
            if up_to.is_none_or(|most| self.accepted[&session] < most) && !bot.tell(&self.next_of(session)) {
                return;
            }
        }
    }
}

fn survives(store: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut visitors = Visitors::new();
    let (mut lives, began) = (0, Instant::now());
    let kills = || fs::read_to_string(folder.path().join("kills")).unwrap_or_default();
    while kills().lines().count() < deaths() {
        lives += 1;
        assert!(lives < 20 * deaths(), "it dies too seldom: {}", kills());
        let mut bot = Bot::start(store, folder.path(), lives, 60);
        visitors.talk(&mut bot, None);
    }
    let most = visitors.accepted.values().max().expect("a visitor") + 3;
    let mut bot = Bot::start(store, folder.path(), 0, 0);
    visitors.talk(&mut bot, Some(most));
    assert!(visitors.accepted.values().all(|count| *count >= most), "{:?}", visitors.accepted);
    drop(bot.child.stdin.take());
    let mut heard = BTreeMap::new();
    while heard.len() < VISITORS {
        let told = bot.answers.recv_timeout(Duration::from_secs(60)).expect("it comes to rest");
        if told["heard"].is_array() {
            heard.insert(told["session"].as_str().expect("an id").to_owned(), told);
        }
    }
    let sent = sent(folder.path());
    for session in &visitors.sessions {
        let accepted = visitors.accepted[session];
        let told = &heard[&session.to_string()];
        // The first opened the conversation.
        let every: Vec<_> = (1..accepted).map(|number| json!(number.to_string())).collect();
        assert_eq!(told["heard"], json!(every), "each once, in order, on {store}: {told}");
        assert_eq!(told["aside"], 0);
        let replies: Vec<_> =
            std::iter::once("Yes?".to_owned()).chain((1..accepted).map(|number| format!("heard {number}"))).collect();
        assert_eq!(first_sent(&sent, *session), replies, "each reply, in order, on {store}");
    }
    let points: BTreeMap<&str, usize> = kills().lines().fold(BTreeMap::new(), |mut points, point| {
        *points.entry(POINTS.into_iter().find(|known| *known == point).expect("a point")).or_default() += 1;
        points
    });
    let said: u64 = visitors.accepted.values().sum();
    println!(
        "{store}: {} deaths, {said} messages, of which {} waited, {} replies sent {} times, in {:?}: {points:?}",
        kills().lines().count(),
        visitors.waited,
        sent.iter().map(|sent| &sent["key"]).map(Value::to_string).collect::<HashSet<_>>().len(),
        sent.len(),
        began.elapsed(),
    );
}

/// Everything that was sent, in this order.
fn sent(folder: &Path) -> Vec<Value> {
    let lines = fs::read_to_string(folder.join("sent")).expect("something was sent");
    lines.lines().map(|line| serde_json::from_str(line).expect("whole lines")).collect()
}

/// What a visitor got, each thing once, in the order in which it came first. What came again had the same key.
fn first_sent(sent: &[Value], session: SessionId) -> Vec<String> {
    let (mut keys, mut texts) = (HashMap::new(), Vec::new());
    for sent in sent.iter().filter(|sent| sent["session"] == session.to_string()) {
        assert_eq!(sent["place"], session.to_string(), "to no wrong address");
        let text = sent["text"].as_str().expect("a text");
        match keys.insert(sent["key"].clone(), text) {
            None => texts.push(text.to_owned()),
            Some(before) => assert_eq!(before, text, "a key stands for one thing"),
        }
    }
    texts
}

#[test]
fn a_bot_on_a_file_that_dies_anywhere_loses_nothing_and_takes_nothing_twice() {
    let folder = tempfile::tempdir().expect("a folder");
    survives(&format!("sqlite:{}", folder.path().join("bot.db").display()));
}

#[test]
fn a_bot_on_redis_that_dies_anywhere_loses_nothing_and_takes_nothing_twice() {
    survives(&RedisServer::with(&["--appendonly", "yes", "--appendfsync", "always"]).url());
}

#[test]
fn a_bot_on_postgres_that_dies_anywhere_loses_nothing_and_takes_nothing_twice() {
    survives(&PostgresServer::start_quick().url("postgres"));
}
