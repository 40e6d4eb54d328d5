//! What bots say and visitors write, with lengths about the limits that platforms have.

use fastrand::Rng;
use flow_core::{Choice, Contact, FileToSend, Media, MediaKind, Place, Reply, Template};

/// Limits that platforms have, of labels, captions and texts.
const LIMITS: [usize; 17] = [1, 16, 20, 24, 40, 60, 64, 75, 80, 160, 200, 256, 1000, 1024, 2000, 3000, 4096];

const WORDS: [&str; 24] = [
    "hello",
    "Termin",
    "Donaudampfschifffahrtsgesellschaft",
    "a",
    "12:30",
    "naïve",
    "e\u{301}",
    "שלום",
    "مرحبا",
    "你好",
    "🙂",
    "👩\u{200D}👩\u{200D}👧",
    "🇩🇪",
    "👍🏽",
    "<b>",
    "&amp;",
    "*bold*",
    "_it_",
    "`code`",
    "[a](http://b.example)",
    "@here",
    "$1",
    "\\n",
    "%s",
];

/// A text of about this many characters.
pub(super) fn text(random: &mut Rng, length: usize) -> String {
    let mut text = String::new();
    let mut left = length;
    while left > 0 {
        let word: String = WORDS[random.usize(..WORDS.len())].chars().take(left).collect();
        left -= word.chars().count();
        text.push_str(&word);
        if left > 0 {
            left -= 1;
            text.push(if random.u8(..10) == 0 { '\n' } else { ' ' });
        }
    }
    text
}

/// A length at a limit, or just beside one.
fn length(random: &mut Rng, most: usize) -> usize {
    let limits = LIMITS.iter().filter(|limit| **limit <= most).count();
    (LIMITS[random.usize(..limits)] + random.usize(..3)).saturating_sub(1)
}

/// Texts as visitors write them. None of them is a command.
pub(super) fn texts() -> Vec<String> {
    let mut random = Rng::with_seed(11);
    let plain = [
        "hello",
        " two  spaces ",
        "a line\nand another",
        "1",
        "null",
        "\"quoted\"",
        "a\u{202e}b",
        "=1+1",
        "%00",
        "a\\b",
    ];
    let random = (0..60).map(|_| {
        let length = length(&mut random, 4096).max(1);
        text(&mut random, length)
    });
    plain.map(str::to_owned).into_iter().chain(random.collect::<Vec<_>>()).collect()
}

/// Replies as bots say them: each with something to say.
pub(super) fn replies() -> impl Iterator<Item = Reply> {
    let mut random = Rng::with_seed(13);
    (0..400).map(move |_| reply(&mut random)).filter(|reply| !reply.is_silence())
}

fn reply(random: &mut Rng) -> Reply {
    let most = if random.u8(..8) == 0 { 4096 } else { 300 };
    let length = length(random, most);
    let mut reply = Reply::new(text(random, length));
    if random.bool() {
        reply = reply.with_choices(choices(random));
    }
    if random.u8(..4) == 0 {
        reply = reply.with_link(format!("https://shop.example/orders/{}?a=b&c=%20#d", random.u16(..)));
    }
    if random.u8(..3) == 0 { attached(random, reply) } else { reply }
}

fn choices(random: &mut Rng) -> Vec<Choice> {
    let counts = [1, 2, 3, 4, 5, 9, 10, 11, 13, 25, 26, 30];
    let (count, longest) = (counts[random.usize(..counts.len())], [16, 24, 80][random.usize(..3)]);
    (0..count)
        .map(|index| {
            let length = length(random, longest);
            // No two labels are the same: there are platforms that refuse that, and visitors who wonder.
            let label = format!("{index}{}", text(random, length)).replace('\n', " ").trim_end().to_owned();
            let payload = match random.u8(..30) {
                0 => format!("{index}{}", "p".repeat(64)),
                1 => format!("{index}é{}", "p".repeat(256)),
                _ => format!("Choice {index}: ä&\"%20"),
            };
            if random.u8(..10) == 0 { Choice::menu(label, payload) } else { Choice::new(label, payload) }
        })
        .collect()
}

fn attached(random: &mut Rng, reply: Reply) -> Reply {
    let url = format!("https://shop.example/files/{}.png", random.u16(..));
    let place = Place::new(52.5208, 13.4094).expect("a place");
    match random.u8(..9) {
        0 => reply.with_image(url),
        1 => reply.with_image(Media::new(MediaKind::Image, "AgACAgIAAxkBAAIB")),
        2 => reply.with_file(FileToSend::at(url).with_name("the order.pdf")),
        3 => reply.with_file(url),
        4 => reply.with_place(place),
        5 => reply.with_place(place.with_name("Salon Lumen").with_address("Alexanderplatz 1, Berlin")),
        6 => reply.with_contact(Contact::new("Ana Silva").with_phone("+49 30 1234567").with_email("ana@example.com")),
        7 => reply.with_contact(Contact::new("Ana Silva")),
        _ => reply.with_template(Template::new("parcel", "en").with_parameters(["Ana", "12:30"])),
    }
}
