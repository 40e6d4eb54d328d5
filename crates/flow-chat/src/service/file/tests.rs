//! The reader of settings files beside a reader of all of TOML.

use std::collections::BTreeMap;

use toml::{Table, Value};

use super::Lines;
use crate::service::written::Written;

/// What is read of a text, or the numbers of the lines with mistakes.
fn read(text: &str) -> Result<BTreeMap<String, Value>, Vec<usize>> {
    let Lines { settings, faults, .. } = Lines::read(text);
    if !faults.is_empty() {
        return Err(faults.into_iter().map(|(line, _)| line).collect());
    }
    let value = |written| match written {
        Written::Text(text) => Value::String(text),
        Written::Number(number) => Value::Integer(number),
        Written::Switch(switch) => Value::Boolean(switch),
        Written::List(list) => Value::Array(list.into_iter().map(Value::String).collect()),
    };
    Ok(settings.into_iter().map(|line| (line.name, value(line.value))).collect())
}

/// What a reader of all of TOML reads, as names with dots.
fn read_by_others(text: &str) -> Option<BTreeMap<String, Value>> {
    fn flatten(group: &str, table: Table, all: &mut BTreeMap<String, Value>) {
        for (name, value) in table {
            let name = if group.is_empty() { name } else { format!("{group}.{name}") };
            match value {
                Value::Table(table) => flatten(&name, table, all),
                value => drop(all.insert(name, value)),
            }
        }
    }
    let mut all = BTreeMap::new();
    flatten("", text.parse().ok()?, &mut all);
    Some(all)
}

const FILE: &str = r#"
# A comment.
store = "sqlite:///var/lib/bot.db"   # and another
[expiry]
idle = '24h'
grace = "a \"b\" \\ \n \u00e9"

[limits]
turns_at_once = 1_000
[a.b]
list = [ # of texts
    "a", 'b',
    "c"
]
yes = true
"#;

#[test]
fn a_file_is_read_as_others_read_it() {
    let ours = read(FILE).expect("no mistakes");
    assert_eq!(ours.len(), 6);
    assert_eq!(Some(&ours), read_by_others(FILE).as_ref());
    assert_eq!(Ok(&ours), read(&FILE.replace('\n', "\r\n")).as_ref(), "with the ends of lines of Windows");
    assert_eq!(Ok(&ours), read(&format!("\u{feff}{FILE}")).as_ref(), "with the mark that some editors write");
}

/// Most of what is made of these at random is no file, and much of it is one.
const PIECES: [&str; 48] = [
    "a",
    "b",
    "c",
    "a.b",
    "d_1",
    "-e",
    "=",
    " = ",
    " = ",
    "=\t",
    "\n",
    "\n",
    "\n",
    "\r\n",
    "\r",
    "[a]",
    "[b]",
    "[c.d]",
    "[",
    "]",
    "]",
    "[ ]",
    "[]",
    ",",
    ", ",
    "\"x\"",
    "'y'",
    "\"\"",
    "''",
    "\"\\n\"",
    "\"\\u00e9\"",
    "\"\\ud800\"",
    "\"\\x\"",
    "\"",
    "'",
    "1",
    "-2",
    "+3",
    "0",
    "007",
    "1_0",
    "1__0",
    "1.5",
    "true",
    "false",
    "# é",
    "#",
    "\u{0}",
];

#[test]
fn whatever_is_taken_at_random_others_take_the_same_way() {
    let mut random = fastrand::Rng::with_seed(15);
    let mut taken = 0;
    for round in 0..30_000 {
        let mut text = String::new();
        for _ in 0..random.usize(1..5) {
            // Half of the lines are of the right form, so that more than one in a row is taken.
            if random.bool() {
                let name = ["a", "b", "c", "d"][random.usize(..4)];
                let value = ["1", "\"x\"", "'y'", "[\"a\"]", "true", "[ 'a', # b\n\"c\" , ]"][random.usize(..6)];
                text.extend([name, " = ", value, "\n"]);
            }
            for _ in 0..random.usize(..5) {
                text += PIECES[random.usize(..PIECES.len())];
            }
        }
        if let Ok(ours) = read(&text) {
            taken += usize::from(!ours.is_empty());
            assert_eq!(Some(ours), read_by_others(&text), "round {round}: {text:?}");
        }
    }
    assert!(taken > 1_000, "only {taken} files were taken: this compares too little");
}

#[test]
fn each_mistake_is_told_with_its_line_and_the_rest_is_read() {
    let text = "\
store = memory\n\
[expiry\n\
idle = 24h\n\
a b = 1\n\
[limits]\n\
input = 1.5\n\
input = 1\n\
input = 2\n\
[limits]\n\
[[said]]\n\
x = \"open\n\
y = \"\"\"a\"\"\"\n\
z = \"\\q\"\n\
expiry.idle = \"24h\"\n\
list = [1, 2]\n\
more = 1 2\n\
when = 2026-01-01\n\
last = [\"a\"\n";
    let lines = [1, 2, 3, 4, 6, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 19];
    assert_eq!(read(text), Err(lines.to_vec()));
    assert_eq!(Lines::read(text).settings.len(), 1, "`limits.input = 1` is read all the same");
}
