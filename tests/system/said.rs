//! The log of what was said: kept if that is declared, bounded, archived, read in order, and forgotten in time.

use std::{sync::Arc, time::Duration};

use flow_core::{
    Archive, EngineBuilder, Flow, Input, Limits, SessionId, Speaker, Step, StoreError, Turn, Utterance,
    answers::Name,
    engine::Said,
    store::{Expect, Store},
};
use flow_memory::MemoryArchive;
use flow_postgres::PostgresArchive;
use flow_proving::PostgresServer;
use flow_sqlite::SqliteStore;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    log::{listen, logged},
    meddler::Meddling,
    shelf::Shelf,
    stage::Stage,
};

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 3600);

#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Reception {
    #[state(start, ask = "Who is there?", signals(Bell(u32)), to(Waiting))]
    Door,
    #[state(say = "{name}, please take a seat.", remind("1h", Tea), to(Gone))]
    Waiting { name: Name },
    #[state(end, say = "Bye, {name}.")]
    Gone { name: Name },
}

use reception::*;

struct Porter;

impl ReceptionHandler for Porter {
    async fn door_on_bell(&self, _: Door, rings: u32, turn: Turn<'_, Door>) -> Step<Door> {
        turn.stay(format!("It rang {rings} times."))
    }

    async fn waiting(&self, state: Waiting, turn: Turn<'_, Waiting>) -> Step<Waiting> {
        match turn.text() {
            "bye" => turn.to(state.gone()),
            said => {
                let answer = format!("You said: {said}");
                turn.stay(answer)
            }
        }
    }

    async fn waiting_on_tea(&self, _: Waiting, turn: Turn<'_, Waiting>) -> Step<Waiting> {
        turn.stay("Some tea?")
    }
}

fn reception() -> EngineBuilder<Reception> {
    Reception::engine(Porter)
}

fn keeping(said: Said) -> Stage<Reception> {
    Stage::with(reception().keep_said(said))
}

/// A stage whose engine keeps everything, and archives it.
fn archiving(archive: Arc<dyn Archive>) -> Stage<Reception> {
    Stage::with(reception().keep_said(Said::for_days(30)).archive(archive))
}

/// A minute passes, and what is due is done.
async fn a_minute_later(stage: &Stage<Reception>) {
    stage.clock.advance(MINUTE);
    stage.works().await;
}

impl Stage<Reception> {
    async fn all_said(&self) -> Vec<Utterance> {
        self.engine.said(self.id, None, 1_000).await.expect("a transcript")
    }

    /// Who said what, in order.
    async fn transcript(&self) -> Vec<String> {
        self.all_said().await.iter().map(line).collect()
    }

    /// How much of it stands in the record.
    async fn in_record(&self) -> usize {
        let record = self.store.behind().load(self.id, 0).await.expect("a store").record;
        record.map_or(0, |record| record.readable()["said"].as_array().map_or(0, Vec::len))
    }
}

fn line(said: &Utterance) -> String {
    format!("{} in {}: {}", said.by.as_str(), said.state, said.text.as_deref().unwrap_or("…"))
}

/// Every archive that comes with Flow.
async fn archives() -> Vec<(&'static str, Arc<dyn Archive>, Vec<Box<dyn std::any::Any>>)> {
    let folder = tempfile::tempdir().expect("a folder");
    let sqlite = SqliteStore::open(folder.path().join("said.db")).expect("a file");
    let server = PostgresServer::start_quick();
    let postgres = PostgresArchive::connect(&server.url("postgres")).await.expect("a database");
    vec![
        ("memory", Arc::new(MemoryArchive::new()), Vec::new()),
        ("SQLite", Arc::new(sqlite), vec![Box::new(folder)]),
        ("Postgres", Arc::new(postgres), vec![Box::new(server)]),
    ]
}

