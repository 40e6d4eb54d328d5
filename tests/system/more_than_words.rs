//! More than words: a picture, a place, a card and a command as answers, where something else is due, and with words under them.

use flow_core::{
    Ask, Cause, Command, Contact, EngineError, Flow, Halt, Input, Media, MediaKind, Message, Offer, Opening,
    OutcomeKind, Place, Result, Step, StepExt, Turn,
    answers::{Document, Image, Phone},
    engine::Limits,
};
use flow_testkit::Chat;
use serde::{Deserialize, Serialize};

use crate::{
    log::{listen, logged},
    stage::Stage,
};

/// A parcel that has come to harm.
#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(shared = Origin, anywhere("cancel" => Left, back, help))]
enum Complaint {
    #[state(start, ask = "How many parcels?", to(Picture))]
    Count,
    #[state(ask = "A picture, please.", tries(3, Left), to(Where))]
    Picture { parcels: u8 },
    #[state(ask = "Where are you?", to(Call))]
    Where { parcels: u8, picture: Image },
    #[state(ask = "Where can we call?", to(Bill))]
    Call { parcels: u8, picture: Image, place: Place },
    #[state(ask = "The bill, if you have it.", to(Again))]
    Bill { parcels: u8, picture: Image, place: Place, phone: Phone },
    #[state(ask = "Send another parcel?", choices(Yes, No), to(Noted))]
    Again { parcels: u8, picture: Image, place: Place, phone: Phone, bill: Option<Document> },
    #[state(ask = "Anything else?", to(Noted))]
    Noted { picture: Image, place: Place },
    #[state(end, say = "Good-bye.")]
    Left,
}

use complaint::*;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Origin {
    campaign: Option<String>,
    opened_with_a_file: bool,
}

struct Clerk;

impl ComplaintHandler for Clerk {
    async fn on_open(&self, opening: &mut Opening<'_, Complaint>) -> Result<()> {
        let input = opening.input();
        opening.shared_mut().campaign = input.command().map(|command| command.arguments().to_owned());
        opening.shared_mut().opened_with_a_file = input.media().is_some();
        Ok(())
    }

    async fn again(&self, state: Again, choice: AgainChoice, turn: Turn<'_, Again>) -> Step<Again> {
        let noted = Noted { picture: state.picture, place: state.place };
        turn.to(noted).say(if choice == AgainChoice::Yes { "It is on its way." } else { "As you like." })
    }

    async fn noted(&self, state: Noted, turn: Turn<'_, Noted>) -> Step<Noted> {
        if turn.text() == "break" {
            let (reference, place) = (state.picture.media().reference(), state.place.latitude());
            return Err(Halt::failed(format!("no row for {reference} at {place}")));
        }
        let seen = match (turn.media(), turn.command()) {
            (Some(media), _) => format!("{} {:?}", media.kind().as_str(), turn.text()),
            (_, Some(command)) => format!("{}:{}", command.name(), command.arguments()),
            _ => format!("{:?} {:?}", turn.text(), turn.input()),
        };
        turn.stay(seen)
    }
}

fn photo() -> Media {
    Media::new(MediaKind::Image, "AgAC-canary-reference").with_media_type("image/jpeg").with_size(48_213)
}

fn street() -> Place {
    Place::new(52.520_8, 13.409_4).expect("a place")
}

fn card() -> Contact {
    Contact::new("Ana Silva").with_phone("+49 30 1234567")
}

fn chat() -> Chat<Complaint> {
    Chat::new(|| Complaint::engine(Clerk))
}

/// A stage on which the bill is due.
async fn at_bill() -> Stage<Complaint> {
    let stage = Stage::with(Complaint::engine(Clerk));
    let said: [Message; 5] = ["hi".into(), "2".into(), photo().into(), street().into(), card().into()];
    for message in said {
        stage.says(message).await;
    }
    stage
}

