//! Three questions and a confirmation with buttons, with teloxide: the states as its own dialogue example has them, kept in Redis.
//!
//! What it is told by variables stands in `../README.md`. The state of a chat holds, besides its answers, all that was handled there, in
//! order.

use std::{env, time::Duration};

use serde::{Deserialize, Serialize};
use stage::Failure;
use teloxide::{
    dispatching::{
        UpdateHandler,
        dialogue::{self, RedisStorage, serializer::Json},
    },
    dptree::{case, deps, filter},
    error_handlers::LoggingErrorHandler,
    prelude::*,
    types::{InlineKeyboardButton, InlineKeyboardMarkup},
    update_listeners::webhooks,
};
use tokio::{
    signal::unix::{SignalKind, signal},
    time::sleep,
};

#[cfg(not(feature = "throttled"))]
type Telegram = Bot;
#[cfg(feature = "throttled")]
type Telegram = teloxide::adaptors::Throttle<Bot>;
type Stored = RedisStorage<Json>;
type BookingDialogue = Dialogue<Booking, Stored>;
type Done = Result<(), Failure>;

#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Booking {
    taken: Vec<String>,
    step: Step,
}

#[derive(Clone, Default, Serialize, Deserialize)]
pub enum Step {
    #[default]
    Start,
    Guests,
    Nights {
        guests: String,
    },
    Room {
        guests: String,
        nights: String,
    },
    Review {
        room: String,
    },
}

impl Booking {
    /// With this handled besides.
    fn next(&self, token: impl Into<String>, step: Step) -> Self {
        let mut taken = self.taken.clone();
        taken.push(token.into());
        Self { taken, step }
    }
}

fn schema() -> UpdateHandler<Failure> {
    let step = dptree::map(|booking: Booking| booking.step);
    let messages = Update::filter_message()
        .branch(filter(|message: Message| message.text() == Some("account")).endpoint(account))
        .branch(case![Step::Start].endpoint(start))
        .branch(case![Step::Guests].endpoint(guests))
        .branch(case![Step::Nights { guests }].endpoint(nights))
        .branch(case![Step::Room { guests, nights }].endpoint(room))
        .branch(case![Step::Review { room }].endpoint(unclear));
    let presses = Update::filter_callback_query().branch(case![Step::Review { room }].endpoint(review)).endpoint(late);
    let dialogue = dialogue::enter::<Update, Stored, Booking, _>();
    dialogue.chain(step).branch(messages).branch(presses)
}

async fn start(bot: Telegram, dialogue: BookingDialogue, booking: Booking) -> Done {
    bot.send_message(dialogue.chat_id(), "How many guests?").await?;
    dialogue.update(Booking { step: Step::Guests, ..booking }).await?;
    Ok(())
}

async fn account(bot: Telegram, dialogue: BookingDialogue, booking: Booking) -> Done {
    bot.send_message(dialogue.chat_id(), format!("taken: {}", booking.taken.join(" "))).await?;
    Ok(())
}

async fn guests(bot: Telegram, dialogue: BookingDialogue, booking: Booking, message: Message) -> Done {
    let guests = text(&message);
    think().await?;
    bot.send_message(dialogue.chat_id(), format!("{guests}: guests. How many nights?")).await?;
    dialogue.update(booking.next(&guests, Step::Nights { guests: guests.clone() })).await?;
    Ok(())
}

async fn nights(bot: Telegram, dialogue: BookingDialogue, booking: Booking, guests: String, message: Message) -> Done {
    let nights = text(&message);
    think().await?;
    bot.send_message(dialogue.chat_id(), format!("{nights}: nights. Which room?")).await?;
    dialogue.update(booking.next(&nights, Step::Room { guests, nights: nights.clone() })).await?;
    Ok(())
}

async fn room(
    bot: Telegram,
    dialogue: BookingDialogue,
    booking: Booking,
    (guests, nights): (String, String),
    message: Message,
) -> Done {
    let room = text(&message);
    think().await?;
    let told = format!("{room}: {guests} guests, {nights} nights. Right?");
    bot.send_message(dialogue.chat_id(), told).reply_markup(choices(&room)).await?;
    dialogue.update(booking.next(&room, Step::Review { room: room.clone() })).await?;
    Ok(())
}

