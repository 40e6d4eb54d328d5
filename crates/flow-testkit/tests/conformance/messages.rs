//! What the author of a broken store or archive reads.

use std::panic::{AssertUnwindSafe, catch_unwind};

use flow_core::SessionId;
use flow_testkit::{ArchiveSubject, ManualClock, Subject, conformance};

use crate::{archive_defect::ArchiveDefect, defect::Defect, plain_archive::PlainArchive, plain_store::PlainStore};

/// The words in which the behaviour fails, with every id shortened: no two runs have the same.
fn words(play: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(play)).expect_err("it is broken");
    let words = panic.downcast::<String>().expect("words");
    let mut shortened = String::new();
    let mut rest = words.as_str();
    while let Some(next) = rest.chars().next() {
        let id = rest.get(..36).filter(|word| word.parse::<SessionId>().is_ok());
        shortened.push_str(id.map_or(&rest[..next.len_utf8()], |_| "…"));
        rest = &rest[id.map_or(next.len_utf8(), str::len)..];
    }
    shortened
}

fn words_of_a_store(defect: Defect, name: &str) -> String {
    let behaviour = conformance::all().into_iter().find(|behaviour| behaviour.name() == name).expect("a behaviour");
    words(|| {
        behaviour.play(async || {
            let clock = ManualClock::new();
            Subject::on_clock(PlainStore::with(defect, clock.clone()), clock)
        });
    })
}

#[test]
fn a_store_that_breaks_a_promise_is_told_which_and_how() {
    let broken = [
        (Defect::ComparesNothing, "a_stale_stamp_loses"),
        (Defect::CutsLongBodies, "a_body_of_a_mebibyte_comes_back_byte_for_byte"),
        (Defect::ClaimsWithoutLimit, "no_more_than_the_limit_is_claimed"),
        (Defect::FailsOnForeignCursors, "a_cursor_of_another_store_is_refused_or_gives_a_page"),
    ];
    let words = broken.map(|(defect, name)| words_of_a_store(defect, name));
    insta::assert_snapshot!(words.join("\n\n"), @r#"
    a promise is broken
      what was done:     two records of a session were committed, and a third commit expected the first of them
      what is promised:  where something else is stored than a commit expects, it writes nothing, and hands back what is stored
      what had to come:  Conflict(Some(Record { stamp: Stamp { version: 2, write_id: … }, size: 114, .. }))
      what came instead: Done

    a promise is broken
      what was done:     a session was created with a body of a mebibyte
      what is promised:  `load` gives the record of the last commit, byte for byte, and none once it is removed or its time to live is over
      what had to come:  the same bytes
      what came instead: Some("a changed body of 65535 bytes")

    a promise is broken
      what was done:     of seven due sessions 7 were not claimed, and up to 0 were claimed: how many?
      what is promised:  `due` claims the live sessions of the flow whose wake time has come and that no other claim holds, the longest due first, and no more than the limit
      what had to come:  0
      what came instead: 7

    a promise is broken
      what was done:     a page was asked for behind the cursor "", which this store did not give
      what is promised:  such a cursor is `Refused`, or gives a page of live sessions
      what had to come:  a page, or Refused(…)
      what came instead: Corrupt(InvalidSessionId)
    "#);
}

#[test]
fn an_archive_that_breaks_a_promise_is_told_which_and_how() {
    let behaviours = conformance::archive::all();
    let name = "an_older_entry_never_lands_on_a_newer_one";
    let behaviour = behaviours.into_iter().find(|behaviour| behaviour.name() == name).expect("a behaviour");
    let archive = async || ArchiveSubject::new(PlainArchive::with(ArchiveDefect::ComparesNothing));
    insta::assert_snapshot!(words(|| behaviour.play(archive)), @r"
    a promise is broken
      what was done:     three entries of a session were put, and then an earlier one again
      what is promised:  where something else is kept than an entry expects, nothing is written, and `Moved` tells what it is
      what had to come:  Moved(Some(Stamp { version: 3, write_id: … }))
      what came instead: Done
    ");
}
