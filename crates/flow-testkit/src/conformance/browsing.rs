//! All sessions, a page at a time.

use std::collections::BTreeSet;

use flow_core::{
    SessionId, StoreError,
    store::{Cursor, Page},
};

use super::{Subject, subject::create};

/// Whatever the size of a page.
pub async fn a_quiet_browse_sees_each_session_once(subject: Subject) {
    let ids = subject.fill(100).await;
    for limit in [1, 2, 7, 99, 100, 101, 1_000] {
        let browsed = subject.browse(limit).await;
        assert_eq!(browsed.len(), ids.len(), "in pages of {limit}");
        assert_eq!(browsed.into_iter().collect::<BTreeSet<_>>(), ids, "in pages of {limit}");
    }
}

/// While others come and go between the pages, before and behind the cursor.
pub async fn a_busy_browse_misses_no_session_that_stays(subject: Subject) {
    let staying = subject.fill(100).await;
    let mut passing = subject.fill(100).await;
    let (mut seen, mut after) = (BTreeSet::new(), None);
    for _ in 0..10_000 {
        let (ids, next) = subject.page(after, 7).await;
        for id in ids.iter().filter(|id| passing.remove(id)) {
            assert!(subject.remove(*id).await);
        }
        seen.extend(ids);
        if next.is_none() {
            assert!(seen.is_superset(&staying), "{} were missed", staying.difference(&seen).count());
            return;
        }
        after = next;
        // Fewer come than go, so that the browse has an end.
        subject.write(create(SessionId::random(), b"body")).await;
    }
    panic!("no end of browsing");
}

/// A page holds live sessions only.
pub async fn a_removed_session_is_not_browsed(subject: Subject) {
    let mut ids = subject.fill(10).await;
    let removed = ids.pop_first().expect("ten ids");
    subject.remove(removed).await;
    assert_eq!(subject.browse(3).await.into_iter().collect::<BTreeSet<_>>(), ids);
}

/// Whatever an operator's screen sends: no crash, no outage, no stranger's session.
pub async fn a_cursor_of_another_store_is_refused_or_gives_a_page(subject: Subject) {
    let ids = subject.fill(10).await;
    let (uuid, long) = (SessionId::random().to_string(), "9".repeat(10_000));
    for text in ["", "0", "-1", "3:7", "18446744073709551616", "ÿ\u{0}", "'; DROP TABLE record; --", "*", &uuid, &long]
    {
        match subject.store().browse(Some(Cursor(text.to_owned())), 5).await {
            Ok(Page { ids: page, .. }) => assert!(page.iter().all(|id| ids.contains(id))),
            Err(error) => assert!(matches!(error, StoreError::Refused(_)), "{error:?}"),
        }
    }
    assert_eq!(subject.browse(5).await.len(), 10);
}