#[tokio::test]
async fn what_came_in_and_what_was_replied_is_kept_in_order_with_who_said_it_and_where() {
    let stage = keeping(Said::for_days(30));
    stage.says("hi").await;
    stage.says(Input::signal_by_name("Bell", 2)).await;
    stage.says_all(&["Ana", "nice chairs", "bye"]).await;
    let said = stage.all_said().await;
    let expected = [
        "visitor in DOOR: hi",
        "bot in DOOR: Who is there?",
        "outside in DOOR: Bell",
        "bot in DOOR: It rang 2 times.",
        "visitor in DOOR: Ana",
        "bot in WAITING: Ana, please take a seat.",
        "visitor in WAITING: nice chairs",
        "bot in WAITING: You said: nice chairs",
        "visitor in WAITING: bye",
        "bot in GONE: Bye, Ana.",
    ];
    assert_eq!(said.iter().map(line).collect::<Vec<_>>(), expected);
    let named: Vec<_> = said.iter().map(|said| (said.moment.stamp.version, said.moment.index)).collect();
    assert_eq!(named, [1, 2, 3, 4, 5].map(|turn| [(turn, 0), (turn, 1)]).concat());
    assert_eq!((&said[2].details, said[2].kind.as_str()), (&json!(2), "signal"));
}

#[tokio::test]
async fn a_repeat_and_what_is_not_stored_say_nothing() {
    let stage = keeping(Said::for_days(30));
    for _ in 0..3 {
        stage.says(Input::text("hi").with_id("1")).await;
    }
    stage.says_all(&["Ana"]).await;
    // Where the visitor waits, nothing takes the bell.
    assert!(stage.says(Input::signal_by_name("Bell", 2)).await.is_unheard());
    assert_eq!(stage.transcript().await.len(), 4);
}

#[tokio::test]
async fn what_the_bot_says_of_its_own_accord_is_kept_if_anybody_hears_it() {
    for (is_heard, count) in [(true, 5), (false, 4)] {
        let builder = reception().keep_said(Said::for_days(30));
        let stage = Stage::with(if is_heard { builder.on_announcement(|_| crate::stage::ok()) } else { builder });
        stage.says_all(&["hi", "Ana"]).await;
        stage.passes(1);
        stage.works().await;
        let said = stage.all_said().await;
        assert_eq!(said.len(), count);
        if is_heard {
            let last = said.last().expect("something");
            assert_eq!((line(last).as_str(), last.kind.as_str()), ("bot in WAITING: Some tea?", "announcement"));
        }
    }
}

#[tokio::test]
async fn nothing_is_kept_unless_it_is_declared() {
    let stage = Stage::with(reception());
    stage.says_all(&["hi", "Ana"]).await;
    assert!(stage.transcript().await.is_empty());
    let record = stage.store.last_written().record;
    assert!(!record.readable().as_object().expect("JSON").contains_key("said"));
    // An instance that does not keep it leaves what another one has.
    let keeping = stage.second(reception().keep_said(Said::for_days(30)));
    keeping.handle(stage.id, "one").await.expect("a turn");
    stage.says("two").await;
    assert_eq!(stage.transcript().await, ["visitor in WAITING: one", "bot in WAITING: You said: one"]);
}

#[tokio::test]
async fn at_the_bound_the_oldest_goes_and_is_counted_and_no_turn_fails() {
    let stage = keeping(Said::for_days(30).at_most(3));
    stage.says_all(&["hi", "Ana", "well"]).await;
    let kept =
        ["bot in WAITING: Ana, please take a seat.", "visitor in WAITING: well", "bot in WAITING: You said: well"];
    assert_eq!(stage.transcript().await, kept);
    assert_eq!(stage.engine.stats().said_dropped, 3);

    let stage = keeping(Said::for_days(30).bytes(700));
    for _ in 0..20 {
        stage.says_all(&["hi", "Ana", "well", "bye"]).await;
    }
    let record = stage.store.last_written().record.readable();
    let bytes: usize = record["said"].as_array().expect("some").iter().map(|said| said.to_string().len()).sum();
    assert!((300..=700).contains(&bytes), "{bytes}");
}

