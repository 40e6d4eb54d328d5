//! What replies look like on Slack.

mod support;

use flow_core::{Choice, Contact, FileToSend, Media, MediaKind, Place, Reply};
use flow_http::platform::rendered;
use flow_slack::{Slack, SlackMessage};
use serde_json::{Value, json};

fn slack() -> Slack {
    Slack::new("xoxb-1", "secret").list_label("Choose a time")
}

fn blocks_of(reply: &Reply) -> Vec<Value> {
    rendered(&slack(), reply).into_iter().map(|message| json!(message)).collect()
}

#[test]
fn each_kind_of_reply_is_shown_in_blocks() {
    let file = || FileToSend::at("https://salon.example/chair.png").with_name("chair.png");
    let photo = Media::new(MediaKind::Image, "https://files.slack.com/files-pri/T1-F1/a.jpg");
    let replies = [
        Reply::new("Hello!"),
        Reply::new("Book?").with_choices([Choice::new("Yes", "y"), Choice::new("No", "n")]),
        Reply::new("When?").with_choices((8..14).map(|hour| format!("{hour} o'clock"))),
        Reply::new("Pay.").with_link("https://pay.example/7?a=b").with_choices(["Later"]),
        Reply::new("Call.").with_link("tel:+4930123"),
        Reply::new("Here.").with_image(file()),
        Reply::new("Is that the one?").with_image(&photo),
        Reply::new("").with_file(file()),
        Reply::new("").with_place(Place::new(52.5, 13.4).expect("a place").with_name("Salon")),
        Reply::new("").with_contact(Contact::new("Kai").with_phone("+49301234567")),
    ];
    let shown: Vec<_> = replies.iter().map(blocks_of).collect();
    insta::assert_json_snapshot!(shown);
}

#[test]
fn nothing_that_a_visitor_wrote_becomes_a_mention_or_a_link() {
    let name = "<!channel> <@U1> <https://evil.example|bank.example> @here & co";
    let reply = Reply::new(format!("Hello {name}")).with_choices([name]).with_link(format!("https://a.example/{name}"));
    let message = &blocks_of(&reply)[0];
    assert_eq!(
        message["blocks"][0]["text"]["text"],
        "Hello &lt;!channel&gt; &lt;@U1&gt; &lt;https://evil.example|bank.example&gt; @here &amp; co"
    );
    assert_eq!(
        (&message["blocks"][0]["text"]["verbatim"], &message["text"]),
        (&json!(true), &message["blocks"][0]["text"]["text"])
    );
    // An address that is none stands there as words, and what stands on a button is no markup: it is plain text.
    assert_eq!(message["blocks"][1]["text"]["text"].as_str().map(|text| text.contains(['<', '>'])), Some(false));
    assert_eq!(message["blocks"][2]["elements"][0]["text"], json!({"type": "plain_text", "text": name}));
    let file = Reply::new("").with_file(FileToSend::at("https://a.example/b").with_name("<!here>|x"));
    assert_eq!(blocks_of(&file)[0]["blocks"][0]["text"]["text"], "<https://a.example/b|&lt;!here&gt; x>");
}

/// Whether Slack would take it, as far as it documents that.
fn is_within_limits(message: &SlackMessage) -> bool {
    let length = |text: &Value| text.as_str().map_or(0, |text| text.encode_utf16().count());
    let fits = |block: &Value| match block["type"].as_str() {
        Some("section") => (1..=3_000).contains(&length(&block["text"]["text"])),
        Some("actions") => block["elements"].as_array().is_some_and(|elements| {
            elements.len() <= 25
                && elements.iter().all(|element| {
                    let options = element["options"].as_array().cloned().unwrap_or_default();
                    length(&element["text"]["text"]) <= 75
                        && length(&element["value"]) <= 2_000
                        && options.len() <= 100
                        && options
                            .iter()
                            .all(|option| length(&option["text"]["text"]) <= 75 && length(&option["value"]) <= 150)
                })
        }),
        _ => true,
    };
    let all: usize = message.blocks().iter().map(|block| length(&block["text"]["text"])).sum();
    message.blocks().len() <= 50 && all <= 13_000 && message.text().len() <= 40_000 && message.blocks().iter().all(fits)
}

#[test]
fn whatever_is_said_is_within_slacks_limits_and_none_of_it_is_lost() {
    for text in ["&".repeat(9_000), "👩 ".repeat(3_000), "x".repeat(2_501), "a\n\nb ".repeat(2_000)] {
        let messages = rendered(&slack(), &Reply::new(text.clone()).with_choices(["Yes"]));
        assert!(messages.len() > 1 && messages.iter().all(is_within_limits));
        let letters = |text: &str| text.chars().filter(|letter| !letter.is_whitespace()).count();
        let said: usize = messages.iter().map(|message| letters(&message.text().replace("&amp;", "&"))).sum();
        assert_eq!(said, letters(&text));
    }
    for count in [1, 5, 6, 100, 101] {
        let reply = Reply::new("?").with_choices((0..count).map(|place| format!("{place} {}", "x".repeat(70))));
        assert!(rendered(&slack(), &reply).iter().all(is_within_limits), "{count}");
    }
    // A label, or what comes back, that is too long for a button.
    let long = Reply::new("?").with_choices([Choice::new("x".repeat(76), "x")]);
    assert!(rendered(&slack(), &long)[0].text().contains("1. xxx"));
}

#[test]
fn debug_tells_the_shape() {
    let shown = format!("{:?}", rendered(&slack(), &Reply::new("canary").with_choices(["canary"])));
    assert_eq!(shown, "[SlackMessage(6 bytes, 2 blocks)]");
}
