//! Flows in flows: a salon that runs two flows, which both run a third; corrections, words and asides on top.

use std::sync::{Arc, Mutex};

use flow_core::{
    Arriving, Ask, EngineError, Flow, Key, Offer, Outcome, Result, Session, Step, StepExt, Turn, Unreadable,
    answers::{Email, Name},
    statistics::Statistics as _,
};
use flow_sqlite::SqliteStore;
use serde::{Deserialize, Serialize};

use crate::{
    nesting_before::{first, third},
    stage::Stage,
};

/// Several flows in one bot: a flow whose states run others.
#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(
    name = "nested_salon",
    version = 2,
    anywhere("/book" => Visit, "/jobs" => Apply, aside("/hours" => Hours), aside("/complain" => Complaint)),
    opens("book" => Visit)
)]
pub(crate) enum Parlour {
    #[state(start, ask = "A visit, or a job?", choices(Book, Job), to(Visit, Apply))]
    Menu,
    #[state(run = Booking, to(Bye))]
    Visit,
    #[state(run = Jobs, to(Bye))]
    Apply,
    #[state(ask = "What went wrong?", answer = String, to(Noted))]
    Complaint,
    #[state(end, say = "We have noted it.")]
    Noted,
    #[state(end, say = "We are open from 9 to 6.")]
    Hours,
    #[state(end, say = "See you!")]
    Bye,
}

#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "nested_booking", anywhere("cancel" => Cancelled, back), effects(MailLink(Email)))]
pub(crate) enum Booking {
    #[state(start, ask = "Your name?", to(AskEmail))]
    AskName,
    #[state(ask = "And your e-mail, {name}?", to(Invoice))]
    AskEmail { name: Name },
    #[state(run = Address, to(When))]
    Invoice { name: Name, email: Email },
    #[state(offers = String, to(Review))]
    When { name: Name, email: Email, address: Option<Postal> },
    #[state(
        ask = "{slot}, for {name}, to {email}?",
        choices(Yes("Yes", "sure"), Later("Not now")),
        corrects(name, email("Change e-mail"), address("Change address") => slot, slot("Another time")),
        to(Paying, Cancelled)
    )]
    Review { name: Name, email: Email, address: Option<Postal>, slot: String },
    #[state(
        checkpoint,
        say = "A link is on its way to {email}.",
        signals(Paid(u64), Refused),
        remind(Link),
        after("24h", Cancelled),
        to(Booked, Cancelled)
    )]
    Paying { name: Name, email: Email, slot: String },
    #[state(end, checkpoint, say = "All set, {name}. See you on {slot}!")]
    Booked { name: Name, slot: String },
    #[state(end, say = "Nothing was booked.")]
    Cancelled,
}

#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "nested_jobs", anywhere(back), shared = Applied)]
pub(crate) enum Jobs {
    #[state(start, ask = "Who are you?", to(Home))]
    Who,
    #[state(run = Address, to(Sent))]
    Home { name: Name },
    #[state(end, say = "We shall write to you, {name}.")]
    Sent { name: Name, home: Option<Postal> },
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Applied {
    heard: u32,
}

#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "nested_address", anywhere("no address" => Without, back))]
pub(crate) enum Address {
    #[state(start, ask = "Which street?", answer = String, after("1h", Without), to(Town))]
    Street,
    #[state(ask = "And the town?", answer = String, tries(2, Without), to(Given))]
    Town { street: String },
    #[state(end)]
    Given { street: String, town: String },
    #[state(end)]
    Without,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Postal(String, String);

use {address::*, booking::*, jobs::*, parlour::*};

#[derive(Clone, Default)]
pub(crate) struct Host {
    delivered: Arc<Mutex<Vec<String>>>,
}

fn postal(end: AddressEnd) -> Option<Postal> {
    match end {
        AddressEnd::Given(given) => Some(Postal(given.street, given.town)),
        AddressEnd::Without(_) => None,
    }
}

impl ParlourHandler for Host {
    async fn on_input(&self, arriving: &mut Arriving<'_, Parlour>) -> Result<()> {
        if arriving.text().len() > 100 {
            arriving.answer("Shorter, please.");
        }
        if let Some(email) = arriving.text().strip_prefix("actually mail to ").map(str::to_owned) {
            arriving.correct_with("email", email.as_str());
        }
        Ok(())
    }

