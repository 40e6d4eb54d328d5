//! What all stubs have: a [`Stage`].

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::sync::watch;

use super::{
    calls::Calls,
    chats::Chats,
    faults::{Faults, Unheard},
    http::Answer,
    postman::Postman,
    trips::Trips,
};

/// The chats of a platform, what is called, delivered and measured there, and what goes wrong.
pub(super) struct Stage {
    pub(super) chats: Chats,
    pub(super) calls: Calls,
    /// What was delivered, and what the bot answered.
    pub(super) deliveries: Calls,
    pub(super) trips: Arc<Trips>,
    pub(super) faults: Arc<Faults>,
    pub(super) postman: Arc<Postman>,
    manner: Mutex<Manner>,
    changes: watch::Sender<u64>,
}

/// How a platform waits.
struct Manner {
    patience: Duration,
    speed: f64,
}

impl Stage {
    /// With so long for a webhook's answer, and so many deliveries at once.
    pub(super) fn new(patience: Duration, connections: usize) -> Self {
        let faults = Arc::<Faults>::default();
        let trips = Arc::<Trips>::default();
        Self {
            chats: Chats::default(),
            calls: Calls::default(),
            deliveries: Calls::default(),
            postman: Arc::new(Postman::new(Arc::clone(&faults), Arc::clone(&trips), connections)),
            trips,
            faults,
            manner: Mutex::new(Manner { patience, speed: 1.0 }),
            changes: watch::channel(0).0,
        }
    }

    pub(super) fn patience(&self) -> Duration {
        self.manner().patience
    }

    pub(super) fn set_patience(&self, patience: Duration) {
        self.manner().patience = patience;
    }

    pub(super) fn set_speed(&self, speed: f64) {
        self.manner().speed = speed;
    }

    /// How long what takes so long on the platform takes here.
    pub(super) fn scaled(&self, time: Duration) -> Duration {
        time.div_f64(self.manner().speed)
    }

    pub(super) fn keep(&self, messages: usize) {
        self.chats.keep(messages);
        self.calls.keep(messages);
        self.deliveries.keep(messages);
    }

    pub(super) fn forget(&self) {
        self.chats.clear();
        self.calls.clear();
        self.deliveries.clear();
        self.trips.clear();
        self.change();
    }

    /// Whoever watches is told.
    pub(super) fn change(&self) {
        self.changes.send_modify(|version| *version += 1);
    }

    pub(super) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    fn manner(&self) -> MutexGuard<'_, Manner> {
        self.manner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Unheard {
    /// What becomes of the answer.
    pub(super) fn answer(&self) -> Answer {
        match self {
            Self::Lost => Answer::Closed,
            Self::Stalled => Answer::Stalled,
        }
    }

    pub(super) fn why(&self) -> &'static str {
        match self {
            Self::Lost => "it was taken, and the answer was lost",
            Self::Stalled => "it was taken, and is not answered",
        }
    }
}

/// What a gateway answers behind which nothing is.
pub(super) fn bad_gateway() -> Answer {
    let page = "<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>";
    Answer::of(502, "text/html", page)
}
