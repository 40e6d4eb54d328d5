"""Turns of aiogram's Redis storage and of LangGraph with its checkpointers, for peers/speed.

A line "aiogram 64 0.3" has 64 tasks take turns for 0.3 seconds, and is answered with how many that are a second.
"""

import asyncio
import operator
import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated, TypedDict

from aiogram.fsm.storage.base import StorageKey
from aiogram.fsm.storage.redis import RedisStorage
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import END, START, StateGraph

# About a kilobyte in JSON, as the record of the others.
KEPT = {
    "name": "Ana",
    "email": "ana@example.com",
    "steps": [f"step {step:02}: {'x' * 64}" for step in range(10)],
}


class Aiogram:
    """What its dispatcher does for a message: the state and the data are read, and written again."""

    def __init__(self, url):
        self.storage = RedisStorage.from_url(url)
        self.number = 0

    async def turn(self, worker):
        key = StorageKey(bot_id=1, chat_id=worker, user_id=worker)
        await self.storage.get_state(key)
        data = await self.storage.get_data(key) or dict(KEPT)
        self.number += 1
        await self.storage.set_data(key, data | {"number": self.number})
        await self.storage.set_state(key, "Talk:chat")

    async def many(self, at_once, seconds):
        end, count = time.perf_counter() + seconds, 0

        async def work(worker):
            nonlocal count
            while time.perf_counter() < end:
                await self.turn(worker)
                count += 1

        began = time.perf_counter()
        await asyncio.gather(*(work(worker) for worker in range(at_once)))
        return count / (time.perf_counter() - began)


class Talk(TypedDict):
    kept: dict
    number: Annotated[int, operator.add]


class LangGraph:
    """A graph of one node that is invoked for each message, and kept by its checkpointer."""

    def __init__(self, saver):
        graph = StateGraph(Talk)
        graph.add_node("chat", lambda talk: {"number": 1})
        graph.add_edge(START, "chat")
        graph.add_edge("chat", END)
        self.graph = graph.compile(checkpointer=saver)
        self.thread, self.turns = 0, 0

    async def many(self, _at_once, seconds):
        # A checkpointer keeps every step for good: a new talk from time to time keeps what is measured the same.
        began, count = time.perf_counter(), 0
        while time.perf_counter() - began < seconds:
            if self.turns % 20 == 0:
                self.thread += 1
            self.turns += 1
            config = {"configurable": {"thread_id": str(self.thread)}}
            self.graph.invoke({"kept": KEPT, "number": 1}, config)
            count += 1
        return count / (time.perf_counter() - began)


async def main(url):
    with tempfile.TemporaryDirectory() as folder, SqliteSaver.from_conn_string(str(Path(folder) / "talks.sqlite")) as file:
        measured = {
            "aiogram": Aiogram(url),
            "langgraph-memory": LangGraph(InMemorySaver()),
            "langgraph-sqlite": LangGraph(file),
        }
        print("ready", flush=True)
        for line in sys.stdin:
            name, at_once, seconds = line.split()
            print(await measured[name].many(int(at_once), float(seconds)), flush=True)
        await measured["aiogram"].storage.close()


asyncio.run(main(sys.argv[1]))
