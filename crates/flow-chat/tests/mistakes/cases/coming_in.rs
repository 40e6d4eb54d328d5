//! What comes in, and what goes out: choices, answers, offers, signals, reminders and effects, each of a type.

use crate::{
    case::Case,
    flows::{booking, table},
};

pub(crate) fn cases() -> Vec<Case> {
    [choices(), arguments(), forgotten(), offers(), signals(), reminders(), effects()].into_iter().flatten().collect()
}

fn choices() -> Vec<Case> {
    const LOOK: &str = "            WelcomeChoice::Look => turn.to(Gallery),\n";
    const ARMS: &str = "match choice {
            WelcomeChoice::Visit => turn.to(When),
            WelcomeChoice::Look => turn.to(Gallery),
        }";
    vec![
        booking("a choice that is misspelt")
            .wrong("WelcomeChoice::Look =>", "WelcomeChoice::«Lok» =>")
            .says("no variant")
            .follow_suggestion(),
        booking("a choice that is none")
            .wrong("WelcomeChoice::Look =>", "WelcomeChoice::«Leave» =>")
            .says("no variant")
            .nothing_to_paste("which choice was meant, nobody can know"),
        booking("a choice by its label")
            .wrong("WelcomeChoice::Visit =>", "WelcomeChoice::«Come» =>")
            .says("no variant")
            .nothing_to_paste("rustc knows the variants and not their labels"),
        booking("a choice of another state")
            .with("Gallery,\n}", "Gallery,\n    #[state(ask = \"Sure?\", choices(Yes, Look), to(When))]\n    Sure,\n}")
            .with("to(When, Gallery)", "to(When, Gallery, Sure)")
            .with(
                "    async fn guests(",
                "    async fn sure(&self, _: Sure, _: SureChoice, turn: Turn<'_, Sure>) -> Step<Sure> {\n        \
                 turn.to(When)\n    }\n\n    async fn guests(",
            )
            .wrong("WelcomeChoice::Look =>", "«SureChoice::Look» =>")
            .says("expected `WelcomeChoice`, found `SureChoice`")
            .nothing_to_paste("rustc shows types"),
        booking("an arm that is forgotten")
            .wrong(LOOK, "")
            .at("match «choice» {")
            .says("`booking::WelcomeChoice::Look` not covered")
            .follow_suggestion(),
        booking("a choice that is compared with a text")
            .wrong(ARMS, "if choice == «\"A visit\"» { turn.to(When) } else { turn.to(Gallery) }")
            .says("`WelcomeChoice`")
            .nothing_to_paste("rustc shows types"),
        booking("texts for choices")
            .wrong(ARMS, "match choice { «\"A visit\"» => turn.to(When), _ => turn.to(Gallery) }")
            .says("expected `WelcomeChoice`, found `&str`")
            .nothing_to_paste("rustc shows types"),
        booking("a choice that is asked of the turn")
            .wrong("match choice {", "match turn.«choice»()? {")
            .says("no method named `choice`")
            .nothing_to_paste("it is an argument, which rustc cannot know"),
        booking("an answer of the visitor's enum that is misspelt")
            .wrong(
                "    async fn paying(",
                "    async fn tour(&self, state: Tour, choice: Language, turn: Turn<'_, Tour>) -> Step<Tour> {\n        \
                 println!(\"{}\", matches!(choice, Language::«Duch»));\n        turn.to(state.paying(choice))\n    }\n\n    \
                 async fn paying(",
            )
            .follow_suggestion(),
    ]
}

