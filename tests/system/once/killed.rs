//! A process that is killed with kill -9 at any moment between the question, the answer's write and the turn's commit.

use std::{
    collections::BTreeMap,
    env,
    fs::{self, OpenOptions},
    io::{BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
    time::Duration,
};

use flow_core::{OnceKey, Result, SessionId, Step, Store, Turn};
use flow_proving::RedisServer;
use flow_redis::RedisStore;
use flow_sqlite::SqliteStore;

use super::{Open, Till, TillHandler, message};

/// What tells a process of this program that it is to be a cashier: its store, its ledger, its session, its first message.
const ROLE: &str = "FLOW_CASHIER";

const KILLS: usize = 25;

/// Charges into a ledger that outlives it.
struct Cashier {
    ledger: PathBuf,
}

impl Cashier {
    /// A line of the ledger: which message, under which key, and the receipt, which differs each time.
    async fn charge(&self, number: &str, key: OnceKey) -> Result<String> {
        let receipt = SessionId::random().to_string();
        let mut ledger = OpenOptions::new().create(true).append(true).open(&self.ledger)?;
        ledger.write_all(format!("{number} {key} {receipt}\n").as_bytes())?;
        tokio::time::sleep(Duration::from_millis(2)).await;
        Ok(receipt)
    }
}

impl TillHandler for Cashier {
    async fn open(&self, _: Open, turn: Turn<'_, Open>) -> Step<Open> {
        let receipt: String = turn.once("charge", |key| self.charge(turn.text(), key)).await?;
        tokio::time::sleep(Duration::from_millis(2)).await;
        turn.stay(receipt)
    }

    async fn open_on_confirmed(&self, _: Open, turn: Turn<'_, Open>) -> Step<Open> {
        turn.stay("")
    }

    async fn open_on_late(&self, _: Open, turn: Turn<'_, Open>) -> Step<Open> {
        turn.stay("")
    }
}

async fn store_at(place: &str) -> Arc<dyn Store> {
    if place.starts_with("redis") {
        Arc::new(RedisStore::connect(place).await.expect("a store"))
    } else {
        Arc::new(SqliteStore::builder(place).open().expect("a store"))
    }
}

/// Takes messages from this number on, so many, and says the receipt of each once its turn is stored.
async fn serves(
    place: &str,
    ledger: &Path,
    id: SessionId,
    from: usize,
    count: usize,
    mut says: impl FnMut(usize, &str),
) {
    let engine = Till::engine(Cashier { ledger: ledger.to_owned() }).store(store_at(place).await);
    for number in (from..).take(count) {
        let outcome = engine.handle(id, message(&number.to_string(), &format!("m{number}"))).await.expect("a turn");
        says(number, outcome.texts().first().expect("a receipt"));
    }
}

/// The cashier of another process. By itself it serves a few, and is not killed.
#[tokio::test]
async fn a_cashier_serves_one_after_another() {
    if let Ok(role) = env::var(ROLE) {
        let [place, ledger, id, from] = role.split('\n').collect::<Vec<_>>().try_into().expect("a role");
        let (id, from) = (id.parse().expect("an id"), from.parse().expect("a number"));
        let says = |number, receipt: &str| println!("\nreceipt {number} {receipt}");
        return serves(place, Path::new(ledger), id, from, usize::MAX, says).await;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let (ledger, store) = (folder.path().join("ledger"), folder.path().join("till.db"));
    let mut receipts = Vec::new();
    let says = |number, receipt: &str| receipts.push((number, receipt.to_owned()));
    serves(&store.display().to_string(), &ledger, SessionId::random(), 0, 5, says).await;
    let charged = charges(&ledger);
    assert_eq!(charged.len(), 4, "the first message opens the session");
    for (number, receipt) in &receipts[1..] {
        assert_eq!(charged[number].iter().map(|(_, receipt)| receipt).collect::<Vec<_>>(), [receipt]);
    }
}

/// What was charged for each message: the keys and the receipts.
fn charges(ledger: &Path) -> BTreeMap<usize, Vec<(String, String)>> {
    let mut charges: BTreeMap<usize, Vec<_>> = BTreeMap::new();
    for line in fs::read_to_string(ledger).expect("a ledger").lines() {
        let [number, key, receipt] = line.split(' ').collect::<Vec<_>>().try_into().expect("a charge");
        charges.entry(number.parse().expect("a number")).or_default().push((key.to_owned(), receipt.to_owned()));
    }
    charges
}

/// Starts a cashier that begins with this message, kills it after so many receipts and a moment, and gives the receipts.
fn killed(role: &str, receipts: usize, moment: Duration) -> Vec<(usize, String)> {
    let program = env::current_exe().expect("this program");
    let test = "once::killed::a_cashier_serves_one_after_another";
    let mut command = Command::new(program);
    command.args(["--exact", test, "--nocapture", "--test-threads", "1"]).env(ROLE, role);
    let mut cashier = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("a cashier");
    let mut lines = BufReader::new(cashier.stdout.take().expect("its words")).lines().map_while(Result::ok);
    let mut said = Vec::new();
    let mut hear = |line: String| {
        if let Some((number, receipt)) = line.strip_prefix("receipt ").and_then(|line| line.split_once(' ')) {
            said.push((number.parse().expect("a number"), receipt.to_owned()));
        }
        said.len()
    };
    for line in lines.by_ref() {
        if hear(line) >= receipts {
            break;
        }
    }
    std::thread::sleep(moment);
    cashier.kill().expect("it is killed");
    cashier.wait().expect("it is dead");
    for line in lines {
        hear(line);
    }
    said
}

async fn no_answer_that_was_kept_is_asked_for_again(place: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let (ledger, id) = (folder.path().join("ledger"), SessionId::random());
    let store = store_at(place).await;
    let (mut next, mut kept_ones, mut asked_again) = (0, 0, 0);
    let mut kept: Option<(usize, String, usize)> = None;
    for kill in 0..KILLS {
        let role = [place, &ledger.display().to_string(), &id.to_string(), &next.to_string()].join("\n");
        let said = killed(&role, 2, Duration::from_micros(600 * (kill as u64 % 12)));
        let charged = charges(&ledger);
        for (number, receipt) in said.iter().filter(|(number, _)| *number > 0) {
            let asked = &charged[number];
            assert!(asked.iter().all(|(key, _)| *key == asked[0].0), "one key for one message: {asked:?}");
            assert!(asked.iter().any(|(_, given)| given == receipt), "{receipt} is none of {asked:?}");
        }
        if let Some((number, answer, times)) = kept.take() {
            let (_, receipt) = said.iter().find(|(said, _)| *said == number).expect("its message was taken");
            assert_eq!(
                (receipt, charged[&number].len()),
                (&answer, times),
                "what was kept is gone by, and not asked again"
            );
            kept_ones += 1;
        }
        next = said.last().expect("something was said").0 + 1;
        let record = store.load(id, 0).await.expect("a store").record.expect("a record").readable();
        if let Some(once) = record.get("once") {
            assert_eq!(once.as_array().map(Vec::len), Some(1), "of the message under way alone");
            assert_eq!(once[0]["turn"], format!("m{next}"));
            let answer = once[0]["answer"].as_str().expect("a receipt").to_owned();
            kept = Some((next, answer, charged[&next].len()));
        } else {
            asked_again += usize::from(charged.contains_key(&next));
        }
    }
    assert!(kept_ones > 0, "no kill came behind an answer's write, and {asked_again} behind a question");
}

#[tokio::test]
async fn a_cashier_on_a_file_that_is_killed_at_any_moment_asks_for_nothing_that_was_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    no_answer_that_was_kept_is_asked_for_again(&folder.path().join("till.db").display().to_string()).await;
}

#[tokio::test]
async fn a_cashier_on_redis_that_is_killed_at_any_moment_asks_for_nothing_that_was_kept() {
    let server = RedisServer::with(&["--appendonly", "yes", "--appendfsync", "always"]);
    no_answer_that_was_kept_is_asked_for_again(&server.url()).await;
}