async fn unclear(bot: Telegram, dialogue: BookingDialogue, booking: Booking, room: String, message: Message) -> Done {
    let said = text(&message);
    bot.send_message(dialogue.chat_id(), format!("{said}: yes or change?")).reply_markup(choices(&room)).await?;
    dialogue.update(booking.next(said, Step::Review { room })).await?;
    Ok(())
}

async fn review(bot: Telegram, dialogue: BookingDialogue, booking: Booking, query: CallbackQuery) -> Done {
    let (choice, token) = pressed(&query);
    think().await?;
    bot.answer_callback_query(query.id.clone()).await?;
    let told = if choice == "yes" { "booked" } else { "changed" };
    bot.send_message(dialogue.chat_id(), format!("{token}: {told}. How many guests?")).await?;
    dialogue.update(booking.next(token, Step::Guests)).await?;
    Ok(())
}

/// A button of a question that is over.
async fn late(bot: Telegram, dialogue: BookingDialogue, booking: Booking, query: CallbackQuery) -> Done {
    let (_, token) = pressed(&query);
    bot.answer_callback_query(query.id.clone()).text("That question is over.").await?;
    bot.send_message(dialogue.chat_id(), format!("{token}: that question is over.")).await?;
    dialogue.update(booking.next(token, booking.step.clone())).await?;
    Ok(())
}

/// Asks a calendar, which takes its time.
async fn think() -> Done {
    sleep(Duration::from_millis(env::var("THINKING")?.parse()?)).await;
    Ok(())
}

fn text(message: &Message) -> String {
    message.text().unwrap_or_default().to_owned()
}

/// What was pressed, and what it counts as.
fn pressed(query: &CallbackQuery) -> (&str, String) {
    let (choice, room) = query.data.as_deref().and_then(|data| data.split_once(':')).unwrap_or_default();
    (choice, format!("y{room}"))
}

fn choices(room: &str) -> InlineKeyboardMarkup {
    let button = |label: &str| InlineKeyboardButton::callback(label, format!("{}:{room}", label.to_lowercase()));
    InlineKeyboardMarkup::new([["Yes", "Change"].map(button)])
}

/// What its throttle does where Telegram says that it is too much is wanted; its limits, which are Telegram's own, would be the measure.
#[cfg(feature = "throttled")]
fn no_limits() -> teloxide::adaptors::throttle::Limits {
    let none = u32::MAX / 64;
    teloxide::adaptors::throttle::Limits {
        messages_per_sec_chat: none,
        messages_per_min_chat: none,
        messages_per_min_channel_or_supergroup: none,
        messages_per_sec_overall: none,
    }
}

#[tokio::main]
async fn main() -> Done {
    env_logger::init();
    let bot = Bot::new(env::var("TELEGRAM_TOKEN")?).set_api_url(env::var("TELEGRAM_API")?.parse()?);
    #[cfg(feature = "throttled")]
    let bot = bot.throttle(no_limits());
    let stored = Stored::open(&env::var("STORE")?, Json).await?;
    let mut dispatcher = Dispatcher::builder(bot.clone(), schema()).dependencies(deps![stored]).build();
    let stop = dispatcher.shutdown_token();
    let mut ended = signal(SignalKind::terminate())?;
    tokio::spawn(async move {
        ended.recv().await;
        loop {
            match stop.shutdown() {
                Ok(stopped) => return stopped.await,
                // It has not begun yet.
                Err(_) => sleep(Duration::from_millis(10)).await,
            }
        }
    });
    match env::var("PORT") {
        Ok(port) => {
            let url = format!("http://127.0.0.1:{port}/hook").parse()?;
            let options = webhooks::Options::new(([127, 0, 0, 1], port.parse()?).into(), url).max_connections(100);
            let listener = webhooks::axum(bot, options).await?;
            dispatcher.dispatch_with_listener(listener, LoggingErrorHandler::new()).await;
        }
        Err(_) => dispatcher.dispatch().await,
    }
    Ok(())
}
