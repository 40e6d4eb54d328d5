//! The mailroom bot, started from the outside, and its visitors: what they said and had accepted, against what was heard and sent.

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
use serde_json::{Value, json};

use crate::programs::example;

/// How many visitors talk at a time, each waiting until a message is accepted before the next.
const VISITORS: usize = 8;

/// How long a bot may take to answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running bot.
pub(crate) struct Bot {
    child: Child,
    answers: Receiver<Value>,
}

impl Bot {
    /// A bot on a store that writes what it sends into a folder, and kills itself at one of so many points; never if that is 0.
    pub(crate) fn start(store: &str, folder: &Path, seed: usize, one_in: u64) -> Self {
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
pub(crate) struct Visitors {
    sessions: Vec<SessionId>,
    /// How many messages of each were accepted.
    accepted: HashMap<SessionId, u64>,
    waited: usize,
    refused: usize,
}

impl Visitors {
    pub(crate) fn new() -> Self {
        let sessions: Vec<_> = (0..VISITORS).map(|_| SessionId::random()).collect();
        let accepted = sessions.iter().map(|session| (*session, 0)).collect();
        Self { sessions, accepted, waited: 0, refused: 0 }
    }

    fn next_of(&self, session: SessionId) -> Value {
        let number = self.accepted[&session];
        json!({"session": session, "id": format!("message {number}"), "text": number.to_string()})
    }

    /// Goes on talking with a bot until it dies, or it is to end and every message was accepted: what was refused is said again.
    pub(crate) fn talk(&mut self, bot: &mut Bot, goes_on: impl Fn(u64) -> bool) {
        let mut unanswered = 0;
        for session in self.sessions.clone() {
            if goes_on(self.accepted[&session]) {
                if !bot.tell(&self.next_of(session)) {
                    return;
                }
                unanswered += 1;
            }
        }
        while unanswered > 0 {
            let Ok(answer) = bot.answers.recv_timeout(PATIENCE) else { return };
            let Some(session) = answer["session"].as_str().and_then(|id| id.parse::<SessionId>().ok()) else {
                continue;
            };
            unanswered -= 1;
            let number = self.accepted[&session];
            let is_accepted = answer["accepted"] == format!("message {number}");
            if is_accepted {
                self.waited += usize::from(answer["waits"] == true);
                *self.accepted.get_mut(&session).expect("a visitor") += 1;
            } else {
                // A store that is away, or asked too much at once; the visitor says it again.
                self.refused += 1;
                thread::sleep(Duration::from_millis(5));
            }
            if !is_accepted || goes_on(self.accepted[&session]) {
                if !bot.tell(&self.next_of(session)) {
                    return;
                }
                unanswered += 1;
            }
        }
    }

    /// Brings a bot to rest, and proves that each message that was accepted was heard once, in order, and that each reply was sent,
    /// in order, under its key, to its address. Tells what there was of it.
    pub(crate) fn were_all_heard_and_answered(&mut self, mut bot: Bot, folder: &Path) -> String {
        let most = self.accepted.values().max().expect("a visitor") + 3;
        self.talk(&mut bot, |accepted| accepted < most);
        assert!(self.accepted.values().all(|count| *count >= most), "{:?}", self.accepted);
        drop(bot.child.stdin.take());
        let (mut heard, mut restless, mut began) = (BTreeMap::new(), Value::Null, Instant::now());
        while heard.len() < VISITORS {
            let left = PATIENCE.saturating_sub(began.elapsed());
            let told = bot.answers.recv_timeout(left);
            let told = told
                .unwrap_or_else(|_| panic!("it does not come to rest, {} of {VISITORS} did: {restless}", heard.len()));
            if !told["restless"].is_null() {
                restless = told;
            } else if told["heard"].is_array() {
                heard.insert(told["session"].as_str().expect("an id").to_owned(), told);
                began = Instant::now();
            }
        }
        let sent = sent(folder);
        for session in &self.sessions {
            let accepted = self.accepted[session];
            let told = &heard[&session.to_string()];
            // The first opened the conversation.
            let every: Vec<_> = (1..accepted).map(|number| json!(number.to_string())).collect();
            assert_eq!(told["aside"], json!([]));
            assert_eq!(told["heard"], json!(every), "each once, in order");
            let replies = (1..accepted).map(|number| format!("heard {number}"));
            let replies: Vec<_> = std::iter::once("Yes?".to_owned()).chain(replies).collect();
            assert_eq!(first_sent(&sent, *session), replies, "each reply, in order");
        }
        let keys: HashSet<_> = sent.iter().map(|sent| sent["key"].to_string()).collect();
        let said: u64 = self.accepted.values().sum();
        format!(
            "{said} messages, of which {} waited, refused {} times, {} replies sent {} times",
            self.waited,
            self.refused,
            keys.len(),
            sent.len()
        )
    }
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
