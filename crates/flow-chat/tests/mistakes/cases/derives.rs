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
        let of_flow =
            table(format!("a flow without {missing}")).wrong(DERIVES, &format!("#[derive({left})]")).at("enum «Table»");
        cases.push(mended(of_flow, missing, "«»enum Table"));
        let left = left.trim_start_matches("Flow").trim_start_matches(", ");
        let derive = if left.is_empty() { String::new() } else { format!("#[derive({left})]\n") };
        let of_field =
            with_seats(&format!("a field whose type is without {missing}"), &format!("{derive}struct Seats(u8);"))
                .at("seats: «Seats»");
        cases.push(mended(of_field, missing, "«»struct Seats"));
    }
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
        cases.push(mended(of_shared, missing, "«»struct Visits"));
    }
    cases.extend([
        with_seats(
            "a field that cannot be sent",
            "#[derive(Clone, Debug, Serialize, Deserialize)]\nstruct Seats(u8, #[serde(skip)] std::rc::Rc<u8>);",
        )
        .wrong("Seats(1)", "Seats(1, Default::default())")
        .at("seats: «Seats»")
        .nothing_to_paste("what it holds, its writer alone knows"),
        with_seats("a field of a type that is not there", "")
            .at("seats: «Seats»")
            .says("cannot find type `Seats`")
            .nothing_to_paste("rustc's own words"),
        every_word("what states share, of a type that is not there")
            .wrong("shared = Visits", "shared = «Visit»")
            .says("cannot find type `Visit`")
            .follow_suggestion(),
        // Serde's words that would change what a record is.
        table("a tag")
            .wrong("enum Table", "#[serde(«tag = \"kind\"»)]\nenum Table")
            .paste_over("«#[serde(tag = \"kind\")]\n»", ""),
        table("a flow without a tag")
            .wrong("enum Table", "#[serde(«untagged»)]\nenum Table")
            .paste_over("«#[serde(untagged)]\n»", ""),
        table("a state that is skipped")
            .wrong("    Left,", "    #[serde(«skip»)]\n    Left,")
            .paste_over("«    #[serde(skip)]\n»", ""),
    ]);
    cases
}

/// Rustc suggests the derives of its own; serde tells its own in a note.
fn mended(case: Case, missing: &str, place: &str) -> Case {
    match missing {
        "Clone" | "Debug" | "Default" => case.follow_suggestion(),
        _ => case.paste_over(place, "$note1\n"),
    }
}

/// `Booked` has a field of the type `Seats`, which is written so.
fn with_seats(name: &str, seats: &str) -> Case {
    table(name)
        .wrong("struct Waiter;", &format!("{seats}\n\nstruct Waiter;"))
        .wrong("Booked { guests: u8, email: Email }", "Booked { guests: u8, email: Email, seats: Seats }")
        .wrong("state.booked()", "state.booked(Seats(1))")
}
