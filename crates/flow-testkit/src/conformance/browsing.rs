//! All sessions, a page at a time.

use std::collections::BTreeSet;

use flow_core::{
    SessionId, StoreError,
    store::{Cursor, Page},
};

use super::{
    Subject,
    promise::{broken, kept},
    subject::{BROWSE, create},
};

/// Whatever the size of a page.
pub async fn a_quiet_browse_sees_each_session_once(subject: Subject) {
    let ids = subject.fill(100).await;
    for limit in [1, 2, 7, 99, 100, 101, 1_000, usize::MAX] {
        subject.browses(limit, &ids, "100 sessions were created").await;
    }
}

/// Between the pages, other sessions come and go, before and behind the cursor.
pub async fn a_busy_browse_misses_no_session_that_stays(subject: Subject) {
    let staying = subject.fill(100).await;
    let mut passing = subject.fill(100).await;
    let (mut seen, mut after) = (BTreeSet::new(), None);
    let done = "200 sessions were created, and while they were browsed in pages of 7, half of them were removed and others \
        were created";
    for _ in 0..10_000 {
        let (ids, next) = subject.page(after, 7).await;
        for id in ids.iter().filter(|id| passing.remove(id)) {
            subject.removes(*id, true, done).await;
        }
        seen.extend(ids);
        if next.is_none() {
            let missed: Vec<_> = staying.difference(&seen).collect();
            kept(
                done,
                "a session that is there from the first page to the last is seen",
                &missed,
                &Vec::<&SessionId>::new(),
            );
            return;
        }
        after = next;
        // Fewer come than go, so that the browse has an end.
        subject.write(create(SessionId::random(), b"body")).await;
    }
    broken(done, BROWSE, "a last page", &"10,000 pages and more");
}

/// A page holds live sessions only.
pub async fn a_removed_session_is_not_browsed(subject: Subject) {
    let mut ids = subject.fill(10).await;
    let removed = ids.pop_first().expect("ten ids");
    subject.remove(removed).await;
    subject.browses(3, &ids, "ten sessions were created, and one was removed").await;
}

/// Whatever an operator's screen sends: no crash, no outage, no stranger's session.
pub async fn a_cursor_of_another_store_is_refused_or_gives_a_page(subject: Subject) {
    let ids = subject.fill(10).await;
    let (uuid, long) = (SessionId::random().to_string(), "9".repeat(10_000));
    for text in ["", "0", "-1", "3:7", "18446744073709551616", "ÿ\u{0}", "'; DROP TABLE record; --", "*", &uuid, &long]
    {
        let done = format!("a page was asked for behind the cursor {text:?}, which this store did not give");
        let promise = "such a cursor is `Refused`, or gives a page of live sessions";
        match subject.store().browse(Some(Cursor(text.to_owned())), 5).await {
            Ok(Page { ids: page, .. }) => {
                let strange: Vec<_> = page.iter().filter(|id| !ids.contains(id)).collect();
                kept(&done, promise, &strange, &Vec::<&SessionId>::new());
            }
            Err(StoreError::Refused(_)) => {}
            Err(error) => broken(&done, promise, "a page, or Refused(…)", &error),
        }
    }
    subject
        .browses(5, &ids, "ten sessions were created, and browsed behind cursors that this store did not give")
        .await;
}
