//! Commits that the tests write.

use flow_core::{
    Record, SessionId, Stamp, Store,
    store::{Commit, Expect, Verdict},
};

pub(crate) const FLOW: &str = "booking";

/// The first record of a session.
pub(crate) fn create(id: SessionId) -> Commit {
    let record = Record::compose(Stamp::first(), br#"{"current":"WELCOME"}"#);
    Commit::new(id, Expect::Absent, record, FLOW, "WELCOME")
}

/// The record after `record`.
pub(crate) fn follow(id: SessionId, record: &Record) -> Commit {
    let stamp = record.stamp();
    Commit::new(id, Expect::At(record.prefix()), Record::compose(stamp.next(), b"{}"), FLOW, "WELCOME")
}

/// Writes the commit, and gives its record.
pub(crate) async fn write(store: &impl Store, commit: Commit) -> Record {
    let record = commit.record.clone();
    assert_eq!(store.commit(commit).await.expect("a commit"), Verdict::Done { waiting: 0 });
    record
}

/// What an error and its causes say.
pub(crate) fn told(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(format!("{error:?}: {error}"), |told, cause| format!("{told}: {cause}"))
}
