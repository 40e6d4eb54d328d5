//! Workers that say that they are there. A store without a heartbeat has nothing to show here.

use std::time::Duration;

use chrono::{DateTime, Utc};
use flow_core::store::Heartbeat;

use super::{
    Subject,
    promise::{broken, kept, succeeded},
    subject::FLOW,
};

const BEAT: &str =
    "a beat takes the workers of its flow for alive for as long as it says, by the store's time, and shortens no other";

/// By the time of the store, and no other.
pub async fn a_worker_is_alive_for_as_long_as_its_beat_says(subject: Subject) {
    let Some(heartbeat) = Heart::of(&subject) else { return };
    heartbeat.is_alive(FLOW, false, "no worker has beaten").await;
    let (before, lasts) = (subject.now().await, subject.moments(3));
    heartbeat.beats(FLOW, lasts).await;
    let done = "a worker has beaten, to be alive for three moments";
    let Some(until) = heartbeat.alive_until(FLOW).await else {
        broken(done, BEAT, "Some(…)", &None::<DateTime<Utc>>)
    };
    let after = subject.now().await;
    // A store may keep times to the millisecond.
    let latest = after + lasts + Duration::from_millis(2);
    if until < before + lasts || until > latest {
        broken(done, BEAT, &format!("a time from {} to {latest}", before + lasts), &until);
    }
    subject.pass(1).await;
    heartbeat.is_alive(FLOW, true, &format!("{done}, of which one has passed")).await;
    subject.pass(3).await;
    heartbeat.is_alive(FLOW, false, &format!("{done}, and four have passed")).await;
}

/// A worker that goes on beating stays alive.
pub async fn a_later_beat_renews_an_earlier_one(subject: Subject) {
    let Some(heartbeat) = Heart::of(&subject) else { return };
    heartbeat.beats(FLOW, subject.moments(3)).await;
    subject.pass(2).await;
    heartbeat.beats(FLOW, subject.moments(3)).await;
    subject.pass(2).await;
    let done = "a worker has beaten twice, to be alive for three moments each time, the second time two moments after the first";
    heartbeat.is_alive(FLOW, true, &format!("{done}; two more have passed")).await;
    subject.pass(2).await;
    heartbeat.is_alive(FLOW, false, &format!("{done}; four more have passed")).await;
}

/// A worker that runs once a day may stand beside one that beats each half minute.
pub async fn a_shorter_beat_shortens_no_longer_one(subject: Subject) {
    let Some(heartbeat) = Heart::of(&subject) else { return };
    heartbeat.beats(FLOW, subject.moments(4)).await;
    heartbeat.beats(FLOW, subject.moments(1)).await;
    subject.pass(2).await;
    let done = "one worker has beaten, to be alive for four moments, and then another, for one; two have passed";
    heartbeat.is_alive(FLOW, true, done).await;
}

/// The names of two flows are the same or they are not, byte for byte.
pub async fn the_beats_of_two_flows_do_not_touch(subject: Subject) {
    let Some(heartbeat) = Heart::of(&subject) else { return };
    let flows = ["booking", "book", "booking:2", "Booking", "booking ", "größe {x} * ? \" '; --"];
    for (index, flow) in flows.into_iter().enumerate() {
        heartbeat.beats(flow, subject.moments(100)).await;
        let done = format!("workers of the flows {:?} have beaten", &flows[..=index]);
        for (other, name) in flows.into_iter().enumerate() {
            heartbeat.is_alive(name, other <= index, &done).await;
        }
    }
}

/// Nothing is over at once, and more than time itself does not end.
pub async fn a_beat_may_last_no_time_or_all_time(subject: Subject) {
    let Some(heartbeat) = Heart::of(&subject) else { return };
    for (flow, lasts, is_alive) in [("never", Duration::ZERO, false), ("ever", Duration::MAX, true)] {
        heartbeat.beats(flow, lasts).await;
        subject.pass(1).await;
        let done = format!("a worker has beaten, to be alive for {lasts:?}, and a moment has passed");
        heartbeat.is_alive(flow, is_alive, &done).await;
    }
}

/// No worker is given a beat to work on, and no operator sees one among the sessions.
pub async fn a_beat_is_no_session(subject: Subject) {
    let Some(heartbeat) = Heart::of(&subject) else { return };
    heartbeat.beats(FLOW, subject.moments(100)).await;
    subject.browses(10, &[].into(), "a worker has beaten").await;
    subject.are_due(10, &[], "a worker has beaten").await;
}

/// The heartbeat of a store.
struct Heart(std::sync::Arc<dyn flow_core::Store>);

impl Heart {
    /// None if the store keeps none.
    fn of(subject: &Subject) -> Option<Self> {
        let store = subject.store();
        store.heartbeat().is_some().then_some(Self(store))
    }

    fn get(&self) -> &dyn Heartbeat {
        self.0.heartbeat().expect("a store that had a heartbeat has it still")
    }

    async fn beats(&self, flow: &str, lasts: Duration) {
        succeeded("a worker has beaten", self.get().beat(flow, lasts).await);
    }

    async fn alive_until(&self, flow: &str) -> Option<DateTime<Utc>> {
        succeeded("it was asked whether a worker is alive", self.get().alive_until(flow).await)
    }

    /// A worker of the flow is alive or none is, after what was done.
    async fn is_alive(&self, flow: &str, is_alive: bool, done: &str) {
        let done = format!("{done}; is a worker of the flow {flow:?} alive?");
        kept(&done, BEAT, &self.alive_until(flow).await.is_some(), &is_alive);
    }
}
