//! What is wrong with settings is told at once, a line each.

use std::{fs, path::Path};

use flow_chat::service::{Key, Mistakes, Origin, Settings, Sources};

/// What is told of these settings.
fn told(sources: &Sources) -> String {
    sources.read().expect_err("something is wrong").to_string()
}

fn mistakes<const N: usize>(pairs: [(&str, &str); N]) -> Mistakes {
    Settings::from_pairs(pairs).expect_err("something is wrong")
}

#[test]
fn everything_that_is_wrong_is_told_at_once_with_where_it_stands_and_what_would_be_right() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("flow.toml");
    let text = r#"
store = "pigeons"
expiry.idle = "24h"
nonsense

[expiry]
idel = "24h"
idle = 24
grace = "a while"

[limits]
turns_at_once = 0
input = "64 KB"
rounds = -1
turns_at_once = 7

[deadlines]
store = "0s"
handler = "200 years"

[archival]
insist = "perhaps"
interval = ["1m"]

[secrets]
token = "x"
"#;
    fs::write(&path, text).expect("a file");
    let variables = [
        ("FLOW_STROE", "memory:"),
        ("FLOW_OUTAGE_POLICY", "panic"),
        ("FLOW_EXPIRY_RESUME", "always"),
        ("FLOW_EXPIRY_ABSOLUTE", "on"),
        ("FLOW_ARCHIVE", "redis://127.0.0.1"),
        ("FLOW_SECRET", "too short"),
        ("FLOW_INBOX_TRIES", "5000000000"),
        ("FLOW_LIMITS_RECORD", "99999999999999999999"),
        ("FLOW_TLS_KEY", "/no/such/key.pem"),
        ("FLOW_STORE_PASSWORD_FILE", "/no/such/file"),
    ];
    let sources = Sources::new()
        .own(Key::word("log", "How much to log.", ["info", "debug"]))
        .file(&path)
        .variables(variables)
        .argument("--log", "log", "loud");
    let told = told(&sources).replace(&folder.path().display().to_string(), "/etc/bot");
    insta::assert_snapshot!(told);
}

#[test]
fn what_goes_wrong_only_together_is_told_of_the_setting_that_is_to_be_changed() {
    let told = mistakes([
        ("archive", "same"),
        ("store", "redis://127.0.0.1/1"),
        ("retries.pause", "1h"),
        ("deadlines.turn", "1s"),
        ("redis.replicas", "1"),
        ("redis.replicas_patience", "700ms"),
    ]);
    insta::assert_snapshot!(told);
}

#[test]
fn the_url_of_a_server_is_looked_at_before_the_server_is_asked() {
    for (name, value, pairs, wrong) in [
        ("store", "redis://127.0.0.1/salon", &[][..], "the URL is not of the form `redis://"),
        (
            "store",
            "redis://salon.example",
            &[],
            "would be spoken to in the clear; say `rediss://`, or name the host in `plaintext_hosts`",
        ),
        (
            "store",
            "postgres://salon.example/x?sslmode=disable",
            &[],
            "would be spoken to in the clear; leave `sslmode=disable` out",
        ),
        ("store", "postgres://127.0.0.1:port/x", &[], "the URL is not of the form `postgres://"),
        ("archive", "postgres://127.0.0.1:port/x", &[("store", "memory:")], "the URL is not of the form `postgres://"),
        ("redis.prefix", "a b", &[("store", "redis://127.0.0.1")], "letters"),
        ("postgres.schema", "A B", &[("store", "postgres://127.0.0.1/x")], "letters"),
    ] {
        // Only a build with all features knows these servers.
        if cfg!(all(feature = "redis", feature = "postgres")) {
            let mistakes = Settings::from_pairs(pairs.iter().copied().chain([(name, value)])).expect_err(value);
            let [mistake] = mistakes.mistakes() else { panic!("{mistakes}") };
            assert_eq!(mistake.key(), Some(name), "{mistakes}");
            assert!(mistakes.to_string().contains(wrong), "{mistakes}");
        }
    }
}

#[test]
fn a_file_that_cannot_be_read_is_told_by_its_path() {
    let folder = tempfile::tempdir().expect("a folder");
    let (missing, binary) = (folder.path().join("missing.toml"), folder.path().join("binary.toml"));
    fs::write(&binary, b"store = \"\xff\"").expect("a file");
    for (path, wrong) in
        [(&missing, "the file cannot be read: there is no such file"), (&binary, "the file is no UTF-8 text")]
    {
        let mistakes = Sources::new().file(path).pairs([("store", "memory:")]).read().expect_err("no file");
        let [mistake] = mistakes.mistakes() else { panic!("{mistakes}") };
        assert_eq!((mistake.key(), mistake.origin()), (None, &Origin::File(path.clone())));
        assert!(mistakes.to_string().contains(wrong), "{mistakes}");
    }
}

