//! Promise 10, deadlines: a turn ends by its deadline, however many slow calls it would need, and nothing is lost or doubled.

use std::{future::Future, net::Ipv4Addr, sync::Arc, time::Duration};

use async_trait::async_trait;
use flow_core::{
    Deadlines, Engine, Input, SessionId, Store, StoreError,
    store::{Claim, Commit, Cursor, Due, Loaded, Page, Post, Posted, Verdict},
};
use flow_proving::{Fault, FaultProxy, RedisServer};
use futures_util::future::join_all;
use tokio::time::{Instant, sleep, timeout};

use super::{
    ground::{Behind, Ground, redis_at},
    outside::{Outside, works},
    shop::Shop,
    visitor::Visitor,
};

pub(super) const DEADLINE: Duration = Duration::from_secs(2);

/// So long a message takes to the server, and as long its answer.
const AWAY: Duration = Duration::from_millis(450);

/// Another machine, which is near the server, takes turns of the same session all the time.
pub(super) async fn hurries(engine: &Engine<Shop>, visitor: &Visitor) {
    loop {
        visitor.says(engine, "hurry").await;
        sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn a_turn_that_always_meets_another_writer_over_a_slow_network_ends_by_its_deadline() {
    let (server, outside) = (RedisServer::start(), Outside::default());
    let proxy = FaultProxy::before((Ipv4Addr::LOCALHOST, server.port()).into()).await.expect("a port");
    let near = Ground::over("Redis", redis_at(&server.url(), "shop").await, Behind::None).engine(outside.shop());
    let url = format!("redis://{}", proxy.address());
    let far = outside.shop().deadlines(Deadlines::default().store(DEADLINE).turn(DEADLINE));
    let far = far.store(Arc::new(redis_at(&url, "shop").await));
    let visitors = Visitor::several(5);
    for visitor in &visitors {
        visitor.enters(&near).await;
    }
    proxy.set(Fault::Delay(AWAY));
    let says = |visitor: &Visitor| Input::text(format!("mail {}", visitor.name)).with_id("wamid.1");
    let times = join_all(visitors.iter().map(async |visitor| {
        let began = Instant::now();
        tokio::select! {
            _ = timeout(10 * DEADLINE, visitor.tries(&far, says(visitor))) => began.elapsed(),
            () = hurries(&near, visitor) => unreachable!("it has no end"),
        }
    }));
    let longest = times.await.into_iter().max().expect("some");
    // Generous, for a busy machine; without a deadline for the turn it is a multiple of that.
    assert!(longest < 2 * DEADLINE, "{longest:?} under a deadline of {DEADLINE:?}");
    proxy.set(Fault::Pass);
    sleep(2 * AWAY).await;
    for visitor in &visitors {
        // Whatever became of it: the same message, again, is taken once.
        visitor.says(&near, says(visitor)).await;
    }
    works(&near).await;
    let (mut mailed, names) = (outside.mailed(), visitors.into_iter().map(|visitor| visitor.name).collect::<Vec<_>>());
    mailed.sort();
    assert_eq!((mailed, outside.dropped()), (names, Vec::new()), "each once");
}

/// A store that is far away: a message takes so long to it, and as long its answer.
#[derive(Debug)]
pub(super) struct Far {
    pub(super) store: Arc<dyn Store>,
    pub(super) by: Duration,
}

impl Far {
    async fn there_and_back<A>(&self, call: impl Future<Output = A>) -> A {
        sleep(self.by).await;
        let answer = call.await;
        sleep(self.by).await;
        answer
    }
}

#[async_trait]
impl Store for Far {
    async fn load(&self, id: SessionId, letters: usize) -> Result<Loaded, StoreError> {
        self.there_and_back(self.store.load(id, letters)).await
    }

    async fn commit(&self, commit: Commit) -> Result<Verdict, StoreError> {
        self.there_and_back(self.store.commit(commit)).await
    }

    async fn post(&self, post: Post) -> Result<Posted, StoreError> {
        self.there_and_back(self.store.post(post)).await
    }

    async fn remove(&self, id: SessionId) -> Result<bool, StoreError> {
        self.there_and_back(self.store.remove(id)).await
    }

    async fn due(&self, claim: Claim) -> Result<Due, StoreError> {
        self.there_and_back(self.store.due(claim)).await
    }

    async fn browse(&self, after: Option<Cursor>, limit: usize) -> Result<Page, StoreError> {
        self.there_and_back(self.store.browse(after, limit)).await
    }
}
