//! How a worker works: [`WorkerParts`].

use std::time::Duration;

use crate::{Flow, Worker};

#[derive(Clone, Debug)]
pub(in crate::service) struct WorkerParts {
    pub(in crate::service) pause: Duration,
    pub(in crate::service) lease: Duration,
    pub(in crate::service) at_once: usize,
    pub(in crate::service) for_each_destination: usize,
    pub(in crate::service) batch: usize,
    pub(in crate::service) heartbeat: Duration,
}

impl Default for WorkerParts {
    fn default() -> Self {
        Self {
            pause: Duration::from_secs(1),
            lease: Duration::from_secs(60),
            at_once: 32,
            for_each_destination: 8,
            batch: 100,
            heartbeat: Duration::from_secs(90),
        }
    }
}

impl WorkerParts {
    /// Has a worker work so.
    pub(in crate::service) fn configure<F: Flow>(&self, worker: Worker<F>) -> Worker<F> {
        worker
            .pause(self.pause)
            .lease(self.lease)
            .at_once(self.at_once)
            .for_each_destination(self.for_each_destination)
            .batch(self.batch)
            .heartbeat(self.heartbeat)
    }
}
