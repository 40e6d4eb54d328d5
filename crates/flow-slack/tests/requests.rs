//! What Slack delivers: whether it is Slack's, and what stands in it.

mod support;

use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use flow_http::{
    axum::http::Request,
    platform::{Arrivals, Forged, Hook, Platform as _, Unreadable},
};
use flow_slack::Slack;
use serde_json::json;
use support::{SIGNING_SECRET, TOKEN, fixture, form, head, signed};

/// The time of the example of "Verifying requests from Slack".
const AT: i64 = 1_531_420_618;

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(AT, 0).expect("a time")
}

fn slack() -> Slack {
    Slack::new(TOKEN, SIGNING_SECRET)
}

fn read(slack: &Slack, body: &str) -> Result<Arrivals, Unreadable> {
    let parts = head(SIGNING_SECRET, AT, body);
    slack.read(&Hook::new(&parts, body.as_bytes(), now()))
}

/// What was read, a line a message.
fn shown(slack: &Slack, body: &str) -> String {
    let arrivals = match read(slack, body) {
        Ok(arrivals) => arrivals,
        Err(error) => return format!("{error}\n"),
    };
    arrivals.messages().iter().fold(String::new(), |mut lines, arrived| {
        let message = arrived.message();
        let input = serde_json::to_value(message.input()).expect("JSON");
        let id = message.id().expect("an id");
        writeln!(lines, "{} {id} {input}", arrived.place()).expect("written");
        lines
    })
}

#[test]
fn slacks_own_example_is_slacks() {
    let body = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
    let signature = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503";
    assert_eq!(signed(SIGNING_SECRET, AT, body), signature);
    let parts = head(SIGNING_SECRET, AT, body);
    assert_eq!(slack().verify(&Hook::new(&parts, body.as_bytes(), now())), Ok(()));
    assert_eq!(
        shown(&slack(), body),
        "U2CERLKJA 398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c {\"command\":\"/webhook-collect\"}\n"
    );
}

#[test]
fn what_is_not_slacks_or_not_of_now_is_told_apart() {
    let body = fixture("message_im");
    let verified = |at: &str, signature: &str, body: &str| {
        let request = Request::post("/").header("x-slack-request-timestamp", at).header("x-slack-signature", signature);
        let (parts, ()) = request.body(()).expect("a request").into_parts();
        slack().verify(&Hook::new(&parts, body.as_bytes(), now()))
    };
    let right = signed(SIGNING_SECRET, AT, &body);
    let at = AT.to_string();
    assert_eq!(verified(&at, &right, &body), Ok(()));
    assert_eq!(verified(&at, &right, &body.replace("Hello", "Bye")), Err(Forged::Wrong));
    assert_eq!(verified(&(AT + 1).to_string(), &right, &body), Err(Forged::Wrong));
    assert_eq!(verified(&at, &signed("another secret", AT, &body), &body), Err(Forged::Wrong));
    for wrong in [
        "",
        "v0=",
        &right[3..],
        &right[..right.len() - 2],
        &right[..right.len() - 1],
        "v0=zz",
        &right.replace("v0", "v1"),
    ] {
        assert_eq!(verified(&at, wrong, &body), Err(Forged::Wrong), "{wrong}");
    }
    for late in [AT - 301, AT + 301, 0, i64::MAX] {
        let fate = verified(&late.to_string(), &signed(SIGNING_SECRET, late, &body), &body);
        assert!(matches!(fate, Err(Forged::Late | Forged::Wrong)), "{late}");
    }
    let near = AT - 300;
    assert_eq!(verified(&near.to_string(), &signed(SIGNING_SECRET, near, &body), &body), Ok(()));
    let (parts, ()) = Request::post("/").body(()).expect("a request").into_parts();
    assert_eq!(slack().verify(&Hook::new(&parts, body.as_bytes(), now())), Err(Forged::Unsigned));
}

#[test]
fn while_a_secret_is_changed_both_are_known_and_no_secret_knows_nothing() {
    let body = fixture("message_im");
    let verified = |slack: &Slack, secret: &str| {
        let parts = head(secret, AT, &body);
        slack.verify(&Hook::new(&parts, body.as_bytes(), now()))
    };
    let changing = Slack::new(TOKEN, "the new secret").previous_signing_secret(SIGNING_SECRET);
    assert_eq!((verified(&changing, SIGNING_SECRET), verified(&changing, "the new secret")), (Ok(()), Ok(())));
    assert_eq!(verified(&changing, "a third"), Err(Forged::Wrong));
    assert_eq!(verified(&Slack::new(TOKEN, " "), ""), Err(Forged::Wrong));
}

