//! The booking, with smlang.

use serde::{Deserialize, Serialize};
use smlang::statemachine;
use stage::{Email, Failure, Line};

statemachine! {
    derive_states: [Clone, Debug, Serialize, Deserialize],
    derive_events: [Debug],
    transitions: {
        *Welcome + Named(String) / name = AskEmail(Visitor),
        AskEmail(Visitor) + Mailed(Email) / email = Review(Contact),
        Review(Contact) + Agreed / agree = Paying(Contact),
        Review(Contact) + Changed / change = AskEmail(Visitor),
        Paying(Contact) + Paid(Receipt) / pay = Booked(Confirmation),
        Welcome | AskEmail(Visitor) | Review(Contact) | Paying(Contact) + Cancel = Cancelled,
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Visitor {
    name: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Contact {
    name: String,
    email: Email,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Receipt(u32);

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Confirmation {
    name: String,
    receipt: Receipt,
}

struct Context;

impl StateMachineContext for Context {
    fn name(&mut self, name: String) -> Result<Visitor, ()> {
        Ok(Visitor { name })
    }

    fn email(&mut self, visitor: &Visitor, email: Email) -> Result<Contact, ()> {
        Ok(Contact { name: visitor.name.clone(), email })
    }

    fn agree(&mut self, contact: &Contact) -> Result<Contact, ()> {
        Ok(contact.clone())
    }

    fn change(&mut self, contact: &Contact) -> Result<Visitor, ()> {
        Ok(Visitor { name: contact.name.clone() })
    }

    fn pay(&mut self, contact: &Contact, receipt: Receipt) -> Result<Confirmation, ()> {
        Ok(Confirmation { name: contact.name.clone(), receipt })
    }
}

/// What a line means in a state; or what to say about a line that means nothing there.
fn read(state: &States, line: Line) -> Result<Events, String> {
    Ok(match (state, line) {
        (_, Line::Said(said)) if said == "/cancel" => Events::Cancel,
        (_, Line::Paid(number)) => Events::Paid(Receipt(number)),
        (States::Welcome, Line::Said(said)) => Events::Named(said),
        (States::AskEmail(_), Line::Said(said)) => Events::Mailed(said.parse()?),
        (States::Review(_), Line::Said(said)) => match said.as_str() {
            "Yes" => Events::Agreed,
            "Change" => Events::Changed,
            _ => return Err("Please take one of these: (Yes / Change)".to_owned()),
        },
        (States::Paying(_), Line::Said(_)) => return Err("The link is in your mailbox.".to_owned()),
        (States::Booked(_) | States::Cancelled, Line::Said(_)) => return Err("We are done.".to_owned()),
    })
}

/// What is said on entering a state.
fn told(state: &States) -> String {
    match state {
        States::Welcome => "Welcome! What is your name?".to_owned(),
        States::AskEmail(Visitor { name }) => format!("Thanks, {name}. And your e-mail?"),
        States::Review(Contact { name, email }) => format!("{name}, {email}: is that right? (Yes / Change)"),
        States::Paying(Contact { email, .. }) => format!("A link for the payment is on its way to {email}."),
        States::Booked(Confirmation { name, receipt }) => {
            format!("All set, {name}. Your receipt is number {}.", receipt.0)
        }
        States::Cancelled => "Nothing was booked.".to_owned(),
    }
}

fn main() -> Result<(), Failure> {
    let mut begun = stage::kept::<States>()?;
    for line in stage::lines() {
        let machine = match begun.take() {
            // The first message opens the conversation, whatever it says.
            None => StateMachine::new(Context),
            Some(state) => {
                let input = read(&state, line);
                let mut machine = StateMachine::new_with_state(Context, state);
                match input {
                    Ok(event) => {
                        machine.process_event(event).map_err(|error| format!("{error:?}"))?;
                    }
                    Err(what) => {
                        stage::reply(what);
                        begun = Some(machine.state().clone());
                        continue;
                    }
                }
                machine
            }
        };
        stage::keep(machine.state())?;
        stage::reply(told(machine.state()));
        begun = Some(machine.state().clone());
    }
    Ok(())
}
