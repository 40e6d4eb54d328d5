//! A secret is taken from where it lies, and never shown.

use std::fs;

use flow_chat::service::{Key, Settings, Sources};

/// What must never be seen.
const CANARY: &str = "canary-9f2c17";

fn token() -> Key {
    Key::secret("telegram.token", "The token that BotFather has given the bot.")
}

#[test]
fn a_secret_may_stand_in_a_file_of_its_own() {
    let folder = tempfile::tempdir().expect("a folder");
    for (content, token) in
        [("123:ABC", "123:ABC"), ("123:ABC\n", "123:ABC"), ("123:ABC\r\n", "123:ABC"), ("a\n\n", "a\n")]
    {
        let path = folder.path().join("token");
        fs::write(&path, content).expect("a file");
        let path = path.display().to_string();
        let settings = folder.path().join("flow.toml");
        fs::write(&settings, format!("store = 'memory:'\n[telegram]\ntoken_file = '{path}'\n")).expect("a file");
        for sources in [
            Sources::new().pairs([("store", "memory:")]).variables([("FLOW_TELEGRAM_TOKEN_FILE", &path)]),
            Sources::new().file(&settings),
            Sources::new().pairs([("store", "memory:"), ("telegram.token_file", &path)]),
        ] {
            let settings = sources.own(crate::secrets::token()).read().expect("nothing is wrong");
            assert_eq!(settings.own("telegram.token"), Some(token), "{content:?}");
        }
    }
}

#[test]
fn a_variable_counts_over_the_file_of_a_secret_that_the_settings_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("flow.toml");
    fs::write(&path, "store_file = '/no/such/file'\n").expect("a file");
    Sources::new().file(&path).variables([("FLOW_STORE", "memory:")]).read().expect("the file is not looked at");
}

#[test]
fn a_file_of_a_secret_that_holds_none_is_told_without_its_path() {
    let folder = tempfile::tempdir().expect("a folder");
    let (empty, binary) = (folder.path().join("empty"), folder.path().join("binary"));
    fs::write(&empty, "\n").expect("a file");
    fs::write(&binary, b"\xff").expect("a file");
    let path = |path: &std::path::Path| path.display().to_string();
    for (file, wrong) in [
        (path(&empty), "the file that it names is empty"),
        (path(&binary), "the file that it names is no UTF-8 text"),
        (path(folder.path()), "the file that it names cannot be read: is a directory"),
        // The secret itself, written where its file belongs.
        (CANARY.to_owned(), "the file that it names cannot be read: there is no such file"),
    ] {
        let sources = Sources::new().variables([("FLOW_STORE_FILE", &file)]);
        let told = sources.read().expect_err("no store").to_string();
        assert!(told.ends_with(&format!("`store_file` (FLOW_STORE_FILE): {wrong}")), "{told}");
        assert!(!told.contains(&file), "{told}");
    }
}

#[test]
fn a_canary_that_is_written_anywhere_is_seen_nowhere() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("flow.toml");
    let bare = format!("store = {CANARY}\n[tls\n{CANARY} = [\n");
    fs::write(&path, bare).expect("a file");
    let mut told = vec![format!("{:?}", Sources::new().file(&path).read().map(|_| ()))];
    // In every setting there is, and in the file of each that may have one.
    let keys = Settings::keys().flat_map(|key| [key.name().to_owned(), format!("{}_file", key.name())]);
    for name in keys.filter(|name| !name.ends_with("_file") || is_secret(name)) {
        for value in [CANARY.to_owned(), format!("redis://:{CANARY}@[host"), format!("postgres://:{CANARY}@:x/")] {
            let sources = Sources::new().own(token()).pairs([("store", "memory:"), ("telegram.token", CANARY)]);
            let sources = sources.argument("--it", &name, value);
            told.push(format!("{sources:?}"));
            match sources.read() {
                // What is plain may be shown once it is found to be right.
                Ok(settings) if is_secret(&name) => told.push(format!("{settings:?}")),
                Ok(_) => {}
                Err(mistakes) => told.extend([mistakes.to_string(), format!("{mistakes:?}")]),
            }
        }
    }
    assert!(told.len() > 300, "{}", told.len());
    for told in told {
        assert!(!told.contains(CANARY), "{told}");
    }
}

fn is_secret(name: &str) -> bool {
    let name = name.strip_suffix("_file").unwrap_or(name);
    Settings::keys().any(|key| key.name() == name && key.is_secret())
}

#[test]
fn what_is_set_is_shown_with_where_it_stands_and_secrets_masked() {
    let settings = Sources::new()
        .own(token())
        .pairs([("store", "sqlite:/var/lib/bot.db"), ("expiry.idle", "24h")])
        .variables([("FLOW_TELEGRAM_TOKEN", CANARY), ("FLOW_SECRET", &CANARY.repeat(2))]);
    let shown = format!("{:#?}", settings.read().expect("nothing is wrong"));
    insta::assert_snapshot!(shown, @r#"
    {
        "expiry.idle": 24h (the program),
        "secret": *** (FLOW_SECRET),
        "store": *** (the program),
        "telegram.token": *** (FLOW_TELEGRAM_TOKEN),
    }
    "#);
}

#[cfg(unix)]
#[test]
fn a_file_without_an_end_is_refused_like_one_that_is_too_large() {
    let endless = "/dev/zero";
    for (sources, wrong) in [
        (Sources::new().file(endless), "/dev/zero: the file cannot be read: file too large"),
        (
            Sources::new().pairs([("store", "memory:")]).variables([("FLOW_TELEGRAM_TOKEN_FILE", endless)]),
            "the file that it names is larger than 1 MiB",
        ),
    ] {
        let mistakes = sources.own(token()).read().expect_err("it has no end").to_string();
        assert!(mistakes.contains(wrong), "{mistakes}");
    }
}
