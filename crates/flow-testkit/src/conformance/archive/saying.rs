//! What was said. An archive without transcripts has nothing to show here.

use std::{cmp::Reverse, sync::Arc};

use chrono::TimeDelta;
use flow_core::{
    Archive, Moment, SessionId, Speaker, Stamp, Utterance,
    archive::{Entry, Transcripts},
};
use serde_json::json;
use uuid::Uuid;

use super::{
    ArchiveSubject,
    entries::{first, minute, next},
    subject::{assert_done, assert_erased, assert_moved},
};
use crate::conformance::promise::{kept, succeeded};

const SAID: &str = "`transcript` gives everything that was said and kept, as it was put first, in the order of the moments, after the \
    moment that it is asked for and no more than the limit";

const FORGET: &str = "`forget_said_before` forgets what was said before the time in sessions of the flow, that first which was said \
    the longest ago, no more than the limit, and tells how many";

/// Everything about it, and its time to the microsecond.
pub async fn what_was_said_comes_back_as_it_was_put(subject: ArchiveSubject) {
    let Some(scribe) = Scribe::of(&subject) else { return };
    let id = SessionId::random();
    let moment = Moment::new(minute(0) + TimeDelta::microseconds(1), stamp(u64::MAX), u32::MAX);
    let details = json!({ "label": "Größe, 你好", "choices": [null, 0.25, { "a\0": "b\0" }], "far": 1e16 });
    let said = vec![
        utterance(1, 0).with_details(details),
        Utterance::new(moment, Speaker::Operator, "ASKED", "text").with_text("a\0b"),
        Utterance::new(moment_of(2, 0), Speaker::Outside, "Grüße, 你好", "signal").with_bytes(1 << 40).with_cut(true),
        Utterance::new(moment_of(2, 1), Speaker::Visitor, "ASKED", "").with_text(""),
    ];
    subject.keep(first(id).said(said.clone())).await;
    let mut said = said;
    said.sort_by_key(|said| said.moment);
    scribe.tells(id, None, 100, &said, "things said with unusual words, details, times and sizes were put").await;
}

/// By time, then by version, as a number and however large, then by the id of the write, and then by place.
pub async fn what_was_said_comes_in_the_order_of_the_moments(subject: ArchiveSubject) {
    let Some(scribe) = Scribe::of(&subject) else { return };
    let id = SessionId::random();
    let mut said = [(10, 0), (9, 1), (u64::MAX, 0), (9, 0), (1 << 63, 2), (9, 10), (9, 2), (i64::MAX as u64, 0)]
        .map(|(version, index)| {
            // All at one time, but for the first.
            let at = if version == 10 { minute(9) } else { minute(1) };
            said_at(Moment::new(at, stamp(version), index))
        })
        .to_vec();
    let mut writes = [1, 2, 3].map(|_| said_at(Moment::new(minute(1), Stamp { version: 7, ..Stamp::first() }, 0)));
    writes.sort_by_key(|said| Reverse(said.moment));
    said.extend(writes);
    let one = subject.keep(first(id).said(said[..4].to_vec())).await;
    subject.keep(next(&one).said(said[4..].to_vec())).await;
    said.sort_by_key(|said| said.moment);
    let done = "things said at one time in turns of many versions were put, and three of one version and other writes";
    scribe.tells(id, None, 100, &said, done).await;
    for (place, after) in said.iter().enumerate() {
        let done = format!("{done}, and those after the one at place {place} were read");
        scribe.tells(id, Some(after.moment), 100, &said[place + 1..], &done).await;
    }
}

/// After a moment, whether something was said then or not.
pub async fn what_was_said_is_paged_after_a_moment_up_to_a_limit(subject: ArchiveSubject) {
    let Some(scribe) = Scribe::of(&subject) else { return };
    let (id, other) = (SessionId::random(), SessionId::random());
    let said: Vec<_> = (0..10).map(|count| utterance(2 * count, 0)).collect();
    subject.keep(first(id).said(said.clone())).await;
    subject.keep(first(other).said(vec![utterance(3, 0)])).await;
    let done = "ten things said in the minutes 0, 2, 4 and so on up to 18 were put, and something of another session";
    for (after, limit, page) in [
        (None, 3, &said[..3]),
        (Some(4), 2, &said[3..5]),
        (Some(5), 2, &said[3..5]),
        (Some(16), 9, &said[9..]),
        (Some(18), 9, &[]),
        (None, 0, &[]),
        (Some(0), usize::MAX, &said[1..]),
    ] {
        let done = format!("{done}, and up to {limit} were read after minute {after:?}");
        scribe.tells(id, after.map(|count| moment_of(count, 0)), limit, page, &done).await;
    }
}

/// An archiving that was not noted is made again.
pub async fn what_was_said_and_kept_already_stays_as_it_is(subject: ArchiveSubject) {
    let Some(scribe) = Scribe::of(&subject) else { return };
    let id = SessionId::random();
    let one = subject.keep(first(id).said(vec![utterance(1, 0), utterance(1, 1)])).await;
    let again = utterance(1, 1).with_text("another");
    subject.keep(next(&one).said(vec![again, utterance(1, 2)])).await;
    let done = "two things said were put, then the second of them again with another text, and a third";
    scribe.tells(id, None, 100, &[0, 1, 2].map(|index| utterance(1, index)), done).await;
}

