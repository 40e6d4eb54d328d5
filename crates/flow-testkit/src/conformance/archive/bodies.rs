//! What a record holds, and what was known, is not the archive's business.

use flow_core::{Record, SessionId, archive::Entry};
use serde_json::{Value, json};

use super::{
    ArchiveSubject,
    entries::{checkpoint, first, next},
    subject::LATEST,
};
use crate::conformance::promise::kept;

const TEXT: &str = "Grüße, 你好, שלום, 👩‍👩‍👧, e\u{301}, \u{202e}, \u{0}, \u{ffff}, \r\n, ' \" \\ % {} ; --";

/// Nothing, text in any script, and bytes that are no text: a wrapper around the store may have sealed them.
pub async fn every_archived_body_comes_back_byte_for_byte(subject: ArchiveSubject) {
    let every_byte: Vec<u8> = (0..=u8::MAX).collect();
    for body in [&b""[..], b" ", b"null", b"{}", TEXT.as_bytes(), &every_byte] {
        let one = subject.keep(holding(body, first(SessionId::random()))).await;
        subject.holds(&[&one], &format!("an entry was put whose record has the body {body:?}")).await;
        // A second entry, because an archive may insert in one way and update in another.
        let two = subject.keep(holding(body, next(&one))).await;
        subject.holds(&[&one, &two], &format!("two entries were put whose records have the body {body:?}")).await;
    }
}

/// A conversation may grow long.
pub async fn an_archived_body_of_a_mebibyte_comes_back_byte_for_byte(subject: ArchiveSubject) {
    let body: Vec<u8> = (0..1 << 20_u32).map(|index: u32| index.to_le_bytes()[index as usize % 4]).collect();
    let entry = subject.keep(holding(&body, first(SessionId::random()))).await;
    let latest = subject.latest(entry.id).await.map(|latest| latest.record);
    kept("an entry was put whose record has a body of a mebibyte", LATEST, &latest, &Some(entry.record));
}

/// A visitor may send anything, and it is in the summary and in the checkpoints as it was sent.
pub async fn what_is_known_may_hold_any_text(subject: ArchiveSubject) {
    for known in [json!({ "name": TEXT, TEXT: null }), json!(TEXT), Value::Null, json!([1.5, -7, u64::MAX, true])] {
        let mut entry = first(SessionId::random());
        entry.summary.data = known.clone();
        entry.summary.language = Some(TEXT.into());
        entry.checkpoints = vec![checkpoint(entry.id, 1, 0)];
        entry.checkpoints[0].data = known.clone();
        entry.checkpoints[0].shared = known;
        let entry = subject.keep(entry).await;
        subject.holds(&[&entry], "an entry was put that knows of texts and numbers of all kinds").await;
    }
}

fn holding(body: &[u8], mut entry: Entry) -> Entry {
    entry.record = Record::compose(entry.record.stamp(), body);
    entry
}
