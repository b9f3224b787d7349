"""Facts: statements with a source, a check date and an end date."""

import re
from datetime import date
from typing import Final, cast, get_args

from bot.flow.definition import Fact, FactState
from bot.flow.forms import Form, plain
from bot.kernel.problems import Fields, Node, Scalar

FACT_KEYS: Final = frozenset({"text", "source", "checked on", "checked by", "expires on", "state"})
STATES: Final[tuple[FactState, ...]] = get_args(FactState)

_FACT_ID: Final = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*")
_MENDS: Final = {
    "text": "add the text: 'text: |' and the sentences below it",
    "source": "add who says it and where: source: UNHCR Help Serbia, https://...",
    "checked on": "add the day somebody read the source: checked on: 2026-11-21",
    "checked by": "add the editor's name or alias: checked by: editor-a",
    "expires on": "add the day it must be checked again: expires on: 2027-05-21",
    "state": "add 'state: reviewed', or 'draft', 'unreviewed', 'sourced'",
}
_NEVER: Final = date(1970, 1, 1)


def parse_facts_of(form: Form, node: Node) -> tuple[Fact, ...]:
    """The facts under a `facts:` key."""
    fields = form.fields(node, "'facts'")
    found = [_fact(form, key, body) for key, body in fields or ()]
    return tuple(fact for fact in found if fact is not None)


def _fact(form: Form, key: Scalar, body: Node) -> Fact | None:
    if not _FACT_ID.fullmatch(key.value):
        form.fault(
            "F106",
            key.mark,
            f"'{key.value}' cannot be the name of a fact",
            "use letters, digits, _, - and dots",
        )
        return None
    what = f"the fact '{key.value}'"
    fields = form.fields(body, what, FACT_KEYS)
    if fields is None:
        return None
    for missing in (name for name in _MENDS if fields.get(name) is None):
        form.fault("F601", key.mark, f"{what} has no '{missing}'", _MENDS[missing])
    text_node = fields.get("text")
    text = form.text(text_node, "text", f"fact/{key.value}") if text_node is not None else None
    if text is not None and text.placeholders:
        form.fault(
            "F606",
            text.mark,
            f"{what} has a slot in it",
            "a fact is the same for everybody; put the slot in a 'say'",
        )
    checked = _day(form, fields, "checked on")
    expires = _day(form, fields, "expires on")
    if _NEVER not in {checked, expires} and expires <= checked:
        form.fault(
            "F605",
            fields.key_mark("expires on"),
            f"{what} ends on {expires}, not after it was checked on {checked}",
            "read the source again and change both dates",
        )
    state = _state(form, fields)
    if text is None:
        return None
    return Fact(
        id=key.value,
        text=text,
        mark=key.mark,
        source=_line(form, fields, "source"),
        checked_on=checked,
        checked_by=_line(form, fields, "checked by"),
        expires_on=expires,
        state=state,
    )


def _line(form: Form, fields: Fields, key: str) -> str:
    node = fields.get(key)
    if node is None:
        return ""
    scalar = form.scalar(node, key)
    return " ".join(scalar.value.split()) if scalar is not None else ""


def _day(form: Form, fields: Fields, key: str) -> date:
    node = fields.get(key)
    return (form.day(node, key) or _NEVER) if node is not None else _NEVER


def _state(form: Form, fields: Fields) -> FactState:
    node = fields.get("state")
    word = form.one_of(node, "state", STATES) if node is not None else None
    return cast("FactState", plain(word)) if word is not None else "draft"
