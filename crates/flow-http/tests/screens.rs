//! What a platform cannot show degrades, and nothing of a reply is lost.

use std::{borrow::Borrow, fmt::Write as _};

use async_trait::async_trait;
use flow_core::{Choice, Contact, Fate, Place, Reply, Template};
use flow_http::platform::{Arrivals, Counted, Forged, Hook, Offer, Part, Platform, Screen, Unreadable, rendered};

/// A platform that shows this.
macro_rules! platform {
    ($name:ident: $screen:expr) => {
        struct $name;

        #[async_trait]
        impl Platform for $name {
            const SCREEN: Screen = $screen;
            type Wire = String;

            fn verify(&self, _: &Hook<'_>) -> Result<(), Forged> {
                Ok(())
            }

            fn read(&self, _: &Hook<'_>) -> Result<Arrivals, Unreadable> {
                Ok(Arrivals::none())
            }

            fn render(&self, part: &Part<'_>) -> String {
                drawn(part)
            }

            async fn send(&self, _: &str, _: &String, _: &str) -> Result<(), Fate> {
                Ok(())
            }
        }
    };
}

platform!(Plain: Screen::of_text(40));
platform!(Rich: Screen::of_text(40).buttons(2, 8, 64).list(4, 12, 64).above_buttons(20).links().images(16).files(16).places().contacts().templates());
platform!(Lists: Screen::of_text(40).buttons(2, 8, 64).list(4, 12, 64).list_alone().images(16));
platform!(Emoji: Screen::of_text(16).counted(Counted::Utf16));

/// A part as a line: what goes with it in brackets, buttons and rows behind it.
fn drawn(part: &Part<'_>) -> String {
    let mut drawn = String::new();
    if let Some(attachment) = part.attachment() {
        let _ = write!(drawn, "({}) ", attachment.kind());
    }
    drawn.push_str(part.text());
    let (open, rows, close) = match part.offer() {
        Offer::Buttons(rows) => ('[', &rows[..], ']'),
        Offer::List(rows) => ('{', &rows[..], '}'),
        _ => (' ', &[][..], ' '),
    };
    for row in rows {
        let _ = write!(drawn, " {open}{}{close}", row.label());
    }
    if let Some(link) = part.link() {
        let _ = write!(drawn, " <{link}>");
    }
    drawn
}

fn on_rich(reply: impl Borrow<Reply>) -> Vec<String> {
    rendered(&Rich, reply.borrow())
}

fn on_plain(reply: impl Borrow<Reply>) -> Vec<String> {
    rendered(&Plain, reply.borrow())
}

#[test]
fn choices_are_buttons_then_a_list_then_numbered_lines() {
    assert_eq!(on_rich(Reply::new("Which?").with_choices(["Hair", "Nails"])), ["Which? [Hair] [Nails]"]);
    let three = Reply::new("Which?").with_choices(["Hair", "Nails", "Both"]);
    assert_eq!(on_rich(&three), ["Which? {Hair} {Nails} {Both}"]);
    assert_eq!(on_plain(three), ["Which?\n\n1. Hair\n2. Nails\n3. Both"]);
    // A label that is too long for a button, and one that is too long for a row.
    assert_eq!(
        on_rich(Reply::new("Which?").with_choices(["Manicure", "Pedicure "])),
        ["Which? {Manicure} {Pedicure }"]
    );
    let long = Reply::new("Which?").with_choices(["A long manicure", "None"]);
    assert_eq!(on_rich(long), ["Which?\n\n1. A long manicure\n2. None"]);
    let many = Reply::new("Which?").with_choices(["a", "b", "c", "d", "e"]);
    assert_eq!(on_rich(many), ["Which?\n\n1. a\n2. b\n3. c\n4. d\n5. e"]);
}

