//! A few conversations that an archive's statistics can be tried on: [`seed`].

use chrono::{DateTime, TimeDelta, Utc};
use flow_core::{
    Cause, Key, Record, SessionId, Stamp, Transition,
    archive::{ArchivedCheckpoint, ArchivedStep, Entry, Status, Summary},
    store::Expect,
};
use serde_json::json;

/// The same few sessions of two flows, each time: some end, some lapse, some stand open.
///
/// They come back to a state, begin anew, cross midnight, stand in a state that the flow no longer has, and are taken up
/// again where they had lapsed. Put them into an empty archive, and look at what it counts.
pub fn seed() -> Vec<Entry> {
    SESSIONS.iter().zip(1..).map(|(session, number)| entry(session, number)).collect()
}

/// Where the states stand in their flow's declaration, and which of them are ends. `PHONE` was taken out.
const POSITIONS: &[(&str, u32, bool)] = &[
    ("WELCOME", 0, false),
    ("NAME", 1, false),
    ("EMAIL", 2, false),
    ("REVIEW", 3, false),
    ("BOOKED", 4, true),
    ("CANCELLED", 5, true),
    ("SIZE", 0, false),
    ("TOPPING", 1, false),
    ("ORDERED", 2, true),
];

/// The flow, the beginning, and the steps: why, where to, and how many seconds after the beginning.
const SESSIONS: &[(&str, &str, &str)] = &[
    (
        "booking",
        "2026-03-01T09:00:00Z",
        "opened WELCOME 0, message NAME 10, message EMAIL 40, message REVIEW 100, button BOOKED 130",
    ),
    (
        "booking",
        "2026-03-01T10:00:00Z",
        "opened WELCOME 0, message NAME 20, message EMAIL 80, back NAME 90, message EMAIL 130, message REVIEW 200, \
         button BOOKED 260, reopened WELCOME 86400, shortcut CANCELLED 86430",
    ),
    ("booking", "2026-03-01T23:59:30Z", "opened WELCOME 0, message NAME 45, lapsed NAME 1845"),
    (
        "booking",
        "2026-03-02T08:00:00Z",
        "opened WELCOME 0, message NAME 30, message EMAIL 60, lapsed EMAIL 1860, resumed EMAIL 90000, \
         message REVIEW 90060",
    ),
    (
        "booking",
        "2026-03-02T09:00:00Z",
        "opened WELCOME 0, lapsed WELCOME 1800, expired WELCOME 200000, message NAME 200015, message PHONE 200030",
    ),
    (
        "booking",
        "2026-03-02T12:00:00.5Z",
        "opened WELCOME 0, message NAME 12.25, message EMAIL 30.5, lapsed EMAIL 1830.5",
    ),
    ("pizza", "2026-03-02T18:00:00Z", "opened SIZE 0, button TOPPING 8, button ORDERED 20"),
    ("pizza", "2026-03-02T18:30:00Z", "opened SIZE 0"),
    ("pizza", "2026-03-03T19:00:00Z", "opened SIZE 0, button TOPPING 15, lapsed TOPPING 3615"),
    ("pizza", "2026-03-03T20:00:00Z", "opened SIZE 0, button TOPPING 20, lapsed TOPPING 3620, resumed TOPPING 7000"),
];

fn entry((flow, beginning, steps): &(&str, &str, &str), number: u32) -> Entry {
    let id: SessionId = format!("00000000-0000-4000-8000-{number:012}").parse().expect("an id");
    let steps = read(beginning.parse().expect("a time"), steps);
    let (first, last) = (&steps[0].transition, &steps[steps.len() - 1]);
    let begun = steps.iter().rev().find(|step| step.transition.by.begins()).map_or(first, |step| &step.transition);
    let state = last.transition.to.clone();
    let summary = Summary::new(*flow, 1, state.as_str(), begun.at)
        .data(json!({ "guest": number }))
        .status(status(last))
        .updated_at(last.transition.at)
        .expires_at(last.transition.at + TimeDelta::minutes(30));
    let stamp = Stamp { version: steps.len() as u64, write_id: *id.as_uuid() };
    let record = Record::compose(stamp, format!(",\"current\":\"{state}\"}}").as_bytes());
    let checkpoints = steps.iter().filter(|step| step.is_end).map(|step| checkpoint(id, step, &summary)).collect();
    Entry::new(id, Expect::Absent, record, summary).steps(steps).checkpoints(checkpoints)
}

fn read(beginning: DateTime<Utc>, text: &str) -> Vec<ArchivedStep> {
    let (mut steps, mut from, mut conversation) = (Vec::<ArchivedStep>::new(), None, 0);
    for words in text.split(", ").map(|step| step.split(' ').collect::<Vec<_>>()) {
        let [word, to, seconds] = words[..] else { panic!("three words a step") };
        let by: Cause = serde_json::from_value(json!(word)).expect("a cause");
        conversation += u64::from(by.begins());
        let millis: f64 = seconds.parse::<f64>().expect("seconds") * 1_000.0;
        #[allow(clippy::cast_possible_truncation, reason = "a few days of milliseconds")]
        let at = beginning + TimeDelta::milliseconds(millis as i64);
        let declared = POSITIONS.iter().find(|(state, ..)| *state == to);
        let transition = Transition::new(from.replace(to.to_owned()), to, by, at);
        let step = ArchivedStep::new(steps.len() as u64, conversation, transition);
        let is_end = declared.is_some_and(|(.., is_end)| *is_end);
        steps.push(step.position(declared.map(|(_, position, _)| *position)).is_end(is_end));
    }
    steps
}

fn status(last: &ArchivedStep) -> Status {
    match last.transition.by {
        Cause::Lapsed => Status::Lapsed,
        _ if last.is_end => Status::Ended,
        _ => Status::Open,
    }
}

fn checkpoint(id: SessionId, step: &ArchivedStep, summary: &Summary) -> ArchivedCheckpoint {
    let (stamp, Transition { to, at, .. }) = (Stamp { version: step.number + 1, ..Stamp::first() }, &step.transition);
    ArchivedCheckpoint::new(Key::new(id, stamp, 0), to.as_str(), summary.data.clone(), json!(null), *at)
}
