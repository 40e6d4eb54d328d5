//! Which edges a suite never takes of a flow whose states run others.

use flow_core::{Flow, Step, Turn};
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
