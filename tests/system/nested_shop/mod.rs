//! A shop whose flows run flows, with corrections, asides and a loop: what its visitors say and hear where nothing happens to it, to
//! be held against what becomes of it in processes that are killed, and over a store that fails.

mod faults;
mod killed;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use flow_core::{
    Archive, Deadlines, Engine, EngineBuilder, Flow, Input, Key, Message, Result, Session, SessionId, Step, StepExt,
    Store, Turn,
};
use flow_memory::{MemoryArchive, MemoryStore};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

const VISITORS: usize = 4;

const TURNS: usize = 120;

/// A shop that runs a loop, which runs a flow with two questions; asides and words on top, corrections within.
#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "killed_shop", anywhere("/shop" => Shopping, aside("/hours" => Hours), aside("/complain" => Complaint)))]
enum Shop {
    #[state(start, ask = "Shall we?", choices(Buy, Leave), to(Shopping, Bye))]
    Menu,
    #[state(run = Cart, to(Bye))]
    Shopping,
    #[state(ask = "What went wrong?", answer = String, to(Noted))]
    Complaint,
    #[state(end, checkpoint, say = "Noted.")]
    Noted,
    #[state(end, say = "9 to 6.")]
    Hours,
    #[state(end, checkpoint, say = "See you!")]
    Bye,
}

#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "killed_cart", anywhere("cancel" => Dropped, back), shared = Sum, effects(Put(String), Bill(u64)))]
enum Cart {
    #[state(start, ask = "Your name?", answer = String, to(Item))]
    Name,
    #[state(ask = "What else, {name}?", answer = String, to(Item, Deliver))]
    Item { name: String, basket: Vec<String> },
    #[state(checkpoint, run = Home, to(Review))]
    Deliver { name: String, basket: Vec<String> },
    #[state(
        ask = "To {street}, {name}?",
        choices(Yes, More),
        corrects(name = Name, street("Change street") = Deliver),
        to(Paid, Item)
    )]
    Review { name: String, basket: Vec<String>, street: String },
    #[state(end, checkpoint, say = "Paid.")]
    Paid { name: String, basket: Vec<String>, street: String },
    #[state(end, say = "Dropped.")]
    Dropped,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Sum {
    put: u64,
}

#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "killed_home", anywhere("no address" => Without, back), effects(Look(String)))]
enum Home {
    #[state(start, ask = "Which street?", answer = String, to(Town))]
    Street,
    #[state(ask = "Which town?", answer = String, tries(2, Without), to(Given))]
    Town { street: String },
    #[state(end, checkpoint)]
    Given { street: String, town: String },
    #[state(end)]
    Without,
}

use {cart::*, home::*, shop::*};

/// Writes what is delivered into a ledger that outlives it.
#[derive(Clone)]
struct Host {
    ledger: PathBuf,
}

impl Host {
    fn note(&self, what: &str, key: &Key, said: &str) -> io::Result<()> {
        let line = json!({ "what": what, "key": key.to_string(), "session": key.session, "said": said });
        let mut ledger = OpenOptions::new().create(true).append(true).open(&self.ledger)?;
        // One write, which the system keeps whole.
        ledger.write_all(format!("{line}\n").as_bytes())
    }
}

impl ShopHandler for Host {
    async fn menu(&self, _: Menu, choice: MenuChoice, turn: Turn<'_, Menu>) -> Step<Menu> {
        match choice {
            MenuChoice::Buy => turn.to(Shopping),
            MenuChoice::Leave => turn.to(Bye),
        }
    }

    async fn shopping_done(&self, _: Shopping, end: CartEnd, turn: Turn<'_, Shopping>) -> Step<Shopping> {
        match end {
            CartEnd::Paid(paid) => turn.to(Bye).say(format!("{} things for {}.", paid.basket.len(), paid.name)),
            CartEnd::Dropped(_) => turn.to(Bye),
        }
    }

    async fn complaint(&self, _: Complaint, said: String, turn: Turn<'_, Complaint>) -> Step<Complaint> {
        turn.to(Noted).say(format!("\"{said}\"?"))
    }
}

impl CartHandler for Host {
    async fn name(&self, _: Name, name: String, turn: Turn<'_, Name>) -> Step<Name> {
        turn.to(Item { name, basket: Vec::new() })
    }

    async fn item(&self, state: Item, item: String, mut turn: Turn<'_, Item>) -> Step<Item> {
        let Item { name, mut basket } = state;
        if item == "done" {
            return turn.to(Deliver { name, basket });
        }
        turn.shared_mut().put += 1;
        let told = format!("{} {item}", turn.shared().put);
        basket.push(item);
        turn.to(Item { name, basket }).effect(CartEffect::Put(told))
    }

