//! Every step that a session took.

use chrono::TimeDelta;
use flow_core::{
    Cause, SessionId, Transition,
    archive::{ArchivedStep, Entry},
};

use super::{
    ArchiveSubject,
    entries::{first, minute, next, step},
    subject::{NEXT_STEP, STEPS},
};
use crate::conformance::promise::kept;

/// Everything about it, and its time to the microsecond.
pub async fn a_step_comes_back_as_it_was_put(subject: ArchiveSubject) {
    let transition = Transition::new(None, "Grüße, 你好", Cause::Operator, minute(7));
    let strange = ArchivedStep::new(1 << 40, 1 << 41, transition).is_end(true);
    let early = minute(0) - TimeDelta::days(30_000) + TimeDelta::microseconds(1);
    let Transition { from, to, by, .. } = step(1).transition;
    let early = ArchivedStep::new(1, 1, Transition::new(from, to, by, early)).position(u32::MAX);
    let entry = subject.keep(having(vec![step(0), early, strange], first(SessionId::random()))).await;
    subject.holds(&[&entry], "steps with unusual names, numbers and times were put").await;
}

/// As numbers, and in whatever order they were put.
pub async fn steps_come_in_the_order_of_their_numbers(subject: ArchiveSubject) {
    let id = SessionId::random();
    let one = subject.keep(having([10, 9, 100, 2].map(step).into(), first(id))).await;
    subject.keep(having([30, 4].map(step).into(), next(&one))).await;
    let done = "steps with the numbers 10, 9, 100 and 2 were put, and then 30 and 4: in which order do they come?";
    kept(done, STEPS, &numbers(&subject.history(id).await), &vec![2, 4, 9, 10, 30, 100]);
}

/// From a number on, whether there is such a step or not.
pub async fn steps_are_paged_from_a_number_up_to_a_limit(subject: ArchiveSubject) {
    let id = SessionId::random();
    subject.keep(having((0..20).filter(|number| number % 2 == 0).map(step).collect(), first(id))).await;
    let done = "ten steps with the numbers 0, 2, 4 and so on up to 18 were put";
    for (from, limit, page) in
        [(0, 3, &[0, 2, 4][..]), (6, 2, &[6, 8]), (7, 2, &[8, 10]), (16, 9, &[16, 18]), (19, 9, &[]), (0, 0, &[])]
    {
        let done = format!("{done}, and up to {limit} were read from number {from} on");
        kept(&done, STEPS, &numbers(&subject.steps(id, from, limit).await).as_slice(), &page);
    }
    let beyond = subject.steps(id, u64::MAX, usize::MAX).await;
    kept(&format!("{done}, and all were read from the largest number on"), STEPS, &beyond, &Vec::<ArchivedStep>::new());
    let all = subject.steps(id, 0, usize::MAX).await;
    kept(&format!("{done}, and read with the largest limit: how many came?"), STEPS, &all.len(), &10);
}

/// A session that goes on from its archive may bring a step once more.
pub async fn a_step_that_is_kept_already_stays_as_it_is(subject: ArchiveSubject) {
    let one = subject.keep(having((0..3).map(step).collect(), first(SessionId::random()))).await;
    subject.keep(having(vec![step(1), step(2).is_end(true), step(3)], next(&one))).await;
    let done = "the steps 0, 1 and 2 were put, and then 1, another 2, and 3";
    kept(done, STEPS, &subject.history(one.id).await, &[0, 1, 2, 3].map(step).to_vec());
}

/// By one behind the largest number, and 0 if there is no step.
pub async fn the_next_step_is_numbered_behind_the_last(subject: ArchiveSubject) {
    let mut entry = subject.keep(having(Vec::new(), first(SessionId::random()))).await;
    for (steps, next_step) in [(&[][..], 0), (&[0], 1), (&[7, 5], 8), (&[6], 8), (&[], 8), (&[8], 9)] {
        entry = subject.keep(having(steps.iter().copied().map(step).collect(), next(&entry))).await;
        let latest = subject.latest(entry.id).await.map(|latest| latest.steps);
        kept(&format!("the last entry that was put has the steps {steps:?}"), NEXT_STEP, &latest, &Some(next_step));
    }
}

fn having(steps: Vec<ArchivedStep>, entry: Entry) -> Entry {
    entry.steps(steps)
}

fn numbers(steps: &[ArchivedStep]) -> Vec<u64> {
    steps.iter().map(|step| step.number).collect()
}
