//! The booking, with rust-fsm. Its states carry no data, so the host keeps that beside the machine.

use rust_fsm::state_machine;
use serde::{Deserialize, Serialize};
use stage::{Email, Failure, Line};

state_machine! {
    #[derive(Clone, Copy, Debug, serde::Serialize, serde::Deserialize)]
    booking(Welcome)

    Welcome => {
        Named => AskEmail,
        Cancel => Cancelled,
    },
    AskEmail => {
        Mailed => Review,
        Cancel => Cancelled,
    },
    Review => {
        Agreed => Paying,
        Changed => AskEmail,
        Cancel => Cancelled,
    },
    Paying => {
        Paid => Booked,
        Cancel => Cancelled,
    }
}

use booking::{Input, State, StateMachine};

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Receipt(u32);

/// What is known of the visitor, whatever the state.
#[derive(Default, Serialize, Deserialize)]
struct Known {
    name: Option<String>,
    email: Option<Email>,
    receipt: Option<Receipt>,
}

/// What a line means in a state; or what to say about a line that means nothing there.
fn read(state: State, line: Line, known: &mut Known) -> Result<Input, String> {
    Ok(match (state, line) {
        (_, Line::Said(said)) if said == "/cancel" => Input::Cancel,
        (_, Line::Paid(number)) => {
            known.receipt = Some(Receipt(number));
            Input::Paid
        }
        (State::Welcome, Line::Said(said)) => {
            known.name = Some(said);
            Input::Named
        }
        (State::AskEmail, Line::Said(said)) => {
            known.email = Some(said.parse()?);
            Input::Mailed
        }
        (State::Review, Line::Said(said)) => match said.as_str() {
            "Yes" => Input::Agreed,
            "Change" => Input::Changed,
            _ => return Err("Please take one of these: (Yes / Change)".to_owned()),
        },
        (State::Paying, Line::Said(_)) => return Err("The link is in your mailbox.".to_owned()),
        (State::Booked | State::Cancelled, Line::Said(_)) => return Err("We are done.".to_owned()),
    })
}

/// What is said on entering a state.
fn told(state: State, known: &Known) -> Option<String> {
    let Known { name, email, receipt } = known;
    Some(match state {
        State::Welcome => "Welcome! What is your name?".to_owned(),
        State::AskEmail => format!("Thanks, {}. And your e-mail?", name.as_ref()?),
        State::Review => format!("{}, {}: is that right? (Yes / Change)", name.as_ref()?, email.as_ref()?),
        State::Paying => format!("A link for the payment is on its way to {}.", email.as_ref()?),
        State::Booked => format!("All set, {}. Your receipt is number {}.", name.as_ref()?, receipt.as_ref()?.0),
        State::Cancelled => "Nothing was booked.".to_owned(),
    })
}

fn main() -> Result<(), Failure> {
    let (mut begun, mut known) = stage::kept::<(Option<State>, Known)>()?.unwrap_or_default();
    for line in stage::lines() {
        let state = match begun {
            // The first message opens the conversation, whatever it says.
            None => *StateMachine::new().state(),
            Some(state) => match read(state, line, &mut known) {
                Ok(input) => {
                    let mut machine = StateMachine::from_state(state);
                    machine.consume(&input)?;
                    *machine.state()
                }
                Err(what) => {
                    stage::reply(what);
                    continue;
                }
            },
        };
        begun = Some(state);
        stage::keep(&(begun, &known))?;
        stage::reply(told(state, &known).ok_or("something is not known that should be")?);
    }
    Ok(())
}
