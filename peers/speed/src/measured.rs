//! Candidates that take turns in rounds, so that what disturbs one disturbs all.

use std::{
    env,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::{runtime::Runtime, task::JoinSet};

pub type Act = Arc<dyn Fn(usize) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

/// How often each candidate comes.
pub fn rounds() -> usize {
    variable("ROUNDS", 7).max(1)
}

/// How long it runs each time.
pub fn spell() -> Duration {
    Duration::from_millis(variable("SPELL", 300).max(1) as u64)
}

/// The number that a variable has.
pub fn variable(name: &str, otherwise: usize) -> usize {
    env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(otherwise)
}

/// How often a second something was done.
#[derive(Clone, Debug, Default)]
pub struct Rate(Vec<f64>);

impl Rate {
    pub fn add(&mut self, rate: f64) {
        self.0.push(rate);
        self.0.sort_by(f64::total_cmp);
    }

    pub fn median(&self) -> f64 {
        self.0.get(self.0.len() / 2).copied().unwrap_or(f64::NAN)
    }

    /// From the least to the most, in percent of the median.
    pub fn spread(&self) -> f64 {
        match self.0[..] {
            [least, .., most] => 100.0 * (most - least) / self.median(),
            _ => 0.0,
        }
    }
}

/// What is measured beside the others of its group.
pub struct Candidate<'r> {
    pub name: String,
    pub at_once: usize,
    pub rate: Rate,
    run: Box<dyn FnMut() -> f64 + 'r>,
}

impl<'r> Candidate<'r> {
    /// So many at once do something, again and again.
    pub fn acting(name: impl Into<String>, runtime: &'r Runtime, at_once: usize, act: Act) -> Self {
        let run = move || runtime.block_on(rate(at_once, &act));
        Self::of(name, at_once, run)
    }

    /// Something that measures itself.
    pub fn of(name: impl Into<String>, at_once: usize, run: impl FnMut() -> f64 + 'r) -> Self {
        Self { name: name.into(), at_once, rate: Rate::default(), run: Box::new(run) }
    }
}

/// Runs all of a group, once to warm them and then in every round.
pub fn measure(candidates: &mut [Candidate<'_>]) {
    for round in 0..=rounds() {
        for candidate in &mut *candidates {
            let rate = (candidate.run)();
            if round > 0 {
                candidate.rate.add(rate);
            }
        }
    }
    for candidate in candidates {
        eprintln!("{:44} {:4} at once {:10.0}/s", candidate.name, candidate.at_once, candidate.rate.median());
    }
}

async fn rate(at_once: usize, act: &Act) -> f64 {
    let (count, began, spell, mut workers) = (Arc::new(AtomicU64::new(0)), Instant::now(), spell(), JoinSet::new());
    for worker in 0..at_once {
        let (act, count) = (Arc::clone(act), Arc::clone(&count));
        workers.spawn(async move {
            while began.elapsed() < spell {
                act(worker).await;
                count.fetch_add(1, Ordering::Relaxed);
                // A store in memory never waits: the others have their turn all the same.
                tokio::task::consume_budget().await;
            }
        });
    }
    while let Some(ended) = workers.join_next().await {
        ended.expect("what is measured does not fail");
    }
    count.load(Ordering::Relaxed) as f64 / began.elapsed().as_secs_f64()
}