    async fn deliver_done(&self, state: Deliver, end: HomeEnd, turn: Turn<'_, Deliver>) -> Step<Deliver> {
        let street = match end {
            HomeEnd::Given(given) => format!("{}, {}", given.street, given.town),
            HomeEnd::Without(_) => "the shop".to_owned(),
        };
        turn.to(state.review(street))
    }

    async fn review(&self, state: Review, choice: ReviewChoice, turn: Turn<'_, Review>) -> Step<Review> {
        match choice {
            ReviewChoice::Yes => {
                let sum = turn.shared().put;
                turn.to(state.paid()).effect(CartEffect::Bill(sum))
            }
            ReviewChoice::More => turn.to(state.item()),
        }
    }

    async fn deliver_put(&self, item: String, key: Key) -> Result<()> {
        Ok(self.note("put", &key, &item)?)
    }

    async fn deliver_bill(&self, sum: u64, key: Key) -> Result<()> {
        Ok(self.note("bill", &key, &sum.to_string())?)
    }
}

impl HomeHandler for Host {
    async fn street(&self, _: Street, street: String, turn: Turn<'_, Street>) -> Step<Street> {
        turn.to(Town { street: street.clone() }).effect(HomeEffect::Look(street))
    }

    async fn deliver_look(&self, street: String, key: Key) -> Result<()> {
        Ok(self.note("look", &key, &street)?)
    }
}

/// The shop as it is kept in every process, with its ledger in this folder.
fn shop(folder: &Path) -> EngineBuilder<Shop> {
    let host = Host { ledger: folder.join("ledger") };
    let hook = host.clone();
    let deadlines = Deadlines::default()
        .handler(Duration::from_millis(500))
        .archive(Duration::from_millis(200))
        .store(Duration::from_secs(1))
        .hook(Duration::from_millis(500));
    Shop::engine(host).deadlines(deadlines).on_checkpoint(move |checkpoint| {
        let noted = hook.note("checkpoint", &checkpoint.key, &checkpoint.standing());
        async move { noted }
    })
}

/// Numbers that are the same for the same seed.
#[derive(Debug)]
struct Dice(u64);

impl Dice {
    fn below(&mut self, count: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or_default() % count
    }

