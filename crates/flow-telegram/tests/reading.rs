//! What a bot makes of each update that Telegram's documentation shows.

mod support;

use std::{fmt::Write as _, fs, path::Path};

use flow_core::Input;
use flow_http::{
    axum::http::{Request, request::Parts},
    platform::{Arrivals, Arrived, Forged, Hook, Platform as _},
};
use flow_telegram::Telegram;
use support::{SECRET, telegram};

/// The head of a request with this secret.
fn head(secret: Option<&str>) -> Parts {
    let request = Request::post("/hooks/telegram");
    let request = match secret {
        Some(secret) => request.header("X-Telegram-Bot-Api-Secret-Token", secret),
        None => request,
    };
    request.body(()).expect("a request").into_parts().0
}

fn read(telegram: &Telegram, body: &str) -> Arrivals {
    let head = head(Some(SECRET));
    telegram.read(&Hook::new(&head, body.as_bytes(), chrono::Utc::now())).expect("readable")
}

/// Every fixture, by its name.
fn fixtures() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let files = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let mut fixtures: Vec<_> = files
        .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
        .map(|path| {
            let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
            (name, fs::read_to_string(path).expect("text"))
        })
        .collect();
    fixtures.sort();
    fixtures
}

#[test]
fn each_update_is_what_it_says() {
    let telegram = telegram("http://127.0.0.1:9").username("@Salon_bot");
    let mut told = String::new();
    for (name, update) in fixtures() {
        let arrivals = read(&telegram, &update);
        writeln!(told, "{name}").expect("memory");
        for arrived in arrivals.messages() {
            writeln!(told, "  {}", said(arrived)).expect("memory");
        }
    }
    insta::assert_snapshot!(told);
}

fn said(arrived: &Arrived) -> String {
    let message = arrived.message();
    let what = match message.input() {
        Input::Text(text) => format!("text {text:?}"),
        Input::Button(button) => format!("button {}", button.payload),
        Input::Command(command) => format!("command {} ({})", command.name(), command.arguments()),
        Input::Place(place) => {
            format!("place {} {} {:?} {:?}", place.latitude(), place.longitude(), place.name(), place.address())
        }
        Input::Contact(card) => {
            format!("card {} {:?} {:?}, own: {}", card.name(), card.phones(), card.emails(), card.is_own())
        }
        Input::Media(media) => format!(
            "{} {} {:?} {:?} {:?} {:?}",
            media.kind().as_str(),
            media.reference(),
            media.size(),
            media.media_type(),
            media.file_name(),
            media.caption()
        ),
        other => panic!("{other:?}"),
    };
    let (id, language) = (message.id().expect("an id"), message.language().unwrap_or("no language"));
    format!("at {} by {:?}: {id} in {language}: {what}", arrived.place(), arrived.writer())
}

#[test]
fn nothing_of_an_update_is_shown() {
    let telegram = telegram("http://127.0.0.1:9");
    for (name, update) in fixtures() {
        let shown = format!("{:?} {telegram:?}", read(&telegram, &update));
        for private in ["1111111", "1234567890", "Test", "time", "lisbon", "4917", "Museum", "AgAC", SECRET] {
            assert!(!shown.contains(private), "{name}: {shown}");
        }
        for arrived in read(&telegram, &update).messages() {
            let shown = format!("{arrived:?}");
            assert!(!shown.contains("1111111") && !shown.contains("1001234567890"), "{name}: {shown}");
        }
    }
}

#[test]
fn a_command_with_another_name_is_ours_as_long_as_ours_is_not_known() {
    let (_, update) = fixtures().into_iter().find(|(name, _)| name == "command_to_another_bot").expect("a fixture");
    assert_eq!(read(&telegram("http://127.0.0.1:9"), &update).messages().len(), 1);
}

#[test]
fn what_is_no_update_is_told_without_its_words() {
    let telegram = telegram("http://127.0.0.1:9");
    for body in ["", "canary", "{}", r#"{"update_id":"canary"}"#, r#"["canary"]"#] {
        let head = head(Some(SECRET));
        let error = telegram.read(&Hook::new(&head, body.as_bytes(), chrono::Utc::now())).expect_err("unreadable");
        assert!(!error.to_string().contains("canary"), "{error}");
    }
}

#[test]
fn only_who_knows_the_secret_is_telegram() {
    let verify = |telegram: &Telegram, secret: Option<&str>| {
        let head = head(secret);
        telegram.verify(&Hook::new(&head, b"{}", chrono::Utc::now()))
    };
    let ours = telegram("http://127.0.0.1:9");
    assert_eq!(verify(&ours, Some(SECRET)), Ok(()));
    assert_eq!(verify(&ours, None), Err(Forged::Unsigned));
    for wrong in ["", &SECRET[1..], "the_secret_of_tomorrow"] {
        assert_eq!(verify(&ours, Some(wrong)), Err(Forged::Wrong), "{wrong}");
    }
    let rotated = ours.clone().secret("the_secret_of_tomorrow").and_then(|bot| bot.previous_secret(SECRET));
    let rotated = rotated.expect("secrets");
    for right in [SECRET, "the_secret_of_tomorrow"] {
        assert_eq!(verify(&rotated, Some(right)), Ok(()));
    }
    // Two headers are none.
    let twice = Request::post("/").header("x-telegram-bot-api-secret-token", SECRET);
    let twice = twice.header("x-telegram-bot-api-secret-token", SECRET).body(()).expect("a request").into_parts().0;
    assert_eq!(ours.verify(&Hook::new(&twice, b"{}", chrono::Utc::now())), Err(Forged::Unsigned));
    // A bot has a secret in any case, and nobody else knows it.
    let unset = Telegram::new(support::TOKEN).expect("a token");
    for guess in ["", SECRET, support::TOKEN] {
        assert!(verify(&unset, Some(guess)).is_err());
    }
}