#[test]
fn a_setting_and_the_file_that_holds_it_are_not_both_set() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("flow.toml");
    fs::write(&path, "store = \"memory:\"\nstore_file = \"/run/secrets/store\"\n").expect("a file");
    let mistakes = Sources::new()
        .file(&path)
        .variables([("FLOW_SECRET", "a secret of some length"), ("FLOW_SECRET_FILE", "/run/secrets/secret")])
        .read()
        .expect_err("both are set");
    let told: Vec<_> = mistakes.mistakes().iter().map(ToString::to_string).collect();
    let line = format!("`store_file` ({}, line 2): `store` is set as well", path.display());
    assert_eq!(told, [line, "`secret_file` (FLOW_SECRET_FILE): `FLOW_SECRET` is set as well".to_owned()]);
}

#[test]
fn a_value_that_is_wrong_and_does_not_count_is_no_mistake() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("flow.toml");
    fs::write(&path, "store = \"memory:\"\n[expiry]\nidle = \"soon\"\n").expect("a file");
    let read = |variables: &[(&str, &str)]| Sources::new().file(&path).variables(variables.iter().copied()).read();
    assert!(read(&[]).is_err());
    read(&[("FLOW_EXPIRY_IDLE", "24h")]).expect("a variable sets it right");
}

#[test]
fn certificates_that_cannot_be_used_are_told_before_a_server_is_asked() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("file.pem");
    fs::write(&file, "-----BEGIN CERTIFICATE-----\nno certificate\n").expect("a file");
    let file = &*file.display().to_string();
    let url = if cfg!(feature = "redis") { "rediss://salon.example" } else { "memory:" };
    for (pairs, name, wrong) in [
        (&[("tls.authorities", file)][..], "tls.authorities", "the certificates or the key cannot be used"),
        (
            &[("tls.certificate", file), ("tls.key", file)],
            "tls.certificate",
            "the certificates or the key cannot be used",
        ),
        (&[("tls.key", file)], "tls.certificate", "it is missing, beside `tls.key`"),
        (&[("tls.certificate", file)], "tls.key", "it is missing, beside `tls.certificate`"),
    ] {
        // Only a build with all features knows a server to show them to.
        if cfg!(all(feature = "redis", feature = "tls")) {
            let mistakes = Settings::from_pairs(pairs.iter().copied().chain([("store", url)])).expect_err(name);
            let told: Vec<_> = mistakes.mistakes().iter().map(|mistake| mistake.key()).collect();
            assert_eq!(told, [Some(name)], "{mistakes}");
            assert!(mistakes.to_string().contains(wrong), "{mistakes}");
        }
    }
}

#[test]
fn a_program_that_declares_a_setting_wrongly_is_told() {
    let sources = Sources::new()
        .own(Key::text("Salon Name", "A name that no file could have."))
        .own(Key::text("expiry.idle", "One of Flow's."))
        .own(Key::text("expiry_idle", "One whose variable is that of Flow's."))
        .default_to("expiry.idel", "24h")
        .pairs([("store", "memory:")]);
    insta::assert_snapshot!(told(&sources));
}

#[test]
fn a_feature_that_is_missing_is_named() {
    // What this build lacks; with all features that is nothing, and `booking` is built and tested without them.
    for (url, feature, is_there) in [
        ("redis://127.0.0.1", "redis", cfg!(feature = "redis")),
        ("postgres://127.0.0.1/x", "postgres", cfg!(feature = "postgres")),
    ] {
        match Settings::from_pairs([("store", url)]) {
            Ok(_) => assert!(is_there, "{feature}"),
            Err(mistakes) => {
                assert!(!is_there, "{mistakes}");
                assert_eq!(mistakes.mistakes()[0].missing_feature(), Some(feature));
                assert!(mistakes.to_string().contains(&format!("the feature `{feature}` of flow-chat")));
            }
        }
    }
}

#[test]
fn the_path_of_a_file_is_told_as_it_was_given() {
    let mistakes = Settings::from_file("no/such.toml").expect_err("there is none");
    let is_told = |origin: &Origin| *origin == Origin::File(Path::new("no/such.toml").to_owned());
    assert!(mistakes.mistakes().iter().any(|mistake| is_told(mistake.origin())), "{mistakes}");
}
