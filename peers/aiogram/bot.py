"""Three questions and a confirmation with buttons, with aiogram: the states as its own guide has them, kept in Redis.

What it is told by variables stands in ../README.md. The state of a chat holds, besides its answers, all that was handled there, in order.
"""

import asyncio
import logging
import os

from aiogram import Bot, Dispatcher, F, Router
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.filters import CommandStart
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.fsm.storage.memory import SimpleEventIsolation
from aiogram.fsm.storage.redis import RedisStorage
from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message
from aiogram.webhook.aiohttp_server import SimpleRequestHandler, setup_application
from aiohttp import web

THINKING = float(os.environ.get("THINKING", "0")) / 1000
SECRET = "what-the-webhook-is-known-by"

router = Router()


class Booking(StatesGroup):
    guests = State()
    nights = State()
    room = State()
    review = State()


@router.message(CommandStart())
async def start(message: Message, state: FSMContext) -> None:
    await state.set_state(Booking.guests)
    await message.answer("How many guests?")


@router.message(F.text == "account")
async def account(message: Message, state: FSMContext) -> None:
    taken = (await state.get_data()).get("taken", [])
    await message.answer(f"taken: {' '.join(taken)}")


@router.message(Booking.guests)
async def guests(message: Message, state: FSMContext) -> None:
    await asyncio.sleep(THINKING)
    await take(state, message.text, guests=message.text)
    await state.set_state(Booking.nights)
    await message.answer(f"{message.text}: guests. How many nights?")


@router.message(Booking.nights)
async def nights(message: Message, state: FSMContext) -> None:
    await asyncio.sleep(THINKING)
    await take(state, message.text, nights=message.text)
    await state.set_state(Booking.room)
    await message.answer(f"{message.text}: nights. Which room?")


@router.message(Booking.room)
async def room(message: Message, state: FSMContext) -> None:
    await asyncio.sleep(THINKING)
    data = await take(state, message.text, room=message.text)
    await state.set_state(Booking.review)
    told = f"{message.text}: {data['guests']} guests, {data['nights']} nights. Right?"
    await message.answer(told, reply_markup=choices(message.text))


@router.message(Booking.review)
async def unclear(message: Message, state: FSMContext) -> None:
    data = await take(state, message.text)
    await message.answer(f"{message.text}: yes or change?", reply_markup=choices(data["room"]))


@router.callback_query(Booking.review)
async def review(query: CallbackQuery, state: FSMContext) -> None:
    choice, token = query.data.split(":")
    await asyncio.sleep(THINKING)
    await take(state, f"y{token}")
    await state.set_state(Booking.guests)
    await query.answer()
    told = "booked" if choice == "yes" else "changed"
    await query.message.answer(f"y{token}: {told}. How many guests?")


@router.callback_query()
async def late(query: CallbackQuery, state: FSMContext) -> None:
    token = query.data.split(":")[1]
    await take(state, f"y{token}")
    await query.answer("That question is over.")
    await query.message.answer(f"y{token}: that question is over.")


async def take(state: FSMContext, token: str, **answers: str) -> dict:
    taken = (await state.get_data()).get("taken", [])
    return await state.update_data(taken=[*taken, token], **answers)


def choices(room: str) -> InlineKeyboardMarkup:
    buttons = [InlineKeyboardButton(text=label, callback_data=f"{label.lower()}:{room}") for label in ("Yes", "Change")]
    return InlineKeyboardMarkup(inline_keyboard=[buttons])


def main() -> None:
    logging.basicConfig(level=logging.CRITICAL)
    server = TelegramAPIServer.from_base(os.environ["TELEGRAM_API"])
    bot = Bot(os.environ["TELEGRAM_TOKEN"], session=AiohttpSession(api=server))
    # One update after the other in each chat, and each handled before it is confirmed: what the reference says of these
    # arguments. Without the variable it is what they are unless set.
    is_careful = "CAREFUL" in os.environ
    isolation = SimpleEventIsolation() if is_careful else None
    dispatcher = Dispatcher(storage=RedisStorage.from_url(os.environ["STORE"]), events_isolation=isolation)
    dispatcher.include_router(router)
    port = os.environ.get("PORT")
    if port is None:
        asyncio.run(dispatcher.start_polling(bot, handle_as_tasks=not is_careful))
        return

    async def register(bot: Bot) -> None:
        await bot.set_webhook(f"http://127.0.0.1:{port}/hook", secret_token=SECRET, max_connections=100)

    dispatcher.startup.register(register)
    application = web.Application()
    handler = SimpleRequestHandler(dispatcher, bot, secret_token=SECRET, handle_in_background=not is_careful)
    handler.register(application, path="/hook")
    setup_application(application, dispatcher, bot=bot)
    web.run_app(application, host="127.0.0.1", port=int(port), print=None)


if __name__ == "__main__":
    main()
