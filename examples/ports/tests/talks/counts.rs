//! The README's table, held to what stands in the files: which conversations there are, and how many lines of code each is.

const README: &str = include_str!("../../README.md");

const FLOWS: [(&str, &str); 7] = [
    ("flows/photo_location_bio.rs", include_str!("../../flows/photo_location_bio.rs")),
    ("flows/purchase.rs", include_str!("../../flows/purchase.rs")),
    ("flows/restaurant.rs", include_str!("../../flows/restaurant.rs")),
    ("flows/login.rs", include_str!("../../flows/login.rs")),
    ("flows/survey.rs", include_str!("../../flows/survey.rs")),
    ("flows/address.rs", include_str!("../../flows/address.rs")),
    ("flows/media.rs", include_str!("../../flows/media.rs")),
];

/// How many lines hold code by the README's rule: none that is blank, a comment, or part of a `use`.
fn code_lines(source: &str) -> usize {
    let mut is_in_use = false;
    let mut holds_code = |line: &str| {
        let line = line.trim();
        is_in_use = is_in_use || line.starts_with("use ") || line.starts_with("pub use ");
        let holds_code = !line.is_empty() && !line.starts_with("//") && !is_in_use;
        is_in_use = is_in_use && !line.ends_with(';');
        holds_code
    };
    source.lines().filter(|line| holds_code(line)).count()
}

/// The files and the counts that the table has, in its order. The first cell links a file, the fourth is its count.
fn table(readme: &str) -> Vec<(&str, usize)> {
    let rows = readme.lines().filter(|line| line.starts_with("| ["));
    let row = |line| {
        let cells: Vec<&str> = str::split(line, '|').map(str::trim).collect();
        let (_, link) = cells[1].split_once("](").expect("a link in the first cell");
        (link.trim_end_matches(')'), cells[4].parse().expect("a count in the fourth cell"))
    };
    rows.map(row).collect()
}

#[test]
fn the_table_has_every_conversation_and_its_lines() {
    assert_eq!(table(README), FLOWS.map(|(file, source)| (file, code_lines(source))));
}

#[test]
fn blank_lines_comments_and_imports_hold_no_code() {
    let source = "//! A file.\n\nuse std::fmt;\n\nuse flow_chat::{\n    Reply,\n    Result,\n};\n\n/// A state.\n#[derive(Clone)]\n\
                  pub enum State {\n    // One.\n    Start, // and here\n}\n\npub use state::*;\nfn used() {}\n";
    assert_eq!(code_lines(source), 5);
}

#[test]
fn a_table_that_is_out_of_date_is_seen() {
    let row = "| Flow | Original | Theirs | Ours |\n| [login](flows/login.rs) | somewhere | 77 | 29 | no lock | |";
    assert_eq!(table(row), [("flows/login.rs", 29)]);
}
