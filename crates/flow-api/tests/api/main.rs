//! The public interface of each published crate is the one that was reviewed: a change of it is a change of a file in
//! `snapshots`, and is read as code is.

mod compiler;
mod interface;
mod workspace;

use std::io::{Write as _, stderr};
use std::panic::catch_unwind;

#[test]
fn each_published_crate_is_as_it_was_reviewed() {
    if let Err(reason) = compiler::is_the_pinned_one() {
        // Written past the harness, which shows nothing of a test that passes.
        writeln!(stderr(), "\nnot compared: {reason}").expect("stderr takes a line");
        return;
    }
    let interfaces = interface::write_all();
    // Each is compared, so that one run shows every difference.
    let differ: Vec<String> = workspace::published()
        .into_iter()
        .filter(|package| catch_unwind(|| compare(package, &interfaces.of(package))).is_err())
        .collect();
    assert!(
        differ.is_empty(),
        "the public interface of {} is not the one that was reviewed; if it is meant, \
         `INSTA_UPDATE=always ./check api` takes it over, and its diff is part of the change",
        differ.join(", ")
    );
}

#[test]
fn no_snapshot_is_of_a_crate_that_is_gone() {
    let published = workspace::published();
    for snapshot in workspace::snapshots() {
        assert!(published.contains(&snapshot), "snapshots/{snapshot}.snap is of no published crate");
    }
}

fn compare(package: &str, interface: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(package, interface));
}
