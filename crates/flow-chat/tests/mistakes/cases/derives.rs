//! What a flow, its fields and what its states share must be able to do.

use crate::{
    case::Case,
    flows::{every_word, table},
};

const DERIVES: &str = "#[derive(Flow, Clone, Debug, Serialize, Deserialize)]";

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (missing, left) in [
        ("Clone", "Flow, Debug, Serialize, Deserialize"),
        ("Debug", "Flow, Clone, Serialize, Deserialize"),
        ("Serialize", "Flow, Clone, Debug, Deserialize"),
        ("Deserialize", "Flow, Clone, Debug, Serialize"),
        ("Serialize, Deserialize", "Flow, Clone, Debug"),
        ("Clone, Debug, Serialize, Deserialize", "Flow"),
    ] {
        let left = format!("#[derive({left})]");
        cases.push(
            table(format!("a flow without {missing}"))
                .wrong(DERIVES, &left)
                .at("enum «Table»")
                .says("`Table` cannot be stored")
                .paste_over(&left, "$note1"),
        );
    }
    // Of a field's type it is the derives of the enum that tell it, each in its own words. Ours tells nothing besides.
    let of_field = |missing: &str, left: &str, token: &str| {
        let derive = if left.is_empty() { String::new() } else { format!("#[derive({left})]\n") };
        let name = format!("a field whose type is without {missing}");
        with_seats(&name, &format!("{derive}struct Seats(u8);")).at(token)
    };
    const THREE: &str = "serde's derive asks for it in three places";
    cases.extend([
        of_field("Clone", "Debug, Serialize, Deserialize", "«seats: Seats»").follow_suggestion(),
        of_field("Debug", "Clone, Serialize, Deserialize", "«seats: Seats»").follow_suggestion(),
        of_field("Serialize", "Clone, Debug, Deserialize", "«seats»: Seats").paste_over("«»struct Seats", "$note1\n"),
        of_field("Deserialize", "Clone, Debug, Serialize", "seats: «Seats»")
            .besides(2, THREE)
            .paste_over("«»struct Seats", "$note1\n"),
        of_field("Serialize, Deserialize", "Clone, Debug", "«seats»: Seats")
            .besides(3, THREE)
            .nothing_to_paste("each derive tells its own"),
        of_field("any of them", "", "«seats: Seats»")
            .besides(5, "each derive of the enum asks for its own, and serde's in three places")
            .nothing_to_paste("each derive tells its own"),
    ]);
    for (missing, left) in [
        ("Clone", "Debug, Default, Serialize, Deserialize"),
        ("Debug", "Clone, Default, Serialize, Deserialize"),
        ("Default", "Clone, Debug, Serialize, Deserialize"),
        ("Serialize", "Clone, Debug, Default, Deserialize"),
        ("Deserialize", "Clone, Debug, Default, Serialize"),
    ] {
        let of_shared = every_word(format!("what states share, without {missing}"))
            .wrong("#[derive(Clone, Debug, Default, Serialize, Deserialize)]", &format!("#[derive({left})]"))
            .at("shared = «Visits»");
        cases.push(match missing {
            "Clone" | "Debug" | "Default" => of_shared.follow_suggestion(),
            _ => of_shared.paste_over("«»struct Visits", "$note1\n"),
        });
    }
    cases.extend([
        with_seats(
            "a field whose type can be neither sent nor shared",
            "#[derive(Clone, Debug, Serialize, Deserialize)]\nstruct Seats(u8, #[serde(skip)] std::rc::Rc<u8>);",
        )
        .wrong("Seats(1)", "Seats(1, Default::default())")
        .at("enum «Table»")
        .says("required because it appears within the type `Seats`")
        .besides(1, "to be sent is one thing, and to be shared another")
        .nothing_to_paste("what it holds, its writer alone knows"),
        with_seats(
            "a field whose type cannot be shared",
            "#[derive(Clone, Debug, Serialize, Deserialize)]\nstruct Seats(std::cell::Cell<u8>);",
        )
        .wrong("Seats(1)", "Seats(1.into())")
        .at("enum «Table»")
        .says("required because it appears within the type `Seats`")
        .nothing_to_paste("what it holds, its writer alone knows"),
        table("a field that cannot be shared")
            .wrong("struct Waiter;", "use std::cell::RefCell;\n\nstruct Waiter;")
            .wrong("Booked { guests: u8, email: Email }", "Booked { guests: u8, email: Email, seats: «RefCell»<u8> }")
            .wrong("state.booked()", "state.booked(1.into())")
            .says("use `std::sync::RwLock` instead")
            .nothing_to_paste("rustc names the type to write, and not its path alone"),
        borrowed("what may be a text", "Option<&'static str>"),
        with_seats("a field of a type that is not there", "")
            .at("seats: «Seats»")
            .says("cannot find type `Seats`")
            .besides(1, "the value that the handler makes of it")
            .nothing_to_paste("rustc's own words"),
        every_word("what states share, of a type that is not there")
            .wrong("shared = Visits", "shared = «Visit»")
            .says("cannot find type `Visit`")
            .follow_suggestion(),
        // Serde's words that would change what a record is.
        table("a tag")
            .wrong("enum Table", "#[serde(«tag» = \"kind\")]\nenum Table")
            .paste_over("«#[serde(tag = \"kind\")]\n»", ""),
        table("a flow without a tag")
            .wrong("enum Table", "#[serde(«untagged»)]\nenum Table")
            .paste_over("«#[serde(untagged)]\n»", ""),
        table("a state that is skipped")
            .wrong("    Left,", "    #[serde(«skip»)]\n    Left,")
            .paste_over("«    #[serde(skip)]\n»", ""),
    ]);
    cases.extend(borrowing());
    cases
}

fn borrowing() -> Vec<Case> {
    vec![
        borrowed("a text", "&'static str"),
        borrowed("bytes", "&'static [u8]"),
        borrowed("a text without saying how long", "&str").besides(1, "rustc asks how long"),
        borrowed("a list of texts", "Option<Vec<&'static str>>").besides(1, "the text may end before the state"),
        borrowed("a list", "&'static [String]").besides(3, "serde's derive asks for it in three places"),
    ]
}

/// `Booked` borrows what it holds in a field of this type.
fn borrowed(what: &str, kind: &str) -> Case {
    table(format!("a field that borrows {what}"))
        .wrong(
            "Booked { guests: u8, email: Email }",
            &format!("Booked {{ guests: u8, email: Email, seats: «{kind}» }}"),
        )
        .wrong("state.booked()", "state.booked(Default::default())")
        .says("what is in it is not borrowed")
        .paste("$1")
}

/// `Booked` has a field of the type `Seats`, which is written so.
fn with_seats(name: &str, seats: &str) -> Case {
    table(name)
        .wrong("struct Waiter;", &format!("{seats}\n\nstruct Waiter;"))
        .wrong("Booked { guests: u8, email: Email }", "Booked { guests: u8, email: Email, seats: Seats }")
        .wrong("state.booked()", "state.booked(Seats(1))")
}
