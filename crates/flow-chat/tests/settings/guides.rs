//! The example file and the operator's guide beside the table that they are made from.
//!
//! `WRITE_GUIDES=1 cargo test -p flow-chat --all-features --test settings guides::` writes both anew.

use std::{env, fs, path::Path};

use flow_chat::service::{Key, Settings, Sources};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("the folder of the whole repository")
}

/// Fails if the file is not this text, or writes it if that is wished.
fn is_or_becomes(path: &Path, text: &str) {
    if env::var_os("WRITE_GUIDES").is_some() {
        fs::write(path, text).expect("it is written");
    }
    let there = fs::read_to_string(path).unwrap_or_default();
    assert!(there == text, "{} is not what the table of settings says: WRITE_GUIDES=1 writes it anew", path.display());
}

#[test]
fn the_example_file_has_every_setting_with_its_default() {
    is_or_becomes(&root().join("deploy/flow.toml"), &Sources::new().example());
}

#[test]
fn the_example_file_says_what_counts_without_it() {
    let example = Sources::new().example();
    let uncommented: Vec<_> = example
        .lines()
        .map(|line| line.strip_prefix('#').filter(|line| !line.starts_with(' ')).unwrap_or(line))
        .collect();
    // What has no default stands there empty, and is to be filled in.
    let filled: Vec<_> = uncommented.into_iter().filter(|line| !line.ends_with("= \"\"")).collect();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("flow.toml");
    fs::write(&path, filled.join("\n")).expect("a file");
    let memory = [("store", "memory:")];
    let read = Sources::new().file(&path).pairs(memory).read().expect("it is right");
    let set = Settings::keys().filter(|key| read.origin(key.name()).is_some_and(|_| key.default().is_some()));
    assert_eq!(set.count(), Settings::keys().filter(|key| key.default().is_some()).count());
    let plain = Settings::from_pairs(memory).expect("it is right");
    assert_eq!(crate::running::configured(&read), crate::running::configured(&plain));
}

#[test]
fn the_example_file_of_a_bot_has_its_own_settings_where_they_belong() {
    let sources = Sources::new()
        .own(Key::text("salon", "The salon's name.").or("Lumen"))
        .own(Key::text("expiry.words", "What an expired visitor is told.").or("\"Hello\" \\ again"));
    let example = sources.example();
    let groups = example.lines().filter(|line| line.starts_with('[')).count();
    assert_eq!(groups, Sources::new().example().lines().filter(|line| line.starts_with('[')).count());
    let set = example.lines().map(|line| match line {
        "#salon = \"Lumen\"" => "salon = \"Lux\"",
        "#words = \"\\\"Hello\\\" \\\\ again\"" => &line[1..],
        "#store = \"\"" => "store = \"memory:\"",
        other => other,
    });
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("flow.toml");
    fs::write(&path, set.collect::<Vec<_>>().join("\n")).expect("a file");
    let settings = sources.file(&path).read().expect("it is right");
    assert_eq!((settings.own("salon"), settings.own("expiry.words")), (Some("Lux"), Some("\"Hello\" \\ again")));
}

#[test]
fn the_operators_guide_has_every_setting() {
    let path = root().join("docs/operations.md");
    let guide = fs::read_to_string(&path).expect("the guide");
    let (begin, end) = ("<!-- settings: begin -->\n", "<!-- settings: end -->\n");
    let (before, rest) = guide.split_once(begin).expect("where the settings begin");
    let (_, after) = rest.split_once(end).expect("where they end");
    let rows: String = Settings::keys().map(row).collect();
    let table = format!("| setting | takes | unless set | what it does |\n| --- | --- | --- | --- |\n{rows}");
    is_or_becomes(&path, &format!("{before}{begin}{table}{end}{after}"));
}

fn row(key: &Key) -> String {
    let secret = if key.is_secret() { "; a secret" } else { "" };
    let default = key.default().map_or_else(String::new, |default| format!("`{default}`"));
    format!("| `{}` | {}{secret} | {default} | {} |\n", key.name(), key.takes(), key.about())
}
