//! What replies look like on WhatsApp, and that they are as it takes them.

mod support;

use flow_core::{Contact, FileToSend, Media, MediaKind, Place, Reply, Template};
use flow_http::platform::rendered;
use flow_whatsapp::WhatsApp;
use serde_json::{Value, json};
use support::whatsapp;

fn file() -> FileToSend {
    FileToSend::at("https://salon.example/terms").with_name("terms.pdf")
}

fn wires(whatsapp: &WhatsApp, reply: &Reply) -> Vec<Value> {
    rendered(whatsapp, reply).iter().map(|wire| serde_json::to_value(wire).expect("JSON")).collect()
}

fn choices(count: usize) -> Vec<String> {
    (1..=count).map(|number| format!("At {number} o'clock")).collect()
}

#[test]
fn each_reply_becomes_what_whatsapp_has_for_it() {
    let place = Place::new(52.5, 13.4).expect("a place").with_name("Salon").with_address("Main Street 5");
    let card = Contact::new("Kai Weiß").with_phone("+49301234567").with_email("kai@salon.example");
    let template = Template::new("parcel_is_here", "en_US").with_parameters(["Ana"]);
    let replies = [
        ("text", Reply::new("Hello.")),
        ("link", Reply::new("Look here.").with_link("https://salon.example")),
        ("buttons", Reply::new("When?").with_choices(choices(3))),
        ("list", Reply::new("When?").with_choices(choices(10))),
        ("numbers", Reply::new("When?").with_choices(choices(11))),
        ("long labels are a list", Reply::new("When?").with_choices(["On Wednesday morning 9h", "Never"])),
        (
            "two of one label",
            Reply::new("Which?").with_choices([flow_core::Choice::new("Kai", "a"), flow_core::Choice::new("Kai", "b")]),
        ),
        ("picture", Reply::new("Our door.").with_image("https://salon.example/door.png")),
        ("picture of the visitor's", Reply::new("").with_image(Media::new(MediaKind::Image, "1003383421387256"))),
        (
            "picture with buttons",
            Reply::new("Is it this one?").with_image("https://salon.example/door.png").with_choices(["Yes", "No"]),
        ),
        (
            "picture with buttons alone",
            Reply::new("").with_image("https://salon.example/door.png").with_choices(["Yes", "No"]),
        ),
        (
            "picture with a list",
            Reply::new("Who?").with_image("https://salon.example/all.png").with_choices(choices(5)),
        ),
        ("file", Reply::new("Our terms.").with_file(file())),
        ("file with buttons", Reply::new("Do you agree?").with_file(file()).with_choices(["Yes", "No"])),
        ("place", Reply::new("Here we are.").with_place(place)),
        ("card", Reply::new("").with_contact(card)),
        ("template", Reply::new("Ana, your parcel is here.").with_choices(["Thanks"]).with_template(template)),
    ];
    let whatsapp = whatsapp();
    let shown = replies.iter().map(|(name, reply)| {
        let wires = wires(&whatsapp, reply).iter().map(Value::to_string).collect::<Vec<_>>().join("\n");
        format!("{name}\n{wires}")
    });
    insta::assert_snapshot!(shown.collect::<Vec<_>>().join("\n\n"));
}

/// As Meta's pages have the limits, and counted as strictly as they can be read.
fn assert_taken(wire: &Value) {
    let length = |value: &Value| value.as_str().map_or(0, |text| text.encode_utf16().count());
    let kind = wire["type"].as_str().expect("a type");
    let what = &wire[kind];
    assert_eq!(wire["messaging_product"], json!("whatsapp"));
    match kind {
        "text" => assert!((1..=4096).contains(&length(&what["body"]))),
        "image" | "document" => {
            assert!(length(&what["caption"]) <= 1024);
            assert_ne!(what["caption"], json!(""));
            assert!(what["link"].is_string() || what["id"].is_string());
        }
        "interactive" => {
            assert!((1..=1024).contains(&length(&what["body"]["text"])));
            let (rows, most, title, id): (Vec<&Value>, _, _, _) = match what["type"].as_str().expect("a type") {
                "button" => (
                    what["action"]["buttons"]
                        .as_array()
                        .expect("buttons")
                        .iter()
                        .map(|button| &button["reply"])
                        .collect(),
                    3,
                    20,
                    256,
                ),
                "list" => {
                    assert!((1..=20).contains(&length(&what["action"]["button"])) && what.get("header").is_none());
                    (what["action"]["sections"][0]["rows"].as_array().expect("rows").iter().collect(), 10, 24, 200)
                }
                other => panic!("{other}"),
            };
            assert!((1..=most).contains(&rows.len()));
            for row in &rows {
                assert!(
                    (1..=title).contains(&length(&row["title"])) && (1..=id).contains(&length(&row["id"])),
                    "{row}"
                );
            }
        }
        other => panic!("{other}"),
    }
}

#[test]
fn whatever_is_said_fits() {
    let whatsapp = whatsapp();
    let texts = ["", "a", "é🏽", "👩\u{200D}👩\u{200D}👧", "مرحبا ", "One. Two.\n\nThree! "];
    for text in texts {
        for length in [1, 20, 1024, 1025, 2048, 4096, 4097] {
            let text = text.repeat(length);
            for count in [0, 3, 10, 11] {
                let said = Reply::new(&*text).with_choices(choices(count));
                let replies =
                    [said.clone(), said.clone().with_image("https://a.example/b.png"), said.with_file(file())];
                replies.iter().flat_map(|reply| wires(&whatsapp, reply)).for_each(|wire| assert_taken(&wire));
            }
        }
    }
    for length in [19, 20, 21, 23, 24, 25, 100] {
        let label = "x".repeat(length);
        wires(&whatsapp, &Reply::new("Which?").with_choices([label, "y".to_owned()])).iter().for_each(assert_taken);
    }
    for length in [15, 199, 200, 201, 255, 256, 257] {
        let choices = [flow_core::Choice::new("X", "x".repeat(length)), flow_core::Choice::new("Y", "y")];
        wires(&whatsapp, &Reply::new("Which?").with_choices(choices)).iter().for_each(assert_taken);
    }
}