fn arguments() -> Vec<Case> {
    vec![
        booking("a choice that is no argument")
            .wrong(
                "(&self, _: Welcome, choice: WelcomeChoice, turn",
                "(«&self, _: Welcome, turn: Turn<'_, Welcome>») -> Step<Welcome> {\n        //",
            )
            .says("has 3 parameters but the declaration in trait")
            .besides(1, "the use of the choice")
            .nothing_to_paste("rustc shows how many there are in the trait, and no text"),
        booking("an answer that is no argument")
            .wrong(
                "(&self, state: Guests, guests: u8, turn",
                "(«&self, state: Guests, turn: Turn<'_, Guests>») -> Step<Guests> {\n        //",
            )
            .says("has 3 parameters but the declaration in trait")
            .besides(2, "each use of the answer")
            .nothing_to_paste("rustc shows how many there are in the trait, and no text"),
        booking("an answer of another type")
            .wrong("state: Guests, guests: u8, turn", "state: Guests, guests: «u16», turn")
            .besides(1, "the use of the answer")
            .follow_suggestion(),
        booking("a choice of another type")
            .wrong("_: Welcome, choice: WelcomeChoice,", "_: Welcome, choice: «bool»,")
            .besides(2, "each arm")
            .follow_suggestion(),
        booking("a payload of another type")
            .wrong("state: Paying, ticket: Ticket, turn", "state: Paying, ticket: «Slot», turn")
            .besides(2, "each use of the payload")
            .follow_suggestion(),
        booking("an effect's payload of another type")
            .wrong("deliver_mail(&self, ticket: Ticket,", "deliver_mail(&self, ticket: «Slot»,")
            .follow_suggestion(),
        booking("a payload where none comes")
            .wrong(
                "paying_on_refused(&self, _: Paying, turn: Turn<'_, Paying>)",
                "paying_on_refused(«&self, _: Paying, _: Ticket, turn: Turn<'_, Paying>»)",
            )
            .says("has 4 parameters but the declaration in trait")
            .nothing_to_paste("rustc shows how many there are in the trait, and no text"),
        booking("an answer that is read without a question mark")
            .wrong(
                "        turn.to(state)\n",
                "        let room: u8 = «turn.answer()»;\n        println!(\"{room}\");\n        turn.to(state)\n",
            )
            .says("expected `u8`, found `Result<_, Reask>`")
            .nothing_to_paste("rustc proposes to panic"),
        booking("a step of another state")
            .wrong("turn: Turn<'_, Gallery>) -> Step<Gallery>", "turn: Turn<'_, Gallery>) -> «Step<Welcome>»")
            .besides(1, "the step itself")
            .nothing_to_paste("rustc shows types"),
    ]
}

/// Each thing that comes in has a method, and rustc names those that are not there.
fn forgotten() -> Vec<Case> {
    let methods = [
        ("a choice", "welcome"),
        ("an answer", "guests"),
        ("an offer", "ask_when"),
        ("words", "paying"),
        ("a signal with a payload", "paying_on_paid"),
        ("a signal without one", "paying_on_refused"),
        ("a reminder", "paying_on_desk"),
        ("an effect with a payload", "deliver_mail"),
        ("an effect without one", "deliver_ring"),
    ];
    let forgotten = methods.into_iter().map(|(what, method)| {
        booking(format!("the method of {what}, forgotten"))
            .wrong(&format!("    async fn {method}("), &format!("    #[cfg(any())]\n    async fn {method}("))
            .at("«impl BookingHandler for Desk»")
            .says(format!("missing: `{method}`"))
            .nothing_to_paste("rustc shows the method with a body that is no future")
    });
    let all = booking("all methods of a flow, forgotten")
        .wrong("impl BookingHandler for Desk", "#[cfg(any())]\nimpl BookingHandler for Desk")
        .at("Booking::engine(«Desk»)")
        .says("`Desk` does not handle the flow `Booking`")
        .paste_over("«#[cfg(any())]\n»impl BookingHandler", "$note1\n\n#[cfg(any())]\n");
    forgotten.chain([all]).collect()
}

fn offers() -> Vec<Case> {
    vec![
        booking("an offer of another type")
            .wrong(
                "Offer::new(\"At which hour?\").items([Slot(10), Slot(14)])",
                "«Offer::new(\"At which hour?\").items([10, 14])»",
            )
            .says("expected `Offer<Slot>`, found `Offer<{integer}>`")
            .nothing_to_paste("rustc shows types"),
        booking("a reply for an offer")
            .wrong(
                "Ok(Offer::new(\"At which hour?\").items([Slot(10), Slot(14)]))",
                "Ok(«Reply::new(\"At which hour?\")»)",
            )
            .says("expected `Offer<Slot>`, found `Reply`")
            .nothing_to_paste("rustc shows types"),
        booking("an offer that is not wrapped")
            .wrong(
                "Ok(Offer::new(\"At which hour?\").items([Slot(10), Slot(14)]))",
                "«Offer::new(\"At which hour?\").items([Slot(10), Slot(14)])»",
            )
            .follow_suggestion(),
        booking("what is offered cannot be said")
            .wrong("impl fmt::Display for Slot", "impl fmt::LowerHex for Slot")
            .at("offers = «Slot»")
            .says("`Slot` cannot be offered")
            .nothing_to_paste("how it is called, its writer alone knows"),
    ]
}