/// The entry is kept whole or not at all.
pub async fn an_entry_that_is_not_kept_brings_nothing_that_was_said(subject: ArchiveSubject) {
    let Some(scribe) = Scribe::of(&subject) else { return };
    let (id, erased) = (SessionId::random(), SessionId::random());
    let one = subject.keep(first(id).said(vec![utterance(1, 0)])).await;
    let late = first(id).said(vec![utterance(2, 0)]);
    let done = "an entry was put on nothing where a session is kept";
    assert_moved(&subject.put(&late).await, Some(one.record.stamp()), done);
    scribe.tells(id, None, 100, &[utterance(1, 0)], done).await;
    subject.erase(erased, minute(9)).await;
    let done = "a session was erased in minute 9, and an entry was put that brings what was said in minute 1";
    let mut late = first(erased).said(vec![utterance(1, 0)]);
    late.steps.clear();
    late.checkpoints.clear();
    late.summary.created_at = minute(20);
    assert_erased(&subject.put(&late).await, done);
    scribe.tells(erased, None, 100, &[], done).await;
}

/// What was said is of its session.
pub async fn a_purge_and_an_erasure_take_what_was_said(subject: ArchiveSubject) {
    let Some(scribe) = Scribe::of(&subject) else { return };
    let (purged, erased, other) = (SessionId::random(), SessionId::random(), SessionId::random());
    for id in [purged, erased, other] {
        let mut entry = first(id).said(vec![utterance(1, 0)]);
        entry.summary.updated_at = if id == purged { minute(1) } else { minute(5) };
        assert_done(&subject.put(&entry).await, "a session was put with something that was said");
    }
    subject.purges(minute(3), 10, 1, "three sessions were put, one with a last turn in minute 1").await;
    subject.erase(erased, minute(9)).await;
    let done = "three sessions were put with what was said; one was purged and one erased";
    scribe.tells(purged, None, 100, &[], done).await;
    scribe.tells(erased, None, 100, &[], done).await;
    scribe.tells(other, None, 100, &[utterance(1, 0)], done).await;
}

/// What was said at that very time stays, and so does all else of the session.
pub async fn what_was_said_is_forgotten_by_its_flow_and_time_the_oldest_first(subject: ArchiveSubject) {
    let Some(scribe) = Scribe::of(&subject) else { return };
    let (one, two, other) = (SessionId::random(), SessionId::random(), SessionId::random());
    let mut entries: Vec<Entry> = Vec::new();
    for (id, minutes) in [(one, [5, 1]), (two, [2, 4]), (other, [1, 2])] {
        let mut entry = first(id).said(minutes.map(|count| utterance(count, 0)).to_vec());
        if id == other {
            "others".clone_into(&mut entry.summary.flow);
        }
        entries.push(subject.keep(entry).await);
    }
    let done = "of one flow, two things each were said in two sessions, in the minutes 5 and 1, and 2 and 4; more in another flow";
    for (before, limit, forgotten, of_one, of_two) in [
        (9, 0, 0, &[1, 5][..], &[2, 4][..]),
        (1, 9, 0, &[1, 5], &[2, 4]),
        (9, 2, 2, &[5], &[4]),
        (5, 9, 1, &[5], &[]),
        (6, 9, 1, &[], &[]),
        (6, 9, 0, &[], &[]),
    ] {
        let done = format!("{done}; and up to {limit} of the first from before minute {before} were forgotten");
        kept(&format!("{done}: how many were there?"), FORGET, &scribe.forgets(before, limit).await, &forgotten);
        for (id, minutes) in [(one, of_one), (two, of_two), (other, &[1, 2])] {
            let said: Vec<_> = minutes.iter().map(|count| utterance(*count, 0)).collect();
            scribe.tells(id, None, 100, &said, &done).await;
        }
    }
    for entry in &entries {
        subject.holds(&[entry], &format!("{done}; and all of the first was forgotten")).await;
    }
}

/// The transcripts of the archive.
struct Scribe(Arc<dyn Archive>);

impl Scribe {
    /// None of an archive without transcripts.
    fn of(subject: &ArchiveSubject) -> Option<Self> {
        let archive = subject.archive();
        archive.transcripts().is_some().then_some(Self(archive))
    }

    fn transcripts(&self) -> &dyn Transcripts {
        self.0.transcripts().expect("an archive that has transcripts has them for good")
    }

    /// This was said, after what was done.
    async fn tells(&self, id: SessionId, after: Option<Moment>, limit: usize, said: &[Utterance], done: &str) {
        let told = self.transcripts().transcript(id, after, limit).await;
        let told = succeeded("what was said in a session was asked for", told);
        let shown = |said: &[Utterance]| said.iter().map(|said| json!(said).to_string()).collect::<Vec<_>>();
        kept(done, SAID, &shown(&told), &shown(said));
    }

    async fn forgets(&self, before: u64, limit: usize) -> usize {
        let flow = first(SessionId::random()).summary.flow;
        let forgotten = self.transcripts().forget_said_before(&flow, minute(before), limit).await;
        succeeded("what was said long ago was forgotten", forgotten)
    }
}

/// The write of a version, which is the same however often it is asked for.
fn stamp(version: u64) -> Stamp {
    Stamp { version, write_id: Uuid::from_u64_pair(0x4000 | version << 16, 0x8 << 60 | version) }
}

fn moment_of(count: u64, index: u32) -> Moment {
    Moment::new(minute(count), stamp(count + 1), index)
}

fn utterance(count: u64, index: u32) -> Utterance {
    said_at(moment_of(count, index))
}

fn said_at(moment: Moment) -> Utterance {
    Utterance::new(moment, Speaker::Visitor, "ASKED", "text").with_text(format!("the {}th", moment.index))
}