    fn one_of(&mut self, said: &[&'static str]) -> &'static str {
        said[self.below(said.len())]
    }

    /// Something to say where it stands: mostly an answer.
    fn says(&mut self, standing: &str) -> &'static str {
        if self.below(3) == 0 {
            return self.one_of(&[
                "back",
                "back",
                "/hours",
                "/complain",
                "/shop",
                "change name",
                "Change street",
                "no address",
                "cancel",
                "",
            ]);
        }
        match standing.rsplit('/').next().unwrap_or_default() {
            "MENU" => self.one_of(&["Buy", "Buy", "Buy", "Leave"]),
            "NAME" => self.one_of(&["Ana", "Ben", "Eve"]),
            "ITEM" => self.one_of(&["milk", "eggs", "bread", "done"]),
            "STREET" => self.one_of(&["1 Main St", "2 Side St"]),
            "TOWN" => self.one_of(&["Lisbon", "Porto", ""]),
            "REVIEW" => self.one_of(&["Yes", "More", "More", "change name", "Change street", "/complain"]),
            _ => self.one_of(&["noise", "hi"]),
        }
    }
}

/// What a visitor says, and how everything has to be behind each of it.
#[derive(Serialize, Deserialize)]
struct Story {
    id: SessionId,
    said: Vec<String>,
    replies: Vec<Vec<String>>,
    after: Vec<Value>,
    /// All steps.
    steps: Vec<String>,
}

impl Story {
    fn message(&self, number: usize) -> Message {
        Input::text(self.said[number].as_str()).with_id(format!("m{number}"))
    }
}

/// What has to be the same of a session, however often it was interrupted: no times, no ids.
fn essence(session: &Session<Shop>, record: &Value) -> Value {
    let history: Vec<_> = session.history().iter().map(ToString::to_string).collect();
    let mut stack = record["stack"].clone();
    for frame in stack.as_array_mut().into_iter().flatten() {
        frame.as_object_mut().expect("a frame").remove("visit");
    }
    json!({
        "standing": session.standing(), "data": record["data"], "shared": record["shared"], "tries": record["tries"],
        "kept": record["keptTries"], "trail": record["trail"], "stack": stack, "history": history,
    })
}

async fn essence_of(engine: &Engine<Shop>, store: &dyn Store, id: SessionId) -> Value {
    let session = engine.peek(id).await.expect("it is read").expect("a session");
    let record = store.load(id, 0).await.expect("a store").record.expect("a record");
    essence(&session, &record.readable())
}

/// What all visitors say and hear in a shop that nothing happens to.
async fn told(folder: &Path, seed: u64) -> Vec<Story> {
    let (store, archive) = (Arc::new(MemoryStore::new()), Arc::new(MemoryArchive::new()));
    let engine = shop(folder).archive(Arc::clone(&archive)).store(Arc::clone(&store));
    let mut stories = Vec::new();
    for visitor in 0..VISITORS {
        let id = SessionId::random();
        let mut dice = Dice(seed + visitor as u64);
        let (mut said, mut replies, mut after) = (Vec::new(), Vec::new(), Vec::new());
        let mut standing = String::new();
        for number in 0..TURNS {
            let words = dice.says(&standing);
            let outcome = engine.handle(id, Input::text(words).with_id(format!("m{number}"))).await.expect("a turn");
            assert!(!outcome.is_failed(), "{words} in {standing}: {:?}", outcome.failure());
            standing = outcome.standing().expect("it stands").to_owned();
            said.push(words.to_owned());
            replies.push(outcome.texts().into_iter().map(str::to_owned).collect());
            after.push(essence_of(&engine, &*store, id).await);
        }
        engine.worker().look().await.expect("the store tells what is due");
        engine.archive_now(id).await.expect("it is archived");
        stories.push(Story { id, said, replies, after, steps: steps_in(&*archive, id).await });
    }
    stories
}

/// Of each session what was delivered under each key.
type Ledger = BTreeMap<String, BTreeMap<String, (String, String)>>;

/// What was delivered to each session, by its key, in any order; each key for one thing.
fn ledger(folder: &Path) -> Ledger {
    let mut ledger = Ledger::new();
    for line in fs::read_to_string(folder.join("ledger")).expect("a ledger").lines() {
        let line: Value = serde_json::from_str(line).expect("whole lines");
        let text = |name: &str| line[name].as_str().expect("a text").to_owned();
        let told = (text("what"), text("said"));
        let before = ledger.entry(text("session")).or_default().insert(text("key"), told.clone());
        assert!(before.is_none_or(|before| before == told), "a key stands for one thing: {line}");
    }
    ledger
}

/// What was delivered to a session, each thing as often as there are keys for it.
fn delivered(ledger: &Ledger, id: SessionId) -> Vec<(String, String)> {
    let mut delivered: Vec<_> = ledger[&id.to_string()].values().cloned().collect();
    delivered.sort();
    delivered
}

/// All steps of a session, in their order, which are numbered without a gap and are one chain.
async fn steps_in(archive: &dyn Archive, id: SessionId) -> Vec<String> {
    let steps = archive.history(id, 0, 100_000).await.expect("an archive");
    for pair in steps.windows(2) {
        assert_eq!(pair[1].number, pair[0].number + 1);
        assert_eq!(pair[1].transition.from.as_deref(), Some(&*pair[0].transition.to), "one chain");
    }
    steps.iter().map(|step| step.transition.to_string()).collect()
}

/// Proves that of each story everything was delivered that was decided, each thing under one key, and archived.
async fn was_all_told(stories: &[Story], is: &Ledger, should: &Ledger, archive: &dyn Archive) {
    for story in stories {
        assert_eq!(delivered(is, story.id), delivered(should, story.id), "each thing once");
        let checkpoints = archive.checkpoints(story.id).await.expect("an archive");
        let keys: BTreeSet<_> = checkpoints.iter().map(|checkpoint| checkpoint.key.to_string()).collect();
        let told = is[&story.id.to_string()].iter().filter(|(_, told)| told.0 == "checkpoint");
        let told: BTreeSet<_> = told.map(|(key, _)| key.clone()).collect();
        assert_eq!(keys.len(), checkpoints.len(), "a key each");
        assert_eq!(keys, told);
        assert_eq!(steps_in(archive, story.id).await, story.steps);
    }
}

/// Whether it is the same, where the history may have been cut meanwhile.
fn is_same(should: &Value, is: &Value) -> bool {
    let fields = ["standing", "data", "shared", "tries", "kept", "trail", "stack"];
    let (all, kept) = (should["history"].as_array().expect("steps"), is["history"].as_array().expect("steps"));
    let count = all.len().min(kept.len());
    fields.iter().all(|field| should[field] == is[field]) && all[all.len() - count..] == kept[kept.len() - count..]
}
