//! Delivers what visitors do to the bot's webhook: a [`Postman`].

mod carrier;
mod lanes;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::Request;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use tokio::{sync::Semaphore, time::timeout};

pub(super) use carrier::{Carrier, Failure, Parcel};

use super::{faults::Faults, trips::Trips};
use lanes::Lanes;

/// How long what is to be overtaken waits for something that overtakes it.
const HELD_BACK: Duration = Duration::from_secs(1);

/// One for a stub. What is posted in one lane is delivered in order, and lanes beside each other.
pub(super) struct Postman {
    client: Client<HttpConnector, Full<Bytes>>,
    faults: Arc<Faults>,
    trips: Arc<Trips>,
    lanes: Lanes,
    held: Mutex<HashMap<String, Vec<Parcel>>>,
    connections: Mutex<Arc<Semaphore>>,
}

impl Postman {
    pub(super) fn new(faults: Arc<Faults>, trips: Arc<Trips>, connections: usize) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(Duration::from_secs(5)));
        let client = Client::builder(TokioExecutor::new())
            .pool_idle_timeout(Duration::from_secs(20))
            .pool_timer(TokioTimer::new())
            .build(connector);
        let connections = Mutex::new(Arc::new(Semaphore::new(connections)));
        Self { client, faults, trips, lanes: Lanes::default(), held: Mutex::default(), connections }
    }

    /// Forgets all that waits, and has this many connections from now on.
    pub(super) fn begin_anew(&self, connections: usize) {
        self.lanes.clear();
        self.held().clear();
        *self.connections.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(Semaphore::new(connections));
    }

    /// Delivers this, after all that was posted in its lane before.
    pub(super) fn post(self: &Arc<Self>, carrier: Arc<dyn Carrier>, parcel: Parcel) {
        if !self.faults.is_held_back() {
            return self.queue(carrier, parcel);
        }
        let chat = parcel.chat.clone();
        self.held().entry(chat.clone()).or_default().push(parcel);
        let postman = Arc::clone(self);
        tokio::spawn(async move {
            tokio::time::sleep(HELD_BACK).await;
            postman.let_go(&carrier, &chat);
        });
    }

    /// Delivers this once, now, and gives the status and the body that came back.
    pub(super) async fn ask(&self, request: Request<Full<Bytes>>, patience: Duration) -> Result<(u16, Bytes), Failure> {
        let answered = async {
            let response = self.client.request(request).await.map_err(|_| Failure::NotConnected)?;
            let status = response.status().as_u16();
            let retry_after = response.headers().get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
            let retry = response.headers().get("x-slack-no-retry").is_none_or(|value| value != "1");
            let body =
                Limited::new(response.into_body(), 1 << 20).collect().await.map_err(|_| Failure::NotConnected)?;
            if (200..300).contains(&status) {
                Ok((status, body.to_bytes()))
            } else {
                Err(Failure::Status { status, retry_after, retry })
            }
        };
        timeout(patience, answered).await.unwrap_or(Err(Failure::TimedOut))
    }

    fn queue(self: &Arc<Self>, carrier: Arc<dyn Carrier>, parcel: Parcel) {
        if let Some(generation) = self.lanes.push(parcel.clone()) {
            tokio::spawn(Arc::clone(self).run(carrier, parcel.lane, generation));
        }
    }

    fn let_go(self: &Arc<Self>, carrier: &Arc<dyn Carrier>, chat: &str) {
        for parcel in self.held().remove(chat).unwrap_or_default() {
            self.queue(Arc::clone(carrier), parcel);
        }
    }

    /// Goes through a lane until nothing is in it, or all begins anew.
    async fn run(self: Arc<Self>, carrier: Arc<dyn Carrier>, lane: String, generation: u64) {
        let mut ended = self.lanes.ended(generation);
        while let Some(parcel) = self.lanes.front(&lane, generation) {
            let failed = tokio::select! {
                failed = self.attempt(&*carrier, &parcel, &[]) => failed,
                () = ended.wait() => return,
            };
            if let Some(failure) = failed {
                let again = Arc::clone(&self).deliver_again(Arc::clone(&carrier), parcel.clone(), failure, generation);
                if carrier.keeps_order() {
                    again.await;
                } else {
                    tokio::spawn(again);
                }
            }
            self.lanes.pop(&lane, generation);
            self.let_go(&carrier, &parcel.chat);
        }
    }

    /// Tries until the bot has it, the platform gives it up, or all begins anew.
    async fn deliver_again(
        self: Arc<Self>,
        carrier: Arc<dyn Carrier>,
        parcel: Parcel,
        failure: Failure,
        generation: u64,
    ) {
        let mut ended = self.lanes.ended(generation);
        let mut failures = vec![failure];
        loop {
            let Some(pause) = carrier.pause(&parcel, &failures) else { return carrier.dropped(&parcel) };
            let again = async {
                tokio::time::sleep(pause).await;
                self.attempt(&*carrier, &parcel, &failures).await
            };
            let failed = tokio::select! {
                failed = again => failed,
                () = ended.wait() => return,
            };
            match failed {
                Some(failure) => failures.push(failure),
                None => return,
            }
        }
    }

    /// Tries once. None if the bot has it.
    async fn attempt(&self, carrier: &dyn Carrier, parcel: &Parcel, failures: &[Failure]) -> Option<Failure> {
        while self.faults.is_away() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        match self.try_once(carrier, parcel, failures).await {
            Ok(body) => {
                if self.faults.is_doubled() {
                    // Whatever becomes of it: the bot has it already.
                    let _ = self.try_once(carrier, parcel, failures).await;
                }
                carrier.taken(parcel, &body);
                None
            }
            Err(failure) => {
                carrier.failed(parcel, &failure);
                Some(failure)
            }
        }
    }

    async fn try_once(&self, carrier: &dyn Carrier, parcel: &Parcel, failures: &[Failure]) -> Result<Bytes, Failure> {
        let connections = Arc::clone(&self.connections.lock().unwrap_or_else(PoisonError::into_inner));
        let _connection = connections.acquire().await.expect("it is never closed");
        let Some(request) = carrier.request(parcel, failures, self.faults.flaw()) else {
            return Err(Failure::NotConnected);
        };
        if let Some(trip) = parcel.trip {
            self.trips.is_delivered(trip);
        }
        let (_, body) = self.ask(request, carrier.patience()).await?;
        if let Some(trip) = parcel.trip {
            self.trips.is_taken(trip);
        }
        Ok(body)
    }

    fn held(&self) -> MutexGuard<'_, HashMap<String, Vec<Parcel>>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
