//! The booking, with this project's own crate.

use flow_chat::{
    Result, Secret,
    answers::{Email, Name},
    prelude::*,
};
use serde::{Deserialize, Serialize};
use stage::Line;
use tracing_subscriber::filter::LevelFilter;

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Receipt(u32);

#[derive(Flow, Clone, Debug, Serialize, Deserialize)]
#[flow(anywhere("/cancel" => Cancelled))]
enum Booking {
    #[state(start, ask = "Welcome! What is your name?", to(AskEmail))]
    Welcome,
    #[state(ask = "Thanks, {name}. And your e-mail?", to(Review))]
    AskEmail { name: Name },
    #[state(ask = "{name}, {email}: is that right?", choices("Yes", "Change"), to(Paying, AskEmail))]
    Review { name: Name, email: Email },
    #[state(say = "A link for the payment is on its way to {email}.", to(Booked))]
    Paying { name: Name, email: Email },
    #[state(end)]
    Booked { name: Name, receipt: Receipt },
    #[state(end, say = "Nothing was booked.")]
    Cancelled,
}

use booking::*;

struct Host;

impl BookingHandler for Host {
    async fn review(&self, state: Review, turn: Turn<'_, Review>) -> Step<Review> {
        match turn.choice()? {
            "Yes" => turn.to(state.paying()),
            _ => turn.to(state.ask_email()),
        }
    }

    async fn paying(&self, state: Paying, turn: Turn<'_, Paying>) -> Step<Paying> {
        match turn.input() {
            Input::Signal(signal) if signal.is("paid") => {
                let receipt = Receipt::deserialize(&signal.payload)?;
                turn.to(state.booked(receipt))
            }
            _ => turn.stay("The link is in your mailbox."),
        }
    }

    async fn ask_booked(&self, state: &Booked) -> Result<Reply> {
        Ok(Reply::new(format!("All set, {}. Your receipt is number {}.", state.name.speak(), state.receipt.0)))
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::result::Result<(), stage::Failure> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_max_level(LevelFilter::WARN).without_time().init();
    let engine = Booking::engine(Host).store(SqliteStore::open(stage::file())?);
    let visitor = SessionId::derived(&Secret::new("a secret of these tests alone")?, "terminal", "visitor");
    for line in stage::lines() {
        let outcome = match line {
            Line::Said(text) => engine.handle(visitor, text.as_str()).await?,
            Line::Paid(number) => engine.signal(visitor, "paid", number).await?,
        };
        for reply in &outcome.replies {
            let choices: Vec<_> = reply.choices().iter().map(|choice| choice.label.as_ref()).collect();
            match choices.is_empty() {
                true => stage::reply(reply.text()),
                false => stage::reply(format!("{} ({})", reply.text(), choices.join(" / "))),
            }
        }
    }
    Ok(())
}
