"""How many turns of a three-step menu one CPU-second holds, session saved and loaded at each.

    .venv/bin/python -m bench engine

Peers' figures were measured the same way (docs/explanation/performance.md): three steps of three options, one
message in, the next question out, one thread, user and system time.
"""

import statistics
import time
from datetime import UTC, datetime
from pathlib import Path

from bot.directory.matching import Directory
from bot.directory.model import Network, Taxonomy
from bot.flow.definition import Choice, Flow, Step, Text
from bot.flow.effects import Situation
from bot.flow.engine import LOST, advance, begin
from bot.flow.library import Library
from bot.flow.session import decode, encode
from bot.i18n.catalogue import Catalogue, english_ui
from bot.i18n.po import parse_po
from bot.kernel.messages import InboundMessage
from bot.kernel.problems import Mark
from bot.nlu.crisis import CrisisLists
from bot.nlu.intents import IntentModel
from bot.nlu.normalise import fold

TURNS = 30_000
ROUNDS = 5
AIM = 20_000

PEERS = {
    "xstate 5, in memory (no messages)": 119_000,
    "pyflowforge 0.1.1, in memory": 46_400,
    "xstate 5, JSON round trip": 42_000,
    "PTB ConversationHandler 22.8": 5_350,
    "goflow, JSON round trip": 2_000,
    "aiogram-dialog 2.6.0": 1_190,
    "botbuilder-dialogs py 4.17.1": 690,
}
"""Steps per CPU-second, as published with the design; measured on another day on a like machine."""


def a_menu(flows: int) -> Library:
    """A library with `flows` three-step menus of three options."""
    mark = Mark("flows/bench.yaml", 1, 1)

    def step(flow: str, name: str, go: str) -> Step:
        choices = tuple(
            Choice(f"c{n}", Text(f"{flow}/{name}/choices.c{n}", f"Choice number {n}", mark), mark, go=go)
            for n in (1, 2, 3)
        )
        say = (Text(f"{flow}/{name}/say", "Which is closest? Choose a number.", mark),)
        return Step(name, mark, say=say, choices=choices)

    def flow(name: str) -> Flow:
        steps = {
            step_name: step(name, step_name, go) for step_name, go in (("a", "b"), ("b", "c"), ("c", "a"))
        }
        return Flow(name, name, "a", mark, steps)

    entries, _ = parse_po(Path("translations/ui.pot").read_text(encoding="utf-8"), "translations/ui.pot")
    return Library(
        version="bench",
        flows={f"menu{number}": flow(f"menu{number}") for number in range(flows)},
        entries={},
        shared={},
        facts={},
        directory=Directory.build((), Taxonomy(), (), Network(), fold=fold),
        catalogue=Catalogue(sentences={"en": english_ui(entries)}),
        commands={},
        crisis=CrisisLists({"en": {"suicide": ("want to die",)}}),
        intents=IntentModel.train({}),
    )


def turns_per_second(library: Library, turns: int) -> float:
    """Turns per second of CPU time, user and system."""
    situation = Situation(datetime(2026, 11, 21, 12, tzinfo=UTC), nonce="abcd1234")
    messages = [InboundMessage("whatsapp", str(n), str(1 + n % 3)) for n in range(3)]
    turn = begin(library, "menu0", situation)
    assert turn.session is not None
    stored = encode(turn.session)
    before = time.process_time()
    for number in range(turns):
        turn = advance(library, decode(stored), messages[number % 3], situation)
        assert turn.session is not None
        stored = encode(turn.session)
    spent = time.process_time() - before
    assert LOST not in turn.trace
    return turns / spent


def main() -> None:
    small, large = a_menu(50), a_menu(500)
    for library in (small, large):
        turns_per_second(library, 1000)
    rounds = [(turns_per_second(small, TURNS), turns_per_second(large, TURNS)) for _ in range(ROUNDS)]
    rate = statistics.median(first for first, _ in rounds)
    many = statistics.median(second for _, second in rounds)
    print(f"engine, three-step menu, session encoded and decoded each turn: {rate:,.0f} turns per CPU-second")
    print(f"  aim {AIM:,}: {rate / AIM:.1f} times; spread {min(rounds)[0]:,.0f} to {max(rounds)[0]:,.0f}")
    print(f"  with 500 flows instead of 50: {many:,.0f} ({many / rate:.2f} of it)")
    print("beside published figures of peers (steps per CPU-second):")
    for name, peer in PEERS.items():
        print(f"  {name:36} {peer:>8,}   {rate / peer:6.2f} times")


if __name__ == "__main__":
    main()