#[test]
fn a_picture_goes_before_a_list_that_takes_none() {
    let image =
        |choices: &[&str]| Reply::new("Which?").with_image("https://a.example/b.png").with_choices(choices.to_vec());
    assert_eq!(rendered(&Lists, &image(&["Hair", "Nails"])), ["(image) Which? [Hair] [Nails]"]);
    assert_eq!(rendered(&Lists, &image(&["Hair", "Nails", "Both"])), ["(image) ", "Which? {Hair} {Nails} {Both}"]);
    assert_eq!(on_rich(image(&["Hair", "Nails", "Both"])), ["(image) Which? {Hair} {Nails} {Both}"]);
}

#[test]
fn what_works_at_any_time_has_no_number() {
    let choices = [Choice::menu("Cancel", "cancel"), Choice::new("Hair", "hair"), Choice::new("Nails", "nails")];
    assert_eq!(on_plain(Reply::new("Which?").with_choices(choices)), ["Which?\n\n1. Hair\n2. Nails\n- Cancel"]);
}

#[test]
fn what_can_be_pressed_stands_under_the_last_of_several_texts() {
    let reply = Reply::new("Today we have time for one more of you. Which shall it be? Say it.").with_choices(["Hair"]);
    assert_eq!(on_rich(reply), ["Today we have time for one more of you.", "Which shall it be?", "Say it. [Hair]"]);
    assert_eq!(on_rich(Reply::default().with_choices(["Hair"])), ["… [Hair]"]);
}

#[test]
fn a_link_is_pressed_or_stands_in_the_text() {
    let reply = Reply::new("Pay here:").with_link("https://pay.example/7");
    assert_eq!(on_rich(&reply), ["Pay here: <https://pay.example/7>"]);
    assert_eq!(on_plain(reply), ["Pay here:\n\nhttps://pay.example/7"]);
}

#[test]
fn what_goes_with_a_text_is_shown_or_told() {
    let image = |text: &str| Reply::new(text).with_image("https://a.example/b.png");
    assert_eq!(on_rich(image("Our salon")), ["(image) Our salon"]);
    assert_eq!(on_rich(image("Our salon is here")), ["(image) ", "Our salon is here"]);
    assert_eq!(on_rich(image("Nice?").with_choices(["Yes"])), ["(image) Nice? [Yes]"]);
    assert_eq!(on_rich(image("")), ["(image) "]);
    assert_eq!(on_plain(image("Our salon")), ["Our salon\n\nhttps://a.example/b.png"]);
    let place = Reply::default().with_place(Place::new(52.5, 13.4).expect("a place").with_name("Lumen"));
    assert_eq!(on_rich(&place), ["(place) "]);
    assert_eq!(on_plain(place), ["Lumen\n52.50000, 13.40000"]);
    let card = Reply::new("Ask").with_contact(Contact::new("Zoe").with_phone("+49 30 1").with_email("z@a.example"));
    assert_eq!(on_rich(&card), ["(contact) ", "Ask"]);
    assert_eq!(on_plain(card), ["Ask\n\nZoe\n+49 30 1\nz@a.example"]);
    let template = Reply::new("Your parcel").with_template(Template::new("parcel", "en"));
    assert_eq!(on_rich(&template), ["(template) "]);
    assert_eq!(on_plain(template), ["Your parcel"]);
}

#[test]
fn whatever_is_said_all_of_it_is_shown_and_each_part_fits() {
    let words =
        ["Hello", "🙂🙂🙂", "é́́", "a", "\n\n", "\n", ". ", "Donaudampfschifffahrtsgesellschaft", " ", "👩\u{200D}👧"];
    for seed in 0_usize..2_000 {
        let mut state = seed;
        let mut text = String::new();
        for _ in 0..seed % 40 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            text.push_str(words[(state >> 33) % words.len()]);
        }
        let shown = rendered(&Emoji, &Reply::new(&text));
        assert!(shown.iter().all(|part| part.encode_utf16().count() <= 16 && !part.trim().is_empty()), "{shown:?}");
        let solid = |text: &str| text.split_whitespace().collect::<String>();
        assert_eq!(solid(&shown.concat()), solid(&text));
    }
}
