//! Which of several values counts, and how one may be written.

use std::fs;

use flow_chat::service::{Key, Origin, Settings, Sources};

fn salon() -> Key {
    Key::text("salon.name", "The salon's name.").or("Salon Lumen")
}

#[test]
fn what_is_named_later_counts_over_what_is_named_earlier() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("flow.toml");
    fs::write(&path, "store = \"memory:\"\n[salon]\nname = \"of the file\"\n").expect("a file");
    let plain = || Sources::new().own(salon());
    let named = |sources: Sources| {
        let settings = sources.read().expect("they are right");
        (settings.own("salon.name").expect("a name").to_owned(), settings.origin("salon.name").expect("it").clone())
    };
    let memory = [("store", "memory:")];
    let defaulted = || plain().default_to("salon.name", "of the program");
    let filed = || defaulted().file(&path);
    let varied = || filed().variables([("FLOW_SALON_NAME", "of the variable")]);
    for (sources, name, origin) in [
        (plain().pairs(memory), "Salon Lumen", Origin::Program),
        (defaulted().pairs(memory), "of the program", Origin::Program),
        (filed(), "of the file", Origin::Line(path.clone(), 3)),
        (varied(), "of the variable", Origin::Variable("FLOW_SALON_NAME".into())),
        (
            varied().argument("--name", "salon.name", "of the argument"),
            "of the argument",
            Origin::Argument("--name".into()),
        ),
        (varied().file(&path), "of the file", Origin::Line(path.clone(), 3)),
    ] {
        assert_eq!(named(sources), (name.to_owned(), origin));
    }
}

#[test]
fn a_variable_names_the_file_that_it_counts_over() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("flow.toml");
    fs::write(&path, "store = \"memory:\"\n[salon]\nname = \"of the file\"\n").expect("a file");
    let named = path.display().to_string();
    let read = |variables: &[(&str, &str)]| {
        let settings = Sources::new().own(salon()).variables(variables.iter().copied()).read().expect("they are right");
        settings.own("salon.name").map(str::to_owned)
    };
    assert_eq!(read(&[("FLOW_SETTINGS", &named)]).as_deref(), Some("of the file"));
    assert_eq!(read(&[("FLOW_SALON_NAME", "mine"), ("FLOW_SETTINGS", &named)]).as_deref(), Some("mine"));
}

#[test]
fn variables_of_others_are_left_alone_and_an_empty_one_is_not_set() {
    let settings = Sources::new()
        .prefix("SALON")
        .variables([
            ("SALON_STORE", "memory:"),
            ("SALON_EXPIRY_IDLE", ""),
            ("FLOW_STORE", "pigeons"),
            ("SALONS", "pigeons"),
            ("SALON_REDIS_PORT_6379_TCP_ADDR", "10.0.0.1"),
            ("SALON_SERVICE_HOST", "10.0.0.1"),
        ])
        .read()
        .expect("nothing is wrong");
    assert_eq!(settings.origin("store"), Some(&Origin::Variable("SALON_STORE".into())));
    assert_eq!(settings.origin("expiry.idle"), None);
}

#[cfg(unix)]
#[test]
fn a_variable_that_is_no_text_is_told_of() {
    use std::{ffi::OsString, os::unix::ffi::OsStringExt};

    let value = OsString::from_vec(vec![b'2', 0xff]);
    let sources = Sources::new().pairs([("store", "memory:")]).variables([("FLOW_EXPIRY_IDLE", value)]);
    let told = sources.read().expect_err("it is no text").to_string();
    assert!(told.ends_with("`expiry.idle` (FLOW_EXPIRY_IDLE): the value is no UTF-8 text"), "{told}");
}

#[test]
fn each_setting_is_written_the_same_way_everywhere() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("flow.toml");
    let text = "\
store = 'memory:'
plaintext_hosts = ['a', 'b']
[limits]
turns_at_once = 1_000
input = 8192
[archival]
insist = true
[expiry]
idle = '1h 30m'
";
    fs::write(&path, text).expect("a file");
    let of_file = Sources::new().file(&path).read().expect("it is right");
    let of_variables = Sources::new().variables([
        ("FLOW_STORE", "memory"),
        ("FLOW_PLAINTEXT_HOSTS", "a, b"),
        ("FLOW_LIMITS_TURNS_AT_ONCE", "1000"),
        ("FLOW_LIMITS_INPUT", "8 KiB"),
        ("FLOW_ARCHIVAL_INSIST", "true"),
        ("FLOW_EXPIRY_IDLE", "90m"),
    ]);
    let of_variables = of_variables.read().expect("they are right");
    assert_eq!(crate::running::configured(&of_file), crate::running::configured(&of_variables));
    assert!(crate::running::configured(&of_file).contains("idle: Some(5400s)"));
}

#[test]
fn a_bot_has_settings_of_its_own() {
    let sources = || {
        let token = Key::secret("telegram.token", "The token that BotFather has given the bot.");
        let log = Key::word("log", "How much to log.", ["info", "debug"]).or("info");
        Sources::new().own(salon()).own(token).own(log).pairs([("store", "memory:")])
    };
    let settings = sources().read().expect("nothing is wrong");
    let own = |settings: &Settings, name| settings.own(name).map(str::to_owned);
    assert_eq!(own(&settings, "log").as_deref(), Some("info"));
    assert_eq!(own(&settings, "telegram.token"), None);
    let settings = sources().variables([("FLOW_TELEGRAM_TOKEN", "123:ABC"), ("FLOW_LOG", "debug")]).read();
    let settings = settings.expect("nothing is wrong");
    assert_eq!(own(&settings, "log").as_deref(), Some("debug"));
    assert_eq!(own(&settings, "telegram.token").as_deref(), Some("123:ABC"));
    let help = sources().default_to("expiry.idle", "12h").default_to("secret", "a secret of the program").help();
    assert!(help.contains("Takes `off`, or a time such as `90s`, `24h` or `30d`. Unless set: 12h."), "{help}");
    assert!(!help.contains("a secret of the program"), "{help}");
    assert!(
        help.contains("telegram.token  (FLOW_TELEGRAM_TOKEN, or the path of a file that holds it in …_FILE)"),
        "{help}"
    );
}
