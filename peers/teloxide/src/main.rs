//! The booking, with teloxide.

use serde::{Deserialize, Serialize};
use stage::{Email, Failure};
use teloxide::{
    dispatching::{UpdateHandler, dialogue},
    dptree::{case, deps},
    prelude::*,
    types::{KeyboardButton, KeyboardMarkup, SuccessfulPayment},
    utils::command::BotCommands,
};

mod telegram;

type BookingDialogue = Dialogue<State, telegram::File>;
type Done = Result<(), Failure>;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Receipt(u32);

#[derive(Clone, Default, Serialize, Deserialize)]
pub enum State {
    #[default]
    Opening,
    Welcome,
    AskEmail {
        name: String,
    },
    Review {
        name: String,
        email: Email,
    },
    Paying {
        name: String,
        email: Email,
    },
    Booked {
        name: String,
        receipt: Receipt,
    },
    Cancelled,
}

#[derive(BotCommands, Clone)]
#[command(rename_rule = "lowercase")]
enum Command {
    Cancel,
}

fn schema() -> UpdateHandler<Failure> {
    let messages = Update::filter_message()
        .branch(teloxide::filter_command::<Command, _>().branch(case![Command::Cancel].endpoint(cancel)))
        .branch(case![State::Opening].endpoint(opening))
        .branch(case![State::Welcome].endpoint(welcome))
        .branch(case![State::AskEmail { name }].endpoint(ask_email))
        .branch(case![State::Review { name, email }].endpoint(review))
        .branch(
            case![State::Paying { name, email }]
                .branch(Message::filter_successful_payment().endpoint(paid))
                .endpoint(paying),
        )
        .branch(case![State::Booked { name, receipt }].endpoint(done))
        .branch(case![State::Cancelled].endpoint(done));
    dialogue::enter::<Update, telegram::File, State, _>().branch(messages)
}

/// The first message opens the conversation, whatever it says.
async fn opening(bot: Bot, dialogue: BookingDialogue) -> Done {
    bot.send_message(dialogue.chat_id(), "Welcome! What is your name?").await?;
    dialogue.update(State::Welcome).await?;
    Ok(())
}

async fn welcome(bot: Bot, dialogue: BookingDialogue, message: Message) -> Done {
    let name = message.text().unwrap_or_default().to_owned();
    bot.send_message(dialogue.chat_id(), format!("Thanks, {name}. And your e-mail?")).await?;
    dialogue.update(State::AskEmail { name }).await?;
    Ok(())
}

async fn ask_email(bot: Bot, dialogue: BookingDialogue, name: String, message: Message) -> Done {
    match message.text().unwrap_or_default().parse::<Email>() {
        Ok(email) => {
            let choices = KeyboardMarkup::new([["Yes", "Change"].map(KeyboardButton::new)]);
            bot.send_message(dialogue.chat_id(), format!("{name}, {email}: is that right?"))
                .reply_markup(choices)
                .await?;
            dialogue.update(State::Review { name, email }).await?;
        }
        Err(what) => {
            bot.send_message(dialogue.chat_id(), what).await?;
        }
    }
    Ok(())
}

async fn review(bot: Bot, dialogue: BookingDialogue, (name, email): (String, Email), message: Message) -> Done {
    match message.text() {
        Some("Yes") => {
            let told = format!("A link for the payment is on its way to {email}.");
            bot.send_message(dialogue.chat_id(), told).await?;
            dialogue.update(State::Paying { name, email }).await?;
        }
        Some("Change") => {
            bot.send_message(dialogue.chat_id(), format!("Thanks, {name}. And your e-mail?")).await?;
            dialogue.update(State::AskEmail { name }).await?;
        }
        _ => {
            let choices = KeyboardMarkup::new([["Yes", "Change"].map(KeyboardButton::new)]);
            bot.send_message(dialogue.chat_id(), "Please take one of these:").reply_markup(choices).await?;
        }
    }
    Ok(())
}

async fn paid(bot: Bot, dialogue: BookingDialogue, (name, _): (String, Email), payment: SuccessfulPayment) -> Done {
    let receipt = Receipt(payment.telegram_payment_charge_id.0.parse()?);
    let told = format!("All set, {name}. Your receipt is number {}.", receipt.0);
    bot.send_message(dialogue.chat_id(), told).await?;
    dialogue.update(State::Booked { name, receipt }).await?;
    Ok(())
}

async fn paying(bot: Bot, dialogue: BookingDialogue) -> Done {
    bot.send_message(dialogue.chat_id(), "The link is in your mailbox.").await?;
    Ok(())
}

async fn cancel(bot: Bot, dialogue: BookingDialogue) -> Done {
    bot.send_message(dialogue.chat_id(), "Nothing was booked.").await?;
    dialogue.update(State::Cancelled).await?;
    Ok(())
}

async fn done(bot: Bot, dialogue: BookingDialogue) -> Done {
    bot.send_message(dialogue.chat_id(), "We are done.").await?;
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Done {
    env_logger::init();
    let mut dispatcher =
        Dispatcher::builder(telegram::bot().await?, schema()).dependencies(deps![telegram::File::new()]).build();
    telegram::dispatch(&mut dispatcher).await;
    Ok(())
}
