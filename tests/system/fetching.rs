//! Files that a handler fetches: whole, too large, too slow, or not at all.

use std::{
    error::Error,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use flow_core::{
    Address, Deadlines, Download, EngineBuilder, Fetch, FetchError, Flow, Input, Limits, Media, MediaKind, Outcome,
    OutcomeKind, Phrases, Step, Turn, answers::Image,
};
use flow_testkit::RecordingChannel;
use serde::{Deserialize, Serialize};

use crate::{
    log::{listen, logged},
    stage::Stage,
};

#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Scan {
    #[state(start, ask = "A picture?", answer = Image, remind("1h", Look), to(Seen))]
    Begin,
    #[state(end, say = "{sum}.")]
    Seen { size: usize, sum: u32 },
}

use scan::*;

struct Reader;

impl ScanHandler for Reader {
    async fn begin(&self, state: Begin, picture: Image, turn: Turn<'_, Begin>) -> Step<Begin> {
        let bytes = turn.fetch(picture.media()).await?;
        turn.to(state.seen(bytes.len(), bytes.iter().map(|byte| u32::from(*byte)).sum()))
    }

    async fn begin_on_look(&self, _: Begin, turn: Turn<'_, Begin>) -> Step<Begin> {
        let late = Media::new(MediaKind::Image, "10").with_size(1_000_000);
        turn.fetch(&late).await?;
        turn.stay("Seen.")
    }
}

/// A channel whose files are as long as their references say, and what it was asked for.
#[derive(Clone, Default)]
struct Depot {
    asked: Arc<AtomicUsize>,
    /// How many bytes were offered.
    offered: Arc<AtomicUsize>,
}

impl Fetch for Depot {
    async fn fetch(&self, media: &Media, into: &mut Download) -> Result<(), Box<dyn Error + Send + Sync>> {
        self.asked.fetch_add(1, SeqCst);
        let pieces = match media.reference() {
            "gone" => return Err("GET https://t.example/bot1:canary/gone.jpg: 404".into()),
            "slow" => std::future::pending().await,
            "panics" => panic!("a fetcher that panics"),
            "stubborn" => {
                for _ in 0..1_000 {
                    // A fetcher that does not listen.
                    let _ = into.push(&[1; 10]);
                }
                assert!(into.bytes().len() <= into.limit());
                return Ok(());
            }
            "announced" => {
                into.expect(1_000_000)?;
                1_000_000
            }
            pieces => pieces.parse::<usize>()?,
        };
        for _ in 0..pieces {
            self.offered.fetch_add(10, SeqCst);
            into.push(&[1; 10])?;
        }
        Ok(())
    }
}

fn builder(depot: &Depot) -> EngineBuilder<Scan> {
    let deadlines = Deadlines::default().media(Duration::from_secs(5));
    Scan::engine(Reader).fetch_media(depot.clone()).limits(Limits::default().media(100)).deadlines(deadlines)
}

async fn sends(stage: &Stage<Scan>, media: Media) -> Outcome<Scan> {
    stage.says("hi").await;
    stage.says(media).await
}

fn picture(reference: &str) -> Media {
    Media::new(MediaKind::Image, reference)
}

fn failure(outcome: &Outcome<Scan>) -> &FetchError {
    let OutcomeKind::Failed(failure) = &outcome.kind else { panic!("{outcome:?}") };
    failure.cause().downcast_ref().expect("a fetch error")
}

#[tokio::test]
async fn a_handler_gets_the_bytes_that_it_asks_for() {
    let depot = Depot::default();
    let stage = Stage::with(builder(&depot));
    let outcome = sends(&stage, picture("10").with_size(100)).await;
    assert_eq!(outcome.state, Some(Scan::Seen { size: 100, sum: 100 }), "the limit itself is within it");
    assert_eq!(depot.asked.load(SeqCst), 1);
}

/// A bot of several channels: each knows its own references.
#[tokio::test]
async fn a_file_is_fetched_by_the_channel_that_it_came_by() {
    let (for_all, first, second) = (Depot::default(), Depot::default(), Depot::default());
    let builder = builder(&for_all).fetch_media_of("first", first.clone()).fetch_media_of("second", second.clone());
    let builder = builder.channel("second", RecordingChannel::default()).channel("other", RecordingChannel::default());
    let stage = Stage::with(builder);
    let asked = || [&for_all, &first, &second].map(|depot| depot.asked.load(SeqCst));
    for (channel, expected) in [(Some("second"), [0, 0, 1]), (Some("other"), [1, 0, 1]), (None, [2, 0, 1])] {
        stage.says("hi").await;
        let message = Input::from(picture("10"));
        match channel {
            Some(channel) => stage.says(message.with_address(Address::new(channel, "42"))).await,
            None => stage.says(message).await,
        };
        assert_eq!(asked(), expected, "{channel:?}");
    }
}

