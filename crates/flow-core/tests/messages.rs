//! What rustc says, in its own words, of a mistake in code written against a flow. The messages of the derive itself
//! are snapshots in `flow-derive`.

/// The wording is rustc's and changes with it: `TRYBUILD=overwrite cargo test -p flow-core --test messages` takes it
/// over.
// rustc lists the answers there are, so the messages are those of all features.
#[cfg(feature = "phone")]
#[test]
fn rustc_names_the_mistake() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/messages/pass_*.rs");
    cases.compile_fail("tests/messages/fail_*.rs");
}
