//! What has to be there so that a site is ready: [`Readiness`].

use std::time::Duration;

use flow_core::engine::Health;

/// What has to be there so that a site is ready, and how often it is asked.
///
/// A load balancer, or Kubernetes, asks `/readyz` and sends visitors to processes that are ready. All that the bot needs counts
/// unless set: the store, the archive if there is one, and a worker if the store can tell of one. They are shared by a whole fleet, so
/// that all of its processes stop being ready at once when one of them is away. Without the archive a bot still answers; where it
/// is to go on answering, the archive does not count:
///
/// ```
/// # use flow_core::Flow;
/// use flow_http::Readiness;
///
/// # fn example<F: Flow>(site: flow_http::Site<F>) -> flow_http::Site<F> {
/// site.readiness(Readiness::default().without_archive())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "it counts once the site has it"]
pub struct Readiness {
    pub(crate) rest: Duration,
    pub(crate) patience: Duration,
    archive: bool,
    worker: bool,
}

impl Default for Readiness {
    fn default() -> Self {
        // Kubernetes waits a second for the answer unless told otherwise.
        Self { rest: Duration::from_secs(1), patience: Duration::from_millis(800), archive: true, worker: true }
    }
}

impl Readiness {
    /// Has the store and the archive asked at most once in this time, however often `/readyz` is: whoever asks meanwhile gets the
    /// last answer. A second unless set.
    pub fn rest(self, rest: Duration) -> Self {
        Self { rest, ..self }
    }

    /// Counts a part that has not answered after this time as away. 800 ms unless set.
    pub fn patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Is ready without its archive. Whether that is away is still told, to whom [`Site::tells`](crate::Site::tells) lets know.
    pub fn without_archive(self) -> Self {
        Self { archive: false, ..self }
    }

    /// Is ready without a worker: timers, announcements and what goes out through channels wait for one, answers do not.
    pub fn without_worker(self) -> Self {
        Self { worker: false, ..self }
    }

    /// Whether all is there that counts.
    pub(crate) fn is_met(&self, parts: Parts) -> bool {
        let archive_counts = self.archive && parts.archive == Some(false);
        let worker_counts = self.worker && parts.worker == Some(false);
        parts.store && !archive_counts && !worker_counts && !parts.is_shutting_down
    }
}

/// Which part is there.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Parts {
    pub(crate) store: bool,
    /// None if there is no archive.
    pub(crate) archive: Option<bool>,
    /// None if nobody can tell.
    pub(crate) worker: Option<bool>,
    pub(crate) is_shutting_down: bool,
}

impl From<Health> for Parts {
    fn from(health: Health) -> Self {
        Self {
            store: health.store.is_ok(),
            archive: health.archive.map(|archive| archive.is_ok()),
            worker: health.worker,
            is_shutting_down: health.is_shutting_down,
        }
    }
}