#[tokio::test]
async fn a_record_that_has_no_room_for_what_was_said_has_it_for_the_turn() {
    let limits = Limits::default().record(6_000).remembered_messages(1);
    let stage = Stage::with(reception().limits(limits.clone()).keep_said(Said::for_days(30)));
    let without = Stage::with(reception().limits(limits));
    for stage in [&stage, &without] {
        stage.says_all(&["hi", "Ana"]).await;
        for round in 0..60 {
            stage.says(format!("{round} {}", "x".repeat(round * 10))).await;
        }
    }
    assert!(stage.engine.stats().said_dropped > 20);
    let said = stage.transcript().await;
    assert!(said.len() >= 2 && said.last().expect("something").contains("You said: 59"), "{said:?}");
}

#[tokio::test]
async fn what_is_too_long_is_cut_and_says_so() {
    let stage = keeping(Said::for_days(30).longest(8));
    stage.says("ä".repeat(20)).await;
    stage.says(Input::button("Ana").with_id("1")).await;
    let said = stage.all_said().await;
    assert_eq!((said[0].text.as_deref(), said[0].bytes, said[0].is_cut), (Some("ääää"), 40, true));
    assert_eq!((said[2].text.as_deref(), said[2].bytes, said[2].is_cut), (Some("Ana"), 3, false));
    // What is masked is cut at a bound of its own.
    let stage = keeping(Said::for_days(30).longest(10_000).masked());
    stage.says_all(&["hi", "Ana"]).await;
    stage.says("well ".repeat(1_000)).await;
    let said = stage.all_said().await;
    assert!(said[4].is_cut && said[4].bytes == 5_000 && !said[2].is_cut, "{:?}", said[4]);
}

#[tokio::test]
async fn a_masked_log_shows_nothing_that_is_known_to_be_private_nor_what_was_not_understood() {
    let stage = keeping(Said::for_days(30).masked());
    stage.says("I am Ana Silva").await;
    stage.says("1234").await;
    stage.says("Ana Silva").await;
    stage.says("silva here, on a nice chair").await;
    stage.says("bye").await;
    let transcript = stage.transcript().await;
    assert!(transcript.iter().all(|line| !line.to_lowercase().contains("silva") && !line.contains("1234")));
    assert_eq!(transcript[0], "visitor in DOOR: ***");
    assert_eq!(transcript[2], "visitor in DOOR: ***", "no name, and nobody knows what else");
    let end = [
        "visitor in DOOR: ***",
        "bot in WAITING: ***, please take a seat.",
        "visitor in WAITING: *** here, on a nice chair",
        "bot in WAITING: You said: *** here, on a nice chair",
        "visitor in WAITING: bye",
        "bot in GONE: Bye, ***.",
    ];
    assert_eq!(transcript[transcript.len() - 6..], end);
}

#[tokio::test]
async fn of_a_log_of_sizes_no_word_stands_anywhere() {
    let stage = keeping(Said::for_days(30).sizes_only());
    // Under an id of ours no replies are remembered either.
    stage.says("a canary").await;
    let said = stage.all_said().await;
    assert_eq!((said[0].text.clone(), said[0].bytes, said[0].kind.as_str()), (None, 8, "text"));
    let record = stage.store.last_written().record.readable().to_string();
    assert!(!record.contains("canary") && !record.contains("Who is there"), "{record}");
}

#[tokio::test]
async fn nothing_of_it_stands_in_a_debug_a_log_or_a_masked_view() {
    listen();
    let shelf = Arc::new(Shelf::default());
    let stage = archiving(Arc::<Shelf>::clone(&shelf));
    stage.says_all(&["hi", "Ana", "my canary sings"]).await;
    let said = stage.all_said().await;
    let session = stage.engine.peek(stage.id).await.expect("readable").expect("there");
    let masked = session.masked().expect("a view");
    assert_eq!(masked["said"], 6);
    a_minute_later(&stage).await;
    let shown = format!("{said:?} {session:?} {masked} {:?} {:?} {}", shelf.last_entries(), stage.engine, logged());
    assert!(!shown.contains("canary"), "{shown}");
}

