//! Which edges a suite never takes of a flow whose states run others.

use chrono::DateTime;
use flow_core::{Cause, Flow, Step, Transition, Turn};
use flow_testkit::{Chat, Coverage};
use serde::{Deserialize, Serialize};

#[derive(Flow, Clone, Debug, Serialize, Deserialize)]
#[flow(name = "chat_house", anywhere("/upstairs" => Upstairs, aside("/complain" => Complaint)))]
enum House {
    #[state(start, ask = "Up or down?", choices(Up, Down), to(Upstairs, Downstairs))]
    Hall,
    #[state(run = Room, to(Left))]
    Upstairs,
    #[state(run = Room, to(Left))]
    Downstairs,
    #[state(ask = "What went wrong?", answer = String, to(Noted))]
    Complaint,
    #[state(end, say = "We have noted it.")]
    Noted,
    #[state(end, say = "Bye.")]
    Left,
}

#[derive(Flow, Clone, Debug, Serialize, Deserialize)]
#[flow(name = "chat_room", anywhere("stop" => Empty), corrects(name("Another name")))]
enum Room {
    #[state(start, ask = "Your name?", to(Nights))]
    Guest,
    #[state(ask = "How many nights, {name}?", tries(2, Empty), to(Review))]
    Nights { name: String },
    #[state(ask = "{nights} nights?", choices(Yes, No), corrects(nights("Other nights")), to(Taken, Empty))]
    Review { name: String, nights: u32 },
    #[state(end, say = "It is yours, {name}.")]
    Taken { name: String },
    #[state(end)]
    Empty,
}

use {house::*, room::*};

struct Keeper;

impl HouseHandler for Keeper {
    async fn hall(&self, _: Hall, choice: HallChoice, turn: Turn<'_, Hall>) -> Step<Hall> {
        match choice {
            HallChoice::Up => turn.to(Upstairs),
            HallChoice::Down => turn.to(Downstairs),
        }
    }

    async fn upstairs_done(&self, _: Upstairs, _: RoomEnd, turn: Turn<'_, Upstairs>) -> Step<Upstairs> {
        turn.to(Left)
    }

    async fn downstairs_done(&self, _: Downstairs, _: RoomEnd, turn: Turn<'_, Downstairs>) -> Step<Downstairs> {
        turn.to(Left)
    }

    async fn complaint(&self, _: Complaint, _: String, turn: Turn<'_, Complaint>) -> Step<Complaint> {
        turn.to(Noted)
    }
}

impl RoomHandler for Keeper {
    async fn review(&self, state: Review, choice: ReviewChoice, turn: Turn<'_, Review>) -> Step<Review> {
        match choice {
            ReviewChoice::Yes => turn.to(Taken { name: state.name }),
            ReviewChoice::No => turn.to(Empty),
        }
    }
}

mod rooms {
    use super::*;

    #[tokio::test]
    async fn one_upstairs_is_taken_after_corrections_and_a_complaint() {
        let mut chat = Chat::new(|| House::engine(Keeper));
        chat.says([
            "hi",
            "Up",
            "Ana",
            "/complain",
            "/complain",
            "noise",
            "2",
            "Other nights",
            "3",
            "Another name",
            "Eve",
            "Yes",
        ])
        .await;
        assert_eq!(chat.state().await, Some("LEFT"), "{}", chat.transcript());
    }

    #[tokio::test]
    async fn one_downstairs_is_left_by_words() {
        let mut chat = Chat::new(|| House::engine(Keeper));
        chat.says(["hi", "Down", "/upstairs", "stop"]).await;
        assert_eq!(chat.state().await, Some("LEFT"), "{}", chat.transcript());
    }
}

#[test]
fn edges_of_flows_in_flows_are_reported_by_their_paths() {
    Coverage::of_tests::<House>("rooms::", |coverage| {
        insta::assert_snapshot!(coverage);
        insta::assert_snapshot!("a_picture_of_flows_in_flows", coverage.to_mermaid());
    });
}

/// A flow that runs one that runs others.
#[derive(Flow, Clone, Debug, Serialize, Deserialize)]
#[flow(name = "chat_street")]
enum Street {
    #[state(start, run = House, to(Gone))]
    Home,
    #[state(end, say = "Gone.")]
    Gone,
}