    async fn menu(&self, _: Menu, choice: MenuChoice, turn: Turn<'_, Menu>) -> Step<Menu> {
        match choice {
            MenuChoice::Book => turn.to(Visit),
            MenuChoice::Job => turn.to(Apply),
        }
    }

    async fn visit_done(&self, _: Visit, end: BookingEnd, turn: Turn<'_, Visit>) -> Step<Visit> {
        match end {
            BookingEnd::Booked(booked) => turn.to(Bye).say(format!("Put {} into your calendar.", booked.slot)),
            BookingEnd::Cancelled(_) => turn.to(Bye),
        }
    }

    async fn apply_done(&self, _: Apply, _: JobsEnd, turn: Turn<'_, Apply>) -> Step<Apply> {
        turn.to(Bye)
    }

    async fn complaint(&self, _: Complaint, said: String, turn: Turn<'_, Complaint>) -> Step<Complaint> {
        turn.to(Noted).say(format!("\"{said}\"?"))
    }
}

impl BookingHandler for Host {
    async fn invoice_done(&self, state: Invoice, end: AddressEnd, turn: Turn<'_, Invoice>) -> Step<Invoice> {
        turn.to(state.when(postal(end)))
    }

    async fn ask_when(&self, _: &When, _: Ask<'_, When>) -> Result<Offer<String>> {
        Ok(Offer::new("Which suits you?").items(["Mon 10:00".to_owned(), "Tue 14:30".to_owned()]))
    }

    async fn review(&self, state: Review, choice: ReviewChoice, turn: Turn<'_, Review>) -> Step<Review> {
        match choice {
            ReviewChoice::Yes => {
                let mail = state.email.clone();
                turn.to(Paying { name: state.name, email: state.email, slot: state.slot })
                    .effect(BookingEffect::MailLink(mail))
            }
            ReviewChoice::Later => turn.to(Cancelled),
        }
    }

    async fn paying(&self, _: Paying, turn: Turn<'_, Paying>) -> Step<Paying> {
        turn.stay("The link is in your mailbox.")
    }

    async fn paying_on_paid(&self, state: Paying, paid: u64, turn: Turn<'_, Paying>) -> Step<Paying> {
        turn.to(Booked { name: state.name, slot: state.slot }).say(format!("Receipt {paid}."))
    }

    async fn paying_on_refused(&self, _: Paying, turn: Turn<'_, Paying>) -> Step<Paying> {
        turn.to(Cancelled)
    }

    async fn paying_on_link(&self, state: Paying, turn: Turn<'_, Paying>) -> Step<Paying> {
        turn.stay(format!("Your link for {} still waits.", state.slot))
    }