#[tokio::test]
async fn each_kind_answers_the_question_for_it() {
    let mut chat = chat();
    chat.sends(Command::new("start").with_arguments("spring")).await.says(["2"]).await;
    chat.sends(photo().with_caption("The corner is broken.")).await.sends(street()).await.sends(card()).await;
    let bill = Media::new(MediaKind::Document, "BQAC").with_media_type("application/pdf").with_file_name("bill.pdf");
    chat.sends(bill.clone()).await;
    let session = chat.session().await.expect("a session");
    assert_eq!(session.shared().campaign.as_deref(), Some("spring"));
    let Complaint::Again { parcels: 2, picture, place, phone, bill: Some(kept) } = session.state() else {
        panic!("{:?}", session.state())
    };
    assert_eq!(
        (picture.media().caption(), place, phone.as_str()),
        (Some("The corner is broken."), &street(), "+49301234567")
    );
    assert_eq!(kept.media(), &bill);
    assert_eq!(
        chat.transcript(),
        "> /start spring
    · -> COUNT (opened)
bot: How many parcels?
> 2
    COUNT -> PICTURE (message)
bot: A picture, please.
> (image) The corner is broken.
    PICTURE -> WHERE (message)
bot: Where are you?
> (place) 52.52080, 13.40940
    WHERE -> CALL (message)
bot: Where can we call?
> (contact) Ana Silva
    CALL -> BILL (message)
bot: The bill, if you have it. [Skip]
> (document)
    BILL -> AGAIN (message)
bot: Send another parcel? [Yes | No]"
    );
}

#[tokio::test]
async fn what_is_not_due_asks_again_with_a_hint() {
    let stage = Stage::with(Complaint::engine(Clerk));
    stage.says("hi").await;
    let others: [Message; 4] = [photo().into(), street().into(), card().into(), Command::new("4").into()];
    for other in others {
        let outcome = stage.says(other).await;
        assert_eq!(outcome.texts(), ["Please answer with a whole number, 0 or more, in digits.", "How many parcels?"]);
        assert!(outcome.transitions.is_empty());
    }
    stage.says("2").await;
    let voice = Media::new(MediaKind::Voice, "v");
    let pdf = Media::new(MediaKind::Document, "d").with_media_type("application/pdf");
    for (other, is_last) in [(Message::from("it is broken"), false), (voice.into(), false), (pdf.into(), true)] {
        let said = if is_last { vec!["Good-bye."] } else { vec!["Please send a picture.", "A picture, please."] };
        assert_eq!(stage.says(other).await.texts(), said, "a try is counted");
    }
}

#[tokio::test]
async fn words_under_a_picture_answer_where_words_are_due_and_take_no_shortcut() {
    let stage = Stage::with(Complaint::engine(Clerk));
    stage.says("hi").await;
    assert_eq!(stage.says(photo().with_caption(" 3 ")).await.state, Some(Complaint::Picture { parcels: 3 }));
    let outcome = stage.says(photo().with_caption("cancel")).await;
    assert!(matches!(outcome.state, Some(Complaint::Where { .. })), "the picture is not lost to a word under it");
    assert_eq!(outcome.transitions[0].by, Cause::Message);
}

#[tokio::test]
async fn a_picture_that_is_sent_as_a_file_is_a_picture() {
    let stage = Stage::with(Complaint::engine(Clerk));
    stage.says_all(&["hi", "1"]).await;
    let scan = Media::new(MediaKind::Document, "d").with_media_type("Image/PNG");
    assert!(matches!(stage.says(scan).await.state, Some(Complaint::Where { .. })));
}