#[tokio::test]
async fn what_was_said_moves_into_the_archive_and_is_read_with_the_record_in_order_without_doubles() {
    for (name, archive, _kept) in archives().await {
        let stage = archiving(Arc::clone(&archive));
        stage.says_all(&["hi", "Ana", "one"]).await;
        let first = stage.all_said().await;
        assert_eq!((first.len(), stage.in_record().await), (6, 6), "{name}");
        a_minute_later(&stage).await;
        assert_eq!((stage.in_record().await, stage.all_said().await), (0, first.clone()), "{name}: as it was");
        let archived = archive.latest(stage.id).await.expect("an archive").archived.expect("kept").record;
        assert!(archived.readable().get("said").is_none(), "{name}: its life is not that of the record");
        stage.says_all(&["two", "three"]).await;
        let all = stage.transcript().await;
        assert_eq!(
            (all.len(), all[8..].to_vec()),
            (10, vec!["visitor in WAITING: three".to_owned(), "bot in WAITING: You said: three".to_owned()])
        );
        let (mut paged, mut after) = (Vec::new(), None);
        loop {
            let page = stage.engine.said(stage.id, after, 3).await.expect("a page");
            let Some(last) = page.last() else { break };
            after = Some(last.moment);
            paged.extend(page.iter().map(line));
        }
        assert_eq!(paged, all, "{name}");
    }
}

#[tokio::test]
async fn a_crash_between_the_archive_and_the_record_doubles_nothing() {
    for (name, archive, _kept) in archives().await {
        let stage = archiving(archive);
        stage.says_all(&["hi", "Ana", "one"]).await;
        let said = stage.all_said().await;
        stage.clock.advance(MINUTE);
        stage.store.next_commit(Meddling::Refuse(StoreError::Full));
        stage.works().await;
        assert_eq!(stage.in_record().await, 6, "{name}: it is archived, and the record does not know");
        assert_eq!(stage.all_said().await, said, "{name}");
        stage.says("two").await;
        a_minute_later(&stage).await;
        a_minute_later(&stage).await;
        assert_eq!((stage.in_record().await, stage.all_said().await.len()), (0, 8), "{name}");
    }
}

#[tokio::test]
async fn a_visitor_who_is_taken_up_from_the_archive_goes_on_with_what_was_said() {
    for (name, archive, _kept) in archives().await {
        let stage = archiving(archive);
        stage.says_all(&["hi", "Ana"]).await;
        a_minute_later(&stage).await;
        stage.engine.remove(stage.id).await.expect("a store");
        assert_eq!(stage.transcript().await.len(), 4, "{name}: removed is the record's part");
        stage.says("one").await;
        a_minute_later(&stage).await;
        let transcript = stage.transcript().await;
        assert_eq!(transcript.len(), 6, "{name}: {transcript:?}");
        assert_eq!(transcript[4], "visitor in WAITING: one", "{name}");
    }
}

#[tokio::test]
async fn lineages_that_are_joined_lose_nothing_and_double_nothing() {
    let stage = archiving(Arc::new(MemoryArchive::new()));
    stage.says_all(&["hi", "Ana"]).await;
    a_minute_later(&stage).await;
    let mut tail_begins = stage.store.last_written();
    stage.says_all(&["lost by the store", "this too"]).await;
    a_minute_later(&stage).await;
    // A replica that had not heard of the tail takes over.
    let replica = stage.store.behind();
    replica.remove(stage.id).await.expect("a store");
    tail_begins.expect = Expect::Absent;
    replica.commit(tail_begins).await.expect("a store");
    stage.says("said after").await;
    for _ in 0..3 {
        a_minute_later(&stage).await;
    }
    assert_eq!((stage.engine.stats().archive_repaired, stage.in_record().await), (1, 0));
    let transcript = stage.transcript().await;
    assert_eq!(transcript.len(), 10, "{transcript:?}");
    assert_eq!(
        (transcript[4].as_str(), transcript[8].as_str()),
        ("visitor in WAITING: lost by the store", "visitor in WAITING: said after")
    );
}