    async fn deliver_mail_link(&self, mail: Email, key: Key) -> Result<()> {
        self.delivered.lock().expect("a lock").push(format!("{} {key}", mail.as_str()));
        Ok(())
    }
}

impl JobsHandler for Host {
    async fn home_done(&self, state: Home, end: AddressEnd, mut turn: Turn<'_, Home>) -> Step<Home> {
        turn.shared_mut().heard += 1;
        turn.to(state.sent(postal(end)))
    }
}

impl AddressHandler for Host {}

pub(crate) fn parlour() -> Stage<Parlour> {
    Stage::with(Parlour::engine(Host::default()))
}

async fn session(stage: &Stage<Parlour>) -> Session<Parlour> {
    stage.engine.peek(stage.id).await.expect("it is read").expect("a session")
}

async fn standing(stage: &Stage<Parlour>) -> String {
    session(stage).await.standing()
}

fn steps(outcome: &Outcome<Parlour>) -> Vec<String> {
    outcome.transitions.iter().map(ToString::to_string).collect()
}

/// What is said up to the review of a visit.
const TO_REVIEW: [&str; 7] = ["hi", "Book", "Ana", "ana@example.com", "1 Main St", "Lisbon", "1"];

#[tokio::test]
async fn a_flow_in_a_flow_in_a_flow_is_one_conversation_with_one_write_a_turn() {
    let stage = parlour();
    stage.says("hi").await;
    let outcome = stage.says("Book").await;
    assert_eq!(outcome.texts(), ["Your name?"]);
    assert_eq!(steps(&outcome), ["MENU -> VISIT (message)", "VISIT -> VISIT/ASK_NAME (run)"]);
    let outcome = stage.says_all(&["Ana", "ana@example.com"]).await;
    assert_eq!(outcome.texts(), ["Which street?"]);
    assert_eq!(standing(&stage).await, "VISIT/INVOICE/STREET");
    assert!(session(&stage).await.state_in::<Address>().is_some());
    let calls = stage.store.calls();
    let outcome = stage.says_all(&["1 Main St", "Lisbon"]).await;
    assert_eq!(stage.store.calls() - calls, 2, "two turns, each a commit");
    assert_eq!(
        steps(&outcome),
        ["VISIT/INVOICE/TOWN -> VISIT/INVOICE/GIVEN (message)", "VISIT/INVOICE/GIVEN -> VISIT/WHEN (done)"]
    );
    let outcome = stage.says("1").await;
    assert_eq!(outcome.texts(), ["Mon 10:00, for Ana, to ana@example.com?"]);
    let review = session(&stage).await.state_in::<Booking>().cloned();
    let Some(Booking::Review { address, .. }) = review else { panic!("{review:?}") };
    assert_eq!(address, Some(Postal("1 Main St".into(), "Lisbon".into())));
}

#[tokio::test]
async fn what_an_inner_flow_ends_in_is_a_step_of_the_outer_one() {
    let stage = parlour();
    stage.says_all(&TO_REVIEW).await;
    stage.says("Yes").await;
    assert_eq!(standing(&stage).await, "VISIT/PAYING");
    let outcome = stage.engine.signal_in::<Booking>(stage.id, BookingSignal::Paid(7)).await.expect("it is heard");
    assert_eq!(
        outcome.texts(),
        ["Receipt 7.", "All set, Ana. See you on Mon 10:00!", "Put Mon 10:00 into your calendar.", "See you!"]
    );
    assert_eq!(outcome.state, Some(Parlour::Bye));
    assert_eq!(steps(&outcome), ["VISIT/PAYING -> VISIT/BOOKED (signal)", "VISIT/BOOKED -> BYE (done)"]);
}

#[tokio::test]
async fn a_correction_asks_one_question_and_is_back() {
    let stage = parlour();
    stage.says_all(&TO_REVIEW).await;
    let outcome = stage.says("change e-mail").await;
    assert_eq!(outcome.texts(), ["And your e-mail, Ana?"]);
    assert_eq!(steps(&outcome), ["VISIT/REVIEW -> VISIT/REVIEW/ASK_EMAIL (correction)"]);
    assert_eq!(stage.says("nonsense").await.texts().len(), 2, "it is asked again");
    let outcome = stage.says("ben@example.com").await;
    assert_eq!(outcome.texts(), ["Mon 10:00, for Ana, to ben@example.com?"]);
    assert_eq!(steps(&outcome), ["VISIT/REVIEW/ASK_EMAIL -> VISIT/REVIEW (message)"]);
    assert_eq!(stage.says("yes").await.texts(), ["A link is on its way to ben@example.com."]);
}

#[tokio::test]
async fn what_depends_on_a_correction_is_asked_again_and_a_field_of_an_inner_flow_is_corrected_there() {
    let stage = parlour();
    stage.says_all(&TO_REVIEW).await;
    assert_eq!(stage.says("Change address").await.texts(), ["Which street?"]);
    assert_eq!(standing(&stage).await, "VISIT/REVIEW/INVOICE/STREET");
    let outcome = stage.says_all(&["2 Side St", "Porto"]).await;
    assert_eq!(outcome.texts(), ["Which suits you?"], "the time depends on the address");
    assert_eq!(standing(&stage).await, "VISIT/REVIEW/WHEN");
    let outcome = stage.says("Tue 14:30").await;
    assert_eq!(outcome.texts(), ["Tue 14:30, for Ana, to ana@example.com?"]);
    let Some(Booking::Review { address, slot, .. }) = session(&stage).await.state_in::<Booking>().cloned() else {
        panic!("it is in the review")
    };
    assert_eq!((address, &*slot), (Some(Postal("2 Side St".into(), "Porto".into())), "Tue 14:30"));
}

#[tokio::test]
async fn back_leaves_a_correction_unchanged_and_an_inner_flow_to_the_question_before_it() {
    let stage = parlour();
    stage.says_all(&TO_REVIEW).await;
    stage.says("Another time").await;
    let outcome = stage.says("back").await;
    assert_eq!(outcome.texts(), ["Mon 10:00, for Ana, to ana@example.com?"]);
    assert_eq!(standing(&stage).await, "VISIT/REVIEW");
    let stage = parlour();
    stage.says_all(&["hi", "Book", "Ana", "ana@example.com", "1 Main St"]).await;
    assert_eq!(stage.says("back").await.texts(), ["Which street?"]);
    assert_eq!(stage.says("back").await.texts(), ["And your e-mail, Ana?"]);
    assert_eq!(stage.says("back").await.texts(), ["Your name?"]);
    assert_eq!(stage.says("back").await.texts(), ["A visit, or a job?"]);
    assert_eq!(standing(&stage).await, "MENU");
}

#[tokio::test]
async fn an_aside_comes_back_and_a_command_does_not() {
    let stage = parlour();
    stage.says_all(&["hi", "Book", "Ana"]).await;
    assert_eq!(stage.says("/hours").await.texts(), ["We are open from 9 to 6.", "And your e-mail, Ana?"]);
    assert_eq!(stage.says("/complain").await.texts(), ["What went wrong?"]);
    assert_eq!(standing(&stage).await, "VISIT/ASK_EMAIL/COMPLAINT");
    assert_eq!(stage.says("/complain").await.texts(), ["What went wrong?"]);
    assert_eq!(standing(&stage).await, "VISIT/ASK_EMAIL/COMPLAINT", "it stands there once");
    let outcome = stage.says("noise").await;
    assert_eq!(outcome.texts(), ["\"noise\"?", "We have noted it.", "And your e-mail, Ana?"]);
    assert_eq!(stage.says("/jobs").await.texts(), ["Who are you?"]);
    assert_eq!(standing(&stage).await, "APPLY/WHO");
}

#[tokio::test]
async fn a_link_opens_a_flow_at_once_and_while_another_is_under_way() {
    let start = || flow_core::Command::new("start").with_arguments("book");
    let stage = parlour();
    assert_eq!(stage.says(start()).await.texts(), ["Your name?"]);
    assert_eq!(standing(&stage).await, "VISIT/ASK_NAME");
    let stage = parlour();
    stage.says_all(&["hi", "Job", "Ana"]).await;
    assert_eq!(stage.says(start()).await.texts(), ["Your name?"]);
    assert_eq!(standing(&stage).await, "VISIT/ASK_NAME");
}

#[tokio::test]
async fn a_hook_sees_first_what_comes_in_wherever_the_conversation_stands() {
    let stage = parlour();
    stage.says_all(&TO_REVIEW).await;
    let long = "x".repeat(101);
    assert_eq!(stage.says(&*long).await.texts(), ["Shorter, please."]);
    let outcome = stage.says("actually mail to ben@example.com").await;
    assert_eq!(outcome.texts(), ["Mon 10:00, for Ana, to ben@example.com?"]);
    // Where nothing can be corrected it is heard as it is.
    let stage = parlour();
    assert_eq!(
        stage.says_all(&["hi", "Book", "actually mail to x"]).await.texts(),
        ["And your e-mail, actually mail to x?"]
    );
}

#[tokio::test]
async fn timers_and_tries_belong_to_their_flow() {
    let stage = parlour();
    stage.says_all(&["hi", "Job", "Ana"]).await;
    assert_eq!(standing(&stage).await, "APPLY/HOME/STREET");
    stage.passes(2);
    // The time of the street is over: that flow is left without an address, and the one around it with it.
    stage.works().await;
    assert_eq!(session(&stage).await.state(), &Parlour::Bye);
    let stage = parlour();
    stage.says_all(&["hi", "Book", "Ana", "ana@example.com", "1 Main St"]).await;
    stage.says_all(&["", " "]).await;
    assert_eq!(standing(&stage).await, "VISIT/WHEN", "two tries, and there is no address");
}

#[tokio::test]
async fn effects_and_checkpoints_of_an_inner_flow_are_delivered_by_its_own_name() {
    let (host, seen) = (Host::default(), Arc::new(Mutex::new(Vec::new())));
    let taken = Arc::clone(&seen);
    let builder = Parlour::engine(host.clone()).on_checkpoint(move |checkpoint| {
        let told = (checkpoint.standing(), checkpoint.state_in::<Booking>().is_some());
        taken.lock().expect("a lock").push(told);
        async { Ok::<_, String>(()) }
    });
    let stage = Stage::with(builder);
    stage.says_all(&TO_REVIEW).await;
    stage.says("Yes").await;
    stage.works().await;
    let delivered = host.delivered.lock().expect("a lock").clone();
    assert_eq!(delivered.len(), 1);
    assert!(delivered[0].starts_with("ana@example.com"), "{delivered:?}");
    assert_eq!(*seen.lock().expect("a lock"), [("VISIT/PAYING".to_owned(), true)]);
}

#[tokio::test]
async fn an_archive_counts_each_parent_of_a_flow_apart_in_the_order_of_their_declarations() {
    let folder = tempfile::tempdir().expect("a folder");
    let archive = Arc::new(SqliteStore::open(folder.path().join("talks.db")).expect("an archive"));
    let stage = Stage::with(Parlour::engine(Host::default()).archive(Arc::clone(&archive)));
    let visitors: [&[&str]; 3] = [&TO_REVIEW, &["hi", "Job", "Ben", "2 Side St"], &["hi", "Book", "Eve"]];
    for said in visitors {
        let id = flow_core::SessionId::random();
        for said in said {
            stage.engine.handle(id, *said).await.expect("a turn");
        }
        assert!(stage.engine.archive_now(id).await.expect("it is archived"));
    }
    let funnel = archive.funnel("nested_salon").await.expect("a funnel");
    let reached: Vec<_> = funnel.iter().map(|row| (&*row.state, row.reached)).collect();
    let expected = [
        ("MENU", 3),
        ("VISIT", 2),
        ("VISIT/ASK_NAME", 2),
        ("VISIT/ASK_EMAIL", 2),
        ("VISIT/INVOICE", 1),
        ("VISIT/INVOICE/STREET", 1),
        ("VISIT/INVOICE/TOWN", 1),
        ("VISIT/INVOICE/GIVEN", 1),
        ("VISIT/WHEN", 1),
        ("VISIT/REVIEW", 1),
        ("APPLY", 1),
        ("APPLY/WHO", 1),
        ("APPLY/HOME", 1),
        ("APPLY/HOME/STREET", 1),
        ("APPLY/HOME/TOWN", 1),
    ];
    assert_eq!(reached, expected);
    // What is archived is taken up again where it stood.
    let id = flow_core::SessionId::random();
    for said in &TO_REVIEW {
        stage.engine.handle(id, *said).await.expect("a turn");
    }
    stage.engine.archive_now(id).await.expect("it is archived");
    stage.engine.remove(id).await.expect("it is removed");
    let outcome = stage.engine.handle(id, "change e-mail").await.expect("a turn");
    assert_eq!(outcome.texts(), ["And your e-mail, Ana?"]);
}

#[tokio::test]
async fn a_record_whose_inner_flow_is_gone_is_unreadable_and_stays() {
    let stage = parlour();
    stage.says_all(&["hi", "Book", "Ana"]).await;
    let before = stage.store.last_written().record.bytes().clone();
    let other = stage.released(third::Parlour::engine(third::Clerk));
    let refused = other.engine.handle(other.id, "Monday").await;
    assert!(matches!(refused, Err(EngineError::Unreadable(Unreadable::NoInnerFlow))), "{refused:?}");
    assert_eq!(stage.store.last_written().record.bytes(), &before);
    assert_eq!(standing(&stage).await, "VISIT/ASK_EMAIL");
    // A visit that asked by itself, and runs a flow in the release after that, begins it.
    let other = Stage::with(first::Parlour::engine(first::Clerk));
    other.says_all(&["hi", "Book"]).await;
    let stage = other.released(Parlour::engine(Host::default()));
    assert_eq!(stage.says("Monday").await.texts(), ["Your name?"]);
    assert_eq!(standing(&stage).await, "VISIT/ASK_NAME");
}
