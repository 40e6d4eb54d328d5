//! What was said moves into the archive, and is told from both as one.

use std::{sync::Arc, time::Duration};

use flow_core::{Archive, SessionId, Speaker, StoreError, engine::Said, store::Expect};
use flow_memory::MemoryArchive;

use super::{DAY, MINUTE, a_minute_later, archives, archiving, line, reception};
use crate::{
    log::{listen, logged},
    meddler::Meddling,
    shelf::Shelf,
};

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
        assert!(
            stage.engine.operator(flow_core::By::new("ana", "a test")).erase(stage.id).await.expect("erased"),
            "{name}"
        );
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