#[tokio::test]
async fn a_command_takes_shortcuts_and_choices_of_its_name_and_skips() {
    let stage = at_bill().await;
    let helped = stage.says(Command::new("help").with_arguments("me")).await;
    assert_eq!(helped.texts(), [r#"At any time you can say "cancel", "back", "help"."#, "The bill, if you have it."]);
    let skipped = stage.says(Command::new("skip")).await;
    assert!(matches!(skipped.state, Some(Complaint::Again { bill: None, .. })), "{skipped:?}");
    assert_eq!(stage.says(Command::new("later")).await.texts()[0], "Please take one of these:");
    assert_eq!(stage.says(Command::new("yes")).await.texts()[0], "It is on its way.");
    assert_eq!(stage.says(Command::new("cancel")).await.state, Some(Complaint::Left));
}

#[tokio::test]
async fn a_handler_looks_itself() {
    let stage = at_bill().await;
    for said in ["skip", "no"] {
        stage.says(said).await;
    }
    let sticker = Media::new(MediaKind::Sticker, "s");
    for (message, seen) in [
        (Message::from(sticker), r#"sticker """#),
        (photo().with_caption("cancel").into(), r#"image "cancel""#),
        (Command::new("track").with_arguments("7 8").into(), "track:7 8"),
        (street().into(), r#""" Some(Place(***))"#),
        (card().into(), r#""" Some(Contact(1 phones, 0 emails))"#),
    ] {
        assert_eq!(stage.says(message).await.texts(), [seen]);
    }
}

#[tokio::test]
async fn a_conversation_can_begin_with_a_picture_which_is_no_answer_yet() {
    let stage = Stage::with(Complaint::engine(Clerk));
    let outcome = stage.says(photo().with_caption("2")).await;
    assert_eq!((outcome.texts(), &outcome.state), (vec!["How many parcels?"], &Some(Complaint::Count)));
    let session = stage.engine.peek(stage.id).await.expect("the store").expect("a session");
    assert!(session.shared().opened_with_a_file);
}

#[tokio::test]
async fn what_is_too_much_is_refused_before_anything_else() {
    let stage = Stage::with(Complaint::engine(Clerk).limits(Limits::default().input(100)));
    let long = "x".repeat(101);
    let inputs: [Input; 5] = [
        Media::new(MediaKind::Image, &long).into(),
        photo().with_caption(&long).into(),
        street().with_address(&long).into(),
        card().with_email(&long).into(),
        Command::new("start").with_arguments(&long).into(),
    ];
    for input in inputs {
        let refused = stage.engine.handle(stage.id, input).await;
        assert!(matches!(refused, Err(EngineError::InputTooLarge { limit: 100, .. })), "{refused:?}");
    }
    assert_eq!(stage.store.writes(), 0);
}

#[tokio::test]
async fn nothing_of_it_is_shown_or_logged() {
    listen();
    let stage = at_bill().await;
    for said in ["skip", "no"] {
        stage.says(said).await;
    }
    let failed = stage.says("break").await;
    assert!(matches!(failed.kind, OutcomeKind::Failed(_)));
    let session = stage.engine.peek(stage.id).await.expect("the store").expect("a session");
    let masked = session.masked().expect("a view");
    assert_eq!(masked["data"], serde_json::json!({"picture": "***", "place": "***"}));
    let revealed = session.revealed().expect("a view");
    assert_eq!(revealed["data"]["picture"]["reference"], "AgAC-canary-reference", "what is kept is the reference");
    let shown = format!("{session:?} {:?} {}", session.state(), logged());
    assert!(logged().contains("no row for"), "{}", logged());
    assert!(!shown.contains("canary") && !shown.contains("52.52") && !shown.contains("1234567"), "{shown}");
}

#[tokio::test]
async fn an_offer_is_picked_by_words_under_a_picture_and_by_a_command() {
    #[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
    enum Shelf {
        #[state(start, offers = String, to(Picked))]
        Begin,
        #[state(end)]
        Picked { thing: String },
    }
    use shelf::*;
    struct Host;
    impl ShelfHandler for Host {
        async fn ask_begin(&self, _: &Begin, _: Ask<'_, Begin>) -> Result<Offer<String>> {
            Ok(Offer::new("Which?").items(["Box".to_owned(), "Bag".to_owned()]))
        }
    }
    for (message, picked) in [
        (Message::from(photo().with_caption("2")), Some("Bag")),
        (photo().with_caption(" box ").into(), Some("Box")),
        (Command::new("bag").into(), Some("Bag")),
        (Command::new("2").into(), None),
        (photo().into(), None),
        (street().into(), None),
    ] {
        let stage = Stage::with(Shelf::engine(Host));
        stage.says("hi").await;
        let outcome = stage.says(message).await;
        assert_eq!(outcome.state, Some(picked.map_or(Shelf::Begin, |thing| Shelf::Picked { thing: thing.to_owned() })));
    }
}
