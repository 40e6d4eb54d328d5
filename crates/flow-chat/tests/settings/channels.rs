//! The secrets of a bot's channels.

use std::fs;

use flow_chat::service::{Settings, Sources};

/// The sources of a bot with two channels.
fn sources() -> Sources {
    Sources::new().channel("telegram").channel("second_number").pairs([("store", "memory:")])
}

/// What is set of a channel, and of the other.
fn set(settings: &Settings) -> (Vec<&str>, Option<&str>) {
    let telegram = settings.channel("telegram").expect("it is set");
    assert!(settings.channel("second_number").is_none());
    (telegram.secrets().collect(), telegram.token())
}

#[test]
fn a_channel_has_its_secrets_from_wherever_they_stand() {
    let folder = tempfile::tempdir().expect("a folder");
    let (secret, path) = (folder.path().join("secret"), folder.path().join("flow.toml"));
    fs::write(&secret, "new\n").expect("a file");
    let secret = secret.display().to_string();
    let text = format!("[channels.telegram]\nsecret_file = '{secret}'\nprevious_secret = 'old'\ntoken = '123:ABC'\n");
    fs::write(&path, text).expect("a file");
    for sources in [
        sources().file(&path),
        sources().variables([
            ("FLOW_CHANNELS_TELEGRAM_SECRET_FILE", &*secret),
            ("FLOW_CHANNELS_TELEGRAM_PREVIOUS_SECRET", "old"),
            ("FLOW_CHANNELS_TELEGRAM_TOKEN", "123:ABC"),
        ]),
    ] {
        let settings = sources.read().expect("nothing is wrong");
        assert_eq!(set(&settings), (vec!["new", "old"], Some("123:ABC")));
    }
}

#[test]
fn a_channel_may_have_one_secret_or_none() {
    let one = sources().pairs([("channels.telegram.secret", "new")]).read().expect("nothing is wrong");
    assert_eq!(set(&one), (vec!["new"], None));
    let none = sources().pairs([("channels.telegram.token", "123:ABC")]).read().expect("nothing is wrong");
    assert_eq!(set(&none), (vec![], Some("123:ABC")));
    assert!(sources().read().expect("nothing is wrong").channel("telegram").is_none());
}

#[test]
fn what_is_wrong_with_a_channel_is_told() {
    let read = sources()
        .channel("Fax")
        .pairs([("channels.telegram.previous_secret", "old"), ("channels.telegramm.secret", "new")])
        .read();
    insta::assert_snapshot!(read.expect_err("much is wrong"));
}

#[test]
fn a_channel_shows_which_of_its_secrets_are_set_and_none_of_them() {
    let pairs = [("channels.telegram.secret", "canary-new"), ("channels.telegram.token", "canary-token")];
    let settings = sources().pairs(pairs).read().expect("nothing is wrong");
    let shown = format!("{settings:?} {:?}", settings.channel("telegram"));
    assert!(shown.contains("secrets: [***], token: Some(***)") && !shown.contains("canary"), "{shown}");
}
