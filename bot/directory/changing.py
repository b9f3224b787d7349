"""A change to one field of a service, read and refused exactly as the same words in its file would be."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from bot.directory.ledger import SAFETY, Json
from bot.directory.model import SAFE_ANSWERS, Capacity, Service, Taxonomy
from bot.directory.parse_details import read_capacity, read_hours, read_notice, read_phones
from bot.directory.reading import Reader
from bot.kernel.problems import Fields, Items, Mark, Node, Problem, Scalar

_FOLLOWS: Final = frozenset({"must_report", "no_documents"})
"""Answers that follow from other words of the record."""


def changed(service: Service, field: str, value: Json, country: str) -> tuple[Service, list[Problem]]:
    """The service with another value under a weekly field, and what is wrong with the value."""
    read, node = Reader(), _node(value, Mark(field, 1, 1))
    match field:
        case "hours":
            after = replace(service, hours=read_hours(read, node, country))
        case "capacity":
            after = replace(service, capacity=read_capacity(read, node) if value else Capacity())
        case "phones":
            after = replace(service, phones=read_phones(read, node))
        case "notice":
            after = replace(service, notice=read_notice(read, node))
        case _:
            read.fault("D101", Mark(field, 1, 1), f"'{field[:40]}' is not changed here", "edit the file")
            after = service
    return after, read.problems


def safety_words(taxonomy: Taxonomy) -> tuple[str, ...]:
    """The safety answers that can be changed by themselves."""
    return tuple(sorted(({*SAFE_ANSWERS} | {one.field for one in taxonomy.attributes.values()}) - _FOLLOWS))


def safety_field(word: str) -> str:
    """The name of a safety answer as a field."""
    return f"{SAFETY}{word}"


def _node(value: object, mark: Mark) -> Node:
    """A JSON value as the tree that the same words in a file would give. Text counts as quoted."""
    match value:
        case None:
            return Scalar("", mark)
        case Mapping():
            pairs = ((Scalar(str(key), mark), _node(each, mark)) for key, each in value.items())
            return Fields(tuple(pairs), mark)
        case str():
            return Scalar(value, mark, plain=False)
        case Sequence():
            return Items(tuple(_node(each, mark) for each in value), mark)
        case _:
            return Scalar(str(value), mark)