#[tokio::test]
async fn a_file_that_nobody_asks_for_is_not_fetched() {
    let depot = Depot::default();
    let stage = Stage::with(builder(&depot));
    stage.says(picture("10")).await;
    stage.says(Media::new(MediaKind::Voice, "10")).await;
    assert_eq!(depot.asked.load(SeqCst), 0);
}

#[tokio::test]
async fn a_file_that_is_too_large_is_asked_for_again_however_that_turns_out() {
    let phrases = || {
        let mut phrases = Phrases::default();
        phrases.file_too_large = "Smaller, please.".into();
        phrases
    };
    for (media, asked, offered) in [
        // The channel says so before.
        (picture("11").with_size(101), 0, 0),
        // Its platform does, before the first byte.
        (picture("announced"), 1, 0),
        // It turns out as it comes.
        (picture("1000000"), 1, 110),
        (picture("stubborn"), 1, 0),
    ] {
        let depot = Depot::default();
        let stage = Stage::with(builder(&depot).phrases(phrases()));
        let outcome = sends(&stage, media).await;
        assert_eq!(outcome.texts(), ["Smaller, please.", "A picture?"]);
        assert_eq!((depot.asked.load(SeqCst), depot.offered.load(SeqCst)), (asked, offered));
        let session = stage.engine.peek(stage.id).await.expect("the store").expect("a session");
        assert_eq!(session.masked().expect("a view")["tries"], 1);
        assert!(stage.says(picture("1")).await.state.is_some_and(|state| state.name() == "SEEN"));
    }
}

#[tokio::test]
async fn whatever_else_goes_wrong_fails_the_turn_and_stores_nothing() {
    listen();
    let stage = Stage::with(builder(&Depot::default()));
    let outcome = sends(&stage, picture("gone")).await;
    let writes = stage.store.writes();
    let FetchError::Failed(gone) = failure(&outcome) else { panic!("{outcome:?}") };
    assert!(gone.cause().to_string().contains("canary"), "for code that has a reason to see it");
    assert!(logged().contains("the file could not be fetched: GET https://t.example/***: 404"), "{}", logged());
    assert!(!format!("{outcome:?} {gone:?} {gone} {}", logged()).contains("canary"));
    assert_eq!(outcome.texts(), [Phrases::default().apology.text()]);

    let panicked = stage.says(picture("panics")).await;
    assert!(matches!(panicked.kind, OutcomeKind::Failed(_)));
    assert_eq!((stage.store.writes(), stage.state().await), (writes, Some("BEGIN")));
}

#[tokio::test]
async fn an_engine_without_a_fetcher_says_so() {
    let stage = Stage::with(Scan::engine(Reader));
    let outcome = sends(&stage, picture("10")).await;
    let error = failure(&outcome);
    assert!(matches!(error, FetchError::NoFetcher) && error.to_string().contains("`fetch_media`"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_file_that_does_not_come_is_waited_for_no_longer_than_is_said_nor_than_the_turn() {
    let late = |outcome: &Outcome<Scan>| {
        let FetchError::Late { within } = failure(outcome) else { panic!("{outcome:?}") };
        *within
    };
    let stage = Stage::with(builder(&Depot::default()));
    assert_eq!(late(&sends(&stage, picture("slow")).await), Duration::from_secs(5));

    let deadlines = Deadlines::default().turn(Duration::from_secs(3));
    let stage = Stage::with(builder(&Depot::default()).deadlines(deadlines));
    stage.says("hi").await;
    let began = tokio::time::Instant::now();
    let late = stage.engine.handle(stage.id, picture("slow")).await;
    assert!(began.elapsed() <= Duration::from_secs(3), "{late:?}");
}

#[tokio::test]
async fn where_nobody_was_asked_a_file_that_is_too_large_is_a_failure_with_its_cause() {
    listen();
    let stage = Stage::with(builder(&Depot::default()));
    stage.says("hi").await;
    stage.passes(2);
    stage.works().await;
    assert!(logged().contains("the file has more than 100 bytes"), "{}", logged());
    assert_eq!(stage.state().await, Some("BEGIN"));
}
