//! Reminders: by a time that is declared, or by one that only the handler knows.

use std::time::Duration;

use flow_core::{Flow, Step, Turn};
use flow_testkit::Chat;
use serde::{Deserialize, Serialize};

const HOUR: Duration = Duration::from_secs(3600);

#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Parcel {
    #[state(start, ask = "How many hours may it take?", answer = u32, to(OnItsWay))]
    Begin,
    #[state(
        say = "It is on its way.",
        remind("2h", Tea),
        remind(Late = "late"),
        remind("1d", Lost),
        to(OnItsWay, Gone)
    )]
    OnItsWay { hours: u32 },
    #[state(end, say = "We have lost it.")]
    Gone,
}

use parcel::*;

struct Post;

impl ParcelHandler for Post {
    async fn begin(&self, state: Begin, hours: u32, turn: Turn<'_, Begin>) -> Step<Begin> {
        match hours {
            0 => turn.to(state.on_its_way(hours)),
            // The declared one too is set anew, by a time of the handler's.
            99 => turn.to(state.on_its_way(hours).remind_in(3 * HOUR, OnItsWayReminder::Tea)),
            _ => {
                let late = OnItsWayReminder::Late;
                turn.to(state.on_its_way(hours).remind_in(9 * HOUR, late).remind_in(hours * HOUR, late))
            }
        }
    }

    async fn on_its_way(&self, state: OnItsWay, mut turn: Turn<'_, OnItsWay>) -> Step<OnItsWay> {
        match turn.text() {
            "later" => turn.remind_in(5 * HOUR, OnItsWayReminder::Late),
            "no tea" => turn.forget_reminder(OnItsWayReminder::Tea),
            "again" => return turn.to(state.on_its_way()),
            _ => {}
        }
        turn.stay("Well.")
    }

    async fn on_its_way_on_tea(&self, _: OnItsWay, turn: Turn<'_, OnItsWay>) -> Step<OnItsWay> {
        assert!(turn.input().is_none(), "the visitor said nothing");
        turn.stay("Have a tea.")
    }

    async fn on_its_way_on_late(&self, state: OnItsWay, mut turn: Turn<'_, OnItsWay>) -> Step<OnItsWay> {
        // It may set itself again.
        turn.remind_in(HOUR, OnItsWayReminder::Late);
        turn.stay(format!("It takes longer than {} hours.", state.hours))
    }

    async fn on_its_way_on_lost(&self, _: OnItsWay, turn: Turn<'_, OnItsWay>) -> Step<OnItsWay> {
        turn.to(Gone)
    }
}

/// What is said of its own accord after these words, hour by hour: the hour, and what is said.
async fn said_by_the_hour(words: &[&str], hours: u32) -> Vec<(u32, String)> {
    let mut chat = Chat::new(|| Parcel::engine(Post));
    chat.says(words.iter().copied()).await;
    let mut said = Vec::new();
    for hour in 1..=hours {
        let before = chat.transcript().lines().count();
        chat.waits(HOUR).await;
        let transcript = chat.transcript();
        let replies = transcript.lines().skip(before).filter_map(|line| line.strip_prefix("bot: "));
        said.extend(replies.map(|reply| (hour, reply.to_owned())));
    }
    said
}

fn listed(said: &[(u32, &str)]) -> Vec<(u32, String)> {
    said.iter().map(|(hour, said)| (*hour, (*said).to_owned())).collect()
}

#[tokio::test]
async fn a_reminder_declared_with_a_time_rings_by_itself_and_one_without_does_not() {
    let expected = [(2, "Have a tea."), (24, "We have lost it.")];
    assert_eq!(said_by_the_hour(&["hi", "0"], 30).await, listed(&expected));
}

#[tokio::test]
async fn a_reminder_is_set_on_the_state_that_is_entered_and_the_last_time_counts() {
    let late = "It takes longer than 3 hours.";
    let expected = [(2, "Have a tea."), (3, late), (4, late), (5, late)];
    assert_eq!(said_by_the_hour(&["hi", "3"], 5).await, listed(&expected));
}

#[tokio::test]
async fn a_time_of_the_handlers_comes_in_the_place_of_the_declared_one() {
    assert_eq!(said_by_the_hour(&["hi", "99"], 4).await, listed(&[(3, "Have a tea.")]));
}

#[tokio::test]
async fn a_turn_puts_reminders_of_its_own_state_off_and_forgets_them() {
    let expected = [(5, "It takes longer than 3 hours.")];
    assert_eq!(said_by_the_hour(&["hi", "3", "later", "no tea", "what?"], 5).await, listed(&expected));
}

#[tokio::test]
async fn entering_the_state_again_sets_what_is_declared_and_forgets_what_was_set() {
    assert_eq!(said_by_the_hour(&["hi", "3", "no tea", "again"], 5).await, listed(&[(2, "Have a tea.")]));
}

#[tokio::test]
async fn a_reminder_goes_by_the_name_that_the_declaration_gives_it() {
    let stage = crate::stage::Stage::with(Parcel::engine(Post));
    stage.says_all(&["hi", "3"]).await;
    let record = stage.store.last_written().record.readable();
    let timers = record["todo"]["timers"].as_array().expect("a list");
    let mut names: Vec<_> = timers.iter().filter_map(|timer| timer["ring"]["reminder"].as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["Lost", "Tea", "late"]);
    let declared: Vec<_> = Parcel::GRAPH.states[1].reminders.iter().map(|reminder| reminder.after).collect();
    assert_eq!(declared, [Some(2 * HOUR), None, Some(24 * HOUR)]);
}