#[test]
fn each_of_slacks_requests_is_read() {
    let events = [
        "message_im",
        "app_mention",
        "message_channels_of_the_same_mention",
        "app_mention_in_a_thread",
        "message_file_share",
        "message_own",
        "message_other_bot",
        "message_bot",
        "message_changed",
        "message_deleted",
        "message_channel_join",
        "reaction_added",
        "channel_created",
        "app_rate_limited",
        "url_verification",
        "slash_command",
    ];
    let payloads = [
        "block_actions_button",
        "block_actions_static_select",
        "block_actions_link",
        "block_actions_in_a_thread",
        "view_submission",
    ];
    let mut told = String::new();
    for (name, slack) in [("mentions", slack()), ("everything", slack().hears_everything())] {
        writeln!(told, "# hears {name}").expect("written");
        for event in events {
            write!(told, "\n{event}\n{}", shown(&slack, &fixture(event))).expect("written");
        }
        for payload in payloads {
            write!(told, "\n{payload}\n{}", shown(&slack, &form(&fixture(payload)))).expect("written");
        }
        told.push('\n');
    }
    insta::assert_snapshot!(told);
}

#[test]
fn a_workspace_that_was_added_is_part_of_the_place() {
    let slack = slack().workspace("T061EG9R6", "xoxb-other");
    let (mention, press) = (fixture("app_mention"), form(&fixture("block_actions_button")));
    for (body, place) in [
        (mention, "T061EG9R6:C123ABC456/1515449522.000016"),
        (fixture("message_im"), "T061EG9R6:U2147483697"),
        (fixture("slash_command"), "T061EG9R6:U2147483697"),
        (press, "T061EG9R6:U2147483697"),
    ] {
        assert_eq!(read(&slack, &body).expect("read").messages()[0].place(), place);
    }
}

#[test]
fn what_is_written_in_a_channel_is_said_by_each_for_oneself() {
    use flow_core::Secret;
    use flow_http::platform::Line;

    let line = Line::new("slack", slack(), Secret::new("a secret of at least sixteen bytes").expect("a secret"));
    let session = |body: &str| line.session_of(&read(line.platform(), body).expect("read").messages()[0]);
    let (mention, thread) = (fixture("app_mention"), fixture("app_mention_in_a_thread"));
    assert_eq!(session(&mention), session(&thread));
    assert_ne!(session(&mention), session(&mention.replace("U061F7AUR", "U2147483697")));
    // And presses it there.
    let press = form(&fixture("block_actions_in_a_thread").replace("U2147483697", "U061F7AUR"));
    assert_eq!(session(&press), session(&mention));
    // What is said directly, and by a command, is one conversation.
    let direct = [fixture("message_im"), fixture("slash_command"), form(&fixture("block_actions_button"))];
    assert!(direct.iter().all(|body| session(body) == session(&direct[0]) && session(body) != session(&mention)));
}

#[test]
fn what_cannot_be_read_is_told_without_its_words() {
    let cases = [
        String::new(),
        "canary".to_owned(),
        "{canary".to_owned(),
        json!({"canary": "canary"}).to_string(),
        json!({"type": "url_verification"}).to_string(),
        json!({"type": "event_callback", "event": {"type": "message", "text": "canary"}}).to_string(),
        form("canary"),
        form(r#"{"type": "block_actions", "canary": 1}"#),
        "command=/canary&user_id=U1".to_owned(),
        "command=/canary&trigger_id=1".to_owned(),
    ];
    let told: Vec<_> = cases.iter().map(|body| read(&slack(), body).expect_err("unreadable").to_string()).collect();
    assert!(!told.concat().contains("canary"), "{told:#?}");
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn whatever_arrives_is_read_or_refused() {
    let names = ["message_im", "message_file_share", "app_mention", "slash_command", "url_verification"];
    let bodies = names.map(fixture).into_iter().chain([form(&fixture("block_actions_in_a_thread"))]);
    let slack = slack().hears_everything();
    for body in bodies {
        for end in (0..body.len()).filter(|end| body.is_char_boundary(*end)) {
            let (parts, cut) = (head(SIGNING_SECRET, AT, ""), &body[..end]);
            let without = format!("{cut}{}", body[end..].chars().skip(3).collect::<String>());
            for changed in [cut.as_bytes(), without.as_bytes(), &[cut.as_bytes(), b"\xff\0<>%"].concat()] {
                // A request that is not Slack's comes to this only if it is signed; it must not end the process all the same.
                let _ = slack.read(&Hook::new(&parts, changed, now()));
            }
        }
    }
}

#[test]
fn debug_tells_no_token_and_no_secret() {
    let slack = slack().workspace("canary", "canary").previous_signing_secret("canary");
    let shown = format!("{slack:?} {:?}", slack.files());
    assert!(!shown.contains("canary") && !shown.contains("8f74"), "{shown}");
}