fn signals() -> Vec<Case> {
    let signalled = |name: &str, signal: &str| {
        booking(name).wrong(
            "let _ = Booking::engine(Desk).store(MemoryStore::new());",
            &format!(
                "let engine = Booking::engine(Desk).store(MemoryStore::new());\n    \
                 drop(engine.signal(SessionId::random(), {signal}));"
            ),
        )
    };
    const OTHER: &str = "
#[derive(Flow, Clone, Debug, Serialize, Deserialize)]
enum Shop {
    #[state(start, silent, signals(Paid), to(Closed))]
    Open,
    #[state(end)]
    Closed,
}

fn main() {";
    vec![
        signalled("a signal by its name", "«\"Paid\"»")
            .says("expected `BookingSignal`, found `&str`")
            .nothing_to_paste("rustc shows types"),
        signalled("a signal that is misspelt", "BookingSignal::«Padi»(Ticket(7))").follow_suggestion(),
        signalled("a signal without its payload", "«BookingSignal::Paid»")
            .says("expected `BookingSignal`")
            .nothing_to_paste("what it carries, its writer alone knows"),
        signalled("a signal with another payload", "BookingSignal::Paid(«7»)")
            .says("expected `Ticket`")
            .nothing_to_paste("what it carries, its writer alone knows"),
        signalled("a signal of another flow", "«shop::ShopSignal::Paid»")
            .with("\nfn main() {", OTHER)
            .says("expected `BookingSignal`, found `ShopSignal`")
            .nothing_to_paste("rustc shows types"),
        booking("what a signal carries is borrowed")
            .wrong("signals(Paid(Ticket), Refused)", "signals(Paid(Ticket), Refused(«&'static str»))")
            .with("paying_on_refused(&self, _: Paying,", "paying_on_refused(&self, _: Paying, _: String,")
            .paste("$1"),
        booking("what a signal carries cannot be stored")
            .wrong(
                "#[derive(Clone, Debug, Serialize, Deserialize)]\nstruct Ticket(u64);",
                "#[derive(Clone, Debug)]\nstruct Ticket(u64);",
            )
            .with("Booked { slot: Slot, ticket: Ticket }", "Booked { slot: Slot }")
            .with("state.booked(ticket.clone())", "state.booked()")
            .at("signals(Paid(«Ticket»)")
            .says("`Ticket` cannot be carried by a signal or an effect")
            .paste_over("#[derive(Clone, Debug)]\n«»struct Ticket", "$note1\n"),
    ]
}

fn reminders() -> Vec<Case> {
    let armed = |name: &str, step: &str| {
        booking(name).wrong("else { turn.to(When) }", &format!("else {{ {step} }}")).with(
            "use flow_chat::",
            "const HOUR: std::time::Duration = std::time::Duration::from_secs(3600);\n\nuse flow_chat::",
        )
    };
    vec![
        armed("a reminder on a state that declares none", "turn.to(When.«remind_in»(HOUR, PayingReminder::Desk))")
            .says("`booking::When` declares no reminders")
            .nothing_to_paste("which reminder, its writer alone knows"),
        armed("a reminder of a state that declares none", "turn.to(When.remind_in(HOUR, WhenReminder::Late))")
            .at("«WhenReminder»")
            .besides(1, "the state has no reminder, whatever its name")
            .nothing_to_paste("which reminder, its writer alone knows"),
        armed("a reminder of another state", "turn.to(Gallery.remind_in(HOUR, «PayingReminder::Desk»))")
            .with("endless, to(Gallery)", "endless, remind(Bell), to(Gallery)")
            .with("to(Tour, When)", "to(Tour, When, Gallery)")
            .with(
                "    async fn deliver_ring(",
                "    async fn gallery_on_bell(&self, _: Gallery, turn: Turn<'_, Gallery>) -> Step<Gallery> {\n        \
                 turn.stay(\"The bell rings.\")\n    }\n\n    async fn deliver_ring(",
            )
            .says("expected `GalleryReminder`, found `PayingReminder`")
            .nothing_to_paste("rustc shows types"),
        armed("a reminder by its name", "turn.to(Gallery.remind_in(HOUR, «\"Bell\"»))")
            .with("endless, to(Gallery)", "endless, remind(Bell), to(Gallery)")
            .with("to(Tour, When)", "to(Tour, When, Gallery)")
            .with(
                "    async fn deliver_ring(",
                "    async fn gallery_on_bell(&self, _: Gallery, turn: Turn<'_, Gallery>) -> Step<Gallery> {\n        \
                 turn.stay(\"The bell rings.\")\n    }\n\n    async fn deliver_ring(",
            )
            .says("expected `GalleryReminder`, found `&str`")
            .nothing_to_paste("rustc shows types"),
        booking("a reminder after the state is left")
            .wrong("remind(\"1h\", Desk), to(", "«remind(\"1h\", Desk)», after(\"30m\", Gallery), to(")
            .says("`Paying` is left after `30m`, before this time comes")
            .paste("$last"),
        armed("a reminder on the step", "turn.to(When).«remind_in»(HOUR, PayingReminder::Desk)")
            .says("`turn.to(state.next().remind_in(…))`")
            .nothing_to_paste("which state has the reminder, its writer alone knows"),
        armed(
            "a reminder set by the turn of a state that declares none",
            "{ let mut turn = turn; turn.«remind_in»(HOUR, PayingReminder::Desk); turn.to(When) }",
        )
        .says("`booking::Guests: Reminds`")
        .nothing_to_paste("which reminder, its writer alone knows"),
    ]
}

fn effects() -> Vec<Case> {
    let effect = |name: &str, effect: &str| {
        booking(name).wrong(".effect(BookingEffect::Mail(ticket))", &format!(".effect({effect})"))
    };
    vec![
        booking("an effect with two named fields")
            .wrong("effects(Mail(Ticket), Ring)", "effects(«Mail { ticket: Ticket, copies: u8 }», Ring)")
            .with("deliver_mail(&self, ticket: Ticket,", "deliver_mail(&self, (ticket, _): (Ticket, u8),")
            .with("BookingEffect::Mail(ticket)", "BookingEffect::Mail((ticket, 1))")
            .paste("$last"),
        booking("an effect of a number, with an equals sign")
            .wrong("effects(Mail(Ticket), Ring)", "effects(Mail(Ticket), «Ring = u8»)")
            .with("deliver_ring(&self, _: Key)", "deliver_ring(&self, _: u8, _: Key)")
            .with("BookingEffect::Ring", "BookingEffect::Ring(1)")
            .paste("$last"),
        effect("an effect by its name", "«\"Mail\"»")
            .says("expected `BookingEffect`, found `&str`")
            .nothing_to_paste("rustc shows types"),
        effect("an effect that is misspelt", "BookingEffect::«Mial»(ticket)").follow_suggestion(),
        effect("an effect without its payload", "«BookingEffect::Mail»")
            .says("expected `BookingEffect`")
            .nothing_to_paste("what it carries, its writer alone knows"),
        effect("an effect with another payload", "BookingEffect::Mail(«7»)")
            .says("expected `Ticket`")
            .nothing_to_paste("what it carries, its writer alone knows"),
        effect("a payload for its effect", "«ticket»")
            .says("expected `BookingEffect`, found `Ticket`")
            .nothing_to_paste("rustc shows types"),
        table("an effect of a flow that declares none")
            .wrong(".say(\"Gladly.\")", ".effect(«\"mail\"»)")
            .says("expected `NoEffects`, found `&str`")
            .nothing_to_paste("rustc shows types"),
        table("an effect of no enum")
            .wrong(".say(\"Gladly.\")", ".effect(«TableEffect»::Mail)")
            .says("`TableEffect`")
            .nothing_to_paste("which effect, its writer alone knows"),
    ]
}
