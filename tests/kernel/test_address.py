"""An address has no text form by accident: nothing that writes things down can write one."""

import copy
import dataclasses
import io
import json
import logging
import marshal
import pickle  # noqa: TID251 - to see that it is refused
import pprint
import reprlib
import shelve
import sqlite3
import string
import traceback
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
import structlog
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter
from pydantic_core import PydanticSerializationError

from bot.kernel.address import Address
from bot.kernel.messages import ChannelName, InboundMessage
from bot.ports import Delivery
from tests.e2e.canaries import Canary

NUMBER = "+381607734951"
WORDS = "I slept at the station"
SID = "SM0123456789abcdef0123456789abcdef"
ADDRESS = Address("whatsapp", NUMBER)
DELIVERY = Delivery(ADDRESS, InboundMessage("whatsapp", SID, text=WORDS, tapped="note:yes"), also=(ADDRESS,))

AS_TEXT: dict[str, Callable[[object], str]] = {
    "str": str,
    "repr": repr,
    "ascii": ascii,
    "an f-string": lambda it: f"{it}",
    "an f-string, padded": lambda it: f"{it!s:>40}",
    "an f-string with =": lambda it: f"{it=}",
    "%s": lambda it: "%s and %r" % (it, it),  # noqa: UP031 - the old way must be safe too
    "format with a specification": lambda it: (
        format(it, "") if not isinstance(it, Address) else format(it, "s")
    ),
    "str.format": "{0} {0!r}".format,
    "a template": lambda it: string.Template("$it").substitute(it=it),
    "pretty print": pprint.pformat,
    "short repr": reprlib.repr,
    "a list": lambda it: str([it]),
    "an exception": lambda it: str(ValueError(it)) + repr(KeyError(it)),
    "JSON with str as the way out": lambda it: json.dumps({"it": it}, default=str),
}


@pytest.mark.parametrize("way", AS_TEXT)
@pytest.mark.parametrize("held", [ADDRESS, DELIVERY], ids=["an address", "a delivery"])
def test_an_address_says_that_it_is_one_and_never_which(way: str, held: object) -> None:
    said = AS_TEXT[way](held)

    assert "<address>" in said
    assert_clean(said)


REFUSED: dict[str, Callable[[object], object]] = {
    **{
        f"pickle, protocol {each}": lambda it, each=each: pickle.dumps(it, each)  # type: ignore[misc]  # a default
        for each in range(pickle.HIGHEST_PROTOCOL + 1)
    },
    "a shallow copy": copy.copy,
    "a deep copy": copy.deepcopy,
    "JSON": json.dumps,
    "msgspec JSON": msgspec.json.encode,
    "MessagePack": msgspec.msgpack.encode,
    "pydantic": TypeAdapter(object).dump_json,
    "YAML": yaml.safe_dump,
    "YAML, any object": yaml.dump,
    "marshal": lambda it: marshal.dumps([it]),
    "the state": lambda it: it.__getstate__(),
    "vars": vars,
    "a column of SQLite": lambda it: sqlite3.connect(":memory:").execute("SELECT ?", (it,)),
}


@pytest.mark.parametrize("way", REFUSED)
def test_what_would_write_an_address_down_is_refused_without_naming_it(way: str) -> None:
    with pytest.raises(
        (TypeError, PydanticSerializationError, yaml.YAMLError, ValueError, sqlite3.Error)
    ) as caught:
        REFUSED[way](ADDRESS)

    assert_clean(everything_of(caught.value))


@pytest.mark.parametrize("way", [copy.deepcopy, dataclasses.asdict, pickle.dumps, msgspec.json.encode])
def test_what_holds_an_address_cannot_be_written_down_either(way: Callable[[object], object]) -> None:
    with pytest.raises(TypeError) as caught:
        way(DELIVERY)

    assert_clean(everything_of(caught.value))


def test_a_shelf_stays_empty(tmp_path: Path) -> None:
    with shelve.open(str(tmp_path / "shelf")) as shelf, pytest.raises(TypeError):
        shelf["it"] = ADDRESS

    assert not [
        path for path in tmp_path.iterdir() for data in Canary(NUMBER).patterns() if data in path.read_bytes()
    ]


def test_a_message_shows_neither_what_was_written_nor_its_id() -> None:
    assert_clean(repr(DELIVERY.message))
    assert repr(DELIVERY.message).startswith("InboundMessage(channel='whatsapp'")


def test_a_traceback_with_local_variables_names_nobody() -> None:
    def breaks(address: Address, delivery: Delivery) -> str:
        if address == delivery.address:
            raise RuntimeError(address, delivery)
        return ""

    with pytest.raises(RuntimeError) as caught:
        breaks(ADDRESS, DELIVERY)

    trace = caught.value.__traceback__
    assert trace is not None
    inner = traceback.TracebackException(RuntimeError, caught.value, trace.tb_next, capture_locals=True)
    said = "".join(inner.format())
    assert "address = <address>" in said
    assert_clean(said)


def test_a_log_line_of_any_kind_names_nobody() -> None:
    out = io.StringIO()
    ordinary = logging.Logger("careless")  # noqa: LOG001 - one that set_up_logs does not know
    ordinary.addHandler(logging.StreamHandler(out))
    ordinary.error("to %s with %r: %s", ADDRESS, DELIVERY, {"to": ADDRESS})
    structlog.wrap_logger(structlog.PrintLogger(out), processors=[structlog.processors.JSONRenderer()]).error(
        "careless", to=ADDRESS, delivery=DELIVERY
    )

    assert out.getvalue().count("<address>") >= 4
    assert_clean(out.getvalue())


def test_comparing_and_looking_up_name_nobody() -> None:
    for mistake in (
        lambda: dict[Address, str]()[ADDRESS],
        lambda: list[Address]().index(ADDRESS),
        lambda: Address("sms", NUMBER) > ADDRESS,  # type: ignore[operator]  # that is the point
        lambda: ADDRESS + "!",  # type: ignore[operator]  # the same
        lambda: ADDRESS.number,  # type: ignore[attr-defined]  # the same
        lambda: int(ADDRESS),  # type: ignore[call-overload]  # the same
    ):
        with pytest.raises((TypeError, LookupError, ValueError, AttributeError)) as caught:
            mistake()
        assert_clean(everything_of(caught.value))


def test_nobody_makes_an_address_that_talks() -> None:
    with pytest.raises(TypeError):
        type("Talkative", (Address,), {"__repr__": lambda self: self.reveal()})


@given(
    channel=st.sampled_from(["telegram", "whatsapp", "sms", "simulator"]),
    value=st.text(min_size=5).filter(lambda text: text not in "<address>"),
)
def test_no_value_shows(channel: ChannelName, value: str) -> None:
    address = Address(channel, value)

    assert {str(address), repr(address), f"{address}", f"{address:>3}"} == {"<address>"}
    assert address == Address(channel, value)
    assert address.reveal() == value


def everything_of(fault: BaseException) -> str:
    """What a careless handler would print of an exception, its own frames left out: they hold this file's constants."""
    return f"{fault!r} {fault} {fault.args} {getattr(fault, '__notes__', '')} {fault.__cause__!r}"


def assert_clean(said: str) -> None:
    for canary in (NUMBER, SID, WORDS, "note:yes"):
        found = [
            way for data, way in Canary(canary).patterns().items() if data in said.encode(errors="replace")
        ]
        assert found == []
