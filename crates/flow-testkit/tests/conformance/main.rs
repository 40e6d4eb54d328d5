//! The suites themselves are tested: a plain correct store passes, and each store with one defect fails where it should;
//! and so do archives.

mod archive_defect;
mod broken_archives;
mod broken_quarantines;
mod broken_stores;
mod defect;
mod messages;
mod plain_archive;
mod plain_store;
mod resilient;

use std::time::Duration;

use flow_core::SystemClock;
use flow_testkit::{ArchiveSubject, ManualClock, Subject, archive_conformance, conformance, store_conformance};
use plain_archive::PlainArchive;
use plain_store::PlainStore;

async fn on_a_manual_clock() -> Subject {
    let clock = ManualClock::new();
    let store = PlainStore::new(clock.clone());
    let another = store.another();
    Subject::on_clock(store, clock).with_another_handle(another)
}

store_conformance!(on_a_manual_clock);

async fn plain_archive() -> ArchiveSubject {
    ArchiveSubject::new(PlainArchive::default())
}

archive_conformance!(plain_archive);

async fn in_real_time() -> Subject {
    Subject::in_real_time(PlainStore::new(SystemClock), Duration::from_millis(300))
}

#[test]
fn a_store_whose_time_is_real_is_waited_for() {
    conformance::play(conformance::a_commit_renews_the_time_to_live, in_real_time);
    conformance::play(conformance::a_claim_comes_back_after_its_lease, in_real_time);
}

#[test]
fn what_a_subject_keeps_is_dropped_after_the_behaviour_was_shown() {
    let server = std::sync::Arc::new(());
    let kept = server.clone();
    conformance::play(async |subject: Subject| drop(subject.store()), async || on_a_manual_clock().await.keeping(kept));
    assert_eq!(std::sync::Arc::strong_count(&server), 1);
}
