//! The booking, with statum.

use serde::{Deserialize, Serialize};
use stage::{Email, Failure, Line};
use statum::{machine, state, transition, validators};

#[state]
pub enum Stage {
    Welcome,
    AskEmail(Visitor),
    Review(Contact),
    Paying(Contact),
    Booked(Confirmation),
    Cancelled,
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

#[machine]
pub struct Booking<Stage> {}

#[transition]
impl Booking<Welcome> {
    fn named(self, name: String) -> Booking<AskEmail> {
        self.transition_with(Visitor { name })
    }

    fn cancel(self) -> Booking<Cancelled> {
        self.transition()
    }
}

#[transition]
impl Booking<AskEmail> {
    fn mailed(self, email: Email) -> Booking<Review> {
        self.transition_map(|visitor| Contact { name: visitor.name, email })
    }

    fn cancel(self) -> Booking<Cancelled> {
        self.transition()
    }
}

#[transition]
impl Booking<Review> {
    fn agreed(self) -> Booking<Paying> {
        self.transition_map(|contact: Contact| contact)
    }

    fn changed(self) -> Booking<AskEmail> {
        self.transition_map(|contact: Contact| Visitor { name: contact.name })
    }

    fn cancel(self) -> Booking<Cancelled> {
        self.transition()
    }
}

#[transition]
impl Booking<Paying> {
    fn paid(self, receipt: Receipt) -> Booking<Booked> {
        self.transition_map(|contact| Confirmation { name: contact.name, receipt })
    }

    fn cancel(self) -> Booking<Cancelled> {
        self.transition()
    }
}

/// The booking as it is kept.
#[derive(Clone, Serialize, Deserialize)]
pub enum Kept {
    Welcome,
    AskEmail(Visitor),
    Review(Contact),
    Paying(Contact),
    Booked(Confirmation),
    Cancelled,
}

#[validators(Booking)]
impl Kept {
    fn is_welcome(&self) -> statum::Result<()> {
        matches!(self, Self::Welcome).then_some(()).ok_or(statum::Error::InvalidState)
    }

    fn is_ask_email(&self) -> statum::Result<Visitor> {
        if let Self::AskEmail(visitor) = self { Ok(visitor.clone()) } else { Err(statum::Error::InvalidState) }
    }

    fn is_review(&self) -> statum::Result<Contact> {
        if let Self::Review(contact) = self { Ok(contact.clone()) } else { Err(statum::Error::InvalidState) }
    }

    fn is_paying(&self) -> statum::Result<Contact> {
        if let Self::Paying(contact) = self { Ok(contact.clone()) } else { Err(statum::Error::InvalidState) }
    }

    fn is_booked(&self) -> statum::Result<Confirmation> {
        if let Self::Booked(confirmation) = self { Ok(confirmation.clone()) } else { Err(statum::Error::InvalidState) }
    }

    fn is_cancelled(&self) -> statum::Result<()> {
        matches!(self, Self::Cancelled).then_some(()).ok_or(statum::Error::InvalidState)
    }
}

use booking::SomeState;

impl From<SomeState> for Kept {
    fn from(state: SomeState) -> Self {
        match state {
            SomeState::Welcome(_) => Self::Welcome,
            SomeState::AskEmail(booking) => Self::AskEmail(booking.state_data),
            SomeState::Review(booking) => Self::Review(booking.state_data),
            SomeState::Paying(booking) => Self::Paying(booking.state_data),
            SomeState::Booked(booking) => Self::Booked(booking.state_data),
            SomeState::Cancelled(_) => Self::Cancelled,
        }
    }
}

/// Where a line leads; or what to say about a line that leads nowhere.
fn turn(state: SomeState, line: Line) -> Result<SomeState, String> {
    Ok(match (state, line) {
        (SomeState::Welcome(booking), Line::Said(said)) => match said.as_str() {
            "/cancel" => SomeState::Cancelled(booking.cancel()),
            _ => SomeState::AskEmail(booking.named(said)),
        },
        (SomeState::AskEmail(booking), Line::Said(said)) => match said.as_str() {
            "/cancel" => SomeState::Cancelled(booking.cancel()),
            _ => SomeState::Review(booking.mailed(said.parse()?)),
        },
        (SomeState::Review(booking), Line::Said(said)) => match said.as_str() {
            "/cancel" => SomeState::Cancelled(booking.cancel()),
            "Yes" => SomeState::Paying(booking.agreed()),
            "Change" => SomeState::AskEmail(booking.changed()),
            _ => return Err("Please take one of these: (Yes / Change)".to_owned()),
        },
        (SomeState::Paying(booking), Line::Paid(number)) => SomeState::Booked(booking.paid(Receipt(number))),
        (SomeState::Paying(booking), Line::Said(said)) => match said.as_str() {
            "/cancel" => SomeState::Cancelled(booking.cancel()),
            _ => return Err("The link is in your mailbox.".to_owned()),
        },
        (SomeState::Booked(_) | SomeState::Cancelled(_), Line::Said(_)) => return Err("We are done.".to_owned()),
        (_, Line::Paid(_)) => return Err("There is nothing to pay.".to_owned()),
    })
}

/// What is said on entering a state.
fn told(state: &Kept) -> String {
    match state {
        Kept::Welcome => "Welcome! What is your name?".to_owned(),
        Kept::AskEmail(Visitor { name }) => format!("Thanks, {name}. And your e-mail?"),
        Kept::Review(Contact { name, email }) => format!("{name}, {email}: is that right? (Yes / Change)"),
        Kept::Paying(Contact { email, .. }) => format!("A link for the payment is on its way to {email}."),
        Kept::Booked(Confirmation { name, receipt }) => {
            format!("All set, {name}. Your receipt is number {}.", receipt.0)
        }
        Kept::Cancelled => "Nothing was booked.".to_owned(),
    }
}

fn main() -> Result<(), Failure> {
    let mut begun = stage::kept::<Kept>()?;
    for line in stage::lines() {
        let state = match &begun {
            // The first message opens the conversation, whatever it says.
            None => SomeState::Welcome(Booking::<Welcome>::builder().build()),
            Some(kept) => match turn(Booking::rebuild(kept).build().map_err(|error| format!("{error:?}"))?, line) {
                Ok(state) => state,
                Err(what) => {
                    stage::reply(what);
                    continue;
                }
            },
        };
        let kept = Kept::from(state);
        stage::keep(&kept)?;
        stage::reply(told(&kept));
        begun = Some(kept);
    }
    Ok(())
}
