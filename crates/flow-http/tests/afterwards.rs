//! What is done besides, once what a platform delivered is stored.

mod support;

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use flow_core::{Deadlines, Fate, Input, Secret};
use flow_http::{
    Site,
    platform::{Arrivals, Arrived, Forged, Hook, Line, Part, Platform, Screen, Unreadable},
};
use flow_proving::Fickle;
use support::{Desk, Visit};
use tower::ServiceExt as _;

/// A platform whose buttons are taken away once they were pressed.
struct Buttons(Arc<AtomicUsize>);

#[async_trait]
impl Platform for Buttons {
    const SCREEN: Screen = Screen::of_text(160);
    type Wire = ();

    fn verify(&self, _: &Hook<'_>) -> Result<(), Forged> {
        Ok(())
    }

    fn read(&self, hook: &Hook<'_>) -> Result<Arrivals, Unreadable> {
        let said = String::from_utf8_lossy(hook.body()).into_owned();
        let taken_away = Arc::clone(&self.0);
        let arrivals = Arrivals::of([Arrived::new("Ana", Input::text(said).with_id("1"))]);
        Ok(arrivals.afterwards(async move {
            taken_away.fetch_add(1, Ordering::SeqCst);
        }))
    }

    fn render(&self, _: &Part<'_>) {}

    async fn send(&self, _: &str, (): &(), _: &str) -> Result<(), Fate> {
        Ok(())
    }
}

#[tokio::test]
async fn what_is_done_besides_is_done_once_the_message_is_stored_and_not_before() {
    let (store, taken_away) = (Arc::<Fickle>::default(), Arc::<AtomicUsize>::default());
    let secret = Secret::new("a secret of at least sixteen bytes").expect("long enough");
    let line = Line::new("buttons", Buttons(Arc::clone(&taken_away)), secret);
    let deadlines = Deadlines::default().store(Duration::from_millis(200));
    let engine = Visit::engine(Desk).deadlines(deadlines).channel(line.name(), line.clone()).store(Arc::clone(&store));
    let routes = Site::new(engine).webhook("/hook", &line).expect("a channel").routes();
    let delivered = || async {
        let request = Request::post("/hook").body(Body::from("hello")).expect("a request");
        routes.clone().oneshot(request).await.expect("an answer").status()
    };
    store.mood.goes_away();
    assert_eq!(delivered().await, StatusCode::SERVICE_UNAVAILABLE);
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(taken_away.load(Ordering::SeqCst), 0);
    store.mood.comes_back();
    while delivered().await != StatusCode::OK {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let done = async {
        while taken_away.load(Ordering::SeqCst) == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), done).await.expect("done");
    assert_eq!(taken_away.load(Ordering::SeqCst), 1);
}