#[tokio::test]
async fn it_is_exported_and_erased_with_its_session() {
    for (name, archive, _kept) in archives().await {
        let stage = archiving(archive);
        stage.says_all(&["hi", "Ana"]).await;
        a_minute_later(&stage).await;
        stage.says("one").await;
        let export = stage.engine.export(stage.id).await.expect("an export").expect("something");
        let texts = |said: &serde_json::Value| -> Vec<String> {
            said.as_array().expect("a list").iter().map(|said| said["text"].as_str().expect("a text").into()).collect()
        };
        assert_eq!(texts(&export["record"]["said"]), ["one", "You said: one"], "{name}");
        let archived = ["hi", "Who is there?", "Ana", "Ana, please take a seat."];
        assert_eq!(texts(&export["archived"]["said"]), archived, "{name}");
        assert!(stage.engine.operator(flow_core::By::new("ana", "a test")).erase(stage.id).await.expect("erased"), "{name}");
        assert!(stage.transcript().await.is_empty(), "{name}");
        assert_eq!(stage.engine.export(stage.id).await.expect("an export"), None, "{name}");
        // The bot may talk to the visitor again.
        stage.says("hi again").await;
        a_minute_later(&stage).await;
        assert_eq!(stage.transcript().await, ["visitor in DOOR: hi again", "bot in DOOR: Who is there?"], "{name}");
    }
}

#[tokio::test]
async fn what_is_over_its_life_is_not_told_and_is_forgotten_in_the_record_by_a_turn_and_in_the_archive_by_itself() {
    for (name, archive, _kept) in archives().await {
        let stage = archiving(Arc::clone(&archive));
        let kept = async || archive.transcripts().expect("it has them").transcript(stage.id, None, 100).await;
        stage.says_all(&["hi", "Ana"]).await;
        a_minute_later(&stage).await;
        stage.clock.advance(29 * DAY);
        stage.says("late").await;
        assert_eq!(stage.transcript().await.len(), 6, "{name}");
        stage.clock.advance(DAY);
        assert_eq!(stage.transcript().await[0], "visitor in WAITING: late", "{name}");
        stage.says("later").await;
        a_minute_later(&stage).await;
        let left: Vec<_> = kept().await.expect("a transcript").iter().map(line).collect();
        assert_eq!((left.len(), left[0].as_str()), (4, "visitor in WAITING: late"), "{name}: {left:?}");
        // Where nothing is archived for long, a purge forgets it, and leaves the session.
        stage.clock.advance(31 * DAY);
        assert_eq!(stage.engine.purge(400 * DAY).await.expect("a purge"), 0, "{name}");
        assert!(kept().await.expect("a transcript").is_empty(), "{name}");
        assert!(archive.latest(stage.id).await.expect("an archive").archived.is_some(), "{name}");
        stage.says("now").await;
        assert_eq!((stage.in_record().await, stage.transcript().await.len()), (2, 2), "{name}");
    }
}

