//! Whether a site is ready: asked by anybody as often as they like, and answered in time.

mod support;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use flow_core::{Deadlines, Engine};
use flow_http::{Readiness, Site};
use flow_proving::{Fickle, FickleArchive};
use serde_json::{Value, json};
use support::{Asked, Desk, Served, Visit};
use tokio::time::sleep;

/// A bot with a store, an archive and a worker.
struct Parts {
    store: Arc<Fickle>,
    archive: Arc<FickleArchive>,
    engine: Engine<Visit>,
}

impl Parts {
    fn new() -> Self {
        let (store, archive) = (Arc::<Fickle>::default(), Arc::<FickleArchive>::default());
        let deadlines = Deadlines::default().store(Duration::from_secs(20));
        let builder = Visit::engine(Desk).deadlines(deadlines).archive(Arc::clone(&archive));
        let engine = builder.store(Arc::clone(&store));
        Self { store, archive, engine }
    }

    async fn served(&self, readiness: Readiness) -> Served {
        let site = Site::new(self.engine.clone()).readiness(readiness);
        Served::with(&site.tells(|request| request.headers.contains_key("x-key"))).await
    }
}

async fn ready(served: &Served) -> (u16, Value) {
    let answered = served.asks(&Asked::get("/readyz").with("x-key", "")).await;
    (answered.status, answered.json())
}

#[tokio::test]
async fn many_probes_cost_the_store_and_the_archive_one_question_a_rest() {
    let parts = Parts::new();
    let served = parts.served(Readiness::default().rest(Duration::from_secs(1)).without_worker()).await;
    let asked = || (parts.store.mood.asked(), parts.archive.mood.asked());
    let probe = Asked::get("/readyz");
    let at_once = futures_util::future::join_all((0..50).map(|_| served.asks(&probe))).await;
    assert!(at_once.iter().all(|answered| answered.status == 200), "{:?}", at_once[0]);
    for _ in 0..5 {
        assert_eq!(served.asks(&probe).await.status, 200);
    }
    assert_eq!(asked(), (1, 1));
    sleep(Duration::from_secs(1)).await;
    // An answer is as old as the rest at most.
    parts.store.mood.goes_away();
    assert_eq!((ready(&served).await.0, asked().1), (503, 2));
}

#[tokio::test]
async fn one_who_asks_and_goes_away_does_not_have_the_store_asked_again() {
    let parts = Parts::new();
    parts.store.mood.gets_stuck();
    let served = parts.served(Readiness::default().rest(Duration::ZERO).patience(Duration::from_millis(500))).await;
    for _ in 0..20 {
        let mut connection = served.connects().await;
        let probe = Asked::get("/readyz").written();
        tokio::io::AsyncWriteExt::write_all(&mut connection, probe.as_bytes()).await.expect("sent");
        sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(parts.store.mood.asked(), 1);
}

#[tokio::test]
async fn a_part_that_hangs_is_away_in_time_and_is_named() {
    let parts = Parts::new();
    let worker = parts.engine.worker().start();
    sleep(Duration::from_millis(50)).await;
    let readiness = Readiness::default().rest(Duration::ZERO).patience(Duration::from_millis(200));
    let served = parts.served(readiness).await;
    let well = json!({"ready": true, "parts": {"store": "well", "archive": "well", "worker": "well"}});
    assert_eq!(ready(&served).await, (200, well));
    parts.archive.mood.gets_stuck();
    let began = Instant::now();
    let away = json!({"ready": false, "parts": {"store": "well", "archive": "away", "worker": "well"}});
    assert_eq!(ready(&served).await, (503, away));
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    parts.archive.mood.comes_back();
    parts.store.mood.gets_stuck();
    let away = json!({"ready": false, "parts": {"store": "away", "archive": "well", "worker": "well"}});
    assert_eq!(ready(&served).await, (503, away));
    worker.abort();
}

#[tokio::test]
async fn a_site_is_ready_without_what_does_not_count_and_says_that_it_is_away() {
    let parts = Parts::new();
    parts.archive.mood.goes_away();
    let counts = Readiness::default().rest(Duration::ZERO);
    let with_archive = parts.served(counts.clone().without_worker()).await;
    let with_worker = parts.served(counts.clone().without_archive()).await;
    assert_eq!((ready(&with_archive).await.0, ready(&with_worker).await.0), (503, 503));
    let with_neither = parts.served(counts.without_archive().without_worker()).await;
    let (status, told) = ready(&with_neither).await;
    let away = json!({"store": "well", "archive": "away", "worker": "away"});
    assert_eq!((status, &told["parts"]), (200, &away));
}