use street::*;

impl StreetHandler for Keeper {
    async fn home_done(&self, _: Home, _: HouseEnd, turn: Turn<'_, Home>) -> Step<Home> {
        turn.to(Gone)
    }
}

/// Steps of a history, each with the edge that it takes.
const TAKEN: [(&str, &str, Cause, &str); 8] = [
    ("HOME/HALL", "HOME/UPSTAIRS", Cause::Message, "HOME/HALL -> HOME/UPSTAIRS"),
    ("HOME/UPSTAIRS/TAKEN", "HOME/LEFT", Cause::Done, "HOME/UPSTAIRS -> HOME/LEFT"),
    ("HOME/LEFT", "GONE", Cause::Done, "HOME -> GONE"),
    (
        "HOME/UPSTAIRS/REVIEW/GUEST",
        "HOME/UPSTAIRS/EMPTY",
        Cause::Shortcut,
        r#"HOME/UPSTAIRS/GUEST -> HOME/UPSTAIRS/EMPTY ("stop")"#,
    ),
    (
        "HOME/UPSTAIRS/REVIEW/NIGHTS",
        "HOME/UPSTAIRS/EMPTY",
        Cause::Tries,
        "HOME/UPSTAIRS/NIGHTS -> HOME/UPSTAIRS/EMPTY (2 tries)",
    ),
    (
        "HOME/UPSTAIRS/REVIEW/NIGHTS/COMPLAINT",
        "HOME/UPSTAIRS/REVIEW/NIGHTS/NOTED",
        Cause::Message,
        "HOME/COMPLAINT -> HOME/NOTED",
    ),
    ("HOME/DOWNSTAIRS/GUEST", "HOME/UPSTAIRS", Cause::Shortcut, r#"HOME/DOWNSTAIRS -> HOME/UPSTAIRS ("/upstairs")"#),
    (
        "HOME/UPSTAIRS/REVIEW",
        "HOME/UPSTAIRS/REVIEW/GUEST",
        Cause::Correction,
        "HOME/UPSTAIRS/anywhere -> HOME/UPSTAIRS/GUEST (correction of name)",
    ),
];

/// Steps that take no declared edge, or of which the history does not tell which.
const NONE: [(&str, &str, Cause); 7] = [
    ("HOME", "HOME/HALL", Cause::Run),
    ("HOME/UPSTAIRS/REVIEW/NIGHTS", "HOME/UPSTAIRS/REVIEW", Cause::Message),
    ("HOME/UPSTAIRS/REVIEW/NIGHTS", "HOME/UPSTAIRS/EMPTY", Cause::Message),
    ("HOME/UPSTAIRS/REVIEW/GUEST", "HOME/UPSTAIRS/REVIEW/NIGHTS", Cause::Message),
    ("HOME/UPSTAIRS/NIGHTS/NOTED", "HOME/UPSTAIRS/NIGHTS", Cause::Done),
    ("HOME/UPSTAIRS/NIGHTS", "HOME/UPSTAIRS/GUEST", Cause::Back),
    ("HOME/ATTIC", "HOME/LEFT", Cause::Message),
];

#[test]
fn steps_of_a_history() {
    let step = |from: &str, to: &str, by| Transition::new(Some(from.to_owned()), to, by, DateTime::UNIX_EPOCH);
    let taken = TAKEN.iter().map(|(from, to, by, _)| step(from, to, *by));
    let steps: Vec<_> = taken.chain(NONE.iter().map(|(from, to, by)| step(from, to, *by))).collect();
    Coverage::note::<Street>(&steps).expect("a note");
}

#[test]
fn a_step_is_of_the_deepest_flow_in_which_both_its_sides_stand() {
    Coverage::of_tests::<Street>("nested::steps_of_a_history", |coverage| {
        let untaken = coverage.untaken();
        for (_, _, _, edge) in TAKEN {
            assert!(!untaken.iter().any(|known| known == edge), "{edge} is taken: {coverage}");
        }
        assert_eq!(
            coverage.to_string().split_once(" of ").map(|(taken, _)| taken),
            Some("chat_street: 8"),
            "{coverage}"
        );
    });
}
