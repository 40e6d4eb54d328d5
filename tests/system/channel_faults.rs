//! A bot on a platform that is killed under load, and one whose platform takes messages and loses the answer: what was acknowledged is
//! handled once and in order, and each reply comes.
//!
//! The program is `benches/channels`, which looks at every message and fails if that is not so; here a few kills and a small rate.

use crate::programs::{BUILT, example};

/// How often the bot is killed; `FLOW_KILLS=50` for many.
fn kills() -> String {
    std::env::var("FLOW_KILLS").unwrap_or_else(|_| "4".to_owned())
}

/// Has thirty visitors talk for eight seconds, and gives what the program says of it.
fn survives(arguments: &[&str]) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let store = format!("sqlite:{}", folder.path().join("bot.db").display());
    let talk = ["talk", "--rate", "30", "--visitors", "30", "--seconds", "8", "--store", &store];
    let output = example("channels").args(talk).args(arguments).output().expect(BUILT);
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    println!("{told}");
    assert!(output.status.success(), "{output:?}");
    assert!(told.contains("240 sent, 240 handled: 0 lost, 0 doubled, 0 overtaken"), "{told}");
    assert!(told.contains("replies: 0 unheard"), "{told}");
    told
}

#[test]
fn a_bot_on_telegram_that_is_killed_under_load_loses_nothing_and_answers_everything() {
    survives(&["--platform", "telegram", "--kills", &kills()]);
}

#[test]
fn a_bot_that_polls_telegram_and_is_killed_under_load_loses_nothing_and_answers_everything() {
    survives(&["--platform", "telegram", "--polling", "--kills", &kills()]);
}

#[test]
fn three_messages_at_once_are_answered_in_order() {
    survives(&["--platform", "telegram", "--burst", "--thinking", "50"]);
}

/// Telegram knows no keys and cannot be asked, so what is in doubt is sent again; the others tell.
#[test]
fn an_answer_that_a_platform_loses_is_found_out_where_it_can_be() {
    let told = survives(&["--platform", "telegram", "--fault", "losing", "--much", "20"]);
    assert!(told.contains(" 20 told again"), "{told}");
    for platform in ["whatsapp", "slack"] {
        let told = survives(&["--platform", platform, "--fault", "losing", "--much", "20"]);
        assert!(told.contains(" 0 told again"), "{told}");
    }
}