#[tokio::test]
async fn a_life_of_nothing_forgets_what_there_is() {
    let stage = keeping(Said::for_days(30));
    stage.says_all(&["hi", "Ana"]).await;
    let over = stage.second(reception().keep_said(Said::for_days(0)));
    assert!(over.said(stage.id, None, 10).await.expect("a transcript").is_empty());
    over.handle(stage.id, "one").await.expect("a turn");
    assert_eq!((stage.in_record().await, over.stats().said_dropped), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_engines_at_once_keep_everything_once() {
    for (name, archive, _kept) in archives().await {
        let stage = archiving(Arc::clone(&archive));
        stage.says_all(&["hi", "Ana"]).await;
        let other = stage.second(reception().keep_said(Said::for_days(30)).archive(archive));
        let mut talks = tokio::task::JoinSet::new();
        for (engine, who) in [(stage.engine.clone(), "one"), (other, "other")] {
            let (id, clock) = (stage.id, stage.clock.clone());
            talks.spawn(async move {
                for round in 0..20 {
                    engine.handle(id, format!("{who} {round}")).await.expect("a turn");
                    clock.advance(Duration::from_secs(20));
                    engine.worker().look().await.expect("a look");
                }
            });
        }
        talks.join_all().await;
        let said = stage.all_said().await;
        let visitor: Vec<_> = said.iter().filter(|said| said.by == Speaker::Visitor).collect();
        assert_eq!((said.len(), visitor.len()), (84, 42), "{name}");
        for who in ["one", "other"] {
            let texts: Vec<_> = visitor.iter().filter_map(|said| said.text.clone()).collect();
            let own: Vec<_> = texts.into_iter().filter(|text| text.starts_with(&format!("{who} "))).collect();
            assert_eq!(own, (0..20).map(|round| format!("{who} {round}")).collect::<Vec<_>>(), "{name}");
        }
        for _ in 0..2 {
            a_minute_later(&stage).await;
        }
        assert_eq!((stage.in_record().await, stage.all_said().await.len()), (0, 84), "{name}");
    }
}

#[tokio::test]
async fn a_turn_that_is_put_on_a_newer_record_is_kept_under_the_name_of_its_own_write() {
    let archive: Arc<dyn Archive> = Arc::new(MemoryArchive::new());
    let stage = archiving(Arc::clone(&archive));
    stage.says_all(&["hi", "Ana"]).await;
    stage.clock.advance(MINUTE);
    // The archiving is noted while the turn is on its way.
    let (passes, before) = (Arc::new(tokio::sync::Semaphore::new(0)), stage.store.calls());
    stage.store.next_commit(Meddling::Wait(Arc::clone(&passes)));
    let (engine, id) = (stage.engine.clone(), stage.id);
    let turn = tokio::spawn(async move { engine.handle(id, "one").await });
    while stage.store.calls() < before + 2 {
        tokio::task::yield_now().await;
    }
    let behind = stage.behind(reception().keep_said(Said::for_days(30)).archive(archive));
    behind.worker().look().await.expect("a look");
    passes.add_permits(1);
    let outcome = turn.await.expect("no panic").expect("a turn");
    assert_eq!(stage.engine.stats().conflicts, 1);
    let said = stage.all_said().await;
    let version = said.last().expect("something").moment.stamp.version;
    assert_eq!((stage.in_record().await, version), (2, outcome.version));
}

#[tokio::test]
async fn an_archive_that_keeps_no_transcripts_leaves_it_in_the_record_and_the_log_says_so() {
    listen();
    let shelf = Arc::new(Shelf::without_transcripts());
    let stage = archiving(Arc::<Shelf>::clone(&shelf));
    assert!(logged().contains("the archive keeps no transcripts"));
    stage.says_all(&["hi", "Ana"]).await;
    a_minute_later(&stage).await;
    assert!(
        shelf.last_entries().iter().all(|entry| entry.said.is_empty() && entry.record.readable().get("said").is_none())
    );
    assert_eq!((stage.in_record().await, stage.transcript().await.len()), (4, 4));
}

#[tokio::test]
async fn an_archive_that_is_away_fails_the_reading_and_no_turn() {
    let shelf = Arc::new(Shelf::default());
    let stage = archiving(Arc::<Shelf>::clone(&shelf));
    stage.says_all(&["hi", "Ana"]).await;
    shelf.is_away(true);
    stage.says("one").await;
    a_minute_later(&stage).await;
    assert!(stage.engine.said(stage.id, None, 10).await.is_err());
    shelf.is_away(false);
    assert_eq!(stage.transcript().await.len(), 6);
    assert!(stage.engine.said(SessionId::random(), None, 10).await.expect("a transcript").is_empty());
}
